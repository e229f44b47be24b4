//! SecureCart's services: what each does with a request or a message.
//!
//! ```text
//! gateway ─▶ catalog
//!         ─▶ cart ─▶ catalog
//!         ─▶ checkout ─▶ cart, (fraud), payment ─▶ [orders queue]
//!         ─▶ orders
//! [orders queue] ─▶ fulfilment ─▶ [inventory queue] ─▶ inventory ─▶ (bus) ─▶ [orders queue]
//!                   fulfilment ─▶ payment, (bus) ─▶ (topic) ─▶ [notification queues] ─▶ notifications
//! (bus) ─▶ [order events queue] ─▶ (deep fraud) ─▶ payment, [inventory queue], (bus)
//! ```
//!
//! Invariants: a service reaches AWS, the database and the cache only through the clients it was
//! handed and other services only through a [`Peer`] or a [`Function`]; every step of an order can be repeated without effect, because queues
//! deliver at least once; no service knows the backend, the fleet or the gateway around it.
//!
//! Deliberately absent: how many tasks a service has and how long its computing takes (that is the
//! fleet of `live`), and SQL (that is `database`'s).
#![forbid(unsafe_code)]

mod cancellation;
mod cart;
mod catalog;
mod checkout;
mod failure;
mod fraud;
mod fulfilment;
mod function;
mod internal;
mod inventory;
mod item;
mod mailbox;
mod notifications;
mod observer;
mod orders;
mod payment;
mod peer;
mod publisher;
mod reply;

pub use cancellation::Cancellation;
pub use cart::Carts;
pub use catalog::Catalog;
pub use checkout::Checkout;
pub use failure::Failure;
pub use fraud::{DeepFraud, Fraud};
pub use fulfilment::Fulfilment;
pub use function::Function;
pub use inventory::Inventory;
pub use mailbox::{Letter, Mailbox};
pub use notifications::{Notifications, Provider};
pub use observer::Observer;
pub use orders::Orders;
pub use payment::Payment;
pub use peer::{Peer, PeerFuture};
pub use publisher::Publisher;

/// What a service answers.
pub type Response = http::Response<bytes::Bytes>;

/// What a service is asked.
pub type Request = http::Request<bytes::Bytes>;
