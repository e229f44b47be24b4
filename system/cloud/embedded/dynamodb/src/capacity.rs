//! Consumed capacity: what a call costs, by table and index, and how an answer shows it.
//!
//! Rules (AWS developer guide, "DynamoDB read and write operations"): a read unit is one strongly
//! consistent read of up to 4 KB, half of that when eventually consistent; a write unit is one
//! write of up to 1 KB; transactions cost double; sizes round up per item, for queries and scans
//! per page. An index costs a unit for each entry written or removed. Missing items cost the least
//! unit.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use serde::Serialize;

const READ_UNIT_BYTES: usize = 4_096;
const WRITE_UNIT_BYTES: usize = 1_024;

/// Write units for an item of `size` bytes.
pub(crate) fn write_units(size: usize) -> f64 {
    units(size, WRITE_UNIT_BYTES)
}

/// Strongly consistent read units for `size` bytes.
pub(crate) fn read_units(size: usize) -> f64 {
    units(size, READ_UNIT_BYTES)
}

#[expect(clippy::cast_precision_loss, reason = "sizes are below 2^52")]
fn units(size: usize, unit: usize) -> f64 {
    size.div_ceil(unit).max(1) as f64
}

/// How strongly a read or write is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strength {
    /// A read that may be stale.
    Eventual,
    /// A consistent read; any single write.
    Strong,
    /// Part of a transaction.
    Transactional,
}

impl Strength {
    /// `ConsistentRead` as a strength.
    pub(crate) const fn of_read(consistent: bool) -> Self {
        if consistent { Self::Strong } else { Self::Eventual }
    }

    /// What it multiplies units by.
    pub(crate) const fn factor(self) -> f64 {
        match self {
            Self::Eventual => 0.5,
            Self::Strong => 1.0,
            Self::Transactional => 2.0,
        }
    }
}

/// What an index used.
#[derive(Debug, Clone)]
pub(crate) struct IndexUsage {
    pub(crate) name: Arc<str>,
    pub(crate) local: bool,
    pub(crate) units: f64,
}

/// What a call used of one table.
#[derive(Debug, Clone, Default)]
pub(crate) struct Usage {
    pub(crate) table: f64,
    pub(crate) indexes: Vec<IndexUsage>,
}

impl Usage {
    /// `units` of the table itself.
    pub(crate) fn of_table(units: f64) -> Self {
        Self { table: units, indexes: Vec::new() }
    }

    /// Adds `units` of an index.
    pub(crate) fn add_index(&mut self, name: &Arc<str>, local: bool, units: f64) {
        match self.indexes.iter_mut().find(|usage| usage.name == *name) {
            Some(usage) => usage.units += units,
            None => self.indexes.push(IndexUsage { name: Arc::clone(name), local, units }),
        }
    }

    /// Adds everything of `other`.
    pub(crate) fn add(&mut self, other: &Self) {
        self.table += other.table;
        for index in &other.indexes {
            self.add_index(&index.name, index.local, index.units);
        }
    }

    /// The same, times `factor`.
    pub(crate) fn scaled(mut self, factor: f64) -> Self {
        self.table *= factor;
        for index in &mut self.indexes {
            index.units *= factor;
        }
        self
    }

    /// Units of the table and its indexes together.
    pub(crate) fn total(&self) -> f64 {
        self.table + self.indexes.iter().map(|index| index.units).sum::<f64>()
    }
}

/// A running total of units; kept in half units, which are exact.
#[derive(Debug, Default)]
pub(crate) struct Meter(AtomicU64);

impl Meter {
    /// Adds `units`.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small, positive")]
    pub(crate) fn add(&self, units: f64) {
        self.0.fetch_add((units * 2.0).round() as u64, Ordering::Relaxed);
    }

    /// Units so far.
    #[expect(clippy::cast_precision_loss, reason = "units stay below 2^52")]
    pub(crate) fn total(&self) -> f64 {
        self.0.load(Ordering::Relaxed) as f64 / 2.0
    }
}

/// `ReturnConsumedCapacity`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Report {
    #[default]
    None,
    Total,
    Indexes,
}

/// Whether units are shown as reads or writes as well (transactions do).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Plain,
    Reads,
    Writes,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Capacity {
    capacity_units: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    read_capacity_units: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    write_capacity_units: Option<f64>,
}

impl Capacity {
    fn new(units: f64, kind: Kind) -> Self {
        Self {
            capacity_units: units,
            read_capacity_units: (kind == Kind::Reads).then_some(units),
            write_capacity_units: (kind == Kind::Writes).then_some(units),
        }
    }
}

/// `ConsumedCapacity` of an answer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ConsumedCapacity<'a> {
    table_name: &'a str,
    #[serde(flatten)]
    total: Capacity,
    #[serde(skip_serializing_if = "Option::is_none")]
    table: Option<Capacity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    local_secondary_indexes: Option<BTreeMap<Arc<str>, Capacity>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    global_secondary_indexes: Option<BTreeMap<Arc<str>, Capacity>>,
}

impl<'a> ConsumedCapacity<'a> {
    /// What `report` asks to see of `usage`; `None` when it asks for nothing.
    pub(crate) fn of(
        table_name: &'a str,
        usage: &Usage,
        report: Report,
        kind: Kind,
    ) -> Option<Self> {
        if report == Report::None {
            return None;
        }
        let detailed = report == Report::Indexes;
        let indexes = |local: bool| {
            let units: BTreeMap<Arc<str>, Capacity> = usage
                .indexes
                .iter()
                .filter(|index| detailed && index.local == local)
                .map(|index| (Arc::clone(&index.name), Capacity::new(index.units, kind)))
                .collect();
            (!units.is_empty()).then_some(units)
        };
        Some(Self {
            table_name,
            total: Capacity::new(usage.total(), kind),
            table: detailed.then(|| Capacity::new(usage.table, kind)),
            local_secondary_indexes: indexes(true),
            global_secondary_indexes: indexes(false),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_round_up_to_units() {
        assert_eq!([0, 1, 1_024, 1_025].map(write_units), [1.0, 1.0, 1.0, 2.0]);
        assert_eq!([0, 4_096, 4_097, 409_600].map(read_units), [1.0, 1.0, 2.0, 100.0]);
    }

    #[test]
    fn a_report_shows_what_was_asked_for() {
        let mut usage = Usage::of_table(1.0);
        usage.add_index(&"by-sku".into(), false, 2.0);
        let shown = |report, kind| {
            serde_json::to_string(&ConsumedCapacity::of("carts", &usage, report, kind))
                .expect("JSON")
        };
        assert_eq!(shown(Report::None, Kind::Plain), "null");
        assert_eq!(
            shown(Report::Total, Kind::Writes),
            r#"{"TableName":"carts","CapacityUnits":3.0,"WriteCapacityUnits":3.0}"#
        );
        assert_eq!(
            shown(Report::Indexes, Kind::Plain),
            r#"{"TableName":"carts","CapacityUnits":3.0,"Table":{"CapacityUnits":1.0},"GlobalSecondaryIndexes":{"by-sku":{"CapacityUnits":2.0}}}"#
        );
    }

    #[test]
    fn a_meter_counts_half_units_exactly() {
        let meter = Meter::default();
        for _ in 0..3 {
            meter.add(0.5);
        }
        assert_eq!(meter.total(), 1.5);
    }
}
