//! Lambda's errors (API model: shapes and HTTP statuses).

use securecart_behaviour::lambda::{MappingError, OverReserved, Throttle};
use securecart_embedded_wire::AwsError;

use crate::function;

pub(crate) const NAMESPACE: &str = "com.amazonaws.lambda";

/// What names a function (Lambda API, `FunctionName`).
const NAME_PATTERN: &str = "(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}(-gov)?-[a-z]+-\\d{1}:)?(\\d{12}:)?\
                            (function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?";

fn user(code: &str, message: impl Into<String>) -> AwsError {
    AwsError::client(NAMESPACE, code, message).with_member("Type", "User".into())
}

/// Shapes whose member is `Message`.
fn capital(error: AwsError) -> AwsError {
    let message = error.message.clone().into();
    error.with_member("Message", message)
}

pub(crate) fn no_function(name: &str) -> AwsError {
    let message = format!("Function not found: {}", function::arn(name));
    capital(user("ResourceNotFoundException", message).with_status(404))
}

/// A name that no function can have.
pub(crate) fn no_name(label: &str) -> AwsError {
    let message = format!(
        "1 validation error detected: Value '{label}' at 'functionName' failed to satisfy \
         constraint: Member must satisfy regular expression pattern: {NAME_PATTERN}"
    );
    AwsError::client(NAMESPACE, "ValidationException", message)
}

pub(crate) fn no_mapping() -> AwsError {
    let message = "The resource you requested does not exist.";
    capital(user("ResourceNotFoundException", message).with_status(404))
}

/// That a caller should wait a second is an assumption: AWS names no number.
pub(crate) fn throttled(throttle: Throttle) -> AwsError {
    user("TooManyRequestsException", "Rate Exceeded.")
        .with_status(429)
        .with_member("Reason", throttle.reason().into())
        .with_retry_after(1)
}

pub(crate) fn unreadable(why: &serde_json::Error) -> AwsError {
    let message = format!("Could not parse request body into json: {why}");
    user("InvalidRequestContentException", message)
}

pub(crate) fn too_large(most: usize) -> AwsError {
    let message =
        format!("Request must be smaller than {most} bytes for the InvokeFunction operation");
    user("RequestTooLargeException", message).with_status(413)
}

pub(crate) fn invalid(message: impl Into<String>) -> AwsError {
    user("InvalidParameterValueException", message)
}

pub(crate) fn over_reserved(_over: OverReserved) -> AwsError {
    invalid(
        "Specified ReservedConcurrentExecutions for function decreases account's \
         UnreservedConcurrentExecution below its minimum value of [100].",
    )
}

pub(crate) fn mapping_exists(source: &str, function: &str, uuid: &str) -> AwsError {
    let message = format!(
        "The event source arn (\" {source} \") and function (\" {function} \") provided mapping \
         already exists. Please update or delete the existing mapping with UUID {uuid}"
    );
    capital(user("ResourceConflictException", message).with_status(409))
}

pub(crate) fn mapping(error: MappingError) -> AwsError {
    invalid(match error {
        MappingError::BatchSize => {
            "Batch size must be 1 to 10000 for standard queues and 1 to 10 for FIFO queues."
        }
        MappingError::Window => {
            "Maximum batch window must be 0 to 300 seconds, and is not supported for FIFO queues."
        }
        MappingError::LargeBatchWithoutWindow => {
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is \
             greater than 10"
        }
        MappingError::MaximumConcurrency => "Maximum concurrency must be 2 to 1000.",
    })
}
