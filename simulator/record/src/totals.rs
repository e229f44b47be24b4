//! Sums over a whole run.

use serde::{Deserialize, Serialize};

use crate::{
    CacheTotals, ContainerTotals, DatabaseTotals, EmulatedCalls, Histogram, Percentiles, named,
};

/// Sums over a whole run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Totals {
    /// Sessions whose arrival was due.
    pub arrivals: u64,
    /// Sessions that started more than [`late_after_us`](Self::late_after_us) past their intent.
    pub late_arrivals: u64,
    /// Sessions that were never started.
    pub dropped_arrivals: u64,
    /// The lag past which an arrival counts as late, µs.
    pub late_after_us: u64,
    /// Requests that were answered or failed; not those that the end of the run cut off.
    pub requests: u64,
    /// Requests that failed (transport, timeout, or status 500 and above).
    pub failed_requests: u64,
    /// Orders the shop accepted (202).
    pub orders_accepted: u64,
    /// Orders that shipped.
    pub orders_shipped: u64,
    /// Calls to the AWS API.
    pub aws_calls: u64,
    /// Calls that AWS throttled; the SDK's retries are calls of their own.
    #[serde(default)]
    pub throttled: u64,
    /// Lag of session arrivals: from intent to send.
    pub lag: Histogram,
    /// Response time of all requests, from intent to the last byte.
    pub response: Histogram,
    /// Every operation of the shop's API.
    pub operations: Vec<OperationTotals>,
    /// Every service.
    pub services: Vec<ServiceTotals>,
    /// Every queue.
    pub queues: Vec<QueueTotals>,
    /// Every table.
    #[serde(default)]
    pub tables: Vec<TableTotals>,
    /// Every function.
    #[serde(default)]
    pub functions: Vec<FunctionTotals>,
    /// Every server of the database.
    #[serde(default)]
    pub databases: Vec<DatabaseTotals>,
    /// The cache; absent in records of builds that had none.
    #[serde(default)]
    pub cache: Option<CacheTotals>,
    /// Every container of the run.
    #[serde(default)]
    pub containers: Vec<ContainerTotals>,
    /// Calls to an emulator of AWS by who made them, and how long it took; empty where the engine is
    /// ours, whose time is modelled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emulated: Vec<EmulatedCalls>,
    /// Latencies that are not a request's, such as `order-to-shipped`.
    pub measures: Vec<MeasureTotals>,
    /// Processor time the process used, seconds.
    pub cpu_s: f64,
    /// The most memory the process held, bytes.
    pub memory_bytes_max: u64,
}

/// One operation over the whole run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct OperationTotals {
    /// Its name, such as `checkout`.
    pub operation: String,
    /// Requests that were answered or failed; not those that the end of the run cut off.
    pub requests: u64,
    /// Those that failed (transport, timeout, or status 500 and above).
    pub failed: u64,
    /// Requests by what went wrong, also where the shop rightly said no (402, 409) and where the end of
    /// the run cut them off (`interrupted`).
    pub errors: Vec<ErrorCount>,
    /// From the intended start to the last byte.
    pub response: Histogram,
    /// From the first byte sent to the last byte received.
    pub service: Histogram,
}

/// How often something went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ErrorCount {
    /// The cause: `timeout`, `connect`, `503 overloaded`, `402 payment-refused`, ...
    pub cause: String,
    /// How often.
    pub count: u64,
}

/// One service over the whole run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ServiceTotals {
    /// Its name, such as `checkout`.
    pub service: String,
    /// Requests and messages it handled.
    pub handled: u64,
    /// Those that failed.
    pub failed: u64,
    /// Requests it turned away because every task was busy and its backlog full.
    pub turned_away: u64,
    /// Most tasks it had.
    pub tasks_max: u32,
    /// Calls it made to the AWS API.
    pub aws_calls: u64,
    /// Calls of its that AWS throttled.
    #[serde(default)]
    pub throttled: u64,
    /// Tasks that died with work in flight.
    #[serde(default)]
    pub tasks_lost: u64,
}

/// One table over the whole run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct TableTotals {
    /// Its name.
    pub table: String,
    /// Read capacity units consumed.
    pub read_units: f64,
    /// Write capacity units consumed.
    pub write_units: f64,
    /// Reads that were throttled.
    pub throttled_reads: u64,
    /// Writes that were throttled.
    pub throttled_writes: u64,
}

/// One function over the whole run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct FunctionTotals {
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
    /// Most invocations under way at once.
    pub concurrent_max: u64,
    /// What was billed, GB-seconds, initialisation included.
    pub gb_s: f64,
}

/// One queue over the whole run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct QueueTotals {
    /// Its name.
    pub queue: String,
    /// Messages sent to it.
    pub sent: u64,
    /// Messages received from it, redeliveries included.
    pub received: u64,
    /// Messages deleted from it.
    pub deleted: u64,
    /// Messages moved to its dead-letter queue.
    pub dead_lettered: u64,
    /// Most messages visible at once.
    pub visible_max: u64,
    /// Age of the oldest message at its worst, ms.
    pub oldest_age_ms_max: u64,
}

/// A latency that is not a request's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct MeasureTotals {
    /// Its name, such as `order-to-shipped`.
    pub measure: String,
    /// Its distribution.
    pub latency: Histogram,
}

impl Totals {
    /// The totals of an operation.
    #[must_use]
    pub fn operation(&self, name: &str) -> Option<&OperationTotals> {
        self.operations.iter().find(|operation| operation.operation == name)
    }

    /// The totals of a queue.
    #[must_use]
    pub fn queue(&self, name: &str) -> Option<&QueueTotals> {
        self.queues.iter().find(|queue| queue.queue == name)
    }

    /// A latency that is not a request's.
    #[must_use]
    pub fn measure(&self, name: &str) -> Option<&Histogram> {
        let found = self.measures.iter().find(|measure| measure.measure == name);
        found.map(|measure| &measure.latency)
    }

    /// Adds the totals of another part of the same run: counts and histograms are added, most and
    /// worst are the greater of the two.
    pub fn merge(&mut self, other: &Self) {
        self.arrivals += other.arrivals;
        self.late_arrivals += other.late_arrivals;
        self.dropped_arrivals += other.dropped_arrivals;
        self.late_after_us = self.late_after_us.max(other.late_after_us);
        self.requests += other.requests;
        self.failed_requests += other.failed_requests;
        self.orders_accepted += other.orders_accepted;
        self.orders_shipped += other.orders_shipped;
        self.aws_calls += other.aws_calls;
        self.throttled += other.throttled;
        self.lag.merge(&other.lag);
        self.response.merge(&other.response);
        named::merge(
            &mut self.operations,
            &other.operations,
            |operation| &operation.operation,
            OperationTotals::merge,
        );
        named::merge(
            &mut self.services,
            &other.services,
            |service| &service.service,
            ServiceTotals::merge,
        );
        named::merge(&mut self.queues, &other.queues, |queue| &queue.queue, QueueTotals::merge);
        named::merge(&mut self.tables, &other.tables, |table| &table.table, TableTotals::merge);
        named::merge(
            &mut self.functions,
            &other.functions,
            |function| &function.function,
            FunctionTotals::merge,
        );
        named::merge(
            &mut self.databases,
            &other.databases,
            |database| &database.server,
            DatabaseTotals::merge,
        );
        match (&mut self.cache, &other.cache) {
            (Some(cache), Some(other)) => cache.merge(other),
            (cache @ None, other) => *cache = other.clone(),
            (Some(_), None) => {}
        }
        named::merge(
            &mut self.containers,
            &other.containers,
            |container| &container.container,
            ContainerTotals::merge,
        );
        EmulatedCalls::merge_all(&mut self.emulated, &other.emulated);
        named::merge(
            &mut self.measures,
            &other.measures,
            |measure| &measure.measure,
            |measure, other| measure.latency.merge(&other.latency),
        );
        self.cpu_s += other.cpu_s;
        self.memory_bytes_max = self.memory_bytes_max.max(other.memory_bytes_max);
    }
}

impl OperationTotals {
    /// No requests yet.
    #[must_use]
    pub fn new(operation: impl Into<String>) -> Self {
        Self {
            operation: operation.into(),
            requests: 0,
            failed: 0,
            errors: Vec::new(),
            response: Histogram::new(),
            service: Histogram::new(),
        }
    }

    /// Adds the totals of another part of the same run.
    pub fn merge(&mut self, other: &Self) {
        self.requests += other.requests;
        self.failed += other.failed;
        named::merge(
            &mut self.errors,
            &other.errors,
            |error| &error.cause,
            |error, other| error.count += other.count,
        );
        self.response.merge(&other.response);
        self.service.merge(&other.service);
    }

    /// The percentiles a summary shows.
    #[must_use]
    pub fn percentiles(&self) -> Percentiles {
        self.response.percentiles()
    }
}

impl ServiceTotals {
    /// Adds the totals of another part of the same run.
    pub fn merge(&mut self, other: &Self) {
        self.handled += other.handled;
        self.failed += other.failed;
        self.turned_away += other.turned_away;
        self.tasks_max = self.tasks_max.max(other.tasks_max);
        self.aws_calls += other.aws_calls;
        self.throttled += other.throttled;
        self.tasks_lost += other.tasks_lost;
    }
}

impl TableTotals {
    /// Adds the totals of another part of the same run.
    pub fn merge(&mut self, other: &Self) {
        self.read_units += other.read_units;
        self.write_units += other.write_units;
        self.throttled_reads += other.throttled_reads;
        self.throttled_writes += other.throttled_writes;
    }
}

impl FunctionTotals {
    /// Adds the totals of another part of the same run.
    pub fn merge(&mut self, other: &Self) {
        self.invocations += other.invocations;
        self.cold_starts += other.cold_starts;
        self.throttles += other.throttles;
        self.errors += other.errors;
        self.concurrent_max = self.concurrent_max.max(other.concurrent_max);
        self.gb_s += other.gb_s;
    }
}

impl QueueTotals {
    /// Adds the totals of another part of the same run.
    pub fn merge(&mut self, other: &Self) {
        self.sent += other.sent;
        self.received += other.received;
        self.deleted += other.deleted;
        self.dead_lettered += other.dead_lettered;
        self.visible_max = self.visible_max.max(other.visible_max);
        self.oldest_age_ms_max = self.oldest_age_ms_max.max(other.oldest_age_ms_max);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(operation: &str, latency_us: u64, cause: &str) -> Totals {
        let mut operation = OperationTotals::new(operation);
        operation.requests = 2;
        operation.failed = 1;
        operation.errors = vec![ErrorCount { cause: cause.to_owned(), count: 1 }];
        operation.response.record_us(latency_us);
        Totals {
            requests: 2,
            operations: vec![operation],
            queues: vec![QueueTotals {
                queue: "orders".to_owned(),
                sent: 3,
                received: 3,
                deleted: 2,
                dead_lettered: 1,
                visible_max: latency_us,
                oldest_age_ms_max: 5,
            }],
            memory_bytes_max: latency_us,
            cpu_s: 1.5,
            ..Totals::default()
        }
    }

    #[test]
    fn two_parts_of_a_run_make_a_whole() {
        let mut whole = part("checkout", 100, "timeout");
        whole.merge(&part("checkout", 300, "connect"));
        whole.merge(&part("search", 200, "timeout"));
        let checkout = whole.operation("checkout").expect("merged");
        assert_eq!((checkout.requests, checkout.failed, checkout.errors.len()), (4, 2, 2));
        assert_eq!((checkout.response.count(), checkout.response.max_us()), (2, 300));
        assert_eq!(whole.operation("search").map(|operation| operation.requests), Some(2));
        let orders = whole.queue("orders").expect("merged");
        assert_eq!((orders.sent, orders.visible_max, orders.dead_lettered), (9, 300, 3));
        assert_eq!((whole.requests, whole.memory_bytes_max), (6, 300));
        assert!((whole.cpu_s - 4.5).abs() < 1e-9);
    }
}
