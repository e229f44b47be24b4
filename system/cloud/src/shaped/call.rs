//! What a request is: service, operation and attempt.

use std::str::FromStr;

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use securecart_embedded::{is_s3, s3_operation};

/// A service that the layer knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Service {
    /// Amazon DynamoDB.
    DynamoDb,
    /// Amazon SQS.
    Sqs,
    /// Amazon SNS.
    Sns,
    /// Amazon EventBridge.
    EventBridge,
    /// AWS Lambda.
    Lambda,
    /// Amazon S3.
    S3,
}

impl Service {
    /// Its name in endpoints and ARNs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DynamoDb => "dynamodb",
            Self::Sqs => "sqs",
            Self::Sns => "sns",
            Self::EventBridge => "events",
            Self::Lambda => "lambda",
            Self::S3 => "s3",
        }
    }
}

/// Where Lambda's paths begin.
const LAMBDA_PATHS: &str = "/2015-03-31/functions/";

/// Service and operation of `request`. JSON protocols name both in `x-amz-target`; of the services
/// in use here only Lambda and S3, which have paths, and SNS, whose form begins with the action, do
/// not.
pub(crate) fn of(request: &HttpRequest) -> (Service, &str) {
    let Some(target) = request.headers().get("x-amz-target") else {
        if request.headers().get("authorization").is_some_and(is_s3) {
            let is_copy = request.headers().contains_key("x-amz-copy-source");
            return (Service::S3, s3_operation(request.method(), path(request), is_copy));
        }
        if request.uri().contains(LAMBDA_PATHS) {
            return (Service::Lambda, "Invoke");
        }
        let action = request.body().bytes().and_then(|form| form.strip_prefix(b"Action="));
        let action = action.and_then(|form| form.split(|byte| *byte == b'&').next());
        let action = action.and_then(|action| std::str::from_utf8(action).ok());
        return (Service::Sns, action.unwrap_or_default());
    };
    let (prefix, operation) = target.split_once('.').unwrap_or((target, ""));
    let service = match prefix {
        "AmazonSQS" => Service::Sqs,
        "AWSEvents" => Service::EventBridge,
        _ => Service::DynamoDb,
    };
    (service, operation)
}

/// Path and query of `request`.
pub(super) fn path(request: &HttpRequest) -> &str {
    let uri = request.uri();
    let rest = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    rest.find('/').map_or("/", |slash| &rest[slash..])
}

/// Whether `request` is not the first attempt: the SDK says so in `amz-sdk-request`.
pub(super) fn is_retry(request: &HttpRequest) -> bool {
    let header = request.headers().get("amz-sdk-request").unwrap_or_default();
    let attempt = header.split(';').find_map(|part| part.trim().strip_prefix("attempt="));
    attempt.is_some_and(|attempt| attempt != "1")
}

/// The calls that a fault concerns: those of a service, or of one of its operations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    service: Service,
    operation: Option<String>,
}

impl Target {
    /// Every call to `service`.
    #[must_use]
    pub const fn service(service: Service) -> Self {
        Self { service, operation: None }
    }

    /// Calls of `operation`, such as `PutItem`.
    pub fn operation(service: Service, operation: impl Into<String>) -> Self {
        Self { service, operation: Some(operation.into()) }
    }

    pub(super) fn covers(&self, service: Service, operation: &str) -> bool {
        self.service == service && self.operation.as_deref().is_none_or(|own| own == operation)
    }
}

/// A target that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no service: write `dynamodb`, `sqs`, `sns`, `events`, `lambda` or `s3`, or one with an \
     operation, such as `dynamodb:PutItem`"
)]
pub struct NoTarget(String);

impl FromStr for Target {
    type Err = NoTarget;

    fn from_str(text: &str) -> Result<Self, NoTarget> {
        let (service, operation) = match text.split_once(':') {
            Some((service, operation)) => (service, Some(operation.to_owned())),
            None => (text, None),
        };
        let service = match service {
            "dynamodb" => Service::DynamoDb,
            "sqs" => Service::Sqs,
            "sns" => Service::Sns,
            "events" | "eventbridge" => Service::EventBridge,
            "lambda" => Service::Lambda,
            "s3" => Service::S3,
            _ => return Err(NoTarget(text.to_owned())),
        };
        Ok(Self { service, operation })
    }
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::body::SdkBody;

    use super::*;

    fn request(header: (&'static str, &'static str), body: &'static str) -> HttpRequest {
        let mut request = HttpRequest::new(SdkBody::from(body));
        request.headers_mut().insert(header.0, header.1);
        request
    }

    #[test]
    fn a_request_says_what_it_is() {
        let target = |target| request(("x-amz-target", target), "{}");
        let put = target("DynamoDB_20120810.PutItem");
        assert_eq!(of(&put), (Service::DynamoDb, "PutItem"));
        let send = target("AmazonSQS.SendMessage");
        assert_eq!(of(&send), (Service::Sqs, "SendMessage"));
        let events = target("AWSEvents.PutEvents");
        assert_eq!(of(&events), (Service::EventBridge, "PutEvents"));
        let publish = request(("a", "b"), "Action=Publish&Version=2010-03-31");
        assert_eq!(of(&publish), (Service::Sns, "Publish"));
        let scope = "AWS4-HMAC-SHA256 Credential=any/20261127/us-east-1/s3/aws4_request";
        let mut get = request(("authorization", scope), "");
        get.set_uri("http://embedded.invalid/site/images/p-1.svg?x-id=GetObject").expect("a URI");
        assert_eq!(of(&get), (Service::S3, "GetObject"));
        assert_eq!(path(&get), "/site/images/p-1.svg?x-id=GetObject");
    }

    #[test]
    fn only_later_attempts_are_retries() {
        for (header, retry) in [
            ("attempt=1; max=3", false),
            ("attempt=2; max=3", true),
            ("ttl=20261127T000000Z; attempt=10; max=10", true),
            ("", false),
        ] {
            assert_eq!(is_retry(&request(("amz-sdk-request", header), "")), retry, "{header}");
        }
    }

    #[test]
    fn targets_are_services_and_operations() {
        let all: Target = "dynamodb".parse().expect("a service");
        assert!(all.covers(Service::DynamoDb, "GetItem") && !all.covers(Service::Sqs, "GetItem"));
        let one: Target = "events:PutEvents".parse().expect("an operation");
        assert!(one.covers(Service::EventBridge, "PutEvents"));
        assert!(!one.covers(Service::EventBridge, "PutRule"));
        assert!("dynamo".parse::<Target>().is_err());
    }
}
