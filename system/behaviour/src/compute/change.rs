//! What happens to a fleet, in one vocabulary for ECS tasks and EC2 instances ("tasks" for both).
//!
//! Invariant: a task's events come in the order Launching, InService, Draining, Stopped; the two in
//! the middle may be missing, the first and the last never are.

use std::fmt;
use std::time::Duration;

/// A task or an instance: a dense counter per fleet, in launch order, never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(pub u64);

/// An Availability Zone of the Region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Zone {
    /// Zone a.
    A,
    /// Zone b.
    B,
    /// Zone c.
    C,
}

impl Zone {
    /// Every zone, in order.
    pub const ALL: [Self; 3] = [Self::A, Self::B, Self::C];

    /// Its place in [`Self::ALL`].
    #[must_use]
    pub fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(["a", "b", "c"][self.index()])
    }
}

/// How a task is bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Capacity {
    /// Fargate or EC2 On-Demand.
    OnDemand,
    /// Fargate Spot or EC2 Spot: cheaper, and AWS may take it back.
    Spot,
}

impl Capacity {
    pub(super) const BOTH: [Self; 2] = [Self::OnDemand, Self::Spot];

    pub(super) fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Capacity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OnDemand => "On-Demand",
            Self::Spot => "Spot",
        })
    }
}

/// Why a task was launched, drained or stopped. A launch that replaces a loss carries the cause of
/// that loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// There from the start.
    Initial,
    /// The desired count rose.
    ScaleOut,
    /// The desired count fell.
    ScaleIn,
    /// Moved to even out the zones.
    Rebalance,
    /// It crashed or was killed.
    Killed,
    /// Its zone was lost.
    ZoneLost,
    /// AWS took the Spot capacity back, or is about to.
    SpotReclaimed,
    /// It failed its health checks.
    Unhealthy,
    /// It went from pending to stopped without ever running.
    FailedStart,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Initial => "initial",
            Self::ScaleOut => "scale-out",
            Self::ScaleIn => "scale-in",
            Self::Rebalance => "zone rebalancing",
            Self::Killed => "killed",
            Self::ZoneLost => "zone lost",
            Self::SpotReclaimed => "Spot reclaimed",
            Self::Unhealthy => "unhealthy",
            Self::FailedStart => "failed to start",
        })
    }
}

/// What keeps launches back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hold {
    /// The account's launch bucket is empty (sheet 3.1, task launch bucket).
    LaunchRate,
    /// The service scheduler's launches per minute (sheet 3.1, service scheduler).
    SchedulerRate,
    /// The service waits after failed starts (sheet 3.1, failing tasks).
    RestartDelay,
    /// There is no Spot capacity, and neither ECS nor EC2 falls back to On-Demand by itself.
    NoSpotCapacity,
    /// No zone is up.
    NoZone,
    /// The model's own bound on running and draining tasks: twice [`super::MAX_TASKS`].
    TooManyTasks,
}

impl fmt::Display for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LaunchRate => "the account's task launch bucket is empty",
            Self::SchedulerRate => "the service scheduler's launch rate",
            Self::RestartDelay => "unable to consistently start tasks successfully",
            Self::NoSpotCapacity => "no Spot capacity",
            Self::NoZone => "no Availability Zone is up",
            Self::TooManyTasks => "more tasks than the model keeps",
        })
    }
}

/// One change of a fleet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Change {
    /// A task was asked for: it is paid for, and does no work yet.
    Launching {
        /// The task.
        id: TaskId,
        /// Where.
        zone: Zone,
        /// How it is bought.
        capacity: Capacity,
        /// Why.
        cause: Cause,
    },
    /// Healthy behind the load balancer: it takes work.
    InService {
        /// The task.
        id: TaskId,
    },
    /// Takes no new work; what it has may finish until `until`, when it stops at the latest.
    Draining {
        /// The task.
        id: TaskId,
        /// When it stops at the latest.
        until: Duration,
        /// Why.
        cause: Cause,
    },
    /// Gone: no longer paid for.
    Stopped {
        /// The task.
        id: TaskId,
        /// Why.
        cause: Cause,
        /// It went without draining: the work in flight is lost.
        abrupt: bool,
    },
    /// Launches are kept back. Told when the reason begins or changes, not once per attempt, and
    /// for a mere rate only when the last of `wanted` waits a second or more.
    Held {
        /// By what.
        reason: Hold,
        /// How many launches wait.
        wanted: u32,
    },
}

/// A change and when it happened: at or before the `now` of the step that returned it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Event {
    /// When.
    pub at: Duration,
    /// What.
    pub change: Change,
}
