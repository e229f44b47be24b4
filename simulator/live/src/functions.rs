//! The fraud checks as Lambda functions of the engine.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use parking_lot::Mutex;
use rand::RngExt as _;
use securecart_behaviour::{
    Lognormal,
    lambda::{ColdStart, FunctionConfig as Capacity, Package, Runtime},
};
use securecart_domain::random::Stream;
use securecart_embedded::{FunctionConfig, FunctionError, Handler, HandlerFuture};
use securecart_services::Failure;
use tokio::time::Instant;

use crate::{fleet::Busy, stats::Stats};

/// Memory of a function, MB: one vCPU (behaviour sheet 2, CPU).
const MEMORY_MB: u32 = 1_769;

/// How long a call may take; less than the visibility timeout of the queues.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How a fraud check is set up: Python with a model to load, at the low end of what behaviour sheet
/// 2 budgets for it (300 to 3,000 ms).
pub(crate) fn fraud_config() -> FunctionConfig {
    let own = Lognormal::from_ms(300.0, 800.0);
    let cold_start = ColdStart { runtime: Runtime::Python313, package: Package::Zip, own };
    FunctionConfig {
        timeout: TIMEOUT,
        ..FunctionConfig::new(Capacity::on_demand(MEMORY_MB, cold_start))
    }
}

/// `work` as a function's code: each call takes the modelled `time` first, and is counted in
/// `stats`.
pub(crate) fn modelled<F>(
    time: Lognormal,
    random: Stream,
    stats: Arc<Stats>,
    work: impl Fn(Bytes) -> F + Send + Sync + 'static,
) -> Handler
where
    F: Future<Output = Result<Bytes, Failure>> + Send + 'static,
{
    let random = Mutex::new(random);
    Arc::new(move |event| -> HandlerFuture {
        let time = time.at(random.lock().random());
        let (work, stats) = (work(event), Arc::clone(&stats));
        Box::pin(async move {
            let arrived = Instant::now();
            let _busy = Busy::enter(&stats);
            tokio::time::sleep(time).await;
            let outcome = work.await;
            stats.handled(arrived, outcome.is_err());
            outcome.map_err(|failure| FunctionError::new("Shop.Failure", failure.to_string()))
        })
    })
}
