//! The errors DynamoDB answers with, and the messages that recur.

use securecart_embedded_expressions::Item;
use securecart_embedded_wire::AwsError;
use serde_json::Value;

/// Namespace of DynamoDB's own error shapes.
pub(crate) const NAMESPACE: &str = "com.amazonaws.dynamodb.v20120810";
/// Namespace of requests that break a constraint.
const VALIDATION_NAMESPACE: &str = "com.amazon.coral.validate";
/// Namespace of requests that can't be read.
const SERVICE_NAMESPACE: &str = "com.amazon.coral.service";

/// The shape of an operation's result.
pub(crate) type Result<T> = std::result::Result<T, AwsError>;

/// One of DynamoDB's own errors.
pub(crate) fn service(code: &str, message: impl Into<String>) -> AwsError {
    AwsError::client(NAMESPACE, code, message)
}

/// A request that breaks a rule.
pub(crate) fn validation(message: impl Into<String>) -> AwsError {
    AwsError::client(VALIDATION_NAMESPACE, "ValidationException", message)
}

/// A request with values that break a rule.
pub(crate) fn invalid_values(message: impl std::fmt::Display) -> AwsError {
    validation(format!("One or more parameter values were invalid: {message}"))
}

/// A member that breaks its constraint. `value` is quoted already, or `null`.
pub(crate) fn constraint(
    value: impl std::fmt::Display,
    member: &str,
    rule: impl std::fmt::Display,
) -> AwsError {
    validation(format!(
        "1 validation error detected: Value {value} at '{member}' failed to satisfy constraint: {rule}"
    ))
}

/// A required member that is absent.
pub(crate) fn missing(member: &str) -> AwsError {
    constraint("null", member, "Member must not be null")
}

/// A body that is not what the protocol asks for.
pub(crate) fn serialization(message: impl Into<String>) -> AwsError {
    AwsError::client(SERVICE_NAMESPACE, "SerializationException", message)
}

/// An operation the engine does not have.
pub(crate) fn unknown_operation(service: &str, operation: &str) -> AwsError {
    AwsError::unknown_operation(SERVICE_NAMESPACE, service, operation)
}

/// No such table, as operations on items say it.
pub(crate) fn no_table() -> AwsError {
    service("ResourceNotFoundException", "Requested resource not found")
}

/// No such table, as operations on tables say it.
pub(crate) fn no_table_named(name: &str) -> AwsError {
    service(
        "ResourceNotFoundException",
        format!("Requested resource not found: Table: {name} not found"),
    )
}

/// A key that is not the table's.
pub(crate) fn key_mismatch() -> AwsError {
    validation("The provided key element does not match the schema")
}

/// An item beyond 400 KB.
pub(crate) const ITEM_TOO_LARGE: &str = "Item size has exceeded the maximum allowed size";
/// An item that an update makes larger than 400 KB.
pub(crate) const UPDATED_ITEM_TOO_LARGE: &str =
    "Item size to update has exceeded the maximum allowed size";
/// A condition that does not hold.
pub(crate) const CONDITION_FAILED: &str = "The conditional request failed";

/// A condition that does not hold, with the item when the request asked for it.
pub(crate) fn condition_failed(item: Option<&Item>) -> AwsError {
    let error = service("ConditionalCheckFailedException", CONDITION_FAILED);
    match item {
        Some(item) => error.with_member("Item", item_value(item)),
        None => error,
    }
}

/// `item` as a member of an error.
pub(crate) fn item_value(item: &Item) -> Value {
    serde_json::to_value(item).expect("an item is JSON")
}
