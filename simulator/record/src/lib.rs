//! RunRecord: what a run leaves behind, and what the terminal shows while it goes on.
//!
//! Invariants: the format is versioned ([`FORMAT_VERSION`]); a record is bounded however long the
//! run was ([`MAX_SAMPLES`]: past that, neighbours are merged and the resolution halves); latencies
//! live in HDR histograms (µs, 3 digits), never in vectors; two parts of a record can be merged.
//!
//! Deliberately absent: I/O, clocks, and any judgement of the figures (that is `analysis`).
#![forbid(unsafe_code)]

mod audit;
mod buckets;
mod data;
mod emulated;
#[cfg(test)]
mod example;
pub mod format;
mod histogram;
mod json;
mod named;
mod run;
mod sample;
mod scaling;
mod series;
mod totals;

pub use audit::{Audit, AuditFinding, FindingKind, MAX_FINDINGS};
pub use buckets::{BUCKETS, Buckets, bucket_bound_us};
pub use data::{
    CacheSample, CacheTotals, ContainerSample, ContainerTotals, DatabaseSample, DatabaseTotals,
    EMULATOR_CORES_MAX, Probe, Tier,
};
pub use emulated::EmulatedCalls;
pub use histogram::{Histogram, Percentiles};
pub use json::{Error, MAX_JSON_BYTES};
pub use run::{
    Environment, FORMAT_VERSION, Limit, LimitedBy, Mark, Objective, Phase, RunInfo, RunRecord,
    Verdict,
};
pub use sample::{
    FunctionSample, HostSample, LatencySample, MAX_SAMPLES, OperationSample, QueueSample, Sample,
    ServiceSample, TableSample, TrafficSample,
};
pub use scaling::{
    Bottleneck, Elasticity, FaultRecord, MAX_ACTIVITIES, ScalingActivity, ScalingOutcome,
    SkippedFault,
};
pub use series::MAX_MARKS;
pub use totals::{
    ErrorCount, FunctionTotals, MeasureTotals, OperationTotals, QueueTotals, ServiceTotals,
    TableTotals, Totals,
};
