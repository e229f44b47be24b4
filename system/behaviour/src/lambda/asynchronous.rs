//! Asynchronous invocations: what becomes of an event after an attempt (sheet 2, async).

use std::time::Duration;

/// How often and how long an event is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AsyncPolicy {
    /// Attempts after the first that failed: `MaximumRetryAttempts`, 0 to 2.
    pub retries: u32,
    /// How old an event gets: `MaximumEventAgeInSeconds`, 60 s to 6 h.
    pub event_age: Duration,
}

impl Default for AsyncPolicy {
    /// AWS's defaults: 2 retries, 6 h.
    fn default() -> Self {
        Self { retries: 2, event_age: Duration::from_secs(6 * 3_600) }
    }
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// The function answered.
    Succeeded,
    /// The function failed, or timed out.
    Failed,
    /// It was throttled: that is no attempt of the function's.
    Throttled,
}

/// Why an event goes to the dead-letter queue or the failure destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discarded {
    /// The function failed too often.
    RetriesExhausted,
    /// The event is too old for another attempt.
    EventAgeExceeded,
}

impl Discarded {
    /// The `condition` in the record of a failure destination.
    #[must_use]
    pub const fn condition(self) -> &'static str {
        match self {
            Self::RetriesExhausted => "RetriesExhausted",
            Self::EventAgeExceeded => "EventAgeExceeded",
        }
    }
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nothing: it is done.
    Done,
    /// Another attempt after so long.
    Retry(Duration),
    /// It is given up.
    Discard(Discarded),
}

/// Waits before the first and the second retry of a failure.
const FAILURE_WAITS: [Duration; 2] = [Duration::from_secs(60), Duration::from_secs(120)];

/// First and longest wait after a throttle; in between it doubles.
const THROTTLE_WAIT: Duration = Duration::from_secs(1);
const THROTTLE_WAIT_MAX: Duration = Duration::from_secs(300);

/// An event in Lambda's own queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AsyncEvent {
    policy: AsyncPolicy,
    accepted_at: Duration,
    failures: u32,
    throttles: u32,
}

impl AsyncEvent {
    /// An event that was accepted at `now`.
    #[must_use]
    pub const fn new(policy: AsyncPolicy, now: Duration) -> Self {
        Self { policy, accepted_at: now, failures: 0, throttles: 0 }
    }

    /// What comes after an attempt that ended at `now`.
    #[must_use]
    pub fn after(&mut self, attempt: Attempt, now: Duration) -> Next {
        let wait = match attempt {
            Attempt::Succeeded => return Next::Done,
            Attempt::Failed => {
                let waits = FAILURE_WAITS.iter().take(self.policy.retries as usize);
                let Some(wait) = waits.copied().nth(self.failures as usize) else {
                    return Next::Discard(Discarded::RetriesExhausted);
                };
                self.failures += 1;
                wait
            }
            Attempt::Throttled => {
                let doubled = THROTTLE_WAIT * 2_u32.pow(self.throttles.min(16));
                self.throttles = self.throttles.saturating_add(1);
                doubled.min(THROTTLE_WAIT_MAX)
            }
        };
        if now.saturating_sub(self.accepted_at) + wait > self.policy.event_age {
            Next::Discard(Discarded::EventAgeExceeded)
        } else {
            Next::Retry(wait)
        }
    }

    /// Attempts that the function has failed.
    #[must_use]
    pub const fn failures(&self) -> u32 {
        self.failures
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn a_failing_function_is_tried_three_times() {
        let mut event = AsyncEvent::new(AsyncPolicy::default(), Duration::ZERO);
        assert_eq!(event.after(Attempt::Failed, Duration::ZERO), Next::Retry(MINUTE));
        assert_eq!(event.after(Attempt::Failed, MINUTE), Next::Retry(2 * MINUTE));
        let given_up = Next::Discard(Discarded::RetriesExhausted);
        assert_eq!(event.after(Attempt::Failed, 3 * MINUTE), given_up);
    }

    #[test]
    fn retries_can_be_turned_off() {
        let policy = AsyncPolicy { retries: 0, ..AsyncPolicy::default() };
        let mut event = AsyncEvent::new(policy, Duration::ZERO);
        let given_up = Next::Discard(Discarded::RetriesExhausted);
        assert_eq!(event.after(Attempt::Failed, Duration::ZERO), given_up);
    }

    #[test]
    fn throttles_are_retried_for_six_hours_ever_less_often() {
        let mut event = AsyncEvent::new(AsyncPolicy::default(), Duration::ZERO);
        let mut now = Duration::ZERO;
        let mut waits = Vec::new();
        while let Next::Retry(wait) = event.after(Attempt::Throttled, now) {
            waits.push(wait.as_secs());
            now += wait;
        }
        assert_eq!(waits[..11], [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
        let six_hours = Duration::from_secs(6 * 3_600);
        assert!(now <= six_hours && now + THROTTLE_WAIT_MAX > six_hours, "{now:?}");
        let given_up = Next::Discard(Discarded::EventAgeExceeded);
        assert_eq!(event.after(Attempt::Throttled, now), given_up);
        assert_eq!(event.failures(), 0, "a throttle is no failure");
    }

    proptest! {
        /// However its attempts end, an event ends: in time, and after three failures.
        #[test]
        fn every_event_ends(throttled in prop::collection::vec(any::<bool>(), 1..500)) {
            let policy = AsyncPolicy::default();
            let mut event = AsyncEvent::new(policy, Duration::ZERO);
            let (mut now, mut failures) = (Duration::ZERO, 0);
            for is_throttled in throttled {
                let attempt = if is_throttled { Attempt::Throttled } else { Attempt::Failed };
                failures += u32::from(!is_throttled);
                match event.after(attempt, now) {
                    Next::Retry(wait) => now += wait,
                    Next::Discard(_) => break,
                    Next::Done => prop_assert!(false, "nothing succeeded"),
                }
                prop_assert!(now <= policy.event_age && failures <= policy.retries);
            }
        }
    }
}
