//! Reading many rows: a page of a query or scan.
//!
//! A page is gathered under the lock of one shard at a time and holds shared records only; filters
//! and projections run after the lock is gone.

use std::{ops::Bound, sync::Arc};

use super::{GlobalIndex, Index, Record, SHARDS, Table, shard::Rows, shard_of};
use crate::key::{Key, KeySchema};

/// Bytes of a page; the item that passes it is the last of its page.
const PAGE_BYTES: usize = 1_048_576;

/// The rows that a query or scan reads.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Source<'l> {
    Table,
    /// The number of a local index, and the index.
    Local(usize, &'l Index),
    Global(&'l GlobalIndex),
}

impl<'l> Source<'l> {
    /// The index, if it is one.
    pub(crate) const fn index(self) -> Option<&'l Index> {
        match self {
            Self::Table => None,
            Self::Local(_, index) => Some(index),
            Self::Global(global) => Some(&global.index),
        }
    }

    /// The key attributes it is ordered by.
    pub(crate) fn schema<'a>(self, table: &'a Table) -> &'a KeySchema
    where
        'l: 'a,
    {
        self.index().map_or(&table.schema, |index| &index.schema)
    }
}

/// One evaluated row.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) record: Arc<Record>,
    /// The whole item, where a local index holds part of it and the caller asked for all.
    pub(crate) whole: Option<Arc<Record>>,
}

/// Rows from one place to another.
#[derive(Debug)]
pub(crate) struct Span {
    pub(crate) from: Bound<Key>,
    pub(crate) to: Bound<Key>,
    pub(crate) forward: bool,
}

impl Span {
    /// Whether it can hold any row; an ordered map panics over a range that runs backwards.
    fn is_sound(&self) -> bool {
        match (&self.from, &self.to) {
            (Bound::Excluded(from), Bound::Excluded(to)) => from < to,
            (
                Bound::Included(from) | Bound::Excluded(from),
                Bound::Included(to) | Bound::Excluded(to),
            ) => from <= to,
            _ => true,
        }
    }
}

/// Rows evaluated so far.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) places: Vec<Place>,
    /// Bytes of the rows evaluated, as the source holds them.
    pub(crate) bytes: usize,
    limit: usize,
    whole: bool,
}

impl Page {
    /// An empty page for at most `limit` rows. With `whole`, rows of a local index bring the
    /// item of the table along.
    pub(crate) const fn new(limit: usize, whole: bool) -> Self {
        Self { places: Vec::new(), bytes: 0, limit, whole }
    }

    /// Whether more rows may follow that this page has no room for.
    pub(crate) fn is_full(&self) -> bool {
        self.places.len() >= self.limit || self.bytes > PAGE_BYTES
    }

    fn gather(&mut self, rows: &Rows, table: Option<&Rows>, span: &Span) {
        if !span.is_sound() {
            return;
        }
        let range = rows.range::<Key, _>((span.from.as_ref(), span.to.as_ref()));
        if span.forward {
            self.take(range, table);
        } else {
            self.take(range.rev(), table);
        }
    }

    fn take<'r>(
        &mut self,
        range: impl Iterator<Item = (&'r Key, &'r Arc<Record>)>,
        table: Option<&Rows>,
    ) {
        for (key, record) in range {
            if self.is_full() {
                return;
            }
            self.bytes += record.size;
            let whole = table.filter(|_| self.whole).and_then(|rows| {
                let primary = key.primary();
                rows.get(&Key::of_table(primary.partition, primary.sort)).cloned()
            });
            self.places.push(Place { record: Arc::clone(record), whole });
        }
    }
}

impl Table {
    /// Fills `page` from one partition, whose hash is `hash`.
    pub(crate) fn read_partition(
        &self,
        source: Source<'_>,
        hash: u64,
        span: &Span,
        page: &mut Page,
    ) {
        self.read_shard(source, shard_of(hash), span, page);
    }

    /// Fills `page` in the order of hashes, from the place where `span` starts up to the hash
    /// `last` (included).
    pub(crate) fn read_all(
        &self,
        source: Source<'_>,
        hashes: (u64, u64),
        span: &Span,
        page: &mut Page,
    ) {
        let (first, last) = (shard_of(hashes.0), shard_of(hashes.1));
        debug_assert!(last < SHARDS, "a hash names a shard");
        for number in first..=last {
            self.read_shard(source, number, span, page);
            if page.is_full() {
                return;
            }
        }
    }

    fn read_shard(&self, source: Source<'_>, number: usize, span: &Span, page: &mut Page) {
        match source {
            Source::Table => page.gather(&self.shards[number].read().rows, None, span),
            Source::Local(index, _) => {
                let shard = self.shards[number].read();
                page.gather(&shard.locals[index], Some(&shard.rows), span);
            }
            Source::Global(global) => page.gather(&global.shards[number].read(), None, span),
        }
    }
}
