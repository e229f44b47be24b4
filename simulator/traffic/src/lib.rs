//! Open-model load: arrivals, journeys, Goose users, measured from intent.
//!
//! ```text
//! Plan ─▶ Arrivals ─▶ Pacer (own thread) ─▶ free Goose user ─▶ Session ─▶ HTTP/1.1 ─▶ the shop
//!                        │ due, dropped          │ late, lag      │ response, service
//!                        └───────────────────────┴────────────────┴──────▶ Recorder ─▶ Interval
//! ```
//!
//! Shoppers do not wait for each other: sessions arrive by a schedule that depends on the plan alone
//! ([`Arrivals`]), and every latency counts from the instant the schedule names. Three figures are
//! kept apart: *response* (intent to last byte), *service* (start of sending to last byte) and *lag*
//! (intent to start of sending, which is the generator's own delay).
//!
//! Invariants: one seed offers the same sessions, byte for byte; an arrival that was due is counted
//! once as started or dropped, and a request that was sent is counted once as answered or failed,
//! also when the run is stopped; nothing grows with the run's length except the accepted orders,
//! which have a limit ([`MAX_ORDERS`]).
//!
//! Deliberately absent: printing, judging the figures, and everything behind the shop's API. Goose
//! is an implementation detail: no type of it leaves this crate.
#![forbid(unsafe_code)]

mod answer;
mod arrivals;
mod attack;
pub mod bench;
mod cause;
mod client;
mod error;
#[cfg(test)]
mod fixture;
mod flock;
mod orders;
mod pacer;
mod recorder;
mod saturation;
mod session;
mod shopper;
mod slices;

pub use arrivals::{Arrival, Arrivals, Digest};
pub use attack::{Handle, Outcome, REQUEST_TIMEOUT, Settings, start};
pub use error::Error;
pub use orders::{AcceptedOrder, MAX_ORDERS, UnresolvedCheckout};
pub use pacer::{LATE_AFTER, WAITING_MAX};
pub use recorder::{Interval, OperationInterval, Recorder};
pub use saturation::{Saturation, saturate};
