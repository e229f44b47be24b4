//! One table: its definition, its rows in shards, and the one way in which a row changes.
//!
//! Locks, in the order in which they are taken:
//!
//! 1. the layout: read by every operation on items, written by those that change indexes, streams
//!    or the time to live;
//! 2. shards, ascending (a transaction over several tables orders them by table first);
//! 3. one shard of one global index, or the buffer of the stream; nothing below.
//!
//! A condition is checked and its write made under one shard lock. Costs are logarithmic in the
//! items; only adding an index and turning on the time to live walk over them once.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize},
    },
};

use parking_lot::RwLock;

use crate::{
    capacity::{Meter, Usage, write_units},
    error::{Result, validation},
    key::{Key, KeySchema, KeyType},
    request::table::Throughput,
};

mod expiry;
mod index;
mod keys;
mod page;
mod shard;
mod stream;

pub(crate) use index::{GlobalIndex, Index, Projected, Volume};
pub(crate) use page::{Page, Place, Source, Span};
pub(crate) use shard::{Record, SHARDS, Shard, shard_of};
pub(crate) use stream::{RETENTION_MS, SHARD_ID, Stream, StreamRecord, ViewType};

/// How a table is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Billing {
    Provisioned,
    OnDemand,
}

/// What of a table can change while it lives.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) attributes: BTreeMap<String, KeyType>,
    pub(crate) billing: Billing,
    pub(crate) throughput: Throughput,
    pub(crate) locals: Vec<Index>,
    pub(crate) globals: Vec<GlobalIndex>,
    /// The attribute that says when an item expires.
    pub(crate) time_to_live: Option<String>,
    pub(crate) stream: Option<Arc<Stream>>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) deletion_protection: bool,
    pub(crate) class: Option<String>,
}

impl Layout {
    /// Every index, local ones first.
    pub(crate) fn indexes(&self) -> impl Iterator<Item = &Index> {
        self.locals.iter().chain(self.globals.iter().map(|global| &global.index))
    }

    /// The rows that a query or scan reads.
    pub(crate) fn source(&self, name: Option<&str>) -> Result<Source<'_>> {
        let Some(name) = name else { return Ok(Source::Table) };
        if let Some(number) = self.locals.iter().position(|index| &*index.name == name) {
            return Ok(Source::Local(number, &self.locals[number]));
        }
        self.globals
            .iter()
            .find(|global| &*global.index.name == name)
            .map(Source::Global)
            .ok_or_else(|| {
                validation(format!("The table does not have the specified index: {name}"))
            })
    }
}

/// A table.
#[derive(Debug)]
pub(crate) struct Table {
    /// Place in the order of creation; orders locks.
    pub(crate) order: u64,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) created_ms: u64,
    pub(crate) schema: KeySchema,
    pub(crate) layout: RwLock<Layout>,
    pub(crate) shards: Box<[RwLock<Shard>]>,
    pub(crate) volume: Volume,
    pub(crate) reads: Meter,
    pub(crate) writes: Meter,
    expiries: Box<[AtomicU64]>,
    sweep: AtomicUsize,
}

/// Who a table is.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) order: u64,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) created_ms: u64,
}

/// A change of one row, decided under the lock of its shard.
#[derive(Debug)]
pub(crate) struct Replacement<'a> {
    pub(crate) key: &'a Key,
    pub(crate) old: Option<&'a Arc<Record>>,
    pub(crate) new: Option<Arc<Record>>,
    pub(crate) now_ms: u64,
    /// The item has outlived its time to live; streams say so.
    pub(crate) expired: bool,
}

impl Table {
    /// An empty table.
    pub(crate) fn new(identity: Identity, schema: KeySchema, layout: Layout) -> Self {
        let shard = || {
            let locals = layout.locals.iter().map(|_| BTreeMap::new()).collect();
            RwLock::new(Shard { rows: BTreeMap::new(), locals, expiries: BTreeSet::new() })
        };
        Self {
            order: identity.order,
            id: identity.id,
            name: identity.name,
            arn: identity.arn,
            created_ms: identity.created_ms,
            schema,
            shards: (0..SHARDS).map(|_| shard()).collect(),
            layout: RwLock::new(layout),
            volume: Volume::default(),
            reads: Meter::default(),
            writes: Meter::default(),
            expiries: (0..SHARDS).map(|_| AtomicU64::new(u64::MAX)).collect(),
            sweep: AtomicUsize::new(0),
        }
    }

    /// The shard that holds `key`.
    pub(crate) fn shard(&self, key: &Key) -> &RwLock<Shard> {
        &self.shards[shard_of(key.hash)]
    }

    /// The item at `key`.
    pub(crate) fn get(&self, key: &Key) -> Option<Arc<Record>> {
        self.shard(key).read().rows.get(key).cloned()
    }

    /// Puts `replacement` into `shard`, which the caller has locked, and into every index, counter
    /// and stream. Returns the write units used.
    pub(crate) fn replace(
        &self,
        layout: &Layout,
        shard: &mut Shard,
        replacement: Replacement<'_>,
    ) -> Usage {
        let Replacement { key, old, new, now_ms, expired } = replacement;
        let size = |record: Option<&Arc<Record>>| record.map_or(0, |record| record.size);
        let mut usage = Usage::of_table(write_units(size(old).max(size(new.as_ref()))));

        for (index, rows) in layout.locals.iter().zip(&mut shard.locals) {
            if let Some(change) = index.change(&self.schema, key, old, new.as_ref()) {
                usage.add_index(&index.name, true, change.units);
                change.apply(rows);
            }
        }
        for global in &layout.globals {
            if let Some(change) = global.index.change(&self.schema, key, old, new.as_ref()) {
                usage.add_index(&global.index.name, false, change.units);
                global.apply(change);
            }
        }
        if let Some(attribute) = &layout.time_to_live {
            self.reschedule(attribute, shard, key, old, new.as_ref());
        }
        if let Some(stream) = &layout.stream {
            stream.push(&self.schema, old, new.as_ref(), now_ms, expired);
        }
        self.volume.replace(old.map(|record| &**record), new.as_deref());
        match new {
            Some(record) => match shard.rows.get_mut(key) {
                Some(row) => *row = record,
                None => {
                    shard.rows.insert(key.clone(), record);
                }
            },
            None => {
                shard.rows.remove(key);
            }
        }
        usage
    }

    /// Adds a global index and fills it. The caller holds the layout alone, so no row changes.
    pub(crate) fn add_global(&self, layout: &mut Layout, global: GlobalIndex) {
        for shard in &self.shards {
            for (key, record) in &shard.read().rows {
                if let Some(change) = global.index.change(&self.schema, key, None, Some(record)) {
                    global.apply(change);
                }
            }
        }
        layout.globals.push(global);
    }
}
