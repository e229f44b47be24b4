//! What can go wrong before services run.

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
    /// The AWS API said no, or could not be reached.
    #[error("{0}")]
    Call(String),
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
        let text = DisplayErrorContext(error).to_string();
        Self { kind: ErrorKind::Call(text), context: context.into() }
    }
}
