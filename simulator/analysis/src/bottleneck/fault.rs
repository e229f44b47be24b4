//! Faults that explain a missed objective: most failures fell into them, or latency rose with them.

use securecart_record::{FaultRecord, LatencySample, RunRecord, Sample, format};

use super::{Class, Path, Suspect};
use crate::span::{at, timed};

/// Share of all failed requests past which a fault explains the failures. An assumption.
const FAILED_SHARE_MIN: f64 = 0.5;

/// How many times as long the median of the 99th percentiles must be during a fault as it is
/// outside of it. An assumption.
const SLOWER_MIN: f64 = 2.0;

pub(super) fn suspects(record: &RunRecord, path: &Path) -> Vec<Suspect> {
    let faults = record.faults.iter();
    faults
        .filter_map(|fault| failures(record, fault, path).or(slower(record, fault, path)))
        .collect()
}

/// Whether `sample` ends within `fault`. What happens at once is looked for in the sample it falls
/// into and in the ones that its requests may still be answered in.
fn is_within(fault: &FaultRecord, sample: &Sample, length_s: f64) -> bool {
    /// Wall seconds for which the requests that a sudden fault hit go on failing. An assumption.
    const AFTER_S: f64 = 5.0;
    let end_s = fault.end_s.unwrap_or(f64::INFINITY).max(fault.start_s + AFTER_S);
    sample.at_s > fault.start_s && sample.at_s - length_s < end_s
}

fn failures(record: &RunRecord, fault: &FaultRecord, path: &Path) -> Option<Suspect> {
    if !path.availability {
        return None;
    }
    let (mut within, mut all) = (0_u64, 0_u64);
    for (sample, length_s) in timed(record) {
        all += sample.traffic.failed;
        if is_within(fault, sample, length_s) {
            within += sample.traffic.failed;
        }
    }
    let share = within as f64 / all.max(1) as f64;
    (share >= FAILED_SHARE_MIN).then(|| {
        let evidence = format!(
            "{} of {} failed requests fell into the fault {}{}",
            format::count(within),
            format::count(all),
            name(fault),
            effect(fault),
        );
        Suspect::new(Class::Fault, share, &fault.kind, evidence)
    })
}

fn slower(record: &RunRecord, fault: &FaultRecord, path: &Path) -> Option<Suspect> {
    let slower = path.latencies.iter().filter_map(|operation| {
        let (mut within, mut outside) = (Vec::new(), Vec::new());
        for (sample, length_s) in timed(record) {
            let Some(latency) = latency(sample, *operation) else { continue };
            let side = if is_within(fault, sample, length_s) { &mut within } else { &mut outside };
            side.push(latency.p99_us);
        }
        let (within_us, outside_us) = (median(within)?, median(outside)?);
        let times = within_us as f64 / outside_us.max(1) as f64;
        (times >= SLOWER_MIN).then_some((times, *operation, within_us, outside_us))
    });
    let (times, operation, within_us, outside_us) = slower.max_by(|a, b| a.0.total_cmp(&b.0))?;
    let what = operation.map_or_else(|| "requests".to_owned(), |name| format!("{name} requests"));
    let evidence = format!(
        "the p99 of {what} was {} during the fault {} and {} outside of it (wall, medians over \
         seconds){}",
        format::latency_us(within_us),
        name(fault),
        format::latency_us(outside_us),
        effect(fault),
    );
    Some(Suspect::new(Class::Fault, times, &fault.kind, evidence))
}

/// Response times of `operation`, or of all, where anything completed.
fn latency(sample: &Sample, operation: Option<&str>) -> Option<LatencySample> {
    match operation {
        None => (sample.traffic.requests > 0).then_some(sample.traffic.latency),
        Some(name) => {
            let found = sample.operations.iter().find(|one| one.operation == name)?;
            (found.requests > 0).then_some(found.latency)
        }
    }
}

fn median(mut figures: Vec<u64>) -> Option<u64> {
    figures.sort_unstable();
    figures.get(figures.len() / 2).copied()
}

/// `availability-zone-loss (zone a) from 00:20:00 to 00:30:00 (scenario)`.
fn name(fault: &FaultRecord) -> String {
    let FaultRecord { kind, radius, .. } = fault;
    let when = match fault.end_scenario_s {
        Some(end_s) if end_s > fault.start_scenario_s => {
            format!("from {} to {}", format::clock_s(fault.start_scenario_s), at(end_s))
        }
        _ => format!("at {}", at(fault.start_scenario_s)),
    };
    format!("{kind} ({radius}) {when}")
}

fn effect(fault: &FaultRecord) -> String {
    if fault.effect.is_empty() { String::new() } else { format!(": {}", fault.effect) }
}
