//! Two records side by side, where that makes sense.

use std::collections::BTreeSet;

use securecart_record::{RunRecord, Verdict};
use serde::Serialize;

use crate::figures::{self, Figure};

/// Two records that say nothing about each other.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("runs with different {what} are never compared: `{a}` and `{b}`")]
pub struct Incomparable {
    what: &'static str,
    a: String,
    b: String,
}

/// Two runs side by side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Name of the first run.
    pub a: String,
    /// Name of the second run.
    pub b: String,
    /// What else differs between them and what spoils their figures, as sentences.
    pub warnings: Vec<String>,
    /// Figures of both.
    pub rows: Vec<Row>,
}

/// One figure of both runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Its name, as objectives write it.
    pub figure: String,
    /// Its unit.
    pub unit: Unit,
    /// Which way is better.
    pub better: Better,
    /// In the first run; absent without data.
    pub a: Figure,
    /// In the second run; absent without data.
    pub b: Figure,
    /// From a to b as a share of a; absent where a is zero, or one is absent or infinite.
    pub change: Figure,
}

/// Unit of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Microseconds.
    Us,
    /// Things.
    Count,
    /// Things a wall second.
    PerSecond,
    /// 0 to 1.
    Share,
    /// Seconds.
    Seconds,
    /// Bytes.
    Bytes,
}

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Better {
    /// Less is better.
    Less,
    /// More is better.
    More,
    /// Neither.
    Neither,
}

/// Puts two records side by side.
///
/// # Errors
/// When scenario, clock or backend differ.
pub fn compare(a: &RunRecord, b: &RunRecord) -> Result<Comparison, Incomparable> {
    same("scenarios", &a.run.scenario, &b.run.scenario)?;
    same("clocks", &a.run.clock, &b.run.clock)?;
    same("backends", &a.run.backend, &b.run.backend)?;
    Ok(Comparison {
        a: a.run.id.clone(),
        b: b.run.id.clone(),
        warnings: warnings(a, b),
        rows: rows(a, b),
    })
}

fn same(what: &'static str, a: &str, b: &str) -> Result<(), Incomparable> {
    if a == b {
        return Ok(());
    }
    Err(Incomparable { what, a: a.to_owned(), b: b.to_owned() })
}

fn warnings(a: &RunRecord, b: &RunRecord) -> Vec<String> {
    let window = |r: &RunRecord| format!("{} to {} s", r.run.window_start_s, r.run.window_end_s);
    let differing = [
        ("seed", a.run.seed.to_string(), b.run.seed.to_string()),
        ("scale", a.run.scale.to_string(), b.run.scale.to_string()),
        ("speed", a.run.speed.to_string(), b.run.speed.to_string()),
        ("window", window(a), window(b)),
        ("profile", a.environment.profile.clone(), b.environment.profile.clone()),
        ("operating system", a.environment.os.clone(), b.environment.os.clone()),
        ("processor", a.environment.cpu.clone(), b.environment.cpu.clone()),
        ("number of cores", a.environment.cores.to_string(), b.environment.cores.to_string()),
    ];
    let differing = differing
        .into_iter()
        .filter(|(_, a, b)| a != b)
        .map(|(what, a, b)| format!("the {what} differs: `{a}` and `{b}`"));
    differing.chain(spoilt("a", a)).chain(spoilt("b", b)).collect()
}

/// Why the figures of a run may not be about SecureCart, or not about all of the run.
fn spoilt(name: &str, record: &RunRecord) -> Vec<String> {
    let ended = match record.verdict {
        Verdict::Held | Verdict::Missed | Verdict::Inconclusive => None,
        Verdict::AuditFailed => Some(format!("{name} failed its audit")),
        Verdict::Interrupted => Some(format!("{name} was interrupted")),
    };
    let limits = record.limited_by.iter().map(|limit| {
        format!("{name} was limited by the {}: {}", limit.by.as_str(), limit.evidence)
    });
    ended.into_iter().chain(limits).collect()
}

/// Figures that at least one of the runs has.
fn rows(a: &RunRecord, b: &RunRecord) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut add = |figure: &str, unit, better, read: &dyn Fn(&RunRecord) -> Figure| {
        let (a, b) = (read(a), read(b));
        if a.or(b).is_some() {
            rows.push(row(figure, unit, better, a, b));
        }
    };
    add("throughput", Unit::PerSecond, Better::More, &figures::throughput);
    add("requests", Unit::Count, Better::Neither, &|r| Some(r.totals.requests as f64));
    add("orders.rate", Unit::PerSecond, Better::More, &figures::order_rate);
    add("availability", Unit::Share, Better::More, &|r| figures::availability(r, None));
    let operations = names(a, b, |r| r.totals.operations.iter().map(|o| o.operation.as_str()));
    for (name, quantile) in [("p50", 0.5), ("p99", 0.99)] {
        let read = |r: &RunRecord| figures::latency_us(r, None, quantile);
        add(&format!("latency.{name}"), Unit::Us, Better::Less, &read);
        for operation in &operations {
            let read = |r: &RunRecord| figures::latency_us(r, Some(operation), quantile);
            add(&format!("{operation}.latency.{name}"), Unit::Us, Better::Less, &read);
        }
    }
    let shipped = |r: &RunRecord| figures::order_to_shipped_us(r, 0.95);
    add("order-to-shipped.latency.p95", Unit::Us, Better::Less, &shipped);
    let queues = names(a, b, |r| r.totals.queues.iter().map(|queue| queue.queue.as_str()));
    for queue in queues.iter().filter(|queue| !queue.ends_with("-dlq")) {
        let read = |r: &RunRecord| figures::queue_depth(r, queue);
        add(&format!("{queue}.queue.depth"), Unit::Count, Better::Less, &read);
    }
    add("dead-letters", Unit::Count, Better::Less, &figures::dead_letters);
    add("arrivals.late", Unit::Share, Better::Less, &figures::late_share);
    add("cpu", Unit::Seconds, Better::Less, &|r| Some(r.totals.cpu_s));
    add("memory", Unit::Bytes, Better::Less, &|r| Some(r.totals.memory_bytes_max as f64));
    rows
}

/// The names that either run has: those of a in its order, then what only b has.
fn names<'a, I>(a: &'a RunRecord, b: &'a RunRecord, of: impl Fn(&'a RunRecord) -> I) -> Vec<&'a str>
where
    I: Iterator<Item = &'a str>,
{
    let mut seen = BTreeSet::new();
    of(a).chain(of(b)).filter(|name| seen.insert(*name)).collect()
}

fn row(figure: &str, unit: Unit, better: Better, a: Figure, b: Figure) -> Row {
    let change = a.zip(b).filter(|(a, _)| *a != 0.0).map(|(a, b)| (b - a) / a);
    let change = change.filter(|share| share.is_finite());
    Row { figure: figure.to_owned(), unit, better, a, b, change }
}

#[cfg(test)]
mod tests {
    use securecart_record::{Environment, Limit, LimitedBy, OperationTotals, RunInfo};

    use super::*;

    fn record(backend: &str, requests: u64) -> RunRecord {
        let info = RunInfo { backend: backend.to_owned(), traffic_s: 10.0, ..RunInfo::default() };
        let mut record = RunRecord::starting(info, Environment::default());
        record.verdict = Verdict::Held;
        record.totals.requests = requests;
        record
    }

    fn figure(compared: &Comparison, name: &str) -> Option<(Figure, Figure, Figure)> {
        let row = compared.rows.iter().find(|row| row.figure == name)?;
        Some((row.a, row.b, row.change))
    }

    #[test]
    fn runs_of_different_things_are_never_compared() {
        let one = record("embedded", 1);
        let refused = |other: &RunRecord| compare(&one, other).expect_err("different").to_string();
        let mut scenario = one.clone();
        scenario.run.scenario = "smoke".to_owned();
        assert!(refused(&scenario).ends_with("scenarios are never compared: `` and `smoke`"));
        let mut clock = one.clone();
        clock.run.clock = "virtual".to_owned();
        assert!(refused(&clock).ends_with("clocks are never compared: `` and `virtual`"));
        let error = refused(&record("localstack", 1));
        assert!(error.ends_with("backends are never compared: `embedded` and `localstack`"));
    }

    #[test]
    fn a_change_is_a_share_of_the_first() {
        let compared = compare(&record("embedded", 100), &record("embedded", 150)).expect("alike");
        assert_eq!(figure(&compared, "throughput"), Some((Some(10.0), Some(15.0), Some(0.5))));
        assert_eq!(figure(&compared, "latency.p50"), None, "neither run has one");
    }

    #[test]
    fn what_only_one_run_has_is_shown_without_a_change() {
        let mut other = record("embedded", 100);
        let mut search = OperationTotals::new("search");
        search.response.record_us(1_000);
        other.totals.operations.push(search);
        let compared = compare(&record("embedded", 100), &other).expect("alike");
        let shown = Some((None, Some(1_000.0), None));
        assert_eq!(figure(&compared, "search.latency.p50"), shown);
    }

    #[test]
    fn what_differs_and_what_spoils_the_figures_is_said() {
        let mut other = record("embedded", 1);
        other.run.seed = 9;
        other.environment.cores = 4;
        other.verdict = Verdict::Interrupted;
        other.limited_by = vec![Limit { by: LimitedBy::Host, evidence: "busy for 5 s".to_owned() }];
        let compared = compare(&record("embedded", 1), &other).expect("alike");
        assert_eq!(
            compared.warnings,
            [
                "the seed differs: `0` and `9`",
                "the number of cores differs: `0` and `4`",
                "b was interrupted",
                "b was limited by the host: busy for 5 s",
            ]
        );
        let alike = compare(&record("embedded", 1), &record("embedded", 2)).expect("alike");
        assert_eq!(alike.warnings, [""; 0]);
    }
}
