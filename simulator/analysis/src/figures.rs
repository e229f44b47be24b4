//! Figures of a record that objectives, limits and comparisons name. Each says its unit.

use securecart_record::{Histogram, RunRecord, Sample};

/// A figure that a record may have; `None` where it has no data for it, infinite where something was
/// waited for in vain.
pub type Figure = Option<f64>;

/// Response time from intent at `quantile` (0 to 1), µs; of all operations where none is named.
#[must_use]
pub fn latency_us(record: &RunRecord, operation: Option<&str>, quantile: f64) -> Figure {
    let histogram = match operation {
        None => &record.totals.response,
        Some(name) => &record.totals.operation(name)?.response,
    };
    quantile_us(histogram, quantile)
}

/// Time from acceptance to shipment at `quantile` (0 to 1), µs; infinite where no order shipped and
/// the audit found some still on their way.
#[must_use]
pub fn order_to_shipped_us(record: &RunRecord, quantile: f64) -> Figure {
    let measured = record.totals.measure("order-to-shipped");
    let under_way = || {
        let audit = record.audit.as_ref()?;
        (audit.queued + audit.dead_lettered > 0).then_some(f64::INFINITY)
    };
    measured.and_then(|latency| quantile_us(latency, quantile)).or_else(under_way)
}

fn quantile_us(histogram: &Histogram, quantile: f64) -> Figure {
    (histogram.count() > 0).then(|| histogram.quantile_us(quantile) as f64)
}

/// Scenario time from `peak_s` (the end of a spike's rise, scenario seconds) until the queue is back
/// at 1 % of its largest backlog after it, µs.
///
/// The backlog is visible and in-flight messages. What a queue is sent in a second is work under way
/// and no backlog: one that never held more has drained at once, and one that holds no more again has
/// drained. The drain time of a backlog that is still there when the record ends is infinite.
#[must_use]
pub fn queue_drain_us(record: &RunRecord, queue: &str, peak_s: f64) -> Figure {
    let resolution_s = u64::from(record.resolution_s.max(1));
    let series: Vec<(f64, u64, u64)> = record
        .samples
        .iter()
        .filter(|sample| sample.scenario_s >= peak_s)
        .filter_map(|sample| {
            let found = queue_of(sample, queue)?;
            let sent_a_second = found.sent / resolution_s;
            Some((sample.scenario_s, found.visible + found.in_flight, sent_a_second))
        })
        .collect();
    let largest = series.iter().map(|(_, backlog, _)| *backlog).max()?;
    if series.iter().all(|(_, backlog, sent)| backlog <= sent) {
        return Some(0.0);
    }
    let top = series.iter().position(|(_, backlog, _)| *backlog == largest)?;
    let low = largest as f64 / 100.0;
    let drained = |(_, backlog, sent): &&(f64, u64, u64)| *backlog as f64 <= low.max(*sent as f64);
    let end = series[top..].iter().find(drained);
    Some(end.map_or(f64::INFINITY, |(end_s, ..)| (end_s - peak_s).max(0.0) * 1e6))
}

fn queue_of<'a>(sample: &'a Sample, queue: &str) -> Option<&'a securecart_record::QueueSample> {
    sample.queues.iter().find(|found| found.queue == queue)
}

/// Most messages visible at once.
#[must_use]
pub fn queue_depth(record: &RunRecord, queue: &str) -> Figure {
    record.totals.queue(queue).map(|queue| queue.visible_max as f64)
}

/// Age of the oldest message at its worst, µs; none where the backend does not tell it.
#[must_use]
pub fn queue_age_us(record: &RunRecord, queue: &str) -> Figure {
    if !record.run.has_queue_ages() {
        return None;
    }
    record.totals.queue(queue).map(|queue| queue.oldest_age_ms_max as f64 * 1e3)
}

/// Messages in dead-letter queues at the end: what was sent back and handled is not among them.
#[must_use]
pub fn dead_letters(record: &RunRecord) -> Figure {
    let last = record.samples.last()?;
    (!last.queues.is_empty()).then(|| dead_letters_in(last) as f64)
}

/// Messages in dead-letter queues at the end of `sample`.
pub(crate) fn dead_letters_in(sample: &Sample) -> u64 {
    let dead = sample.queues.iter().filter(|queue| queue.queue.ends_with("-dlq"));
    let counts = dead.flat_map(|queue| [queue.visible, queue.in_flight, queue.delayed]);
    counts.fold(0, u64::saturating_add)
}

/// Share of requests that did not fail, 0 to 1; of all operations where none is named.
#[must_use]
pub fn availability(record: &RunRecord, operation: Option<&str>) -> Figure {
    let (requests, failed) = match operation {
        None => (record.totals.requests, record.totals.failed_requests),
        Some(name) => {
            let operation = record.totals.operation(name)?;
            (operation.requests, operation.failed)
        }
    };
    share(requests.saturating_sub(failed), requests)
}

/// Requests a wall second over the traffic's time.
#[must_use]
pub fn throughput(record: &RunRecord) -> Figure {
    rate(record.totals.requests, record)
}

/// Accepted orders a wall second over the traffic's time.
#[must_use]
pub fn order_rate(record: &RunRecord) -> Figure {
    rate(record.totals.orders_accepted, record)
}

/// Share of sessions that started late or never, 0 to 1.
#[must_use]
pub fn late_share(record: &RunRecord) -> Figure {
    let totals = &record.totals;
    share(totals.late_arrivals + totals.dropped_arrivals, totals.arrivals)
}

/// Share of the calls to AWS that were throttled, 0 to 1.
#[must_use]
pub fn throttled_share(record: &RunRecord) -> Figure {
    share(record.totals.throttled, record.totals.aws_calls)
}

/// Share of the invocations of functions that started cold, 0 to 1.
#[must_use]
pub fn cold_start_share(record: &RunRecord) -> Figure {
    let functions = &record.totals.functions;
    let (cold, all) = functions.iter().fold((0, 0), |(cold, all), function| {
        (cold + function.cold_starts, all + function.invocations)
    });
    share(cold, all)
}

/// How far the read replica that was furthest behind was behind the primary, µs.
#[must_use]
pub fn database_lag_us(record: &RunRecord) -> Figure {
    let lags = record.totals.databases.iter().filter_map(|server| server.lag_ms_max);
    lags.reduce(f64::max).map(|lag_ms| lag_ms * 1e3)
}

/// Most requests that waited for a connection of one server of the database at once.
#[must_use]
pub fn database_waiting(record: &RunRecord) -> Figure {
    record.totals.databases.iter().map(|server| server.waiting_max as f64).reduce(f64::max)
}

/// Share of the reads that were in the cache, 0 to 1.
#[must_use]
pub fn cache_hit_ratio(record: &RunRecord) -> Figure {
    record.totals.cache.as_ref()?.hit_ratio()
}

/// Share of the samples in which a service had fewer tasks than its demand, 0 to 1.
#[must_use]
pub fn under_provisioned_share(record: &RunRecord, service: &str) -> Figure {
    let samples = record.samples.iter();
    let found =
        samples.filter_map(|sample| sample.services.iter().find(|found| found.service == service));
    let (short, all) = found.fold((0, 0), |(short, all), found| {
        (short + u64::from(found.tasks < found.demand), all + 1)
    });
    share(short, all)
}

fn share(part: u64, whole: u64) -> Figure {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn rate(count: u64, record: &RunRecord) -> Figure {
    let seconds = record.run.traffic_s;
    (seconds > 0.0).then(|| count as f64 / seconds)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use securecart_record::{
        Audit, CacheTotals, DatabaseTotals, Environment, MeasureTotals, OperationTotals,
        QueueSample, QueueTotals, RunInfo, TrafficSample,
    };

    use super::*;

    fn record() -> RunRecord {
        RunRecord::starting(RunInfo::default(), Environment::default())
    }

    fn with_backlog(backlogs: &[u64]) -> RunRecord {
        let mut record = record();
        for (second, backlog) in backlogs.iter().enumerate() {
            record.samples.push(Arc::new(Sample {
                scenario_s: (second as f64 + 1.0) * 30.0,
                traffic: TrafficSample::default(),
                queues: vec![QueueSample {
                    queue: "orders".to_owned(),
                    visible: *backlog,
                    sent: 50,
                    ..QueueSample::default()
                }],
                ..Sample::default()
            }));
        }
        record
    }

    #[test]
    fn nothing_measured_is_no_figure() {
        let record = record();
        assert_eq!(latency_us(&record, None, 0.99), None);
        assert_eq!(latency_us(&record, Some("checkout"), 0.99), None);
        assert_eq!(order_to_shipped_us(&record, 0.5), None);
        assert_eq!(availability(&record, None), None);
        assert_eq!(throughput(&record), None);
        assert_eq!(dead_letters(&record), None);
        assert_eq!(queue_drain_us(&record, "orders", 0.0), None);
    }

    #[test]
    fn figures_come_from_the_totals() {
        let mut record = record();
        record.run.traffic_s = 10.0;
        record.totals.requests = 200;
        record.totals.failed_requests = 1;
        record.totals.arrivals = 50;
        record.totals.late_arrivals = 1;
        let mut checkout = OperationTotals::new("checkout");
        checkout.requests = 4;
        checkout.failed = 1;
        checkout.response.record_us(1_000);
        record.totals.operations.push(checkout);
        let mut latency = Histogram::new();
        latency.record_us(5_000);
        record
            .totals
            .measures
            .push(MeasureTotals { measure: "order-to-shipped".to_owned(), latency });
        assert_eq!(throughput(&record), Some(20.0));
        assert_eq!(availability(&record, None), Some(0.995));
        assert_eq!(availability(&record, Some("checkout")), Some(0.75));
        assert_eq!(latency_us(&record, Some("checkout"), 0.5), Some(1_000.0));
        assert_eq!(late_share(&record), Some(0.02));
        assert!((order_to_shipped_us(&record, 1.0).expect("data") - 5_000.0).abs() < 10.0);
    }

    #[test]
    fn the_worst_server_speaks_for_the_database() {
        let mut record = record();
        assert_eq!((database_lag_us(&record), database_waiting(&record)), (None, None));
        assert_eq!(cache_hit_ratio(&record), None);
        let server = |waiting_max, lag_ms_max| DatabaseTotals {
            waiting_max,
            lag_ms_max,
            ..DatabaseTotals::default()
        };
        record.totals.databases =
            vec![server(7, None), server(0, Some(12.5)), server(1, Some(3.0))];
        record.totals.cache = Some(CacheTotals { hits: 9, misses: 1, ..CacheTotals::default() });
        assert_eq!(database_lag_us(&record), Some(12_500.0));
        assert_eq!(database_waiting(&record), Some(7.0));
        assert_eq!(cache_hit_ratio(&record), Some(0.9));
    }

    #[test]
    fn only_our_own_engine_tells_the_age_of_a_message() {
        let mut record = record();
        record.totals.queues.push(QueueTotals {
            queue: "orders".to_owned(),
            sent: 9,
            received: 9,
            deleted: 9,
            dead_lettered: 0,
            visible_max: 3,
            oldest_age_ms_max: 40,
        });
        for (backend, age) in
            [("embedded", Some(40_000.0)), ("localstack", None), ("endpoint", None)]
        {
            record.run.backend = backend.to_owned();
            assert_eq!(queue_age_us(&record, "orders"), age, "{backend}");
        }
    }

    #[test]
    fn a_queue_that_keeps_up_has_no_drain_time() {
        assert_eq!(queue_drain_us(&with_backlog(&[10, 50, 20, 0]), "orders", 0.0), Some(0.0));
    }

    #[test]
    fn a_backlog_drains_when_it_is_back_at_a_hundredth() {
        let record = with_backlog(&[100, 1_000, 500, 11, 10, 0]);
        // At its peak at 60 s, at no more than a second's 50 messages at 120 s.
        assert_eq!(queue_drain_us(&record, "orders", 0.0), Some(120e6));
        assert_eq!(queue_drain_us(&record, "orders", 60.0), Some(60e6));
        let large = with_backlog(&[100, 100_000, 1_001, 1_000]);
        assert_eq!(queue_drain_us(&large, "orders", 0.0), Some(120e6), "1 % of the largest");
    }

    #[test]
    fn a_backlog_that_stays_never_drains() {
        let stays = with_backlog(&[100, 1_000, 900]);
        assert_eq!(queue_drain_us(&stays, "orders", 0.0), Some(f64::INFINITY));
        assert_eq!(queue_drain_us(&stays, "orders", 91.0), None, "nothing was seen after it");
    }

    #[test]
    fn orders_that_never_ship_are_no_lack_of_data() {
        let mut record = record();
        record.audit = Some(Audit { accepted: 2, rejected: 2, ..Audit::default() });
        assert_eq!(order_to_shipped_us(&record, 0.95), None, "none was to be shipped");
        record.audit = Some(Audit { accepted: 2, queued: 2, ..Audit::default() });
        assert_eq!(order_to_shipped_us(&record, 0.95), Some(f64::INFINITY));
    }
}
