//! What shoppers got: operations, their latencies and what went wrong.

use securecart_record::{OperationTotals, RunRecord, format};

use super::wrap;
use crate::table::{self, Column, left, right};

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

pub(super) fn section(record: &RunRecord, width: usize) -> String {
    let used = record.totals.operations.iter().filter(|operation| operation.requests > 0);
    let rows: Vec<_> = used.clone().map(row).collect();
    if rows.is_empty() {
        return "no request was made\n".to_owned();
    }
    let mut text = table::render(&COLUMNS, &rows, width);
    for operation in used.filter(|operation| !operation.errors.is_empty()) {
        text += &wrap(&errors(operation), width, "");
    }
    text + &wrap(&footer(record), width, "")
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
    let causes =
        operation.errors.iter().map(|e| format!("{} x {}", format::count(e.count), e.cause));
    format!("{}: {}", operation.operation, causes.collect::<Vec<_>>().join(", "))
}

/// What the figures are, and whether the generator kept its schedule.
fn footer(record: &RunRecord) -> String {
    let totals = &record.totals;
    let seconds = record.run.traffic_s.max(1e-9);
    format!(
        "wall time, response from the intended start, service from the first byte sent; {} requests and \
         {} orders; {} of {} sessions late (by more than {}), {} never started; lag p99 {}",
        format::rate(totals.requests as f64 / seconds),
        format::rate(totals.orders_accepted as f64 / seconds),
        totals.late_arrivals,
        totals.arrivals,
        format::latency_us(totals.late_after_us),
        totals.dropped_arrivals,
        format::latency_us(totals.lag.quantile_us(0.99)),
    )
}
