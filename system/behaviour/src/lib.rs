//! How AWS behaves: pure models with an explicit `now`.
//!
//! Invariants: nothing here reads a clock, sleeps, or draws a random number of its own: time and
//! uniform random numbers go in, durations and decisions come out. Every number names its row of
//! the behaviour sheet, or is called an assumption.
//!
//! Deliberately absent so far: throttles, cold starts, alarms and scaling.
#![forbid(unsafe_code)]

/// AWS Lambda: concurrency, cold starts, retries of asynchronous events, event source mappings.
pub mod lambda;
pub mod latency;
mod lognormal;
mod token_bucket;

pub use lognormal::Lognormal;
pub use token_bucket::TokenBucket;
