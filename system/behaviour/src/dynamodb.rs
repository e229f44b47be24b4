//! DynamoDB's capacity (behaviour sheet 4.1): units, partitions, burst, adaptive capacity, on-demand
//! growth, and the throttles that come of them.
//!
//! ```text
//! admit(key, read | write) ─▶ table's bucket ─▶ partition's buckets ─▶ indexes' buckets ─▶ call
//! charge(units used)       ─▶ the same buckets, which may go below zero
//! ```
//!
//! A request is admitted while everything it goes through has its least units left, and is charged
//! with what it really used afterwards: a bucket may go below zero and earns that back first.
//!
//! Invariants: over any time no more units are admitted than burst plus rate times time, plus what
//! was under way; one partition, and so one item, never gets more than 3,000 read and 1,000 write
//! units a second. A step costs O(log partitions); memory is bounded by [`MAX_PARTITIONS`] and
//! [`MAX_ISOLATED`], and by a handful of counters for each partition that is hot.
//!
//! Deliberately absent: the partitions of an index (its keys are not known here), reads of an index,
//! the limits of capacity decreases (see the scaling models), storage and the split for size.

mod config;
mod growth;
mod partitions;
mod resource;
mod sketch;
mod table;
#[cfg(test)]
mod tests;
mod throttle;
mod units;

pub use config::{
    ACCOUNT_QUOTA, Capacity, Config, ON_DEMAND_START, PARTITION_LIMIT, TABLE_QUOTA, Throughput,
};
pub use partitions::{MAX_ISOLATED, MAX_PARTITIONS};
pub use resource::Usage;
pub use table::{CapacityRefused, Table};
pub use throttle::{Limit, Operation, Throttle, ThrottleKind};
pub use units::{Consistency, read_units, write_units};
