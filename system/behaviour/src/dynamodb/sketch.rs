//! The keys that come most often, in constant memory: the space-saving sketch.

/// Keys that are counted at once. A key with more than a share of 1/8 is always among them.
const KEYS: usize = 8;

#[derive(Debug, Clone, Copy)]
struct Counter {
    key: u64,
    count: u64,
    /// How much of `count` may be another key's, which had the counter before.
    error: u64,
}

/// Counts keys; what it says of a key is never more than the truth.
#[derive(Debug, Clone, Default)]
pub(super) struct Sketch {
    counters: Vec<Counter>,
    total: u64,
}

impl Sketch {
    /// Counts `key` once more.
    pub(super) fn count(&mut self, key: u64) {
        self.total += 1;
        if let Some(counter) = self.counters.iter_mut().find(|counter| counter.key == key) {
            counter.count += 1;
        } else if self.counters.len() < KEYS {
            self.counters.push(Counter { key, count: 1, error: 0 });
        } else if let Some(least) = self.counters.iter_mut().min_by_key(|counter| counter.count) {
            *least = Counter { key, count: least.count + 1, error: least.count };
        }
    }

    /// The key that came most often, with the share of all that it had at least.
    #[expect(clippy::cast_precision_loss, reason = "counts stay below 2^52")]
    pub(super) fn most_frequent(&self) -> Option<(u64, f64)> {
        let sure = |counter: &Counter| counter.count - counter.error;
        let counter = self.counters.iter().max_by_key(|counter| sure(counter))?;
        Some((counter.key, sure(counter) as f64 / self.total as f64))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_key_among_many_is_found() {
        let mut sketch = Sketch::default();
        for other in 0..10_000_u64 {
            sketch.count(other + 100);
            sketch.count(7);
        }
        let (key, share) = sketch.most_frequent().expect("there are keys");
        assert_eq!(key, 7);
        assert!((0.49..=0.5).contains(&share), "{share}");
        assert_eq!(sketch.counters.len(), KEYS);
    }

    proptest! {
        #[test]
        fn a_share_is_never_too_high(keys in prop::collection::vec(0_u64..30, 1..400)) {
            let mut sketch = Sketch::default();
            for key in &keys {
                sketch.count(*key);
            }
            let (key, share) = sketch.most_frequent().expect("there are keys");
            let truth = keys.iter().filter(|other| **other == key).count();
            prop_assert!(share * keys.len() as f64 <= truth as f64 + 1e-6);
        }
    }
}
