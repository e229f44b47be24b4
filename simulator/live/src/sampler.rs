//! Once a second: what happened, into the record, and the record to whoever watches.

use std::{collections::HashMap, sync::Arc};

use securecart_behaviour::latency::AwsCalls;
use securecart_cloud::{Cloud, QueueMetrics, Role};
use securecart_domain::resources::{QUEUES, dead_letter_queue};
use securecart_record::{
    Buckets, Histogram, LatencySample, Mark, MeasureTotals, OperationSample, OperationTotals,
    Phase, QueueSample, QueueTotals, RunRecord, Sample, TrafficSample,
};
use securecart_scenario::Plan;
use securecart_traffic::{Interval, OperationInterval, Recorder};
use tokio::sync::watch;

use crate::{
    data::DataMeter,
    emulated,
    host::Host,
    limits::{self, Limits},
    objective,
    run::Stage,
    scaling::Journal,
    shop::Shop,
    tiers::Machines,
    time::ScenarioTime,
};

/// The measure of `order-to-shipped.latency.*`.
pub(crate) const ORDER_TO_SHIPPED: &str = "order-to-shipped";

/// Fills the record.
pub(crate) struct Sampler {
    pub(crate) record: RunRecord,
    plan: Arc<Plan>,
    cloud: Arc<Cloud>,
    shop: Arc<Shop>,
    recorder: Arc<Recorder>,
    host: Host,
    time: ScenarioTime,
    /// What scaling and faults do.
    journal: Option<Arc<Journal>>,
    queues: HashMap<String, QueueMetrics>,
    aws_calls: u64,
    throttled: u64,
    limits: Limits,
    /// What calls to AWS itself take.
    aws: AwsCalls,
    data: DataMeter,
    machines: Option<Arc<Machines>>,
    /// Marks that are still to come, the next one last.
    upcoming: Vec<Mark>,
    snapshots: watch::Sender<Arc<RunRecord>>,
}

impl Sampler {
    pub(crate) fn new(
        record: RunRecord,
        stage: &Stage,
        shop: Arc<Shop>,
        recorder: Arc<Recorder>,
        snapshots: watch::Sender<Arc<RunRecord>>,
    ) -> Self {
        let Stage { plan, cloud, time, .. } = stage;
        let queues = by_name(cloud);
        let upcoming = spikes(plan);
        let mut sampler = Self {
            record,
            plan: Arc::clone(plan),
            cloud: Arc::clone(cloud),
            shop,
            recorder,
            host: Host::new(),
            time: time.clone(),
            journal: None,
            queues,
            aws_calls: 0,
            throttled: 0,
            limits: Limits::default(),
            aws: AwsCalls::new(&stage.assumptions),
            data: DataMeter::new(Arc::clone(&stage.data)),
            machines: stage.machines.clone(),
            upcoming,
            snapshots,
        };
        sampler.aws_calls = sampler.calls();
        sampler
    }

    /// What `journal` tells goes into the record too.
    pub(crate) fn follow(&mut self, journal: Arc<Journal>) {
        self.journal = Some(journal);
    }

    /// The run enters `phase`.
    pub(crate) fn enter(&mut self, phase: Phase) {
        self.record.phase = phase;
        self.publish();
    }

    /// Marks now with `text`.
    pub(crate) fn mark(&mut self, text: impl Into<String>) {
        let at_s = self.elapsed_s();
        let scenario_s = self.plan.window.scenario_s(at_s);
        self.record.push_mark(Mark { at_s, scenario_s, text: text.into() });
    }

    /// Wall seconds since the first intended arrival; 0 before it.
    pub(crate) fn elapsed_s(&self) -> f64 {
        self.time.wall_s()
    }

    /// Takes a sample and publishes the record.
    pub(crate) fn tick(&mut self) {
        let at_s = self.elapsed_s();
        let scenario_s = self.plan.window.scenario_s(at_s);
        let interval = self.recorder.drain();
        let shipped = self.shop.shipments();
        let sample = Sample {
            at_s,
            scenario_s,
            traffic: self.traffic(&interval, shipped.count()),
            operations: operations(&interval),
            services: self.shop.sample(),
            queues: self.queue_samples(),
            tables: self.limits.tables(&self.cloud),
            functions: self.limits.functions(&self.cloud),
            databases: self.data.databases(),
            cache: Some(self.data.cache()),
            containers: self.machines.as_ref().map_or_else(Vec::new, |machines| machines.sample()),
            host: self.host.sample(),
        };
        self.add_to_totals(&interval, &shipped, &sample.traffic);
        self.record.push_sample(sample);
        while self.upcoming.last().is_some_and(|mark| mark.at_s <= at_s) {
            self.record.marks.extend(self.upcoming.pop());
        }
        if let Some(journal) = &self.journal {
            journal.write(&mut self.record);
        }
        self.record.objectives = objective::evaluate(&self.plan, &self.record);
        self.publish();
    }

    fn publish(&self) {
        self.snapshots.send_replace(Arc::new(self.record.clone()));
    }

    fn calls(&self) -> u64 {
        Role::all().filter(|&role| role != Role::Harness).map(|role| self.cloud.calls(role)).sum()
    }

    fn all_throttled(&self) -> u64 {
        let roles = Role::all().filter(|&role| role != Role::Harness);
        roles.map(|role| self.cloud.throttled(role)).sum()
    }

    fn traffic(&mut self, interval: &Interval, shipped: u64) -> TrafficSample {
        let calls = self.calls();
        let aws_calls = calls - std::mem::replace(&mut self.aws_calls, calls);
        let throttled = self.all_throttled();
        let throttled = throttled - std::mem::replace(&mut self.throttled, throttled);
        let mut response = Histogram::new();
        for operation in &interval.operations {
            response.merge(&operation.response);
        }
        TrafficSample {
            arrivals: interval.arrivals,
            late: interval.late,
            dropped: interval.dropped,
            sessions: interval.sessions,
            in_flight: interval.in_flight,
            requests: interval.requests(),
            failed: interval.failed(),
            orders: interval.orders,
            shipped,
            aws_calls,
            throttled,
            latency: latency(&response),
            buckets: Buckets::from(&response),
        }
    }

    /// What each queue did since the last sample, each followed by its dead-letter queue.
    fn queue_samples(&mut self) -> Vec<QueueSample> {
        let now = by_name(&self.cloud);
        let before = std::mem::replace(&mut self.queues, now);
        let names = QUEUES.iter().flat_map(|queue| [(*queue).to_owned(), dead_letter_queue(queue)]);
        names
            .filter_map(|name| {
                let now = self.queues.get(&name)?;
                let before = before.get(&name)?;
                Some(QueueSample {
                    queue: name,
                    visible: now.visible,
                    in_flight: now.in_flight,
                    delayed: now.delayed,
                    oldest_age_ms: now.oldest_age_ms,
                    sent: now.sent - before.sent,
                    received: now.received - before.received,
                    deleted: now.deleted - before.deleted,
                })
            })
            .collect()
    }

    fn add_to_totals(&mut self, interval: &Interval, shipped: &Histogram, traffic: &TrafficSample) {
        let services = self.shop.totals();
        let queues = self.queue_totals();
        let totals = &mut self.record.totals;
        totals.arrivals += interval.arrivals;
        totals.late_arrivals += interval.late;
        totals.dropped_arrivals += interval.dropped;
        totals.late_after_us = securecart_traffic::LATE_AFTER.as_micros() as u64;
        totals.requests += traffic.requests;
        totals.failed_requests += traffic.failed;
        totals.orders_accepted += interval.orders;
        totals.orders_shipped += traffic.shipped;
        totals.aws_calls += traffic.aws_calls;
        totals.throttled += traffic.throttled;
        totals.lag.merge(&interval.lag);
        for operation in &interval.operations {
            totals.response.merge(&operation.response);
            add_operation(&mut totals.operations, operation);
        }
        if totals.measures.is_empty() {
            let measure = ORDER_TO_SHIPPED.to_owned();
            totals.measures.push(MeasureTotals { measure, latency: Histogram::new() });
        }
        totals.measures[0].latency.merge(shipped);
        totals.services = services;
        totals.queues = queues;
        totals.tables = limits::table_totals(&self.cloud);
        totals.functions = limits::function_totals(&self.cloud);
        totals.emulated = emulated::calls(&self.cloud, &self.aws);
        totals.databases = self.data.database_totals();
        totals.cache = Some(self.data.cache_totals());
        totals.containers = self.machines.as_ref().map_or_else(Vec::new, |all| all.totals());
        totals.cpu_s = self.host.cpu_s();
        totals.memory_bytes_max = self.host.memory_bytes_max();
    }

    fn queue_totals(&self) -> Vec<QueueTotals> {
        let names = QUEUES.iter().flat_map(|queue| [(*queue).to_owned(), dead_letter_queue(queue)]);
        names
            .filter_map(|name| {
                let now = self.queues.get(&name)?;
                let earlier = self.record.totals.queue(&name);
                Some(QueueTotals {
                    sent: now.sent,
                    received: now.received,
                    deleted: now.deleted,
                    dead_lettered: now.dead_lettered,
                    visible_max: now.visible.max(earlier.map_or(0, |e| e.visible_max)),
                    oldest_age_ms_max: now
                        .oldest_age_ms
                        .max(earlier.map_or(0, |e| e.oldest_age_ms_max)),
                    queue: name,
                })
            })
            .collect()
    }
}

fn by_name(cloud: &Cloud) -> HashMap<String, QueueMetrics> {
    cloud.queue_metrics().into_iter().map(|queue| (queue.name.clone(), queue)).collect()
}

/// When each spike begins and peaks inside the window, the last one first.
fn spikes(plan: &Plan) -> Vec<Mark> {
    let window = plan.window;
    let mut marks: Vec<Mark> = plan
        .traffic
        .spikes
        .iter()
        .flat_map(|spike| {
            let factor = spike.factor;
            [
                (spike.at_s, format!("a spike of x{factor} begins")),
                (spike.at_s + spike.rise_s, format!("the spike of x{factor} is at its peak")),
            ]
        })
        .filter(|(scenario_s, _)| (window.start_s..=window.end_s).contains(scenario_s))
        .map(|(scenario_s, text)| Mark {
            at_s: (scenario_s - window.start_s) / window.speed,
            scenario_s,
            text,
        })
        .collect();
    marks.sort_by(|a, b| b.at_s.total_cmp(&a.at_s));
    marks
}

fn operations(interval: &Interval) -> Vec<OperationSample> {
    interval
        .operations
        .iter()
        .map(|operation| OperationSample {
            operation: operation.operation.to_string(),
            requests: operation.requests,
            failed: operation.failed,
            latency: latency(&operation.response),
            buckets: Buckets::from(&operation.response),
        })
        .collect()
}

fn add_operation(totals: &mut Vec<OperationTotals>, interval: &OperationInterval) {
    let mut fresh = OperationTotals::new(interval.operation.as_str());
    fresh.requests = interval.requests;
    fresh.failed = interval.failed;
    fresh.errors.clone_from(&interval.errors);
    fresh.response.merge(&interval.response);
    fresh.service.merge(&interval.service);
    match totals.iter_mut().find(|known| known.operation == fresh.operation) {
        Some(known) => known.merge(&fresh),
        None => totals.push(fresh),
    }
}

/// The percentiles a sample holds.
pub(crate) fn latency(histogram: &Histogram) -> LatencySample {
    let percentiles = histogram.percentiles();
    LatencySample {
        p50_us: percentiles.p50_us,
        p90_us: percentiles.p90_us,
        p99_us: percentiles.p99_us,
        max_us: percentiles.max_us,
    }
}
