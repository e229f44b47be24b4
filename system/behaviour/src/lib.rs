//! How AWS behaves: pure models with an explicit `now`.
//!
//! Invariants: nothing here reads a clock, sleeps, or draws a random number of its own: time and
//! uniform random numbers go in, durations and decisions come out. Every number names its row of
//! the behaviour sheet, or is called an assumption and listed in [`assumptions`].
//!
//! Deliberately absent so far: CloudFront and Route 53, prices.
#![forbid(unsafe_code)]

pub mod api_gateway;
pub mod assumptions;
pub mod cloudwatch;
pub mod compute;
pub mod dynamodb;
pub mod elasticache;
pub mod event_bridge;
pub mod lambda;
pub mod latency;
mod lognormal;
pub mod rds;
pub mod s3;
pub mod scaling;
pub mod sns;
pub mod sqs;
pub mod step_functions;
mod token_bucket;
pub mod xray;

pub use assumptions::{Assumption, Assumptions};
pub use lognormal::Lognormal;
pub use token_bucket::TokenBucket;
