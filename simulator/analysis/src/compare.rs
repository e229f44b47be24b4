//! Two records side by side, where that makes sense.

use securecart_record::RunRecord;
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
    /// What else differs between them, as sentences.
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
    /// From a to b as a share of a; absent where a is zero or one is absent.
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
    let differing = [
        ("seed", a.run.seed.to_string(), b.run.seed.to_string()),
        ("scale", a.run.scale.to_string(), b.run.scale.to_string()),
        ("speed", a.run.speed.to_string(), b.run.speed.to_string()),
        ("length", a.run.window_end_s.to_string(), b.run.window_end_s.to_string()),
        ("build", a.environment.profile.clone(), b.environment.profile.clone()),
        ("processor", a.environment.cpu.clone(), b.environment.cpu.clone()),
        ("number of cores", a.environment.cores.to_string(), b.environment.cores.to_string()),
    ];
    let differing = differing
        .into_iter()
        .filter(|(_, a, b)| a != b)
        .map(|(what, a, b)| format!("the {what} differs: {a} and {b}"));
    let limited = [a, b].into_iter().flat_map(|record| {
        let sentence = |limit: &securecart_record::Limit| {
            format!("{} was limited: {}", record.run.id, limit.evidence)
        };
        record.limited_by.iter().map(sentence).collect::<Vec<_>>()
    });
    differing.chain(limited).collect()
}

fn rows(a: &RunRecord, b: &RunRecord) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut add = |figure: &str, unit, better, read: &dyn Fn(&RunRecord) -> Figure| {
        rows.push(row(figure, unit, better, read(a), read(b)));
    };
    add("throughput", Unit::PerSecond, Better::More, &figures::throughput);
    add("requests", Unit::Count, Better::Neither, &|r| Some(r.totals.requests as f64));
    add("orders.rate", Unit::PerSecond, Better::More, &figures::order_rate);
    add("availability", Unit::Share, Better::More, &|r| figures::availability(r, None));
    for (name, quantile) in [("p50", 0.5), ("p99", 0.99)] {
        let read = |r: &RunRecord| figures::latency_us(r, None, quantile);
        add(&format!("latency.{name}"), Unit::Us, Better::Less, &read);
        for operation in &a.totals.operations {
            let operation = operation.operation.as_str();
            let read = |r: &RunRecord| figures::latency_us(r, Some(operation), quantile);
            add(&format!("{operation}.latency.{name}"), Unit::Us, Better::Less, &read);
        }
    }
    let shipped = |r: &RunRecord| figures::order_to_shipped_us(r, 0.95);
    add("order-to-shipped.latency.p95", Unit::Us, Better::Less, &shipped);
    for queue in a.totals.queues.iter().filter(|queue| !queue.queue.ends_with("-dlq")) {
        let read = |r: &RunRecord| figures::queue_depth(r, &queue.queue);
        add(&format!("{}.queue.depth", queue.queue), Unit::Count, Better::Less, &read);
    }
    add("dead-letters", Unit::Count, Better::Less, &figures::dead_letters);
    add("arrivals.late", Unit::Share, Better::Less, &figures::late_share);
    add("cpu", Unit::Seconds, Better::Less, &|r| Some(r.totals.cpu_s));
    add("memory", Unit::Bytes, Better::Less, &|r| Some(r.totals.memory_bytes_max as f64));
    rows
}

fn row(figure: &str, unit: Unit, better: Better, a: Figure, b: Figure) -> Row {
    let change = a.zip(b).filter(|(a, _)| *a != 0.0).map(|(a, b)| (b - a) / a);
    Row { figure: figure.to_owned(), unit, better, a, b, change }
}

#[cfg(test)]
mod tests {
    use securecart_record::{Environment, RunInfo};

    use super::*;

    fn record(backend: &str, requests: u64) -> RunRecord {
        let info = RunInfo { backend: backend.to_owned(), traffic_s: 10.0, ..RunInfo::default() };
        let mut record = RunRecord::starting(info, Environment::default());
        record.totals.requests = requests;
        record
    }

    #[test]
    fn runs_on_different_backends_are_never_compared() {
        let error =
            compare(&record("embedded", 1), &record("localstack", 1)).expect_err("different");
        assert!(error.to_string().contains("`embedded` and `localstack`"), "{error}");
    }

    #[test]
    fn a_change_is_a_share_of_the_first() {
        let compared = compare(&record("embedded", 100), &record("embedded", 150)).expect("alike");
        let throughput = &compared.rows[0];
        assert_eq!(
            (throughput.a, throughput.b, throughput.change),
            (Some(10.0), Some(15.0), Some(0.5))
        );
        let nothing = compared.rows.iter().find(|row| row.figure == "latency.p50").expect("a row");
        assert_eq!((nothing.a, nothing.change), (None, None));
    }

    #[test]
    fn what_differs_is_said() {
        let mut other = record("embedded", 1);
        other.run.seed = 9;
        let compared = compare(&record("embedded", 1), &other).expect("alike");
        assert_eq!(compared.warnings, ["the seed differs: 0 and 9"]);
    }
}
