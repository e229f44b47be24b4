//! What every AWS API that SecureCart runs on must do: one suite for the embedded engine, LocalStack
//! and anything else that says it is AWS.
//!
//! ```text
//! cases (rule, source, run) ─▶ runner ─▶ outcome of each ─▶ judged by differences.toml ─▶ report
//! ```
//!
//! Invariants: what is expected comes from AWS's documentation (or from recordings of AWS where the
//! documentation gives no words), never from what some emulator does; a case makes what it needs
//! under names of its own and removes it, so cases run at the same time, and again and again against
//! one endpoint; a listed difference that is none any more is a failure as well.
//!
//! Deliberately absent: real AWS, which `securecart_cloud::Endpoint` refuses; timing assertions;
//! calls that SecureCart does not make.
#![forbid(unsafe_code)]

mod backend;
mod case;
mod check;
mod context;
mod differences;
mod judge;
mod report;
mod runner;

mod dynamodb;
mod events;
mod lambda;
mod s3;
mod sns;
mod sqs;

pub use backend::Backend;
pub use case::{Case, Checked, Mismatch};
pub use differences::{BACKENDS, Difference, Differences, DifferencesError};
pub use judge::{Judged, Verdict, judge};
pub use report::{json, listing, text};
pub use runner::{Outcome, Run, run};

/// The known differences, as they are kept beside this crate.
pub const DIFFERENCES: &str = include_str!("../differences.toml");

/// Every case, by service and topic.
#[must_use]
pub fn cases() -> Vec<Case> {
    [sqs::cases(), dynamodb::cases(), sns::cases(), events::cases(), lambda::cases(), s3::cases()]
        .into_iter()
        .flatten()
        .collect()
}
