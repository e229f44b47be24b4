//! What broke on purpose, and what AWS refused or started cold. Nothing where nothing did.

use securecart_record::{
    FaultRecord, FunctionTotals, Mark, RunRecord, SkippedFault, TableTotals, format,
};

use super::{paint::Paint, prose::facts};
use crate::number::{exact, so_many};

pub(super) fn section(record: &RunRecord, paint: Paint, width: usize) -> String {
    let totals = &record.totals;
    let mut lines = Vec::new();
    let throttled = totals.throttled;
    let calls = (throttled > 0).then(|| {
        format!("{} of {} AWS calls", exact(throttled), exact(totals.aws_calls.max(throttled)))
    });
    let tables = totals.tables.iter().filter_map(throttled_table);
    let functions = totals.functions.iter().filter_map(throttled_function);
    named(&mut lines, "faults", record.faults.iter().map(fault).chain(overlap(&record.faults)));
    named(&mut lines, "not played", record.skipped_faults.iter().map(skipped));
    named(&mut lines, "redriven", record.marks.iter().filter_map(redrive));
    named(&mut lines, "throttled", calls.into_iter().chain(tables).chain(functions));
    named(&mut lines, "cold starts", totals.functions.iter().filter_map(cold));
    facts(&lines, paint, width)
}

/// Appends `texts`, the first beside `name`.
fn named(
    lines: &mut Vec<(&'static str, String)>,
    name: &'static str,
    texts: impl Iterator<Item = String>,
) {
    let names = std::iter::once(name).chain(std::iter::repeat(""));
    lines.extend(names.zip(texts));
}

fn fault(fault: &FaultRecord) -> String {
    let start = format::clock_s(fault.start_scenario_s);
    let when = match fault.end_scenario_s {
        None => format!("from {start} to the end"),
        Some(end_s) if end_s > fault.start_scenario_s => {
            format!("from {start} to {}", format::clock_s(end_s))
        }
        Some(_) => format!("at {start}"),
    };
    let effect = if fault.effect.is_empty() { "no effect was seen" } else { &fault.effect };
    format!("{when} (scenario) {}, {}: {effect}", fault.kind, fault.radius)
}

/// Says of faults that were on at once how what happened meanwhile is counted.
fn overlap(faults: &[FaultRecord]) -> Option<String> {
    let end_s = |fault: &FaultRecord| fault.end_s.unwrap_or(f64::INFINITY);
    let lasting: Vec<_> = faults.iter().filter(|fault| end_s(fault) > fault.start_s).collect();
    let meet = |a: &FaultRecord, b: &FaultRecord| a.start_s < end_s(b) && b.start_s < end_s(a);
    let overlap = lasting
        .iter()
        .enumerate()
        .any(|(place, fault)| lasting[place + 1..].iter().any(|other| meet(fault, other)));
    let text = "some were on at the same time: what failed then is counted for each of them, so their \
                numbers do not add up";
    overlap.then(|| text.to_owned())
}

/// A fault outside of what was played.
fn skipped(fault: &SkippedFault) -> String {
    let start = format::clock_s(fault.start_scenario_s);
    let when = match fault.end_scenario_s {
        Some(end_s) => format!("from {start} to {}", format::clock_s(end_s)),
        None => format!("at {start}"),
    };
    format!("{when} (scenario) {}, {}: outside of what was played", fault.kind, fault.radius)
}

/// A redrive of the scenario: the run marks when it ended and what it came to.
fn redrive(mark: &Mark) -> Option<String> {
    let at = format::clock_s(mark.scenario_s);
    mark.text.strip_prefix("redrive: ").map(|what| format!("at {at} (scenario) {what}"))
}

fn throttled_table(table: &TableTotals) -> Option<String> {
    let TableTotals { throttled_reads: reads, throttled_writes: writes, .. } = *table;
    (reads.saturating_add(writes) > 0).then(|| {
        format!("table {}: {}, {}", table.table, so_many(reads, "read"), so_many(writes, "write"))
    })
}

fn throttled_function(function: &FunctionTotals) -> Option<String> {
    (function.throttles > 0).then(|| {
        let throttles = so_many(function.throttles, "invocation");
        format!(
            "function {}: {throttles}, at most {} at once",
            function.function,
            exact(function.concurrent_max)
        )
    })
}

fn cold(function: &FunctionTotals) -> Option<String> {
    (function.cold_starts > 0).then(|| {
        let share = function.cold_starts as f64 / function.invocations.max(1) as f64;
        format!(
            "function {}: {} of {} invocations ({}), at most {} at once",
            function.function,
            exact(function.cold_starts),
            exact(function.invocations),
            format::share(share),
            exact(function.concurrent_max),
        )
    })
}
