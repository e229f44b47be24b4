//! Takes batches from the queue, a slot for each, and brings them to the function.
//!
//! One task polls for all the slots: in process a receive takes no time worth sharing.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use bytes::Bytes;
use securecart_behaviour::lambda::{Demand, Invocation};
use tokio::time::{Instant, sleep, timeout};

use super::{
    Mapping, Mode, Slot,
    batch::{self, Message},
    source::MESSAGES_MAX,
};
use crate::{FunctionError, host::Inner, invocation};

/// How long a poll waits (behaviour sheet 5.1, the longest).
const POLL: Duration = Duration::from_secs(20);

/// Wait after a poll that failed: the queue is gone.
const POLL_PAUSE: Duration = Duration::from_secs(1);

/// How often a mapping whose slots are all in use looks whether it may have more, by the shop's
/// clock and at the least in wall time.
const GROW_EVERY: Duration = Duration::from_secs(1);
const GROW_WALL_MIN: Duration = Duration::from_millis(20);

/// First and longest wait of a batch whose function is throttled; it doubles. AWS only says that
/// Lambda backs off.
const THROTTLE_WAIT: Duration = Duration::from_secs(1);
const THROTTLE_WAIT_MAX: Duration = Duration::from_secs(30);

/// Starts the mapping's poller. It ends when the mapping is gone.
pub(crate) fn start(inner: &Arc<Inner>, mapping: &Arc<Mapping>) {
    let (inner, mapping) = (Arc::clone(inner), Arc::clone(mapping));
    tokio::spawn(async move { poll(&inner, &mapping).await });
}

async fn poll(inner: &Arc<Inner>, mapping: &Arc<Mapping>) {
    let mut mode = mapping.mode.subscribe();
    loop {
        let Ok(now) = mode.wait_for(|mode| *mode != Mode::Disabled).await.map(|mode| *mode) else {
            return;
        };
        if now == Mode::Gone {
            return;
        }
        tokio::select! {
            biased;
            _ = mode.wait_for(|mode| *mode != Mode::Enabled) => continue,
            () = slot(inner, mapping) => {}
        }
        // A receive that is dropped holds no message.
        let first = tokio::select! {
            biased;
            _ = mode.wait_for(|mode| *mode != Mode::Enabled) => continue,
            first = receive(mapping, POLL) => first,
        };
        if first.is_empty() {
            mapping.step(Demand::Empty, inner.now().scenario);
            continue;
        }
        let slot = Slot::take(mapping);
        let received = Instant::now();
        let messages = gather(mapping, first).await;
        mapping.step(Demand::Steady, inner.now().scenario);
        let inner = Arc::clone(inner);
        tokio::spawn(async move { work(&inner, slot, messages, received).await });
    }
}

/// Waits for a free slot; more of them come while the queue has more than they take.
async fn slot(inner: &Arc<Inner>, mapping: &Arc<Mapping>) {
    while !mapping.has_slot() {
        let tick = inner.wall(GROW_EVERY).max(GROW_WALL_MIN);
        // Either a slot is free, or it is time to look.
        let _ = timeout(tick, mapping.freed.notified()).await;
        let visible = mapping.source.depth().await.map_or(0, |depth| depth.visible);
        let demand = if visible > 0 { Demand::Backlog } else { Demand::Steady };
        mapping.step(demand, inner.now().scenario);
    }
}

async fn receive(mapping: &Mapping, wait: Duration) -> Vec<Message> {
    let most = mapping.settings().batch_size as usize;
    match mapping.source.receive(most, wait).await {
        Ok(messages) => messages,
        Err(_) => {
            sleep(POLL_PAUSE).await;
            Vec::new()
        }
    }
}

/// More messages for a batch, until it is full or its window is over.
async fn gather(mapping: &Mapping, mut messages: Vec<Message>) -> Vec<Message> {
    let settings = mapping.settings();
    let (size, until) = (settings.batch_size as usize, Instant::now() + settings.window);
    while messages.len() < size && mapping.mode() == Mode::Enabled {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        let most = (size - messages.len()).min(MESSAGES_MAX);
        let more = timeout(left, mapping.source.receive(most, POLL)).await;
        match more {
            Ok(Ok(more)) => messages.extend(more),
            Ok(Err(_)) | Err(_) => break,
        }
    }
    messages
}

/// Brings a batch to the function, and deletes what it has done with. What is left comes again
/// after its visibility timeout.
async fn work(inner: &Arc<Inner>, slot: Slot, messages: Vec<Message>, received: Instant) {
    let mapping = &slot.0;
    let is_report = mapping.settings().reports_item_failures;
    for part in batch::parts(messages) {
        let event = batch::event(&part, &mapping.source.arn);
        let done = match call(inner, mapping, event, received).await {
            Some(Ok(answer)) => batch::done(&part, &answer, is_report),
            Some(Err(_)) | None => Vec::new(),
        };
        if done.len() < part.len() {
            mapping.is_failing.store(true, Ordering::Relaxed);
            mapping.returned.add((part.len() - done.len()) as u64);
        }
        mapping.deleted.add(done.len() as u64);
        mapping.source.delete(done.into_iter()).await;
    }
}

/// Calls the function. Where it is throttled it is tried again, until the messages are visible to
/// others again, or the mapping is switched off.
async fn call(
    inner: &Arc<Inner>,
    mapping: &Mapping,
    event: Bytes,
    received: Instant,
) -> Option<Result<Bytes, FunctionError>> {
    let mut wait = THROTTLE_WAIT;
    loop {
        let run = invocation::run(inner, &mapping.function, event.clone(), Invocation::Synchronous);
        match run.await {
            Ok(outcome) => return Some(outcome),
            Err(_throttle) => {
                mapping.is_failing.store(true, Ordering::Relaxed);
                let visibility = mapping.source.depth().await.ok()?.visibility;
                if received.elapsed() + wait >= visibility || mapping.mode() != Mode::Enabled {
                    return None;
                }
                sleep(wait).await;
                wait = (2 * wait).min(THROTTLE_WAIT_MAX);
            }
        }
    }
}
