//! Where ECS and EC2 differ: fixed traits in [`Profile`], behaviour with state in [`Rules`].

use std::time::Duration;

use super::super::ecs::LaunchBudget;
use super::super::roster::Choice;
use super::super::{Capacity, Hold, Zone, ec2, ecs, load_balancer, spot};

/// The traits of a fleet that do not change.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Profile {
    pub(in super::super) spot: spot::Settings,
    pub(in super::super) balancer: load_balancer::Settings,
    /// From the start of draining to the end at the latest.
    pub(in super::super) drain: Duration,
    pub(in super::super) health_grace: Duration,
    /// The grace runs from the start of the process, not from the first passed check.
    pub(in super::super) grace_from_start: bool,
    pub(in super::super) warm_up: Duration,
    /// ECS, since October 2023: a replacement is healthy before the unhealthy task goes.
    pub(in super::super) replaces_unhealthy_first: bool,
    /// A replacement is launched at the interruption notice, not after the end.
    pub(in super::super) replaces_interrupted_at_notice: bool,
    /// From the rebalance recommendation to the notice, where recommendations are followed.
    pub(in super::super) rebalance_lead: Option<Duration>,
    pub(in super::super) choice: Choice,
}

/// A launch that may not be.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Refusal {
    pub(in super::super) hold: Hold,
    /// When to ask again; `None` when only a command or another event helps.
    pub(in super::super) again: Option<Duration>,
    /// How long each further launch waits.
    pub(in super::super) each: Duration,
}

impl Refusal {
    pub(in super::super) fn until(hold: Hold, again: Duration, each: Duration) -> Self {
        Self { hold, again: Some(again), each }
    }

    pub(in super::super) fn open(hold: Hold) -> Self {
        Self { hold, again: None, each: Duration::MAX }
    }
}

/// The behaviour of a fleet's service.
#[derive(Debug, Clone)]
pub(super) enum Rules {
    Ecs(ecs::Scheduler),
    Ec2(ec2::Group),
}

impl Rules {
    /// Takes what one launch needs.
    pub(super) fn admit(
        &mut self,
        at: Duration,
        capacity: Capacity,
        budget: &mut LaunchBudget,
    ) -> Result<(), Refusal> {
        match self {
            Self::Ecs(scheduler) => scheduler.admit(at, capacity, budget),
            Self::Ec2(_) => Ok(()),
        }
    }

    /// From a launch to a running process.
    pub(super) fn start_time(
        &mut self,
        zone: Zone,
        capacity: Capacity,
        random: &mut dyn FnMut() -> f64,
    ) -> Duration {
        match self {
            Self::Ecs(scheduler) => scheduler.settings.start_time(random()),
            Self::Ec2(group) => group.start_time(zone, capacity, random),
        }
    }

    /// A start succeeded or failed.
    pub(super) fn started(&mut self, at: Duration, failed: bool) {
        match self {
            Self::Ecs(scheduler) if failed => scheduler.failed_start(at),
            Self::Ecs(scheduler) => scheduler.started(),
            Self::Ec2(_) => {}
        }
    }

    pub(super) fn new_template(&mut self, at: Duration) {
        if let Self::Ecs(scheduler) = self {
            scheduler.new_template(at);
        }
    }

    /// The most active tasks while ones that still run are replaced. ECS: maximumPercent, 200 % of
    /// desired. EC2: the maximum size and a tenth, or one.
    pub(super) fn ceiling(&self, desired: u32) -> u32 {
        match self {
            Self::Ecs(_) => desired.saturating_mul(2),
            Self::Ec2(group) => group.settings.max.saturating_add((group.settings.max / 10).max(1)),
        }
    }

    pub(super) fn keep_pool(
        &mut self,
        at: Duration,
        desired: u32,
        up: [bool; 3],
        random: &mut dyn FnMut() -> f64,
    ) {
        if let Self::Ec2(group) = self {
            group.keep_pool(at, desired, up, random);
        }
    }

    pub(super) fn lose_zone(&mut self, zone: Zone) {
        if let Self::Ec2(ec2::Group { pool: Some(pool), .. }) = self {
            pool.lose_zone(zone);
        }
    }

    pub(super) fn pool(&self) -> Option<&ec2::Pool> {
        match self {
            Self::Ecs(_) => None,
            Self::Ec2(group) => group.pool.as_ref(),
        }
    }

    pub(super) fn next_due(&self) -> Option<Duration> {
        self.pool().and_then(ec2::Pool::next_due)
    }
}
