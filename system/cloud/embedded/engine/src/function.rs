//! What topics and rules can reach: the engine's queues, and functions written in Rust.

use std::{
    collections::HashMap,
    fmt,
    future::{Future, ready},
    pin::Pin,
    sync::Arc,
};

use parking_lot::RwLock;
use securecart_embedded_sqs::Sqs;
use securecart_embedded_wire::{
    Arn, FunctionInvocation, QueueDelivery, TargetError, TargetFuture, Targets,
};

/// What a function's call comes to; an error is its message.
pub type FunctionFuture = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

/// A function: takes the event as JSON.
pub type Function = Arc<dyn Fn(String) -> FunctionFuture + Send + Sync>;

/// The engine's [`Targets`].
pub(crate) struct Hub {
    sqs: Arc<Sqs>,
    functions: RwLock<HashMap<String, Function>>,
}

impl Hub {
    pub(crate) fn new(sqs: Arc<Sqs>) -> Self {
        Self { sqs, functions: RwLock::default() }
    }

    pub(crate) fn register(&self, name: &str, function: Function) {
        self.functions.write().insert(name.to_owned(), function);
    }

    fn find(&self, arn: &str) -> Option<Function> {
        let arn: Arn = arn.parse().ok()?;
        let name = arn.resource.strip_prefix("function:")?;
        self.functions.read().get(name).cloned()
    }
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hub({} functions)", self.functions.read().len())
    }
}

impl Targets for Hub {
    fn deliver<'a>(&'a self, delivery: &'a QueueDelivery) -> TargetFuture<'a> {
        Box::pin(ready(self.sqs.deliver(delivery)))
    }

    fn invoke<'a>(&'a self, invocation: &'a FunctionInvocation) -> TargetFuture<'a> {
        Box::pin(async move {
            let Some(function) = self.find(&invocation.function_arn) else {
                return Err(TargetError::Permanent(format!(
                    "function not found: {}",
                    invocation.function_arn
                )));
            };
            function(invocation.payload.clone()).await.map_err(TargetError::Transient)
        })
    }
}
