//! RunRecord: what a run leaves behind, and what the terminal shows while it goes on.
//!
//! Invariants: the format is versioned ([`FORMAT_VERSION`]); a record is bounded however long the
//! run was ([`MAX_SAMPLES`]: past that, neighbours are merged and the resolution halves); latencies
//! live in HDR histograms (µs, 3 digits), never in vectors; two parts of a record can be merged.
//!
//! Deliberately absent: I/O, clocks, and any judgement of the figures (that is `analysis`).
#![forbid(unsafe_code)]

mod audit;
pub mod format;
mod histogram;
mod run;
mod sample;

pub use audit::{Audit, AuditFinding, FindingKind};
pub use histogram::{BUCKETS, Buckets, Histogram, Percentiles, bucket_bound_us};
pub use run::{
    Environment, ErrorCount, FORMAT_VERSION, Limit, LimitedBy, Mark, MeasureTotals, Objective,
    OperationTotals, Phase, QueueTotals, RunInfo, RunRecord, ServiceTotals, Totals, Verdict,
};
pub use sample::{
    HostSample, LatencySample, MAX_SAMPLES, OperationSample, QueueSample, Sample, ServiceSample,
    TrafficSample,
};
