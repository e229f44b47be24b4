//! The inventory service: sets stock aside, says on the bus what came of it, and puts it back.
//!
//! A reservation is one DynamoDB transaction: the reservation's own item, which must not exist,
//! and a decrement of each line's stock, which must suffice. All or nothing, once for an order. A
//! release undoes it, once; one that comes before its reservation makes sure that there is none.

mod warehouse;

use securecart_clock::Clock;
use securecart_domain::{event::EventKind, message::InventoryMessage};

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
        let order = match letter.read()? {
            InventoryMessage::Reserve { order } => order,
            InventoryMessage::Release { order } => return self.warehouse.release(order).await,
        };
        let kind = match self.warehouse.reserve(&order).await? {
            Outcome::Reserved => EventKind::StockReserved,
            Outcome::Rejected => EventKind::StockRejected,
            // Nobody waits for the stock of an order that is cancelled.
            Outcome::Released => return Ok(()),
        };
        self.publisher.publish(&[kind], &publisher::detail(&order)).await
    }
}
