//! The AWS API: SDK clients by role, AWS's modelled times and limits, provisioning, and the backends
//! below.
//!
//! ```text
//! service ─▶ its own SDK clients ─▶ Shaped (modelled times, throttles, faults, counters) ─▶ backend
//! ```
//!
//! Invariants: a service gets its clients here and nowhere else, each with its own role; it can't
//! tell which backend runs. Whatever is laid over a backend sits below the SDK, so the SDK's own
//! retries live with it.
//!
//! The backend is the embedded engine, or an emulator behind a URL (`remote`), which may be a container.
#![forbid(unsafe_code)]

mod clients;
mod cloud;
mod endpoint;
mod error;
mod event_delays;
mod faults;
mod provision;
mod redrive;
mod remote;
mod remove;
mod shaped;
mod storefront;
mod times;

pub use clients::{Clients, Role, Shaping};
pub use cloud::Cloud;
pub use endpoint::{Endpoint, EndpointError};
pub use error::{Error, ErrorKind, innermost};
pub use event_delays::EventDelays;
pub use provision::{Resources, Stock, map_order_events, provision};
pub use redrive::{DeadLetters, MoveStatus, MoveTask, Redrive, dead_letters, redrive};
pub use remove::remove;
pub use securecart_embedded::{
    EventDelay, FunctionConfig, FunctionError, FunctionMetrics, Handler, HandlerFuture,
    QueueMetrics,
};
pub use shaped::{FaultGuard, NoTarget, Service, TableCapacity, TableMetrics, Target};
pub use times::CallTimes;
