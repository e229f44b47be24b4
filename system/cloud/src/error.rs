//! What can go wrong with calls of the AWS API that are not a service's.

use std::time::Duration;

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::{display::DisplayErrorContext, metadata::ProvideErrorMetadata};

/// An error of this crate: what was being done, and why it failed.
#[derive(Debug, thiserror::Error)]
#[error("{context}: {kind}")]
pub struct Error {
    /// Why it failed.
    pub kind: ErrorKind,
    /// What was being done, such as ``create queue `orders` ``.
    pub context: String,
}

/// Why something failed.
#[derive(Debug, thiserror::Error)]
pub enum ErrorKind {
    /// The AWS API said no.
    #[error("{0}")]
    Call(String),
    /// No such table was set up or called.
    #[error("there is no such table")]
    NoTable,
    /// An update of the table is under way (AWS: `ResourceInUseException`).
    #[error("it is being updated for another {remaining:?}")]
    TableInUse {
        /// Wall time until it is through.
        remaining: Duration,
    },
    /// Units that no table may have (behaviour sheet 4.1, "table/account quota").
    #[error("{read} read and {write} write units: a table has 1 to 40000 of each")]
    TableQuota {
        /// Read units that were asked for.
        read: f64,
        /// Write units that were asked for.
        write: f64,
    },
    /// More units than the account has left (same row).
    #[error("{asked} units: the account's quota of 80000 leaves {left}")]
    AccountQuota {
        /// Units that were asked for.
        asked: f64,
        /// Units that other tables leave.
        left: f64,
    },
    /// The AWS API could not be reached.
    #[error("{0}")]
    Unreachable(String),
    /// There is no such queue, or it names no dead-letter queue.
    #[error("there is no such queue with a dead-letter queue")]
    NoDeadLetters,
    /// A move task moves nothing any more.
    #[error("the task has moved {moved} messages and none for a minute; it may still go on")]
    Stalled {
        /// Messages it has moved.
        moved: u64,
    },
    /// The AWS API answered without something that it always has.
    #[error("the answer has no {0}")]
    Missing(&'static str),
}

impl Error {
    /// The error of a call made for `context`.
    pub(crate) fn call<E, R>(context: impl Into<String>, error: SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        let kind = match &error {
            // The connector says all there is; the rest is the SDK's own account of it.
            SdkError::DispatchFailure(_) | SdkError::TimeoutError(_) => {
                ErrorKind::Unreachable(innermost(&error).to_string())
            }
            _ => match (error.code(), error.message()) {
                (Some(code), Some(message)) => ErrorKind::Call(format!("{code}: {message}")),
                _ => ErrorKind::Call(DisplayErrorContext(error).to_string()),
            },
        };
        Self { kind, context: context.into() }
    }
}

/// The last of an error's causes: what happened, below the layers that it passed through.
#[must_use]
pub fn innermost<'a>(
    mut error: &'a (dyn std::error::Error + 'static),
) -> &'a dyn std::error::Error {
    while let Some(cause) = error.source() {
        error = cause;
    }
    error
}
