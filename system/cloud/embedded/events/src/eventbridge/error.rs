//! EventBridge's errors.

use securecart_embedded_wire::AwsError;

use crate::pattern::PatternError;

const NAMESPACE: &str = "com.amazonaws.eventbridge";

pub(super) fn validation(message: impl Into<String>) -> AwsError {
    AwsError::client(NAMESPACE, "ValidationException", message)
}

/// A value outside of what the API's model allows.
pub(super) fn constraint(value: &str, member: &str, constraint: &str) -> AwsError {
    validation(format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: \
         Member must {constraint}"
    ))
}

pub(super) fn serialization(error: &serde_json::Error) -> AwsError {
    AwsError::client(NAMESPACE, "SerializationException", error.to_string())
}

pub(super) fn not_found(message: impl Into<String>) -> AwsError {
    AwsError::client(NAMESPACE, "ResourceNotFoundException", message)
}

pub(super) fn exists(message: impl Into<String>) -> AwsError {
    AwsError::client(NAMESPACE, "ResourceAlreadyExistsException", message)
}

pub(super) fn limit() -> AwsError {
    let message = "The requested resource exceeds the maximum number allowed.";
    AwsError::client(NAMESPACE, "LimitExceededException", message)
}

pub(super) fn pattern(error: &PatternError) -> AwsError {
    let message = format!("Event pattern is not valid. Reason: {error}");
    AwsError::client(NAMESPACE, "InvalidEventPatternException", message)
}

pub(super) fn unknown_operation(operation: &str) -> AwsError {
    AwsError::unknown_operation(NAMESPACE, "events", operation)
}
