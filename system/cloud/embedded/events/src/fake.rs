//! Targets for tests: they record what they take, and fail as told.

use std::collections::HashMap;

use parking_lot::Mutex;
use securecart_embedded_wire::{
    FunctionInvocation, QueueDelivery, TargetError, TargetFuture, Targets,
};

/// What a target does instead of taking a message.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fault {
    /// Fails so many times, then works.
    Transient(usize),
    /// Always refuses.
    Permanent,
}

#[derive(Debug, Default)]
pub(crate) struct FakeTargets {
    faults: Mutex<HashMap<String, Fault>>,
    deliveries: Mutex<Vec<QueueDelivery>>,
    invocations: Mutex<Vec<FunctionInvocation>>,
}

impl FakeTargets {
    pub(crate) fn set(&self, arn: &str, fault: Fault) {
        self.faults.lock().insert(arn.to_owned(), fault);
    }

    pub(crate) fn heal(&self, arn: &str) {
        self.faults.lock().remove(arn);
    }

    /// What the queue took, oldest first.
    pub(crate) fn queue(&self, arn: &str) -> Vec<QueueDelivery> {
        self.deliveries.lock().iter().filter(|taken| taken.queue_arn == arn).cloned().collect()
    }

    pub(crate) fn bodies(&self, arn: &str) -> Vec<String> {
        self.queue(arn).into_iter().map(|delivery| delivery.body).collect()
    }

    pub(crate) fn payloads(&self, arn: &str) -> Vec<String> {
        let invocations = self.invocations.lock();
        let ours = invocations.iter().filter(|taken| taken.function_arn == arn);
        ours.map(|taken| taken.payload.clone()).collect()
    }

    fn check(&self, arn: &str) -> Result<(), TargetError> {
        match self.faults.lock().get_mut(arn) {
            None | Some(Fault::Transient(0)) => Ok(()),
            Some(Fault::Transient(left)) => {
                *left -= 1;
                Err(TargetError::Transient(format!("{arn} is throttled")))
            }
            Some(Fault::Permanent) => Err(TargetError::Permanent(format!("{arn} does not exist"))),
        }
    }
}

impl Targets for FakeTargets {
    fn deliver<'a>(&'a self, delivery: &'a QueueDelivery) -> TargetFuture<'a> {
        Box::pin(async move {
            self.check(&delivery.queue_arn)?;
            self.deliveries.lock().push(delivery.clone());
            Ok(())
        })
    }

    fn invoke<'a>(&'a self, invocation: &'a FunctionInvocation) -> TargetFuture<'a> {
        Box::pin(async move {
            self.check(&invocation.function_arn)?;
            self.invocations.lock().push(invocation.clone());
            Ok(())
        })
    }
}
