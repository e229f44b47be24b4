//! One second of a run.

use serde::{Deserialize, Serialize};

use crate::Buckets;

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
    /// Tasks that take requests.
    pub tasks: u32,
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
