//! The logarithmic buckets of the heatmap.

use serde::{Deserialize, Serialize};

use crate::Histogram;

/// Number of logarithmic buckets: 8 a decade from 100 µs to 100 s.
pub const BUCKETS: usize = 48;

/// Upper bound of bucket `index`, µs: `100 * 10^((index + 1) / 8)`. The last bucket has none.
#[must_use]
pub fn bucket_bound_us(index: usize) -> f64 {
    100.0 * 10_f64.powf((index as f64 + 1.0) / 8.0)
}

/// Counts by logarithmic latency. Trailing empty buckets are left out on disk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Buckets(Vec<u32>);

impl Buckets {
    /// The bucket a latency falls into.
    #[must_use]
    pub fn index_of(latency_us: u64) -> usize {
        let decades = (latency_us.max(1) as f64 / 100.0).log10();
        ((decades * 8.0).floor().max(0.0) as usize).min(BUCKETS - 1)
    }

    /// Counts `count` latencies of `latency_us`.
    pub fn record_us(&mut self, latency_us: u64, count: u32) {
        let index = Self::index_of(latency_us);
        if self.0.len() <= index {
            self.0.resize(index + 1, 0);
        }
        self.0[index] = self.0[index].saturating_add(count);
    }

    /// How many latencies bucket `index` holds.
    #[must_use]
    pub fn get(&self, index: usize) -> u32 {
        self.0.get(index).copied().unwrap_or(0)
    }

    /// Adds all of `other`.
    pub fn merge(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine = mine.saturating_add(*theirs);
        }
    }
}

impl From<&Histogram> for Buckets {
    fn from(histogram: &Histogram) -> Self {
        let mut buckets = Self::default();
        for (latency_us, count) in histogram.recorded() {
            buckets.record_us(latency_us, u32::try_from(count).unwrap_or(u32::MAX));
        }
        buckets
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_histogram_falls_into_buckets_without_loss() {
        let mut histogram = Histogram::new();
        for latency_us in [0, 99, 5_000, 5_000, 99_000_000, 500_000_000] {
            histogram.record_us(latency_us);
        }
        let buckets = Buckets::from(&histogram);
        let all: u32 = (0..BUCKETS).map(|index| buckets.get(index)).sum();
        assert_eq!(u64::from(all), histogram.count());
        assert_eq!((buckets.get(0), buckets.get(BUCKETS - 1)), (2, 2));
    }

    #[test]
    fn merging_buckets_of_different_lengths_adds_them() {
        let (mut short, mut long) = (Buckets::default(), Buckets::default());
        short.record_us(100, 2);
        long.record_us(100, u32::MAX);
        long.record_us(1_000_000, 3);
        short.merge(&long);
        assert_eq!(short.get(0), u32::MAX, "saturates");
        assert_eq!(short.get(Buckets::index_of(1_000_000)), 3);
    }

    proptest! {
        #[test]
        fn a_latency_lies_between_its_buckets_bounds(latency_us in 100..=99_999_999_u64) {
            let index = Buckets::index_of(latency_us);
            // A bound may differ from the latency it stands for by a rounding of the logarithm.
            prop_assert!(latency_us as f64 <= bucket_bound_us(index) * (1.0 + 1e-9));
            prop_assert!(index == 0 || latency_us as f64 >= bucket_bound_us(index - 1) * (1.0 - 1e-9));
        }
    }
}
