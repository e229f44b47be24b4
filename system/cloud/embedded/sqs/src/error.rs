//! The errors SQS documents, each with its shape's name and its query-compatible code.
//!
//! Codes and statuses follow the service model; the messages follow what the service answers as far
//! as public recordings of it tell.

use std::fmt::Display;

use securecart_embedded_wire::AwsError;

/// Namespace of the service's shapes.
pub(crate) const NAMESPACE: &str = "com.amazonaws.sqs";

fn coded(shape: &str, query_code: &str, message: impl Into<String>) -> AwsError {
    AwsError::client(NAMESPACE, shape, message).with_query_code(query_code)
}

/// A shape whose query code carries the service's old prefix.
fn prefixed(shape: &str, message: impl Into<String>) -> AwsError {
    coded(shape, &format!("AWS.SimpleQueueService.{shape}"), message)
}

/// The code a batch entry or a failed task reports.
pub(crate) fn query_code(error: &AwsError) -> &str {
    error.query_code.as_deref().unwrap_or(&error.code)
}

pub(crate) fn no_such_queue() -> AwsError {
    coded(
        "QueueDoesNotExist",
        "AWS.SimpleQueueService.NonExistentQueue",
        "The specified queue does not exist.",
    )
}

pub(crate) fn queue_exists(attribute: &str) -> AwsError {
    coded(
        "QueueNameExists",
        "QueueAlreadyExists",
        format!(
            "A queue already exists with the same name and a different value for attribute \
             {attribute}"
        ),
    )
}

pub(crate) fn deleted_recently() -> AwsError {
    prefixed(
        "QueueDeletedRecently",
        "You must wait 60 seconds after deleting a queue before you can create another with the \
         same name.",
    )
}

pub(crate) fn purge_in_progress(queue: &str) -> AwsError {
    prefixed(
        "PurgeQueueInProgress",
        format!("Only one PurgeQueue operation on {queue} is allowed every 60 seconds."),
    )
    .with_status(403)
}

pub(crate) fn invalid_address(url: &str) -> AwsError {
    coded(
        "InvalidAddress",
        "InvalidAddress",
        format!("The address {url} is not valid for this endpoint."),
    )
    .with_status(404)
}

pub(crate) fn over_limit() -> AwsError {
    coded("OverLimit", "OverLimit", "Too many messages in flight: the limit of 120000 is reached.")
        .with_status(403)
}

pub(crate) fn invalid_handle(handle: &str) -> AwsError {
    coded(
        "ReceiptHandleIsInvalid",
        "ReceiptHandleIsInvalid",
        format!("The input receipt handle \"{handle}\" is not a valid receipt handle."),
    )
}

pub(crate) fn not_in_flight() -> AwsError {
    prefixed("MessageNotInflight", "The specified message isn't in flight.")
}

/// `Value V for parameter P is invalid. Reason: R`.
pub(crate) fn invalid_value(value: impl Display, parameter: &str, reason: &str) -> AwsError {
    invalid(format!("Value {value} for parameter {parameter} is invalid. Reason: {reason}"))
}

pub(crate) fn invalid(message: impl Into<String>) -> AwsError {
    coded("InvalidParameterValueException", "InvalidParameterValue", message)
}

pub(crate) fn missing(parameter: &str) -> AwsError {
    coded(
        "MissingRequiredParameterException",
        "MissingParameter",
        format!("The request must contain the parameter {parameter}."),
    )
}

pub(crate) fn invalid_attribute_name(message: impl Into<String>) -> AwsError {
    coded("InvalidAttributeName", "InvalidAttributeName", message)
}

pub(crate) fn unknown_attribute(name: &str) -> AwsError {
    invalid_attribute_name(format!("Unknown Attribute {name}."))
}

pub(crate) fn invalid_attribute_value(name: &str) -> AwsError {
    coded(
        "InvalidAttributeValue",
        "InvalidAttributeValue",
        format!("Invalid value for the parameter {name}."),
    )
}

pub(crate) fn invalid_contents() -> AwsError {
    coded("InvalidMessageContents", "InvalidMessageContents", INVALID_CHARACTERS)
}

/// What the service says about a text with characters it does not carry.
pub(crate) const INVALID_CHARACTERS: &str = "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to \
     #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF";

pub(crate) fn empty_batch(entry: &str) -> AwsError {
    prefixed("EmptyBatchRequest", format!("There should be at least one {entry} in the request."))
}

pub(crate) fn too_many_entries(count: usize) -> AwsError {
    prefixed(
        "TooManyEntriesInBatchRequest",
        format!("Maximum number of entries per request are 10. You have sent {count}."),
    )
}

pub(crate) fn repeated_entry(id: &str) -> AwsError {
    prefixed("BatchEntryIdsNotDistinct", format!("Id {id} repeated."))
}

pub(crate) fn invalid_entry_id() -> AwsError {
    prefixed(
        "InvalidBatchEntryId",
        "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It \
         can be at most 80 letters long.",
    )
}

pub(crate) fn batch_too_long(limit: usize, sent: usize) -> AwsError {
    prefixed(
        "BatchRequestTooLong",
        format!("Batch requests cannot be longer than {limit} bytes. You have sent {sent} bytes."),
    )
}

pub(crate) fn no_such_resource(message: impl Into<String>) -> AwsError {
    coded("ResourceNotFoundException", "ResourceNotFoundException", message).with_status(404)
}

pub(crate) fn unsupported(message: impl Into<String>) -> AwsError {
    prefixed("UnsupportedOperation", message)
}

pub(crate) fn malformed(reason: &serde_json::Error) -> AwsError {
    AwsError::client(NAMESPACE, "SerializationException", format!("malformed request: {reason}"))
}
