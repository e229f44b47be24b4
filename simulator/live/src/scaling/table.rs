//! Capacity of a DynamoDB table that scales: reads and writes are two dimensions of one table, and
//! `UpdateTable` sets both at once.

use std::sync::Arc;

use parking_lot::Mutex;
use securecart_behaviour::scaling::Capacity;
use securecart_cloud::{Cloud, TableMetrics};

/// A table whose capacity scales.
#[derive(Debug)]
pub(super) struct Table {
    name: String,
    wanted: Mutex<Wanted>,
}

/// Units that are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Wanted {
    read: u32,
    write: u32,
}

/// Reads or writes of a table.
#[derive(Debug)]
pub(super) struct Dimension {
    table: Arc<Table>,
    writes: bool,
    /// Units consumed and wall seconds at the end of the last minute.
    before: (f64, f64),
}

impl Dimension {
    /// Both dimensions of a table with `read` and `write` units.
    pub(super) fn both(name: &str, read: u32, write: u32) -> [Self; 2] {
        let wanted = Mutex::new(Wanted { read, write });
        let table = Arc::new(Table { name: name.to_owned(), wanted });
        [false, true].map(|writes| Self { table: Arc::clone(&table), writes, before: (0.0, 0.0) })
    }

    /// The table's name.
    pub(super) fn table(&self) -> &str {
        &self.table.name
    }

    /// The metric that its policy watches.
    pub(super) const fn metric(&self) -> &'static str {
        if self.writes { "consumed-write" } else { "consumed-read" }
    }

    /// What is set, as Application Auto Scaling names it.
    pub(super) const fn name(&self) -> &'static str {
        if self.writes {
            "dynamodb:table:WriteCapacityUnits"
        } else {
            "dynamodb:table:ReadCapacityUnits"
        }
    }

    /// Units a wall second that were consumed since the last call.
    pub(super) fn rate(&mut self, now_s: f64, cloud: &Cloud) -> Option<f64> {
        let metrics = self.metrics(cloud)?;
        let units = if self.writes { metrics.write_units } else { metrics.read_units };
        let (before, before_s) = std::mem::replace(&mut self.before, (units, now_s));
        let seconds = now_s - before_s;
        (seconds > 0.0).then(|| (units - before) / seconds)
    }

    /// What is wanted, and what there is: less while `UpdateTable` goes on.
    pub(super) fn capacity(&self, cloud: &Cloud) -> Capacity {
        let wanted = *self.table.wanted.lock();
        let desired = if self.writes { wanted.write } else { wanted.read };
        let there = self.metrics(cloud).and_then(|metrics| {
            if self.writes { metrics.write_provisioned } else { metrics.read_provisioned }
        });
        let there = there.unwrap_or(desired);
        Capacity { running: there, in_service: there, ..Capacity::steady(desired) }
    }

    /// Wants `units` from now on.
    pub(super) fn want(&self, units: u32) {
        let mut wanted = self.table.wanted.lock();
        if self.writes {
            wanted.write = units;
        } else {
            wanted.read = units;
        }
    }

    /// Calls `UpdateTable` for what is wanted and not there yet. While an update goes on AWS refuses
    /// the next one, so this is asked again and again.
    pub(super) fn update(&self, cloud: &Cloud) {
        let Some(metrics) = self.metrics(cloud) else { return };
        let wanted = *self.table.wanted.lock();
        let there = (metrics.read_provisioned, metrics.write_provisioned);
        if there != (Some(wanted.read), Some(wanted.write)) {
            // Refused while an update goes on, and asked again after it.
            drop(cloud.update_table(&self.table.name, wanted.read, wanted.write));
        }
    }

    fn metrics(&self, cloud: &Cloud) -> Option<TableMetrics> {
        cloud.tables().into_iter().find(|table| table.table == self.table.name)
    }
}
