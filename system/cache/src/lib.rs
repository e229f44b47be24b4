//! The cache in front of the database: in process, Valkey or Redis, Memcached.
//!
//! Cache-aside: a reader asks the cache, and where that has nothing loads what it wants and stores
//! it, for a time with jitter. One reader at a time loads a key; the others wait for it.
//!
//! ```text
//! get_or_load ─▶ node of the key ── hit ─▶ bytes
//!                     │ miss
//!                     └─▶ flight of the key ── first ─▶ load, store ─▶ bytes to all who wait
//! ```
//!
//! Invariants: a node that fails counts as a miss, never as an error of the reader; what was removed
//! or flushed while it was being loaded is not stored; in process, no node holds more bytes than its
//! capacity.
//!
//! Deliberately absent: storing that something is not there, replicas of nodes, clusters that move
//! keys by themselves (there are as many nodes as the source names).
#![forbid(unsafe_code)]

mod cache;
mod error;
mod flights;
mod key;
mod metrics;
mod node;
mod settings;

pub use cache::Cache;
pub use error::Error;
pub use metrics::{CacheMetrics, NodeMetrics};
pub use node::NodeLoss;
pub use settings::{Settings, Source};
