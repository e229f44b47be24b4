//! Step Functions' buckets (behaviour sheet 5.2): starts of executions and, for Standard workflows,
//! state transitions.
//!
//! Deliberately absent: the 1,000,000 open executions and the 25,000 events of a history.

use std::time::Duration;

use crate::TokenBucket;

/// Kind of a workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workflow {
    /// Exactly once, up to a year.
    Standard,
    /// At least once, up to five minutes.
    Express,
}

/// The buckets of an account in N. Virginia, Oregon or Ireland.
#[derive(Debug, Clone)]
pub struct StepFunctions {
    standard_starts: TokenBucket,
    express_starts: TokenBucket,
    transitions: TokenBucket,
}

impl StepFunctions {
    /// Full buckets: Standard starts 1,300 and 300/s, Express starts 6,000 and 6,000/s, transitions
    /// 5,000 and 1,500/s (sheet 5.2, "SFN StartExecution", "SFN StateTransition").
    #[must_use]
    pub fn new(now: Duration) -> Self {
        Self {
            standard_starts: TokenBucket::full(1_300.0, 300.0, now),
            express_starts: TokenBucket::full(6_000.0, 6_000.0, now),
            transitions: TokenBucket::full(5_000.0, 1_500.0, now),
        }
    }

    /// Takes a `StartExecution`; `false` is `ThrottlingException`.
    pub fn start(&mut self, now: Duration, workflow: Workflow) -> bool {
        match workflow {
            Workflow::Standard => self.standard_starts.take(now),
            Workflow::Express => self.express_starts.take(now),
        }
    }

    /// How long a state transition has to wait (counted by CloudWatch as `ExecutionThrottled`);
    /// zero when it was taken. An Express workflow never waits.
    pub fn transition(&mut self, now: Duration, workflow: Workflow) -> Duration {
        if workflow == Workflow::Express || self.transitions.take(now) {
            return Duration::ZERO;
        }
        self.transitions.wait(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_come_from_the_bucket_of_their_kind() {
        let mut buckets = StepFunctions::new(Duration::ZERO);
        let mut starts = |seconds: u64, workflow| {
            let now = Duration::from_secs(seconds);
            (0..10_000).filter(|_| buckets.start(now, workflow)).count()
        };
        assert_eq!(starts(0, Workflow::Standard), 1_300);
        assert_eq!(starts(0, Workflow::Express), 6_000);
        assert_eq!(starts(1, Workflow::Standard), 300);
        assert_eq!(starts(1, Workflow::Express), 6_000);
    }

    #[test]
    fn standard_transitions_wait_and_express_ones_do_not() {
        let mut buckets = StepFunctions::new(Duration::ZERO);
        for _ in 0..5_000 {
            assert_eq!(buckets.transition(Duration::ZERO, Workflow::Standard), Duration::ZERO);
        }
        let wait = buckets.transition(Duration::ZERO, Workflow::Standard);
        assert!(wait > Duration::ZERO && wait < Duration::from_millis(1), "{wait:?}");
        assert_eq!(buckets.transition(Duration::ZERO, Workflow::Express), Duration::ZERO);
    }
}
