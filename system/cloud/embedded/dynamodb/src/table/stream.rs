//! A table's stream: what changed, in order.
//!
//! One shard per stream. Records are kept for 24 hours, and never more than [`CAPACITY`] of them;
//! the oldest go first, and readers who are behind are told so. Records are written under the lock
//! of the item's shard, so that an item's changes stand in the order in which they were made. A
//! write that changes nothing leaves no record, as in AWS.

use std::{collections::VecDeque, sync::Arc};

use parking_lot::Mutex;
use securecart_embedded_expressions::Item;

use super::Record;
use crate::{key::KeySchema, request::Choice};

/// Milliseconds for which a record can be read.
pub(crate) const RETENTION_MS: u64 = 24 * 3_600 * 1_000;

/// Records kept at most; AWS has no such limit, but memory has.
const CAPACITY: usize = 100_000;

/// The one shard of every stream.
pub(crate) const SHARD_ID: &str = "shardId-00000000000000000001-00000001";

/// What of an item a record holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ViewType {
    KeysOnly,
    NewImage,
    OldImage,
    NewAndOldImages,
}

impl Choice for ViewType {
    const ALL: &'static [(&'static str, Self)] = &[
        ("NEW_IMAGE", Self::NewImage),
        ("OLD_IMAGE", Self::OldImage),
        ("NEW_AND_OLD_IMAGES", Self::NewAndOldImages),
        ("KEYS_ONLY", Self::KeysOnly),
    ];
}

/// One change.
#[derive(Debug, Clone)]
pub(crate) struct StreamRecord {
    pub(crate) sequence: u64,
    pub(crate) created_ms: u64,
    pub(crate) keys: Arc<Item>,
    pub(crate) old: Option<Arc<Record>>,
    pub(crate) new: Option<Arc<Record>>,
    /// The time to live removed the item.
    pub(crate) expired: bool,
}

impl StreamRecord {
    /// `INSERT`, `MODIFY` or `REMOVE`.
    pub(crate) const fn event_name(&self) -> &'static str {
        match (&self.old, &self.new) {
            (None, _) => "INSERT",
            (_, Some(_)) => "MODIFY",
            _ => "REMOVE",
        }
    }
}

#[derive(Debug)]
struct Buffer {
    /// Sequence number of the next record.
    next: u64,
    records: VecDeque<StreamRecord>,
    /// When the stream was turned off.
    closed_ms: Option<u64>,
}

/// Part of a stream, as a reader gets it.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) records: Vec<StreamRecord>,
    /// Where to go on; `None` at the end of a closed stream.
    pub(crate) next: Option<u64>,
}

/// A stream.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) table_name: String,
    pub(crate) arn: String,
    pub(crate) label: String,
    pub(crate) created_ms: u64,
    pub(crate) view: ViewType,
    pub(crate) schema: KeySchema,
    buffer: Mutex<Buffer>,
}

impl Stream {
    /// An empty stream.
    pub(crate) fn new(
        table: (&str, &KeySchema),
        identity: (String, String),
        created_ms: u64,
        view: ViewType,
    ) -> Self {
        let (arn, label) = identity;
        Self {
            table_name: table.0.to_owned(),
            arn,
            label,
            created_ms,
            view,
            schema: table.1.clone(),
            buffer: Mutex::new(Buffer { next: 1, records: VecDeque::new(), closed_ms: None }),
        }
    }

    /// Adds a change, unless nothing changed.
    pub(super) fn push(
        &self,
        schema: &KeySchema,
        old: Option<&Arc<Record>>,
        new: Option<&Arc<Record>>,
        now_ms: u64,
        expired: bool,
    ) {
        let Some(any) = new.or(old) else { return };
        if let (Some(old), Some(new)) = (old, new)
            && (Arc::ptr_eq(old, new) || old.item == new.item)
        {
            return;
        }
        let mut keys = Item::new();
        schema.copy_into(&any.item, &mut keys);
        let mut buffer = self.buffer.lock();
        buffer.trim(now_ms, CAPACITY - 1);
        let record = StreamRecord {
            sequence: buffer.next,
            created_ms: now_ms,
            keys: Arc::new(keys),
            old: old.cloned(),
            new: new.cloned(),
            expired,
        };
        buffer.next += 1;
        buffer.records.push_back(record);
    }

    /// Turns the stream off: it takes no more records.
    pub(crate) fn close(&self, now_ms: u64) {
        self.buffer.lock().closed_ms = Some(now_ms);
    }

    /// When the stream was turned off.
    pub(crate) fn closed_ms(&self) -> Option<u64> {
        self.buffer.lock().closed_ms
    }

    /// Sequence numbers of the oldest record that can be read and of the next to come.
    pub(crate) fn extent(&self, now_ms: u64) -> (u64, u64) {
        let mut buffer = self.buffer.lock();
        buffer.trim(now_ms, CAPACITY);
        (buffer.oldest(), buffer.next)
    }

    /// Up to `limit` records from sequence number `from`, not many more than `bytes` of them;
    /// `None` when records from there on are gone.
    pub(crate) fn read(&self, from: u64, limit: usize, bytes: usize, now_ms: u64) -> Option<Batch> {
        let mut buffer = self.buffer.lock();
        buffer.trim(now_ms, CAPACITY);
        let oldest = buffer.oldest();
        if from < oldest {
            return None;
        }
        let skipped = usize::try_from(from - oldest).unwrap_or(usize::MAX);
        let mut room = bytes;
        let mut records = Vec::new();
        for record in buffer.records.iter().skip(skipped).take(limit) {
            let size = |side: &Option<Arc<Record>>| side.as_ref().map_or(0, |record| record.size);
            if room == 0 {
                break;
            }
            room = room.saturating_sub(size(&record.old) + size(&record.new));
            records.push(record.clone());
        }
        let next = records.last().map_or(from, |record| record.sequence + 1);
        let ended = buffer.closed_ms.is_some() && next >= buffer.next;
        Some(Batch { records, next: (!ended).then_some(next) })
    }
}

impl Buffer {
    /// Sequence number of the oldest record, or of the next one when there is none.
    fn oldest(&self) -> u64 {
        self.records.front().map_or(self.next, |record| record.sequence)
    }

    fn trim(&mut self, now_ms: u64, capacity: usize) {
        while let Some(record) = self.records.front() {
            let old = now_ms.saturating_sub(record.created_ms) > RETENTION_MS;
            if !old && self.records.len() <= capacity {
                break;
            }
            self.records.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use securecart_embedded_expressions::AttributeValue;

    use super::*;
    use crate::key::{KeyAttribute, KeyType};

    fn stream() -> (Stream, KeySchema) {
        let partition = KeyAttribute { name: "id".into(), kind: KeyType::S };
        let schema = KeySchema { partition, sort: None };
        let identity = ("arn".to_owned(), "label".to_owned());
        (Stream::new(("table", &schema), identity, 0, ViewType::NewImage), schema)
    }

    fn record(id: usize) -> Arc<Record> {
        Record::new(Item::from([("id".into(), AttributeValue::string(id.to_string()))]))
    }

    #[test]
    fn the_buffer_is_bounded_by_number_and_by_age() {
        let (stream, schema) = stream();
        for id in 0..CAPACITY + 10 {
            stream.push(&schema, None, Some(&record(id)), 0, false);
        }
        assert_eq!(stream.extent(0), (11, CAPACITY as u64 + 11));
        assert!(stream.read(10, 1, 1, 0).is_none(), "record 10 is gone");
        assert_eq!(stream.read(11, 5, usize::MAX, 0).expect("kept").records.len(), 5);
        let next = CAPACITY as u64 + 11;
        assert_eq!(stream.extent(RETENTION_MS + 1), (next, next));
    }

    #[test]
    fn a_write_that_changes_nothing_leaves_no_record() {
        let (stream, schema) = stream();
        stream.push(&schema, Some(&record(1)), Some(&record(1)), 0, false);
        assert_eq!(stream.extent(0), (1, 1));
    }

    #[test]
    fn a_closed_stream_ends_after_its_last_record() {
        let (stream, schema) = stream();
        stream.push(&schema, None, Some(&record(1)), 0, false);
        assert_eq!(stream.read(1, 10, usize::MAX, 0).expect("kept").next, Some(2));
        stream.close(5);
        let batch = stream.read(1, 10, usize::MAX, 0).expect("kept");
        assert_eq!((batch.records.len(), batch.next), (1, None));
    }
}
