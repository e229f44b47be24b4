//! Where the database is, and how it is to behave.

use std::{path::PathBuf, time::Duration};

use securecart_behaviour::Assumptions;

/// Where the database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Files in `folder`, which is created where missing and removed by its owner. They live as long
    /// as the run: nothing is synced to the disk.
    Sqlite {
        /// The folder for the files of primary and replicas.
        folder: PathBuf,
    },
    /// Servers that run already. The tables lie in a schema named after the run, which must not be
    /// there yet and is dropped by [`Database::close`](crate::Database::close).
    Postgres {
        /// `postgres://` URL of the primary.
        primary: String,
        /// URLs of its streaming replicas.
        replicas: Vec<String>,
        /// The run's name.
        run: String,
    },
}

/// How the database is to behave.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Replicas, SQLite only: 0 to 15 (sheet 4.2, "read replicas").
    pub replicas: u32,
    /// Connections that each server takes, over all services; beyond it one is refused.
    pub max_connections: u32,
    /// Connections that a service keeps to one server at the most; at least 1.
    pub pool_size: u32,
    /// How long a request waits for one of them.
    pub acquire_timeout: Duration,
    /// Seed of the modelled times.
    pub seed: u64,
    /// SQLite only: whether queries take modelled times and replicas lag behind by themselves. Both
    /// are wall time: a shopper feels them.
    pub modelled: bool,
    /// The numbers that AWS does not publish.
    pub assumptions: Assumptions,
    /// SQLite only, for tests under tokio's paused time: the clock stands still while a statement
    /// runs, which it would not otherwise, because the statement runs on a thread of its own.
    pub hold_clock: bool,
}
