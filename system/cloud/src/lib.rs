//! The AWS API: SDK clients by role, modelled latency, provisioning, and the backends below.
//!
//! ```text
//! service ─▶ its own SDK clients ─▶ Shaped (modelled network latency, counters) ─▶ backend
//! ```
//!
//! Invariants: a service gets its clients here and nowhere else, each with its own role; it can't
//! tell which backend runs. Whatever is laid over a backend sits below the SDK, so the SDK's own
//! retries live with it.
//!
//! Deliberately absent so far: backends other than the embedded engine, and throttling.
#![forbid(unsafe_code)]

mod clients;
mod error;
mod provision;
mod shaped;

pub use clients::{Clients, Cloud, Role, Shaping};
pub use error::{Error, ErrorKind};
pub use provision::{Resources, Stock, map_order_events, provision};
pub use securecart_embedded::QueueMetrics;
