//! What can go wrong with calls of the AWS API that are not a service's.

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::display::DisplayErrorContext;

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
        E: std::error::Error + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        let kind = match &error {
            // The connector says all there is; the rest is the SDK's own account of it.
            SdkError::DispatchFailure(_) | SdkError::TimeoutError(_) => {
                ErrorKind::Unreachable(innermost(&error).to_string())
            }
            _ => ErrorKind::Call(DisplayErrorContext(error).to_string()),
        };
        Self { kind, context: context.into() }
    }
}

/// The last of an error's causes.
fn innermost<'a>(mut error: &'a (dyn std::error::Error + 'static)) -> &'a dyn std::error::Error {
    while let Some(cause) = error.source() {
        error = cause;
    }
    error
}
