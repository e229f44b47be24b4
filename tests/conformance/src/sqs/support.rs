//! Queues for cases, and what is done with them again and again.

use std::collections::HashMap;

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName, QueueAttributeName};

use crate::{
    case::{Checked, Mismatch},
    check::{Answered as _, eventually, present, same},
    context::{Context, Made},
};

/// A queue of a case.
#[derive(Debug, Clone)]
pub(crate) struct Queue {
    cx: Context,
    pub(crate) name: String,
    pub(crate) url: String,
}

impl Queue {
    /// A standard queue with these attributes.
    pub(crate) async fn new(cx: &Context, attributes: &[(&str, &str)]) -> Result<Self, Mismatch> {
        Self::named(cx, cx.name("queue"), attributes).await
    }

    /// A FIFO queue with these attributes.
    pub(crate) async fn fifo(cx: &Context, attributes: &[(&str, &str)]) -> Result<Self, Mismatch> {
        let all: Vec<(&str, &str)> =
            [("FifoQueue", "true")].into_iter().chain(attributes.iter().copied()).collect();
        Self::named(cx, format!("{}.fifo", cx.name("queue")), &all).await
    }

    async fn named(cx: &Context, name: String, set: &[(&str, &str)]) -> Result<Self, Mismatch> {
        let create = cx.sqs().create_queue().queue_name(&name).set_attributes(attributes(set));
        let created = create.send().await.answer("CreateQueue")?;
        let url = present("QueueUrl of CreateQueue", created.queue_url)?;
        cx.made(Made::Queue(url.clone()));
        Ok(Self { cx: cx.clone(), name, url })
    }

    /// A queue whose messages go to the second one after `receives`.
    pub(crate) async fn with_dead_letters(
        cx: &Context,
        receives: u32,
    ) -> Result<(Self, Self), Mismatch> {
        let dead = Self::new(cx, &[]).await?;
        let policy = redrive_policy(&dead.arn().await?, receives);
        let set = [("RedrivePolicy", &*policy), ("VisibilityTimeout", "0")];
        Ok((Self::new(cx, &set).await?, dead))
    }

    pub(crate) async fn attribute(&self, name: &str) -> Result<Option<String>, Mismatch> {
        let name = QueueAttributeName::from(name);
        let get = self.cx.sqs().get_queue_attributes().queue_url(&self.url);
        let got = get.attribute_names(name.clone()).send().await.answer("GetQueueAttributes")?;
        Ok(got.attributes.and_then(|mut attributes| attributes.remove(&name)))
    }

    pub(crate) async fn arn(&self) -> Result<String, Mismatch> {
        present("the attribute QueueArn", self.attribute("QueueArn").await?)
    }

    /// A count such as `ApproximateNumberOfMessages` comes to `expected`; counts are approximate,
    /// and settle within a while.
    pub(crate) async fn settles(&self, count: &str, expected: u32) -> Checked {
        eventually(|| async {
            same(count, self.attribute(count).await?, Some(expected.to_string()))
        })
        .await
    }

    pub(crate) async fn send(&self, body: &str) -> Checked {
        let send = self.cx.sqs().send_message().queue_url(&self.url).message_body(body);
        send.send().await.answer("SendMessage").map(drop)
    }

    /// Sends to a FIFO queue; the body is also the deduplication id.
    pub(crate) async fn send_to_group(&self, group: &str, body: &str) -> Checked {
        let send = self.cx.sqs().send_message().queue_url(&self.url).message_body(body);
        let send = send.message_group_id(group).message_deduplication_id(body);
        send.send().await.answer("SendMessage").map(drop)
    }

    /// What one receive of up to `most` brings, waiting up to `seconds`.
    pub(crate) async fn receive(&self, most: i32, seconds: i32) -> Result<Vec<Message>, Mismatch> {
        let receive = self.cx.sqs().receive_message().queue_url(&self.url);
        let receive = receive
            .max_number_of_messages(most)
            .wait_time_seconds(seconds)
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .message_attribute_names("All");
        Ok(receive.send().await.answer("ReceiveMessage")?.messages.unwrap_or_default())
    }

    /// The one message that is there or comes within a second.
    pub(crate) async fn one(&self) -> Result<Message, Mismatch> {
        present("a message", self.receive(1, 1).await?.into_iter().next())
    }

    /// Nothing can be received.
    pub(crate) async fn is_empty(&self) -> Checked {
        same("messages received", self.receive(10, 0).await?.len(), 0)
    }

    pub(crate) async fn delete(&self, message: &Message) -> Checked {
        let delete = self.cx.sqs().delete_message().queue_url(&self.url);
        let delete = delete.set_receipt_handle(message.receipt_handle.clone());
        delete.send().await.answer("DeleteMessage").map(drop)
    }

    pub(crate) async fn change_visibility(&self, message: &Message, seconds: i32) -> Checked {
        let change = self.cx.sqs().change_message_visibility().queue_url(&self.url);
        let change = change.set_receipt_handle(message.receipt_handle.clone());
        let change = change.visibility_timeout(seconds);
        change.send().await.answer("ChangeMessageVisibility").map(drop)
    }

    /// The URL of a queue that is not there, in the form of this one's.
    pub(crate) fn url_of_none(&self) -> String {
        let (origin, _) = self.url.rsplit_once('/').unwrap_or((&self.url, ""));
        format!("{origin}/{}", self.cx.name("none"))
    }
}

/// Attributes as the SDK takes them.
pub(crate) fn attributes(set: &[(&str, &str)]) -> Option<HashMap<QueueAttributeName, String>> {
    let pairs =
        set.iter().map(|(name, value)| (QueueAttributeName::from(*name), (*value).to_owned()));
    (!set.is_empty()).then(|| pairs.collect())
}

pub(crate) fn redrive_policy(arn: &str, receives: u32) -> String {
    serde_json::json!({ "deadLetterTargetArn": arn, "maxReceiveCount": receives }).to_string()
}

pub(crate) fn body_of(message: &Message) -> &str {
    message.body.as_deref().unwrap_or_default()
}

pub(crate) fn system<'a>(message: &'a Message, name: &str) -> Option<&'a str> {
    let attributes = message.attributes.as_ref()?;
    attributes.get(&MessageSystemAttributeName::from(name)).map(String::as_str)
}

/// The bodies of `count` messages, received and deleted, in order of arrival.
pub(crate) async fn take_all(queue: &Queue, count: usize) -> Result<Vec<String>, Mismatch> {
    let mut bodies = Vec::new();
    // Short polls may miss some, long ones may bring few: the number of tries is bounded.
    for _ in 0..count + 5 {
        for message in queue.receive(10, 1).await? {
            bodies.push(body_of(&message).to_owned());
            queue.delete(&message).await?;
        }
        if bodies.len() >= count {
            return Ok(bodies);
        }
    }
    Err(Mismatch::new(format!("{count} messages"), format!("{}: {bodies:?}", bodies.len())))
}
