//! Why a service did not do what it was asked.

use aws_sdk_sqs::error::{DisplayErrorContext, ProvideErrorMetadata};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;

/// A request or a message that was not fulfilled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The service understood and says no; asking again won't help.
    #[error("{code}: {message}")]
    Refused {
        /// HTTP status, 400 to 499.
        status: u16,
        /// A fixed word for programs.
        code: &'static str,
        /// A sentence for people.
        message: String,
    },
    /// Something the service needs failed; asking again may help.
    #[error("{dependency} failed: {message}")]
    Dependency {
        /// What failed: an AWS operation or a service.
        dependency: &'static str,
        /// The AWS error code or HTTP status, for counting.
        code: String,
        /// What it said.
        message: String,
    },
}

impl Failure {
    /// A refusal with `status`.
    pub(crate) fn refused(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self::Refused { status, code, message: message.into() }
    }

    /// The request can't be understood (400).
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::refused(400, "bad-request", message)
    }

    /// There is no such thing (404).
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::refused(404, "not-found", message)
    }

    /// A dependency answered something that it must not.
    pub(crate) fn broken(dependency: &'static str, message: impl Into<String>) -> Self {
        Self::Dependency { dependency, code: "broken-answer".to_owned(), message: message.into() }
    }

    /// The database did not do what it was asked.
    pub(crate) fn database(error: &securecart_database::Error) -> Self {
        let code = error.code().to_owned();
        Self::Dependency { dependency: "database", code, message: error.to_string() }
    }

    /// The AWS call `operation` failed after the SDK's own retries.
    pub(crate) fn aws<E>(operation: &'static str) -> impl FnOnce(SdkError<E, HttpResponse>) -> Self
    where
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        move |error| {
            let code = error.code().unwrap_or("unreachable").to_owned();
            let message = DisplayErrorContext(error).to_string();
            Self::Dependency { dependency: operation, code, message }
        }
    }
}
