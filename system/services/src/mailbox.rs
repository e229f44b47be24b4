//! A queue, as a worker sees it.

use aws_sdk_sqs::types::MessageSystemAttributeName;
use serde::de::DeserializeOwned;

use crate::Failure;

/// Seconds a worker waits for a message (SQS's longest poll: behaviour sheet 5.1).
const WAIT_TIME_S: i32 = 20;

/// Messages of one `ReceiveMessage` at the most (SQS's limit).
const BATCH_MAX: i32 = 10;

/// Longest time a failed message stays away, s: the queues' own visibility timeout.
const BACKOFF_S_MAX: i32 = 30;

/// A queue to work off.
#[derive(Debug, Clone)]
pub struct Mailbox {
    sqs: aws_sdk_sqs::Client,
    queue_url: String,
}

/// A message that was received and is not yet deleted.
#[derive(Debug, Clone)]
pub struct Letter {
    body: String,
    receipt_handle: String,
    receive_count: u32,
}

impl Mailbox {
    /// The queue at `queue_url`.
    #[must_use]
    pub fn new(sqs: aws_sdk_sqs::Client, queue_url: String) -> Self {
        Self { sqs, queue_url }
    }

    /// Waits up to 20 s for messages and takes up to `most` (10 at the most).
    ///
    /// # Errors
    /// When SQS refuses or can't be reached.
    pub async fn receive(&self, most: usize) -> Result<Vec<Letter>, Failure> {
        let answer = self
            .sqs
            .receive_message()
            .queue_url(&self.queue_url)
            .max_number_of_messages(i32::try_from(most).unwrap_or(BATCH_MAX).clamp(1, BATCH_MAX))
            .wait_time_seconds(WAIT_TIME_S)
            .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount)
            .send()
            .await
            .map_err(Failure::aws("ReceiveMessage"))?;
        let letters = answer.messages.unwrap_or_default().into_iter().map(|message| Letter {
            receive_count: message
                .attributes
                .as_ref()
                .and_then(|a| a.get(&MessageSystemAttributeName::ApproximateReceiveCount))
                .and_then(|count| count.parse().ok())
                .unwrap_or(1),
            body: message.body.unwrap_or_default(),
            receipt_handle: message.receipt_handle.unwrap_or_default(),
        });
        Ok(letters.collect())
    }

    /// Sends a message.
    pub(crate) async fn send(&self, body: &impl serde::Serialize) -> Result<(), Failure> {
        let body = serde_json::to_string(body).expect("messages are plain data");
        self.sqs
            .send_message()
            .queue_url(&self.queue_url)
            .message_body(body)
            .send()
            .await
            .map_err(Failure::aws("SendMessage"))?;
        Ok(())
    }

    /// The message is done with.
    ///
    /// # Errors
    /// When SQS refuses or can't be reached; the message then comes again.
    pub async fn delete(&self, letter: &Letter) -> Result<(), Failure> {
        self.sqs
            .delete_message()
            .queue_url(&self.queue_url)
            .receipt_handle(&letter.receipt_handle)
            .send()
            .await
            .map_err(Failure::aws("DeleteMessage"))?;
        Ok(())
    }

    /// The message could not be handled: it comes again after a while, longer each time, until
    /// the queue's redrive policy moves it to the dead-letter queue.
    ///
    /// # Errors
    /// When SQS refuses or can't be reached; the message then comes again by itself.
    pub async fn retry_later(&self, letter: &Letter) -> Result<(), Failure> {
        self.sqs
            .change_message_visibility()
            .queue_url(&self.queue_url)
            .receipt_handle(&letter.receipt_handle)
            .visibility_timeout(letter.backoff_s())
            .send()
            .await
            .map_err(Failure::aws("ChangeMessageVisibility"))?;
        Ok(())
    }
}

impl Letter {
    /// The message's body.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }

    /// The body as what the queue carries. A body that is something else is poison: handling it
    /// fails each time until it is in the dead-letter queue.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_str(&self.body)
            .map_err(|error| Failure::bad_request(format!("a message can't be read: {error}")))
    }

    /// 1, 2, 4, ... seconds.
    fn backoff_s(&self) -> i32 {
        1_i32
            .checked_shl(self.receive_count.saturating_sub(1))
            .filter(|&seconds| (1..BACKOFF_S_MAX).contains(&seconds))
            .unwrap_or(BACKOFF_S_MAX)
    }
}

#[cfg(test)]
mod tests {
    use securecart_domain::message::OrderMessage;

    use super::*;

    fn letter(body: &str, receive_count: u32) -> Letter {
        Letter { body: body.to_owned(), receipt_handle: String::new(), receive_count }
    }

    #[test]
    fn a_message_stays_away_longer_each_time_up_to_the_visibility_timeout() {
        let backoff = |receive_count| letter("", receive_count).backoff_s();
        assert_eq!([1, 2, 3, 4, 5].map(backoff), [1, 2, 4, 8, 16]);
        assert_eq!([6, 7, 32, 33, 1_000, u32::MAX].map(backoff), [BACKOFF_S_MAX; 6]);
        assert_eq!(backoff(0), 1, "a count that SQS never gives does no harm");
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_its_reason() {
        let refused = letter(r#"{"kind":"placed"}"#, 1).read::<OrderMessage>();
        let Err(Failure::Refused { status: 400, message, .. }) = refused else {
            panic!("{refused:?}");
        };
        assert!(message.contains("order"), "{message}");
        assert!(letter("", 1).read::<OrderMessage>().is_err());
        assert!(letter("\u{0}\u{fffd}", 1).read::<OrderMessage>().is_err());
    }
}
