//! Times at which something happens to a message: a heap whose dead entries are dropped lazily.
//!
//! An entry dies when its message goes or gets another time. Dead entries never outnumber the live
//! ones for long ([`Agenda::tidy`]), so the heap is bounded by the messages it speaks of.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::Key;

/// Entries below which tidying is not worth it.
const SLACK: usize = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    pub(crate) at_ms: u64,
    /// Tells this entry from others of the same message.
    pub(crate) stamp: u64,
    pub(crate) key: Key,
}

#[derive(Debug, Default)]
pub(crate) struct Agenda {
    heap: BinaryHeap<Reverse<Entry>>,
}

impl Agenda {
    pub(crate) fn push(&mut self, entry: Entry) {
        self.heap.push(Reverse(entry));
    }

    /// Time of the next entry, dead or alive.
    pub(crate) fn next_ms(&self) -> Option<u64> {
        self.heap.peek().map(|Reverse(entry)| entry.at_ms)
    }

    /// Takes the next entry due by `now_ms`, dead or alive.
    pub(crate) fn pop_due(&mut self, now_ms: u64) -> Option<Entry> {
        if self.next_ms()? > now_ms {
            return None;
        }
        self.heap.pop().map(|Reverse(entry)| entry)
    }

    /// Drops dead entries once they outnumber the `live` ones.
    pub(crate) fn tidy(&mut self, live: usize, is_live: impl Fn(&Entry) -> bool) {
        if self.heap.len() > 2 * live + SLACK {
            self.heap.retain(|Reverse(entry)| is_live(entry));
        }
    }

    pub(crate) fn clear(&mut self) {
        self.heap.clear();
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.heap.len()
    }
}
