//! What a run looks like where there is no terminal: one line now and then.

use securecart_record::{Phase, RunRecord, format};

/// Phase, both times, rates, latency, failures and the deepest queue: below 120 columns.
#[must_use]
pub fn progress_line(record: &RunRecord) -> String {
    let phase = match record.phase {
        Phase::Starting => return "starting SecureCart".to_owned(),
        Phase::Running => "running",
        Phase::Draining => "draining",
        Phase::Auditing => "auditing",
        Phase::Finished => "finished",
    };
    let Some(sample) = record.samples.last() else { return phase.to_owned() };
    let seconds = f64::from(record.resolution_s.max(1));
    let rate = |count: u64| format::rate(count as f64 / seconds);
    let queue = sample.queues.iter().max_by_key(|queue| queue.visible);
    let deepest = queue.filter(|queue| queue.visible > 0).map_or_else(
        || "queues empty".to_owned(),
        |queue| format!("{} {} deep", queue.queue, format::count(queue.visible)),
    );
    format!(
        "{phase} {} wall, {} scenario: {} requests, {} orders, p99 {}, {} failed, {} late, {deepest}",
        format::duration_s(sample.at_s),
        format::clock_s(sample.scenario_s),
        rate(sample.traffic.requests),
        rate(sample.traffic.orders),
        format::latency_us(sample.traffic.latency.p99_us),
        format::count(record.totals.failed_requests),
        format::count(record.totals.late_arrivals + record.totals.dropped_arrivals),
    )
}

#[cfg(test)]
mod tests {
    use securecart_record::{QueueSample, Sample, Verdict};

    use super::*;
    use crate::summary::fixture;

    #[test]
    fn says_where_the_run_is_and_how_it_goes() {
        let mut record = fixture(Verdict::Interrupted);
        assert_eq!(progress_line(&record), "starting SecureCart");
        record.phase = Phase::Running;
        assert_eq!(progress_line(&record), "running");
        let mut sample = Sample { at_s: 12.0, scenario_s: 360.0, ..Sample::default() };
        sample.traffic.requests = 656;
        sample.traffic.latency.p99_us = 180_000;
        let orders = "orders".to_owned();
        sample.queues.push(QueueSample { queue: orders, visible: 1_234, ..QueueSample::default() });
        record.push_sample(sample);
        assert_eq!(
            progress_line(&record),
            "running 12.0 s wall, 00:06:00 scenario: 656/s requests, 0/s orders, p99 180 ms, \
             0 failed, 0 late, orders 1.23k deep"
        );
    }
}
