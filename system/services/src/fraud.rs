//! The fraud checks, both Lambda functions: one scores an order before it is accepted, a deeper one
//! looks at it again and cancels what it finds, as long as the order has not shipped.
//!
//! A score is a fixed function of the order, so that runs can be repeated: one order in
//! [`SUSPICIOUS_ONE_IN`] is turned away, one in [`DEEP_ONE_IN`] of the others is found out later. The
//! time the scoring takes is the function's modelled one.

use bytes::Bytes;
use securecart_domain::{OrderId, message::Notification, random};
use serde::{Deserialize, Serialize};

use crate::{
    Cancellation, Failure,
    internal::{Score, Transaction},
};

/// One order in this many is suspicious: assumed.
const SUSPICIOUS_ONE_IN: u64 = 500;

/// One order in this many, of those that did not look suspicious, is a hit of the deeper check:
/// assumed.
const DEEP_ONE_IN: u64 = 1_000;

/// The fraud check during checkout.
#[derive(Debug, Clone, Copy, Default)]
pub struct Fraud;

impl Fraud {
    /// Scores the transaction in `event`.
    ///
    /// # Errors
    /// When the event can't be read.
    pub fn handle(&self, event: &[u8]) -> Result<Bytes, Failure> {
        let transaction: Transaction = read(event)?;
        Ok(answer(&Score { suspicious: suspicious(transaction.order) }))
    }
}

/// The deeper fraud check: works off order events from a queue.
#[derive(Debug, Clone)]
pub struct DeepFraud {
    cancellation: Cancellation,
}

/// An SQS event, as far as it matters.
#[derive(Debug, Deserialize)]
struct Batch {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    message_id: String,
    body: String,
}

/// What Lambda is told of a batch: the messages that should come again.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    batch_item_failures: Vec<ItemFailure>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ItemFailure {
    item_identifier: String,
}

impl DeepFraud {
    /// A check that cancels orders with `cancellation`.
    #[must_use]
    pub fn new(cancellation: Cancellation) -> Self {
        Self { cancellation }
    }

    /// Looks at each order of a batch; the answer names the messages that should come again.
    ///
    /// # Errors
    /// When the event can't be read.
    pub async fn handle(&self, event: &[u8]) -> Result<Bytes, Failure> {
        let batch: Batch = read(event)?;
        let mut report = Report::default();
        for record in batch.records {
            if let Err(failure) = self.look_at(&record.body).await {
                log::warn!("an order event comes again: {failure}");
                let failure = ItemFailure { item_identifier: record.message_id };
                report.batch_item_failures.push(failure);
            }
        }
        Ok(answer(&report))
    }

    async fn look_at(&self, body: &str) -> Result<(), Failure> {
        let event: Notification = read(body.as_bytes())?;
        if is_deep_hit(event.detail.order) {
            self.cancellation.cancel(&event.detail).await?;
        }
        Ok(())
    }
}

fn read<'a, T: Deserialize<'a>>(event: &'a [u8]) -> Result<T, Failure> {
    serde_json::from_slice(event)
        .map_err(|error| Failure::bad_request(format!("an event can't be read: {error}")))
}

fn answer(answer: &impl Serialize) -> Bytes {
    Bytes::from(serde_json::to_vec(answer).expect("answers are plain data"))
}

fn suspicious(order: OrderId) -> bool {
    random::mix(order.0 ^ 0x000f_4a0d).is_multiple_of(SUSPICIOUS_ONE_IN)
}

fn is_deep_hit(order: OrderId) -> bool {
    !suspicious(order) && random::mix(order.0 ^ 0xdee9).is_multiple_of(DEEP_ONE_IN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(is_hit: impl Fn(OrderId) -> bool) -> usize {
        (0..100_000_u64).filter(|&number| is_hit(OrderId(random::mix(number)))).count()
    }

    #[test]
    fn about_one_order_in_five_hundred_is_suspicious() {
        let hits = count(suspicious);
        assert!((150..=250).contains(&hits), "{hits}");
    }

    #[test]
    fn about_one_order_in_a_thousand_is_found_out_later_and_none_twice() {
        let hits = count(is_deep_hit);
        assert!((70..=130).contains(&hits), "{hits}");
        assert_eq!(count(|order| suspicious(order) && is_deep_hit(order)), 0);
    }
}
