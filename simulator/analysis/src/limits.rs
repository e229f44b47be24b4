//! What kept a run from measuring SecureCart: the generator or the host. Named before any figure.

use securecart_record::{Limit, LimitedBy, RunRecord, format};

use crate::figures;

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

/// Everything that limited the run, with its evidence.
#[must_use]
pub fn limits(record: &RunRecord) -> Vec<Limit> {
    generator(record).into_iter().chain(host(record)).collect()
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

    use securecart_record::{Environment, HostSample, RunInfo, Sample};

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
}
