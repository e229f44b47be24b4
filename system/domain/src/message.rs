//! What SecureCart's queues carry.

use serde::{Deserialize, Serialize};

use crate::{
    Order, OrderId,
    event::{EventDetail, EventKind},
};

/// Body of a message in the inventory queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum InventoryMessage {
    /// Set the stock of an order aside.
    Reserve {
        /// The order; its id makes the reservation happen once.
        order: Order,
    },
    /// The order will not ship: put its stock back, or never set it aside.
    Release {
        /// The order.
        order: OrderId,
    },
}

impl InventoryMessage {
    /// The order it is about.
    #[must_use]
    pub const fn order_id(&self) -> OrderId {
        match self {
            Self::Reserve { order } => order.id,
            Self::Release { order } => *order,
        }
    }
}

/// Body of a message in the order queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum OrderMessage {
    /// From checkout: a new order.
    Placed {
        /// The order.
        order: Order,
    },
    /// From inventory, by way of the event bus.
    Stock {
        /// What became of the reservation: reserved or rejected.
        outcome: EventKind,
        /// The event's detail.
        detail: EventDetail,
    },
}

impl OrderMessage {
    /// The order it is about.
    #[must_use]
    pub const fn order_id(&self) -> OrderId {
        match self {
            Self::Placed { order } => order.id,
            Self::Stock { detail, .. } => detail.order,
        }
    }
}

/// Body of a message in a notification queue or in the queue of order events: the event as the bus
/// handed it on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// What happened.
    #[serde(rename = "detail-type")]
    pub kind: EventKind,
    /// To which order.
    pub detail: EventDetail,
}
