//! Two records side by side, where that makes sense.
//!
//! Two runs can't tell a change from what differs between any two: each figure has a noise, below
//! which a change is not judged. It is what chance alone makes of the counts behind the figure (three
//! standard deviations), and for times and resources at least [`MACHINE_NOISE`].

mod data;
mod noise;

use std::collections::BTreeSet;

use securecart_record::{AuditFinding, RunRecord, Verdict};
use serde::Serialize;

use crate::figures::{self, Figure};
pub use noise::MACHINE_NOISE;

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
    /// The first run.
    pub a: Ended,
    /// The second run.
    pub b: Ended,
    /// What else differs between them and what spoils their figures, as sentences.
    pub warnings: Vec<String>,
    /// Figures of both.
    pub rows: Vec<Row>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Ended {
    /// Its name.
    pub run: String,
    /// Its verdict.
    pub verdict: Verdict,
    /// Objectives that it missed, as the scenario writes them.
    pub missed: Vec<String>,
    /// How many findings its audit has; absent when it never got that far.
    pub findings_total: Option<u64>,
    /// The findings that its record lists.
    pub findings: Vec<AuditFinding>,
}

impl Ended {
    fn new(record: &RunRecord) -> Self {
        let missed = record.objectives.iter().filter(|objective| objective.held == Some(false));
        Self {
            run: record.run.id.clone(),
            verdict: record.verdict,
            missed: missed.map(|o| format!("{} {}", o.metric, o.bound)).collect(),
            findings_total: record.audit.as_ref().map(|audit| audit.findings_total),
            findings: record.audit.as_ref().map_or_else(Vec::new, |audit| audit.findings.clone()),
        }
    }
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
    /// A change of the figure by no more than this may be chance.
    pub noise: f64,
    /// What became of the figure, beyond its noise.
    pub judged: Judged,
}

/// What became of a figure from the first run to the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Judged {
    /// Nothing beyond its noise, or there is no better and no worse.
    Same,
    /// It is better.
    Better,
    /// It is worse.
    Worse,
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
    /// Processor cores.
    Cores,
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
        a: Ended::new(a),
        b: Ended::new(b),
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
    let interrupted = record.verdict == Verdict::Interrupted;
    let ended = interrupted.then(|| format!("{name} was interrupted"));
    let limits = record.limited_by.iter().map(|limit| {
        format!("{name} was limited by the {}: {}", limit.by.as_str(), limit.evidence)
    });
    ended.into_iter().chain(limits).collect()
}

/// Figures that at least one of the runs has.
fn rows<'a>(a: &'a RunRecord, b: &'a RunRecord) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut add = |figure: &str,
                   unit,
                   better,
                   read: &dyn Fn(&RunRecord) -> Figure,
                   noise: &dyn Fn() -> f64| {
        let (a, b) = (read(a), read(b));
        if a.or(b).is_some() {
            rows.push(row(figure, unit, better, (a, b), noise()));
        }
    };
    let counted = |count: &dyn Fn(&RunRecord) -> u64| noise::of_rates((a, count(a)), (b, count(b)));
    let requests = || counted(&|r| r.totals.requests);
    add("throughput", Unit::PerSecond, Better::More, &figures::throughput, &requests);
    add("requests", Unit::Count, Better::Neither, &|r| Some(r.totals.requests as f64), &|| 0.0);
    let orders = || counted(&|r| r.totals.orders_accepted);
    add("orders.rate", Unit::PerSecond, Better::More, &figures::order_rate, &orders);
    let failed = || noise::of_shares([a, b].map(|r| (r.totals.failed_requests, r.totals.requests)));
    add("availability", Unit::Share, Better::More, &|r| figures::availability(r, None), &failed);
    let operations = names(a, b, |r| r.totals.operations.iter().map(|o| o.operation.as_str()));
    for (name, quantile) in [("p50", 0.5), ("p99", 0.99)] {
        let read = |r: &RunRecord| figures::latency_us(r, None, quantile);
        let noise = || noise::of_latencies([a, b].map(|r| Some(&r.totals.response)), quantile);
        add(&format!("latency.{name}"), Unit::Us, Better::Less, &read, &noise);
        for operation in &operations {
            let read = |r: &RunRecord| figures::latency_us(r, Some(operation), quantile);
            let of = |r: &'a RunRecord| r.totals.operation(operation).map(|found| &found.response);
            let noise = || noise::of_latencies([a, b].map(of), quantile);
            add(&format!("{operation}.latency.{name}"), Unit::Us, Better::Less, &read, &noise);
        }
    }
    let shipped = |r: &RunRecord| figures::order_to_shipped_us(r, 0.95);
    let noise = || noise::of_latencies([a, b].map(|r| r.totals.measure("order-to-shipped")), 0.95);
    add("order-to-shipped.latency.p95", Unit::Us, Better::Less, &shipped, &noise);
    let queues = names(a, b, |r| r.totals.queues.iter().map(|queue| queue.queue.as_str()));
    for queue in queues.iter().filter(|queue| !queue.ends_with("-dlq")) {
        let read = |r: &RunRecord| figures::queue_depth(r, queue);
        let noise = || noise::of_counts([a, b].map(|r| read(r).unwrap_or(0.0)));
        add(&format!("{queue}.queue.depth"), Unit::Count, Better::Less, &read, &noise);
    }
    // No dead letter comes by chance.
    add("dead-letters", Unit::Count, Better::Less, &figures::dead_letters, &|| 0.0);
    let late = |r: &RunRecord| r.totals.late_arrivals + r.totals.dropped_arrivals;
    let late = || noise::of_shares([a, b].map(|r| (late(r), r.totals.arrivals)));
    add("arrivals.late", Unit::Share, Better::Less, &figures::late_share, &late);
    let cpu = |r: &RunRecord| r.totals.cpu_s;
    let noise = || noise::of_machine([a, b].map(cpu));
    add("cpu", Unit::Seconds, Better::Less, &|r| Some(cpu(r)), &noise);
    let memory = |r: &RunRecord| r.totals.memory_bytes_max as f64;
    let noise = || noise::of_machine([a, b].map(memory));
    add("memory", Unit::Bytes, Better::Less, &|r| Some(memory(r)), &noise);
    rows.extend(data::rows(a, b));
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

fn row(figure: &str, unit: Unit, better: Better, (a, b): (Figure, Figure), noise: f64) -> Row {
    let change = a.zip(b).filter(|(a, _)| *a != 0.0).map(|(a, b)| (b - a) / a);
    let change = change.filter(|share| share.is_finite());
    let more = a.zip(b).filter(|(a, b)| (b - a).abs() > noise).map(|(a, b)| b > a);
    let judged = match (better, more) {
        (Better::Neither, _) | (_, None) => Judged::Same,
        (Better::Less, Some(false)) | (Better::More, Some(true)) => Judged::Better,
        (Better::Less, Some(true)) | (Better::More, Some(false)) => Judged::Worse,
    };
    Row { figure: figure.to_owned(), unit, better, a, b, change, noise, judged }
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

    fn judged(compared: &Comparison, name: &str) -> Judged {
        compared.rows.iter().find(|row| row.figure == name).expect("a row").judged
    }

    #[test]
    fn what_chance_alone_could_be_is_not_judged() {
        let compared = compare(&record("embedded", 10_000), &record("embedded", 10_200));
        assert_eq!(judged(&compared.expect("alike"), "throughput"), Judged::Same);
        let compared = compare(&record("embedded", 10_000), &record("embedded", 8_000));
        assert_eq!(judged(&compared.expect("alike"), "throughput"), Judged::Worse);
        let failing = |failed| {
            let mut record = record("embedded", 10_000);
            record.totals.failed_requests = failed;
            record
        };
        let compared = compare(&failing(0), &failing(1)).expect("alike");
        assert_eq!(judged(&compared, "availability"), Judged::Same);
        let compared = compare(&failing(50), &failing(0)).expect("alike");
        assert_eq!(judged(&compared, "availability"), Judged::Better);
    }

    #[test]
    fn latencies_are_judged_by_how_many_there_are() {
        let with = |count: u64, latency_us: u64| {
            let mut record = record("embedded", count);
            for n in 0..count {
                record.totals.response.record_us(latency_us * (50 + n * 37 % 100) / 100);
            }
            record
        };
        let worse = |count| {
            let compared = compare(&with(count, 10_000), &with(count, 13_000)).expect("alike");
            judged(&compared, "latency.p50")
        };
        assert_eq!((worse(10), worse(10_000)), (Judged::Same, Judged::Worse));
        let near = compare(&with(10_000, 10_000), &with(10_000, 10_500)).expect("alike");
        assert_eq!(judged(&near, "latency.p50"), Judged::Same, "machines differ by as much");
    }

    #[test]
    fn how_each_run_ended_comes_first() {
        let mut other = record("embedded", 1);
        other.verdict = Verdict::AuditFailed;
        let mut audit = securecart_record::Audit::default();
        audit.push_finding(AuditFinding {
            kind: securecart_record::FindingKind::LostOrder,
            order: "o-1".to_owned(),
            detail: "gone".to_owned(),
        });
        other.audit = Some(audit);
        let compared = compare(&record("embedded", 1), &other).expect("alike");
        assert_eq!((compared.a.verdict, compared.a.findings_total), (Verdict::Held, None));
        assert_eq!(
            (compared.b.verdict, compared.b.findings_total),
            (Verdict::AuditFailed, Some(1))
        );
        assert_eq!(compared.b.findings[0].order, "o-1");
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
