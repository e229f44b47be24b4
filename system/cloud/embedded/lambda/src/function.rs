//! A function: its settings, its code, and where its model stands.

use std::{fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

use bytes::Bytes;
use parking_lot::Mutex;
use securecart_behaviour::lambda::{self, AsyncPolicy};
use securecart_embedded_wire::Arn;
use serde_json::json;

use crate::metrics::Counts;

/// What a call of a function comes to.
pub type HandlerFuture = Pin<Box<dyn Future<Output = Result<Bytes, FunctionError>> + Send>>;

/// A function's code: takes the event and gives an answer, both JSON.
pub type Handler = Arc<dyn Fn(Bytes) -> HandlerFuture + Send + Sync>;

/// What a function raised.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{error_type}: {message}")]
pub struct FunctionError {
    /// Its kind, such as `Runtime.HandlerError`.
    pub error_type: String,
    /// What it says.
    pub message: String,
}

impl FunctionError {
    /// An error of the kind `error_type` that says `message`.
    pub fn new(error_type: impl Into<String>, message: impl Into<String>) -> Self {
        Self { error_type: error_type.into(), message: message.into() }
    }

    /// The payload that a caller gets instead of an answer.
    pub(crate) fn payload(&self) -> Bytes {
        let payload = json!({ "errorMessage": self.message, "errorType": self.error_type });
        Bytes::from(payload.to_string())
    }
}

/// How a function is set up.
#[derive(Debug, Clone, PartialEq)]
pub struct FunctionConfig {
    /// Memory, cold starts and concurrency.
    pub capacity: lambda::FunctionConfig,
    /// How long a call may take, wall time, cold start not counted: 1 to 900 s.
    pub timeout: Duration,
    /// Retries of asynchronous calls.
    pub asynchronous: AsyncPolicy,
    /// ARN of the queue of asynchronous events that were given up.
    pub dead_letter_queue: Option<String>,
}

impl FunctionConfig {
    /// A function with `capacity` and AWS's defaults for the rest: 3 s, two retries, no
    /// dead-letter queue.
    #[must_use]
    pub fn new(capacity: lambda::FunctionConfig) -> Self {
        Self {
            capacity,
            timeout: Duration::from_secs(3),
            asynchronous: AsyncPolicy::default(),
            dead_letter_queue: None,
        }
    }
}

/// A function that is registered.
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) config: FunctionConfig,
    pub(crate) handler: Handler,
    /// Locked before the account, never after it.
    pub(crate) model: Mutex<lambda::Function>,
    pub(crate) counts: Counts,
}

impl Function {
    pub(crate) fn arn(&self) -> String {
        arn(&self.name)
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Function({})", self.name)
    }
}

pub(crate) fn arn(name: &str) -> String {
    Arn::new("lambda", format!("function:{name}")).to_string()
}

/// The name in an ARN, a partial ARN (`000000000000:function:name`) or a name, each with or without
/// a qualifier.
pub(crate) fn name_of(label: &str) -> &str {
    let rest = match label.split_once("function:") {
        Some((before, rest)) if before.is_empty() || before.ends_with(':') => rest,
        _ => label,
    };
    rest.split(':').next().unwrap_or(rest)
}

/// Whether a function can have this name (Lambda API, `FunctionName`).
pub(crate) fn is_name(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    !name.is_empty() && name.bytes().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_letters_digits_hyphens_and_underscores() {
        for (name, expected) in
            [("deep-fraud_2", true), ("", false), ("a b", false), ("a.b", false), ("größe", false)]
        {
            assert_eq!(is_name(name), expected, "{name}");
        }
    }

    #[test]
    fn functions_are_found_by_every_way_to_name_them() {
        let (whole, partial) = (arn("fraud"), "000000000000:function:fraud");
        for label in [whole.as_str(), partial, "function:fraud", "fraud", "fraud:$LATEST"] {
            assert_eq!(name_of(label), "fraud", "{label}");
        }
        assert_eq!(name_of(&format!("{}:7", arn("fraud"))), "fraud");
        assert_eq!(name_of("my-function"), "my-function");
    }
}
