//! Which service and operation a request is for.
//!
//! JSON protocols say so in `x-amz-target`; query protocols name the operation in the body and the
//! service only in the SigV4 credential scope (`.../us-east-1/sns/aws4_request`). REST protocols have
//! the scope as well, and name the operation by method and path, which the service reads itself. S3,
//! whose bodies stream, is told apart before any body is read.

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
    Lambda,
}

/// Where a request goes.
#[derive(Debug, PartialEq)]
pub(crate) struct Route<'a> {
    pub(crate) service: Service,
    pub(crate) operation: Cow<'a, str>,
}

/// Services of REST protocols whose callers read errors as XML.
const REST_XML: [&str; 2] = ["cloudfront", "route53"];

pub(crate) fn route<'a>(request: &Request<'a>) -> Result<Route<'a>, AwsError> {
    match request.target {
        Some(target) => by_target(target),
        None => by_action(request),
    }
}

/// The protocol in which the caller of a service that is not here reads errors.
pub(crate) fn error_protocol(request: &Request<'_>) -> Protocol {
    let is_form = || action(request.body).is_some();
    let is_rest_xml = || scope(request).is_none_or(|service| REST_XML.contains(&service));
    match request.target {
        None if is_form() || is_rest_xml() => Protocol::Query,
        _ => Protocol::Json10,
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

fn by_action<'a>(request: &Request<'a>) -> Result<Route<'a>, AwsError> {
    let scope = scope(request);
    if scope == Some("lambda") {
        return Ok(Route { service: Service::Lambda, operation: Cow::Borrowed("") });
    }
    let operation = action(request.body).unwrap_or_default();
    match scope {
        Some("sns") => Ok(Route { service: Service::Sns, operation }),
        Some(other) => Err(unknown(other, &operation)),
        None => Err(unsigned(request.origin)),
    }
}

/// What AWS says to a request that nobody signed (code, status and the message's beginning), and what
/// whoever opens the port in a browser needs to know.
fn unsigned(origin: &str) -> AwsError {
    let message = format!(
        "Request is missing Authentication Token. This is an AWS API, which takes signed requests, \
         such as: aws --endpoint-url {origin} sqs list-queues"
    );
    AwsError::client("com.amazonaws", "MissingAuthenticationToken", message).with_status(403)
}

/// The service in `Credential=KEY/DATE/REGION/SERVICE/aws4_request`.
fn scope<'a>(request: &Request<'a>) -> Option<&'a str> {
    scope_of(request.authorization?)
}

fn scope_of(authorization: &str) -> Option<&str> {
    let scope = authorization.split(' ').find_map(|part| part.strip_prefix("Credential="))?;
    scope.split(',').next()?.split('/').nth(3)
}

/// Whether a request with this `authorization` is for S3.
#[must_use]
pub fn is_s3(authorization: &str) -> bool {
    scope_of(authorization) == Some("s3")
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
        Request {
            method: "POST",
            path: "/",
            invocation_type: None,
            target,
            authorization,
            origin: "http://localhost",
            body,
        }
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
        let kinesis = request(Some("Kinesis_20131202.PutRecord"), None, b"");
        let error = route(&kinesis).expect_err("none");
        assert_eq!(error_protocol(&kinesis), Protocol::Json10);
        assert_eq!(error.code, "UnknownOperationException");
        assert!(error.message.contains("Kinesis_20131202:PutRecord"), "{}", error.message);
        let unsigned = request(None, None, b"Action=Publish");
        let error = route(&unsigned).expect_err("unsigned");
        assert_eq!(error_protocol(&unsigned), Protocol::Query);
        assert_eq!((error.code.as_str(), error.status), ("MissingAuthenticationToken", 403));
    }

    #[test]
    fn a_browser_learns_what_it_has_found() {
        let get = request(None, None, b"");
        let error = route(&get).expect_err("unsigned");
        assert_eq!(error_protocol(&get), Protocol::Query);
        assert!(error.message.starts_with("Request is missing Authentication Token"));
        assert!(error.message.contains("--endpoint-url http://localhost sqs"), "{}", error.message);
    }
}
