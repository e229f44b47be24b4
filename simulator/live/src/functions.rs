//! The fraud checks as Lambda functions of the engine, and what they did as a service.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use parking_lot::Mutex;
use rand::RngExt as _;
use securecart_behaviour::{
    Lognormal,
    lambda::{ColdStart, FunctionConfig as Capacity, Package, Runtime, slowdown},
};
use securecart_cloud::{FunctionConfig, FunctionError, FunctionMetrics, Handler, HandlerFuture};
use securecart_domain::{ServiceName, random::Stream};
use securecart_record::{ServiceSample, ServiceTotals};
use securecart_scenario::FunctionSpec;
use securecart_services::Failure;
use tokio::time::Instant;

use crate::{
    Error,
    compute::{Counts, Reading, Stats, Trouble},
};

/// What the functions of the fraud service did, all together.
#[derive(Debug, Default)]
pub(crate) struct Functions {
    stats: Stats,
    /// Faults of their own work.
    pub(crate) trouble: Trouble,
    earlier: Mutex<Earlier>,
}

#[derive(Debug, Default)]
struct Earlier {
    counts: Counts,
    busy_s: f64,
    at: Option<Instant>,
    tasks_max: u32,
}

impl Functions {
    /// What they did since the last call: environments stand for tasks.
    pub(crate) fn sample(&self, functions: &[FunctionMetrics]) -> ServiceSample {
        let environments: u64 = functions.iter().map(|function| function.environments).sum();
        let environments = u32::try_from(environments).unwrap_or(u32::MAX);
        let (counts, now) = (self.stats.counts(), Instant::now());
        let mut reading = Reading::default();
        self.stats.complete(&mut reading);
        let mut earlier = self.earlier.lock();
        let seconds = earlier.at.map_or(0.0, |at| (now - at).as_secs_f64());
        let busy = (reading.slot_busy_s - earlier.busy_s) / seconds;
        let used = busy / f64::from(environments);
        let sample = ServiceSample {
            service: ServiceName::Fraud.as_str().to_owned(),
            tasks: environments,
            desired: environments,
            concurrency: 1,
            utilisation: if used.is_finite() { used.clamp(0.0, 1.0) } else { 0.0 },
            handled: counts.handled - earlier.counts.handled,
            failed: counts.failed - earlier.counts.failed,
            latency: self.stats.take_latency(),
            ..ServiceSample::default()
        };
        *earlier = Earlier {
            counts,
            busy_s: reading.slot_busy_s,
            at: Some(now),
            tasks_max: earlier.tasks_max.max(environments),
        };
        sample
    }

    /// What they did up to the last sample; `calls` are their calls to AWS and those throttled.
    pub(crate) fn totals(&self, calls: (u64, u64)) -> ServiceTotals {
        let earlier = self.earlier.lock();
        ServiceTotals {
            service: ServiceName::Fraud.as_str().to_owned(),
            handled: earlier.counts.handled,
            failed: earlier.counts.failed,
            tasks_max: earlier.tasks_max,
            aws_calls: calls.0,
            throttled: calls.1,
            ..ServiceTotals::default()
        }
    }
}

/// How the engine is to run a function.
pub(crate) fn config(spec: &FunctionSpec) -> Result<FunctionConfig, Error> {
    let runtime = Runtime::ALL
        .into_iter()
        .find(|runtime| runtime.identifier() == spec.runtime)
        .ok_or_else(|| Error::runtime(&spec.runtime))?;
    let package = if spec.image { Package::Image } else { Package::Zip };
    // Its spread is an assumption: p99 at twice the median.
    let own = Lognormal::from_ms(spec.own_init_ms, 2.0 * spec.own_init_ms);
    let cold_start = ColdStart { runtime, package, own };
    let capacity = Capacity {
        reserved: spec.reserved_concurrency,
        provisioned: spec.provisioned_concurrency,
        ..Capacity::on_demand(spec.memory_mib, cold_start)
    };
    Ok(FunctionConfig {
        timeout: Duration::from_secs_f64(spec.timeout_s),
        ..FunctionConfig::new(capacity)
    })
}

/// `work` as a function's code: each call takes the modelled time first, longer with less than one
/// vCPU's memory, and is counted in `functions`.
pub(crate) fn modelled<F>(
    spec: &FunctionSpec,
    random: Stream,
    functions: Arc<Functions>,
    work: impl Fn(Bytes) -> F + Send + Sync + 'static,
) -> Handler
where
    F: Future<Output = Result<Bytes, Failure>> + Send + 'static,
{
    let time = Lognormal::from_ms(spec.service_time.p50_ms, spec.service_time.p99_ms);
    let slowdown = slowdown(spec.memory_mib);
    let random = Arc::new(Mutex::new(random));
    Arc::new(move |event| -> HandlerFuture {
        let time = time.at(random.lock().random()).mul_f64(slowdown);
        let (work, functions) = (work(event), Arc::clone(&functions));
        let random = Arc::clone(&random);
        Box::pin(async move {
            let arrived = Instant::now();
            let _busy = functions.stats.busy();
            tokio::time::sleep(time + functions.trouble.added()).await;
            let outcome = if functions.trouble.hits(|| random.lock().random()) {
                Err(FunctionError::new("Scenario.Fault", "the scenario makes it fail"))
            } else {
                let outcome = work.await;
                outcome.map_err(|failure| FunctionError::new("Shop.Failure", failure.to_string()))
            };
            functions.stats.handled(arrived, outcome.is_err());
            outcome
        })
    })
}
