//! What the cache counts.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// The cache as it is now, and what happened since it was connected.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CacheMetrics {
    /// Reads that found their entry.
    pub hits: u64,
    /// Reads that did not, also because the node failed.
    pub misses: u64,
    /// Misses that waited for another's load.
    pub coalesced: u64,
    /// Loads that were begun.
    pub loads: u64,
    /// Entries that were pushed out for want of space.
    pub evictions: u64,
    /// Calls to nodes that failed.
    pub errors: u64,
    /// Entries; in process, those that are expired and not yet cleared away among them.
    pub items: u64,
    /// Bytes of them.
    pub bytes: u64,
    /// Bytes that all nodes hold together; 0 where a server has no limit.
    pub capacity_bytes: u64,
    /// How many nodes there are.
    pub nodes: u32,
    /// Those of them that answer.
    pub nodes_up: u32,
    /// Each node.
    pub by_node: Vec<NodeMetrics>,
}

/// A node of the cache.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodeMetrics {
    /// Whether it answers.
    pub up: bool,
    /// Reads that found their entry.
    pub hits: u64,
    /// Reads that did not.
    pub misses: u64,
    /// Calls that failed.
    pub errors: u64,
    /// Entries that were pushed out.
    pub evictions: u64,
    /// Entries.
    pub items: u64,
    /// Bytes of them.
    pub bytes: u64,
    /// Bytes that it holds.
    pub capacity_bytes: u64,
}

impl CacheMetrics {
    /// The sums over `nodes`.
    pub(crate) fn of(by_node: Vec<NodeMetrics>) -> Self {
        let sum = |of: fn(&NodeMetrics) -> u64| by_node.iter().map(of).sum();
        Self {
            hits: sum(|node| node.hits),
            misses: sum(|node| node.misses),
            evictions: sum(|node| node.evictions),
            errors: sum(|node| node.errors),
            items: sum(|node| node.items),
            bytes: sum(|node| node.bytes),
            capacity_bytes: sum(|node| node.capacity_bytes),
            nodes: by_node.len() as u32,
            nodes_up: by_node.iter().filter(|node| node.up).count() as u32,
            coalesced: 0,
            loads: 0,
            by_node,
        }
    }

    /// Hits per read; none where nothing was read.
    #[must_use]
    pub fn hit_ratio(&self) -> Option<f64> {
        let reads = self.hits + self.misses;
        (reads > 0).then(|| self.hits as f64 / reads as f64)
    }
}

/// A count that many add to.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn one(&self) {
        self.0.fetch_add(1, Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}
