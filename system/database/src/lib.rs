//! The relational database: products, orders and payments in SQL, on a primary and its replicas.
//!
//! [`Database`] is what runs once for a run; services get [`Connections`] of it and hand them to the
//! repositories [`Products`], [`Orders`] and [`Payments`]. SQLite serves runs that need nothing
//! installed, PostgreSQL the others; both get the same SQL text, and queue in the same pools.
//!
//! ```text
//! Products ─┐                ┌─ pool ─▶ replica-1 ◀┐
//! Orders   ─┼─▶ Connections ─┼─ pool ─▶ replica-2 ◀┤ what was committed, in order, after the lag
//! Payments ─┘  (a service's) └─ pool ─▶ primary ───┘
//! ```
//!
//! Invariants: what a write acknowledged is on the primary and reaches every replica, in the order
//! of the commits; a connection that broke is never used again; a pool never has more connections in
//! use than it may, and serves first who came first.
//!
//! Deliberately absent: a database that outlives its run (SQLite does not sync, PostgreSQL's schema
//! is dropped), promotion of a replica, transactions over more than one repository.
#![forbid(unsafe_code)]

mod connections;
mod damage;
mod database;
mod error;
mod gauges;
mod lag;
mod migrations;
mod orders;
mod payments;
mod pool;
mod postgres;
mod products;
mod recent;
mod server;
mod settings;
mod sqlite;
mod statement;

pub use connections::Connections;
pub use damage::Damage;
pub use database::Database;
pub use error::{Error, Kind};
pub use gauges::ServerMetrics;
pub use lag::LagGuard;
pub use orders::{Advanced, Orders, StoredOrder};
pub use payments::{Entry, EntryKind, Payments};
pub use products::Products;
pub use server::{Outage, Role};
pub use settings::{Settings, Source};
