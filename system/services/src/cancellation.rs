//! Stopping an order before it ships, and undoing what was done for it.
//!
//! ```text
//! paid | reserved ─▶ cancelled ─▶ void or refund, release the stock, OrderCancelled on the bus
//! ```
//!
//! The order's state decides the race against fulfilment: whoever moves it first wins. Fulfilment may
//! capture the payment while the order is cancelled; it finds that out when it wants to ship, and
//! reverses the payment again. Every step can be repeated without effect.

use http::Method;
use securecart_clock::Clock;
use securecart_domain::{
    OrderState, Timestamp,
    event::{EventDetail, EventKind},
    message::InventoryMessage,
};

use crate::{
    Failure, Mailbox, Peer, Publisher,
    internal::Transaction,
    orders::{Advanced, Ledger},
};

/// Cancels orders.
#[derive(Debug, Clone)]
pub struct Cancellation {
    orders: Ledger,
    inventory: Mailbox,
    payment: Peer,
    publisher: Publisher,
    clock: Clock,
}

impl Cancellation {
    /// Cancels `orders`, and has stock released through the `inventory` queue.
    #[must_use]
    pub fn new(
        orders: securecart_database::Orders,
        inventory: Mailbox,
        payment: Peer,
        publisher: Publisher,
        clock: Clock,
    ) -> Self {
        Self { orders: Ledger::new(orders), inventory, payment, publisher, clock }
    }

    /// Cancels an order, unless it has shipped or ended: then it stays what it is. One that is
    /// cancelled already is undone again, because the first time may have stopped halfway.
    pub(crate) async fn cancel(&self, detail: &EventDetail) -> Result<(), Failure> {
        if !self.stop(detail).await? {
            return Ok(());
        }
        reverse(&self.payment, detail).await?;
        self.inventory.send(&InventoryMessage::Release { order: detail.order }).await?;
        self.publisher.publish(&[EventKind::OrderCancelled], detail).await
    }

    /// Whether the order is cancelled now.
    async fn stop(&self, detail: &EventDetail) -> Result<bool, Failure> {
        use OrderState::{Cancelled, Paid, Reserved};
        let now = Timestamp(self.clock.now_ms());
        let mut from = Paid;
        loop {
            match self.orders.advance(detail.order, from, Cancelled, now).await? {
                Advanced::Now | Advanced::Already(Cancelled) => return Ok(true),
                // Fulfilment was faster by one step.
                Advanced::Already(Reserved) if from == Paid => from = Reserved,
                Advanced::Already(_) => return Ok(false),
            }
        }
    }
}

/// Gives the money of a cancelled order back, or lets it go where none was taken.
pub(crate) async fn reverse(payment: &Peer, detail: &EventDetail) -> Result<(), Failure> {
    payment.tell(Method::POST, "/reversals", &transaction(detail)).await
}

pub(crate) fn transaction(detail: &EventDetail) -> Transaction {
    Transaction { order: detail.order, customer: detail.customer, amount: detail.total }
}
