//! Why there is no measurement, and what a call of the AWS API that failed comes to.

use std::{error::Error, fmt};

use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use securecart_cloud::innermost;

/// Why there is no measurement.
#[derive(Debug)]
pub(crate) enum Failed {
    /// What was to be measured is not there.
    Unavailable(String),
    /// It went wrong.
    Broken(String),
    /// Ctrl-C.
    Interrupted(String),
}

impl From<String> for Failed {
    fn from(text: String) -> Self {
        Self::Broken(text)
    }
}

impl From<Refusal> for Failed {
    fn from(refusal: Refusal) -> Self {
        Self::Broken(refusal.to_string())
    }
}

/// A call that was not answered as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    operation: &'static str,
    /// Whether nobody answered at all.
    pub(super) is_unreachable: bool,
    why: String,
}

impl Refusal {
    /// What the SDK says of `operation`, in the words of whoever knows best.
    pub(super) fn of<E>(operation: &'static str, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let is_unreachable =
            matches!(error, SdkError::DispatchFailure(_) | SdkError::TimeoutError(_));
        let status = error.raw_response().map(|answer| answer.status().as_u16());
        let why = match (error.code(), error.message(), status) {
            _ if is_unreachable => innermost(error).to_string(),
            (Some(code), Some(message), _) => format!("{code}: {message}"),
            (Some(code), None, _) => code.to_owned(),
            (None, _, Some(status)) => format!("HTTP status {status}, and no answer of AWS's"),
            (None, _, None) => innermost(error).to_string(),
        };
        Self { operation, is_unreachable, why }
    }

    /// Nothing came back for so long.
    pub(super) fn late(operation: &'static str, seconds: u64) -> Self {
        Self { operation, is_unreachable: true, why: format!("no answer within {seconds} s") }
    }

    /// An answer that is not what it should be.
    pub(super) fn wrong(operation: &'static str, why: String) -> Self {
        Self { operation, is_unreachable: false, why }
    }

    /// Without the operation.
    pub(super) fn why(&self) -> &str {
        &self.why
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.operation, self.why)
    }
}

impl From<Refusal> for String {
    fn from(refusal: Refusal) -> Self {
        refusal.to_string()
    }
}
