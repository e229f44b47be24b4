//! What services ask of each other; the gateway has no route to any of it.
//!
//! | service | request | answer |
//! |---|---|---|
//! | catalog | `POST /prices`, product ids | [`Prices`] |
//! | cart | `GET /priced-carts/{cart}` | [`PricedCart`]; 404, 409 `empty-cart` |
//! | cart | `POST /emptied-carts`, [`BoughtCart`] | `null`, also where the cart has changed since |
//! | fraud (function) | [`Transaction`] | [`Score`] |
//! | payment | `POST /authorisations`, [`Transaction`] | `null`; 402 `payment-refused` |
//! | payment | `POST /captures`, `POST /voids`, `POST /reversals`, [`Transaction`] | `null` |

use std::collections::BTreeMap;

use securecart_domain::{CartId, CustomerId, Money, OrderId, ProductId, cart::PricedLine};
use serde::{Deserialize, Serialize};

/// What products cost; those that do not exist are left out.
pub(crate) type Prices = BTreeMap<ProductId, Money>;

/// A cart with what it costs now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PricedCart {
    pub(crate) customer: CustomerId,
    pub(crate) lines: Vec<PricedLine>,
    /// Tells this state of the cart from every later one.
    pub(crate) version: u64,
}

/// A cart as it was when it was bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BoughtCart {
    pub(crate) cart: CartId,
    pub(crate) version: u64,
}

/// Money that is about to move, or to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Transaction {
    pub(crate) order: OrderId,
    pub(crate) customer: CustomerId,
    pub(crate) amount: Money,
}

/// What the fraud check thinks of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Score {
    pub(crate) suspicious: bool,
}
