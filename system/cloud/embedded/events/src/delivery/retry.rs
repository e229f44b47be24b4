//! When to try again.

use std::time::Duration;

/// How often SNS tries again for SQS and Lambda (SNS guide, "message delivery retries"): 100,015
/// attempts over 23 days.
const SNS_RETRIES_MAX: u32 = 100_015;

/// How long, and how often, a failed delivery is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RetryPolicy {
    /// Four phases: 3 at once, 2 a second apart, 10 from 1 s to 20 s, 100,000 of 20 s.
    Sns,
    /// Exponential backoff with jitter until one of the two limits is reached.
    EventBridge {
        /// 0 to 185.
        attempts_max: u32,
        /// 60 to 86,400 s.
        age_max: Duration,
    },
}

/// Which limit ended the retries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exhausted {
    Attempts,
    Age,
}

impl Exhausted {
    /// As EventBridge names it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Attempts => "MaximumRetryAttempts",
            Self::Age => "MaximumEventAgeInSeconds",
        }
    }
}

impl RetryPolicy {
    /// EventBridge's default: 24 hours and 185 attempts.
    pub(crate) const EVENTBRIDGE: Self =
        Self::EventBridge { attempts_max: 185, age_max: Duration::from_secs(86_400) };

    /// How long to wait before the next retry, when `retries` were made and the message is `age`
    /// old. `random` is uniform.
    pub(crate) fn wait(
        self,
        retries: u32,
        age: Duration,
        random: u64,
    ) -> Result<Duration, Exhausted> {
        match self {
            Self::Sns if retries >= SNS_RETRIES_MAX => Err(Exhausted::Attempts),
            Self::Sns => Ok(match retries {
                0..3 => Duration::ZERO,
                3..5 => Duration::from_secs(1),
                5..15 => jittered(doubling(retries - 5, 20), random),
                _ => Duration::from_secs(20),
            }),
            Self::EventBridge { attempts_max, .. } if retries >= attempts_max => {
                Err(Exhausted::Attempts)
            }
            Self::EventBridge { age_max, .. } => {
                let wait = backoff(retries, random);
                if age + wait > age_max { Err(Exhausted::Age) } else { Ok(wait) }
            }
        }
    }
}

/// From 1 s doubling to 10 minutes, such that 185 attempts take about a day, as AWS says they do.
/// AWS does not document the steps.
pub(super) fn backoff(retries: u32, random: u64) -> Duration {
    jittered(doubling(retries, 600), random)
}

fn doubling(step: u32, cap_s: u64) -> Duration {
    Duration::from_secs(1_u64.checked_shl(step).map_or(cap_s, |seconds| seconds.min(cap_s)))
}

/// Half to all of `wait`.
fn jittered(wait: Duration, random: u64) -> Duration {
    let half_us = u64::try_from(wait.as_micros() / 2).unwrap_or(u64::MAX - 1);
    Duration::from_micros(half_us + random % (half_us + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sns_follows_its_four_phases() {
        let wait = |retries| RetryPolicy::Sns.wait(retries, Duration::MAX, u64::MAX);
        assert_eq!(wait(2), Ok(Duration::ZERO));
        assert_eq!(wait(4), Ok(Duration::from_secs(1)));
        let fourteenth = wait(14).expect("retries are left");
        assert!((10..=20).contains(&fourteenth.as_secs()), "{fourteenth:?}");
        assert_eq!(wait(100_014), Ok(Duration::from_secs(20)));
        assert_eq!(wait(100_015), Err(Exhausted::Attempts));
        let days = 100_000 * 20 / 86_400;
        assert_eq!(days, 23, "as documented");
    }

    #[test]
    fn eventbridge_stops_at_either_limit() {
        let policy = RetryPolicy::EventBridge { attempts_max: 3, age_max: Duration::from_secs(60) };
        assert!(policy.wait(2, Duration::ZERO, 0).is_ok());
        assert_eq!(policy.wait(3, Duration::ZERO, 0), Err(Exhausted::Attempts));
        assert_eq!(policy.wait(0, Duration::from_secs(60), 0), Err(Exhausted::Age));
    }

    #[test]
    fn backoff_grows_to_its_cap_and_stays_within_its_jitter() {
        for (retries, full_s) in
            [(0, 1), (1, 2), (5, 32), (9, 512), (10, 600), (64, 600), (184, 600)]
        {
            let full = Duration::from_secs(full_s);
            assert_eq!(backoff(retries, 0), full / 2);
            for random in [1, 12_345_678_901, u64::MAX] {
                let wait = backoff(retries, random);
                assert!((full / 2..=full).contains(&wait), "{retries}: {wait:?}");
            }
        }
    }
}
