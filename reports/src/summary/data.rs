//! The data tiers: servers of the database, the cache, and the containers they ran in. Nothing of a
//! run that had none.

use securecart_record::{
    CacheTotals, ContainerTotals, DatabaseTotals, RunRecord, Tier, Totals, format,
};

use super::{paint::Paint, prose::facts};
use crate::{
    number::{exact, so_many},
    table::{self, Column, left, right},
};

const SERVERS: [Column; 7] = [
    left("database"),
    right("reads"),
    right("writes"),
    right("in use").spare(2),
    right("waiting").spare(3),
    right("lag").spare(1),
    right("failed").spare(4),
];

const CONTAINERS: [Column; 5] = [
    left("container"),
    left("image").spare(3),
    right("CPU"),
    right("cores").spare(1),
    right("memory").spare(2),
];

pub(super) fn section(record: &RunRecord, paint: Paint, width: usize) -> String {
    let totals = &record.totals;
    let mut parts = Vec::new();
    let lines = facts(&lines(totals), paint, width);
    if totals.databases.is_empty() {
        parts.push(lines);
    } else {
        let rows: Vec<_> = totals.databases.iter().map(server).collect();
        parts.push(paint.titles(&table::render(&SERVERS, &rows, width)) + &lines);
    }
    if !totals.containers.is_empty() {
        let rows: Vec<_> = totals.containers.iter().map(container).collect();
        parts.push(paint.titles(&table::render(&CONTAINERS, &rows, width)));
    }
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

/// Who served each tier: `AWS LocalStack 4.14.0, database PostgreSQL 17`.
pub(super) fn served_by(tiers: &[Tier]) -> String {
    let tier = |tier: &Tier| {
        let name = if tier.tier == "aws" { "AWS" } else { &tier.tier };
        format!("{name} {}", tier.served_by)
    };
    tiers.iter().map(tier).collect::<Vec<_>>().join(", ")
}

fn server(server: &DatabaseTotals) -> Vec<String> {
    let lag = server.lag_ms_max.map_or_else(
        || format::NONE.to_owned(),
        |lag_ms| format::latency_us((lag_ms.max(0.0) * 1e3) as u64),
    );
    vec![
        server.server.clone(),
        format::count(server.reads),
        format::count(server.writes),
        format::count(server.in_use_max),
        format::count(server.waiting_max),
        lag,
        format::count(server.failed),
    ]
}

fn container(container: &ContainerTotals) -> Vec<String> {
    vec![
        container.container.clone(),
        container.image.clone(),
        format::duration_s(container.cpu_s),
        format!("{:.2}", container.cores_max),
        format::bytes(container.memory_bytes_max),
    ]
}

fn lines(totals: &Totals) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    if !totals.databases.is_empty() {
        let meaning = "queries; most in use (connections) and waiting (requests) at once; worst lag \
                       behind the primary (wall)";
        lines.push(("database", meaning.to_owned()));
    }
    lines.extend(totals.databases.iter().filter_map(trouble).map(|text| ("", text)));
    let own: u64 = totals.databases.iter().map(|server| server.read_your_writes).sum();
    if own > 0 {
        let reads = so_many(own, "read");
        lines.push(("", format!("{reads} went to the primary to see the reader's own write")));
    }
    lines.extend(totals.cache.as_ref().map(|totals| ("cache", cache(totals))));
    lines
}

/// What went wrong with a server.
fn trouble(server: &DatabaseTotals) -> Option<String> {
    let mut parts = Vec::new();
    if server.unavailable_s > 0 {
        let seconds = format::duration_s(server.unavailable_s as f64);
        parts.push(format!("took no connections for {seconds} (wall)"));
    }
    if server.refused > 0 {
        parts.push(format!("refused {}", so_many(server.refused, "connection")));
    }
    if server.timed_out > 0 {
        let requests = so_many(server.timed_out, "request");
        parts.push(format!("{requests} waited too long for a connection"));
    }
    (!parts.is_empty()).then(|| format!("{}: {}", server.server, parts.join(", ")))
}

fn cache(totals: &CacheTotals) -> String {
    let Some(ratio) = totals.hit_ratio() else { return "no reads".to_owned() };
    let mut text = format!(
        "{} of {} hit, {} missed",
        format::share(ratio),
        so_many(totals.hits.saturating_add(totals.misses), "read"),
        exact(totals.misses),
    );
    if totals.coalesced > 0 {
        text += &format!(" ({} waited for another's load)", exact(totals.coalesced));
    }
    let counts = [
        (totals.evictions, "entry", "entries", "evicted"),
        (totals.errors, "call", "calls", "failed"),
    ];
    for (count, one, many, what) in counts.into_iter().filter(|(count, ..)| *count > 0) {
        let noun = if count == 1 { one } else { many };
        text += &format!(", {} {noun} {what}", exact(count));
    }
    if totals.bytes_max > 0 {
        text += &format!("; {} at most", format::bytes(totals.bytes_max));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cache_says_only_what_happened() {
        let mut totals = CacheTotals::default();
        assert_eq!(cache(&totals), "no reads");
        (totals.hits, totals.misses) = (96_000, 4_000);
        assert_eq!(cache(&totals), "96.0 % of 100,000 reads hit, 4,000 missed");
        (totals.coalesced, totals.evictions, totals.errors, totals.bytes_max) =
            (230, 1, 3, 3 << 20);
        assert_eq!(
            cache(&totals),
            "96.0 % of 100,000 reads hit, 4,000 missed (230 waited for another's load), 1 entry \
             evicted, 3 calls failed; 3.00 MiB at most"
        );
    }

    #[test]
    fn a_server_that_was_well_has_no_line() {
        let mut server = DatabaseTotals { server: "primary".to_owned(), ..Default::default() };
        (server.reads, server.writes, server.waiting_max) = (5, 5, 5);
        assert_eq!(trouble(&server), None);
        (server.unavailable_s, server.refused, server.timed_out) = (12, 1, 3);
        let expected = "primary: took no connections for 12.0 s (wall), refused 1 connection, 3 requests \
                        waited too long for a connection";
        assert_eq!(trouble(&server).as_deref(), Some(expected));
    }
}
