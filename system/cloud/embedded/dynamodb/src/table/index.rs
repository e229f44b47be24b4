//! Secondary indexes: what they hold and how a write changes them.
//!
//! Entries of a local index lie in the table's own shards (they share the partition key). A global
//! index has shards of its own, chosen by its own partition key.
//!
//! Lock order: a table's shards first, in ascending order, then at most one shard of one global
//! index at a time. Whoever holds a shard of an index takes no further lock. So an item's entries
//! change in the order in which the item does, and readers of an index never wait for a table.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use parking_lot::RwLock;
use securecart_embedded_expressions::{CompactString, Item};

use super::shard::{Record, Rows, SHARDS, shard_of};
use crate::{
    capacity::write_units,
    key::{Key, KeySchema},
    request::table::Throughput,
};

/// What an index holds of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Projected {
    All,
    KeysOnly,
    /// The keys and these attributes.
    Include(BTreeSet<CompactString>),
}

/// Items and bytes of a table or index, kept by every write.
#[derive(Debug, Default)]
pub(crate) struct Volume {
    items: AtomicI64,
    bytes: AtomicI64,
}

impl Volume {
    /// Counts that `old` gave way to `new`.
    pub(crate) fn replace(&self, old: Option<&Record>, new: Option<&Record>) {
        let items = i64::from(new.is_some()) - i64::from(old.is_some());
        let bytes = |record: Option<&Record>| {
            record.map_or(0, |record| i64::try_from(record.size).unwrap_or(i64::MAX))
        };
        if items != 0 {
            self.items.fetch_add(items, Ordering::Relaxed);
        }
        self.bytes.fetch_add(bytes(new) - bytes(old), Ordering::Relaxed);
    }

    /// Items now.
    pub(crate) fn items(&self) -> u64 {
        self.items.load(Ordering::Relaxed).try_into().unwrap_or(0)
    }

    /// Bytes now.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed).try_into().unwrap_or(0)
    }
}

/// What both kinds of index have.
#[derive(Debug)]
pub(crate) struct Index {
    pub(crate) name: Arc<str>,
    pub(crate) schema: KeySchema,
    pub(crate) projected: Projected,
    pub(crate) volume: Volume,
}

impl Index {
    /// The index's view of `record`. `table` is the schema of the table.
    pub(crate) fn project(&self, table: &KeySchema, record: &Arc<Record>) -> Arc<Record> {
        let mut item = Item::new();
        match &self.projected {
            Projected::All => return Arc::clone(record),
            Projected::KeysOnly => {}
            Projected::Include(names) => {
                for name in names {
                    if let Some(value) = record.item.get(name) {
                        item.insert(name.clone(), value.clone());
                    }
                }
            }
        }
        table.copy_into(&record.item, &mut item);
        self.schema.copy_into(&record.item, &mut item);
        Record::new(item)
    }

    /// Whether the index holds the attribute `name`.
    pub(crate) fn holds(&self, table: &KeySchema, name: &str) -> bool {
        match &self.projected {
            Projected::All => true,
            Projected::KeysOnly => table.contains(name) || self.schema.contains(name),
            Projected::Include(names) => {
                names.contains(name) || table.contains(name) || self.schema.contains(name)
            }
        }
    }

    /// The entry of the item `record` that lies at `base`, if it has one.
    pub(crate) fn entry(
        &self,
        table: &KeySchema,
        base: &Key,
        record: &Arc<Record>,
    ) -> Option<(Key, Arc<Record>)> {
        let key = self.schema.index_key(&record.item, base)?;
        Some((key, self.project(table, record)))
    }

    /// What must change when the item at `base` turns from `old` into `new`, and its cost.
    pub(crate) fn change(
        &self,
        table: &KeySchema,
        base: &Key,
        old: Option<&Arc<Record>>,
        new: Option<&Arc<Record>>,
    ) -> Option<Change> {
        let old = old.and_then(|record| self.entry(table, base, record));
        let new = new.and_then(|record| self.entry(table, base, record));
        let units = match (&old, &new) {
            (None, None) => return None,
            (Some((_, old)), None) => write_units(old.size),
            (None, Some((_, new))) => write_units(new.size),
            (Some((old_key, old)), Some((new_key, new))) if old_key == new_key => {
                if Arc::ptr_eq(old, new) || old.item == new.item {
                    return None;
                }
                write_units(old.size.max(new.size))
            }
            (Some((_, old)), Some((_, new))) => write_units(old.size) + write_units(new.size),
        };
        self.volume.replace(
            old.as_ref().map(|(_, record)| &**record),
            new.as_ref().map(|(_, record)| &**record),
        );
        let removed = old
            .map(|(key, _)| key)
            .filter(|key| new.as_ref().is_none_or(|(new_key, _)| new_key != key));
        Some(Change { removed, inserted: new, units })
    }
}

/// What one write does to an index.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) removed: Option<Key>,
    pub(crate) inserted: Option<(Key, Arc<Record>)>,
    /// Write units it costs.
    pub(crate) units: f64,
}

impl Change {
    /// Carries it out on the rows of a local index.
    pub(crate) fn apply(self, rows: &mut Rows) {
        if let Some(key) = self.removed {
            rows.remove(&key);
        }
        if let Some((key, record)) = self.inserted {
            rows.insert(key, record);
        }
    }
}

/// A global index.
#[derive(Debug)]
pub(crate) struct GlobalIndex {
    pub(crate) index: Index,
    pub(crate) throughput: Throughput,
    pub(crate) shards: Box<[RwLock<Rows>]>,
}

impl GlobalIndex {
    /// An empty one.
    pub(crate) fn new(index: Index, throughput: Throughput) -> Self {
        let shards = (0..SHARDS).map(|_| RwLock::default()).collect();
        Self { index, throughput, shards }
    }

    /// Carries `change` out, one shard at a time.
    pub(crate) fn apply(&self, change: Change) {
        if let Some(key) = change.removed {
            self.shards[shard_of(key.hash)].write().remove(&key);
        }
        if let Some((key, record)) = change.inserted {
            self.shards[shard_of(key.hash)].write().insert(key, record);
        }
    }
}
