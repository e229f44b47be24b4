//! DynamoDB tables: their capacity.

use serde::Serialize;

/// Capacity of a table.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "mode")]
pub enum TableCapacity {
    /// Pay per request: up to twice the previous peak.
    OnDemand {
        /// Writes a second it serves from the start (warm throughput), where more than AWS's own.
        warm_write: Option<u32>,
        /// Reads a second it serves from the start, where more than AWS's own.
        warm_read: Option<u32>,
    },
    /// Provisioned units.
    Provisioned {
        /// Read capacity units, one a wall second.
        read: u32,
        /// Write capacity units, one a wall second.
        write: u32,
        /// How it scales, where it does.
        scaling: Option<TableScaling>,
    },
}

/// Auto scaling of a table: target tracking on consumed capacity, for reads and for writes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct TableScaling {
    /// Utilisation to hold, percent: 20 to 90.
    pub target: f64,
    /// Fewest units of either kind.
    pub min: u32,
    /// Most units of either kind.
    pub max: u32,
}
