//! The inventory service: sets stock aside, and says on the bus what came of it.
//!
//! A reservation is one DynamoDB transaction: the reservation's own item, which must not exist,
//! and a decrement of each line's stock, which must suffice. All or nothing, once for an order.

mod warehouse;

use securecart_clock::Clock;
use securecart_domain::{event::EventKind, message::ReserveStock};

use crate::{Failure, Letter, Publisher, publisher};
use warehouse::{Outcome, Warehouse};

/// The inventory service.
#[derive(Debug)]
pub struct Inventory {
    warehouse: Warehouse,
    publisher: Publisher,
}

impl Inventory {
    /// A service that keeps stock with `dynamodb`.
    #[must_use]
    pub fn new(dynamodb: aws_sdk_dynamodb::Client, publisher: Publisher, clock: Clock) -> Self {
        Self { warehouse: Warehouse::new(dynamodb, clock), publisher }
    }

    /// Handles a message of the inventory queue.
    ///
    /// # Errors
    /// When a step could not be done; the message should come again.
    pub async fn handle(&self, letter: &Letter) -> Result<(), Failure> {
        let ReserveStock { order } = letter.read()?;
        let kind = match self.warehouse.reserve(&order).await? {
            Outcome::Reserved => EventKind::StockReserved,
            Outcome::Rejected => EventKind::StockRejected,
        };
        self.publisher.publish(&[kind], &publisher::detail(&order)).await
    }
}
