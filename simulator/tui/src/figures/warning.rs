//! Warnings that explain themselves: what is seen, for how long, and what it does to the figures.

use std::sync::Arc;

use securecart_record::{ContainerSample, LimitedBy, RunRecord, Sample, format};

use super::{RECENT_S, queues, recent};

/// Share of the host's processors from which its latencies are partly its own.
const BUSY_SHARE: f64 = 0.9;

/// Everything the figures must be read with, the gravest first; each is one sentence.
pub(crate) fn warnings(record: &RunRecord) -> Vec<String> {
    let limits = record.limited_by.iter().map(|limit| {
        let by = match limit.by {
            LimitedBy::Generator => "the generator",
            LimitedBy::Host => "the host",
            LimitedBy::Emulator => "the emulator",
        };
        format!("limited by {by}: {}", limit.evidence)
    });
    let seen = [
        stall(record),
        busy_host(record),
        full_emulator(record),
        dropped(record),
        late(record),
        merged(record),
    ];
    limits.chain(seen.into_iter().flatten()).chain(dead_letters(record)).collect()
}

/// Whether nothing completed in `sample` although something was under way.
pub(crate) fn is_stalled(sample: &Sample) -> bool {
    let traffic = &sample.traffic;
    traffic.requests == 0 && (traffic.in_flight > 0 || traffic.arrivals > 0)
}

/// Seconds at the end of the run for which `holds` held without a break.
fn seconds_up_to_now(record: &RunRecord, holds: impl Fn(&Sample) -> bool) -> f64 {
    let intervals = record.samples.iter().rev().take_while(|sample| holds(sample)).count();
    intervals as f64 * f64::from(record.resolution_s.max(1))
}

fn stall(record: &RunRecord) -> Option<String> {
    let in_flight = record.samples.last()?.traffic.in_flight;
    let seconds = seconds_up_to_now(record, is_stalled);
    (seconds > 0.0).then(|| {
        format!(
            "no request completed for {seconds:.0} s, {} in flight: the shop stands still",
            format::count(in_flight)
        )
    })
}

fn busy_host(record: &RunRecord) -> Option<String> {
    let cpu = record.samples.last()?.host.cpu_host;
    let seconds = seconds_up_to_now(record, |sample| sample.host.cpu_host >= BUSY_SHARE);
    (seconds > 0.0).then(|| {
        let percent = cpu * 100.0;
        format!("host CPU at {percent:.0} % for {seconds:.0} s: latencies include the harness")
    })
}

fn full_emulator(record: &RunRecord) -> Option<String> {
    let full = |sample: &Sample| sample.containers.iter().any(ContainerSample::is_full_emulator);
    let seconds = seconds_up_to_now(record, full);
    (seconds > 0.0).then(|| {
        format!(
            "the AWS emulator used a core of its own, all it can, for {seconds:.0} s: figures are its own"
        )
    })
}

fn dropped(record: &RunRecord) -> Option<String> {
    let dropped = record.totals.dropped_arrivals;
    (dropped > 0).then(|| {
        let dropped = format::count(dropped);
        format!("{dropped} sessions never started: the load was less than the scenario's")
    })
}

fn late(record: &RunRecord) -> Option<String> {
    let sum = |samples: &[Arc<Sample>]| samples.iter().map(|sample| sample.traffic.late).sum();
    let late: u64 = sum(recent(record));
    (late > 0).then(|| {
        let late = format::count(late);
        format!(
            "{late} sessions late in the last {RECENT_S} s: the wait counts as their response time"
        )
    })
}

fn merged(record: &RunRecord) -> Option<String> {
    let seconds = record.resolution_s;
    (seconds > 1)
        .then(|| format!("a long run: each sample stands for {seconds} s, not for one second"))
}

fn dead_letters(record: &RunRecord) -> impl Iterator<Item = String> {
    queues(record).into_iter().filter(|queue| queue.dead_letters > 0).map(|queue| {
        let dead = format::count(queue.dead_letters);
        format!("{dead} in the dead-letter queue of {}: every delivery of them failed", queue.name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    /// `record` with `change` made to its last `count` samples.
    fn with_last(count: usize, change: impl Fn(&mut Sample)) -> RunRecord {
        let mut record = fixture::black_friday(60);
        let from = record.samples.len() - count;
        for sample in &mut record.samples[from..] {
            change(Arc::make_mut(sample));
        }
        record
    }

    #[test]
    fn a_calm_run_warns_of_nothing() {
        assert_eq!(warnings(&fixture::black_friday(60)), Vec::<String>::new());
    }

    #[test]
    fn a_busy_host_says_for_how_long() {
        let record = with_last(12, |sample| sample.host.cpu_host = 0.97);
        assert_eq!(warnings(&record), ["host CPU at 97 % for 12 s: latencies include the harness"]);
    }

    #[test]
    fn a_stall_is_seconds_without_completions_under_load() {
        let record = with_last(3, |sample| {
            sample.traffic.requests = 0;
            sample.traffic.in_flight = 213;
        });
        let expected = "no request completed for 3 s, 213 in flight: the shop stands still";
        assert_eq!(warnings(&record), [expected]);
        let idle = with_last(3, |sample| sample.traffic = Default::default());
        assert_eq!(warnings(&idle), Vec::<String>::new());
    }

    #[test]
    fn an_emulator_at_its_limit_is_named_while_it_is() {
        let record = fixture::tiered(40);
        let warnings = warnings(&record);
        assert!(warnings[0].starts_with("the AWS emulator used a core"), "{warnings:?}");
        assert!(warnings[0].contains("for 21 s"), "{warnings:?}");
    }

    #[test]
    fn limits_come_first_and_late_arrivals_are_named() {
        let mut record = with_last(20, |sample| sample.traffic.late = 2);
        record.totals.dropped_arrivals = 7;
        record.resolution_s = 2;
        record.limited_by.push(securecart_record::Limit {
            by: LimitedBy::Generator,
            evidence: "7 of 5,000 sessions were never started".to_owned(),
        });
        let warnings = warnings(&record);
        assert!(warnings[0].starts_with("limited by the generator: 7 of 5,000"), "{warnings:?}");
        assert!(warnings[1].starts_with("7 sessions never started"), "{warnings:?}");
        assert!(warnings[2].starts_with("10 sessions late in the last 10 s"), "{warnings:?}");
        assert!(warnings[3].starts_with("a long run"), "{warnings:?}");
    }
}
