//! `DeleteMessage`, `ChangeMessageVisibility` and their batches.

use securecart_embedded_wire::AwsError;

use super::{EMPTY, batch};
use crate::{
    error,
    queue::{Handle, State},
    request::{Batch, WithReceipt},
    service::Inner,
    settings::MAX_VISIBILITY_SECONDS,
    text::{parse, required},
};

pub(crate) fn delete_message(inner: &Inner, body: &[u8]) -> Result<Vec<u8>, AwsError> {
    one(inner, body, delete)
}

pub(crate) fn delete_message_batch(inner: &Inner, body: &[u8]) -> Result<Vec<u8>, AwsError> {
    many(inner, body, "DeleteMessageBatchRequestEntry", delete)
}

pub(crate) fn change_visibility(inner: &Inner, body: &[u8]) -> Result<Vec<u8>, AwsError> {
    one(inner, body, change)
}

pub(crate) fn change_visibility_batch(inner: &Inner, body: &[u8]) -> Result<Vec<u8>, AwsError> {
    many(inner, body, "ChangeMessageVisibilityBatchRequestEntry", change)
}

/// What is done with one receipt handle.
type Act = fn(&mut State, &WithReceipt<'_>, u64) -> Result<(), AwsError>;

fn one(inner: &Inner, body: &[u8], act: Act) -> Result<Vec<u8>, AwsError> {
    let request: WithReceipt<'_> = parse(body)?;
    let queue = inner.queue(request.queue_url.as_ref())?;
    let now_ms = inner.now_ms();
    queue.access(now_ms, |state| act(state, &request, now_ms))??;
    Ok(EMPTY.to_vec())
}

fn many(inner: &Inner, body: &[u8], kind: &str, act: Act) -> Result<Vec<u8>, AwsError> {
    let request: Batch<'_, WithReceipt<'_>> = parse(body)?;
    let queue = inner.queue(request.queue_url.as_ref())?;
    batch::check(kind, request.entries.iter().map(|entry| entry.id.as_ref()))?;
    let now_ms = inner.now_ms();
    let results = queue.access(now_ms, |state| {
        let mut results = batch::Results::default();
        for entry in &request.entries {
            let id = entry.id.as_deref().unwrap_or_default();
            results.push(id, act(state, entry, now_ms), |_, ()| {});
        }
        results
    })?;
    Ok(results.finish())
}

fn delete(state: &mut State, entry: &WithReceipt<'_>, _now_ms: u64) -> Result<(), AwsError> {
    state.delete(handle(entry)?)
}

fn change(state: &mut State, entry: &WithReceipt<'_>, now_ms: u64) -> Result<(), AwsError> {
    let handle = handle(entry)?;
    let seconds = required(entry.visibility_timeout, "VisibilityTimeout")?;
    let valid = u64::try_from(seconds).ok().filter(|valid| *valid <= MAX_VISIBILITY_SECONDS);
    let valid = valid.ok_or_else(|| {
        error::invalid_value(
            seconds,
            "VisibilityTimeout",
            "Must be between 0 and 43200, if provided.",
        )
    })?;
    state.change_visibility(handle, valid, now_ms)
}

fn handle<'a>(entry: &'a WithReceipt<'_>) -> Result<Handle<'a>, AwsError> {
    Handle::parse(required(entry.receipt_handle.as_deref(), "ReceiptHandle")?)
}
