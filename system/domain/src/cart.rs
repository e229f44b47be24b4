//! A shopper's cart.

use serde::{Deserialize, Serialize};

use crate::{CartId, CustomerId, Money, ProductId};

/// Different products a cart can hold. An order reserves its lines in one DynamoDB transaction of
/// at most 100 items (behaviour sheet 4.1), one of which is the reservation itself.
pub const MAX_LINES: usize = 50;

/// Pieces of one product a cart can hold.
pub const MAX_QUANTITY: u32 = 20;

/// One product in a cart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartLine {
    /// Which product.
    pub product: ProductId,
    /// How many; at least 1.
    pub quantity: u32,
}

/// What a shopper means to buy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cart {
    /// Its id; one for each session.
    pub id: CartId,
    /// Whose it is.
    pub customer: CustomerId,
    /// What is in it, each product once.
    pub lines: Vec<CartLine>,
}

/// A line with the price it was bought at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PricedLine {
    /// Which product.
    pub product: ProductId,
    /// How many.
    pub quantity: u32,
    /// Price of one.
    pub unit_price: Money,
}

impl PricedLine {
    /// What the whole line costs.
    #[must_use]
    pub fn total(&self) -> Money {
        self.unit_price.times(self.quantity)
    }
}
