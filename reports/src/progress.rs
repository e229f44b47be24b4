//! What a run looks like where there is no terminal: one line now and then.

use securecart_record::{FaultRecord, Phase, RunRecord, Sample, format};

/// The longest line, columns.
const COLUMNS_MAX: usize = 99;

/// Phase, wall time since the first arrival was due, scenario time, rates, latency, failures over the
/// whole run, a fault that goes on, a data tier that is down, late sessions once there are any, tasks
/// while they are not as many as are wanted, and the deepest queue: below 100 columns, and what there
/// is no room for is left out from the end.
#[must_use]
pub fn progress_line(record: &RunRecord) -> String {
    let phase = match record.phase {
        Phase::Starting => return "starting SecureCart".to_owned(),
        Phase::Running => "running",
        Phase::Draining => "draining",
        Phase::Auditing => "auditing",
        Phase::Finished => "finished",
    };
    let mut line = phase.to_owned();
    let Some(sample) = record.samples.last() else { return line };
    line += &format!(" {}, scenario {}", wall(sample.at_s), format::clock_s(sample.scenario_s));
    for figure in figures(record, sample) {
        if line.chars().count() + 2 + figure.chars().count() > COLUMNS_MAX {
            break;
        }
        line = line + ", " + &figure;
    }
    line
}

/// The figures of the newest sample, the most important first.
fn figures(record: &RunRecord, sample: &Sample) -> Vec<String> {
    let seconds = f64::from(record.resolution_s.max(1));
    let rate = |count: u64, what: &str| {
        format::rate(count as f64 / seconds).replace("/s", &format!(" {what}/s"))
    };
    let late = record.totals.late_arrivals + record.totals.dropped_arrivals;
    let mut figures = vec![
        rate(sample.traffic.requests, "req"),
        rate(sample.traffic.orders, "orders"),
        format!("p99 {}", format::latency_us(sample.traffic.latency.p99_us)),
        format!("{} failed", format::count(record.totals.failed_requests)),
    ];
    figures.extend(faults(record, sample));
    figures.extend(down(sample));
    if late > 0 {
        figures.push(format!("{} late", format::count(late)));
    }
    figures.extend(tasks(sample));
    let deepest = sample.queues.iter().max_by_key(|queue| queue.visible);
    figures.push(deepest.filter(|queue| queue.visible > 0).map_or_else(
        || "queues empty".to_owned(),
        |queue| format!("{} {}", queue.queue, format::count(queue.visible)),
    ));
    figures
}

/// The fault that goes on and began last.
fn faults(record: &RunRecord, sample: &Sample) -> Option<String> {
    let goes_on = |fault: &&FaultRecord| {
        fault.start_s <= sample.at_s && fault.end_s.is_none_or(|end_s| end_s > sample.at_s)
    };
    let fault = record.faults.iter().rev().find(goes_on)?;
    let FaultRecord { kind, radius, .. } = fault;
    let short = [radius, kind].into_iter().filter(|text| !text.is_empty());
    short.min_by_key(|text| text.chars().count()).map(|text| format!("FAULT {text}"))
}

/// The first server of the database that takes no connections, or what is left of the cache.
fn down(sample: &Sample) -> Option<String> {
    let server = sample.databases.iter().find(|server| !server.available);
    let cache = sample.cache.as_ref().filter(|cache| cache.nodes_up < cache.nodes);
    let cache = || cache.map(|cache| format!("cache {}/{} nodes", cache.nodes_up, cache.nodes));
    server.map(|server| format!("{} DOWN", server.server)).or_else(cache)
}

/// The tasks of all services in service and wanted, while that differs.
fn tasks(sample: &Sample) -> Option<String> {
    let known = sample.services.iter().filter(|service| service.desired > 0);
    let (tasks, desired) = known.fold((0_u64, 0_u64), |(tasks, desired), service| {
        (tasks + u64::from(service.tasks), desired + u64::from(service.desired))
    });
    (tasks != desired).then(|| format!("{tasks} of {desired} tasks"))
}

/// Minutes and seconds of wall time: `0:07`, `4:05`, `125:00`.
fn wall(seconds: f64) -> String {
    let whole = seconds.max(0.0) as u64;
    format!("{}:{:02}", whole / 60, whole % 60)
}

#[cfg(test)]
mod tests {
    use securecart_record::{CacheSample, DatabaseSample, QueueSample, ServiceSample, Verdict};

    use super::*;
    use crate::summary::{fixture, scaled_fixture};

    fn sample(requests: u64, queue: &str) -> Sample {
        let mut sample = Sample { at_s: 245.0, scenario_s: 7_350.0, ..Sample::default() };
        sample.traffic.requests = requests;
        sample.traffic.orders = 70;
        sample.traffic.latency.p99_us = 12_345;
        let queue = queue.to_owned();
        sample.queues.push(QueueSample { queue, visible: 1_234, ..QueueSample::default() });
        sample
    }

    fn running(sample: Sample) -> RunRecord {
        let mut record = fixture(Verdict::Interrupted);
        (record.totals.failed_requests, record.totals.late_arrivals) = (0, 0);
        record.phase = Phase::Running;
        record.push_sample(sample);
        record
    }

    #[test]
    fn a_data_tier_that_is_down_is_named() {
        let mut sample = sample(100, "orders");
        let server = "primary".to_owned();
        sample.databases.push(DatabaseSample { server, ..DatabaseSample::default() });
        assert!(progress_line(&running(sample.clone())).contains(", primary DOWN"));
        sample.databases[0].available = true;
        let cache = CacheSample { nodes_up: 1, nodes: 2, ..CacheSample::default() };
        sample.cache = Some(cache);
        assert!(progress_line(&running(sample)).contains(", cache 1/2 nodes"));
    }

    #[test]
    fn says_where_the_run_is_and_how_it_goes() {
        let mut record = fixture(Verdict::Interrupted);
        assert_eq!(progress_line(&record), "starting SecureCart");
        record.phase = Phase::Draining;
        assert_eq!(progress_line(&record), "draining");
        let peak = progress_line(&running(sample(1_654, "orders")));
        assert_eq!(
            peak,
            "running 4:05, scenario 02:02:30, 1.65k req/s, 70.0 orders/s, p99 12.3 ms, 0 failed, \
             orders 1.23k"
        );
    }

    #[test]
    fn empty_queues_are_said() {
        let mut empty = sample(1, "orders");
        empty.queues[0].visible = 0;
        let line = progress_line(&running(empty));
        assert!(line.ends_with(", 0 failed, queues empty"), "{line}");
    }

    #[test]
    fn scaling_and_faults_are_said_while_they_go_on() {
        let mut record = scaled_fixture();
        record.phase = Phase::Running;
        let mut now = sample(16, "orders");
        (now.at_s, now.scenario_s) = (60.0, 1_800.0);
        now.services.push(ServiceSample { tasks: 6, desired: 8, ..ServiceSample::default() });
        record.push_sample(now.clone());
        let line = progress_line(&record);
        assert!(line.contains("failed, FAULT zone a"), "{line}");
        record.faults.clear();
        record.totals.late_arrivals = 0;
        assert!(progress_line(&record).ends_with("2 failed, 6 of 8 tasks"));
        now.services[0].tasks = 8;
        record.push_sample(now);
        assert!(progress_line(&record).ends_with("2 failed, orders 1.23k"));
    }

    #[test]
    fn trouble_is_named_before_queues_and_the_line_stays_short() {
        let mut record = running(sample(12_345, "notifications-email"));
        record.totals.failed_requests = 1_234;
        record.totals.late_arrivals = 5;
        record.totals.dropped_arrivals = 1;
        let line = progress_line(&record);
        assert!(line.ends_with("1.23k failed, 6 late"), "{line}");
        assert!(line.chars().count() <= COLUMNS_MAX, "{line}");
    }
}
