//! Refusals as AWS words them.
//!
//! | service | throttle | status | source |
//! |---|---|---|---|
//! | DynamoDB | `ProvisionedThroughputExceededException`, `ThrottlingException`, `RequestLimitExceeded`, each with its reasons | 400 | API model; messages: API reference of `CancellationReason` |
//! | DynamoDB, transactions | `TransactionCanceledException` with a code for each item | 400 | the same |
//! | SQS | `RequestThrottled` | 403 | API model; status and message as seen in public reports |
//! | SNS | `Throttling`: `Rate exceeded` | 400 | common errors of the query protocol |
//! | EventBridge | `ThrottlingException`: `Rate exceeded` | 400 | common errors |
//! | S3 | `SlowDown` | 503 | API reference, "Error responses" |
//!
//! Failures are 500 and 503 in each service's own shape. A SQS queue with 120,000 messages in flight
//! answers `OverLimit` by itself: the engine counts them.

use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::ConnectorError};
use aws_smithy_types::body::SdkBody;
use securecart_behaviour::dynamodb::{Throttle, ThrottleKind};
use securecart_embedded_wire::{Answer, AwsError, Protocol};
use serde_json::{Value, json};

use super::{call::Service, keys::Touch};

const DYNAMODB: &str = "com.amazonaws.dynamodb.v20120810";
/// Where AWS's own front end refuses, rather than the service behind it.
const AVAILABILITY: &str = "com.amazon.coral.availability";
/// Where Lambda's own exceptions live.
const LAMBDA: &str = "com.amazonaws.lambda";
/// S3's errors have no namespace of their own.
const S3: &str = "com.amazonaws.s3";
const COMMON: &str = "com.amazon.coral.service";

const TABLE_SHORT: &str = "The level of configured provisioned throughput for the table was \
     exceeded. Consider increasing your provisioning level with the UpdateTable API.";
const INDEX_SHORT: &str = "The level of configured provisioned throughput for one or more global \
     secondary indexes of the table was exceeded. Consider increasing your provisioning level for \
     the under-provisioned global secondary indexes with the UpdateTable API.";
const TABLE_GROWS: &str = "Throughput exceeds the current capacity of your table or index. DynamoDB \
     is automatically scaling your table or index so please try again shortly. If exceptions \
     persist, check if you have a hot key: \
     https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html";
const INDEX_GROWS: &str = "Throughput exceeds the current capacity for one or more global secondary \
     indexes. DynamoDB is automatically scaling your index so please try again shortly.";
const ACCOUNT_LIMIT: &str = "Throughput exceeds the current throughput limit for your account. \
     Please contact AWS Support at https://aws.amazon.com/support request a limit increase.";

/// What a refused call is answered with.
#[derive(Debug)]
pub(super) struct Refusal {
    service: Service,
    error: AwsError,
}

impl Refusal {
    /// A call over the rate of its service. DynamoDB's have reasons: see [`Self::of_item`].
    pub(super) fn throttled(service: Service) -> Self {
        let error = match service {
            Service::DynamoDb | Service::EventBridge => {
                AwsError::client(AVAILABILITY, "ThrottlingException", "Rate exceeded")
            }
            Service::Sqs => {
                AwsError::client("com.amazonaws.sqs", "RequestThrottled", "Request is throttled.")
                    .with_query_code("RequestThrottled")
                    .with_status(403)
            }
            Service::Sns => AwsError::client("com.amazonaws.sns", "Throttling", "Rate exceeded"),
            Service::Lambda => {
                AwsError::client(LAMBDA, "TooManyRequestsException", "Rate exceeded")
                    .with_status(429)
            }
            Service::S3 => AwsError::client(S3, "SlowDown", "Please reduce your request rate.")
                .with_status(503),
        };
        Self { service, error }
    }

    /// A failure inside of the service (500), or its absence (503).
    pub(super) fn failed(service: Service, unavailable: bool) -> Self {
        let (namespace, code, message) = match (service, unavailable) {
            (Service::DynamoDb, false) => {
                (DYNAMODB, "InternalServerError", "Internal server error")
            }
            (Service::EventBridge, false) => {
                ("com.amazonaws.eventbridge", "InternalException", "Internal server error")
            }
            (Service::Sqs, false) => (
                COMMON,
                "InternalFailure",
                "The request processing has failed because of an unknown error, exception or \
                 failure.",
            ),
            (Service::Sns, false) => ("com.amazonaws.sns", "InternalError", "Internal error"),
            (Service::Lambda, false) => (
                LAMBDA,
                "ServiceException",
                "The AWS Lambda service encountered an internal error.",
            ),
            (Service::S3, false) => {
                (S3, "InternalError", "We encountered an internal error. Please try again.")
            }
            (Service::S3, true) => {
                (S3, "ServiceUnavailable", "Service is unable to handle request.")
            }
            (_, true) => (
                COMMON,
                "ServiceUnavailable",
                "The request has failed due to a temporary failure of the server.",
            ),
        };
        let status = if unavailable { 503 } else { 500 };
        Self { service, error: AwsError::client(namespace, code, message).with_status(status) }
    }

    /// An item that was throttled.
    pub(super) fn of_item(touch: &Touch, throttle: &Throttle) -> Self {
        let reasons = reasons(touch, throttle);
        let message = message(throttle);
        let error = match throttle.kind {
            ThrottleKind::ProvisionedThroughputExceeded => {
                AwsError::client(DYNAMODB, "ProvisionedThroughputExceededException", message)
                    .with_member("ThrottlingReasons", reasons)
            }
            // The one whose reasons begin with a small letter.
            ThrottleKind::ThrottlingException => {
                AwsError::client(AVAILABILITY, "ThrottlingException", message)
                    .with_member("throttlingReasons", reasons)
            }
            ThrottleKind::RequestLimitExceeded => {
                AwsError::client(DYNAMODB, "RequestLimitExceeded", message)
                    .with_member("ThrottlingReasons", reasons)
            }
        };
        Self { service: Service::DynamoDb, error }
    }

    /// A transaction of which some items were throttled: a reason for each item, in their order.
    pub(super) fn of_transaction(items: usize, refused: &[(usize, Throttle)]) -> Self {
        let mut codes = vec!["None"; items];
        let mut reasons = vec![json!({ "Code": "None" }); items];
        for (place, throttle) in refused {
            codes[*place] = cancellation_code(throttle);
            reasons[*place] = json!({ "Code": codes[*place], "Message": message(throttle) });
        }
        let message = format!(
            "Transaction cancelled, please refer cancellation reasons for specific reasons [{}]",
            codes.join(", ")
        );
        let error = AwsError::client(DYNAMODB, "TransactionCanceledException", message)
            .with_member("CancellationReasons", reasons.into());
        Self { service: Service::DynamoDb, error }
    }

    /// What the SDK gets to read.
    pub(super) fn into_response(self, request_id: &str) -> Result<HttpResponse, ConnectorError> {
        let protocol = match self.service {
            Service::DynamoDb | Service::Sqs => Protocol::Json10,
            Service::EventBridge => Protocol::Json11,
            Service::Lambda => Protocol::RestJson,
            Service::Sns => Protocol::Query,
            Service::S3 => Protocol::RestXml,
        };
        let answer = Answer::error(protocol, &self.error, request_id);
        let status = answer
            .status
            .try_into()
            .map_err(|error| ConnectorError::other(Box::new(error), None))?;
        let mut response = HttpResponse::new(status, SdkBody::from(answer.body));
        let headers = response.headers_mut();
        headers.insert("content-type", answer.content_type);
        headers.insert("x-amzn-requestid", request_id.to_owned());
        for (name, value) in answer.headers {
            headers.insert(name, value);
        }
        Ok(response)
    }
}

fn reasons(touch: &Touch, throttle: &Throttle) -> Value {
    json!([{ "reason": throttle.reason(), "resource": touch.table.arn(throttle.index) }])
}

const fn message(throttle: &Throttle) -> &'static str {
    match (throttle.kind, throttle.index) {
        (ThrottleKind::ProvisionedThroughputExceeded, None) => TABLE_SHORT,
        (ThrottleKind::ProvisionedThroughputExceeded, Some(_)) => INDEX_SHORT,
        (ThrottleKind::ThrottlingException, None) => TABLE_GROWS,
        (ThrottleKind::ThrottlingException, Some(_)) => INDEX_GROWS,
        (ThrottleKind::RequestLimitExceeded, _) => ACCOUNT_LIMIT,
    }
}

const fn cancellation_code(throttle: &Throttle) -> &'static str {
    match throttle.kind {
        ThrottleKind::ProvisionedThroughputExceeded => "ProvisionedThroughputExceeded",
        ThrottleKind::ThrottlingException | ThrottleKind::RequestLimitExceeded => "ThrottlingError",
    }
}
