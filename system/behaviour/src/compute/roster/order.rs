//! Which task a scale-in takes within a zone.
//!
//! Both services first look for the zone with the most tasks (sheet 3.2, scale-in choice; ECS
//! developer guide, "update service parameters"); that is the fleet's part. Assumptions for what AWS
//! does not say: a task that is not in service yet goes before one that is, and on Fargate the
//! newest goes first.

use std::collections::BTreeSet;
use std::time::Duration;

use super::super::{Capacity, TaskId, Zone};
use super::task::{Phase, Task};

/// The billing hour of EC2.
const HOUR_NS: u128 = 3_600 * 1_000_000_000;

/// Which of the tasks in service goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Choice {
    /// ECS: the newest.
    Newest,
    /// EC2: the oldest launch template, then the one closest to its next billing hour.
    OldestTemplate,
}

/// Template version, nanoseconds into the billing hour at launch, task.
type Key = (u32, u64, TaskId);

#[derive(Debug, Clone)]
pub(super) struct Order {
    choice: Choice,
    pending: [[BTreeSet<TaskId>; 2]; 3],
    serving: [[BTreeSet<Key>; 2]; 3],
    unhealthy: BTreeSet<TaskId>,
    at_risk: BTreeSet<TaskId>,
}

impl Order {
    pub(super) fn new(choice: Choice) -> Self {
        Self {
            choice,
            pending: Default::default(),
            serving: Default::default(),
            unhealthy: BTreeSet::new(),
            at_risk: BTreeSet::new(),
        }
    }

    pub(super) fn add(&mut self, id: TaskId, task: &Task) {
        let key = self.key(id, task);
        let (zone, capacity) = (task.zone.index(), task.capacity.index());
        match task.phase {
            Phase::Starting | Phase::Checking => {
                self.pending[zone][capacity].insert(id);
            }
            Phase::InService => {
                self.serving[zone][capacity].insert(key);
            }
            Phase::Draining { .. } => return,
        }
        if task.unhealthy {
            self.unhealthy.insert(id);
        } else if task.at_risk {
            self.at_risk.insert(id);
        }
    }

    pub(super) fn remove(&mut self, id: TaskId, task: &Task) {
        let key = self.key(id, task);
        let (zone, capacity) = (task.zone.index(), task.capacity.index());
        self.pending[zone][capacity].remove(&id);
        self.serving[zone][capacity].remove(&key);
        self.unhealthy.remove(&id);
        self.at_risk.remove(&id);
    }

    pub(super) fn choose(&self, at: Duration, zone: Zone, preferred: Capacity) -> Option<TaskId> {
        let other = match preferred {
            Capacity::OnDemand => Capacity::Spot,
            Capacity::Spot => Capacity::OnDemand,
        };
        [preferred, other].into_iter().find_map(|capacity| {
            let (zone, capacity) = (zone.index(), capacity.index());
            let pending = self.pending[zone][capacity].last().copied();
            pending.or_else(|| self.choose_serving(at, &self.serving[zone][capacity]))
        })
    }

    pub(super) fn unhealthy(&self) -> Option<TaskId> {
        self.unhealthy.first().copied()
    }

    pub(super) fn at_risk(&self) -> Option<TaskId> {
        self.at_risk.first().copied()
    }

    fn choose_serving(&self, at: Duration, tasks: &BTreeSet<Key>) -> Option<TaskId> {
        let key = match self.choice {
            Choice::Newest => tasks.last(),
            Choice::OldestTemplate => {
                let (template, ..) = *tasks.first()?;
                // The next hour begins soonest for the one whose launch comes next on the dial.
                let now = (template, into_hour(at), TaskId(0));
                let next = tasks.range(now..).next().filter(|key| key.0 == template);
                next.or_else(|| tasks.first())
            }
        };
        key.map(|(.., id)| *id)
    }

    fn key(&self, id: TaskId, task: &Task) -> Key {
        match self.choice {
            Choice::Newest => (0, 0, id),
            Choice::OldestTemplate => (task.template, into_hour(task.launched), id),
        }
    }
}

fn into_hour(at: Duration) -> u64 {
    // Below an hour's nanoseconds, which fit.
    (at.as_nanos() % HOUR_NS) as u64
}
