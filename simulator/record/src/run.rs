//! The record as a whole.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    Audit, Bottleneck, Elasticity, FaultRecord, Probe, Sample, ScalingActivity, SkippedFault, Tier,
    Totals,
};

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
    /// Every scaling decision, in order; at most [`MAX_ACTIVITIES`](crate::MAX_ACTIVITIES).
    #[serde(default)]
    pub scaling: Vec<ScalingActivity>,
    /// Scaling decisions past the most that a record holds.
    #[serde(default)]
    pub scaling_dropped: u64,
    /// How well each service that can scale followed its demand.
    #[serde(default)]
    pub elasticity: Vec<Elasticity>,
    /// What stood in the way where an objective was missed, the gravest first.
    #[serde(default)]
    pub bottlenecks: Vec<Bottleneck>,
    /// Every fault that was provoked, in order.
    #[serde(default)]
    pub faults: Vec<FaultRecord>,
    /// The scenario's faults that lie outside of what is played, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped_faults: Vec<SkippedFault>,
    /// Wall seconds that each sample stands for: 1, or a power of two once samples were merged.
    pub resolution_s: u32,
    /// The series, the oldest first; at most [`MAX_SAMPLES`](crate::MAX_SAMPLES).
    pub samples: Vec<Arc<Sample>>,
}

impl RunRecord {
    /// The record of a run that is about to start: no figures, and until it has ended the verdict
    /// [`Verdict::Interrupted`].
    #[must_use]
    pub fn starting(run: RunInfo, environment: Environment) -> Self {
        Self {
            verdict: Verdict::Interrupted,
            format_version: FORMAT_VERSION,
            run,
            environment,
            phase: Phase::Starting,
            limited_by: Vec::new(),
            objectives: Vec::new(),
            audit: None,
            totals: Totals::default(),
            marks: Vec::new(),
            scaling: Vec::new(),
            scaling_dropped: 0,
            elasticity: Vec::new(),
            bottlenecks: Vec::new(),
            faults: Vec::new(),
            skipped_faults: Vec::new(),
            resolution_s: 1,
            samples: Vec::new(),
        }
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every objective held and the audit is clean. Exit code 0.
    Held,
    /// An objective was missed. Exit code 5.
    Missed,
    /// No objective was missed and the audit is clean, but there was nothing to measure an objective
    /// by. Exit code 7.
    Inconclusive,
    /// The audit found something lost, doubled or unaccounted for. Exit code 8.
    AuditFailed,
    /// The run was stopped before its end. Exit code 130. Also the verdict of a run that goes on.
    Interrupted,
}

impl Verdict {
    /// The name in records and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Missed => "missed",
            Self::Inconclusive => "inconclusive",
            Self::AuditFailed => "audit-failed",
            Self::Interrupted => "interrupted",
        }
    }

    /// The exit code of a run that ends with this verdict.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Held => 0,
            Self::Missed => 5,
            Self::Inconclusive => 7,
            Self::AuditFailed => 8,
            Self::Interrupted => 130,
        }
    }
}

/// What was run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RunInfo {
    /// The run's own name: scenario, start time and a few letters; also its folder's name.
    pub id: String,
    /// The scenario's name.
    pub scenario: String,
    /// What the command line named: a shipped scenario, or the path of a file. Empty in records of
    /// builds that did not keep it.
    #[serde(default)]
    pub source: String,
    /// The scenario's one-line summary.
    pub summary: String,
    /// `live` or `virtual`.
    pub clock: String,
    /// `embedded`, `localstack` or `endpoint`.
    pub backend: String,
    /// Version of the backend.
    pub backend_version: String,
    /// Who serves each tier. Empty in records of builds that had one backend.
    #[serde(default)]
    pub tiers: Vec<Tier>,
    /// Options of the command line that said who serves the tiers, word by word, with `PASSWORD` for
    /// each password.
    #[serde(default)]
    pub tier_options: Vec<String>,
    /// What the emulator could carry; absent where the engine is ours.
    #[serde(default)]
    pub probe: Option<Probe>,
    /// Settings of the scenario that the command line changed, as written there.
    #[serde(default)]
    pub settings: Vec<String>,
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
    /// Digest of every arrival that was due: equal for equal plans and seeds that ran to their end.
    pub arrivals_digest: String,
    /// Commit of the source tree the binary was built from, or `unknown`.
    pub commit: String,
    /// Version of the binary.
    pub version: String,
}

impl RunInfo {
    /// Whether the AWS API was our own engine and not an emulator, whose capacity shapes the figures.
    #[must_use]
    pub fn is_embedded(&self) -> bool {
        self.backend == "embedded"
    }

    /// Whether the age of a queue's oldest message is known: emulators have no
    /// `ApproximateAgeOfOldestMessage`, and 0 would be read as "at once".
    #[must_use]
    pub fn has_queue_ages(&self) -> bool {
        self.is_embedded()
    }
}

/// Where it was run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
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

impl LimitedBy {
    /// The name in records and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Generator => "generator",
            Self::Host => "host",
            Self::Emulator => "emulator",
        }
    }
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
    /// What was measured, in the bound's unit and with it, such as `412ms`; `never` for what was waited
    /// for and did not come, `none` without data.
    pub measured: String,
    /// How much of what the bound allows is used up, for bars: at most 1 where it holds, whichever side
    /// of the bound is good. Absent without data and where that is no number.
    pub share_of_bound: Option<f64>,
    /// Whether it held; absent where there was nothing to measure it by, which is neither.
    pub held: Option<bool>,
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
