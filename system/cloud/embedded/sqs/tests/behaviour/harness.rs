//! A service on paused time with JSON in and out.

use std::time::Duration;

use securecart_clock::Clock;
use securecart_embedded_sqs::{PROTOCOL, QueueMetrics, Sqs};
use securecart_embedded_wire::{AwsError, Call};
use serde_json::{Value, json};

pub(crate) const ORIGIN: &str = "http://127.0.0.1:4566";
pub(crate) const EPOCH_MS: u64 = 1_800_000_000_000;

pub(crate) struct Harness {
    pub(crate) sqs: Sqs,
    pub(crate) clock: Clock,
}

/// A message as a caller sees it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Received {
    pub(crate) id: String,
    pub(crate) body: String,
    pub(crate) handle: String,
    pub(crate) all: Value,
}

pub(crate) fn url(queue: &str) -> String {
    format!("{ORIGIN}/000000000000/{queue}")
}

pub(crate) fn arn(queue: &str) -> String {
    format!("arn:aws:sqs:us-east-1:000000000000:{queue}")
}

pub(crate) async fn pass(seconds: u64) {
    tokio::time::advance(Duration::from_secs(seconds)).await;
}

impl Harness {
    pub(crate) fn new() -> Self {
        let clock = Clock::starting_at(EPOCH_MS);
        Self { sqs: Sqs::new(clock, 7), clock }
    }

    pub(crate) async fn with_queue(name: &str, attributes: Value) -> Self {
        let harness = Self::new();
        harness.create(name, attributes).await;
        harness
    }

    pub(crate) async fn call(&self, operation: &str, body: Value) -> Result<Value, AwsError> {
        let body = body.to_string();
        let call = Call { operation, body: body.as_bytes(), origin: ORIGIN };
        let answer = self.sqs.call(call).await?;
        assert_eq!((answer.status, answer.content_type), (200, PROTOCOL.content_type()));
        Ok(serde_json::from_slice(&answer.body).expect("answers are JSON"))
    }

    /// The query-compatible code and the message of the error that `operation` must give.
    pub(crate) async fn refusal(&self, operation: &str, body: Value) -> (String, String) {
        let error = match self.call(operation, body.clone()).await {
            Ok(answer) => panic!("{operation} {body} was accepted: {answer}"),
            Err(error) => error,
        };
        (error.query_code.unwrap_or(error.code), error.message)
    }

    pub(crate) async fn create(&self, name: &str, attributes: Value) -> String {
        let body = json!({"QueueName": name, "Attributes": attributes});
        let answer = self.call("CreateQueue", body).await.expect("a valid queue");
        answer["QueueUrl"].as_str().expect("a URL").to_owned()
    }

    /// Sends `body` and returns the answer.
    pub(crate) async fn send(&self, queue: &str, body: &str) -> Value {
        let request = json!({"QueueUrl": url(queue), "MessageBody": body});
        self.call("SendMessage", request).await.expect("a valid message")
    }

    pub(crate) async fn send_fifo(&self, queue: &str, group: &str, id: &str) -> Value {
        let request = json!({
            "QueueUrl": url(queue), "MessageBody": id, "MessageGroupId": group,
            "MessageDeduplicationId": id,
        });
        self.call("SendMessage", request).await.expect("a valid message")
    }

    pub(crate) async fn receive_with(&self, queue: &str, members: Value) -> Vec<Received> {
        let mut request = json!({"QueueUrl": url(queue), "MaxNumberOfMessages": 10});
        let object = request.as_object_mut().expect("an object");
        object.extend(members.as_object().expect("an object").clone());
        let answer = self.call("ReceiveMessage", request).await.expect("a valid receive");
        let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().expect("a string").to_owned();
        messages
            .into_iter()
            .map(|message| Received {
                id: text(&message["MessageId"]),
                body: text(&message["Body"]),
                handle: text(&message["ReceiptHandle"]),
                all: message,
            })
            .collect()
    }

    pub(crate) async fn receive(&self, queue: &str) -> Vec<Received> {
        self.receive_with(queue, json!({})).await
    }

    /// Bodies of what can be received now.
    pub(crate) async fn bodies(&self, queue: &str) -> Vec<String> {
        self.receive(queue).await.into_iter().map(|message| message.body).collect()
    }

    pub(crate) async fn delete(&self, queue: &str, handle: &str) -> Result<Value, AwsError> {
        self.call("DeleteMessage", json!({"QueueUrl": url(queue), "ReceiptHandle": handle})).await
    }

    pub(crate) async fn change(
        &self,
        queue: &str,
        handle: &str,
        seconds: i64,
    ) -> Result<Value, AwsError> {
        let body = json!({
            "QueueUrl": url(queue), "ReceiptHandle": handle, "VisibilityTimeout": seconds,
        });
        self.call("ChangeMessageVisibility", body).await
    }

    pub(crate) async fn set(&self, queue: &str, attributes: Value) {
        let body = json!({"QueueUrl": url(queue), "Attributes": attributes});
        self.call("SetQueueAttributes", body).await.expect("valid attributes");
    }

    pub(crate) async fn attributes(&self, queue: &str) -> Value {
        let body = json!({"QueueUrl": url(queue), "AttributeNames": ["All"]});
        self.call("GetQueueAttributes", body).await.expect("a queue")["Attributes"].clone()
    }

    /// Visible, in flight, delayed: as the attributes and the metrics agree to say.
    pub(crate) async fn counts(&self, queue: &str) -> (u64, u64, u64) {
        let attributes = self.attributes(queue).await;
        let number = |suffix: &str| -> u64 {
            let name = format!("ApproximateNumberOfMessages{suffix}");
            attributes[&name].as_str().expect("a string").parse().expect("a number")
        };
        let counts = (number(""), number("NotVisible"), number("Delayed"));
        let metrics = self.metrics(queue);
        assert_eq!(counts, (metrics.visible, metrics.in_flight, metrics.delayed));
        counts
    }

    pub(crate) fn metrics(&self, queue: &str) -> QueueMetrics {
        let mut all = self.sqs.metrics();
        let index = all.iter().position(|metrics| metrics.name == queue).expect("a queue");
        all.swap_remove(index)
    }
}

/// `RedrivePolicy` to `target`.
pub(crate) fn redrive(target: &str, max_receive_count: u32) -> String {
    json!({"deadLetterTargetArn": arn(target), "maxReceiveCount": max_receive_count}).to_string()
}
