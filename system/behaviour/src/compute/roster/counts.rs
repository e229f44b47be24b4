//! How many tasks are where, kept up to date change by change.

use super::super::{Capacity, Zone};
use super::task::{Phase, Purpose, Task};

/// Counts of tasks. "Active" are those that are not draining.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in super::super) struct Counts {
    active: [[u32; 2]; 3],
    /// Active, and unhealthy or at risk, by zone.
    leaving: [u32; 3],
    /// Active and not yet running.
    pub(in super::super) starting: u32,
    /// Active and not yet in service, the starting ones included.
    pub(in super::super) pending: u32,
    /// In service, the unhealthy ones included.
    pub(in super::super) serving: u32,
    pub(in super::super) warming: u32,
    pub(in super::super) draining: u32,
    /// Draining, and still one of the group's own; all of them Spot.
    pub(in super::super) counted: u32,
    pub(in super::super) unhealthy: [u32; 2],
    /// At risk and not unhealthy.
    pub(in super::super) at_risk: [u32; 2],
    pub(in super::super) replacements: [u32; 2],
    pub(in super::super) rebalancing: [u32; 2],
}

impl Counts {
    pub(super) fn add(&mut self, task: &Task) {
        self.each(task, |count| *count += 1);
    }

    pub(super) fn remove(&mut self, task: &Task) {
        self.each(task, |count| *count -= 1);
    }

    pub(in super::super) fn active(&self) -> u32 {
        self.active.iter().flatten().sum()
    }

    pub(in super::super) fn active_of(&self, capacity: Capacity) -> u32 {
        self.active.iter().map(|zone| zone[capacity.index()]).sum()
    }

    pub(in super::super) fn active_in(&self, zone: Zone) -> u32 {
        self.active[zone.index()].iter().sum()
    }

    /// What will be left of the zone when the unhealthy and endangered are gone.
    pub(in super::super) fn staying_in(&self, zone: Zone) -> u32 {
        self.active_in(zone) - self.leaving[zone.index()]
    }

    fn each(&mut self, task: &Task, change: impl Fn(&mut u32)) {
        let capacity = task.capacity.index();
        if let Phase::Draining { counted, .. } = task.phase {
            change(&mut self.draining);
            if counted {
                change(&mut self.counted);
            }
            return;
        }
        change(&mut self.active[task.zone.index()][capacity]);
        match task.phase {
            Phase::Starting => change(&mut self.starting),
            Phase::InService => change(&mut self.serving),
            Phase::Checking | Phase::Draining { .. } => {}
        }
        if task.is_pending() {
            change(&mut self.pending);
        }
        if task.warming {
            change(&mut self.warming);
        }
        if task.unhealthy || task.at_risk {
            change(&mut self.leaving[task.zone.index()]);
        }
        if task.unhealthy {
            change(&mut self.unhealthy[capacity]);
        } else if task.at_risk {
            change(&mut self.at_risk[capacity]);
        }
        match task.purpose {
            Purpose::Wanted => {}
            Purpose::Replacement => change(&mut self.replacements[capacity]),
            Purpose::Rebalance => change(&mut self.rebalancing[capacity]),
        }
    }
}
