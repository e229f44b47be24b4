//! Provisioned concurrency: environments that are started ahead of their requests.

use std::time::Duration;

use crate::TokenBucket;

use super::{Moment, account::request_rate};

/// Environments allocated a minute for a function (sheet 2, provisioned concurrency; recalled).
const ALLOCATED_PER_MINUTE: f64 = 6_000.0;

/// A function's provisioned environments: allocated at AWS's rate, busy or waiting.
#[derive(Debug, Clone)]
pub(super) struct Provisioned {
    target: u32,
    /// Allocated by `changed_at`.
    before: u32,
    changed_at: Duration,
    pub(super) running: u32,
    requests: TokenBucket,
    /// Environment-seconds allocated by `counted_at`.
    allocated_s: f64,
    counted_at: Duration,
}

impl Provisioned {
    pub(super) fn new(target: u32, now: Moment) -> Self {
        Self {
            target,
            before: 0,
            changed_at: now.scenario,
            running: 0,
            requests: request_rate(target, now),
            allocated_s: 0.0,
            counted_at: now.scenario,
        }
    }

    pub(super) fn target(&self) -> u32 {
        self.target
    }

    /// Asks for `target` environments; fewer are there at once, more come by and by.
    pub(super) fn set_target(&mut self, target: u32, now: Moment) {
        self.count(now);
        self.before = self.allocated(now).min(target);
        self.changed_at = now.scenario;
        self.target = target;
        self.requests = request_rate(target, now);
    }

    /// Environments that are there.
    pub(super) fn allocated(&self, now: Moment) -> u32 {
        let seconds = now.scenario.saturating_sub(self.changed_at).as_secs_f64();
        let most = f64::from(self.target - self.before);
        let more = (seconds * ALLOCATED_PER_MINUTE / 60.0).min(most);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to a u32")]
        let more = more as u32;
        self.before + more
    }

    /// Takes one that waits, unless its ten requests a second are used up.
    pub(super) fn take(&mut self, is_counted: bool, now: Moment) -> bool {
        let is_free = self.running < self.allocated(now);
        let is_taken = is_free && (!is_counted || self.requests.take(now.wall));
        self.running += u32::from(is_taken);
        is_taken
    }

    /// Environment-seconds allocated so far; a ramp counts as what it has reached.
    pub(super) fn count(&mut self, now: Moment) -> f64 {
        let seconds = now.scenario.saturating_sub(self.counted_at).as_secs_f64();
        self.allocated_s += seconds * f64::from(self.allocated(now));
        self.counted_at = self.counted_at.max(now.scenario);
        self.allocated_s
    }
}
