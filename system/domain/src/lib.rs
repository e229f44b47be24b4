//! What SecureCart is about: ids, money, the catalogue, carts, orders and their life cycle, the
//! shop's public API, and the messages and events its services exchange.
//!
//! Invariants: no I/O, no clock, no ambient randomness. Time arrives as [`Timestamp`] arguments,
//! randomness as a named stream of the run's seed ([`random::stream`]).
//!
//! Deliberately absent: anything about AWS except the names of SecureCart's own resources
//! ([`resources`]), and anything about how a service does its work.
#![forbid(unsafe_code)]

pub mod api;
pub mod cart;
pub mod catalogue;
pub mod event;
pub mod id;
pub mod message;
pub mod money;
pub mod order;
pub mod picture;
pub mod random;
pub mod resources;
pub mod service;

pub use cart::{Cart, CartLine};
pub use catalogue::{Catalogue, Product};
pub use id::{CartId, CustomerId, OrderId, ParseIdError, ProductId};
pub use money::Money;
pub use order::{Order, OrderState};
pub use service::ServiceName;

/// Milliseconds since the Unix epoch, as the run's clock tells it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// Milliseconds from `earlier` to `self`; 0 when `earlier` is later.
    #[must_use]
    pub fn ms_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}
