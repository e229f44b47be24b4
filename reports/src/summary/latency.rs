//! What shoppers got: operations, their latencies and what went wrong.

use securecart_analysis::figures;
use securecart_record::{OperationTotals, RunRecord, Totals, format};

use super::{paint::Paint, prose::facts};
use crate::{
    number::{exact, so_many},
    table::{self, Column, left, right},
};

const COLUMNS: [Column; 8] = [
    left("operation"),
    right("requests").spare(4),
    right("failed").spare(2),
    right("p50").spare(1),
    right("p90").spare(5),
    right("p99"),
    right("max").spare(3),
    right("service p99").spare(6),
];

pub(super) fn section(record: &RunRecord, paint: Paint, width: usize) -> String {
    let used = record.totals.operations.iter().filter(|operation| operation.requests > 0);
    let rows: Vec<_> = used.clone().map(row).collect();
    if rows.is_empty() {
        return "no request was made\n".to_owned();
    }
    let mut lines = Vec::new();
    for operation in used.filter(|operation| !operation.errors.is_empty()) {
        let name = if lines.is_empty() { "errors" } else { "" };
        lines.push((name, errors(operation)));
    }
    lines.push(("requests", throughput(record)));
    lines.push(("sessions", schedule(&record.totals)));
    let meaning = "wall time; response from the intended start, service from the first byte sent";
    lines.push(("latencies", meaning.to_owned()));
    paint.titles(&table::render(&COLUMNS, &rows, width)) + &facts(&lines, paint, width)
}

fn row(operation: &OperationTotals) -> Vec<String> {
    let response = operation.percentiles();
    vec![
        operation.operation.clone(),
        format::count(operation.requests),
        format::count(operation.failed),
        format::latency_us(response.p50_us),
        format::latency_us(response.p90_us),
        format::latency_us(response.p99_us),
        format::latency_us(response.max_us),
        format::latency_us(operation.service.quantile_us(0.99)),
    ]
}

fn errors(operation: &OperationTotals) -> String {
    let causes = operation.errors.iter().map(|e| format!("{} × {}", exact(e.count), e.cause));
    format!("{}: {}", operation.operation, causes.collect::<Vec<_>>().join(", "))
}

fn throughput(record: &RunRecord) -> String {
    let totals = &record.totals;
    let rate = |figure: figures::Figure| figure.map_or(format::NONE.to_owned(), format::rate);
    format!(
        "{} ({}), {} failed; {} accepted ({})",
        exact(totals.requests),
        rate(figures::throughput(record)),
        exact(totals.failed_requests),
        so_many(totals.orders_accepted, "order"),
        rate(figures::order_rate(record)),
    )
}

/// Whether the generator kept its schedule; said also where it did.
fn schedule(totals: &Totals) -> String {
    format!(
        "{} of {} late (by more than {}), {} never started; lag p99 {}",
        exact(totals.late_arrivals),
        exact(totals.arrivals),
        format::latency_us(totals.late_after_us),
        exact(totals.dropped_arrivals),
        format::latency_us(totals.lag.quantile_us(0.99)),
    )
}
