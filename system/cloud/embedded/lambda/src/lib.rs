//! AWS Lambda, in process: functions written in Rust, with Lambda's concurrency, cold starts,
//! retries and event source mappings.
//!
//! ```text
//! Invoke ──────────────────▶ Host ─▶ behaviour::lambda: warm, cold or throttled ─▶ handler
//! rules, topics, Event ─▶ queue of events ─▶ Host      (retries, dead-letter queue)
//! SQS ─▶ event source mapping ─▶ batches ─▶ Host       (deletes what was done)
//! ```
//!
//! Two clocks: what a request takes (cold starts, timeouts, retries) is wall time, the scale-up
//! budget, idle environments and the growth of mappings follow the shop's clock, which runs as fast
//! as [`Lambda::set_speed`] says.
//!
//! Invariants: an invocation goes on when its caller leaves, as on AWS; every environment is given
//! back, whatever its handler does; a message is deleted only after the function has done with it.
//!
//! Deliberately absent: creating functions by API (they are Rust, see [`Lambda::register`]),
//! versions and aliases, `LogResult`, destinations, filters of mappings, and event sources other
//! than SQS.
#![forbid(unsafe_code)]

mod asynchronous;
mod error;
mod function;
mod host;
mod invocation;
mod mapping;
mod metrics;
mod operations;
mod path;

pub use function::{FunctionConfig, FunctionError, Handler, HandlerFuture};
pub use host::Lambda;
pub use mapping::{RemoteAnswer, RemoteSqs};
pub use metrics::{FunctionMetrics, MappingMetrics};
pub use operations::{PROTOCOL, RestCall};
