//! Partitions: ranges of key hashes, each with a partition's limits, split and isolated by heat.
//!
//! How many there are follows from capacity: as many as carry it at 3,000 read and 1,000 write units
//! each. That the two count apart is an assumption; AWS says no more than that they are limited
//! apart. Adaptive capacity is at once, so a partition may use all of its table's capacity up to
//! its own limits. A partition that has been too hot for the split delay is halved, or gives its
//! hottest item a partition of that item's own; nothing helps a single item.

use std::time::Duration;

use super::{
    config::{Config, PARTITION_LIMIT, Throughput},
    sketch::Sketch,
    throttle::Operation,
};
use crate::TokenBucket;

/// The most partitions a table has here: over ten times what its quota needs.
pub const MAX_PARTITIONS: usize = 512;

/// The most items with a partition of their own.
pub const MAX_ISOLATED: usize = 64;

#[derive(Debug, Clone)]
struct Partition {
    buckets: [TokenBucket; 2],
    heat: Option<Box<Heat>>,
}

/// A partition's throttles since it became hot.
#[derive(Debug, Clone)]
struct Heat {
    since: Duration,
    last: Duration,
    keys: Sketch,
}

impl Partition {
    fn new(config: &Config, now: Duration) -> Self {
        let bucket = |operation| {
            let rate = PARTITION_LIMIT.of(operation);
            TokenBucket::full(rate * config.partition_burst.as_secs_f64().max(1e-3), rate, now)
        };
        Self { buckets: [bucket(Operation::Read), bucket(Operation::Write)], heat: None }
    }

    /// Notes a throttle of `key`, and gives back the keys of a partition that has been hot for
    /// long enough to do something about it.
    fn throttled(&mut self, now: Duration, key: u64, config: &Config) -> Option<Box<Heat>> {
        let stale = |heat: &Heat| now.saturating_sub(heat.last) > config.split_delay;
        if self.heat.as_deref().is_some_and(stale) {
            self.heat = None;
        }
        let heat = self.heat.get_or_insert_with(|| {
            Box::new(Heat { since: now, last: now, keys: Sketch::default() })
        });
        heat.last = now;
        heat.keys.count(key);
        let due = now.saturating_sub(heat.since) >= config.split_delay;
        if due { self.heat.take() } else { None }
    }
}

/// The partitions of a table.
#[derive(Debug, Clone)]
pub(super) struct Partitions {
    /// Where each range begins, ascending; the first begins at 0.
    starts: Vec<u64>,
    ranges: Vec<Partition>,
    /// Items with a partition of their own, by key, ascending.
    isolated: Vec<(u64, Partition)>,
}

enum Place {
    Range(usize),
    Isolated(usize),
}

impl Partitions {
    pub(super) fn new(capacity: Throughput, config: &Config, now: Duration) -> Self {
        let count = needed(capacity);
        let width = u64::MAX / count as u64;
        Self {
            starts: (0..count as u64).map(|range| range * width).collect(),
            ranges: vec![Partition::new(config, now); count],
            isolated: Vec::new(),
        }
    }

    /// Ranges and isolated items.
    pub(super) fn len(&self) -> usize {
        self.ranges.len() + self.isolated.len()
    }

    /// Splits until there are enough partitions for `capacity`. Partitions never merge.
    pub(super) fn grow(&mut self, capacity: Throughput, config: &Config, now: Duration) {
        let count = needed(capacity);
        while self.ranges.len() < count {
            let Some(widest) = (0..self.ranges.len()).max_by_key(|range| self.width(*range)) else {
                return;
            };
            if !self.split(widest, config, now) {
                return;
            }
        }
    }

    /// Whether the partition of `key` has `units` left.
    pub(super) fn check(
        &mut self,
        now: Duration,
        key: u64,
        operation: Operation,
        units: f64,
    ) -> bool {
        self.partition(key).buckets[operation as usize].available(now) >= units
    }

    pub(super) fn spend(&mut self, now: Duration, key: u64, operation: Operation, units: f64) {
        self.partition(key).buckets[operation as usize].spend(now, units);
    }

    /// Notes that `key` was throttled by its partition, which may be split for it.
    pub(super) fn throttled(&mut self, now: Duration, key: u64, config: &Config) {
        // Of an isolated item, there is nothing to split.
        let Place::Range(range) = self.place(key) else { return };
        let Some(heat) = self.ranges[range].throttled(now, key, config) else { return };
        let hottest = heat.keys.most_frequent();
        match hottest.filter(|(_, share)| *share >= config.isolation_share) {
            Some((key, _)) if self.isolated.len() < MAX_ISOLATED => {
                self.isolate(key, config, now);
            }
            _ => {
                self.split(range, config, now);
            }
        }
    }

    fn place(&self, key: u64) -> Place {
        match self.isolated.binary_search_by_key(&key, |(isolated, _)| *isolated) {
            Ok(place) => Place::Isolated(place),
            Err(_) => Place::Range(self.starts.partition_point(|start| *start <= key) - 1),
        }
    }

    fn partition(&mut self, key: u64) -> &mut Partition {
        match self.place(key) {
            Place::Range(range) => &mut self.ranges[range],
            Place::Isolated(place) => &mut self.isolated[place].1,
        }
    }

    fn isolate(&mut self, key: u64, config: &Config, now: Duration) {
        if let Err(place) = self.isolated.binary_search_by_key(&key, |(isolated, _)| *isolated) {
            self.isolated.insert(place, (key, Partition::new(config, now)));
        }
    }

    fn width(&self, range: usize) -> u64 {
        let end = self.starts.get(range + 1).copied().unwrap_or(u64::MAX);
        end - self.starts[range]
    }

    /// Halves a range; `false` when it can't be.
    fn split(&mut self, range: usize, config: &Config, now: Duration) -> bool {
        let half = self.width(range) / 2;
        if half == 0 || self.ranges.len() >= MAX_PARTITIONS {
            return false;
        }
        self.starts.insert(range + 1, self.starts[range] + half);
        self.ranges.insert(range + 1, Partition::new(config, now));
        true
    }
}

/// Partitions that carry `capacity`.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small, positive")]
fn needed(capacity: Throughput) -> usize {
    let reads = capacity.read / PARTITION_LIMIT.read;
    let writes = capacity.write / PARTITION_LIMIT.write;
    (reads.max(writes).ceil() as usize).clamp(1, MAX_PARTITIONS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(read: f64, write: f64) -> Partitions {
        Partitions::new(Throughput { read, write }, &Config::default(), Duration::ZERO)
    }

    #[test]
    fn there_are_as_many_as_carry_the_capacity() {
        for (read, write, count) in
            [(1.0, 1.0, 1), (3_000.0, 1_000.0, 1), (3_001.0, 1.0, 2), (12_000.0, 4_000.0, 4)]
        {
            assert_eq!(of(read, write).len(), count, "{read}, {write}");
        }
    }

    #[test]
    fn growing_splits_the_widest_first_and_never_merges() {
        let (config, now) = (Config::default(), Duration::ZERO);
        let mut partitions = of(1.0, 1.0);
        partitions.grow(Throughput { read: 1.0, write: 8_000.0 }, &config, now);
        assert_eq!(partitions.len(), 8);
        let widths: Vec<u64> = (0..8).map(|range| partitions.width(range)).collect();
        let (least, most) = (widths.iter().min(), widths.iter().max());
        assert!(least.zip(most).is_some_and(|(least, most)| most - least <= 8), "{widths:?}");
        partitions.grow(Throughput { read: 1.0, write: 1.0 }, &config, now);
        assert_eq!(partitions.len(), 8);
    }

    #[test]
    fn every_key_has_a_partition() {
        let mut partitions = of(90_000.0, 1.0);
        for key in [0, 1, u64::MAX / 2, u64::MAX - 1, u64::MAX] {
            assert!(partitions.check(Duration::ZERO, key, Operation::Read, 3_000.0), "{key}");
        }
    }
}
