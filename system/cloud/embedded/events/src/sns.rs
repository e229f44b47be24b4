//! Amazon SNS: topics that fan out to queues and functions.
//!
//! ```text
//! Publish ─▶ topic ─▶ filter policies ─▶ envelope or raw message ─▶ delivery
//! ```
//!
//! Publishing costs what its topic's subscriptions cost: other topics are not looked at, and the
//! list of subscriptions is a snapshot that nobody copies. Deliberately absent: platform
//! applications, text messages, e-mail and HTTP (there is nothing to deliver to), permissions,
//! archives and data protection.

mod attribute;
mod error;
mod fifo;
mod filter;
mod form;
mod notification;
mod publish;
mod subscription;
mod subscriptions;
mod topic;
mod topics;
mod xml;

use std::{collections::BTreeMap, sync::Arc};

use parking_lot::RwLock;
use securecart_clock::Clock;
use securecart_embedded_wire::{Answer, Arn, AwsError, Call, Ids, Protocol, Targets};

use crate::{delivery::Courier, metrics::TopicMetrics};
use form::Form;
use topic::Topic;

/// SNS speaks the query protocol.
pub const SNS_PROTOCOL: Protocol = Protocol::Query;

/// Amazon SNS. Needs a tokio runtime when it is called, not when it is made.
pub struct Sns {
    clock: Clock,
    ids: Ids,
    courier: Arc<Courier>,
    topics: RwLock<BTreeMap<String, Arc<Topic>>>,
}

impl Sns {
    /// A service without topics that delivers to `targets`. Ids and jitter come from `seed`.
    #[must_use]
    pub fn new(clock: Clock, seed: u64, targets: Arc<dyn Targets>) -> Self {
        Self {
            clock,
            ids: Ids::new(seed ^ 0x736e_735f_6964_7300),
            courier: Arc::new(Courier::new(targets, seed ^ 0x736e_735f_7265_7472)),
            topics: RwLock::default(),
        }
    }

    /// Answers a call; `call.operation` is the `Action`.
    ///
    /// # Errors
    ///
    /// The error that SNS documents for what is wrong with the call.
    pub async fn call(&self, call: Call<'_>) -> Result<Answer, AwsError> {
        let form = Form::parse(call.body);
        match call.operation {
            "Publish" => self.publish(&form).await,
            // Boxed, as `dispatch_in_order` is, so that the future of a plain `Publish` is small.
            "PublishBatch" => Box::pin(self.publish_batch(&form)).await,
            operation => self.manage(operation, &form),
        }
    }

    /// Everything that is no message.
    fn manage(&self, operation: &str, form: &Form<'_>) -> Result<Answer, AwsError> {
        let result = match operation {
            "CreateTopic" => self.create_topic(form),
            "DeleteTopic" => self.delete_topic(form),
            "ListTopics" => self.list_topics(form),
            "GetTopicAttributes" => self.get_topic_attributes(form),
            "SetTopicAttributes" => self.set_topic_attributes(form),
            "TagResource" => self.tag_resource(form),
            "UntagResource" => self.untag_resource(form),
            "ListTagsForResource" => self.list_tags(form),
            "Subscribe" => self.subscribe(form),
            "ConfirmSubscription" => self.confirm_subscription(form),
            "Unsubscribe" => self.unsubscribe(form),
            "ListSubscriptions" => self.list_subscriptions(form),
            "ListSubscriptionsByTopic" => self.list_subscriptions_by_topic(form),
            "GetSubscriptionAttributes" => self.get_subscription_attributes(form),
            "SetSubscriptionAttributes" => self.set_subscription_attributes(form),
            _ => Err(error::unknown_operation(operation)),
        }?;
        Ok(xml::answer(operation, &result, &self.ids))
    }

    /// The counts of every topic, by ARN.
    #[must_use]
    pub fn metrics(&self) -> Vec<TopicMetrics> {
        let topics = self.topics.read();
        topics
            .values()
            .map(|topic| TopicMetrics {
                topic_arn: topic.arn.clone(),
                published: topic.counters.accepted.get(),
                filtered_out: topic.counters.filtered_out.get(),
                deliveries: topic.counters.deliveries(),
            })
            .collect()
    }

    /// Deliveries that wait for another attempt, or behind one that does.
    #[must_use]
    pub fn pending(&self) -> u64 {
        self.courier.pending()
    }

    fn topic(&self, arn: &str) -> Result<Arc<Topic>, AwsError> {
        if let Some(topic) = self.topics.read().get(arn) {
            return Ok(Arc::clone(topic));
        }
        check_arn("TopicArn", arn)?;
        Err(error::not_found("Topic"))
    }
}

/// Whether `arn` is one of SNS's.
fn check_arn(parameter: &str, arn: &str) -> Result<(), AwsError> {
    match arn.parse::<Arn>() {
        Ok(parsed) if parsed.service == "sns" => Ok(()),
        Ok(_) => Err(error::invalid(parameter)),
        Err(_) => Err(error::invalid(format!(
            "{parameter} Reason: An ARN must have at least 6 elements, not {}",
            arn.split(':').count()
        ))),
    }
}

#[cfg(test)]
mod tests;
