//! EventBridge's rates (behaviour sheet 5.2): `PutEvents` over its rate is throttled; invocations of
//! targets over theirs are delayed, never dropped.
//!
//! Deliberately absent: retries after a target failed (24 h or 185 attempts), and the latency of
//! `PutEvents` itself (see [`crate::latency`]).

use std::time::Duration;

use crate::TokenBucket;

/// `PutEvents` calls a second in us-east-1 (sheet 5.2, "EventBridge PutEvents").
pub const PUT_EVENTS_PER_SECOND: f64 = 10_000.0;

/// Invocations of targets a second in us-east-1 (sheet 5.2, "EventBridge invocations").
pub const INVOCATIONS_PER_SECOND: f64 = 18_750.0;

/// The `PutEvents` rate of an account in its Region.
#[derive(Debug, Clone)]
pub struct PutEvents(TokenBucket);

impl PutEvents {
    /// us-east-1's rate. The bucket holds `burst` of it: see the assumption `quotas.burst`.
    #[must_use]
    pub fn new(burst: Duration, now: Duration) -> Self {
        let burst = PUT_EVENTS_PER_SECOND * burst.as_secs_f64();
        Self(TokenBucket::full(burst, PUT_EVENTS_PER_SECOND, now))
    }

    /// Takes a call, however many events it carries; `false` is `ThrottlingException`.
    pub fn call(&mut self, now: Duration) -> bool {
        self.0.take(now)
    }
}

/// The invocations of an account in its Region, in the order in which they are asked for.
#[derive(Debug, Clone)]
pub struct Invocations {
    bucket: TokenBucket,
    per_second: f64,
}

impl Invocations {
    /// us-east-1's rate. The bucket holds `burst` of it: see the assumption `quotas.burst`.
    #[must_use]
    pub fn new(burst: Duration, now: Duration) -> Self {
        Self::at_rate(INVOCATIONS_PER_SECOND, burst, now)
    }

    /// Another Region's rate, above zero.
    #[must_use]
    pub fn at_rate(per_second: f64, burst: Duration, now: Duration) -> Self {
        let burst = (per_second * burst.as_secs_f64()).max(1.0);
        Self { bucket: TokenBucket::full(burst, per_second, now), per_second }
    }

    /// When an invocation asked for at `now` may go out: `now`, or later.
    pub fn invoke(&mut self, now: Duration) -> Duration {
        self.bucket.spend(now, 1.0);
        now + Duration::from_secs_f64((-self.bucket.available(now)).max(0.0) / self.per_second)
    }

    /// Invocations that wait at `now`.
    pub fn backlog(&mut self, now: Duration) -> f64 {
        (-self.bucket.available(now)).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn put_events_is_throttled_over_its_rate() {
        let mut put = PutEvents::new(SECOND, Duration::ZERO);
        let calls = 0..40_000_u32;
        let at = |call: u32| Duration::from_secs_f64(f64::from(call) / 20_000.0);
        let granted = calls.filter(|call| put.call(at(*call))).count();
        // The bucket's 10,000, and 10,000 in each of two seconds.
        assert!((29_990..=30_000).contains(&granted), "{granted}");
    }

    /// Vector 15 of the sheet: 25,000 invocations a second.
    #[test]
    fn a_backlog_grows_by_what_is_over_the_rate_and_nothing_is_lost() {
        let mut invocations = Invocations::new(Duration::ZERO, Duration::ZERO);
        let mut last = Duration::ZERO;
        for invocation in 0..250_000_u32 {
            let now = Duration::from_secs_f64(f64::from(invocation) / 25_000.0);
            let out = invocations.invoke(now);
            assert!(out >= now && out >= last, "in order: {out:?} after {last:?}");
            last = out;
        }
        let waiting = invocations.backlog(Duration::from_secs(10));
        assert!((waiting - 62_500.0).abs() < 3.0, "{waiting}");
        // All of them go out, the last when the rate has carried all.
        assert!((last.as_secs_f64() - 250_000.0 / 18_750.0).abs() < 0.001, "{last:?}");
    }

    #[test]
    fn under_the_rate_nothing_waits() {
        let mut invocations = Invocations::new(SECOND, Duration::ZERO);
        for invocation in 0..100_000_u32 {
            let now = Duration::from_secs_f64(f64::from(invocation) / 18_000.0);
            assert_eq!(invocations.invoke(now), now);
        }
    }
}
