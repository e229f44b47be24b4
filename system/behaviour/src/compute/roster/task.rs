//! One task: its place, its phase, and what falls due for it.

use std::time::Duration;

use super::super::{Capacity, Cause, Zone};
use super::Launch;

/// Where a task is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Phase {
    /// Launched, not yet running: the pull of the image, the boot.
    Starting,
    /// Running, and waiting for its first check.
    Checking,
    /// Healthy, or was: it may be marked unhealthy.
    InService,
    /// On its way out.
    Draining {
        cause: Cause,
        /// The group still counts it: EC2 replaces an interrupted instance only when it is gone.
        counted: bool,
    },
}

/// What a task that is not yet in service was launched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Purpose {
    /// To meet the desired count.
    Wanted,
    /// To replace one that goes only when this one is in service.
    Replacement,
    /// To even out the zones; one elsewhere goes when this one is in service.
    Rebalance,
}

/// What falls due for a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum Due {
    /// Its process runs.
    Started,
    /// Its first check passes.
    Checked,
    /// Its warm-up is over.
    Warmed,
    /// It stops.
    Ended,
    /// EC2 recommends to rebalance: its interruption is near.
    AtRisk,
    /// The interruption notice.
    Noticed,
}

/// One task or instance.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Task {
    pub(in super::super) zone: Zone,
    pub(in super::super) capacity: Capacity,
    pub(in super::super) phase: Phase,
    pub(in super::super) purpose: Purpose,
    pub(in super::super) launched: Duration,
    pub(in super::super) template: u32,
    pub(in super::super) warming: bool,
    pub(in super::super) unhealthy: bool,
    pub(in super::super) at_risk: bool,
    /// Failed checks are ignored before.
    pub(in super::super) health_from: Duration,
    /// The next step of its life.
    pub(in super::super) timer: Option<(Duration, Due)>,
    /// Its Spot interruption, as far as it is fixed.
    pub(in super::super) interruption: Option<(Duration, Due)>,
}

impl Task {
    pub(super) fn found(at: Duration, zone: Zone, capacity: Capacity) -> Self {
        Self {
            zone,
            capacity,
            phase: Phase::InService,
            purpose: Purpose::Wanted,
            launched: at,
            template: 0,
            warming: false,
            unhealthy: false,
            at_risk: false,
            health_from: at,
            timer: None,
            interruption: None,
        }
    }

    pub(super) fn launched(at: Duration, launch: Launch) -> Self {
        Self {
            phase: Phase::Starting,
            purpose: launch.purpose,
            template: launch.template,
            timer: Some((at + launch.start, Due::Started)),
            interruption: launch.interruption.map(|after| (at + after, Due::AtRisk)),
            ..Self::found(at, launch.zone, launch.capacity)
        }
    }

    pub(in super::super) fn is_active(&self) -> bool {
        !matches!(self.phase, Phase::Draining { .. })
    }

    pub(in super::super) fn is_pending(&self) -> bool {
        matches!(self.phase, Phase::Starting | Phase::Checking)
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = (Duration, Due)> + use<> {
        self.timer.into_iter().chain(self.interruption)
    }
}
