//! Lambda's own queue of events: asynchronous calls, their retries, and where they end.

use std::sync::{Arc, Weak};

use bytes::Bytes;
use securecart_behaviour::lambda::{AsyncEvent, Attempt, Discarded, Invocation, Next};
use securecart_embedded_wire::QueueDelivery;
use tokio::time::sleep;

use crate::{FunctionError, function::Function, host::Inner, invocation};

/// Longest message of an error in a dead letter, bytes (Lambda guide, "Adding a dead-letter queue").
const ERROR_BYTES_MAX: usize = 1_024;

/// Takes an event. It ends with the service.
pub(crate) fn accept(inner: &Arc<Inner>, function: Arc<Function>, payload: Bytes) {
    let event = AsyncEvent::new(function.config.asynchronous, inner.now().wall);
    function.counts.pending.add(1);
    let weak = Arc::downgrade(inner);
    tokio::spawn(async move {
        see_through(&weak, &function, payload, event).await;
        function.counts.pending.take(1);
    });
}

async fn see_through(
    inner: &Weak<Inner>,
    function: &Arc<Function>,
    payload: Bytes,
    mut event: AsyncEvent,
) {
    loop {
        let Some(inner) = inner.upgrade() else { return };
        let call =
            invocation::run(&inner, function, payload.clone(), Invocation::Asynchronous).await;
        let (attempt, error) = match call {
            Ok(Ok(_)) => (Attempt::Succeeded, None),
            Ok(Err(error)) => (Attempt::Failed, Some(error)),
            Err(_) => (Attempt::Throttled, None),
        };
        match event.after(attempt, inner.now().wall) {
            Next::Done => return,
            Next::Retry(wait) => {
                drop(inner);
                sleep(wait).await;
            }
            Next::Discard(why) => {
                function.counts.discarded.add(1);
                bury(&inner, function, &payload, why, error.as_ref());
                return;
            }
        }
    }
}

/// Puts an event into the function's dead-letter queue, where it has one.
fn bury(
    inner: &Inner,
    function: &Function,
    payload: &Bytes,
    why: Discarded,
    error: Option<&FunctionError>,
) {
    let Some(queue_arn) = &function.config.dead_letter_queue else { return };
    let (code, message) = match error {
        Some(error) => ("200", error.message.as_str()),
        None => ("429", why.condition()),
    };
    let message = message.chars().take(ERROR_BYTES_MAX / 4).collect();
    let text = |name: &str, kind: &str, value: String| (name.to_owned(), kind.to_owned(), value);
    let delivery = QueueDelivery {
        queue_arn: queue_arn.clone(),
        body: String::from_utf8_lossy(payload).into_owned(),
        attributes: vec![
            text("RequestID", "String", inner.ids.uuid()),
            text("ErrorCode", "Number", code.to_owned()),
            text("ErrorMessage", "String", message),
        ],
        message_group_id: None,
        message_deduplication_id: None,
    };
    // A dead-letter queue that is gone takes nothing: the event is dropped, as on AWS.
    let _ = inner.sqs.deliver(&delivery);
}
