//! The database and the cache.

use crate::{
    defaults,
    document::{CacheTable, DatabaseTable},
    limits,
    located::Field,
    plan::{CacheSpec, DatabaseSpec},
    problem::Problems,
};

use super::bounds;

pub(super) fn database(field: &Field<DatabaseTable>, problems: &mut Problems) -> DatabaseSpec {
    let standard = defaults::DATABASE;
    let Some(table) = field.value() else { return standard };
    let connections = (1, limits::CONNECTIONS);
    let replicas = bounds::whole(&table.replicas, "replicas", (0, limits::REPLICAS), problems);
    let max_connections =
        bounds::whole(&table.max_connections, "max-connections", connections, problems)
            .unwrap_or(standard.max_connections);
    let pool_size = bounds::whole(&table.pool_size, "pool-size", connections, problems)
        .unwrap_or(standard.pool_size);
    if pool_size > max_connections {
        let help = format!("a server takes `max-connections` of {max_connections}");
        let place = table.pool_size.span().or(table.max_connections.span());
        problems.add(place, format!("`pool-size` is {pool_size}"), help);
    }
    let waits = (0.001, limits::ACQUIRE_TIMEOUT_S);
    let acquire_timeout_s =
        bounds::seconds(&table.acquire_timeout, "acquire-timeout", waits, problems);
    DatabaseSpec {
        replicas: replicas.unwrap_or(standard.replicas),
        max_connections,
        pool_size,
        acquire_timeout_s: acquire_timeout_s.unwrap_or(standard.acquire_timeout_s),
    }
}

pub(super) fn cache(field: &Field<CacheTable>, problems: &mut Problems) -> CacheSpec {
    let standard = defaults::CACHE;
    let Some(table) = field.value() else { return standard };
    let nodes = bounds::whole(&table.nodes, "nodes", (1, limits::CACHE_NODES), problems);
    let memory = (1, limits::CACHE_MEMORY_MIB);
    let memory_mib = bounds::whole(&table.memory_mib, "memory-mib", memory, problems);
    let ttl_s = bounds::seconds(&table.ttl, "ttl", (0.001, limits::CACHE_TTL_S), problems);
    let jitter = bounds::number(&table.jitter, "jitter", 0.0..=1.0, problems);
    CacheSpec {
        nodes: nodes.unwrap_or(standard.nodes),
        memory_mib: memory_mib.unwrap_or(standard.memory_mib),
        ttl_s: ttl_s.unwrap_or(standard.ttl_s),
        jitter: jitter.unwrap_or(standard.jitter),
    }
}
