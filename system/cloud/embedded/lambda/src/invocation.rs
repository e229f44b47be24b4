//! One invocation: an environment for it, its handler, its end.

use std::sync::Arc;

use bytes::Bytes;
use securecart_behaviour::lambda::{Environment, Invocation, Start, Throttle};
use tokio::time::{sleep, timeout};

use crate::{FunctionError, function::Function, host::Inner};

/// Largest answer of a function, bytes (Lambda quotas: 6 MB, and what the protocol adds).
const ANSWER_BYTES_MAX: usize = 6 * 1024 * 1024 + 100;

/// Runs a function once, in a task of its own: it goes on when its caller leaves.
pub(crate) async fn run(
    inner: &Arc<Inner>,
    function: &Arc<Function>,
    payload: Bytes,
    invocation: Invocation,
) -> Result<Result<Bytes, FunctionError>, Throttle> {
    let (now, uniform) = (inner.now(), inner.uniform());
    let start =
        inner.model(function, |model, account| model.begin(account, invocation, now, uniform));
    let (environment, init, first_call) = match start {
        Start::Throttled(throttle) => return Err(throttle),
        Start::Warm(environment) => (environment, None, None),
        Start::Cold { environment, init, first_call } => {
            (environment, Some(init), Some(first_call))
        }
    };
    let running = Running {
        inner: Arc::clone(inner),
        function: Arc::clone(function),
        environment: Some(environment),
    };
    let task = tokio::spawn(async move {
        if let Some(init) = init {
            sleep(init).await;
        }
        let function = Arc::clone(&running.function);
        let call = async {
            if let Some(first_call) = first_call {
                sleep(first_call).await;
            }
            (function.handler)(payload).await
        };
        let Ok(outcome) = timeout(function.config.timeout, call).await else {
            let request_id = running.inner.ids.uuid();
            drop(running);
            return Err(timed_out(&function, &request_id));
        };
        running.finish();
        outcome
    });
    // A handler that panics takes its environment with it.
    let outcome = task.await.unwrap_or_else(|_| Err(crashed()));
    let outcome = outcome.and_then(fitting);
    if outcome.is_err() {
        function.counts.errors.add(1);
    }
    Ok(outcome)
}

fn fitting(answer: Bytes) -> Result<Bytes, FunctionError> {
    if answer.len() <= ANSWER_BYTES_MAX {
        return Ok(answer);
    }
    let message = format!(
        "Response payload size exceeded maximum allowed payload size ({ANSWER_BYTES_MAX} bytes)."
    );
    Err(FunctionError::new("Function.ResponseSizeTooLarge", message))
}

fn timed_out(function: &Function, request_id: &str) -> FunctionError {
    let seconds = function.config.timeout.as_secs_f64();
    let message =
        format!("RequestId: {request_id} Error: Task timed out after {seconds:.2} seconds");
    FunctionError::new("Sandbox.Timedout", message)
}

fn crashed() -> FunctionError {
    FunctionError::new("Runtime.ExitError", "Error: Runtime exited without providing a reason")
}

/// An environment at work. It is lost unless its request [finishes](Running::finish): when the
/// handler times out, panics, or the runtime ends.
struct Running {
    inner: Arc<Inner>,
    function: Arc<Function>,
    environment: Option<Environment>,
}

impl Running {
    fn finish(mut self) {
        let Some(environment) = self.environment.take() else { return };
        let now = self.inner.now();
        self.inner.model(&self.function, |model, account| model.end(account, now, environment));
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let Some(environment) = self.environment.take() else { return };
        let now = self.inner.now();
        self.inner.model(&self.function, |model, account| model.lose(account, now, environment));
    }
}
