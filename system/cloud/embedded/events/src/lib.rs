//! Amazon SNS and Amazon EventBridge, in process.
//!
//! ```text
//! PutEvents ─▶ EventBridge ─ pattern ─▶ rule ─▶ input ─┬──────────────▶ delivery ─▶ Targets
//!                                                      └▶ Sns ─ filter ─▶ delivery ─▶ Targets
//! Publish ────────────────────────────────────────────────┘                  └ retries, dead letters
//! ```
//!
//! Both services share one matcher (`pattern`) and one way to deliver (`delivery`).
//!
//! Invariants: a pattern is compiled when it is set, never when a message comes; a healthy target
//! has its message when the call answers, unless a delay was set for deliveries from EventBridge;
//! each delivery ends as delivered, failed or dead-lettered, and the metrics say which; what waits
//! is bounded, and counted as pending; the same seed gives the same ids and the same jitter.
//!
//! Deliberately absent: latency and throttling (that is `behaviour`), permissions, and every
//! operation that is not listed in `Sns::call` and `EventBridge::call`: they answer
//! `UnknownOperationException`.
#![forbid(unsafe_code)]

mod delivery;
mod eventbridge;
#[cfg(test)]
mod fake;
mod metrics;
mod page;
mod pattern;
mod sns;
mod time;

pub use eventbridge::{EVENTBRIDGE_PROTOCOL, EventBridge, EventDelay};
pub use metrics::{DeliveryMetrics, RuleMetrics, TopicMetrics};
pub use sns::{SNS_PROTOCOL, Sns};
