//! What kept a run from measuring SecureCart: the generator, the host or an emulator of AWS. Named
//! before any figure.
//!
//! An emulator is judged by what the probe said before the run, by the processor it used while it went
//! on, because the probe only tries single kinds of calls, and by whether its own answers explain a
//! missed objective.

use securecart_record::{EMULATOR_CORES_MAX, Limit, LimitedBy, Probe, RunRecord, format};

use crate::{
    bottleneck, figures,
    span::{timed, wall},
};

/// Late or dropped sessions past this share: the load was not what the plan says.
const LATE_SHARE_MAX: f64 = 0.001;

/// 99th percentile of the sessions' lag past which the generator shapes latencies, µs.
const LAG_P99_US_MAX: u64 = 20_000;

/// Share of all processors' time past which the host counts as busy.
const BUSY: f64 = 0.95;

/// Busy seconds in a row that limit a run.
const BUSY_IN_A_ROW_S: u32 = 5;

/// Share of a run that may be busy.
const BUSY_SHARE_MAX: f64 = 0.1;

/// Share of the time past which an emulator at its limit limits the run: most of it.
const EMULATOR_SHARE_MAX: f64 = 0.5;

/// Share of what an emulator carried in its probe from which a plan asks for too much. A queue whose
/// server is 70 % busy already makes a call wait more than twice as long as it takes (M/M/1), and the
/// probe makes one kind of call while the plan mixes them. An assumption.
pub const PROBED_SHARE_MAX: f64 = 0.7;

/// Everything that limited the run, with its evidence.
#[must_use]
pub fn limits(record: &RunRecord) -> Vec<Limit> {
    let emulator = probed(record).into_iter().chain(full(record)).chain(in_the_way(record));
    let emulator: Vec<String> = emulator.collect();
    let emulator = (!emulator.is_empty())
        .then(|| Limit { by: LimitedBy::Emulator, evidence: emulator.join("; ") });
    generator(record).into_iter().chain(host(record)).chain(emulator).collect()
}

/// The plan against the probe.
fn probed(record: &RunRecord) -> Option<String> {
    let probe @ Probe { call, carried_per_second, .. } = record.run.probe.as_ref()?;
    let asked = probe.played_per_second(record.run.scale);
    // A plan that was scaled down to exactly the share is within it, whatever the rounding.
    (asked > carried_per_second * PROBED_SHARE_MAX * 1.001).then(|| {
        format!(
            "the plan asks for {} {call} at its peak, {} of the {} that the emulator carried in the \
             probe before the run",
            format::rate(asked),
            format::share(asked / carried_per_second),
            format::rate(*carried_per_second),
        )
    })
}

/// The processor that the emulator's container used.
fn full(record: &RunRecord) -> Option<String> {
    let (mut full_s, mut all_s, mut most) = (0.0, 0.0, 0.0_f64);
    for (sample, seconds) in timed(record) {
        all_s += seconds;
        if let Some(full) = sample.containers.iter().find(|one| one.is_full_emulator()) {
            full_s += seconds;
            most = most.max(full.cores);
        }
    }
    (full_s > all_s * EMULATOR_SHARE_MAX).then(|| {
        format!(
            "the emulator's container used {EMULATOR_CORES_MAX} cores or more, all that its one process can, for {} \
             of {}; {most:.2} at most",
            format::duration_s(full_s),
            wall(all_s),
        )
    })
}

/// Its own answers, where they explain an objective's miss.
fn in_the_way(record: &RunRecord) -> Option<String> {
    let missed = bottleneck::missed_by_emulator(record);
    (!missed.is_empty())
        .then(|| format!("its own answers were in the way of {}", missed.join(" and ")))
}

fn generator(record: &RunRecord) -> Option<Limit> {
    let totals = &record.totals;
    let late = figures::late_share(record).unwrap_or(0.0);
    let lag_p99_us = totals.lag.quantile_us(0.99);
    (late > LATE_SHARE_MAX || lag_p99_us > LAG_P99_US_MAX).then(|| Limit {
        by: LimitedBy::Generator,
        evidence: format!(
            "{} of {} sessions started late and {} never; the 99th percentile of their lag is {}",
            totals.late_arrivals,
            totals.arrivals,
            totals.dropped_arrivals,
            format::latency_us(lag_p99_us),
        ),
    })
}

fn host(record: &RunRecord) -> Option<Limit> {
    let resolution_s = record.resolution_s.max(1);
    let (mut busy_s, mut row_s, mut longest_s, mut all_s) = (0, 0, 0, 0);
    for sample in &record.samples {
        all_s += resolution_s;
        if sample.host.cpu_host > BUSY {
            busy_s += resolution_s;
            row_s += resolution_s;
            longest_s = longest_s.max(row_s);
        } else {
            row_s = 0;
        }
    }
    let share = f64::from(busy_s) / f64::from(all_s.max(1));
    (longest_s >= BUSY_IN_A_ROW_S || (busy_s > 0 && share > BUSY_SHARE_MAX)).then(|| Limit {
        by: LimitedBy::Host,
        evidence: format!(
            "all processors were more than {} busy for {busy_s} of {all_s} s, {longest_s} s of them in a row",
            format::share(BUSY),
        ),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use securecart_record::{ContainerSample, Environment, HostSample, RunInfo, Sample};

    use super::*;

    fn record(cpu: &[f64]) -> RunRecord {
        let mut record = RunRecord::starting(RunInfo::default(), Environment::default());
        let sample = |cpu: &f64| {
            let host = HostSample { cpu_host: *cpu, ..HostSample::default() };
            Arc::new(Sample { host, ..Sample::default() })
        };
        record.samples = cpu.iter().map(sample).collect();
        record.totals.arrivals = 10_000;
        record
    }

    fn named(record: &RunRecord) -> Vec<LimitedBy> {
        limits(record).iter().map(|limit| limit.by).collect()
    }

    #[test]
    fn a_run_with_room_is_not_limited() {
        let mut record = record(&[0.5; 100]);
        record.totals.late_arrivals = 10;
        assert!(named(&record).is_empty());
    }

    #[test]
    fn late_and_dropped_sessions_and_lag_name_the_generator() {
        let mut late = record(&[0.5; 10]);
        late.totals.late_arrivals = 6;
        late.totals.dropped_arrivals = 5;
        assert_eq!(named(&late), [LimitedBy::Generator]);
        assert!(limits(&late)[0].evidence.contains("6 of 10000 sessions started late and 5 never"));
        let mut lagging = record(&[0.5; 10]);
        lagging.totals.lag.record_us(50_000);
        assert_eq!(named(&lagging), [LimitedBy::Generator]);
    }

    #[test]
    fn five_busy_seconds_in_a_row_or_a_tenth_of_the_run_name_the_host() {
        let mut spells = vec![0.5; 100];
        spells[10..14].fill(0.99);
        assert!(named(&record(&spells)).is_empty(), "four seconds in a row");
        spells[14] = 0.99;
        assert_eq!(named(&record(&spells)), [LimitedBy::Host]);
        let scattered: Vec<f64> = (0..100).map(|s| if s % 8 == 0 { 0.99 } else { 0.5 }).collect();
        assert_eq!(named(&record(&scattered)), [LimitedBy::Host]);
    }

    fn probed(asked_per_second: f64, scale_asked: Option<f64>) -> RunRecord {
        let mut record = record(&[0.5; 10]);
        record.run.scale = 0.01;
        let call = "dynamodb:PutItem".to_owned();
        let carried_per_second = 150.0;
        record.run.probe = Some(Probe { call, carried_per_second, asked_per_second, scale_asked });
        record
    }

    #[test]
    fn a_plan_near_what_the_probe_carried_names_the_emulator() {
        assert!(named(&probed(105.0, None)).is_empty(), "exactly the share");
        let above = probed(120.0, None);
        assert_eq!(named(&above), [LimitedBy::Emulator]);
        assert_eq!(
            limits(&above)[0].evidence,
            "the plan asks for 120/s dynamodb:PutItem at its peak, 80.0 % of the 150/s that the \
             emulator carried in the probe before the run"
        );
        assert!(named(&probed(600.0, Some(0.0625))).is_empty(), "scaled down to 96/s");
        assert_eq!(named(&probed(800.0, Some(0.0625))), [LimitedBy::Emulator], "to 128/s");
    }

    #[test]
    fn an_emulator_that_is_full_most_of_the_time_is_named() {
        let with_cores = |full: usize| {
            let mut record = record(&[0.5; 10]);
            for (second, sample) in record.samples.iter_mut().enumerate() {
                let cores = if second < full { 1.02 } else { 0.4 };
                let container = "localstack".to_owned();
                let sample = Arc::make_mut(sample);
                sample.at_s = second as f64 + 1.0;
                sample.containers.push(ContainerSample { container, cores, memory_bytes: 0 });
            }
            record
        };
        assert!(named(&with_cores(5)).is_empty(), "half of the time");
        let full = with_cores(6);
        assert_eq!(named(&full), [LimitedBy::Emulator]);
        assert_eq!(
            limits(&full)[0].evidence,
            "the emulator's container used 0.9 cores or more, all that its one process can, for 6.00 s of 10.0 s \
             (wall); 1.02 at most"
        );
    }
}
