//! What a FIFO queue remembers for five minutes: deduplication ids and receive attempts.

use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
    sync::Arc,
};

use super::Key;

/// The deduplication interval.
const INTERVAL_MS: u64 = 5 * 60 * 1_000;

/// Entries that are forgotten one interval after they were made; bounded by the rate of calls.
#[derive(Debug)]
pub(crate) struct Memory<K, V> {
    entries: HashMap<K, (u64, V)>,
    made: VecDeque<(u64, K)>,
}

impl<K: Hash + Eq + Clone, V> Default for Memory<K, V> {
    fn default() -> Self {
        Self { entries: HashMap::new(), made: VecDeque::new() }
    }
}

impl<K: Hash + Eq + Clone, V> Memory<K, V> {
    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.entries.get(key).map(|(_, value)| value)
    }

    pub(crate) fn insert(&mut self, now_ms: u64, key: K, value: V) {
        self.made.push_back((now_ms, key.clone()));
        self.entries.insert(key, (now_ms, value));
    }

    /// Forgets what is older than the interval.
    pub(crate) fn prune(&mut self, now_ms: u64) {
        while let Some((made_ms, key)) = self.made.front() {
            if made_ms + INTERVAL_MS > now_ms {
                return;
            }
            // An entry made anew under the same key has a later time and stays.
            if self.entries.get(key).is_some_and(|(latest_ms, _)| latest_ms == made_ms) {
                self.entries.remove(key);
            }
            self.made.pop_front();
        }
    }
}

/// What a deduplication id is unique within, and the id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct DeduplicationKey {
    /// The message group, when that is the scope.
    pub(crate) group: Option<Arc<str>>,
    pub(crate) id: Box<str>,
}

/// The message that was accepted under a deduplication id.
#[derive(Debug, Clone)]
pub(crate) struct Accepted {
    pub(crate) id: Arc<str>,
    pub(crate) sequence: u64,
}

/// What a receive attempt handed out: each message with the stamp of its visibility.
pub(crate) type Attempt = Vec<(Key, u64)>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_forgotten_after_five_minutes_and_renewed_ones_later() {
        let mut memory = Memory::default();
        memory.insert(0, "a", 1);
        memory.insert(1_000, "a", 2);
        memory.prune(INTERVAL_MS);
        assert_eq!(memory.get(&"a"), Some(&2));
        memory.prune(INTERVAL_MS + 1_000);
        assert_eq!(memory.get(&"a"), None);
        assert!(memory.made.is_empty());
    }
}
