//! What the audit is told: the state that a run left behind, read by whoever ran it.

use std::collections::BTreeMap;

use securecart_domain::{
    CustomerId, Money, OrderId, OrderState, ProductId,
    event::{Channel, EventKind},
};

/// Pieces by product.
pub type Lines = BTreeMap<ProductId, u64>;

/// Everything the audit looks at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Orders that shoppers were told are accepted.
    pub accepted: Vec<OrderId>,
    /// Orders whose checkout never got an answer: they may be there, or not.
    pub unresolved: Vec<OrderId>,
    /// Every order that was written down.
    pub orders: Vec<OrderFact>,
    /// Every entry of the payment ledger.
    pub payments: Vec<PaymentFact>,
    /// Every reservation.
    pub reservations: Vec<ReservationFact>,
    /// The stock of every product.
    pub stock: Vec<StockFact>,
    /// Every notification that was sent.
    pub notifications: Vec<NotificationFact>,
    /// Orders that messages still in a queue are about.
    pub queued: Vec<OrderId>,
    /// Orders that messages in a dead-letter queue are about.
    pub dead_lettered: Vec<OrderId>,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderFact {
    /// Which.
    pub order: OrderId,
    /// Whose.
    pub customer: CustomerId,
    /// Where in its life.
    pub state: OrderState,
    /// What it costs.
    pub total: Money,
    /// What was bought.
    pub lines: Lines,
    /// When it was placed, ms since the Unix epoch.
    pub placed_at_ms: u64,
}

/// What was done with money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PaymentAct {
    /// Set aside on the shopper's card.
    Authorised,
    /// Taken.
    Captured,
    /// No longer set aside.
    Voided,
    /// Given back.
    Refunded,
}

/// An entry of the payment ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaymentFact {
    /// For which order.
    pub order: OrderId,
    /// What was done.
    pub act: PaymentAct,
    /// How much.
    pub amount: Money,
}

/// A reservation of stock, or its rejection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReservationFact {
    /// For which order.
    pub order: OrderId,
    /// Whether the stock was set aside.
    pub reserved: bool,
    /// What was asked for.
    pub lines: Lines,
}

/// The stock of a product. Less than none is possible in a broken shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StockFact {
    /// Which product.
    pub product: ProductId,
    /// Pieces at the start.
    pub start: i64,
    /// Pieces at the end.
    pub left: i64,
}

/// A notification that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotificationFact {
    /// About which order.
    pub order: OrderId,
    /// Of what.
    pub kind: EventKind,
    /// By which channel.
    pub channel: Channel,
    /// How often.
    pub sent: u64,
}
