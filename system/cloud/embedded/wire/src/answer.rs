//! A call and its answer.

use bytes::Bytes;

use crate::AwsError;

/// How a service's calls look on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// AWS JSON 1.0: DynamoDB, SQS (the latter with query-compatible error codes).
    Json10,
    /// AWS JSON 1.1: EventBridge.
    Json11,
    /// AWS REST JSON: the operation is method and path: Lambda.
    RestJson,
    /// AWS query: form-encoded in, XML out: SNS.
    Query,
    /// AWS REST XML: the operation is method and path: S3.
    RestXml,
}

impl Protocol {
    /// The `content-type` of an answer.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Json10 => "application/x-amz-json-1.0",
            Self::Json11 => "application/x-amz-json-1.1",
            Self::RestJson => "application/json",
            Self::Query => "text/xml",
            Self::RestXml => "application/xml",
        }
    }
}

/// One call to a service, already routed.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The operation, such as `SendMessage`.
    pub operation: &'a str,
    /// The body: JSON, or a form for query protocols.
    pub body: &'a [u8],
    /// Scheme, host and port the caller used, such as `http://127.0.0.1:4566`; queue URLs start
    /// with it.
    pub origin: &'a str,
}

/// What a service answers.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// `content-type`.
    pub content_type: &'static str,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    /// 200 with `body`.
    #[must_use]
    pub fn ok(protocol: Protocol, body: impl Into<Bytes>) -> Self {
        Self {
            status: 200,
            content_type: protocol.content_type(),
            headers: Vec::new(),
            body: body.into(),
        }
    }

    /// The error as `protocol` writes it.
    #[must_use]
    pub fn error(protocol: Protocol, error: &AwsError, request_id: &str) -> Self {
        error.answer(protocol, request_id)
    }
}
