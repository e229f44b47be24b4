//! A made-up run, plausible in shape and size, for tests. Nothing here was measured.

use securecart_domain::{ServiceName, api::Operation, random, resources};

use crate::{
    Audit, Buckets, CacheSample, DatabaseSample, Environment, ErrorCount, FunctionSample,
    Histogram, HostSample, LatencySample, Mark, MeasureTotals, Objective, OperationSample,
    OperationTotals, Phase, QueueSample, QueueTotals, RunInfo, RunRecord, Sample, ServiceSample,
    ServiceTotals, TableSample, TrafficSample, Verdict,
};

/// Scenario seconds in one wall second.
const SPEED: f64 = 30.0;
/// Requests of a normal second for each operation, in the order of [`Operation::ALL`].
const RATES: [u64; 9] = [120, 210, 45, 60, 30, 22, 15, 24, 20];
/// Median latency of each operation, µs.
const MEDIANS_US: [u64; 9] =
    [9_000, 6_500, 14_000, 18_000, 12_000, 95_000, 7_000, 146_000, 146_000];

/// A Black Friday of `seconds` wall seconds that held, with a spike in its first third.
#[must_use]
pub(crate) fn black_friday(seconds: u32) -> RunRecord {
    let mut record = RunRecord::starting(info(seconds), environment());
    record.totals.operations =
        Operation::ALL.map(|operation| OperationTotals::new(operation.as_str())).into();
    record.totals.late_after_us = 20_000;
    let mut noise = random::mix(u64::from(seconds));
    let mut backlog = 0_u64;
    let mut shipped = Histogram::new();
    for second in 1..=seconds {
        noise = random::mix(noise);
        let load = load(second, seconds);
        backlog = (backlog + (22.0 * load) as u64).saturating_sub(30);
        let sample = one_second(&mut record, second, load, backlog, noise);
        for _ in 0..sample.traffic.shipped {
            noise = random::mix(noise);
            shipped.record_us(1_400_000 + backlog * 30_000 + noise % 900_000);
        }
        record.push_sample(sample);
    }
    record.push_mark(Mark {
        at_s: 2.0,
        scenario_s: 2.0 * SPEED,
        text: "spike at its peak".to_owned(),
    });
    record.totals.measures =
        vec![MeasureTotals { measure: "order-to-shipped".to_owned(), latency: shipped }];
    finish(&mut record);
    record
}

/// Load of a second relative to a normal one: a peak of 2.5 that falls off.
fn load(second: u32, seconds: u32) -> f64 {
    let half_life = f64::from(seconds.max(8)) / 8.0;
    1.0 + 1.5 * 0.5_f64.powf(f64::from(second) / half_life)
}

fn one_second(record: &mut RunRecord, second: u32, load: f64, backlog: u64, noise: u64) -> Sample {
    let mut all = Histogram::new();
    let mut operations = Vec::with_capacity(Operation::ALL.len());
    let mut requests = 0;
    for operation in Operation::ALL {
        let index = operation.index();
        let count = (RATES[index] as f64 * load) as u64 + (noise >> index) % 5;
        let failed = u64::from(operation == Operation::Checkout && second.is_multiple_of(40));
        let median_us = (MEDIANS_US[index] as f64 * load.sqrt()) as u64;
        let latencies = latencies(median_us, count, noise ^ index as u64);
        let totals = &mut record.totals.operations[index];
        totals.requests += count;
        totals.failed += failed;
        totals.response.merge(&latencies);
        totals.service.merge(&latencies);
        all.merge(&latencies);
        requests += count;
        operations.push(OperationSample {
            operation: operation.as_str().to_owned(),
            requests: count,
            failed,
            latency: latency_sample(&latencies),
            buckets: Buckets::from(&latencies),
        });
    }
    let orders = (22.0 * load) as u64;
    let arrivals = (110.0 * load) as u64;
    record.totals.response.merge(&all);
    for arrival in 0..arrivals {
        record.totals.lag.record_us(150 + (noise >> (arrival % 32)) % 900);
    }
    Sample {
        at_s: f64::from(second),
        scenario_s: f64::from(second) * SPEED,
        traffic: TrafficSample {
            arrivals,
            late: 0,
            dropped: 0,
            sessions: arrivals * 6,
            in_flight: requests / 40,
            requests,
            failed: operations.iter().map(|operation| operation.failed).sum(),
            orders,
            shipped: orders.min(30),
            aws_calls: requests * 3,
            throttled: noise % 3,
            latency: latency_sample(&all),
            buckets: Buckets::from(&all),
        },
        operations,
        services: services(load, noise),
        queues: queues(orders, backlog),
        tables: tables(orders),
        functions: functions(orders),
        databases: databases(orders),
        cache: Some(cache(requests)),
        containers: Vec::new(),
        host: HostSample {
            cpu_host: 0.42 + (noise % 1_000) as f64 / 7_919.0,
            cpu_process: 0.37 + (noise % 1_000) as f64 / 9_973.0,
            memory_bytes: 180_000_000 + u64::from(second) * 40_960,
        },
    }
}

/// `count` latencies around `median_us`: most within a factor of two, one in fifty far out.
fn latencies(median_us: u64, count: u64, seed: u64) -> Histogram {
    let mut histogram = Histogram::new();
    let mut noise = seed;
    for index in 0..count {
        noise = random::mix(noise.wrapping_add(index));
        let spread = 0.5 + (noise % 1_000) as f64 / 800.0;
        let tail = if (noise >> 20).is_multiple_of(50) { 4.0 } else { 1.0 };
        histogram.record_us((median_us as f64 * spread * tail) as u64);
    }
    histogram
}

fn latency_sample(histogram: &Histogram) -> LatencySample {
    let percentiles = histogram.percentiles();
    LatencySample {
        p50_us: percentiles.p50_us,
        p90_us: percentiles.p90_us,
        p99_us: percentiles.p99_us,
        max_us: percentiles.max_us,
    }
}

fn services(load: f64, noise: u64) -> Vec<ServiceSample> {
    ServiceName::ALL
        .iter()
        .enumerate()
        .map(|(index, service)| {
            let jitter = (noise >> index) % 97;
            ServiceSample {
                service: service.as_str().to_owned(),
                tasks: 4,
                desired: 5,
                pending: 1,
                spot: 1,
                demand: 4,
                cpu: (0.15 * load).min(1.0),
                concurrency: 16,
                utilisation: (0.2 * load + jitter as f64 / 997.0).min(1.0),
                waiting: jitter / 20,
                handled: (60.0 * load) as u64 + jitter,
                failed: 0,
                turned_away: 0,
                latency: latency_sample(&latencies(8_000 + jitter * 90, 12, noise)),
            }
        })
        .collect()
}

fn tables(orders: u64) -> Vec<TableSample> {
    let tables = resources::TABLES.iter().map(|table| TableSample {
        table: table.name.to_owned(),
        read_units: orders as f64 * 3.0,
        write_units: orders as f64 * 2.0,
        read_provisioned: (table.name == resources::CARTS_TABLE).then_some(400),
        write_provisioned: (table.name == resources::CARTS_TABLE).then_some(300),
        throttled_reads: 0,
        throttled_writes: orders % 3,
    });
    tables.collect()
}

fn databases(orders: u64) -> Vec<DatabaseSample> {
    let server = |server: &str, reads, writes, lag_ms| DatabaseSample {
        server: server.to_owned(),
        available: true,
        in_use: 2,
        connections: 12,
        max_connections: 500,
        reads,
        writes,
        lag_ms,
        ..DatabaseSample::default()
    };
    vec![
        server("primary", orders, orders * 6, None),
        server("replica-1", orders * 5, 0, Some(112.5)),
    ]
}

fn cache(requests: u64) -> CacheSample {
    CacheSample {
        nodes_up: 2,
        nodes: 2,
        hits: requests * 9 / 10,
        misses: requests / 10,
        coalesced: requests / 100,
        items: 4_000,
        bytes: 1_000_000,
        ..CacheSample::default()
    }
}

fn functions(orders: u64) -> Vec<FunctionSample> {
    let fraud = FunctionSample {
        function: "fraud".to_owned(),
        invocations: orders,
        cold_starts: orders % 2,
        throttles: 0,
        errors: 0,
        concurrent: 2,
        environments: 4,
    };
    vec![fraud]
}

fn queues(orders: u64, backlog: u64) -> Vec<QueueSample> {
    let queue = |name: String, visible: u64, sent: u64| QueueSample {
        queue: name,
        visible,
        in_flight: sent.min(12),
        delayed: 0,
        oldest_age_ms: visible * 31,
        sent,
        received: sent,
        deleted: sent,
    };
    resources::QUEUES
        .iter()
        .flat_map(|&name| {
            let visible = if name == resources::ORDERS_QUEUE { backlog } else { 0 };
            let dead = queue(resources::dead_letter_queue(name), 0, 0);
            [queue(name.to_owned(), visible, orders), dead]
        })
        .collect()
}

/// Adds up the samples and fills in what is known at the end.
fn finish(record: &mut RunRecord) {
    for sample in record.samples.clone() {
        let totals = &mut record.totals;
        totals.arrivals += sample.traffic.arrivals;
        totals.requests += sample.traffic.requests;
        totals.failed_requests += sample.traffic.failed;
        totals.orders_accepted += sample.traffic.orders;
        totals.aws_calls += sample.traffic.aws_calls;
        totals.memory_bytes_max = totals.memory_bytes_max.max(sample.host.memory_bytes);
        totals.cpu_s += sample.host.cpu_process * f64::from(record.environment.cores);
        let part = crate::Totals {
            services: sample.services.iter().map(service_totals).collect(),
            queues: sample.queues.iter().map(queue_totals).collect(),
            ..crate::Totals::default()
        };
        totals.merge(&part);
    }
    let totals = &mut record.totals;
    totals.orders_shipped = totals.orders_accepted - 3;
    totals.cpu_s = (totals.cpu_s * 100.0).round() / 100.0;
    if let Some(checkout) = totals.operations.get_mut(Operation::Checkout.index()) {
        checkout.errors = vec![
            ErrorCount { cause: "503 overloaded".to_owned(), count: checkout.failed },
            ErrorCount { cause: "402 payment-refused".to_owned(), count: 41 },
        ];
    }
    record.audit = Some(audit(totals.orders_accepted, totals.orders_shipped));
    record.objectives = objectives();
    record.phase = Phase::Finished;
    record.verdict = Verdict::Held;
}

fn service_totals(sample: &ServiceSample) -> ServiceTotals {
    ServiceTotals {
        service: sample.service.clone(),
        handled: sample.handled,
        failed: sample.failed,
        turned_away: sample.turned_away,
        tasks_max: sample.tasks,
        aws_calls: sample.handled * 2,
        ..ServiceTotals::default()
    }
}

fn queue_totals(sample: &QueueSample) -> QueueTotals {
    QueueTotals {
        queue: sample.queue.clone(),
        sent: sample.sent,
        received: sample.received,
        deleted: sample.deleted,
        dead_lettered: 0,
        visible_max: sample.visible,
        oldest_age_ms_max: sample.oldest_age_ms,
    }
}

fn audit(accepted: u64, shipped: u64) -> Audit {
    Audit {
        accepted,
        shipped,
        rejected: accepted - shipped,
        stock_start: 10_000_000,
        stock_end: 10_000_000 - shipped * 2,
        stock_sold: shipped * 2,
        captured: shipped,
        voided: accepted - shipped,
        notifications_due: accepted + accepted / 4,
        notifications_sent: accepted + accepted / 4,
        ..Audit::default()
    }
}

fn objectives() -> Vec<Objective> {
    let objective = |metric: &str, bound: &str, measured: &str, share: f64| Objective {
        metric: metric.to_owned(),
        bound: bound.to_owned(),
        measured: measured.to_owned(),
        share_of_bound: Some(share),
        held: Some(true),
    };
    vec![
        objective("checkout.latency.p99", "< 800ms", "612ms", 0.765),
        objective("order-to-shipped.latency.p95", "< 60s", "11.2s", 0.187),
        objective("orders.queue.drain", "< 10m", "6.5m", 0.65),
        objective("availability", "> 99.9%", "99.99%", 1.001),
    ]
}

fn info(seconds: u32) -> RunInfo {
    RunInfo {
        id: "black-friday-20261124-084200-k7q".to_owned(),
        scenario: "black-friday".to_owned(),
        source: "black-friday".to_owned(),
        tiers: Vec::new(),
        tier_options: Vec::new(),
        probe: None,
        settings: Vec::new(),
        summary: "Doorbuster at midnight, lunch plateau, evening peak".to_owned(),
        clock: "live".to_owned(),
        backend: "embedded".to_owned(),
        backend_version: "0.1.0".to_owned(),
        seed: 20_261_127,
        scale: 0.02,
        speed: SPEED,
        window_start_s: 0.0,
        window_end_s: f64::from(seconds) * SPEED,
        started_at: "2026-11-24T08:42:00Z".to_owned(),
        traffic_s: f64::from(seconds),
        drain_s: 3.5,
        arrivals_digest: "5f0c9d3ab1e24768".to_owned(),
        commit: "3194948".to_owned(),
        version: "0.1.0".to_owned(),
    }
}

fn environment() -> Environment {
    Environment {
        os: "Debian GNU/Linux 13".to_owned(),
        arch: "x86_64".to_owned(),
        cpu: "Example CPU at 2.6 GHz".to_owned(),
        cores: 2,
        memory_bytes: 8 << 30,
        profile: "dev".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_adds_up() {
        let record = black_friday(60);
        let series: u64 = record.samples.iter().map(|sample| sample.traffic.requests).sum();
        let operations: u64 = record.totals.operations.iter().map(|one| one.requests).sum();
        assert_eq!((series, operations), (record.totals.requests, record.totals.requests));
        assert_eq!(record.totals.response.count(), record.totals.requests);
    }
}
