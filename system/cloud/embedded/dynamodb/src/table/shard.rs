//! One shard of a table: its rows, their entries in local indexes, and when they expire.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use securecart_embedded_expressions::{Item, item_size};

use crate::key::Key;

/// Shards of a table and of each global index. The top bits of a key's hash choose one.
pub(crate) const SHARDS: usize = 64;

/// Which shard holds keys with `hash`; ascending with the hash, so that scans run in order.
pub(crate) const fn shard_of(hash: u64) -> usize {
    (hash >> (u64::BITS - SHARDS.trailing_zeros())) as usize
}

/// An item as it is kept: shared by its table, by indexes that project all of it, and by streams.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) item: Item,
    /// Bytes by DynamoDB's rules.
    pub(crate) size: usize,
}

impl Record {
    /// `item` with its size.
    pub(crate) fn new(item: Item) -> Arc<Self> {
        let size = item_size(&item);
        Arc::new(Self { item, size })
    }
}

/// Rows in the order of their keys.
pub(crate) type Rows = BTreeMap<Key, Arc<Record>>;

/// A shard. Everything about one item lies under its one lock, but its entries in global indexes.
#[derive(Debug, Default)]
pub(crate) struct Shard {
    pub(crate) rows: Rows,
    /// Entries in local indexes, in the order of the table's definition.
    pub(crate) locals: Vec<Rows>,
    /// When items expire, seconds since the Unix epoch; empty without a time to live.
    pub(crate) expiries: BTreeSet<(u64, Key)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_ascend_with_the_hash() {
        assert_eq!(shard_of(0), 0);
        assert_eq!(shard_of(u64::MAX), SHARDS - 1);
        assert_eq!(shard_of(u64::MAX / 2), SHARDS / 2 - 1);
        assert_eq!(shard_of(u64::MAX / 2 + 1), SHARDS / 2);
    }
}
