//! Amazon SNS and Amazon EventBridge, in process.
#![forbid(unsafe_code)]
mod delivery;
#[cfg(test)]
mod fake;
mod metrics;
mod page;
mod pattern;
mod sns;
mod time;

pub use metrics::{DeliveryMetrics, RuleMetrics, TopicMetrics};
pub use sns::{SNS_PROTOCOL, Sns};
