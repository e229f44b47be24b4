//! The tables that calls have touched or a run has set up, each with its capacity model.

use std::{collections::HashMap, sync::Arc, time::Duration};

use parking_lot::{Mutex, RwLock};
use securecart_behaviour::dynamodb::{Capacity, Config, Table, Throughput};
use securecart_domain::resources::TABLES;

use super::consumed::Consumed;

/// Tables that are modelled: what an account may have in a Region by default. Calls to any others
/// are never throttled.
const MOST_TABLES: usize = 2_500;

/// Account and Region in ARNs: those of the embedded engine.
const ARN_PREFIX: &str = "arn:aws:dynamodb:us-east-1:000000000000:table/";

/// Capacity of a table, units a wall second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableCapacity {
    /// Pay per request: up to twice the previous peak.
    OnDemand {
        /// Reads a second that it serves from the start, where more than AWS's own 12,000.
        warm_read: Option<u32>,
        /// Writes a second that it serves from the start, where more than AWS's own 4,000.
        warm_write: Option<u32>,
    },
    /// Provisioned units.
    Provisioned {
        /// Read capacity units.
        read: u32,
        /// Write capacity units.
        write: u32,
    },
}

impl TableCapacity {
    fn model(self) -> Capacity {
        match self {
            Self::OnDemand { warm_read: None, warm_write: None } => Capacity::ON_DEMAND,
            Self::OnDemand { warm_read, warm_write } => {
                let warm = |units: Option<u32>| units.unwrap_or(0).into();
                let warm = Throughput { read: warm(warm_read), write: warm(warm_write) };
                Capacity::OnDemand { warm: Some(warm), max: None }
            }
            Self::Provisioned { read, write } => {
                Capacity::Provisioned(Throughput { read: read.into(), write: write.into() })
            }
        }
    }
}

/// What a table has used since the start.
#[derive(Debug, Clone, PartialEq)]
pub struct TableMetrics {
    /// Its name.
    pub table: String,
    /// Read capacity units consumed.
    pub read_units: f64,
    /// Write capacity units consumed.
    pub write_units: f64,
    /// Read capacity units a second that are provisioned now; `None` on demand.
    pub read_provisioned: Option<u32>,
    /// Write capacity units a second that are provisioned now; `None` on demand.
    pub write_provisioned: Option<u32>,
    /// Reads that were throttled, those by a fault included.
    pub throttled_reads: u64,
    /// Writes that were throttled, those by a fault included.
    pub throttled_writes: u64,
    /// Partitions it has now: more than its capacity asks for when heat has split some.
    pub partitions: usize,
}

/// A table, and the indexes that answers have named.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    /// Where the domain knows the table.
    pub(super) partition_key: Option<&'static str>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    table: Table,
    /// Names of the indexes, by their number in the model.
    indexes: Vec<String>,
}

impl Entry {
    fn new(name: &str, capacity: Capacity, config: Config, now: Duration) -> Self {
        let known = TABLES.iter().find(|table| table.name == name);
        Self {
            name: name.to_owned(),
            partition_key: known.map(|table| table.partition_key),
            state: Mutex::new(State {
                table: Table::new(capacity, config, now),
                indexes: Vec::new(),
            }),
        }
    }

    /// Lends the model.
    pub(super) fn with<T>(&self, work: impl FnOnce(&mut Table) -> T) -> T {
        work(&mut self.state.lock().table)
    }

    /// ARN of the table, or of one of its indexes.
    pub(super) fn arn(&self, index: Option<usize>) -> String {
        let name = &self.name;
        let state = self.state.lock();
        match index.and_then(|index| state.indexes.get(index)) {
            Some(index) => format!("{ARN_PREFIX}{name}/index/{index}"),
            None => format!("{ARN_PREFIX}{name}"),
        }
    }

    /// Charges one item with its part of what an answer reports. An index that was not seen before
    /// gets the capacity of its table, whose mode it shares on AWS.
    pub(super) fn charge(&self, now: Duration, key_hash: u64, consumed: &Consumed<'_>) {
        let mut state = self.state.lock();
        let State { table, indexes } = &mut *state;
        let used = consumed.indexes().map(|(name, units)| {
            let number = indexes.iter().position(|known| known.as_bytes() == name);
            let number = number.unwrap_or_else(|| {
                indexes.push(String::from_utf8_lossy(name).into_owned());
                let capacity = table.capacity(now);
                table.add_index(now, capacity)
            });
            (number, units)
        });
        let used: Vec<(usize, f64)> = used.collect();
        table.charge(now, key_hash, consumed.read_units, consumed.write_units, &used);
    }

    fn metrics(&self, now: Duration) -> TableMetrics {
        let mut state = self.state.lock();
        let table = &mut state.table;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole units")]
        let provisioned = match table.capacity(now) {
            Capacity::Provisioned(units) => Some((units.read as u32, units.write as u32)),
            Capacity::OnDemand { .. } => None,
        };
        let usage = table.usage();
        TableMetrics {
            table: self.name.clone(),
            read_units: usage.read_units,
            write_units: usage.write_units,
            read_provisioned: provisioned.map(|(read, _)| read),
            write_provisioned: provisioned.map(|(_, write)| write),
            throttled_reads: usage.throttled_reads,
            throttled_writes: usage.throttled_writes,
            partitions: table.partitions(),
        }
    }
}

/// Every table, by name.
#[derive(Debug)]
pub(crate) struct Tables {
    config: Config,
    started: tokio::time::Instant,
    entries: RwLock<HashMap<String, Arc<Entry>>>,
}

impl Tables {
    pub(super) fn new(config: Config) -> Self {
        Self { config, started: tokio::time::Instant::now(), entries: RwLock::default() }
    }

    /// Time since the start.
    pub(super) fn now(&self) -> Duration {
        self.started.elapsed()
    }

    /// The table `name`, which may be an ARN. One that is new here is on demand.
    pub(super) fn entry(&self, name: &str) -> Option<Arc<Entry>> {
        let name = name.rsplit_once('/').map_or(name, |(_, name)| name);
        if let Some(entry) = self.entries.read().get(name) {
            return Some(Arc::clone(entry));
        }
        let mut entries = self.entries.write();
        if entries.len() >= MOST_TABLES && !entries.contains_key(name) {
            return None;
        }
        let entry = entries.entry(name.to_owned()).or_insert_with(|| {
            Arc::new(Entry::new(name, Capacity::ON_DEMAND, self.config, self.now()))
        });
        Some(Arc::clone(entry))
    }

    /// Gives table `name` a capacity at once, as if it had always had it; what it has used so far
    /// is forgotten.
    pub(crate) fn set(&self, name: &str, capacity: TableCapacity) {
        let entry = Entry::new(name, capacity.model(), self.config, self.now());
        self.entries.write().insert(name.to_owned(), Arc::new(entry));
    }

    /// The table `name`, if it was touched or set up.
    pub(super) fn known(&self, name: &str) -> Option<Arc<Entry>> {
        self.entries.read().get(name).cloned()
    }

    /// Provisioned units of all tables but `name`.
    pub(super) fn provisioned_without(&self, name: &str) -> Throughput {
        let now = self.now();
        let others: Vec<Arc<Entry>> =
            self.entries.read().values().filter(|entry| entry.name != name).cloned().collect();
        let mut sum = Throughput { read: 0.0, write: 0.0 };
        for entry in others {
            if let Capacity::Provisioned(units) = entry.with(|table| table.capacity(now)) {
                sum.read += units.read;
                sum.write += units.write;
            }
        }
        sum
    }

    /// Every table's metrics, by name.
    pub(crate) fn metrics(&self) -> Vec<TableMetrics> {
        let now = self.now();
        let mut metrics: Vec<TableMetrics> =
            self.entries.read().values().map(|entry| entry.metrics(now)).collect();
        metrics.sort_unstable_by(|a, b| a.table.cmp(&b.table));
        metrics
    }
}
