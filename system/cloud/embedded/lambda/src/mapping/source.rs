//! The queue of a mapping, reached by the calls that any caller makes, in this engine or elsewhere.

use std::{fmt, pin::Pin, sync::Arc, time::Duration};

use bytes::Bytes;
use securecart_embedded_sqs::Sqs;
use securecart_embedded_wire::{ACCOUNT_ID, Arn, AwsError, Call};
use serde::Deserialize;
use serde_json::{Value, json};

use super::batch::{Message, Received};
use crate::error;

/// Messages of one `ReceiveMessage` or `DeleteMessageBatch` at the most (SQS's limit).
pub(super) const MESSAGES_MAX: usize = 10;

/// Longest poll, s (behaviour sheet 5.1).
const WAIT_S_MAX: u64 = 20;

/// Where the engine is as far as queue URLs say; SQS looks at what comes after.
const ORIGIN: &str = "http://lambda.internal";

/// An SQS that is another process's: given an operation and its request (JSON), it gives the
/// answer's body.
pub type RemoteSqs = Arc<dyn Fn(&'static str, String) -> RemoteAnswer + Send + Sync>;

/// An answer of a [`RemoteSqs`] in the making.
pub type RemoteAnswer = Pin<Box<dyn Future<Output = Result<Bytes, AwsError>> + Send>>;

/// Where the queues of mappings are.
#[derive(Clone)]
pub(crate) enum Queues {
    Engine(Arc<Sqs>),
    Remote(RemoteSqs),
}

impl Queues {
    /// Answers one call with the answer's body.
    async fn call(&self, operation: &'static str, request: &Value) -> Result<Bytes, AwsError> {
        let body = request.to_string();
        match self {
            Self::Engine(sqs) => {
                let call = Call { operation, body: body.as_bytes(), origin: ORIGIN };
                Ok(sqs.call(call).await?.body)
            }
            Self::Remote(sqs) => sqs(operation, body).await,
        }
    }

    /// The URL of the queue `name`.
    async fn url(&self, name: &str) -> Result<String, AwsError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Got {
            queue_url: String,
        }
        match self {
            Self::Engine(_) => Ok(format!("{ORIGIN}/{ACCOUNT_ID}/{name}")),
            Self::Remote(_) => {
                let body = self.call("GetQueueUrl", &json!({ "QueueName": name })).await?;
                let got: Result<Got, _> = serde_json::from_slice(&body);
                Ok(got.map_err(|why| error::unreadable(&why))?.queue_url)
            }
        }
    }
}

impl fmt::Debug for Queues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Engine(_) => "Engine",
            Self::Remote(_) => "Remote",
        })
    }
}

/// A queue.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) arn: String,
    pub(crate) name: String,
    url: String,
    queues: Queues,
    /// Visibility timeout when the mapping was made.
    visibility: Duration,
}

/// What matters of a queue's attributes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Depth {
    pub(super) visible: u64,
    pub(super) visibility: Duration,
}

impl Source {
    /// The queue with this ARN.
    pub(crate) async fn find(queues: Queues, arn: &str) -> Result<Self, AwsError> {
        let parsed: Option<Arn> = arn.parse().ok().filter(|arn: &Arn| arn.service == "sqs");
        let Some(Arn { resource: name, .. }) = parsed else {
            return Err(error::invalid(format!("Unrecognized event source: {arn}")));
        };
        let url = queues.url(&name).await.map_err(unreadable)?;
        let arn = arn.to_owned();
        let mut source = Self { arn, name, url, queues, visibility: Duration::ZERO };
        let depth = source.depth().await.map_err(unreadable)?;
        source.visibility = depth.visibility;
        Ok(source)
    }

    /// Whether a message stays away for as long as the function may take.
    pub(crate) fn suits(&self, timeout: Duration) -> Result<(), AwsError> {
        if timeout <= self.visibility {
            return Ok(());
        }
        Err(error::invalid(format!(
            "Queue visibility timeout: {} seconds is less than Function timeout: {} seconds",
            self.visibility.as_secs(),
            timeout.as_secs()
        )))
    }

    /// Up to ten messages, as soon as there is one, or none after `wait` or 20 s.
    pub(super) async fn receive(
        &self,
        most: usize,
        wait: Duration,
    ) -> Result<Vec<Message>, AwsError> {
        let request = json!({
            "QueueUrl": self.url,
            "MaxNumberOfMessages": most.clamp(1, MESSAGES_MAX),
            "WaitTimeSeconds": wait.as_secs().min(WAIT_S_MAX),
            "MessageSystemAttributeNames": ["All"],
            "MessageAttributeNames": ["All"],
        });
        let body = self.queues.call("ReceiveMessage", &request).await?;
        let received: Received = serde_json::from_slice(&body).unwrap_or_default();
        Ok(received.messages)
    }

    /// Deletes messages. One that can't be deleted comes again.
    pub(super) async fn delete<'a>(&self, handles: impl Iterator<Item = &'a str>) {
        let handles: Vec<&str> = handles.collect();
        for chunk in handles.chunks(MESSAGES_MAX) {
            let entries = chunk
                .iter()
                .enumerate()
                .map(|(id, handle)| json!({ "Id": id.to_string(), "ReceiptHandle": handle }));
            let entries: Vec<Value> = entries.collect();
            let request = json!({ "QueueUrl": self.url, "Entries": entries });
            // Only a queue that is gone refuses.
            let _ = self.queues.call("DeleteMessageBatch", &request).await;
        }
    }

    /// Messages that wait, and how long a received one stays away.
    pub(super) async fn depth(&self) -> Result<Depth, AwsError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Attributes {
            approximate_number_of_messages: String,
            visibility_timeout: String,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Got {
            attributes: Attributes,
        }
        let names = ["ApproximateNumberOfMessages", "VisibilityTimeout"];
        let request = json!({ "QueueUrl": self.url, "AttributeNames": names });
        let body = self.queues.call("GetQueueAttributes", &request).await?;
        let got: Got = serde_json::from_slice(&body).map_err(|why| error::unreadable(&why))?;
        let seconds = got.attributes.visibility_timeout.parse().unwrap_or(0);
        Ok(Depth {
            visible: got.attributes.approximate_number_of_messages.parse().unwrap_or(0),
            visibility: Duration::from_secs(seconds),
        })
    }
}

/// Why a queue can be no source.
fn unreadable(failed: AwsError) -> AwsError {
    let code = failed.query_code.unwrap_or(failed.code);
    error::invalid(format!(
        "Error occurred while ReceiveMessage. SQS Error Code: {code}. SQS Error Message: {}",
        failed.message
    ))
}
