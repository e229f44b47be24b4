//! Time to live: items that have expired go away a few at a time.
//!
//! Each shard orders its expiring items by time. Every call on a table's items looks at one shard,
//! the next in turn, and removes at most [`SWEEP_LIMIT`] items that have expired there. An expired
//! item is therefore visible for a while, as in AWS, but goes after at most a round of calls; which
//! call removes it depends only on the calls made before. Nothing is swept while nobody calls.

use std::sync::{Arc, atomic::Ordering};

use securecart_embedded_expressions::{AttributeValue, Item};

use super::{Layout, Record, Replacement, SHARDS, Shard, Table, shard_of};
use crate::key::Key;

/// Expired items that one call removes at most.
const SWEEP_LIMIT: usize = 8;

/// Items that expired longer ago than this are kept (AWS developer guide, "Time to Live").
const FORGOTTEN_AFTER_S: u64 = 5 * 365 * 24 * 3_600;

/// When `item` expires: the seconds since the Unix epoch that `attribute` names; `None` when it is
/// absent or no number of seconds.
fn expiry(item: &Item, attribute: &str) -> Option<u64> {
    let AttributeValue::N(number) = item.get(attribute)? else { return None };
    let text = number.to_string();
    text.split('.').next()?.parse().ok()
}

impl Table {
    /// Keeps the shard's order of expiry when a row changes.
    pub(super) fn reschedule(
        &self,
        attribute: &str,
        shard: &mut Shard,
        key: &Key,
        old: Option<&Arc<Record>>,
        new: Option<&Arc<Record>>,
    ) {
        let of = |record: Option<&Arc<Record>>| expiry(&record?.item, attribute);
        let (old, new) = (of(old), of(new));
        if old == new {
            return;
        }
        if let Some(old) = old {
            shard.expiries.remove(&(old, key.clone()));
        }
        if let Some(new) = new {
            shard.expiries.insert((new, key.clone()));
        }
        self.publish_expiry(shard, shard_of(key.hash));
    }

    /// Lets [`Self::sweep`] see, without a lock, when the next item of a shard expires.
    fn publish_expiry(&self, shard: &Shard, number: usize) {
        let next = shard.expiries.first().map_or(u64::MAX, |(expiry, _)| *expiry);
        self.expiries[number].store(next, Ordering::Relaxed);
    }

    /// Turns the time to live on or off. The caller holds the layout alone.
    pub(crate) fn set_time_to_live(&self, layout: &mut Layout, attribute: Option<String>) {
        for (number, shard) in self.shards.iter().enumerate() {
            let mut shard = shard.write();
            let Shard { rows, expiries, .. } = &mut *shard;
            expiries.clear();
            if let Some(attribute) = &attribute {
                expiries.extend(rows.iter().filter_map(|(key, record)| {
                    Some((expiry(&record.item, attribute)?, key.clone()))
                }));
            }
            self.publish_expiry(&shard, number);
        }
        layout.time_to_live = attribute;
    }

    /// Removes a few expired items from the next shard in turn. The caller holds no shard.
    pub(crate) fn sweep(&self, layout: &Layout, now_ms: u64) {
        if layout.time_to_live.is_none() {
            return;
        }
        let number = self.sweep.fetch_add(1, Ordering::Relaxed) % SHARDS;
        let now_s = now_ms / 1_000;
        if self.expiries[number].load(Ordering::Relaxed) >= now_s {
            return;
        }
        let mut shard = self.shards[number].write();
        for _ in 0..SWEEP_LIMIT {
            match shard.expiries.first() {
                Some((expiry, _)) if *expiry < now_s => {}
                _ => break,
            }
            let Some((expiry, key)) = shard.expiries.pop_first() else { break };
            if now_s - expiry > FORGOTTEN_AFTER_S {
                continue;
            }
            if let Some(old) = shard.rows.get(&key).cloned() {
                let replacement =
                    Replacement { key: &key, old: Some(&old), new: None, now_ms, expired: true };
                self.replace(layout, &mut shard, replacement);
            }
        }
        self.publish_expiry(&shard, number);
    }
}
