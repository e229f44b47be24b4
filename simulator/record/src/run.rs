//! The record as a whole.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Audit, Histogram, Percentiles, Sample};

/// Version of the format. A reader refuses records of another one.
pub const FORMAT_VERSION: u32 = 1;

/// Everything one run leaves behind.
///
/// While the run goes on, the same type is published once a second with what is known so far;
/// samples are shared (`Arc`), so that a snapshot costs a vector of pointers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RunRecord {
    /// How the run ended. First, so that `jq .verdict` and a reader's eye find it.
    pub verdict: Verdict,
    /// [`FORMAT_VERSION`] of the writer.
    pub format_version: u32,
    /// What was run.
    pub run: RunInfo,
    /// Where it was run.
    pub environment: Environment,
    /// Where the run is in its life; `finished` in every record on disk.
    pub phase: Phase,
    /// What kept the run from measuring SecureCart, if anything did. Named before any figure.
    pub limited_by: Vec<Limit>,
    /// The scenario's objectives and whether they held.
    pub objectives: Vec<Objective>,
    /// What the audit found; absent while the run goes on and when it never got that far.
    pub audit: Option<Audit>,
    /// Sums over the run.
    pub totals: Totals,
    /// What happened when: spikes, faults, phases. At most 1,000, the oldest first.
    pub marks: Vec<Mark>,
    /// Wall seconds that each sample stands for: 1, or a power of two once samples were merged.
    pub resolution_s: u32,
    /// The series, the oldest first; at most [`MAX_SAMPLES`](crate::MAX_SAMPLES).
    pub samples: Vec<Arc<Sample>>,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every objective held and the audit is clean. Exit code 0.
    Held,
    /// An objective was missed. Exit code 5.
    Missed,
    /// The audit found something lost, doubled or unaccounted for. Exit code 8.
    AuditFailed,
    /// The run was stopped before its end. Exit code 130. Also the verdict of a run that goes on.
    Interrupted,
}

/// What was run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RunInfo {
    /// The run's own name: scenario, start time and a few letters; also its folder's name.
    pub id: String,
    /// The scenario's name.
    pub scenario: String,
    /// The scenario's one-line summary.
    pub summary: String,
    /// `live` or `virtual`.
    pub clock: String,
    /// `embedded`, `localstack` or `endpoint`.
    pub backend: String,
    /// Version of the backend.
    pub backend_version: String,
    /// The seed of every random stream.
    pub seed: u64,
    /// Load as a fraction of the scenario's full load.
    pub scale: f64,
    /// Scenario seconds that pass in one wall second.
    pub speed: f64,
    /// First scenario second of the window that is played.
    pub window_start_s: f64,
    /// Last scenario second of the window that is played.
    pub window_end_s: f64,
    /// When the run began, as RFC 3339 in UTC.
    pub started_at: String,
    /// Wall seconds of traffic, from the first intended arrival to the end of the window.
    pub traffic_s: f64,
    /// Wall seconds from the end of traffic until the queues were empty.
    pub drain_s: f64,
    /// Commit of the source tree the binary was built from, or `unknown`.
    pub commit: String,
    /// Version of the binary.
    pub version: String,
}

/// Where it was run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Environment {
    /// Operating system and its version.
    pub os: String,
    /// Processor architecture.
    pub arch: String,
    /// The processor's name.
    pub cpu: String,
    /// Cores the process may use.
    pub cores: u32,
    /// Memory of the machine.
    pub memory_bytes: u64,
    /// Cargo profile the binary was built with: `dev` or `release`.
    pub profile: String,
}

/// Where a run is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Services are starting.
    Starting,
    /// Traffic arrives.
    Running,
    /// Traffic has ended; what is queued is worked off.
    Draining,
    /// Every order is accounted for.
    Auditing,
    /// All is done.
    Finished,
}

/// Who limited a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LimitedBy {
    /// The load generator started arrivals late or not at all.
    Generator,
    /// The machine's processors were busy throughout.
    Host,
    /// The AWS emulator.
    Emulator,
}

/// Something other than SecureCart that shaped the figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Limit {
    /// Who.
    pub by: LimitedBy,
    /// The evidence, with its numbers, as one sentence.
    pub evidence: String,
}

/// One objective and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Objective {
    /// The metric as the scenario writes it, such as `checkout.latency.p99`.
    pub metric: String,
    /// The bound as the scenario writes it, such as `< 800ms`.
    pub bound: String,
    /// What was measured, in the bound's unit and with it, such as `412ms`; `none` without data.
    pub measured: String,
    /// Measured as a share of the bound, for bars; absent without data.
    pub share_of_bound: Option<f64>,
    /// Whether it held. An objective without data is missed.
    pub held: bool,
}

/// Something worth a mark on the time axis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Mark {
    /// Wall seconds since the first intended arrival.
    pub at_s: f64,
    /// Scenario seconds since midnight.
    pub scenario_s: f64,
    /// What happened, as a short sentence.
    pub text: String,
}

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
    /// Requests that were answered or failed.
    pub requests: u64,
    /// Requests that failed (transport, timeout, or status 500 and above).
    pub failed_requests: u64,
    /// Orders the shop accepted (202).
    pub orders_accepted: u64,
    /// Orders that shipped.
    pub orders_shipped: u64,
    /// Calls to the AWS API.
    pub aws_calls: u64,
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
    /// Requests that were answered or failed.
    pub requests: u64,
    /// Those that failed (transport, timeout, or status 500 and above).
    pub failed: u64,
    /// Requests by what went wrong, also where the shop rightly said no (402, 409).
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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

impl OperationTotals {
    /// The percentiles a summary shows.
    #[must_use]
    pub fn percentiles(&self) -> Percentiles {
        self.response.percentiles()
    }
}
