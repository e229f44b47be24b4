//! The token bucket (behaviour sheet 0.1): `tokens = min(burst, tokens + rate * dt)`; one request
//! is one token; an empty bucket throttles, it never queues.

use std::time::Duration;

/// A token bucket. `now` is a duration since any fixed origin and may not go back; an earlier `now`
/// counts as the latest one seen.
#[derive(Debug, Clone, PartialEq)]
pub struct TokenBucket {
    burst: f64,
    rate_per_second: f64,
    tokens: f64,
    seen: Duration,
}

impl TokenBucket {
    /// A full bucket of `burst` tokens that gains `rate_per_second` a second.
    #[must_use]
    pub fn full(burst: f64, rate_per_second: f64, now: Duration) -> Self {
        Self { burst, rate_per_second, tokens: burst, seen: now }
    }

    /// Takes one token; `false` is a throttle.
    pub fn take(&mut self, now: Duration) -> bool {
        self.take_n(now, 1.0)
    }

    /// Takes `n` tokens, or none where there are fewer; `false` is a throttle.
    pub fn take_n(&mut self, now: Duration, n: f64) -> bool {
        let granted = self.available(now) >= n;
        if granted {
            self.tokens -= n;
        }
        granted
    }

    /// Takes `n` tokens whether they are there or not: the bucket may go below zero, as DynamoDB's
    /// do when a request turns out larger than it seemed. A negative `n` gives tokens back, up to
    /// the burst.
    pub fn spend(&mut self, now: Duration, n: f64) {
        self.refill(now);
        self.tokens = (self.tokens - n).min(self.burst);
    }

    /// Tokens at `now`; below zero when more was spent than there was.
    pub fn available(&mut self, now: Duration) -> f64 {
        self.refill(now);
        self.tokens
    }

    /// Changes burst and rate from `now` on. Tokens stay, as far as the new burst holds them.
    pub fn resize(&mut self, now: Duration, burst: f64, rate_per_second: f64) {
        self.refill(now);
        self.tokens = self.tokens.min(burst);
        self.burst = burst;
        self.rate_per_second = rate_per_second;
    }

    /// How long until the next token, from `now`; zero when there is one.
    #[must_use]
    pub fn wait(&mut self, now: Duration) -> Duration {
        let missing = 1.0 - self.available(now);
        if missing <= 0.0 {
            Duration::ZERO
        } else {
            // A rate of zero, or one next to it, is for ever.
            Duration::try_from_secs_f64(missing / self.rate_per_second).unwrap_or(Duration::MAX)
        }
    }

    fn refill(&mut self, now: Duration) {
        let gained = now.saturating_sub(self.seen).as_secs_f64() * self.rate_per_second;
        self.tokens = (self.tokens + gained).min(self.burst);
        self.seen = self.seen.max(now);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Vector 1 of the sheet: 12,000 a second on a bucket of 5,000 that gains 10,000 a second.
    #[test]
    fn a_bucket_of_5000_at_10000_carries_12000_for_two_and_a_half_seconds() {
        let mut bucket = TokenBucket::full(5_000.0, 10_000.0, Duration::ZERO);
        let mut refused_from = None;
        let mut refused_in_fourth_second = 0;
        for request in 0..48_000_u32 {
            let now = Duration::from_secs_f64(f64::from(request) / 12_000.0);
            if !bucket.take(now) {
                refused_from.get_or_insert(now);
                if now.as_secs() == 3 {
                    refused_in_fourth_second += 1;
                }
            }
        }
        let from = refused_from.expect("it throttles").as_secs_f64();
        assert!((from - 2.5).abs() < 0.01, "{from}");
        assert!((1_990..=2_010).contains(&refused_in_fourth_second), "{refused_in_fourth_second}");
    }

    #[test]
    fn what_was_overspent_is_earned_back_first() {
        let mut bucket = TokenBucket::full(5.0, 10.0, Duration::ZERO);
        bucket.spend(Duration::ZERO, 15.0);
        assert_eq!(bucket.available(Duration::ZERO), -10.0);
        assert!(!bucket.take(Duration::from_secs(1)), "no debt and nothing more");
        assert!(bucket.take(Duration::from_millis(1_100)));
        bucket.spend(Duration::from_millis(1_100), -100.0);
        assert_eq!(bucket.available(Duration::from_millis(1_100)), 5.0);
    }

    #[test]
    fn a_smaller_bucket_keeps_what_it_can_hold() {
        let mut bucket = TokenBucket::full(100.0, 1.0, Duration::ZERO);
        bucket.resize(Duration::ZERO, 10.0, 2.0);
        assert_eq!(bucket.available(Duration::ZERO), 10.0);
        bucket.resize(Duration::ZERO, 100.0, 2.0);
        assert_eq!(bucket.available(Duration::from_secs(5)), 20.0);
    }

    proptest! {
        /// A bucket never yields more than its burst plus what it gained.
        #[test]
        fn never_more_than_burst_plus_rate_times_time(
            burst in 1.0_f64..100.0,
            rate in 0.0_f64..1_000.0,
            gaps_ms in prop::collection::vec(0_u64..50, 1..500),
        ) {
            let mut bucket = TokenBucket::full(burst, rate, Duration::ZERO);
            let mut now = Duration::ZERO;
            let mut granted = 0_u32;
            for gap in gaps_ms {
                now += Duration::from_millis(gap);
                granted += u32::from(bucket.take(now));
                prop_assert!(f64::from(granted) <= burst + rate * now.as_secs_f64() + 1e-6);
            }
        }

        /// Whatever is taken in whatever portions, no more is granted than there was, and what is
        /// refused costs nothing.
        #[test]
        fn portions_are_granted_whole_or_not_at_all(
            takes in prop::collection::vec((0_u64..200, 0.5_f64..20.0), 1..200),
        ) {
            let mut bucket = TokenBucket::full(10.0, 25.0, Duration::ZERO);
            let mut now = Duration::ZERO;
            for (gap, n) in takes {
                now += Duration::from_millis(gap);
                let before = bucket.available(now);
                let granted = bucket.take_n(now, n);
                prop_assert_eq!(granted, before >= n);
                let taken = if granted { n } else { 0.0 };
                prop_assert!((bucket.available(now) - (before - taken)).abs() < 1e-9);
            }
        }

        /// After the wait that it names, a bucket grants.
        #[test]
        fn the_wait_is_enough(rate in 0.1_f64..1_000.0, taken in 0_u32..20) {
            let mut bucket = TokenBucket::full(5.0, rate, Duration::ZERO);
            for _ in 0..taken {
                bucket.take(Duration::ZERO);
            }
            let wait = bucket.wait(Duration::ZERO) + Duration::from_micros(1);
            prop_assert!(bucket.take(wait));
        }
    }
}
