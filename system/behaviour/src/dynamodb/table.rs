//! A table: what admits a request, and what charges it.

use std::time::Duration;

use super::{
    config::{Capacity, Config, TABLE_QUOTA, Throughput},
    partitions::Partitions,
    resource::{Resource, Usage},
    throttle::{Limit, Operation, Throttle, ThrottleKind},
};

/// Why capacity is not changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CapacityRefused {
    /// A change is under way until then: AWS answers `ResourceInUseException`.
    InUse {
        /// When it is over.
        until: Duration,
    },
    /// More than [`TABLE_QUOTA`], or less than one unit.
    OutOfRange {
        /// What was asked for.
        asked: Throughput,
    },
}

/// The capacity of one table with its indexes.
#[derive(Debug, Clone)]
pub struct Table {
    config: Config,
    table: Resource,
    partitions: Partitions,
    indexes: Vec<Resource>,
    /// A change of capacity under way, and when it takes effect.
    change: Option<(Duration, Throughput)>,
}

impl Table {
    /// A table without indexes.
    #[must_use]
    pub fn new(capacity: Capacity, config: Config, now: Duration) -> Self {
        let table = Resource::new(capacity, &config, now);
        let partitions = Partitions::new(throughput(&table), &config, now);
        Self { config, table, partitions, indexes: Vec::new(), change: None }
    }

    /// Adds a global secondary index, and gives back its number.
    pub fn add_index(&mut self, now: Duration, capacity: Capacity) -> usize {
        self.indexes.push(Resource::new(capacity, &self.config, now));
        self.indexes.len() - 1
    }

    /// Admits a request for the item with `key_hash` and takes the least it can cost; [`charge`]
    /// settles it. Hashes are those of partition keys, spread evenly over all 64 bits.
    ///
    /// Any index that is short of write capacity refuses a write (sheet 4.1, "GSI back-pressure"):
    /// which of them a write touches is not known before it is made.
    ///
    /// # Errors
    /// The throttle, when something it needs is used up. It costs nothing.
    ///
    /// [`charge`]: Self::charge
    pub fn admit(
        &mut self,
        now: Duration,
        key_hash: u64,
        operation: Operation,
    ) -> Result<(), Throttle> {
        self.advance(now);
        let units = operation.least_units();
        if let Err((throttle, by)) = self.check(now, key_hash, operation, units) {
            self.table.usage.count_throttle(operation);
            match by {
                By::Table => {}
                By::Partition => self.partitions.throttled(now, key_hash, &self.config),
                By::Index(index) => self.indexes[index].usage.count_throttle(operation),
            }
            return Err(throttle);
        }
        self.table.spend(now, operation, units);
        self.partitions.spend(now, key_hash, operation, units);
        Ok(())
    }

    /// Refuses a request whatever there is left, as a fault does: with the throttle of a table whose
    /// capacity is used up.
    pub fn refuse(&mut self, now: Duration, operation: Operation) -> Throttle {
        self.advance(now);
        self.table.usage.count_throttle(operation);
        let provisioned = matches!(self.table.capacity(), Capacity::Provisioned(_));
        let limit =
            if provisioned { Limit::ProvisionedThroughput } else { Limit::KeyRangeThroughput };
        Throttle { kind: kind(provisioned, limit), operation, limit, index: None }
    }

    /// Charges an admitted request with the units it really used; `indexes` are write units by the
    /// number of the index. Buckets may go below zero.
    pub fn charge(
        &mut self,
        now: Duration,
        key_hash: u64,
        read_units: f64,
        write_units: f64,
        indexes: &[(usize, f64)],
    ) {
        self.advance(now);
        for (operation, units) in [(Operation::Read, read_units), (Operation::Write, write_units)] {
            if units > 0.0 {
                let more = units - operation.least_units();
                self.table.spend(now, operation, more);
                self.partitions.spend(now, key_hash, operation, more);
                self.table.count(operation, units);
            }
        }
        for (index, units) in indexes {
            if let Some(index) = self.indexes.get_mut(*index) {
                index.spend(now, Operation::Write, *units);
                index.count(Operation::Write, *units);
            }
        }
    }

    /// `UpdateTable`: provisioned capacity from some time on, which is given back. Until then the
    /// old capacity holds. An on-demand table becomes a provisioned one.
    ///
    /// # Errors
    /// While another change is under way, and for units outside of what AWS allows.
    pub fn set_capacity(
        &mut self,
        now: Duration,
        read: f64,
        write: f64,
    ) -> Result<Duration, CapacityRefused> {
        self.advance(now);
        if let Some((until, _)) = self.change {
            return Err(CapacityRefused::InUse { until });
        }
        let asked = Throughput { read, write };
        let fits = |operation| (1.0..=TABLE_QUOTA.of(operation)).contains(&asked.of(operation));
        if !Operation::ALL.into_iter().all(fits) {
            return Err(CapacityRefused::OutOfRange { asked });
        }
        let effective = now + self.config.update_delay;
        self.change = Some((effective, asked));
        Ok(effective)
    }

    /// The capacity at `now`.
    pub fn capacity(&mut self, now: Duration) -> Capacity {
        self.advance(now);
        self.table.capacity()
    }

    /// What the table itself has used since the start; a throttle by an index counts here.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.table.usage
    }

    /// What an index has used since the start.
    #[must_use]
    pub fn index_usage(&self, index: usize) -> Option<Usage> {
        self.indexes.get(index).map(|index| index.usage)
    }

    /// Partitions, those of isolated items included.
    #[must_use]
    pub fn partitions(&self) -> usize {
        self.partitions.len()
    }

    /// Units a second that the table carries at `now`, burst aside: what is provisioned, or what an
    /// on-demand table has grown to.
    pub fn carries(&mut self, now: Duration) -> Throughput {
        self.advance(now);
        throughput(&self.table)
    }

    fn advance(&mut self, now: Duration) {
        let mut changed = self.table.advance(&self.config, now);
        if let Some((effective, throughput)) = self.change.filter(|change| change.0 <= now) {
            self.change = None;
            // At the time it took effect, so that what was earned since counts at the new rate.
            self.table.set(Capacity::Provisioned(throughput), &self.config, effective);
            changed = true;
        }
        for index in &mut self.indexes {
            index.advance(&self.config, now);
        }
        if changed {
            self.partitions.grow(throughput(&self.table), &self.config, now);
        }
    }

    fn check(
        &mut self,
        now: Duration,
        key_hash: u64,
        operation: Operation,
        units: f64,
    ) -> Result<(), (Throttle, By)> {
        let provisioned = matches!(self.table.capacity(), Capacity::Provisioned(_));
        let throttle = |limit, by| {
            let index = if let By::Index(index) = by { Some(index) } else { None };
            (Throttle { kind: kind(provisioned, limit), operation, limit, index }, by)
        };
        self.table.check(now, operation, units).map_err(|limit| throttle(limit, By::Table))?;
        if !self.partitions.check(now, key_hash, operation, units) {
            return Err(throttle(Limit::KeyRangeThroughput, By::Partition));
        }
        if operation == Operation::Write {
            for (number, index) in self.indexes.iter_mut().enumerate() {
                let short = |limit| throttle(limit, By::Index(number));
                index.check(now, operation, units).map_err(short)?;
            }
        }
        Ok(())
    }
}

/// What refused a request.
#[derive(Debug, Clone, Copy)]
enum By {
    Table,
    Partition,
    Index(usize),
}

fn throughput(resource: &Resource) -> Throughput {
    Throughput { read: resource.rate(Operation::Read), write: resource.rate(Operation::Write) }
}

const fn kind(provisioned: bool, limit: Limit) -> ThrottleKind {
    match limit {
        Limit::AccountLimit => ThrottleKind::RequestLimitExceeded,
        _ if provisioned => ThrottleKind::ProvisionedThroughputExceeded,
        _ => ThrottleKind::ThrottlingException,
    }
}
