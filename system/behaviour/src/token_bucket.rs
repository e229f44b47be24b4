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
        self.refill(now);
        let granted = self.tokens >= 1.0;
        if granted {
            self.tokens -= 1.0;
        }
        granted
    }

    /// How long until the next token, from `now`; zero when there is one.
    #[must_use]
    pub fn wait(&mut self, now: Duration) -> Duration {
        self.refill(now);
        if self.tokens >= 1.0 {
            Duration::ZERO
        } else if self.rate_per_second <= 0.0 {
            Duration::MAX
        } else {
            Duration::from_secs_f64((1.0 - self.tokens) / self.rate_per_second)
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
