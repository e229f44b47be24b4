//! Capacity of a table, and the numbers its behaviour depends on.

use std::time::Duration;

use super::throttle::Operation;
use crate::assumptions::{
    Assumptions, DYNAMODB_ISOLATION_SHARE, DYNAMODB_PARTITION_BURST, DYNAMODB_PEAK_WINDOW,
    DYNAMODB_SPLIT_DELAY, DYNAMODB_STORED_AT_START, DYNAMODB_UPDATE_DELAY,
};

/// Read and write units a second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Throughput {
    /// Read units a second.
    pub read: f64,
    /// Write units a second.
    pub write: f64,
}

impl Throughput {
    /// The units a second of `operation`.
    #[must_use]
    pub const fn of(&self, operation: Operation) -> f64 {
        match operation {
            Operation::Read => self.read,
            Operation::Write => self.write,
        }
    }
}

/// What one partition carries (sheet 4.1, "partition").
pub const PARTITION_LIMIT: Throughput = Throughput { read: 3_000.0, write: 1_000.0 };

/// What a new on-demand table carries (sheet 4.1, "on-demand start").
pub const ON_DEMAND_START: Throughput = Throughput { read: 12_000.0, write: 4_000.0 };

/// The most that one table gets by default, provisioned or on demand (sheet 4.1, "table/account
/// quota").
pub const TABLE_QUOTA: Throughput = Throughput { read: 40_000.0, write: 40_000.0 };

/// The most that may be provisioned in an account and Region (same row).
pub const ACCOUNT_QUOTA: Throughput = Throughput { read: 80_000.0, write: 80_000.0 };

/// Capacity mode of a table or an index.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Capacity {
    /// So many units a second, paid whether used or not.
    Provisioned(Throughput),
    /// Up to twice the previous peak.
    OnDemand {
        /// Warm throughput: what the table serves from the start, where that is more than
        /// [`ON_DEMAND_START`].
        warm: Option<Throughput>,
        /// The most that the owner allows, where there is such a setting.
        max: Option<Throughput>,
    },
}

impl Capacity {
    /// On demand, new, with no settings.
    pub const ON_DEMAND: Self = Self::OnDemand { warm: None, max: None };
}

/// The numbers that a table's behaviour depends on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Config {
    /// Unused provisioned capacity that is stored: 300 s of it (sheet 4.1, "burst").
    pub burst: Duration,
    /// Share of it that is there at the start (assumption `dynamodb.stored-at-start`).
    pub stored_at_start: f64,
    /// What a partition and an on-demand table store (assumption `dynamodb.partition-burst`).
    pub partition_burst: Duration,
    /// How long a partition is too hot before it is split (assumption `dynamodb.split-delay`).
    pub split_delay: Duration,
    /// Share of a hot partition's throttled requests from which an item gets a partition of its own
    /// (assumption `dynamodb.isolation-share`).
    pub isolation_share: f64,
    /// How long a change of capacity takes (assumption `dynamodb.update-delay`).
    pub update_delay: Duration,
    /// How long a peak must be past to be "previous": 30 min (sheet 4.1, "on-demand growth").
    pub growth: Duration,
    /// Over what a peak is averaged (assumption `dynamodb.peak-window`); between a sixtieth of
    /// `growth` and all of it.
    pub peak_window: Duration,
}

impl Config {
    /// The documented numbers, and what `assumptions` say of the others.
    #[must_use]
    pub fn new(assumptions: &Assumptions) -> Self {
        Self {
            burst: Duration::from_secs(300),
            stored_at_start: assumptions.of(&DYNAMODB_STORED_AT_START).min(1.0),
            partition_burst: assumptions.duration(&DYNAMODB_PARTITION_BURST),
            split_delay: assumptions.duration(&DYNAMODB_SPLIT_DELAY),
            isolation_share: assumptions.of(&DYNAMODB_ISOLATION_SHARE),
            update_delay: assumptions.duration(&DYNAMODB_UPDATE_DELAY),
            growth: Duration::from_secs(30 * 60),
            peak_window: assumptions.duration(&DYNAMODB_PEAK_WINDOW),
        }
    }

    /// The same for a run that plays `speed` seconds of scenario time in a second of `now`: what
    /// takes minutes on AWS takes that much less, while units stay units a second of `now`. At
    /// speed 30, 300 s of stored capacity are 10 s of it.
    #[must_use]
    pub fn compressed(self, speed: f64) -> Self {
        let shorter = |time: Duration| {
            Duration::try_from_secs_f64(time.as_secs_f64() / speed).unwrap_or(time)
        };
        Self {
            burst: shorter(self.burst),
            split_delay: shorter(self.split_delay),
            update_delay: shorter(self.update_delay),
            growth: shorter(self.growth),
            peak_window: shorter(self.peak_window),
            ..self
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::new(&Assumptions::default())
    }
}
