//! The notification service: sends e-mails and SMS through a provider with a rate limit.
//!
//! The provider is modelled (a token bucket for each channel; it takes what it is given once for
//! each key). What was sent is written down: `{ order_id, notice, sent, at }`.

mod provider;

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use securecart_clock::Clock;
use securecart_domain::{event::Channel, message::Notification, resources::NOTIFICATIONS_TABLE};

use crate::{
    Failure, Letter,
    item::{number, string},
};

pub use provider::Provider;

/// The notification service.
#[derive(Debug)]
pub struct Notifications {
    dynamodb: aws_sdk_dynamodb::Client,
    provider: Provider,
    clock: Clock,
}

impl Notifications {
    /// A service that sends through `provider` and writes down what it sent with `dynamodb`.
    #[must_use]
    pub fn new(dynamodb: aws_sdk_dynamodb::Client, provider: Provider, clock: Clock) -> Self {
        Self { dynamodb, provider, clock }
    }

    /// Handles a message of the queue of `channel`.
    ///
    /// # Errors
    /// When the provider is too busy or the sending could not be written down; the message should
    /// come again.
    pub async fn handle(&self, channel: Channel, letter: &Letter) -> Result<(), Failure> {
        let notification: Notification = letter.read()?;
        self.provider.send(channel).await?;
        self.write_down(channel, &notification).await
    }

    /// Writes down one sending; a notice that stands there already was a repetition.
    async fn write_down(&self, channel: Channel, notice: &Notification) -> Result<(), Failure> {
        let key = format!("{}#{}", notice.kind.detail_type(), channel.as_str());
        self.dynamodb
            .update_item()
            .table_name(NOTIFICATIONS_TABLE)
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .key("order_id", string(notice.detail.order))
            .key("notice", string(key))
            .update_expression("SET #at = :now ADD sent :one")
            .condition_expression("attribute_not_exists(order_id)")
            .expression_attribute_names("#at", "at")
            .expression_attribute_values(":now", number(self.clock.now_ms()))
            .expression_attribute_values(":one", number(1))
            .send()
            .await
            .map(drop)
            .or_else(|error| match error.as_service_error() {
                // The provider takes a notice once for each key.
                Some(error) if error.is_conditional_check_failed_exception() => Ok(()),
                _ => Err(Failure::aws("UpdateItem")(error)),
            })
    }
}
