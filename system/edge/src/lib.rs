//! The way in: API Gateway and load balancing, as tower layers and services.
//!
//! ```text
//! shopper ─HTTP─▶ Gateway ─▶ Delay (gateway's own time) ─▶ Deadline (29 s) ─▶ Upstream
//!                                                     Upstream = Delay (hop) ─▶ fleet of tasks
//!                                                     origin = bucket, whose objects stream
//! ```
//!
//! Invariants: a request has exactly one answer, whatever happens behind; modelled times are named
//! as such and come from `behaviour`. Deliberately absent so far: authorisation and usage plans,
//! and every layer before the gateway (DNS, accelerator, CDN).
#![forbid(unsafe_code)]

mod balancer;
mod deadline;
mod delay;
mod gateway;
mod origin;
mod throttle;
mod upstream;

pub use balancer::{Balancer, Target};
pub use deadline::{Deadline, DeadlineLayer};
pub use delay::{Delay, DelayLayer};
pub use gateway::Gateway;
pub use origin::origin;
pub use securecart_loopback::BindError;
pub use throttle::Throttle;
pub use upstream::{Request, Response, Streaming, StreamingUpstream, Upstream, problem};
