//! The data tiers: the relational database and the cache.

use serde::Serialize;

/// The relational database.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct DatabaseSpec {
    /// Read replicas.
    pub replicas: u32,
    /// Connections that a server takes at the most, over all services.
    pub max_connections: u32,
    /// Connections that one service keeps to one server at the most.
    pub pool_size: u32,
    /// Wall seconds that a request waits for a connection of its service.
    pub acquire_timeout_s: f64,
}

/// The cache.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct CacheSpec {
    /// Nodes that share the keys.
    pub nodes: u32,
    /// MiB of memory of a node.
    pub memory_mib: u32,
    /// Wall seconds that an entry is kept.
    pub ttl_s: f64,
    /// Share of the time to live that is drawn for each entry, 0 to 1.
    pub jitter: f64,
}

/// A container of a run that has some.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Container {
    /// The AWS emulator.
    Localstack,
    /// The database's primary.
    Primary,
    /// The database's first read replica.
    Replica,
    /// The cache.
    Cache,
}

impl Container {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Localstack, Self::Primary, Self::Replica, Self::Cache];

    /// The name in scenarios and records.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Localstack => "localstack",
            Self::Primary => "primary",
            Self::Replica => "replica",
            Self::Cache => "cache",
        }
    }
}
