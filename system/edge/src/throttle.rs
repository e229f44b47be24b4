//! API Gateway's throttles, on the runtime's clock: wall time, which a run's speed never compresses.

use parking_lot::Mutex;
use securecart_behaviour::api_gateway::{ApiGateway, Config};
use securecart_domain::api::Operation;
use tokio::time::Instant;

/// What the gateway lets through.
#[derive(Debug)]
pub struct Throttle {
    buckets: Mutex<ApiGateway>,
    since: Instant,
}

impl Throttle {
    /// Full buckets of `config`; a method is an [`Operation`] by its index.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let buckets = ApiGateway::new(config, std::time::Duration::ZERO);
        Self { buckets: Mutex::new(buckets), since: Instant::now() }
    }

    /// Whether a request goes through.
    pub(crate) fn admits(&self, operation: Operation) -> bool {
        let method = operation.index() as u32;
        self.buckets.lock().admit(self.since.elapsed(), None, method).is_ok()
    }
}
