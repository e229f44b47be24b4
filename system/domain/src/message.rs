//! What SecureCart's queues carry.

use serde::{Deserialize, Serialize};

use crate::{
    Order, OrderId,
    event::{EventDetail, EventKind},
};

/// Body of a message in the inventory queue: set the stock of an order aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReserveStock {
    /// The order; its id makes the reservation happen once.
    pub order: Order,
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

/// Body of a message in a notification queue: the event as the bus handed it to the topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// What happened.
    #[serde(rename = "detail-type")]
    pub kind: EventKind,
    /// To which order.
    pub detail: EventDetail,
}
