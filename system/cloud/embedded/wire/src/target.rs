//! How one service hands something to another: topics and rules deliver to queues and functions.

use std::{future::Future, pin::Pin};

/// What a delivery or an invocation comes to.
pub type TargetFuture<'a> = Pin<Box<dyn Future<Output = Result<(), TargetError>> + Send + 'a>>;

/// A message for a queue.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueDelivery {
    /// ARN of the queue.
    pub queue_arn: String,
    /// The message's body.
    pub body: String,
    /// Its attributes as SQS writes them: name, data type (`String`, `Number`, `Binary`), value.
    /// Binary values are Base64.
    pub attributes: Vec<(String, String, String)>,
    /// `MessageGroupId`, for FIFO queues.
    pub message_group_id: Option<String>,
    /// `MessageDeduplicationId`, for FIFO queues.
    pub message_deduplication_id: Option<String>,
}

/// An asynchronous call of a function.
#[derive(Debug, Clone, PartialEq)]
pub struct FunctionInvocation {
    /// ARN of the function.
    pub function_arn: String,
    /// The event, JSON.
    pub payload: String,
}

/// Why a delivery failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// The target does not exist or refuses the message; trying again won't help.
    #[error("{0}")]
    Permanent(String),
    /// The target can't take it now.
    #[error("{0}")]
    Transient(String),
}

/// Whoever can reach queues and functions. The engine is one; tests bring their own.
pub trait Targets: Send + Sync + 'static {
    /// Puts a message into a queue.
    fn deliver<'a>(&'a self, delivery: &'a QueueDelivery) -> TargetFuture<'a>;

    /// Calls a function without waiting for its result.
    fn invoke<'a>(&'a self, invocation: &'a FunctionInvocation) -> TargetFuture<'a>;
}
