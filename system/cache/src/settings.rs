//! Where the cache is, and how it is to behave.

use std::time::Duration;

use securecart_behaviour::Assumptions;

/// Where the cache is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// In this process.
    InProcess {
        /// How many nodes it stands for; at least 1.
        nodes: u32,
        /// Bytes that each holds, keys included.
        capacity_bytes: u64,
    },
    /// Valkey or Redis.
    Redis {
        /// `redis://` or `valkey://`, one for each node.
        urls: Vec<String>,
        /// The run's name, which begins every key.
        run: String,
    },
    /// Memcached.
    Memcached {
        /// `host:port`, one for each node.
        addresses: Vec<String>,
        /// The run's name, which begins every key.
        run: String,
    },
}

/// How the cache is to behave.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How long an entry lives at the most, wall time.
    pub ttl: Duration,
    /// Share of the TTL (0 to 1) by which an entry's life is shortened at random.
    pub jitter: f64,
    /// Seed of the jitter and of the modelled times.
    pub seed: u64,
    /// In process only: whether calls take the modelled time of a call to a node.
    pub modelled: bool,
    /// The numbers that AWS does not publish.
    pub assumptions: Assumptions,
    /// How long a node has to answer.
    pub timeout: Duration,
    /// Whether the servers are this run's alone. Then a flush empties them; else it changes the names
    /// of this run's keys and leaves the old entries to their TTL.
    pub exclusive: bool,
}
