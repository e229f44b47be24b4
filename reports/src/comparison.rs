//! Two runs side by side.

use securecart_analysis::{Comparison, Ended, Judged, Row, Unit};
use securecart_record::{Verdict, format};

use crate::{
    number::{exact, so_many},
    table::{self, left, right},
};

/// Audit findings of a run that are listed.
const FINDINGS_SHOWN: usize = 5;

/// The comparison as a table: how each run ended and what spoils the figures come first; no wider than
/// `width` where that can be had.
#[must_use]
pub fn comparison(comparison: &Comparison, width: u16) -> String {
    let mut text = ended("a", &comparison.a) + &ended("b", &comparison.b);
    for warning in &comparison.warnings {
        text += &format!("! {warning}\n");
    }
    let columns = [left("figure"), right("a"), right("b"), right("change"), left("").spare(1)];
    let rows: Vec<_> = comparison.rows.iter().map(row).collect();
    text + "\n"
        + &table::render(&columns, &rows, usize::from(width))
        + "\nlatencies are wall time, from the intended start\n\
           neither better nor worse: it may be chance\n"
}

/// A run's name, how it ended, and what its audit found.
fn ended(name: &str, run: &Ended) -> String {
    let verdict = match run.verdict {
        Verdict::Missed => format!("MISSED {}", run.missed.join(", ")),
        verdict => verdict.as_str().replace('-', " ").to_uppercase(),
    };
    let audit = match run.findings_total {
        None => "no audit".to_owned(),
        Some(0) => "audit clean".to_owned(),
        Some(findings) => format!("audit: {}", so_many(findings, "finding")),
    };
    let mut text = format!("{name}: {}\n   {verdict}; {audit}\n", run.run);
    for finding in run.findings.iter().take(FINDINGS_SHOWN) {
        let about = if finding.order.is_empty() { "stock" } else { &finding.order };
        text += &format!("   ✗ {about} {}: {}\n", finding.kind.as_str(), finding.detail);
    }
    let more = run.findings_total.unwrap_or(0).saturating_sub(FINDINGS_SHOWN as u64);
    if more > 0 {
        text += &format!("   and {} more\n", exact(more));
    }
    text
}

fn row(row: &Row) -> Vec<String> {
    let change = row.change.map_or_else(|| format::NONE.to_owned(), change);
    let judged = match row.judged {
        Judged::Same => "",
        Judged::Better => "better",
        Judged::Worse => "worse",
    };
    vec![
        row.figure.clone(),
        value(row.a, row.unit),
        value(row.b, row.unit),
        change,
        judged.to_owned(),
    ]
}

/// A change in percent, without a sign where it rounds to none.
fn change(share: f64) -> String {
    let percent = format!("{:+.1} %", share * 100.0);
    if matches!(percent.as_str(), "+0.0 %" | "-0.0 %") { "0.0 %".to_owned() } else { percent }
}

fn value(value: Option<f64>, unit: Unit) -> String {
    let Some(value) = value else { return format::NONE.to_owned() };
    if value.is_infinite() {
        return "never".to_owned();
    }
    match unit {
        Unit::Us => format::latency_us(value as u64),
        Unit::Count => format::count(value as u64),
        Unit::PerSecond => format::rate(value),
        Unit::Share => format::share(value),
        Unit::Seconds => format::duration_s(value),
        Unit::Bytes => format::bytes(value as u64),
        Unit::Cores => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use securecart_record::{
        AuditFinding, FindingKind, Limit, LimitedBy, QueueSample, RunRecord, Sample,
    };

    use super::*;
    use crate::summary::{fixture, tiered_fixture};

    /// A last second with `visible` dead letters.
    fn dead(visible: u64) -> Arc<Sample> {
        let queue =
            QueueSample { queue: "orders-dlq".to_owned(), visible, ..QueueSample::default() };
        Arc::new(Sample { queues: vec![queue], ..Sample::default() })
    }

    fn faster() -> RunRecord {
        RunRecord { samples: vec![dead(0)], ..fixture(Verdict::Held) }
    }

    fn slower() -> RunRecord {
        let mut record = fixture(Verdict::Missed);
        record.run.id = "black-friday-20261127T010000Z-0100".to_owned();
        record.run.seed = 7;
        record.objectives[0].held = Some(false);
        record.totals.operations[1].response.record_us(5_000_000);
        record.totals.requests = 150_000;
        record.totals.failed_requests = 30;
        record.samples = vec![dead(2)];
        record.totals.cpu_s = 80.0;
        record.limited_by = vec![Limit {
            by: LimitedBy::Host,
            evidence: "all processors were more than 95 % busy for 30 of 240 s".to_owned(),
        }];
        record
    }

    #[test]
    fn a_run_beside_a_slower_one() {
        let compared = securecart_analysis::compare(&faster(), &slower()).expect("comparable");
        insta::assert_snapshot!(comparison(&compared, 100));
    }

    #[test]
    fn a_failed_audit_comes_before_any_figure() {
        let mut failed = fixture(Verdict::AuditFailed);
        let audit = failed.audit.as_mut().expect("an audit");
        for _ in 0..7 {
            audit.push_finding(AuditFinding {
                kind: FindingKind::LostOrder,
                order: "o-00000000000000ff".to_owned(),
                detail: "accepted, but written down nowhere".to_owned(),
            });
        }
        let compared =
            securecart_analysis::compare(&fixture(Verdict::Held), &failed).expect("comparable");
        let text = comparison(&compared, 100);
        let head = text.split_once("figure").expect("a table").0;
        assert!(head.contains("HELD; audit clean"), "{text}");
        assert!(head.contains("AUDIT FAILED; audit: 7 findings"), "{text}");
        assert!(head.contains("o-00000000000000ff lost-order: ") && head.contains("and 2 more"));
    }

    #[test]
    fn data_tiers_and_containers_have_rows_where_there_are_any() {
        let mut other = tiered_fixture();
        let totals = &mut other.totals;
        (totals.databases[0].waiting_max, totals.databases[0].timed_out) = (3, 0);
        totals.containers[0].cores_max = 0.42;
        let compared = securecart_analysis::compare(&tiered_fixture(), &other).expect("comparable");
        insta::assert_snapshot!(comparison(&compared, 100));
    }

    #[test]
    fn narrow() {
        let compared =
            securecart_analysis::compare(&fixture(Verdict::Held), &slower()).expect("comparable");
        let text = comparison(&compared, 50);
        let table = text.split_once("\n\n").expect("a table below the warnings").1;
        let table = table.split_once("\n\n").expect("a note below the table").0;
        assert!(table.lines().all(|line| line.chars().count() <= 50), "{text}");
    }
}
