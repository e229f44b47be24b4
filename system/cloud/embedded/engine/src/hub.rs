//! What topics and rules can reach: the engine's queues and functions.

use std::{future::ready, sync::Arc};

use securecart_embedded_lambda::Lambda;
use securecart_embedded_sqs::Sqs;
use securecart_embedded_wire::{FunctionInvocation, QueueDelivery, TargetFuture, Targets};

/// The engine's [`Targets`].
#[derive(Debug)]
pub(crate) struct Hub {
    sqs: Arc<Sqs>,
    lambda: Arc<Lambda>,
}

impl Hub {
    pub(crate) fn new(sqs: Arc<Sqs>, lambda: Arc<Lambda>) -> Self {
        Self { sqs, lambda }
    }
}

impl Targets for Hub {
    fn deliver<'a>(&'a self, delivery: &'a QueueDelivery) -> TargetFuture<'a> {
        Box::pin(ready(self.sqs.deliver(delivery)))
    }

    fn invoke<'a>(&'a self, invocation: &'a FunctionInvocation) -> TargetFuture<'a> {
        Box::pin(ready(self.lambda.accept(invocation)))
    }
}
