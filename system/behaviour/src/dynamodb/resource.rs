//! The capacity of a table or of an index as a whole: a bucket for reads and one for writes.

use std::time::Duration;

use super::{
    config::{Capacity, Config, ON_DEMAND_START, TABLE_QUOTA},
    growth::Growth,
    throttle::{Limit, Operation},
};
use crate::TokenBucket;

/// What a table or an index has used since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Usage {
    /// Read units.
    pub read_units: f64,
    /// Write units.
    pub write_units: f64,
    /// Reads that were throttled.
    pub throttled_reads: u64,
    /// Writes that were throttled.
    pub throttled_writes: u64,
}

impl Usage {
    pub(super) fn count_throttle(&mut self, operation: Operation) {
        match operation {
            Operation::Read => self.throttled_reads += 1,
            Operation::Write => self.throttled_writes += 1,
        }
    }
}

/// Units of one kind.
#[derive(Debug, Clone)]
struct Lane {
    bucket: TokenBucket,
    /// Of an on-demand resource.
    growth: Option<Growth>,
    /// What it means when the bucket is empty.
    limit: Limit,
}

/// A table or an index as a whole.
#[derive(Debug, Clone)]
pub(super) struct Resource {
    capacity: Capacity,
    lanes: [Lane; 2],
    pub(super) usage: Usage,
}

impl Resource {
    pub(super) fn new(capacity: Capacity, config: &Config, now: Duration) -> Self {
        let lane = |operation| {
            let growth = grow(capacity, operation, config, now);
            let (rate, limit) = rate(capacity, operation, growth.as_ref());
            let burst = burst(capacity, rate, config);
            let mut bucket = TokenBucket::full(burst, rate, now);
            if matches!(capacity, Capacity::Provisioned(_)) {
                // A second's worth is there in any case.
                let stored = (burst * config.stored_at_start).max(rate.min(burst));
                bucket.spend(now, burst - stored);
            }
            Lane { bucket, growth, limit }
        };
        Self {
            capacity,
            lanes: [lane(Operation::Read), lane(Operation::Write)],
            usage: Usage::default(),
        }
    }

    pub(super) const fn capacity(&self) -> Capacity {
        self.capacity
    }

    /// Changes the mode or the units, at once.
    pub(super) fn set(&mut self, capacity: Capacity, config: &Config, now: Duration) {
        self.capacity = capacity;
        for operation in Operation::ALL {
            let lane = &mut self.lanes[operation as usize];
            lane.growth = grow(capacity, operation, config, now);
            resize(lane, capacity, operation, config, now);
        }
    }

    /// Lets time pass; `true` when an on-demand resource carries more now.
    pub(super) fn advance(&mut self, config: &Config, now: Duration) -> bool {
        let mut grew = false;
        for operation in Operation::ALL {
            let lane = &mut self.lanes[operation as usize];
            if lane.growth.as_mut().is_some_and(|growth| growth.advance(now)) {
                resize(lane, self.capacity, operation, config, now);
                grew = true;
            }
        }
        grew
    }

    /// Units a second that it carries, burst aside.
    pub(super) fn rate(&self, operation: Operation) -> f64 {
        rate(self.capacity, operation, self.lanes[operation as usize].growth.as_ref()).0
    }

    /// Whether `units` are there, else the limit that is reached.
    pub(super) fn check(
        &mut self,
        now: Duration,
        operation: Operation,
        units: f64,
    ) -> Result<(), Limit> {
        let lane = &mut self.lanes[operation as usize];
        if lane.bucket.available(now) >= units { Ok(()) } else { Err(lane.limit) }
    }

    pub(super) fn spend(&mut self, now: Duration, operation: Operation, units: f64) {
        self.lanes[operation as usize].bucket.spend(now, units);
    }

    /// Counts units that were used.
    pub(super) fn count(&mut self, operation: Operation, units: f64) {
        match operation {
            Operation::Read => self.usage.read_units += units,
            Operation::Write => self.usage.write_units += units,
        }
        if let Some(growth) = &mut self.lanes[operation as usize].growth {
            growth.count(units);
        }
    }
}

fn grow(
    capacity: Capacity,
    operation: Operation,
    config: &Config,
    now: Duration,
) -> Option<Growth> {
    let Capacity::OnDemand { warm, .. } = capacity else { return None };
    let start = ON_DEMAND_START.of(operation);
    let floor = warm.map_or(start, |warm| warm.of(operation).max(start));
    Some(Growth::new(floor, config.growth, config.peak_window, now))
}

/// Units a second, and what it means to use more.
fn rate(capacity: Capacity, operation: Operation, growth: Option<&Growth>) -> (f64, Limit) {
    match capacity {
        Capacity::Provisioned(throughput) => {
            (throughput.of(operation), Limit::ProvisionedThroughput)
        }
        Capacity::OnDemand { max, .. } => {
            let grown = growth.map_or(0.0, Growth::limit);
            let quota = TABLE_QUOTA.of(operation);
            let max = max.map_or(f64::INFINITY, |max| max.of(operation));
            let rate = grown.min(quota).min(max);
            let limit = if rate >= max {
                Limit::MaxOnDemandThroughput
            } else if rate >= quota {
                Limit::AccountLimit
            } else {
                Limit::KeyRangeThroughput
            };
            (rate, limit)
        }
    }
}

/// Units that the bucket holds: at least a second's worth, since capacity is units a second, and at
/// least one, since a request takes that much.
fn burst(capacity: Capacity, rate: f64, config: &Config) -> f64 {
    let stored = match capacity {
        Capacity::Provisioned(_) => config.burst,
        Capacity::OnDemand { .. } => config.partition_burst,
    };
    (rate * stored.as_secs_f64().max(1.0)).max(1.0)
}

fn resize(
    lane: &mut Lane,
    capacity: Capacity,
    operation: Operation,
    config: &Config,
    now: Duration,
) {
    let (rate, limit) = rate(capacity, operation, lane.growth.as_ref());
    lane.bucket.resize(now, burst(capacity, rate, config), rate);
    lane.limit = limit;
}
