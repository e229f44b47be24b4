//! The warm pool of an Auto Scaling group: instances that ran their user data and wait, stopped or
//! running (sheet 3.2, warm pool).
//!
//! Invariant: a pooled instance is no task yet; it becomes one, with an id, when it is drawn. When
//! the pool of a zone is empty, an instance launches cold.
//!
//! Deliberately absent: replacement of pooled instances that fail.

use std::collections::BTreeSet;
use std::time::Duration;

use super::super::Zone;

/// In which state instances wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PoolState {
    /// Only their volumes are paid for; they boot when drawn. AWS's default.
    Stopped,
    /// Paid for in full; ready at once.
    Running,
}

/// A warm pool's configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WarmPool {
    /// In which state instances wait.
    pub state: PoolState,
    /// The fewest instances to keep.
    pub min_size: u32,
    /// Instances of the group and its pool together; the group's maximum when unset.
    pub max_prepared: Option<u32>,
}

impl WarmPool {
    /// How many instances the pool of a group has: `max` (or the maximum prepared) less `desired`,
    /// and at least the minimum.
    #[must_use]
    pub fn size(&self, max: u32, desired: u32) -> u32 {
        self.max_prepared.unwrap_or(max).saturating_sub(desired).max(self.min_size)
    }
}

/// The instances of a pool.
#[derive(Debug, Clone)]
pub(in super::super) struct Pool {
    settings: WarmPool,
    ready: [u32; 3],
    /// Ready and preparing.
    held: [u32; 3],
    /// When an instance will be ready, where; the number keeps equal ones apart.
    preparing: BTreeSet<(Duration, u64, Zone)>,
    next: u64,
}

impl Pool {
    pub(super) fn full(settings: WarmPool, size: u32) -> Self {
        let ready = [0, 1, 2].map(|zone| (size + 2 - zone) / 3);
        Self { settings, ready, held: ready, preparing: BTreeSet::new(), next: 0 }
    }

    pub(super) fn settings(&self) -> WarmPool {
        self.settings
    }

    pub(in super::super) fn ready(&self) -> u32 {
        self.ready.iter().sum()
    }

    pub(in super::super) fn preparing(&self) -> u32 {
        // Bounded by the pool's size.
        self.preparing.len() as u32
    }

    pub(in super::super) fn next_due(&self) -> Option<Duration> {
        self.preparing.first().map(|(at, ..)| *at)
    }

    pub(in super::super) fn lose_zone(&mut self, zone: Zone) {
        self.ready[zone.index()] = 0;
        self.held[zone.index()] = 0;
        self.preparing.retain(|(.., place)| *place != zone);
    }

    /// Draws an instance of `zone`: the state it waited in, or `None` when there is none.
    pub(super) fn take(&mut self, zone: Zone) -> Option<PoolState> {
        let ready = &mut self.ready[zone.index()];
        *ready = ready.checked_sub(1)?;
        self.held[zone.index()] -= 1;
        Some(self.settings.state)
    }

    /// What is prepared by `at` becomes ready.
    pub(super) fn settle(&mut self, at: Duration) {
        while let Some(first) = self.preparing.first().copied().filter(|(due, ..)| *due <= at) {
            self.preparing.remove(&first);
            self.ready[first.2.index()] += 1;
        }
    }

    /// Launches into the pool, or ends instances in it, until it has `size`.
    pub(super) fn keep(
        &mut self,
        size: u32,
        up: [bool; 3],
        mut prepared_at: impl FnMut() -> Duration,
    ) {
        while self.held.iter().sum::<u32>() < size {
            let zones = Zone::ALL.into_iter().filter(|zone| up[zone.index()]);
            let Some(zone) = zones.min_by_key(|zone| self.held[zone.index()]) else { break };
            self.preparing.insert((prepared_at(), self.next, zone));
            self.next += 1;
            self.held[zone.index()] += 1;
        }
        for _ in size..self.held.iter().sum::<u32>() {
            self.end_one();
        }
    }

    /// Ends the instance that is furthest from ready, else one of the zone with the most.
    fn end_one(&mut self) {
        if let Some((.., zone)) = self.preparing.pop_last() {
            self.held[zone.index()] -= 1;
        } else if let Some(zone) = Zone::ALL.into_iter().max_by_key(|zone| self.ready[zone.index()])
        {
            self.ready[zone.index()] -= 1;
            self.held[zone.index()] -= 1;
        }
    }
}
