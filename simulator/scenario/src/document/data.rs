//! The data tiers: the relational database and the cache.

use schemars::JsonSchema;

use crate::{located::Field, reader::read_as_table, units::Duration};

/// The relational database (RDS): products, orders and payments.
#[derive(Debug, Clone, Default, JsonSchema)]
#[schemars(rename = "Database", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct DatabaseTable {
    /// Read replicas, 0 to 15; 1 unless given.
    #[schemars(default)]
    pub(crate) replicas: Field<u32>,
    /// Connections that a server takes at the most, over all services; 500 unless given.
    #[schemars(default)]
    pub(crate) max_connections: Field<u32>,
    /// Connections that one service keeps to one server at the most; 40 unless given.
    #[schemars(default)]
    pub(crate) pool_size: Field<u32>,
    /// Wall time that a request waits for a connection of its service; 5s unless given.
    #[schemars(default)]
    pub(crate) acquire_timeout: Field<Duration>,
}

read_as_table!(DatabaseTable {
    replicas: optional "replicas",
    max_connections: optional "max-connections",
    pool_size: optional "pool-size",
    acquire_timeout: optional "acquire-timeout",
});

/// The cache (ElastiCache): products as the catalogue shows them.
#[derive(Debug, Clone, Default, JsonSchema)]
#[schemars(rename = "Cache", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct CacheTable {
    /// Nodes that share the keys; 2 unless given. A run with containers has one.
    #[schemars(default)]
    pub(crate) nodes: Field<u32>,
    /// MiB of memory of a node; 64 unless given. Past that the least used entries go.
    #[schemars(default)]
    pub(crate) memory_mib: Field<u32>,
    /// Wall time that an entry is kept; 60s unless given.
    #[schemars(default)]
    pub(crate) ttl: Field<Duration>,
    /// Share of the time to live that is drawn for each entry, so that they do not end together, 0 to 1;
    /// 0.2 unless given.
    #[schemars(default)]
    pub(crate) jitter: Field<f64>,
}

read_as_table!(CacheTable {
    nodes: optional "nodes",
    memory_mib: optional "memory-mib",
    ttl: optional "ttl",
    jitter: optional "jitter",
});
