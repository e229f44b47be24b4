//! Servers of the database, the cache, and containers: how busy they are and how well.

use securecart_record::{
    CacheSample, CacheTotals, ContainerSample, ContainerTotals, DatabaseSample, DatabaseTotals,
    RunRecord, Sample,
};

use super::{Health, per_second, recent};

/// Share of a server's connections in use from which it is full.
const FULL_SHARE: f64 = 0.9;
/// Lag from which a replica is behind, ms: what is read from it is visibly old.
const BEHIND_MS: f64 = 1_000.0;
/// Share of the run's own hit ratio below which the cache is cold.
const COLD_SHARE: f64 = 0.8;

/// One server of the database: its latest interval, its recent rates and how well it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DatabaseRow<'a> {
    pub(crate) name: &'a str,
    /// The latest interval.
    pub(crate) now: &'a DatabaseSample,
    /// The run so far; absent until the server is first counted.
    pub(crate) totals: Option<&'a DatabaseTotals>,
    /// Queries that read, a wall second, recently.
    pub(crate) read_rate: f64,
    /// Queries that write, a wall second, recently.
    pub(crate) write_rate: f64,
    /// Queries and connections that came to nothing, a wall second, recently.
    pub(crate) lost_rate: f64,
    pub(crate) health: Health,
}

/// The servers, in the order of the record.
pub(crate) fn databases(record: &RunRecord) -> Vec<DatabaseRow<'_>> {
    let Some(last) = record.samples.last() else { return Vec::new() };
    last.databases.iter().map(|now| database(record, now)).collect()
}

fn database<'a>(record: &'a RunRecord, now: &'a DatabaseSample) -> DatabaseRow<'a> {
    let name = now.server.as_str();
    let rate = |count: fn(&DatabaseSample) -> u64| {
        per_second(record, recent(record), |sample| find_database(sample, name).map_or(0, count))
    };
    let read_rate = rate(|server| server.reads);
    let write_rate = rate(|server| server.writes);
    let lost_rate = rate(lost);
    let turned_away = rate(|server| server.refused.saturating_add(server.timed_out));
    DatabaseRow {
        name,
        now,
        totals: record.totals.databases.iter().find(|totals| totals.server == name),
        read_rate,
        write_rate,
        lost_rate,
        health: database_health(now, read_rate + write_rate, lost_rate, turned_away),
    }
}

/// Queries that failed, connections that were refused, and requests that waited too long for one.
pub(crate) fn lost(server: &DatabaseSample) -> u64 {
    server.failed.saturating_add(server.refused).saturating_add(server.timed_out)
}

fn database_health(now: &DatabaseSample, queries: f64, lost: f64, turned_away: f64) -> Health {
    let used = now.in_use as f64 / now.max_connections.max(1) as f64;
    let lag_ms = now.lag_ms.unwrap_or(0.0);
    if !now.available {
        // Nothing else about it matters.
        Health::bad("down", f64::MAX)
    } else if turned_away > 0.0 {
        Health::bad("turning away", turned_away)
    } else if lost > 0.0 {
        Health::bad("failing", lost)
    } else if now.waiting > 0 {
        Health::watch("waiting", now.waiting as f64)
    } else if lag_ms >= BEHIND_MS {
        Health::watch("behind", lag_ms / 1e3)
    } else if used >= FULL_SHARE {
        Health::watch("full", used)
    } else if queries == 0.0 {
        Health::good("idle")
    } else {
        Health::good("ok")
    }
}

/// The sample of the server `name` in `sample`.
pub(crate) fn find_database<'a>(sample: &'a Sample, name: &str) -> Option<&'a DatabaseSample> {
    sample.databases.iter().find(|server| server.server == name)
}

/// The cache: its latest interval, its recent rates and how well it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CacheRow<'a> {
    /// The latest interval.
    pub(crate) now: &'a CacheSample,
    /// The run so far; absent until the cache is first counted.
    pub(crate) totals: Option<&'a CacheTotals>,
    /// Share of the recent reads that were in it, 0 to 1; none without reads.
    pub(crate) hit_ratio: Option<f64>,
    /// Reads a wall second, recently.
    pub(crate) read_rate: f64,
    /// Reads that were not in it, a wall second, recently.
    pub(crate) miss_rate: f64,
    /// Reads that waited for another's load, a wall second, recently.
    pub(crate) coalesced_rate: f64,
    /// Entries thrown out, a wall second, recently.
    pub(crate) eviction_rate: f64,
    /// Calls to nodes that failed, a wall second, recently.
    pub(crate) error_rate: f64,
    pub(crate) health: Health,
}

/// What the cache is called where things have names.
pub(crate) const CACHE: &str = "cache";

/// The cache, where there is one.
pub(crate) fn cache(record: &RunRecord) -> Option<CacheRow<'_>> {
    let now = record.samples.last()?.cache.as_ref()?;
    let rate = |count: fn(&CacheSample) -> u64| {
        per_second(record, recent(record), |sample| sample.cache.as_ref().map_or(0, count))
    };
    let (hit_rate, miss_rate) = (rate(|cache| cache.hits), rate(|cache| cache.misses));
    let read_rate = hit_rate + miss_rate;
    let mut row = CacheRow {
        now,
        totals: record.totals.cache.as_ref(),
        hit_ratio: (read_rate > 0.0).then(|| hit_rate / read_rate),
        read_rate,
        miss_rate,
        coalesced_rate: rate(|cache| cache.coalesced),
        eviction_rate: rate(|cache| cache.evictions),
        error_rate: rate(|cache| cache.errors),
        health: Health::good("ok"),
    };
    row.health = cache_health(&row);
    Some(row)
}

fn cache_health(row: &CacheRow<'_>) -> Health {
    let CacheSample { nodes_up, nodes, .. } = *row.now;
    let usual = row.totals.and_then(CacheTotals::hit_ratio).unwrap_or(0.0);
    let is_cold = row.hit_ratio.is_some_and(|ratio| ratio < usual * COLD_SHARE);
    if nodes_up < nodes {
        let word = if nodes_up == 0 { "down" } else { "node down" };
        Health::bad(word, f64::MAX)
    } else if row.error_rate > 0.0 {
        Health::bad("failing", row.error_rate)
    } else if is_cold {
        Health::watch("cold", row.miss_rate)
    } else if row.eviction_rate > 0.0 {
        Health::watch("evicting", row.eviction_rate)
    } else if row.read_rate == 0.0 {
        Health::good("idle")
    } else {
        Health::good("ok")
    }
}

/// One container: its latest interval and how well it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ContainerRow<'a> {
    pub(crate) name: &'a str,
    /// The latest interval.
    pub(crate) now: &'a ContainerSample,
    /// The run so far; absent until the container is first counted.
    pub(crate) totals: Option<&'a ContainerTotals>,
    pub(crate) health: Health,
}

/// The containers, in the order of the record.
pub(crate) fn containers(record: &RunRecord) -> Vec<ContainerRow<'_>> {
    let Some(last) = record.samples.last() else { return Vec::new() };
    let row = |now: &'_ ContainerSample| {
        if now.is_full_emulator() { Health::watch("full", now.cores) } else { Health::good("ok") }
    };
    let totals = |name: &str| record.totals.containers.iter().find(|one| one.container == name);
    let containers = last.containers.iter().map(|now| ContainerRow {
        name: &now.container,
        now,
        totals: totals(&now.container),
        health: row(now),
    });
    containers.collect()
}

/// The sample of the container `name` in `sample`.
pub(crate) fn find_container<'a>(sample: &'a Sample, name: &str) -> Option<&'a ContainerSample> {
    sample.containers.iter().find(|container| container.container == name)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{figures::Severity, fixture};

    fn with_last(change: impl Fn(&mut Sample)) -> RunRecord {
        let mut record = fixture::tiered(40);
        change(Arc::make_mut(record.samples.last_mut().expect("samples")));
        record
    }

    #[test]
    fn a_server_says_its_worst_first() {
        let server = |available, waiting, in_use, lag_ms| DatabaseSample {
            server: "replica-1".to_owned(),
            available,
            waiting,
            in_use,
            max_connections: 100,
            lag_ms,
            ..DatabaseSample::default()
        };
        let word = |now, lost, away| database_health(&now, 10.0, lost, away).word;
        assert_eq!(word(server(false, 9, 100, Some(9e9)), 1.0, 1.0), "down");
        assert_eq!(word(server(true, 9, 100, Some(9e9)), 1.0, 0.5), "turning away");
        assert_eq!(word(server(true, 9, 100, Some(9e9)), 1.0, 0.0), "failing");
        assert_eq!(word(server(true, 9, 100, Some(9e9)), 0.0, 0.0), "waiting");
        assert_eq!(word(server(true, 0, 100, Some(1_000.0)), 0.0, 0.0), "behind");
        assert_eq!(word(server(true, 0, 90, Some(999.0)), 0.0, 0.0), "full");
        assert_eq!(word(server(true, 0, 89, None), 0.0, 0.0), "ok");
    }

    #[test]
    fn a_cache_is_cold_against_its_own_usual() {
        assert_eq!(cache(&fixture::tiered(40)).expect("a cache").health.word, "ok");
        let flushed = fixture::tiered(66);
        assert_eq!(cache(&flushed).expect("a cache").health.word, "cold");
        let down = with_last(|sample| sample.cache.as_mut().expect("a cache").nodes_up = 1);
        let health = cache(&down).expect("a cache").health;
        assert_eq!((health.word, health.severity), ("node down", Severity::Bad));
        let evicting = with_last(|sample| sample.cache.as_mut().expect("a cache").evictions = 3);
        assert_eq!(cache(&evicting).expect("a cache").health.word, "evicting");
    }

    #[test]
    fn an_emulator_with_a_core_of_its_own_is_full() {
        let record = fixture::tiered(40);
        let health = |name: &str| {
            containers(&record).iter().find(|row| row.name == name).expect("a container").health
        };
        assert_eq!((health("localstack").word, health("postgres").word), ("full", "ok"));
    }
}
