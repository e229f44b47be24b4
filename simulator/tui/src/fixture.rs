//! A plausible run for tests: a spike that wears off, a stall, a backlog that drains.

mod scaling;
mod tiers;

use std::sync::Arc;

use securecart_record::{
    Buckets, Environment, ErrorCount, FORMAT_VERSION, Histogram, HostSample, LatencySample, Mark,
    MeasureTotals, Objective, OperationSample, OperationTotals, Phase, QueueSample, QueueTotals,
    RunInfo, RunRecord, Sample, ServiceSample, ServiceTotals, Totals, TrafficSample, Verdict,
};

pub(crate) use scaling::scaled;
pub(crate) use tiers::tiered;

/// The seconds in which nothing completes.
pub(crate) const STALL: std::ops::Range<u32> = 101..105;

const SERVICES: [(&str, u32, f64); 9] = [
    ("catalog", 4, 0.62),
    ("cart", 3, 0.48),
    ("checkout", 2, 0.71),
    ("payment", 2, 0.38),
    ("fraud", 2, 0.22),
    ("inventory", 2, 0.31),
    ("orders", 2, 0.44),
    ("fulfilment", 3, 0.57),
    ("notifications", 1, 0.18),
];
const OPERATIONS: [(&str, u64, u64); 7] = [
    ("list-products", 180, 9_000),
    ("product", 240, 6_000),
    ("search", 70, 22_000),
    ("add-to-cart", 48, 14_000),
    ("view-cart", 32, 11_000),
    ("checkout", 21, 120_000),
    ("order-status", 14, 8_000),
];
const QUEUES: [&str; 4] = ["orders", "inventory", "notifications-email", "notifications-sms"];

/// `seconds` of black-friday at 30 scenario seconds a second. After 60 s the SMS queue has dead
/// letters, at [`STALL`] nothing completes, and the backlog of orders drains from 110 s on.
pub(crate) fn black_friday(seconds: u32) -> RunRecord {
    let samples: Vec<Arc<Sample>> = (1..=seconds).map(|second| Arc::new(sample(second))).collect();
    RunRecord {
        verdict: Verdict::Interrupted,
        format_version: FORMAT_VERSION,
        run: info(),
        environment: environment(),
        phase: if seconds == 0 { Phase::Starting } else { Phase::Running },
        limited_by: Vec::new(),
        objectives: objectives(),
        audit: None,
        totals: totals(&samples),
        marks: vec![mark(0.0, "doorbuster at midnight"), mark(100.0, "carts table throttled")],
        scaling: Vec::new(),
        scaling_dropped: 0,
        elasticity: Vec::new(),
        bottlenecks: Vec::new(),
        faults: Vec::new(),
        skipped_faults: Vec::new(),
        resolution_s: 1,
        samples,
    }
}

fn mark(at_s: f64, text: &str) -> Mark {
    Mark { at_s, scenario_s: at_s * 30.0, text: text.to_owned() }
}

fn info() -> RunInfo {
    RunInfo {
        id: "black-friday-20261127-000000-abcd".to_owned(),
        scenario: "black-friday".to_owned(),
        source: "black-friday".to_owned(),
        summary: "Doorbuster at midnight, lunch plateau, evening peak".to_owned(),
        clock: "live".to_owned(),
        backend: "embedded".to_owned(),
        backend_version: "0.1.0".to_owned(),
        tiers: Vec::new(),
        tier_options: Vec::new(),
        probe: None,
        settings: Vec::new(),
        seed: 20_261_127,
        scale: 0.02,
        speed: 30.0,
        window_start_s: 0.0,
        window_end_s: 7_200.0,
        started_at: "2026-11-27T00:00:00Z".to_owned(),
        traffic_s: 0.0,
        drain_s: 0.0,
        arrivals_digest: "0123456789abcdef".to_owned(),
        commit: "unknown".to_owned(),
        version: "0.1.0".to_owned(),
    }
}

fn environment() -> Environment {
    Environment {
        os: "Linux".to_owned(),
        arch: "x86_64".to_owned(),
        cpu: "Example CPU".to_owned(),
        cores: 2,
        memory_bytes: 8 << 30,
        profile: "dev".to_owned(),
    }
}

fn objectives() -> Vec<Objective> {
    let objective = |metric: &str, bound: &str, measured: &str, share, held| Objective {
        metric: metric.to_owned(),
        bound: bound.to_owned(),
        measured: measured.to_owned(),
        share_of_bound: share,
        held: Some(held).filter(|_| measured != "none"),
    };
    vec![
        objective("checkout.latency.p99", "< 800ms", "412ms", Some(0.515), true),
        objective("latency.p99", "< 500ms", "631ms", Some(1.262), false),
        objective("availability", "> 99.9%", "99.97%", Some(0.3), true),
        objective("order-to-shipped.latency.p95", "< 60s", "none", None, false),
    ]
}

/// Load against normal: five at first, halving every forty seconds.
fn load(second: u32) -> f64 {
    1.0 + 4.0 * 0.5_f64.powf(f64::from(second) / 40.0)
}

fn sample(second: u32) -> Sample {
    let stalled = STALL.contains(&second);
    let load = load(second);
    let slowdown = if (105..110).contains(&second) { 6.0 } else { 0.6 + load * 0.2 };
    let operations: Vec<_> = OPERATIONS
        .iter()
        .map(|operation| operation_sample(*operation, load, slowdown, stalled))
        .collect();
    let mut buckets = Buckets::default();
    for operation in &operations {
        buckets.merge(&operation.buckets);
    }
    let requests = operations.iter().map(|operation| operation.requests).sum();
    Sample {
        at_s: f64::from(second),
        scenario_s: f64::from(second) * 30.0,
        traffic: TrafficSample {
            arrivals: (load * 40.0) as u64,
            sessions: (load * 320.0) as u64,
            in_flight: if stalled { 640 } else { (load * 12.0) as u64 },
            requests,
            failed: requests / 900,
            orders: if stalled { 0 } else { (load * 8.0) as u64 },
            shipped: (load * 7.0) as u64,
            aws_calls: requests * 4,
            latency: latency(if requests == 0 { 0.0 } else { 12_000.0 * slowdown }),
            buckets,
            ..TrafficSample::default()
        },
        operations,
        services: SERVICES.iter().map(|service| service_sample(*service, load, slowdown)).collect(),
        queues: queue_samples(second, load),
        tables: Vec::new(),
        functions: Vec::new(),
        databases: Vec::new(),
        cache: None,
        containers: Vec::new(),
        host: HostSample {
            cpu_host: (0.3 + load * 0.08).min(0.85),
            cpu_process: 0.2 + load * 0.07,
            memory_bytes: (280 << 20) + u64::from(second) * 500_000,
        },
    }
}

fn latency(median_us: f64) -> LatencySample {
    LatencySample {
        p50_us: median_us as u64,
        p90_us: (median_us * 2.4) as u64,
        p99_us: (median_us * 7.0) as u64,
        max_us: (median_us * 19.0) as u64,
    }
}

fn operation_sample(
    (name, rate, median_us): (&str, u64, u64),
    load: f64,
    slowdown: f64,
    stalled: bool,
) -> OperationSample {
    if stalled {
        return OperationSample { operation: name.to_owned(), ..OperationSample::default() };
    }
    let requests = (rate as f64 * load / 2.0) as u64;
    let median_us = median_us as f64 * slowdown;
    let mut buckets = Buckets::default();
    for (share, factor) in
        [(0.1, 0.6), (0.2, 0.8), (0.3, 1.0), (0.2, 1.4), (0.12, 2.2), (0.06, 4.0), (0.02, 8.0)]
    {
        buckets.record_us((median_us * factor) as u64, (requests as f64 * share).ceil() as u32);
    }
    OperationSample {
        operation: name.to_owned(),
        requests,
        failed: requests / 900,
        latency: latency(median_us),
        buckets,
    }
}

fn service_sample(
    (name, tasks, utilisation): (&str, u32, f64),
    load: f64,
    slowdown: f64,
) -> ServiceSample {
    let full = name == "checkout" && load > 2.0;
    ServiceSample {
        service: name.to_owned(),
        tasks,
        concurrency: 16,
        utilisation: if full { 0.97 } else { utilisation * (0.7 + load * 0.06) },
        waiting: if full { 18 } else { 0 },
        handled: (f64::from(tasks) * 60.0 * load) as u64,
        failed: 0,
        turned_away: 0,
        latency: latency(4_000.0 * slowdown),
        ..ServiceSample::default()
    }
}

fn queue_samples(second: u32, load: f64) -> Vec<QueueSample> {
    let backlog =
        if second < 110 { second * 14 } else { 1_540_u32.saturating_sub((second - 110) * 24) };
    let mut samples = Vec::new();
    for name in QUEUES {
        let is_orders = name == "orders";
        let sent = (load * 8.0) as u64;
        samples.push(QueueSample {
            queue: name.to_owned(),
            visible: if is_orders { u64::from(backlog) } else { sent / 3 },
            in_flight: if is_orders { 48 } else { 6 },
            delayed: if name == "inventory" { 4 } else { 0 },
            oldest_age_ms: if is_orders { u64::from(backlog) * 40 } else { 180 },
            sent,
            received: sent,
            deleted: if is_orders && second >= 110 { sent + 24 } else { sent },
        });
        let dead = if name == "notifications-sms" && second > 60 { 3 } else { 0 };
        samples.push(QueueSample {
            queue: format!("{name}-dlq"),
            visible: dead,
            ..QueueSample::default()
        });
    }
    samples
}

fn totals(samples: &[Arc<Sample>]) -> Totals {
    let sum = |count: fn(&TrafficSample) -> u64| samples.iter().map(|s| count(&s.traffic)).sum();
    let requests: u64 = sum(|traffic| traffic.requests);
    Totals {
        arrivals: sum(|traffic| traffic.arrivals),
        late_after_us: 50_000,
        requests,
        failed_requests: sum(|traffic| traffic.failed),
        orders_accepted: sum(|traffic| traffic.orders),
        orders_shipped: sum(|traffic| traffic.shipped),
        aws_calls: sum(|traffic| traffic.aws_calls),
        response: histogram(12_000),
        operations: OPERATIONS.map(|operation| operation_totals(operation, samples.len())).to_vec(),
        services: SERVICES.map(|service| service_totals(service, samples.len())).to_vec(),
        queues: QUEUES.map(queue_totals).to_vec(),
        measures: vec![MeasureTotals {
            measure: "order-to-shipped".to_owned(),
            latency: histogram(900_000),
        }],
        cpu_s: 96.4,
        memory_bytes_max: 420 << 20,
        ..Totals::default()
    }
}

fn histogram(median_us: u64) -> Histogram {
    let mut histogram = Histogram::new();
    for (factor, count) in
        [(60, 100), (80, 200), (100, 300), (140, 200), (220, 120), (400, 60), (800, 20)]
    {
        for _ in 0..count {
            histogram.record_us(median_us * factor / 100);
        }
    }
    histogram
}

fn operation_totals((name, rate, median_us): (&str, u64, u64), seconds: usize) -> OperationTotals {
    let refused = ErrorCount { cause: "402 payment-refused".to_owned(), count: 31 };
    let timeout = ErrorCount { cause: "timeout".to_owned(), count: 4 };
    OperationTotals {
        operation: name.to_owned(),
        requests: rate * seconds as u64,
        failed: rate / 40,
        errors: if name == "checkout" { vec![refused, timeout] } else { Vec::new() },
        response: histogram(median_us),
        service: histogram(median_us * 9 / 10),
    }
}

fn service_totals((name, tasks, _): (&str, u32, f64), seconds: usize) -> ServiceTotals {
    ServiceTotals {
        service: name.to_owned(),
        handled: u64::from(tasks) * 120 * seconds as u64,
        failed: 2,
        turned_away: 0,
        tasks_max: tasks,
        aws_calls: 12_345,
        ..ServiceTotals::default()
    }
}

fn queue_totals(name: &str) -> QueueTotals {
    QueueTotals {
        queue: name.to_owned(),
        sent: 4_321,
        received: 4_330,
        deleted: 4_300,
        dead_lettered: 3,
        visible_max: 1_526,
        oldest_age_ms_max: 61_600,
    }
}
