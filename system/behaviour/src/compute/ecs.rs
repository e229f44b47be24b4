//! ECS on Fargate: how fast a service may launch tasks and how long one takes to start
//! (sheet 3.1).
//!
//! Invariant: a launch takes a token of the account's bucket and a slot of the service scheduler's
//! pace; neither is given back.
//!
//! Assumptions: 500 tasks a minute are metered smoothly, one every 0.12 s (AWS does not say whether
//! it is a window); the delay after failed starts doubles from 10 s (AWS publishes only its
//! maximum); a task that exits or is killed while it runs does not count as a failed start (that is
//! documented).
//!
//! Deliberately absent: RunTask outside a service, deployments and their circuit breaker, the vCPU
//! quota of the account.

mod launch_budget;

use std::time::Duration;

pub use launch_budget::LaunchBudget;

use super::fleet::{Profile, Refusal};
use super::roster::Choice;
use super::{Capacity, Hold, load_balancer, spot};
use crate::{Lognormal, assumptions};

/// An ECS service on Fargate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// The size of the container image, MB, compressed: pulled at every start, Fargate has no cache.
    pub image_mb: f64,
    /// Start of a task without its image, median: [`assumptions::FARGATE_START_BASE`].
    pub start_base: Duration,
    /// What each megabyte adds: [`assumptions::FARGATE_START_PER_MB`].
    pub start_per_mb: Duration,
    /// Spread of start times: [`assumptions::FARGATE_START_SIGMA`].
    pub start_sigma: f64,
    /// How much is Spot. ECS never falls back to On-Demand by itself.
    pub spot: spot::Settings,
    /// Its target group.
    pub balancer: load_balancer::Settings,
    /// From SIGTERM to SIGKILL: 30 s by default, at most 120 s.
    pub stop_timeout: Duration,
    /// How long failed checks are ignored after a task started: 0 s by default.
    pub health_grace: Duration,
    /// What the service scheduler launches: 500 a minute.
    pub tasks_per_minute: u32,
    /// The longest wait after failed starts: 15 minutes (sheet 3.1, failing tasks; AWS may change it
    /// and its page of 2025 says 27).
    pub restart_delay_max: Duration,
}

impl Default for Settings {
    /// The sheet's defaults, and its measured image of 413 MB.
    fn default() -> Self {
        Self {
            image_mb: 413.0,
            start_base: Duration::from_secs_f64(assumptions::FARGATE_START_BASE.value),
            start_per_mb: Duration::from_secs_f64(assumptions::FARGATE_START_PER_MB.value),
            start_sigma: assumptions::FARGATE_START_SIGMA.value,
            spot: spot::Settings::default(),
            balancer: load_balancer::Settings::default(),
            stop_timeout: Duration::from_secs(30),
            health_grace: Duration::ZERO,
            tasks_per_minute: 500,
            restart_delay_max: Duration::from_secs(15 * 60),
        }
    }
}

impl Settings {
    /// From a launch to a running task, at the share `uniform` of its distribution: lognormal with a
    /// median of 20 s + 0.09 s/MB (sheet 3.1, model; it fits one measured point, 413 MB in 57 s).
    #[must_use]
    pub fn start_time(&self, uniform: f64) -> Duration {
        let median = self.start_base + self.start_per_mb.mul_f64(self.image_mb.max(0.0));
        Lognormal::with_sigma(median, self.start_sigma).long_at(uniform)
    }

    pub(super) fn profile(&self) -> Profile {
        Profile {
            spot: self.spot,
            balancer: self.balancer,
            drain: self.balancer.deregistration_delay + self.stop_timeout,
            health_grace: self.health_grace,
            grace_from_start: true,
            warm_up: Duration::ZERO,
            replaces_unhealthy_first: true,
            replaces_interrupted_at_notice: true,
            rebalance_lead: None,
            choice: Choice::Newest,
        }
    }
}

/// The first wait after a failed start: an assumption.
const FIRST_RESTART_DELAY: Duration = Duration::from_secs(10);

/// The service scheduler's state.
#[derive(Debug, Clone)]
pub(super) struct Scheduler {
    pub(super) settings: Settings,
    next_slot: Duration,
    restart_delay: Duration,
    not_before: Duration,
}

impl Scheduler {
    pub(super) fn new(settings: Settings, now: Duration) -> Self {
        Self { settings, next_slot: now, restart_delay: Duration::ZERO, not_before: now }
    }

    /// Takes what one launch needs, or says what is missing and when to ask again.
    pub(super) fn admit(
        &mut self,
        at: Duration,
        capacity: Capacity,
        budget: &mut LaunchBudget,
    ) -> Result<(), Refusal> {
        if at < self.not_before {
            return Err(Refusal::until(Hold::RestartDelay, self.not_before, Duration::MAX));
        }
        let pace = Duration::from_secs(60) / self.settings.tasks_per_minute.max(1);
        if at < self.next_slot {
            return Err(Refusal::until(Hold::SchedulerRate, self.next_slot, pace));
        }
        if !budget.take(at, capacity) {
            let again = at.saturating_add(budget.wait(at, capacity));
            return Err(Refusal::until(Hold::LaunchRate, again, budget.interval()));
        }
        self.next_slot = self.next_slot.max(at) + pace;
        Ok(())
    }

    pub(super) fn started(&mut self) {
        self.restart_delay = Duration::ZERO;
    }

    /// A task went from pending to stopped. Those of one attempt count once.
    pub(super) fn failed_start(&mut self, at: Duration) {
        if at >= self.not_before {
            self.restart_delay = (self.restart_delay * 2)
                .max(FIRST_RESTART_DELAY)
                .min(self.settings.restart_delay_max);
            self.not_before = at + self.restart_delay;
        }
    }

    /// A new task definition ends the wait at once.
    pub(super) fn new_template(&mut self, at: Duration) {
        self.restart_delay = Duration::ZERO;
        self.not_before = at;
    }
}
