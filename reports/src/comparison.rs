//! Two runs side by side.

use securecart_analysis::{Better, Comparison, Row, Unit};
use securecart_record::format;

use crate::table::{self, left, right};

/// Below this share a figure has not changed as far as anybody can tell.
const CHANGE_MIN: f64 = 0.001;

/// The comparison as a table, its warnings first; no wider than `width` where that can be had.
#[must_use]
pub fn comparison(comparison: &Comparison, width: u16) -> String {
    let mut text = format!("a: {}\nb: {}\n", comparison.a, comparison.b);
    for warning in &comparison.warnings {
        text += &format!("! {warning}\n");
    }
    let columns = [left("figure"), right("a"), right("b"), right("change"), left("").spare(1)];
    let rows: Vec<_> = comparison.rows.iter().map(row).collect();
    text + "\n"
        + &table::render(&columns, &rows, usize::from(width))
        + "\nlatencies are wall time, from the intended start\n"
}

fn row(row: &Row) -> Vec<String> {
    let change = row.change.map_or_else(|| format::NONE.to_owned(), change);
    let judged = match (row.a.zip(row.b), row.better) {
        (Some((a, b)), better) if changed(a, b) => match (better, b < a) {
            (Better::Neither, _) => "",
            (Better::Less, true) | (Better::More, false) => "better",
            (Better::Less, false) | (Better::More, true) => "worse",
        },
        _ => "",
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

/// Also from zero, where there is no share to tell.
fn changed(a: f64, b: f64) -> bool {
    (b - a).abs() > a.abs() * CHANGE_MIN
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
    }
}

#[cfg(test)]
mod tests {
    use securecart_record::{Limit, LimitedBy, RunRecord, Verdict};

    use super::*;
    use crate::summary::fixture;

    fn slower() -> RunRecord {
        let mut record = fixture(Verdict::Missed);
        record.run.id = "black-friday-20261127T010000Z-0100".to_owned();
        record.run.seed = 7;
        record.totals.operations[1].response.record_us(5_000_000);
        record.totals.requests = 150_000;
        record.totals.failed_requests = 30;
        record.totals.queues[0].dead_lettered = 2;
        record.totals.cpu_s = 80.0;
        record.limited_by = vec![Limit {
            by: LimitedBy::Host,
            evidence: "all processors were more than 95 % busy for 30 of 240 s".to_owned(),
        }];
        record
    }

    #[test]
    fn a_run_beside_a_slower_one() {
        let compared =
            securecart_analysis::compare(&fixture(Verdict::Held), &slower()).expect("comparable");
        insta::assert_snapshot!(comparison(&compared, 100));
    }

    #[test]
    fn narrow() {
        let compared =
            securecart_analysis::compare(&fixture(Verdict::Held), &slower()).expect("comparable");
        let text = comparison(&compared, 50);
        let table = text.split_once("\n\n").expect("a table below the warnings").1;
        assert!(table.lines().all(|line| line.chars().count() <= 50), "{text}");
    }
}
