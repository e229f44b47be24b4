//! What a fault does to a service's own work: it takes longer, or fails.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::time::Duration;

/// Shares are kept in millionths.
const WHOLE: f64 = 1e6;

/// Faults of one service that can be turned on and off at any time.
#[derive(Debug, Default)]
pub(crate) struct Trouble {
    added_us: AtomicU64,
    errors: AtomicU64,
}

impl Trouble {
    /// From now on each request takes `added` longer.
    pub(crate) fn slow(&self, added: Duration) {
        let us = u64::try_from(added.as_micros()).unwrap_or(u64::MAX);
        self.added_us.store(us, Ordering::Relaxed);
    }

    /// From now on this share of the requests fails.
    pub(crate) fn fail(&self, share: f64) {
        self.errors.store((share.clamp(0.0, 1.0) * WHOLE) as u64, Ordering::Relaxed);
    }

    /// How much longer a request takes.
    pub(crate) fn added(&self) -> Duration {
        Duration::from_micros(self.added_us.load(Ordering::Relaxed))
    }

    /// Whether the request that draws `uniform` (0 to 1) fails; nothing is drawn without a fault.
    pub(crate) fn hits(&self, uniform: impl FnOnce() -> f64) -> bool {
        let errors = self.errors.load(Ordering::Relaxed);
        errors > 0 && uniform() * WHOLE < errors as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_the_requests_fails_until_it_ends() {
        let trouble = Trouble::default();
        assert!(!trouble.hits(|| 0.0));
        trouble.fail(0.25);
        assert!(trouble.hits(|| 0.2) && !trouble.hits(|| 0.3));
        trouble.fail(0.0);
        assert!(!trouble.hits(|| 0.0));
    }
}
