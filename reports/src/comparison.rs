//! Two runs side by side.

use securecart_analysis::{Better, Comparison, Row, Unit};
use securecart_record::format;

use crate::table::{self, left, right};

/// The comparison as a table, its warnings first.
#[must_use]
pub fn comparison(comparison: &Comparison, width: u16) -> String {
    let mut text = format!("a: {}\nb: {}\n", comparison.a, comparison.b);
    for warning in &comparison.warnings {
        text += &format!("! {warning}\n");
    }
    let columns = [left("figure"), right("a"), right("b"), right("change"), left("").spare(1)];
    let rows: Vec<_> = comparison.rows.iter().map(row).collect();
    text + "\n" + &table::render(&columns, &rows, usize::from(width))
}

fn row(row: &Row) -> Vec<String> {
    let change =
        row.change.map_or_else(|| format::NONE.to_owned(), |c| format!("{:+.1} %", c * 100.0));
    // Below a thousandth the figure has not changed as far as anybody can tell.
    let judged = match (row.change, row.better) {
        (Some(change), Better::Less) if change < -0.001 => "better",
        (Some(change), Better::Less) if change > 0.001 => "worse",
        (Some(change), Better::More) if change > 0.001 => "better",
        (Some(change), Better::More) if change < -0.001 => "worse",
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

fn value(value: Option<f64>, unit: Unit) -> String {
    let Some(value) = value else { return format::NONE.to_owned() };
    match unit {
        Unit::Us => format::latency_us(value as u64),
        Unit::Count => format::count(value as u64),
        Unit::PerSecond => format::rate(value),
        Unit::Share => format!("{:.3} %", value * 100.0),
        Unit::Seconds => format::duration_s(value),
        Unit::Bytes => format::bytes(value as u64),
    }
}

#[cfg(test)]
mod tests {
    use securecart_record::Verdict;

    use crate::summary::fixture;

    #[test]
    fn a_run_beside_a_slower_one() {
        let a = fixture(Verdict::Held);
        let mut b = fixture(Verdict::Held);
        b.run.id = "black-friday-20261127T010000Z-0100".to_owned();
        b.run.seed = 7;
        b.totals.operations[1].response.record_us(5_000_000);
        b.totals.requests = 150_000;
        let compared = securecart_analysis::compare(&a, &b).expect("comparable");
        insta::assert_snapshot!(super::comparison(&compared, 100));
    }
}
