//! SNS's errors, by their codes on the wire.

use securecart_embedded_wire::AwsError;

const NAMESPACE: &str = "com.amazonaws.sns";

pub(super) fn invalid(message: impl AsRef<str>) -> AwsError {
    let message = format!("Invalid parameter: {}", message.as_ref());
    AwsError::client(NAMESPACE, "InvalidParameter", message)
}

/// `InvalidParameterValue`, which SNS writes as `ParameterValueInvalid`.
pub(super) fn invalid_value(message: impl Into<String>) -> AwsError {
    AwsError::client(NAMESPACE, "ParameterValueInvalid", message)
}

pub(super) fn not_found(what: &str) -> AwsError {
    AwsError::client(NAMESPACE, "NotFound", format!("{what} does not exist")).with_status(404)
}

pub(super) fn resource_not_found() -> AwsError {
    AwsError::client(NAMESPACE, "ResourceNotFound", "Resource does not exist").with_status(404)
}

/// A quota, which SNS answers with 403.
pub(super) fn limit(code: &str, message: impl Into<String>) -> AwsError {
    AwsError::client(NAMESPACE, code, message).with_status(403)
}

pub(super) fn batch(code: &str, message: &str) -> AwsError {
    AwsError::client(NAMESPACE, code, message)
}

pub(super) fn unknown_operation(operation: &str) -> AwsError {
    AwsError::unknown_operation(NAMESPACE, "sns", operation)
}
