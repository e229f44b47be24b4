//! What SecureCart says on its event bus. The variant's name is the event's `detail-type`.

use serde::{Deserialize, Serialize};

use crate::{CustomerId, Money, OrderId, Timestamp};

/// The `source` of every event.
pub const SOURCE: &str = "securecart";

/// What happened to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EventKind {
    /// Fulfilment has taken the order up.
    OrderPlaced,
    /// Inventory has set the stock aside.
    StockReserved,
    /// Inventory does not have the stock.
    StockRejected,
    /// The money is captured.
    PaymentCaptured,
    /// The parcel is on its way.
    OrderShipped,
    /// The order ended without stock or money.
    OrderRejected,
    /// The order was stopped before it shipped.
    OrderCancelled,
}

impl EventKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::OrderPlaced,
        Self::StockReserved,
        Self::StockRejected,
        Self::PaymentCaptured,
        Self::OrderShipped,
        Self::OrderRejected,
        Self::OrderCancelled,
    ];

    /// The event's `detail-type`.
    #[must_use]
    pub const fn detail_type(self) -> &'static str {
        match self {
            Self::OrderPlaced => "OrderPlaced",
            Self::StockReserved => "StockReserved",
            Self::StockRejected => "StockRejected",
            Self::PaymentCaptured => "PaymentCaptured",
            Self::OrderShipped => "OrderShipped",
            Self::OrderRejected => "OrderRejected",
            Self::OrderCancelled => "OrderCancelled",
        }
    }

    /// Whether the shopper is told of it.
    #[must_use]
    pub const fn notifies(self) -> bool {
        matches!(self, Self::OrderShipped | Self::OrderRejected | Self::OrderCancelled)
    }
}

/// How a shopper wants to hear from the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// E-mail.
    Email,
    /// SMS.
    Sms,
}

impl Channel {
    /// The name in messages and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }

    /// The channels of a customer: everyone gets e-mail, one in four also an SMS.
    #[must_use]
    pub fn of(customer: CustomerId) -> &'static [Self] {
        if customer.0.is_multiple_of(4) { &[Self::Email, Self::Sms] } else { &[Self::Email] }
    }
}

/// The `detail` of every event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventDetail {
    /// Which order.
    pub order: OrderId,
    /// Whose it is.
    pub customer: CustomerId,
    /// What it costs.
    pub total: Money,
    /// When checkout accepted it.
    pub placed_at: Timestamp,
    /// How its owner wants to hear of it.
    pub channels: Vec<Channel>,
}
