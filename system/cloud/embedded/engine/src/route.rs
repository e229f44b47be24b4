//! Which service and operation a request is for.
//!
//! JSON protocols say so in `x-amz-target`; query protocols name the operation in the body and the
//! service only in the SigV4 credential scope (`.../us-east-1/sns/aws4_request`).

use std::borrow::Cow;

use securecart_embedded_wire::{AwsError, Protocol};

use crate::Request;

/// A service of the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Sqs,
    DynamoDb,
    DynamoDbStreams,
    Sns,
    EventBridge,
}

/// Where a request goes.
#[derive(Debug, PartialEq)]
pub(crate) struct Route<'a> {
    pub(crate) service: Service,
    pub(crate) operation: Cow<'a, str>,
}

/// Services of REST protocols whose callers read errors as XML.
const REST_XML: [&str; 3] = ["cloudfront", "route53", "s3"];

/// The route, or why there is none and in which protocol the caller will read that.
pub(crate) fn route<'a>(request: &Request<'a>) -> Result<Route<'a>, (Protocol, AwsError)> {
    match request.target {
        Some(target) => by_target(target).map_err(|error| (Protocol::Json10, error)),
        None => by_action(request),
    }
}

fn by_target(target: &str) -> Result<Route<'_>, AwsError> {
    let (prefix, operation) = target.split_once('.').unwrap_or((target, ""));
    let service = match prefix {
        "AmazonSQS" => Service::Sqs,
        "DynamoDB_20120810" => Service::DynamoDb,
        "DynamoDBStreams_20120810" => Service::DynamoDbStreams,
        "AWSEvents" => Service::EventBridge,
        other => return Err(unknown(other, operation)),
    };
    Ok(Route { service, operation: Cow::Borrowed(operation) })
}

fn by_action<'a>(request: &Request<'a>) -> Result<Route<'a>, (Protocol, AwsError)> {
    let service = request.authorization.and_then(scope_service).unwrap_or("unsigned");
    let action = action(request.body);
    let reads_xml = action.is_some() || REST_XML.contains(&service);
    let operation = action.unwrap_or_default();
    match service {
        "sns" => Ok(Route { service: Service::Sns, operation }),
        other => {
            let protocol = if reads_xml { Protocol::Query } else { Protocol::Json10 };
            Err((protocol, unknown(other, &operation)))
        }
    }
}

/// The service in `Credential=KEY/DATE/REGION/SERVICE/aws4_request`.
fn scope_service(authorization: &str) -> Option<&str> {
    let (_, scope) = authorization.split_once("Credential=")?;
    scope.split(',').next()?.split('/').nth(3)
}

/// The value of `Action` in a form; it is first in what the SDKs send, but need not be.
fn action(body: &[u8]) -> Option<Cow<'_, str>> {
    body.split(|&byte| byte == b'&')
        .find_map(|pair| pair.strip_prefix(b"Action="))
        .map(String::from_utf8_lossy)
}

fn unknown(service: &str, operation: &str) -> AwsError {
    AwsError::unknown_operation("com.amazonaws", service, operation)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request<'a>(
        target: Option<&'a str>,
        authorization: Option<&'a str>,
        body: &'a [u8],
    ) -> Request<'a> {
        Request { target, authorization, origin: "http://localhost", body }
    }

    #[test]
    fn json_calls_are_routed_by_target() {
        let request = request(Some("AmazonSQS.SendMessage"), None, b"{}");
        let route = route(&request).expect("a route");
        assert_eq!((route.service, route.operation.as_ref()), (Service::Sqs, "SendMessage"));
    }

    #[test]
    fn query_calls_are_routed_by_scope_and_action() {
        let authorization = "AWS4-HMAC-SHA256 Credential=AKID/20261127/us-east-1/sns/aws4_request, \
                             SignedHeaders=host, Signature=x";
        let request = request(None, Some(authorization), b"Version=2010-03-31&Action=Publish");
        let route = route(&request).expect("a route");
        assert_eq!((route.service, route.operation.as_ref()), (Service::Sns, "Publish"));
    }

    #[test]
    fn what_the_engine_lacks_is_named() {
        let (protocol, error) =
            route(&request(Some("Kinesis_20131202.PutRecord"), None, b"")).expect_err("none");
        assert_eq!((protocol, &*error.code), (Protocol::Json10, "UnknownOperationException"));
        assert!(error.message.contains("Kinesis_20131202:PutRecord"), "{}", error.message);
        let (protocol, error) =
            route(&request(None, None, b"Action=Publish")).expect_err("unsigned");
        assert_eq!(protocol, Protocol::Query);
        assert!(error.message.contains("unsigned:Publish"), "{}", error.message);
    }
}
