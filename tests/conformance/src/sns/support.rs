//! Topics for cases, and queues that hear them.

use serde_json::Value;

use crate::{
    case::{Checked, Mismatch},
    check::{Answered as _, present},
    context::{Context, Made},
    sqs::{Queue, body_of},
};

/// A topic of a case.
#[derive(Debug, Clone)]
pub(super) struct Topic {
    pub(super) cx: Context,
    pub(super) name: String,
    pub(super) arn: String,
}

impl Topic {
    pub(super) async fn new(cx: &Context) -> Result<Self, Mismatch> {
        Self::named(cx, cx.name("topic"), &[]).await
    }

    pub(super) async fn fifo(cx: &Context) -> Result<Self, Mismatch> {
        Self::named(cx, format!("{}.fifo", cx.name("topic")), &[("FifoTopic", "true")]).await
    }

    async fn named(
        cx: &Context,
        name: String,
        attributes: &[(&str, &str)],
    ) -> Result<Self, Mismatch> {
        let mut create = cx.sns().create_topic().name(&name);
        for (attribute, value) in attributes {
            create = create.attributes(*attribute, *value);
        }
        let arn = present("TopicArn", create.send().await.answer("CreateTopic")?.topic_arn)?;
        cx.made(Made::Topic(arn.clone()));
        Ok(Self { cx: cx.clone(), name, arn })
    }

    /// Subscribes `queue` with these attributes; the subscription's ARN.
    pub(super) async fn subscribe(
        &self,
        queue: &Queue,
        attributes: &[(&str, &str)],
    ) -> Result<String, Mismatch> {
        let subscribe = self.cx.sns().subscribe().topic_arn(&self.arn).protocol("sqs");
        let mut subscribe = subscribe.endpoint(queue.arn().await?).return_subscription_arn(true);
        for (name, value) in attributes {
            subscribe = subscribe.attributes(*name, *value);
        }
        let subscribed = subscribe.send().await.answer("Subscribe")?;
        present("SubscriptionArn", subscribed.subscription_arn)
    }

    /// A queue that hears the topic, with these attributes of its subscription.
    pub(super) async fn heard_by(&self, attributes: &[(&str, &str)]) -> Result<Queue, Mismatch> {
        let queue = Queue::new(&self.cx, &[]).await?;
        self.subscribe(&queue, attributes).await?;
        Ok(queue)
    }

    pub(super) async fn publish(&self, message: &str) -> Checked {
        let publish = self.cx.sns().publish().topic_arn(&self.arn).message(message);
        publish.send().await.answer("Publish").map(drop)
    }

    /// The ARN of a topic that is not there, in the form of this one's.
    pub(super) fn arn_of_none(&self) -> String {
        format!("{}-none", self.arn)
    }
}

/// The next message's body within two seconds.
pub(super) async fn next_body(queue: &Queue) -> Result<String, Mismatch> {
    let messages = queue.receive(1, 2).await?;
    let body = messages.first().map(|message| body_of(message).to_owned());
    present("a delivery", body)
}

/// The same, as JSON.
pub(super) async fn next_json(queue: &Queue) -> Result<Value, Mismatch> {
    let body = next_body(queue).await?;
    serde_json::from_str(&body).map_err(|_| Mismatch::new("JSON", body))
}
