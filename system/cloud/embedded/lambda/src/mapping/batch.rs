//! A batch: messages as the function gets them, and what it says of them.

use std::collections::{BTreeMap, HashSet};

use bytes::Bytes;
use securecart_embedded_wire::REGION;
use serde::{Deserialize, Serialize};

/// Most that a batch may take as an event, bytes: 6 MB of payload, less what surrounds the bodies
/// (sheet 2, batch).
const BATCH_BYTES_MAX: usize = 6_000_000;

/// What a message takes beside its body, bytes: generous.
const OVERHEAD_BYTES: usize = 2_000;

/// An answer of `ReceiveMessage`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Received {
    pub(super) messages: Vec<Message>,
}

/// A message as SQS hands it out.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Message {
    message_id: String,
    pub(super) receipt_handle: String,
    body: String,
    #[serde(rename = "MD5OfBody")]
    md5_of_body: String,
    attributes: BTreeMap<String, String>,
    message_attributes: BTreeMap<String, Attribute>,
}

/// A message attribute: SQS names its members with capitals, Lambda without.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all(deserialize = "PascalCase", serialize = "camelCase"), default)]
struct Attribute {
    #[serde(skip_serializing_if = "Option::is_none")]
    string_value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    binary_value: Option<String>,
    #[serde(skip_deserializing)]
    string_list_values: [String; 0],
    #[serde(skip_deserializing)]
    binary_list_values: [String; 0],
    data_type: String,
}

/// The event of a batch (Lambda guide, "Example standard queue message event").
#[derive(Serialize)]
struct Event<'a> {
    #[serde(rename = "Records")]
    records: Vec<Record<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    message_id: &'a str,
    receipt_handle: &'a str,
    body: &'a str,
    attributes: &'a BTreeMap<String, String>,
    message_attributes: &'a BTreeMap<String, Attribute>,
    md5_of_body: &'a str,
    event_source: &'a str,
    #[serde(rename = "eventSourceARN")]
    event_source_arn: &'a str,
    aws_region: &'a str,
}

/// The event that carries `messages`.
pub(super) fn event(messages: &[Message], queue_arn: &str) -> Bytes {
    let records = messages.iter().map(|message| Record {
        message_id: &message.message_id,
        receipt_handle: &message.receipt_handle,
        body: &message.body,
        attributes: &message.attributes,
        message_attributes: &message.message_attributes,
        md5_of_body: &message.md5_of_body,
        event_source: "aws:sqs",
        event_source_arn: queue_arn,
        aws_region: REGION,
    });
    let event = Event { records: records.collect() };
    Bytes::from(serde_json::to_vec(&event).expect("strings are JSON"))
}

/// `messages` in parts that each fit into one event.
pub(super) fn parts(messages: Vec<Message>) -> Vec<Vec<Message>> {
    let mut parts: Vec<Vec<Message>> = Vec::new();
    let mut bytes = usize::MAX;
    for message in messages {
        let size = message.body.len() + OVERHEAD_BYTES;
        bytes = bytes.saturating_add(size);
        match parts.last_mut() {
            Some(part) if bytes <= BATCH_BYTES_MAX => part.push(message),
            _ => {
                bytes = size;
                parts.push(vec![message]);
            }
        }
    }
    parts
}

/// The messages that are done with, by their receipt handles, when the function answered `answer`.
///
/// Without a report all are. With one (Lambda guide, "Implementing partial batch responses"): all
/// where it is empty or names none, none where it makes no sense, else all but those it names.
pub(super) fn done<'a>(messages: &'a [Message], answer: &[u8], is_report: bool) -> Vec<&'a str> {
    let all = || messages.iter().map(|message| message.receipt_handle.as_str());
    if !is_report {
        return all().collect();
    }
    let Some(failed) = failed(answer) else { return Vec::new() };
    let known: HashSet<&str> = messages.iter().map(|message| message.message_id.as_str()).collect();
    if failed.iter().any(|id| !known.contains(id.as_str())) {
        return Vec::new();
    }
    let is_done = |message: &&Message| !failed.contains(&message.message_id);
    messages.iter().filter(is_done).map(|message| message.receipt_handle.as_str()).collect()
}

/// The identifiers in a report; `None` where it makes no sense.
fn failed(answer: &[u8]) -> Option<HashSet<String>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Report {
        #[serde(default)]
        batch_item_failures: Option<Vec<Failure>>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Failure {
        item_identifier: String,
    }
    if answer.is_empty() {
        return Some(HashSet::new());
    }
    let report: Option<Report> = serde_json::from_slice(answer).ok()?;
    let failures = report.and_then(|report| report.batch_item_failures).unwrap_or_default();
    Some(failures.into_iter().map(|failure| failure.item_identifier).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn message(id: &str, bytes: usize) -> Message {
        Message {
            message_id: id.to_owned(),
            receipt_handle: format!("handle-{id}"),
            body: "x".repeat(bytes),
            ..Message::default()
        }
    }

    #[test]
    fn a_report_says_what_is_done() {
        let messages = [message("a", 1), message("b", 1)];
        let done = |answer: &str| done(&messages, answer.as_bytes(), true);
        for all in
            ["", "null", "{}", r#"{"batchItemFailures":null}"#, r#"{"batchItemFailures":[]}"#]
        {
            assert_eq!(done(all), ["handle-a", "handle-b"], "{all}");
        }
        assert_eq!(done(r#"{"batchItemFailures":[{"itemIdentifier":"a"}]}"#), ["handle-b"]);
        for none in [
            r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#,
            r#"{"batchItemFailures":[{"wrong":"a"}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":"c"}]}"#,
            "nonsense",
        ] {
            assert!(done(none).is_empty(), "{none}");
        }
        let unreported = super::done(&messages, b"nonsense", false);
        assert_eq!(unreported.len(), 2, "nobody asked for a report");
    }

    #[test]
    fn batches_are_cut_where_an_event_is_full() {
        let messages = (0..10).map(|id| message(&id.to_string(), 1024 * 1024)).collect();
        let sizes: Vec<usize> = parts(messages).iter().map(Vec::len).collect();
        assert_eq!(sizes, [5, 5]);
        assert!(parts(Vec::new()).is_empty());
    }

    #[test]
    fn the_event_is_the_documented_one() {
        let received = json!({ "Messages": [{
            "MessageId": "m", "ReceiptHandle": "h", "MD5OfBody": "5", "Body": "b",
            "Attributes": { "ApproximateReceiveCount": "1" },
            "MessageAttributes": { "kind": { "DataType": "String", "StringValue": "x" } },
        }] });
        let received: Received = serde_json::from_value(received).expect("an answer");
        let event = event(&received.messages, "arn:aws:sqs:us-east-1:000000000000:orders");
        let event: Value = serde_json::from_slice(&event).expect("JSON");
        let attribute = json!({
            "dataType": "String", "stringValue": "x",
            "stringListValues": [], "binaryListValues": [],
        });
        let record = json!({
            "messageId": "m", "receiptHandle": "h", "body": "b", "md5OfBody": "5",
            "attributes": { "ApproximateReceiveCount": "1" },
            "messageAttributes": { "kind": attribute },
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:orders",
            "awsRegion": "us-east-1",
        });
        assert_eq!(event, json!({ "Records": [record] }));
    }
}
