//! The account's task launches in a Region: one bucket for On-Demand, one of the same size for Spot,
//! shared by all services (sheet 3.1, task launch bucket).

use std::time::Duration;

use super::super::Capacity;
use crate::TokenBucket;

/// The launch buckets of an account: 100 tokens and 20 a second each, unless AWS raised them.
///
/// `now` may go back a little between the fleets that share a budget; it then counts as the latest
/// seen.
#[derive(Debug, Clone, PartialEq)]
pub struct LaunchBudget {
    buckets: [TokenBucket; 2],
    interval: Duration,
}

impl LaunchBudget {
    /// Full buckets with the default quota.
    #[must_use]
    pub fn new(now: Duration) -> Self {
        Self::with_quota(100.0, 20.0, now)
    }

    /// Full buckets of `burst` launches that gain `rate_per_second`.
    #[must_use]
    pub fn with_quota(burst: f64, rate_per_second: f64, now: Duration) -> Self {
        let bucket = TokenBucket::full(burst, rate_per_second, now);
        let interval = if rate_per_second > 0.0 {
            Duration::from_secs_f64(rate_per_second.recip())
        } else {
            Duration::MAX
        };
        Self { buckets: [bucket.clone(), bucket], interval }
    }

    /// Takes the token of one launch; `false` when there is none.
    pub fn take(&mut self, now: Duration, capacity: Capacity) -> bool {
        self.buckets[capacity.index()].take(now)
    }

    /// How long until the next token; zero when there is one.
    #[must_use]
    pub fn wait(&mut self, now: Duration, capacity: Capacity) -> Duration {
        self.buckets[capacity.index()].wait(now)
    }

    /// Between two tokens of an empty bucket.
    pub(in super::super) fn interval(&self) -> Duration {
        self.interval
    }
}
