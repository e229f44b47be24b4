//! Execution environments: those that run, and those that wait for a request.

use std::{collections::VecDeque, time::Duration};

use super::Moment;

/// An environment that runs a request. It goes back with [`super::Function::end`].
#[derive(Debug, PartialEq, Eq)]
#[must_use = "an environment that is not given back is busy for ever"]
pub struct Environment {
    /// When it was started, scenario time.
    pub(super) created_at: Duration,
    /// When its request began, wall time.
    pub(super) began_at: Duration,
    /// What of its request is INIT.
    pub(super) init: Duration,
    pub(super) is_provisioned: bool,
}

impl Environment {
    /// Whether it belongs to the function's provisioned concurrency.
    #[must_use]
    pub const fn is_provisioned(&self) -> bool {
        self.is_provisioned
    }
}

/// Environments that wait, the one that has waited longest first.
///
/// The one that ran last is taken first, so that the rest can be reclaimed: an assumption, as AWS
/// doesn't say which one a request gets.
#[derive(Debug, Clone, Default)]
pub(super) struct Idle(VecDeque<Waiting>);

#[derive(Debug, Clone, Copy)]
struct Waiting {
    created_at: Duration,
    since: Duration,
}

/// When an environment is given up. AWS publishes neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Keep {
    /// After so long without a request.
    pub(super) idle: Duration,
    /// After so long in all, at its next request.
    pub(super) life: Duration,
}

impl Idle {
    /// Takes one that is still there, and says when it was started.
    pub(super) fn take(&mut self, keep: Keep, now: Moment) -> Option<Duration> {
        self.reclaim(keep, now);
        while let Some(waiting) = self.0.pop_back() {
            if now.scenario.saturating_sub(waiting.created_at) < keep.life {
                return Some(waiting.created_at);
            }
        }
        None
    }

    pub(super) fn put(&mut self, created_at: Duration, now: Moment) {
        self.0.push_back(Waiting { created_at, since: now.scenario });
    }

    /// How many wait.
    pub(super) fn count(&mut self, keep: Keep, now: Moment) -> u32 {
        self.reclaim(keep, now);
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    fn reclaim(&mut self, keep: Keep, now: Moment) {
        let is_over = |waiting: &Waiting| now.scenario.saturating_sub(waiting.since) >= keep.idle;
        while self.0.front().is_some_and(is_over) {
            self.0.pop_front();
        }
    }
}
