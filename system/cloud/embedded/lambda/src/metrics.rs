//! What functions and mappings did.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// A function at one moment, and what it did since it was registered.
#[derive(Debug, Clone, PartialEq)]
pub struct FunctionMetrics {
    /// Its name.
    pub name: String,
    /// Calls that ended.
    pub invocations: u64,
    /// Calls that waited for an environment to start.
    pub cold_starts: u64,
    /// Calls that were throttled, each retry of Lambda's own among them.
    pub throttles: u64,
    /// Calls that ended with an error of the function's, timeouts among them.
    pub errors: u64,
    /// Calls under way.
    pub concurrent: u64,
    /// Most calls under way at once.
    pub concurrent_max: u64,
    /// Environments that exist.
    pub environments: u64,
    /// Provisioned environments among them.
    pub provisioned: u64,
    /// Asynchronous events that wait, or are under way.
    pub pending: u64,
    /// Asynchronous events that were given up.
    pub discarded: u64,
    /// Time in the handler, summed over the calls.
    pub duration: Duration,
    /// Time of cold starts, summed.
    pub init: Duration,
    /// Billed on demand, GB-seconds, initialisation included.
    pub gb_s: f64,
    /// Billed in provisioned environments, GB-seconds.
    pub provisioned_gb_s: f64,
    /// Allocated to provisioned concurrency, used or not, GB-seconds of the shop's clock.
    pub allocated_gb_s: f64,
}

/// An event source mapping at one moment, and what it did since it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingMetrics {
    /// Its identifier.
    pub uuid: String,
    /// The queue's name.
    pub queue: String,
    /// The function's name.
    pub function: String,
    /// Batches that may be under way at once.
    pub concurrency: u64,
    /// Batches that are.
    pub running: u64,
    /// Batches that were taken from the queue.
    pub batches: u64,
    /// Messages that the function has done with, and were deleted.
    pub deleted: u64,
    /// Messages that go back to the queue: the function failed, or was throttled for too long.
    pub returned: u64,
}

/// Counters of a function that its model doesn't keep.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) errors: Counter,
    pub(crate) pending: Counter,
    pub(crate) discarded: Counter,
}

#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    pub(crate) fn take(&self, count: u64) {
        self.0.fetch_sub(count, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
