//! Errors as AWS puts them on the wire.
//!
//! | protocol | code | message |
//! |---|---|---|
//! | JSON 1.0, 1.1 | `__type` in the body, `x-amzn-errortype` in the head | `message` in the body |
//! | JSON 1.0, query-compatible (SQS) | also `x-amzn-query-error: CODE;Sender` | `message` in the body |
//! | REST JSON (Lambda) | `x-amzn-errortype` in the head | `message` or `Message` in the body |
//! | query (SNS) | `<Error><Type/><Code/>` | `<Message/>` |
//! | REST XML (S3) | `<Error><Code/>` | `<Message/>` |

use std::borrow::Cow;

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::{Answer, Protocol};

/// An error that AWS documents, with everything its shape carries.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct AwsError {
    /// The shape's name, such as `ResourceNotFoundException`.
    pub code: String,
    /// What AWS says about it.
    pub message: String,
    /// HTTP status: 400 unless AWS documents another.
    pub status: u16,
    /// Namespace before the `#` in `__type`, such as `com.amazonaws.dynamodb.v20120810`.
    pub namespace: &'static str,
    /// The code that query-compatible services send in `x-amzn-query-error`.
    pub query_code: Option<String>,
    /// Further members of the shape, such as `CancellationReasons` or `Item`.
    pub members: Map<String, Value>,
    /// Seconds that the caller should wait: `Retry-After`.
    pub retry_after_s: Option<u16>,
}

impl AwsError {
    /// A client's error (400).
    #[must_use]
    pub fn client(namespace: &'static str, code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
            status: 400,
            namespace,
            query_code: None,
            members: Map::new(),
            retry_after_s: None,
        }
    }

    /// The answer to an operation that the engine does not have. Where the operation is not known
    /// it is empty: REST services name it by path and method.
    #[must_use]
    pub fn unknown_operation(namespace: &'static str, service: &str, operation: &str) -> Self {
        let colon = if operation.is_empty() { "" } else { ":" };
        Self::client(
            namespace,
            "UnknownOperationException",
            format!("the embedded engine does not offer {service}{colon}{operation}"),
        )
    }

    /// The same with another HTTP status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// The same with a code for `x-amzn-query-error`.
    #[must_use]
    pub fn with_query_code(mut self, code: &str) -> Self {
        self.query_code = Some(code.to_owned());
        self
    }

    /// The same with a further member.
    #[must_use]
    pub fn with_member(mut self, name: &str, value: Value) -> Self {
        self.members.insert(name.to_owned(), value);
        self
    }

    /// The same with a `Retry-After`.
    #[must_use]
    pub fn with_retry_after(mut self, seconds: u16) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// `Sender` for a client's error, `Receiver` for the service's own.
    #[must_use]
    pub const fn fault(&self) -> &'static str {
        if self.status < 500 { "Sender" } else { "Receiver" }
    }

    pub(crate) fn answer(&self, protocol: Protocol, request_id: &str) -> Answer {
        let (headers, body) = match protocol {
            Protocol::Json10 | Protocol::Json11 => (self.json_headers(), self.json_body()),
            Protocol::RestJson => (self.json_headers(), self.rest_json_body()),
            Protocol::Query => (Vec::new(), self.xml_body(request_id)),
            Protocol::RestXml => (Vec::new(), self.rest_xml_body(request_id)),
        };
        Answer {
            status: self.status,
            content_type: protocol.content_type(),
            headers,
            body: Bytes::from(body),
        }
    }

    fn json_headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = vec![("x-amzn-errortype", self.code.clone())];
        if let Some(code) = &self.query_code {
            headers.push(("x-amzn-query-error", format!("{code};{}", self.fault())));
        }
        if let Some(seconds) = self.retry_after_s {
            headers.push(("retry-after", seconds.to_string()));
        }
        headers
    }

    fn json_body(&self) -> Vec<u8> {
        let mut body = Map::new();
        body.insert("__type".to_owned(), format!("{}#{}", self.namespace, self.code).into());
        body.insert("message".to_owned(), self.message.clone().into());
        body.extend(self.members.clone());
        Value::Object(body).to_string().into_bytes()
    }

    /// Some shapes call their message `Message`: those bring it as a member.
    fn rest_json_body(&self) -> Vec<u8> {
        let mut body = self.members.clone();
        if !body.contains_key("Message") {
            body.insert("message".to_owned(), self.message.clone().into());
        }
        Value::Object(body).to_string().into_bytes()
    }

    fn rest_xml_body(&self, request_id: &str) -> Vec<u8> {
        format!(
            "<Error><Code>{}</Code><Message>{}</Message><RequestId>{request_id}</RequestId></Error>",
            xml_escape(&self.code),
            xml_escape(&self.message),
        )
        .into_bytes()
    }

    fn xml_body(&self, request_id: &str) -> Vec<u8> {
        format!(
            "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>{}</Type>\
             <Code>{}</Code><Message>{}</Message></Error><RequestId>{request_id}</RequestId>\
             </ErrorResponse>",
            self.fault(),
            xml_escape(&self.code),
            xml_escape(&self.message),
        )
        .into_bytes()
    }
}

/// `text` with the five characters that XML reserves escaped.
#[must_use]
pub fn xml_escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"', '\'']) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            other => escaped.push(other),
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_errors_carry_type_header_and_members() {
        let error = AwsError::client("com.amazonaws.sqs", "QueueDoesNotExist", "no such queue")
            .with_query_code("AWS.SimpleQueueService.NonExistentQueue")
            .with_member("Extra", 1.into());
        let answer = Answer::error(Protocol::Json10, &error, "r");
        assert_eq!(answer.status, 400);
        assert!(answer.headers.contains(&(
            "x-amzn-query-error",
            "AWS.SimpleQueueService.NonExistentQueue;Sender".to_owned()
        )));
        let body: Value = serde_json::from_slice(&answer.body).expect("JSON");
        assert_eq!(body["__type"], "com.amazonaws.sqs#QueueDoesNotExist");
        assert_eq!(body["Extra"], 1);
    }

    #[test]
    fn rest_errors_carry_headers_and_one_message() {
        let error = AwsError::client("com.amazonaws.lambda", "TooManyRequestsException", "slow")
            .with_status(429)
            .with_retry_after(1)
            .with_member("Type", "User".into());
        let answer = Answer::error(Protocol::RestJson, &error, "r");
        let header = |name| answer.headers.iter().find(|(found, _)| *found == name);
        assert_eq!(header("retry-after").map(|(_, value)| value.as_str()), Some("1"));
        assert!(header("x-amzn-errortype").is_some(), "{answer:?}");
        let read = |answer: &Answer| serde_json::from_slice::<Value>(&answer.body).expect("JSON");
        assert_eq!(read(&answer), json!({ "Type": "User", "message": "slow" }));
        let error = error.with_member("Message", "slow".into());
        let answer = Answer::error(Protocol::RestJson, &error, "r");
        assert_eq!(read(&answer), json!({ "Type": "User", "Message": "slow" }));
    }

    #[test]
    fn query_errors_are_escaped_xml() {
        let error = AwsError::client("com.amazonaws.sns", "NotFound", "a < b");
        let answer = Answer::error(Protocol::Query, &error, "r-1");
        let body = String::from_utf8(answer.body.to_vec()).expect("text");
        assert!(body.contains("<Code>NotFound</Code><Message>a &lt; b</Message>"), "{body}");
        assert!(body.contains("<RequestId>r-1</RequestId>"), "{body}");
    }
}
