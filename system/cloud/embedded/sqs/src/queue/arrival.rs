//! Messages coming in: sent, dead-lettered from another queue, or moved by a task.

use std::sync::Arc;

use securecart_embedded_wire::AwsError;

use super::{Accepted, Content, DeduplicationKey, Duplicates, Entry, Key, Message, Place, State};
use crate::{attributes, error};

/// Where sequence numbers start, so that they have the service's 20 digits.
const SEQUENCE_BASE: u64 = 18_000_000_000_000_000_000;
/// How far apart they are, as in the service.
const SEQUENCE_STEP: u64 = 256;

/// A message on its way in, valid by itself; the queue's own rules are checked on arrival.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) id: Arc<str>,
    pub(crate) content: Arc<Content>,
    pub(crate) delay_seconds: Option<u64>,
    /// SHA-256 of the body: the deduplication id on queues that deduplicate by content.
    pub(crate) content_id: Option<Box<str>>,
}

/// What became of a message that was sent.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) id: Arc<str>,
    /// On FIFO queues.
    pub(crate) sequence_number: Option<u64>,
}

/// The number the service shows for the n-th message of a FIFO queue.
pub(crate) const fn sequence_number(sequence: u64) -> u64 {
    SEQUENCE_BASE.saturating_add(sequence.saturating_mul(SEQUENCE_STEP))
}

impl State {
    /// Accepts a message.
    pub(crate) fn send(&mut self, outgoing: Outgoing, now_ms: u64) -> Result<Sent, AwsError> {
        self.check_size(&outgoing.content)?;
        if self.settings.fifo {
            return self.send_fifo(outgoing, now_ms);
        }
        if let Some(id) = &outgoing.content.deduplication_id {
            return Err(error::invalid_value(
                id,
                "MessageDeduplicationId",
                "The request includes a parameter that is not valid for this queue type.",
            ));
        }
        let delay_seconds = outgoing.delay_seconds.unwrap_or(self.settings.delay_seconds);
        if self.duplicates.as_ref().is_some_and(Duplicates::draw) {
            let copy = Message::new(outgoing.id.clone(), outgoing.content.clone(), now_ms);
            self.totals.duplicated += 1;
            self.enter(copy, delay_seconds, now_ms);
        }
        let message = Message::new(outgoing.id.clone(), outgoing.content, now_ms);
        self.totals.sent += 1;
        self.enter(message, delay_seconds, now_ms);
        Ok(Sent { id: outgoing.id, sequence_number: None })
    }

    fn check_size(&self, content: &Content) -> Result<(), AwsError> {
        let limit = self.settings.maximum_message_bytes;
        let size = content.body.len() + attributes::size_bytes(&content.attributes);
        if size as u64 > limit {
            return Err(error::invalid(format!(
                "One or more parameters are invalid. Reason: Message must be shorter than {limit} \
                 bytes."
            )));
        }
        Ok(())
    }

    fn send_fifo(&mut self, outgoing: Outgoing, now_ms: u64) -> Result<Sent, AwsError> {
        if let Some(delay_seconds) = outgoing.delay_seconds.filter(|seconds| *seconds > 0) {
            return Err(error::invalid_value(
                delay_seconds,
                "DelaySeconds",
                "The request include parameter that is not valid for this queue type.",
            ));
        }
        let Some(group) = outgoing.content.group.clone() else {
            return Err(error::missing("MessageGroupId"));
        };
        let content = self.with_deduplication_id(outgoing.content, outgoing.content_id)?;
        let key = DeduplicationKey {
            group: self.settings.deduplicate_by_group.then_some(group),
            id: content.deduplication_id.clone().unwrap_or_default(),
        };
        if let Some(accepted) = self.deduplication.get(&key) {
            return Ok(Sent {
                id: accepted.id.clone(),
                sequence_number: Some(sequence_number(accepted.sequence)),
            });
        }
        let message = Message::new(outgoing.id.clone(), content, now_ms);
        self.totals.sent += 1;
        let sequence = self.enter(message, self.settings.delay_seconds, now_ms);
        self.deduplication.insert(now_ms, key, Accepted { id: outgoing.id.clone(), sequence });
        Ok(Sent { id: outgoing.id, sequence_number: Some(sequence_number(sequence)) })
    }

    /// `content` with its deduplication id, explicit or made from the body.
    fn with_deduplication_id(
        &self,
        content: Arc<Content>,
        content_id: Option<Box<str>>,
    ) -> Result<Arc<Content>, AwsError> {
        if content.deduplication_id.is_some() {
            return Ok(content);
        }
        let (true, Some(id)) = (self.settings.content_based_deduplication, content_id) else {
            return Err(error::invalid(
                "The queue should either have ContentBasedDeduplication enabled or \
                 MessageDeduplicationId provided explicitly",
            ));
        };
        let mut content = Arc::try_unwrap(content).expect("content is not shared before arrival");
        content.deduplication_id = Some(id);
        Ok(Arc::new(content))
    }

    /// Takes a message that was received too often in the queue `source`. On a standard queue it
    /// keeps the time it was sent; on a FIFO queue retention starts anew.
    pub(crate) fn adopt(&mut self, mut message: Message, source: Arc<str>, now_ms: u64) {
        if self.settings.fifo {
            message.sent_ms = now_ms;
        }
        message.dead_letter_source = Some(source);
        message.receives_here = 0;
        self.enter(message, 0, now_ms);
    }

    /// Takes a message that a task moved here: a new message, except for its content.
    pub(crate) fn take_moved(&mut self, id: Arc<str>, content: Arc<Content>, now_ms: u64) {
        self.totals.sent += 1;
        self.enter(Message::new(id, content, now_ms), self.settings.delay_seconds, now_ms);
    }

    /// Puts a message in its place and returns its sequence.
    fn enter(&mut self, mut message: Message, delay_seconds: u64, now_ms: u64) -> u64 {
        self.last_sequence += 1;
        let sequence = self.last_sequence;
        message.sequence = sequence;
        message.entered_ms = now_ms;
        message.place = if delay_seconds == 0 { Place::Visible } else { Place::Delayed };
        let sent_ms = message.sent_ms;
        let key = self.slots.insert(Box::new(message));
        self.by_sent.push(Entry { at_ms: sent_ms, stamp: 0, key });
        self.arrivals.push_back((now_ms, key));
        if delay_seconds == 0 {
            self.show(key);
        } else {
            self.hide_until(key, now_ms + delay_seconds * 1_000);
        }
        sequence
    }

    fn hide_until(&mut self, key: Key, at_ms: u64) {
        self.delayed += 1;
        self.schedule(key, at_ms);
    }
}
