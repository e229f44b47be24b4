//! One second of a run.

use serde::{Deserialize, Serialize};

use crate::{Buckets, CacheSample, ContainerSample, DatabaseSample, named};

/// Samples a record holds at the most: an hour of seconds.
pub const MAX_SAMPLES: usize = 3_600;

/// What happened in one interval (a wall second until samples are merged).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Sample {
    /// End of the interval, wall seconds since the first intended arrival.
    pub at_s: f64,
    /// End of the interval, scenario seconds since midnight.
    pub scenario_s: f64,
    /// What shoppers did and got.
    pub traffic: TrafficSample,
    /// Every operation that was used at all so far, in the order of `Operation::ALL`.
    pub operations: Vec<OperationSample>,
    /// Every service.
    pub services: Vec<ServiceSample>,
    /// Every queue, each followed by its dead-letter queue.
    pub queues: Vec<QueueSample>,
    /// Every table.
    #[serde(default)]
    pub tables: Vec<TableSample>,
    /// Every function.
    #[serde(default)]
    pub functions: Vec<FunctionSample>,
    /// Every server of the database.
    #[serde(default)]
    pub databases: Vec<DatabaseSample>,
    /// The cache; absent in records of builds that had none.
    #[serde(default)]
    pub cache: Option<CacheSample>,
    /// Every container of the run.
    #[serde(default)]
    pub containers: Vec<ContainerSample>,
    /// The machine.
    pub host: HostSample,
}

/// What shoppers did and got in one interval. Counts, not rates.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct TrafficSample {
    /// Sessions due in the interval.
    pub arrivals: u64,
    /// Sessions that started late.
    pub late: u64,
    /// Sessions that will never start.
    pub dropped: u64,
    /// Sessions under way at the end of the interval.
    pub sessions: u64,
    /// Requests sent and not yet answered at the end of the interval.
    pub in_flight: u64,
    /// Requests that were answered or failed.
    pub requests: u64,
    /// Those that failed.
    pub failed: u64,
    /// Orders accepted.
    pub orders: u64,
    /// Orders shipped.
    pub shipped: u64,
    /// Calls to the AWS API.
    pub aws_calls: u64,
    /// Those that AWS throttled.
    #[serde(default)]
    pub throttled: u64,
    /// Response times of all requests.
    pub latency: LatencySample,
    /// Response times of all requests by logarithmic bucket, for the heatmap.
    pub buckets: Buckets,
}

/// Percentiles of one interval, µs; all 0 where nothing completed (see the count beside them).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct LatencySample {
    /// Half were faster.
    pub p50_us: u64,
    /// Nine in ten were faster.
    pub p90_us: u64,
    /// 99 in 100 were faster.
    pub p99_us: u64,
    /// The slowest.
    pub max_us: u64,
}

/// One operation in one interval.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct OperationSample {
    /// Its name.
    pub operation: String,
    /// Requests that were answered or failed.
    pub requests: u64,
    /// Those that failed.
    pub failed: u64,
    /// Response times.
    pub latency: LatencySample,
    /// Response times by logarithmic bucket.
    pub buckets: Buckets,
}

/// One service in one interval.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ServiceSample {
    /// Its name.
    pub service: String,
    /// Tasks (instances, environments of a function) that take requests.
    pub tasks: u32,
    /// Tasks that are wanted (`desiredCount`).
    #[serde(default)]
    pub desired: u32,
    /// Tasks that start and take no requests yet.
    #[serde(default)]
    pub pending: u32,
    /// Tasks in service on Spot capacity.
    #[serde(default)]
    pub spot: u32,
    /// Tasks that the load asked for: the least number whose processors and slots would have been
    /// no fuller than the capacity assumption allows.
    #[serde(default)]
    pub demand: u32,
    /// Mean processor utilisation of the tasks in service, 0 to 1.
    #[serde(default)]
    pub cpu: f64,
    /// Requests one task works on at once.
    pub concurrency: u32,
    /// Mean share of busy slots over the interval, 0 to 1.
    pub utilisation: f64,
    /// Requests and messages that wait for a slot at the end of the interval.
    pub waiting: u64,
    /// Requests and messages handled.
    pub handled: u64,
    /// Those that failed.
    pub failed: u64,
    /// Requests turned away.
    pub turned_away: u64,
    /// Time from reaching the service to its answer.
    pub latency: LatencySample,
}

/// One queue in one interval.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct QueueSample {
    /// Its name.
    pub queue: String,
    /// `ApproximateNumberOfMessages` at the end of the interval.
    pub visible: u64,
    /// `ApproximateNumberOfMessagesNotVisible` at the end of the interval.
    pub in_flight: u64,
    /// `ApproximateNumberOfMessagesDelayed` at the end of the interval.
    pub delayed: u64,
    /// `ApproximateAgeOfOldestMessage` at the end of the interval, ms.
    pub oldest_age_ms: u64,
    /// `NumberOfMessagesSent` in the interval.
    pub sent: u64,
    /// `NumberOfMessagesReceived` in the interval.
    pub received: u64,
    /// `NumberOfMessagesDeleted` in the interval.
    pub deleted: u64,
}

/// One table in one interval.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct TableSample {
    /// Its name.
    pub table: String,
    /// Read capacity units consumed in the interval.
    pub read_units: f64,
    /// Write capacity units consumed in the interval.
    pub write_units: f64,
    /// Read capacity units a second that are provisioned; absent on demand.
    pub read_provisioned: Option<u32>,
    /// Write capacity units a second that are provisioned; absent on demand.
    pub write_provisioned: Option<u32>,
    /// Reads that were throttled.
    pub throttled_reads: u64,
    /// Writes that were throttled.
    pub throttled_writes: u64,
}

/// One function in one interval.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct FunctionSample {
    /// Its name.
    pub function: String,
    /// Invocations that ended.
    pub invocations: u64,
    /// Those that started cold.
    pub cold_starts: u64,
    /// Invocations that were throttled.
    pub throttles: u64,
    /// Invocations that failed.
    pub errors: u64,
    /// Invocations under way at the end of the interval.
    pub concurrent: u64,
    /// Environments that exist at the end of the interval.
    pub environments: u64,
}

/// The machine in one interval.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct HostSample {
    /// Share of all cores' time that anything on the machine used, 0 to 1.
    pub cpu_host: f64,
    /// Share of all cores' time that this process used, 0 to 1.
    pub cpu_process: f64,
    /// Memory of this process, bytes.
    pub memory_bytes: u64,
}

impl Sample {
    /// Makes one sample of this and the `later` one that follows it; `later_share` is the part of
    /// their joint time that `later` covers, 0 to 1.
    ///
    /// | kind of field | becomes |
    /// |---|---|
    /// | counts of an interval, buckets | the sum |
    /// | `at_s`, `scenario_s`, sessions, requests in flight, tasks, concurrency | the later |
    /// | queue depths, oldest age, waiting, demand, memory, lag | the greater: a backlog is never hidden |
    /// | whether a server is available, nodes that are up | the lesser: nor is an outage |
    /// | utilisation, processor shares | the mean over time |
    /// | percentiles | the greater of each: an upper bound, exact only for the slowest |
    pub fn merge(&mut self, later: &Self, later_share: f64) {
        self.at_s = later.at_s;
        self.scenario_s = later.scenario_s;
        self.traffic.merge(&later.traffic);
        named::merge(
            &mut self.operations,
            &later.operations,
            |operation| &operation.operation,
            OperationSample::merge,
        );
        named::merge(
            &mut self.services,
            &later.services,
            |service| &service.service,
            |service, later| service.merge(later, later_share),
        );
        named::merge(&mut self.queues, &later.queues, |queue| &queue.queue, QueueSample::merge);
        named::merge(&mut self.tables, &later.tables, |table| &table.table, TableSample::merge);
        named::merge(
            &mut self.functions,
            &later.functions,
            |function| &function.function,
            FunctionSample::merge,
        );
        named::merge(
            &mut self.databases,
            &later.databases,
            |database| &database.server,
            DatabaseSample::merge,
        );
        match (&mut self.cache, &later.cache) {
            (Some(cache), Some(later)) => cache.merge(later),
            (cache @ None, later) => *cache = later.clone(),
            (Some(_), None) => {}
        }
        named::merge(
            &mut self.containers,
            &later.containers,
            |container| &container.container,
            |container, later| container.merge(later, later_share),
        );
        self.host.merge(&later.host, later_share);
    }

    /// Rounds times to milliseconds and shares to a hundredth of a percent, which keeps files
    /// small and exact, and takes what is not a number for 0.
    pub(crate) fn tidy(&mut self) {
        round(&mut self.at_s, 1e3);
        round(&mut self.scenario_s, 1e3);
        for service in &mut self.services {
            round(&mut service.utilisation, 1e4);
            round(&mut service.cpu, 1e4);
        }
        for table in &mut self.tables {
            round(&mut table.read_units, 10.0);
            round(&mut table.write_units, 10.0);
        }
        for lag_ms in self.databases.iter_mut().filter_map(|server| server.lag_ms.as_mut()) {
            round(lag_ms, 10.0);
        }
        for container in &mut self.containers {
            round(&mut container.cores, 1e4);
        }
        round(&mut self.host.cpu_host, 1e4);
        round(&mut self.host.cpu_process, 1e4);
    }
}

fn round(figure: &mut f64, parts: f64) {
    *figure = if figure.is_finite() { (*figure * parts).round() / parts } else { 0.0 };
}

/// The mean of two shares over time, to a hundredth of a percent.
fn mean(earlier: f64, later: f64, later_share: f64) -> f64 {
    let mut mean = earlier + (later - earlier) * later_share;
    round(&mut mean, 1e4);
    mean
}

impl TrafficSample {
    fn merge(&mut self, later: &Self) {
        self.arrivals += later.arrivals;
        self.late += later.late;
        self.dropped += later.dropped;
        self.sessions = later.sessions;
        self.in_flight = later.in_flight;
        self.requests += later.requests;
        self.failed += later.failed;
        self.orders += later.orders;
        self.shipped += later.shipped;
        self.aws_calls += later.aws_calls;
        self.throttled += later.throttled;
        self.latency.merge(&later.latency);
        self.buckets.merge(&later.buckets);
    }
}

impl LatencySample {
    pub(crate) fn merge(&mut self, later: &Self) {
        self.p50_us = self.p50_us.max(later.p50_us);
        self.p90_us = self.p90_us.max(later.p90_us);
        self.p99_us = self.p99_us.max(later.p99_us);
        self.max_us = self.max_us.max(later.max_us);
    }
}

impl OperationSample {
    fn merge(&mut self, later: &Self) {
        self.requests += later.requests;
        self.failed += later.failed;
        self.latency.merge(&later.latency);
        self.buckets.merge(&later.buckets);
    }
}

impl ServiceSample {
    fn merge(&mut self, later: &Self, later_share: f64) {
        self.tasks = later.tasks;
        self.desired = later.desired;
        self.pending = later.pending;
        self.spot = later.spot;
        self.demand = self.demand.max(later.demand);
        self.cpu = mean(self.cpu, later.cpu, later_share);
        self.concurrency = later.concurrency;
        self.utilisation = mean(self.utilisation, later.utilisation, later_share);
        self.waiting = self.waiting.max(later.waiting);
        self.handled += later.handled;
        self.failed += later.failed;
        self.turned_away += later.turned_away;
        self.latency.merge(&later.latency);
    }
}

impl QueueSample {
    fn merge(&mut self, later: &Self) {
        self.visible = self.visible.max(later.visible);
        self.in_flight = self.in_flight.max(later.in_flight);
        self.delayed = self.delayed.max(later.delayed);
        self.oldest_age_ms = self.oldest_age_ms.max(later.oldest_age_ms);
        self.sent += later.sent;
        self.received += later.received;
        self.deleted += later.deleted;
    }
}

impl TableSample {
    fn merge(&mut self, later: &Self) {
        self.read_units += later.read_units;
        self.write_units += later.write_units;
        self.read_provisioned = later.read_provisioned;
        self.write_provisioned = later.write_provisioned;
        self.throttled_reads += later.throttled_reads;
        self.throttled_writes += later.throttled_writes;
    }
}

impl FunctionSample {
    fn merge(&mut self, later: &Self) {
        self.invocations += later.invocations;
        self.cold_starts += later.cold_starts;
        self.throttles += later.throttles;
        self.errors += later.errors;
        self.concurrent = self.concurrent.max(later.concurrent);
        self.environments = later.environments;
    }
}

impl HostSample {
    fn merge(&mut self, later: &Self, later_share: f64) {
        self.cpu_host = mean(self.cpu_host, later.cpu_host, later_share);
        self.cpu_process = mean(self.cpu_process, later.cpu_process, later_share);
        self.memory_bytes = self.memory_bytes.max(later.memory_bytes);
    }
}
