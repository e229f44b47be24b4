//! Amazon SQS, in process: standard and FIFO queues with everything their messages go through.
//!
//! ```text
//! call ─▶ operations (parse, validate) ─▶ registry ─▶ queue (one lock each) ─▶ JSON
//! ```
//!
//! Invariants: an operation costs constant or logarithmic time in what a queue holds (purging
//! aside); there is no lock over all queues but the map of their names; no message is lost to a
//! dropped call; time is the [`Clock`](securecart_clock::Clock)'s and tokio's, so paused time works.
//!
//! Deliberately absent: HTTP and signatures (that is `engine`); throttling of FIFO queues and delays
//! of propagation (that is `behaviour`, laid over this); doubled deliveries, unless a caller asks for
//! them; permissions (`AddPermission`, `RemovePermission`) and the effect of `Policy` and of
//! encryption, which are only stored.
#![forbid(unsafe_code)]

mod attributes;
mod error;
mod moves;
mod operations;
mod queue;
mod receipt;
mod redrive;
mod registry;
mod request;
mod service;
mod settings;
mod text;

pub use service::{PROTOCOL, QueueMetrics, Sqs};
