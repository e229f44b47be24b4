//! The fulfilment service: takes an order from the queue to the parcel.
//!
//! ```text
//! Placed ─▶ OrderPlaced on the bus, ReserveStock to inventory
//! Stock reserved ─▶ reserved ─▶ capture ─▶ shipped ─▶ PaymentCaptured, OrderShipped on the bus
//! Stock rejected ─▶ rejected ─▶ void ─▶ OrderRejected on the bus
//! ```
//!
//! An order may be cancelled at any time before it ships. What cancels it undoes what was done; only
//! a payment that is captured meanwhile is reversed here.
//!
//! Every message may come again: each step looks at the order's state first, and a step that was
//! done is passed over. Events may be repeated; whoever hears them twice does nothing twice.

use std::sync::Arc;

use http::Method;
use securecart_clock::Clock;
use securecart_domain::{
    Order, OrderState, Timestamp,
    event::{EventDetail, EventKind},
    message::{InventoryMessage, OrderMessage},
};

use crate::{
    Failure, Letter, Mailbox, Observer, Peer, Publisher,
    cancellation::{reverse, transaction},
    orders::{Advanced, Ledger},
    publisher,
};

/// The fulfilment service.
#[derive(Clone)]
pub struct Fulfilment {
    orders: Ledger,
    inventory: Mailbox,
    payment: Peer,
    publisher: Publisher,
    observer: Arc<dyn Observer>,
    clock: Clock,
}

impl Fulfilment {
    /// A service that moves `orders` on, asks for stock through the `inventory` queue
    /// and tells `observer` what ships.
    pub fn new(
        orders: securecart_database::Orders,
        inventory: Mailbox,
        payment: Peer,
        publisher: Publisher,
        observer: Arc<dyn Observer>,
        clock: Clock,
    ) -> Self {
        let orders = Ledger::new(orders);
        Self { orders, inventory, payment, publisher, observer, clock }
    }

    /// Handles a message of the order queue.
    ///
    /// # Errors
    /// When a step could not be done; the message should come again.
    pub async fn handle(&self, letter: &Letter) -> Result<(), Failure> {
        match letter.read()? {
            OrderMessage::Placed { order } => self.placed(order).await,
            OrderMessage::Stock { outcome: EventKind::StockReserved, detail } => {
                self.reserved(&detail).await
            }
            OrderMessage::Stock { outcome: EventKind::StockRejected, detail } => {
                self.rejected(&detail).await
            }
            OrderMessage::Stock { outcome, .. } => Err(Failure::bad_request(format!(
                "`{}` is no outcome of a reservation",
                outcome.detail_type()
            ))),
        }
    }

    async fn placed(&self, order: Order) -> Result<(), Failure> {
        let detail = publisher::detail(&order);
        self.publisher.publish(&[EventKind::OrderPlaced], &detail).await?;
        self.inventory.send(&InventoryMessage::Reserve { order }).await
    }

    async fn reserved(&self, detail: &EventDetail) -> Result<(), Failure> {
        use OrderState::{Cancelled, Delivered, Paid, Reserved, Shipped};
        match self.advance(detail, Paid, Reserved).await? {
            Advanced::Now | Advanced::Already(Reserved | Shipped | Delivered) => {}
            Advanced::Already(Cancelled) => return reverse(&self.payment, detail).await,
            Advanced::Already(state) => return Err(conflict(detail, Reserved, state)),
        }
        self.payment.tell(Method::POST, "/captures", &transaction(detail)).await?;
        let shipped_at = self.now();
        match self.advance_at(detail, Reserved, Shipped, shipped_at).await? {
            Advanced::Now => self.observer.shipped(detail.order, detail.placed_at, shipped_at),
            Advanced::Already(Cancelled) => return reverse(&self.payment, detail).await,
            Advanced::Already(_) => {}
        }
        let events = [EventKind::PaymentCaptured, EventKind::OrderShipped];
        self.publisher.publish(&events, detail).await
    }

    async fn rejected(&self, detail: &EventDetail) -> Result<(), Failure> {
        use OrderState::{Cancelled, Paid, Rejected};
        match self.advance(detail, Paid, Rejected).await? {
            Advanced::Now | Advanced::Already(Rejected) => {}
            // It is undone, and its owner told, by what cancelled it.
            Advanced::Already(Cancelled) => return Ok(()),
            Advanced::Already(state) => return Err(conflict(detail, Rejected, state)),
        }
        self.payment.tell(Method::POST, "/voids", &transaction(detail)).await?;
        self.publisher.publish(&[EventKind::OrderRejected], detail).await
    }

    async fn advance(
        &self,
        detail: &EventDetail,
        from: OrderState,
        to: OrderState,
    ) -> Result<Advanced, Failure> {
        self.advance_at(detail, from, to, self.now()).await
    }

    async fn advance_at(
        &self,
        detail: &EventDetail,
        from: OrderState,
        to: OrderState,
        now: Timestamp,
    ) -> Result<Advanced, Failure> {
        self.orders.advance(detail.order, from, to, now).await
    }

    fn now(&self) -> Timestamp {
        Timestamp(self.clock.now_ms())
    }
}

/// The order is somewhere it can't go on from: the message belongs into the dead-letter queue.
fn conflict(detail: &EventDetail, to: OrderState, state: OrderState) -> Failure {
    Failure::refused(
        409,
        "order-conflict",
        format!("order {} is {} and can't be {}", detail.order, state.as_str(), to.as_str()),
    )
}
