//! What a subscriber gets: the JSON envelope, the function's event, or the bare message.
//!
//! The signature is no signature: nothing here has a key, and the certificate's address leads
//! nowhere. A subscriber that verifies signatures refuses these messages.

use std::collections::BTreeMap;

use securecart_embedded_wire::{FunctionInvocation, QueueDelivery};
use serde::Serialize;

use super::{attribute::Attribute, subscription::Protocol, subscription::Subscription};
use crate::delivery::Message;

const SIGNATURE: &str = "not-a-signature";
const CERTIFICATE_URL: &str =
    "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-embedded.pem";

/// Attributes that a message in SQS can have; a raw delivery with more is a client's error (SNS
/// guide, "message attributes").
const RAW_ATTRIBUTES_MAX: usize = 10;

/// A message that a topic has accepted.
#[derive(Debug)]
pub(super) struct Publication {
    pub(super) message_id: String,
    pub(super) timestamp: String,
    pub(super) subject: Option<String>,
    pub(super) message: String,
    /// From `MessageStructure=json`: what each protocol gets instead.
    pub(super) for_sqs: Option<String>,
    pub(super) for_lambda: Option<String>,
    pub(super) attributes: Vec<Attribute>,
    pub(super) group_id: Option<String>,
    pub(super) deduplication_id: Option<String>,
    pub(super) sequence_number: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope<'a> {
    r#type: &'static str,
    message_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence_number: Option<&'a str>,
    topic_arn: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    message: &'a str,
    timestamp: &'a str,
    signature_version: &'static str,
    signature: &'static str,
    #[serde(rename = "SigningCertURL")]
    signing_cert_url: &'static str,
    #[serde(rename = "UnsubscribeURL")]
    unsubscribe_url: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    message_attributes: BTreeMap<&'a str, Typed<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Typed<'a> {
    r#type: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Event<'a> {
    records: [Record<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Record<'a> {
    event_source: &'static str,
    event_version: &'static str,
    event_subscription_arn: &'a str,
    sns: FunctionEnvelope<'a>,
}

/// Functions get other names and empty members than queues.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct FunctionEnvelope<'a> {
    r#type: &'static str,
    message_id: &'a str,
    topic_arn: &'a str,
    subject: Option<&'a str>,
    message: &'a str,
    timestamp: &'a str,
    signature_version: &'static str,
    signature: &'static str,
    signing_cert_url: &'static str,
    unsubscribe_url: &'a str,
    message_attributes: BTreeMap<&'a str, Typed<'a>>,
}

impl Publication {
    /// What `protocol` is told.
    pub(super) fn text(&self, protocol: Protocol) -> &str {
        let special = match protocol {
            Protocol::Sqs => &self.for_sqs,
            Protocol::Lambda => &self.for_lambda,
        };
        special.as_ref().unwrap_or(&self.message)
    }

    /// The message for a subscriber.
    pub(super) fn address(&self, subscription: &Subscription) -> Message {
        match subscription.protocol {
            Protocol::Lambda => Message::Function(FunctionInvocation {
                function_arn: subscription.endpoint.clone(),
                payload: self.event(subscription),
            }),
            Protocol::Sqs => Message::Queue(self.delivery(subscription)),
        }
    }

    /// Why the subscriber can't get the message, if it can't.
    pub(super) fn obstacle(&self, subscription: &Subscription) -> Option<String> {
        let count = self.attributes.len();
        (subscription.raw && count > RAW_ATTRIBUTES_MAX)
            .then(|| format!("a raw message takes {RAW_ATTRIBUTES_MAX} attributes, not {count}"))
    }

    fn delivery(&self, subscription: &Subscription) -> QueueDelivery {
        let (body, attributes) = match subscription.raw {
            true if self.attributes.len() <= RAW_ATTRIBUTES_MAX => {
                (self.text(Protocol::Sqs).to_owned(), self.queue_attributes())
            }
            // A dead letter of a raw message with too many attributes says all in its envelope.
            _ => (self.envelope(subscription), Vec::new()),
        };
        let fifo = subscription.endpoint.ends_with(".fifo");
        QueueDelivery {
            queue_arn: subscription.endpoint.clone(),
            body,
            attributes,
            message_group_id: self.group_id.clone().filter(|_| fifo),
            message_deduplication_id: self.deduplication_id.clone().filter(|_| fifo),
        }
    }

    fn queue_attributes(&self) -> Vec<(String, String, String)> {
        let attributes = self.attributes.iter();
        attributes.map(|one| (one.name.clone(), one.data_type.clone(), one.value.clone())).collect()
    }

    fn typed(&self) -> BTreeMap<&str, Typed<'_>> {
        let attributes = self.attributes.iter();
        attributes
            .map(|one| (one.name.as_str(), Typed { r#type: &one.data_type, value: &one.value }))
            .collect()
    }

    pub(super) fn envelope(&self, subscription: &Subscription) -> String {
        let message = self.text(subscription.protocol);
        let envelope = Envelope {
            r#type: "Notification",
            message_id: &self.message_id,
            sequence_number: self.sequence_number.as_deref(),
            topic_arn: &subscription.topic_arn,
            subject: self.subject.as_deref(),
            message,
            timestamp: &self.timestamp,
            signature_version: "1",
            signature: SIGNATURE,
            signing_cert_url: CERTIFICATE_URL,
            unsubscribe_url: &subscription.unsubscribe_url,
            message_attributes: self.typed(),
        };
        json(&envelope, message)
    }

    fn event(&self, subscription: &Subscription) -> String {
        let message = self.text(Protocol::Lambda);
        let event = Event {
            records: [Record {
                event_source: "aws:sns",
                event_version: "1.0",
                event_subscription_arn: &subscription.arn,
                sns: FunctionEnvelope {
                    r#type: "Notification",
                    message_id: &self.message_id,
                    topic_arn: &subscription.topic_arn,
                    subject: self.subject.as_deref(),
                    message,
                    timestamp: &self.timestamp,
                    signature_version: "1",
                    signature: SIGNATURE,
                    signing_cert_url: CERTIFICATE_URL,
                    unsubscribe_url: &subscription.unsubscribe_url,
                    message_attributes: self.typed(),
                },
            }],
        };
        json(&event, message)
    }
}

/// Bytes of an envelope or event around its message, about.
const WRAPPING_BYTES: usize = 1_024;

fn json(value: &impl Serialize, message: &str) -> String {
    let mut text = Vec::with_capacity(WRAPPING_BYTES + message.len() + message.len() / 8);
    serde_json::to_writer(&mut text, value).expect("strings and maps with string keys are JSON");
    String::from_utf8(text).expect("JSON is UTF-8")
}
