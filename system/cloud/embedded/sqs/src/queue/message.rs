//! A message: what was sent, and where it stands.

use std::sync::Arc;

use crate::attributes::Attribute;

/// What was sent. Never changes, so it is shared with whoever writes an answer about it.
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) body: Box<str>,
    pub(crate) body_md5: [u8; 16],
    /// Sorted by name.
    pub(crate) attributes: Vec<Attribute>,
    /// Digest over all of `attributes`, if there are any.
    pub(crate) attributes_md5: Option<[u8; 16]>,
    pub(crate) trace_header: Option<Box<str>>,
    pub(crate) group: Option<Arc<str>>,
    pub(crate) deduplication_id: Option<Box<str>>,
}

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Visible,
    Delayed,
    InFlight,
}

#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) id: Arc<str>,
    pub(crate) content: Arc<Content>,
    pub(crate) sent_ms: u64,
    /// When it entered this queue; differs from `sent_ms` in a dead-letter queue.
    pub(crate) entered_ms: u64,
    /// Order of arrival in this queue.
    pub(crate) sequence: u64,
    pub(crate) place: Place,
    /// Stamp of its entry in the agenda of deadlines, while it is not visible.
    pub(crate) stamp: u64,
    /// Serial of the latest receive.
    pub(crate) receipt: u64,
    pub(crate) received_ms: u64,
    pub(crate) first_received_ms: u64,
    /// Receives in all queues.
    pub(crate) receives: u32,
    /// Receives in this queue: what the redrive policy counts.
    pub(crate) receives_here: u32,
    /// ARN of the queue it was dead-lettered from.
    pub(crate) dead_letter_source: Option<Arc<str>>,
}

impl Message {
    /// A message on its way into a queue.
    pub(crate) fn new(id: Arc<str>, content: Arc<Content>, now_ms: u64) -> Self {
        Self {
            id,
            content,
            sent_ms: now_ms,
            entered_ms: now_ms,
            sequence: 0,
            place: Place::Visible,
            stamp: 0,
            receipt: 0,
            received_ms: 0,
            first_received_ms: 0,
            receives: 0,
            receives_here: 0,
            dead_letter_source: None,
        }
    }
}

/// A message handed out: what an answer says of it.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    pub(crate) id: Arc<str>,
    pub(crate) content: Arc<Content>,
    pub(crate) handle: String,
    pub(crate) sent_ms: u64,
    pub(crate) first_received_ms: u64,
    pub(crate) receives: u32,
    pub(crate) sequence: u64,
    pub(crate) dead_letter_source: Option<Arc<str>>,
}
