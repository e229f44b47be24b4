//! A node in this process: bounded by bytes, the least recently used entry goes first (ElastiCache's
//! default is `volatile-lru`, sheet 4.3, "eviction"; every entry here has a TTL).
//!
//! An entry's end is kept with it, by tokio's clock, so that tests can pause it. One that has expired
//! is cleared away when it is asked for, or pushed out like any other.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use moka::{future::Cache, notification::RemovalCause, policy::EvictionPolicy};
use parking_lot::Mutex;
use rand::RngExt;
use securecart_behaviour::Lognormal;
use securecart_domain::random;
use tokio::time::Instant;

use super::Fill;
use crate::metrics::Count;

/// What an entry takes beside key and value, bytes: about what Memcached and Valkey take.
const OVERHEAD_BYTES: usize = 64;

#[derive(Debug)]
pub(crate) struct Memory {
    entries: Cache<String, Entry>,
    capacity_bytes: u64,
    evictions: Arc<Count>,
    times: Option<(Lognormal, Mutex<random::Stream>)>,
}

#[derive(Debug, Clone)]
struct Entry {
    bytes: Bytes,
    ends: Instant,
}

impl Memory {
    /// An empty node; calls take the `times` of a distribution.
    pub(crate) fn new(capacity_bytes: u64, times: Option<(Lognormal, random::Stream)>) -> Self {
        let evictions = Arc::new(Count::default());
        let counted = Arc::clone(&evictions);
        let entries = Cache::builder()
            .max_capacity(capacity_bytes)
            .weigher(|key: &String, entry: &Entry| {
                u32::try_from(key.len() + entry.bytes.len() + OVERHEAD_BYTES).unwrap_or(u32::MAX)
            })
            .eviction_policy(EvictionPolicy::lru())
            .eviction_listener(move |_, _, cause| {
                if cause == RemovalCause::Size {
                    counted.one();
                }
            })
            .build();
        let times = times.map(|(times, stream)| (times, Mutex::new(stream)));
        Self { entries, capacity_bytes, evictions, times }
    }

    pub(crate) async fn get(&self, key: &str) -> Option<Bytes> {
        self.travel().await;
        let entry = self.entries.get(key).await?;
        if entry.ends > Instant::now() {
            return Some(entry.bytes);
        }
        self.entries.invalidate(key).await;
        None
    }

    pub(crate) async fn set(&self, key: String, bytes: Bytes, ttl: Duration) {
        self.travel().await;
        let ends = Instant::now() + ttl;
        self.entries.insert(key, Entry { bytes, ends }).await;
    }

    pub(crate) async fn remove(&self, key: &str) {
        self.travel().await;
        self.entries.invalidate(key).await;
    }

    pub(crate) fn clear(&self) {
        self.entries.invalidate_all();
    }

    pub(crate) fn fill(&self) -> Fill {
        Fill {
            items: self.entries.entry_count(),
            bytes: self.entries.weighted_size(),
            capacity_bytes: self.capacity_bytes,
            evictions: self.evictions.get(),
        }
    }

    /// Has moka do what it puts off: without it, counts and evictions come a little later.
    pub(crate) async fn settle(&self) {
        self.entries.run_pending_tasks().await;
    }

    async fn travel(&self) {
        let Some((times, stream)) = &self.times else { return };
        let uniform: f64 = stream.lock().random();
        tokio::time::sleep(times.at(uniform)).await;
    }
}
