//! An emulator of AWS that answered so slowly, or failed so often, that it explains a miss: a limit of
//! the emulator, and none of SecureCart's design.

use securecart_record::{EmulatedCalls, Objective, Probe, RunRecord, format};

use super::{Class, Path, Suspect};
use crate::{PROBED_SHARE_MAX, figures};

const RESOURCE: &str = "emulator";

/// How many times as long as AWS an emulator must take to be slow. Idle ones take up to twice as long.
/// An assumption.
const SLOWER_MIN: f64 = 3.0;

/// Share of what a bound on a latency allows that slow answers must use up beyond AWS's own. An
/// assumption.
const BOUND_SHARE_MIN: f64 = 0.25;

/// Share of the failed requests that failed calls must explain. An assumption.
const FAILED_SHARE_MIN: f64 = 0.5;

/// Fewest calls of a kind that make a percentile. An assumption.
const CALLS_MIN: u64 = 20;

/// The emulator in the way of `objective`, whose path is `path`.
pub(super) fn suspect(record: &RunRecord, objective: &Objective, path: &Path) -> Option<Suspect> {
    if record.run.is_embedded() {
        return None;
    }
    let metric = objective.metric.as_str();
    let own: Vec<&EmulatedCalls> =
        record.totals.emulated.iter().filter(|kind| path.calls(&kind.service, metric)).collect();
    let slow = slow(record, objective, path, &own);
    let failed = failed(record, path, &own);
    // Records of builds that timed no calls tell the path alone.
    let calls_it =
        if record.totals.emulated.is_empty() { path.calls_aws(metric) } else { !own.is_empty() };
    let asked = if calls_it { near_its_most(record) } else { None };
    if slow.is_empty() && failed.is_none() && asked.is_none() {
        return None;
    }
    let weight = slow.first().map_or(1.0, |kind| times_p99(kind));
    let parts: Vec<String> =
        slowly(&slow).into_iter().chain(failed).chain(asked.or_else(|| played(record))).collect();
    let evidence =
        format!("the emulator, {}, and not SecureCart: {}", name(record), parts.join("; "));
    Some(Suspect::new(Class::Emulator, weight, RESOURCE, evidence))
}

/// Kinds of calls that were slow enough to explain the miss, the worst first.
fn slow<'a>(
    record: &RunRecord,
    objective: &Objective,
    path: &Path,
    own: &[&'a EmulatedCalls],
) -> Vec<&'a EmulatedCalls> {
    let all = own.iter().copied().filter(|kind| kind.calls >= CALLS_MIN);
    let mut slow: Vec<&EmulatedCalls> = match bound_us(record, objective, path) {
        // What keeps consumers and slots busy is the usual time of a call, not its worst.
        None => all.filter(|kind| times_p50(kind) >= SLOWER_MIN).collect(),
        Some(bound_us) => {
            let slow: Vec<_> = all.filter(|kind| times_p99(kind) >= SLOWER_MIN).collect();
            let beyond_us: u64 = slow.iter().map(|kind| beyond_us(kind)).sum();
            if beyond_us as f64 >= bound_us * BOUND_SHARE_MIN { slow } else { Vec::new() }
        }
    };
    slow.sort_by_key(|kind| std::cmp::Reverse(beyond_us(kind)));
    slow
}

fn times_p50(kind: &EmulatedCalls) -> f64 {
    kind.latency.p50_us as f64 / kind.aws_p50_us.max(1) as f64
}

fn times_p99(kind: &EmulatedCalls) -> f64 {
    kind.latency.p99_us as f64 / kind.aws_p99_us.max(1) as f64
}

/// What 1 in 100 calls took beyond AWS's own, µs.
fn beyond_us(kind: &EmulatedCalls) -> u64 {
    kind.latency.p99_us.saturating_sub(kind.aws_p99_us)
}

/// The bound on a latency, µs: what was measured, less what it is over. `None` where the objective is
/// about something else.
fn bound_us(record: &RunRecord, objective: &Objective, path: &Path) -> Option<f64> {
    let (_, quantile) = objective.metric.split_once("latency.p")?;
    let quantile = quantile.parse::<f64>().ok()? / 100.0;
    let measured_us = match path.latencies.first() {
        Some(operation) => figures::latency_us(record, *operation, quantile),
        None => figures::order_to_shipped_us(record, quantile),
    };
    let bound_us = measured_us? / objective.share_of_bound?;
    bound_us.is_finite().then_some(bound_us)
}

/// The worst of the `slow`, and whether there were more.
fn slowly(slow: &[&EmulatedCalls]) -> Option<String> {
    let (worst, others) = slow.split_first()?;
    // Not how many, so that what is said of two objectives is said once.
    let more = if others.is_empty() { "" } else { ", and other calls were slow too" };
    Some(format!(
        "it answered {} of {} in {} at p50 and {} at p99 ({} calls), AWS takes about {} and {}{more}",
        worst.call,
        worst.service,
        format::latency_us(worst.latency.p50_us),
        format::latency_us(worst.latency.p99_us),
        format::count(worst.calls),
        format::latency_us(worst.aws_p50_us),
        format::latency_us(worst.aws_p99_us),
    ))
}

/// Calls that failed in the emulator, where requests failed and it may be for them.
fn failed(record: &RunRecord, path: &Path, own: &[&EmulatedCalls]) -> Option<String> {
    let failed: u64 = own.iter().map(|kind| kind.failed).sum();
    let needed = record.totals.failed_requests as f64 * FAILED_SHARE_MIN;
    (path.availability && failed > 0 && failed as f64 >= needed).then(|| {
        let calls: u64 = own.iter().map(|kind| kind.calls).sum();
        format!("{} of {} calls to it failed", format::count(failed), format::count(calls))
    })
}

/// A plan that asks for more than an emulator carries without its answers getting slower.
fn near_its_most(record: &RunRecord) -> Option<String> {
    let probe @ Probe { call, carried_per_second, .. } = record.run.probe.as_ref()?;
    let asked = probe.played_per_second(record.run.scale);
    let near = asked > carried_per_second * PROBED_SHARE_MAX * 1.001;
    near.then(|| {
        format!(
            "the plan asked for {} {call} at its peak, {} of the {} that it carried in the probe",
            format::rate(asked),
            format::share(asked / carried_per_second),
            format::rate(*carried_per_second),
        )
    })
}

/// How much of what it carried was asked for, beside other evidence.
fn played(record: &RunRecord) -> Option<String> {
    let probe = record.run.probe.as_ref().filter(|probe| probe.carried_per_second > 0.0)?;
    let asked = probe.played_per_second(record.run.scale);
    let share = format::share(asked / probe.carried_per_second);
    Some(format!("the plan asked for {share} of what it carried in the probe"))
}

/// `LocalStack 4.14.0`.
fn name(record: &RunRecord) -> String {
    let run = &record.run;
    let aws = run.tiers.iter().find(|tier| tier.tier == "aws");
    let plain = || format!("{} {}", run.backend, run.backend_version).trim_end().to_owned();
    aws.map_or_else(plain, |tier| tier.served_by.clone())
}
