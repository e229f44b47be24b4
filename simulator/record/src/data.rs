//! The data tiers and what they run in: servers of the database, the cache, containers.

use serde::{Deserialize, Serialize};

/// Who serves a tier of the run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Tier {
    /// `aws`, `functions`, `database` or `cache`.
    pub tier: String,
    /// Who serves it, with its version where it tells one, such as `LocalStack 4.14.0`.
    pub served_by: String,
}

/// What an emulator could carry before the run, and what the run was to ask of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Probe {
    /// The slowest kind of call, `service:Operation`.
    pub call: String,
    /// Calls of that kind that the emulator answered a wall second.
    pub carried_per_second: f64,
    /// Calls that count as such which the plan makes at its peak a wall second, at the scale it was
    /// asked for.
    pub asked_per_second: f64,
    /// The scale that was asked for, where the plan was scaled down to what is carried.
    pub scale_asked: Option<f64>,
}

/// One server of the database in one interval.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct DatabaseSample {
    /// `primary`, `replica-1`, ...
    pub server: String,
    /// Whether it takes connections at the end of the interval.
    pub available: bool,
    /// Connections that run a query at the end of the interval.
    pub in_use: u64,
    /// Connections it has open at the end of the interval.
    pub connections: u64,
    /// Connections it takes at the most.
    pub max_connections: u64,
    /// Requests that wait for a connection at the end of the interval.
    pub waiting: u64,
    /// Queries that read.
    pub reads: u64,
    /// Queries that write.
    pub writes: u64,
    /// Queries that failed.
    pub failed: u64,
    /// Connections it refused because it had too many.
    pub refused: u64,
    /// Requests that waited too long for a connection.
    pub timed_out: u64,
    /// How far a replica is behind the primary, ms; absent for the primary and where nobody knows.
    pub lag_ms: Option<f64>,
}

/// The cache in one interval.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct CacheSample {
    /// Nodes that answer at the end of the interval.
    pub nodes_up: u32,
    /// Nodes there are.
    pub nodes: u32,
    /// Reads that were in the cache.
    pub hits: u64,
    /// Reads that were not, those that waited for another's load included.
    pub misses: u64,
    /// Reads that waited for another's load of the same key: what a stampede would have asked of the
    /// database.
    pub coalesced: u64,
    /// Entries thrown out for want of room.
    pub evictions: u64,
    /// Calls to nodes that failed.
    pub errors: u64,
    /// Entries at the end of the interval, where it is known.
    pub items: u64,
    /// Their size at the end of the interval, bytes, where it is known.
    pub bytes: u64,
}

/// One container in one interval.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ContainerSample {
    /// `localstack`, `postgres`, `postgres-replica-1`, `valkey`, ...
    pub container: String,
    /// Cores that it used, on average.
    pub cores: f64,
    /// Memory at the end of the interval.
    pub memory_bytes: u64,
}

/// One server of the database over the whole run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct DatabaseTotals {
    /// Its name.
    pub server: String,
    /// Queries that read.
    pub reads: u64,
    /// Queries that write.
    pub writes: u64,
    /// Queries that failed.
    pub failed: u64,
    /// Connections it refused because it had too many.
    pub refused: u64,
    /// Requests that waited too long for a connection.
    pub timed_out: u64,
    /// Most connections that ran a query at once.
    pub in_use_max: u64,
    /// Most requests that waited for a connection at once.
    pub waiting_max: u64,
    /// The most a replica was behind, ms.
    pub lag_ms_max: Option<f64>,
    /// Wall seconds in which it took no connection.
    pub unavailable_s: u64,
    /// Reads that went to the primary because no replica had seen the reader's own write yet; of the
    /// primary only.
    pub read_your_writes: u64,
}

/// The cache over the whole run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct CacheTotals {
    /// Reads that were in the cache.
    pub hits: u64,
    /// Reads that were not.
    pub misses: u64,
    /// Reads that waited for another's load.
    pub coalesced: u64,
    /// Entries thrown out for want of room.
    pub evictions: u64,
    /// Calls to nodes that failed.
    pub errors: u64,
    /// Most bytes that the nodes held, where it is known.
    pub bytes_max: u64,
}

/// One container over the whole run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ContainerTotals {
    /// Its name.
    pub container: String,
    /// Its image and tag.
    pub image: String,
    /// Processor time it used, s.
    pub cpu_s: f64,
    /// Most cores it used over an interval.
    pub cores_max: f64,
    /// Most memory it held.
    pub memory_bytes_max: u64,
}

impl Probe {
    /// Calls a wall second that the plan made at its peak, at the scale that was played.
    #[must_use]
    pub fn played_per_second(&self, scale: f64) -> f64 {
        match self.scale_asked {
            Some(asked) if asked > 0.0 => self.asked_per_second * scale / asked,
            _ => self.asked_per_second,
        }
    }
}

impl CacheSample {
    /// Share of reads that were in the cache; `None` without reads.
    #[must_use]
    pub fn hit_ratio(&self) -> Option<f64> {
        ratio(self.hits, self.misses)
    }

    pub(crate) fn merge(&mut self, later: &Self) {
        self.nodes_up = self.nodes_up.min(later.nodes_up);
        self.nodes = later.nodes;
        self.hits += later.hits;
        self.misses += later.misses;
        self.coalesced += later.coalesced;
        self.evictions += later.evictions;
        self.errors += later.errors;
        self.items = later.items;
        self.bytes = self.bytes.max(later.bytes);
    }
}

impl CacheTotals {
    /// Share of reads that were in the cache; `None` without reads.
    #[must_use]
    pub fn hit_ratio(&self) -> Option<f64> {
        ratio(self.hits, self.misses)
    }

    /// Adds the totals of another part of the same run.
    pub fn merge(&mut self, other: &Self) {
        self.hits += other.hits;
        self.misses += other.misses;
        self.coalesced += other.coalesced;
        self.evictions += other.evictions;
        self.errors += other.errors;
        self.bytes_max = self.bytes_max.max(other.bytes_max);
    }
}

fn ratio(hits: u64, misses: u64) -> Option<f64> {
    let reads = hits + misses;
    (reads > 0).then(|| hits as f64 / reads as f64)
}

impl DatabaseSample {
    pub(crate) fn merge(&mut self, later: &Self) {
        self.available &= later.available;
        self.in_use = self.in_use.max(later.in_use);
        self.connections = self.connections.max(later.connections);
        self.max_connections = later.max_connections;
        self.waiting = self.waiting.max(later.waiting);
        self.reads += later.reads;
        self.writes += later.writes;
        self.failed += later.failed;
        self.refused += later.refused;
        self.timed_out += later.timed_out;
        self.lag_ms = greater(self.lag_ms, later.lag_ms);
    }
}

impl DatabaseTotals {
    /// Adds the totals of another part of the same run.
    pub fn merge(&mut self, other: &Self) {
        self.reads += other.reads;
        self.writes += other.writes;
        self.failed += other.failed;
        self.refused += other.refused;
        self.timed_out += other.timed_out;
        self.in_use_max = self.in_use_max.max(other.in_use_max);
        self.waiting_max = self.waiting_max.max(other.waiting_max);
        self.lag_ms_max = greater(self.lag_ms_max, other.lag_ms_max);
        self.unavailable_s += other.unavailable_s;
        self.read_your_writes += other.read_your_writes;
    }
}

/// The container that an emulator of the AWS API runs in.
const EMULATOR: &str = "localstack";

/// Cores from which an emulator of the AWS API is at its limit.
///
/// LocalStack's gateway is one Python process, and Python's global interpreter lock lets one of its
/// threads run at a time: however many cores there are, it answers with little more than one. A tenth
/// less, because a sample is an average over a second. An assumption; what the probe measured is
/// evidence.
pub const EMULATOR_CORES_MAX: f64 = 0.9;

impl ContainerSample {
    /// Whether this is an emulator of the AWS API at its limit, [`EMULATOR_CORES_MAX`].
    #[must_use]
    pub fn is_full_emulator(&self) -> bool {
        self.container == EMULATOR && self.cores >= EMULATOR_CORES_MAX
    }

    pub(crate) fn merge(&mut self, later: &Self, later_share: f64) {
        self.cores = self.cores * (1.0 - later_share) + later.cores * later_share;
        self.memory_bytes = self.memory_bytes.max(later.memory_bytes);
    }
}

impl ContainerTotals {
    /// Adds the totals of another part of the same run.
    pub fn merge(&mut self, other: &Self) {
        self.cpu_s += other.cpu_s;
        self.cores_max = self.cores_max.max(other.cores_max);
        self.memory_bytes_max = self.memory_bytes_max.max(other.memory_bytes_max);
    }
}

/// The greater of two that may be unknown.
fn greater(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.max(other)),
        (known, None) | (None, known) => known,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hit_ratio_needs_reads() {
        let cache = CacheSample { hits: 3, misses: 1, ..CacheSample::default() };
        assert_eq!(cache.hit_ratio(), Some(0.75));
        assert_eq!(CacheTotals::default().hit_ratio(), None);
    }

    #[test]
    fn what_was_played_is_what_was_asked_for_scaled_down() {
        let mut probe = Probe { asked_per_second: 400.0, ..Probe::default() };
        assert_eq!(probe.played_per_second(0.01), 400.0);
        probe.scale_asked = Some(0.04);
        assert_eq!(probe.played_per_second(0.01), 100.0);
    }

    #[test]
    fn only_an_emulator_is_full_with_one_core() {
        let of = |container: &str, cores| ContainerSample {
            container: container.to_owned(),
            cores,
            memory_bytes: 0,
        };
        assert!(of("localstack", 0.9).is_full_emulator());
        assert!(!of("localstack", 0.89).is_full_emulator());
        assert!(!of("postgres", 1.7).is_full_emulator());
    }

    #[test]
    fn a_merged_sample_hides_no_outage_and_no_lag() {
        let down = DatabaseSample { available: false, lag_ms: Some(9.0), ..Default::default() };
        let mut up = DatabaseSample { available: true, waiting: 4, ..Default::default() };
        up.merge(&down);
        assert_eq!((up.available, up.waiting, up.lag_ms), (false, 4, Some(9.0)));
        let mut cache = CacheSample { nodes_up: 1, nodes: 2, ..Default::default() };
        cache.merge(&CacheSample { nodes_up: 2, nodes: 2, hits: 1, ..Default::default() });
        assert_eq!((cache.nodes_up, cache.hits), (1, 1));
    }
}
