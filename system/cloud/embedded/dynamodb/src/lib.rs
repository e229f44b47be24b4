//! Amazon DynamoDB, in process: tables, indexes, expressions, transactions, time to live, streams.
//!
//! ```text
//! Call ─▶ service ─▶ operations ─▶ table: layout ─▶ shards (by hash of the partition key) ─▶ rows, local indexes
//!                      │    │                                                         └─▶ global indexes, stream
//!                      │    └─▶ expression (parsed once, cached) ─▶ securecart-embedded-expressions
//!                      └─▶ request (bytes to typed, borrowed shapes)
//! ```
//!
//! Invariants
//!
//! - A condition is checked and its write made under one lock; a transaction holds the locks of all
//!   shards it touches, taken in one order, so every write and every transaction is serialisable.
//! - Every write keeps indexes, counts, sizes, expiry and stream in step with the item.
//! - Costs are constant or logarithmic in the state; items are shared, never cloned to be read.
//! - Time comes from the [`Clock`](securecart_clock::Clock), identifiers from the seed.
//! - Capacity is counted, never enforced: throttling is the behaviour models' matter, not this crate's.
//!
//! Deliberately absent: the legacy parameters (`Expected`, `AttributeUpdates`, `KeyConditions`, ...),
//! which are refused; PartiQL, backups, global tables, import and export; eventual consistency that
//! can be seen (reads are always fresh, but `ConsistentRead` costs what it should);
//! `TransactionConflict` (transactions wait for each other instead).
#![forbid(unsafe_code)]

mod capacity;
mod error;
mod expression;
mod key;
mod operations;
mod request;
mod service;
mod table;

pub use service::{DynamoDb, TableMetrics};

use securecart_embedded_wire::Protocol;

/// How calls and answers look on the wire.
pub const PROTOCOL: Protocol = Protocol::Json10;
