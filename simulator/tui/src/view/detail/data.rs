//! A server of the database, the cache or a container in detail: its figures and its courses. Rates are
//! a wall second.

use securecart_record::{CacheSample, DatabaseSample, Sample, format};

use super::{Course, Fact, store::whole};
use crate::{
    figures::{CacheRow, ContainerRow, DatabaseRow, find_container, find_database, lost},
    state::State,
};

pub(super) fn database_facts(row: &DatabaseRow<'_>) -> Vec<Fact> {
    let now = row.now;
    let mut facts = vec![
        ("in use", format::count(now.in_use)),
        ("waiting", format::count(now.waiting)),
        ("open", format::count(now.connections)),
        ("at most", format::count(now.max_connections)),
        ("reads", format::rate(row.read_rate)),
        ("writes", format::rate(row.write_rate)),
        ("lost", format::rate(row.lost_rate)),
    ];
    facts.extend(now.lag_ms.map(|lag_ms| ("lag (wall)", lag(lag_ms / 1e3))));
    let Some(totals) = row.totals else { return facts };
    facts.extend([
        ("reads, run", format::count(totals.reads)),
        ("writes, run", format::count(totals.writes)),
        ("failed, run", format::count(totals.failed)),
        ("refused, run", format::count(totals.refused)),
        ("timed out, run", format::count(totals.timed_out)),
        ("most in use", format::count(totals.in_use_max)),
        ("most waiting", format::count(totals.waiting_max)),
    ]);
    facts.extend(totals.lag_ms_max.map(|lag_ms| ("worst lag", lag(lag_ms / 1e3))));
    if totals.unavailable_s > 0 {
        facts.push(("down, run", format::duration_s(totals.unavailable_s as f64)));
    }
    if totals.read_your_writes > 0 {
        facts.push(("own writes read", format::count(totals.read_your_writes)));
    }
    facts
}

/// A lag in seconds as it is read.
fn lag(seconds: f64) -> String {
    format::duration_s(seconds.max(0.0))
}

pub(super) fn database_courses<'a>(state: &State, row: &DatabaseRow<'a>) -> Vec<Course<'a>> {
    let seconds = f64::from(state.record().resolution_s.max(1));
    let name = row.name;
    let of = move |sample: &Sample, value: fn(&DatabaseSample) -> f64| {
        find_database(sample, name).map(value)
    };
    let mut courses: Vec<Course<'a>> = vec![
        (
            "connections in use",
            whole,
            Box::new(move |sample| of(sample, |server| server.in_use as f64)),
        ),
        (
            "requests waiting",
            whole,
            Box::new(move |sample| of(sample, |server| server.waiting as f64)),
        ),
        (
            "queries a second",
            whole,
            Box::new(move |sample| {
                of(sample, |server| (server.reads.saturating_add(server.writes)) as f64)
                    .map(|queries| queries / seconds)
            }),
        ),
        (
            "lost a second",
            whole,
            Box::new(move |sample| {
                of(sample, |server| lost(server) as f64).map(|lost| lost / seconds)
            }),
        ),
    ];
    if row.now.lag_ms.is_some() {
        let behind = move |sample: &Sample| find_database(sample, name)?.lag_ms;
        let course: Course<'a> = (
            "lag behind the primary (wall)",
            lag,
            Box::new(move |sample| behind(sample).map(|lag_ms| lag_ms / 1e3)),
        );
        // Where there is room for two only, a replica's lag says more than who waits.
        courses.insert(1, course);
    }
    courses
}

pub(super) fn cache_facts(row: &CacheRow<'_>) -> Vec<Fact> {
    let now = row.now;
    let ratio = |ratio: Option<f64>| ratio.map_or_else(|| format::NONE.to_owned(), format::share);
    let mut facts = vec![
        ("hit ratio", ratio(row.hit_ratio)),
        ("nodes up", format!("{} of {}", now.nodes_up, now.nodes)),
        ("reads", format::rate(row.read_rate)),
        ("misses", format::rate(row.miss_rate)),
        ("coalesced", format::rate(row.coalesced_rate)),
        ("evicted", format::rate(row.eviction_rate)),
        ("errors", format::rate(row.error_rate)),
    ];
    if now.items > 0 {
        facts.push(("entries", format::count(now.items)));
    }
    if now.bytes > 0 {
        facts.push(("size", format::bytes(now.bytes)));
    }
    let Some(totals) = row.totals else { return facts };
    facts.extend([
        ("hit ratio, run", ratio(totals.hit_ratio())),
        ("misses, run", format::count(totals.misses)),
        ("coalesced, run", format::count(totals.coalesced)),
        ("evicted, run", format::count(totals.evictions)),
        ("errors, run", format::count(totals.errors)),
    ]);
    facts
}

pub(super) fn cache_courses<'a>(state: &State) -> Vec<Course<'a>> {
    let seconds = f64::from(state.record().resolution_s.max(1));
    let rate = move |sample: &Sample, count: fn(&CacheSample) -> u64| {
        sample.cache.as_ref().map(|cache| count(cache) as f64 / seconds)
    };
    vec![
        (
            "hit ratio",
            format::share,
            Box::new(|sample| sample.cache.as_ref().and_then(CacheSample::hit_ratio)),
        ),
        (
            "misses a second: what the database is asked",
            whole,
            Box::new(move |sample| {
                rate(sample, |cache| cache.misses.saturating_sub(cache.coalesced))
            }),
        ),
        (
            "evictions a second",
            whole,
            Box::new(move |sample| rate(sample, |cache| cache.evictions)),
        ),
    ]
}

pub(super) fn container_facts(row: &ContainerRow<'_>) -> Vec<Fact> {
    let now = row.now;
    let mut facts = vec![("cores", cores(now.cores)), ("memory", format::bytes(now.memory_bytes))];
    if let Some(totals) = row.totals {
        facts.extend([
            ("most cores", cores(totals.cores_max)),
            ("most memory", format::bytes(totals.memory_bytes_max)),
            ("CPU, run", format::duration_s(totals.cpu_s)),
        ]);
    }
    facts
}

/// A number of cores.
fn cores(cores: f64) -> String {
    format!("{cores:.2}")
}

pub(super) fn container_courses(name: &str) -> Vec<Course<'_>> {
    vec![
        ("cores", cores, Box::new(move |sample| find_container(sample, name).map(|one| one.cores))),
        (
            "memory",
            |bytes| format::bytes(bytes.max(0.0) as u64),
            Box::new(move |sample| find_container(sample, name).map(|one| one.memory_bytes as f64)),
        ),
    ]
}
