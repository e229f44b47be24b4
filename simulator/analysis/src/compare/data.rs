//! Figures of the data tiers and the containers. What a record has no tier for, or what never went
//! wrong in either, has no row.

use securecart_record::{ContainerTotals, DatabaseTotals, RunRecord};

use super::{Better, Row, Unit, names, noise, row};
use crate::figures::{self, Figure};

pub(super) fn rows(a: &RunRecord, b: &RunRecord) -> Vec<Row> {
    let servers = names(a, b, |r| r.totals.databases.iter().map(|one| one.server.as_str()));
    let containers = names(a, b, |r| r.totals.containers.iter().map(|one| one.container.as_str()));
    let servers = servers.iter().flat_map(|name| server([a, b], name));
    let containers = containers.iter().flat_map(|name| container([a, b], name));
    servers.chain(cache([a, b])).chain(containers).collect()
}

/// A row of less is better, where either run has the figure.
fn less(figure: &str, unit: Unit, pair: [Figure; 2], noise: fn([f64; 2]) -> f64) -> Option<Row> {
    let [a, b] = pair;
    a.or(b)?;
    let noise = noise(pair.map(|figure| figure.unwrap_or(0.0)));
    Some(row(figure, unit, Better::Less, (a, b), noise))
}

/// The same of what is only worth a row where it happened.
fn trouble(figure: &str, unit: Unit, pair: [Figure; 2], noise: fn([f64; 2]) -> f64) -> Option<Row> {
    let happened = pair.into_iter().flatten().any(|figure| figure > 0.0);
    if happened { less(figure, unit, pair, noise) } else { None }
}

fn server(runs: [&RunRecord; 2], name: &str) -> Vec<Row> {
    let figure = |what: &str| format!("database.{name}.{what}");
    let of = |read: fn(&DatabaseTotals) -> Option<f64>| {
        runs.map(|run| run.totals.databases.iter().find(|one| one.server == name).and_then(read))
    };
    let counts = noise::of_counts;
    let rows = [
        less(&figure("in-use"), Unit::Count, of(|one| Some(one.in_use_max as f64)), counts),
        less(&figure("waiting"), Unit::Count, of(|one| Some(one.waiting_max as f64)), counts),
        less(&figure("lag"), Unit::Us, of(|one| Some(one.lag_ms_max? * 1e3)), noise::of_machine),
        trouble(&figure("timed-out"), Unit::Count, of(|one| Some(one.timed_out as f64)), counts),
        trouble(&figure("refused"), Unit::Count, of(|one| Some(one.refused as f64)), counts),
        trouble(&figure("failed"), Unit::Count, of(|one| Some(one.failed as f64)), counts),
        trouble(
            &figure("unavailable"),
            Unit::Seconds,
            of(|one| Some(one.unavailable_s as f64)),
            counts,
        ),
    ];
    rows.into_iter().flatten().collect()
}

fn cache(runs: [&RunRecord; 2]) -> Vec<Row> {
    let ratios = runs.map(figures::cache_hit_ratio);
    let reads = runs.map(|run| {
        let cache = run.totals.cache.as_ref();
        cache.map_or((0, 0), |cache| (cache.misses, cache.hits.saturating_add(cache.misses)))
    });
    let ratio = ratios[0].or(ratios[1]).map(|_| {
        let pair = (ratios[0], ratios[1]);
        row("cache.hit-ratio", Unit::Share, Better::More, pair, noise::of_shares(reads))
    });
    let evictions = runs.map(|run| Some(run.totals.cache.as_ref()?.evictions as f64));
    let errors = runs.map(|run| Some(run.totals.cache.as_ref()?.errors as f64));
    let bytes = runs.map(|run| Some(run.totals.cache.as_ref()?.bytes_max as f64));
    let rows = [
        ratio,
        trouble("cache.evictions", Unit::Count, evictions, noise::of_counts),
        trouble("cache.errors", Unit::Count, errors, noise::of_counts),
        trouble("cache.memory", Unit::Bytes, bytes, noise::of_machine),
    ];
    rows.into_iter().flatten().collect()
}

fn container(runs: [&RunRecord; 2], name: &str) -> Vec<Row> {
    let figure = |what: &str| format!("container.{name}.{what}");
    let of = |read: fn(&ContainerTotals) -> f64| {
        runs.map(|run| run.totals.containers.iter().find(|one| one.container == name).map(read))
    };
    let machine = noise::of_machine;
    let rows = [
        less(&figure("cpu"), Unit::Seconds, of(|one| one.cpu_s), machine),
        less(&figure("cores"), Unit::Cores, of(|one| one.cores_max), machine),
        less(&figure("memory"), Unit::Bytes, of(|one| one.memory_bytes_max as f64), machine),
    ];
    rows.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use securecart_record::{CacheTotals, Environment, RunInfo};

    use super::*;
    use crate::compare::Judged;

    fn record() -> RunRecord {
        RunRecord::starting(RunInfo::default(), Environment::default())
    }

    fn tiered(waiting_max: u64, misses: u64, cores_max: f64) -> RunRecord {
        let mut record = record();
        let server = |server: &str, lag_ms_max| DatabaseTotals {
            server: server.to_owned(),
            in_use_max: 20,
            lag_ms_max,
            ..DatabaseTotals::default()
        };
        record.totals.databases = vec![server("primary", None), server("replica-1", Some(40.0))];
        record.totals.databases[0].waiting_max = waiting_max;
        record.totals.databases[0].timed_out = waiting_max / 10;
        record.totals.cache = Some(CacheTotals { hits: 9_000, misses, ..CacheTotals::default() });
        record.totals.containers = vec![ContainerTotals {
            container: "postgres".to_owned(),
            cores_max,
            ..ContainerTotals::default()
        }];
        record
    }

    #[test]
    fn a_run_without_tiers_has_no_rows() {
        assert_eq!(rows(&record(), &record()), []);
    }

    #[test]
    fn each_tier_has_its_figures_and_only_the_trouble_that_was() {
        let all = rows(&tiered(0, 1_000, 0.4), &tiered(200, 4_000, 0.41));
        let of = |name: &str| all.iter().find(|row| row.figure == name);
        let figures: Vec<&str> = all.iter().map(|row| row.figure.as_str()).collect();
        assert_eq!(
            figures,
            [
                "database.primary.in-use",
                "database.primary.waiting",
                "database.primary.timed-out",
                "database.replica-1.in-use",
                "database.replica-1.waiting",
                "database.replica-1.lag",
                "cache.hit-ratio",
                "container.postgres.cpu",
                "container.postgres.cores",
                "container.postgres.memory",
            ]
        );
        let waiting = of("database.primary.waiting").expect("a row");
        assert_eq!((waiting.a, waiting.b), (Some(0.0), Some(200.0)));
        assert_eq!(waiting.judged, Judged::Worse);
        assert_eq!(of("database.replica-1.lag").expect("a row").a, Some(40_000.0));
        assert_eq!(of("cache.hit-ratio").expect("a row").judged, Judged::Worse);
        assert_eq!(of("container.postgres.cores").expect("a row").judged, Judged::Same);
    }

    #[test]
    fn what_only_one_run_has_stands_alone() {
        let all = rows(&record(), &tiered(5, 1_000, 0.4));
        let cores = all.iter().find(|row| row.figure == "container.postgres.cores");
        let cores = cores.expect("a row");
        assert_eq!((cores.a, cores.b, cores.judged), (None, Some(0.4), Judged::Same));
    }
}
