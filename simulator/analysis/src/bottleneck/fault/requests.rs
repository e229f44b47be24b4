//! Faults in which requests failed or were slow.

use securecart_record::{LatencySample, RunRecord, Sample, format};

use super::{
    super::{Class, Path, Suspect},
    Kind,
};
use crate::span::timed;

/// Share of all failed requests past which a fault explains the failures. An assumption.
const FAILED_SHARE_MIN: f64 = 0.5;

/// How many times as long the median of the 99th percentiles must be during a fault as it is
/// outside of it. An assumption.
const SLOWER_MIN: f64 = 2.0;

pub(super) fn failures(record: &RunRecord, kind: &Kind<'_>, path: &Path) -> Option<Suspect> {
    if !path.availability {
        return None;
    }
    let others: Vec<Kind<'_>> =
        Kind::all(record).into_iter().filter(|other| other.name != kind.name).collect();
    let (mut within, mut shared, mut all) = (0_u64, 0_u64, 0_u64);
    for (sample, length_s) in timed(record) {
        let failed = sample.traffic.failed;
        all += failed;
        if kind.is_within(sample, length_s) {
            within += failed;
            if others.iter().any(|other| other.is_within(sample, length_s)) {
                shared += failed;
            }
        }
    }
    // Whose they are nobody can tell, so each fault counts them, and says so.
    let also = match shared {
        0 => String::new(),
        count => format!(", {} of them into other faults too", format::count(count)),
    };
    let share = within as f64 / all.max(1) as f64;
    (share >= FAILED_SHARE_MIN).then(|| {
        let evidence = format!(
            "{} of {} failed requests fell into {}{also}{}",
            format::count(within),
            format::count(all),
            kind.describe(),
            kind.effect(),
        );
        Suspect::new(Class::Fault, share, kind.name, evidence)
    })
}

pub(super) fn slower(record: &RunRecord, kind: &Kind<'_>, path: &Path) -> Option<Suspect> {
    let slower = path.latencies.iter().filter_map(|operation| {
        let (mut within, mut outside) = (Vec::new(), Vec::new());
        for (sample, length_s) in timed(record) {
            let Some(latency) = latency(sample, *operation) else { continue };
            let side = if kind.is_within(sample, length_s) { &mut within } else { &mut outside };
            side.push(latency.p99_us);
        }
        let (within_us, outside_us) = (median(within)?, median(outside)?);
        let times = within_us as f64 / outside_us.max(1) as f64;
        (times >= SLOWER_MIN).then_some((times, *operation, within_us, outside_us))
    });
    let (times, operation, within_us, outside_us) = slower.max_by(|a, b| a.0.total_cmp(&b.0))?;
    let what = operation.map_or_else(|| "requests".to_owned(), |name| format!("{name} requests"));
    let evidence = format!(
        "the p99 of {what} was {} during {} and {} outside of it (wall, medians over seconds){}",
        format::latency_us(within_us),
        kind.describe(),
        format::latency_us(outside_us),
        kind.effect(),
    );
    Some(Suspect::new(Class::Fault, times, kind.name, evidence))
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
