//! Latency histograms (HDR, µs, 3 significant digits) and the logarithmic buckets of the heatmap.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hdrhistogram::{
    Histogram as Hdr,
    serialization::{Deserializer as HdrDeserializer, Serializer as _, V2Serializer},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::Error as _};

/// Longest latency a histogram can hold: ten minutes, in µs. Longer ones count as this.
pub(crate) const MAX_US: u64 = 600_000_000;

/// A distribution of latencies in µs.
///
/// On disk it is the standard HDR V2 encoding in Base64, readable by every HDR library.
#[derive(Clone, PartialEq)]
pub struct Histogram(Hdr<u64>);

impl Histogram {
    /// An empty histogram of 1 µs to ten minutes with 3 significant digits.
    #[must_use]
    pub fn new() -> Self {
        Self(Hdr::new_with_bounds(1, MAX_US, 3).expect("constant bounds are valid"))
    }

    /// Counts one latency.
    pub fn record_us(&mut self, latency_us: u64) {
        self.0.saturating_record(latency_us.clamp(1, MAX_US));
    }

    /// Adds all of `other`.
    pub fn merge(&mut self, other: &Self) {
        self.0.add(&other.0).expect("all histograms share their bounds");
    }

    /// How many latencies it holds.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// The latency in µs below which the share `quantile` (0 to 1) lies; 0 when empty.
    #[must_use]
    pub fn quantile_us(&self, quantile: f64) -> u64 {
        if self.0.is_empty() { 0 } else { self.0.value_at_quantile(quantile) }
    }

    /// The slowest, µs; 0 when empty.
    #[must_use]
    pub fn max_us(&self) -> u64 {
        if self.0.is_empty() { 0 } else { self.0.max() }
    }

    /// The mean, µs; 0 when empty.
    #[must_use]
    pub fn mean_us(&self) -> f64 {
        self.0.mean()
    }

    /// Share of latencies at or below `bound_us`, 0 to 1; 1 when empty.
    #[must_use]
    pub fn share_within(&self, bound_us: u64) -> f64 {
        if self.0.is_empty() { 1.0 } else { self.0.percentile_below(bound_us) / 100.0 }
    }

    /// The percentiles a summary shows.
    #[must_use]
    pub fn percentiles(&self) -> Percentiles {
        Percentiles {
            p50_us: self.quantile_us(0.50),
            p90_us: self.quantile_us(0.90),
            p95_us: self.quantile_us(0.95),
            p99_us: self.quantile_us(0.99),
            p999_us: self.quantile_us(0.999),
            max_us: self.max_us(),
        }
    }

    /// Forgets everything, keeping the memory.
    pub fn clear(&mut self) {
        self.0.reset();
    }
}

impl Default for Histogram {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Histogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Histogram({} values, {:?})", self.count(), self.percentiles())
    }
}

impl Serialize for Histogram {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut bytes = Vec::new();
        V2Serializer::new().serialize(&self.0, &mut bytes).map_err(S::Error::custom)?;
        serializer.serialize_str(&STANDARD.encode(bytes))
    }
}

impl<'de> Deserialize<'de> for Histogram {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'_, str>::deserialize(deserializer)?;
        let bytes = STANDARD.decode(text.as_bytes()).map_err(D::Error::custom)?;
        let read: Hdr<u64> = HdrDeserializer::new()
            .deserialize(&mut bytes.as_slice())
            .map_err(|error| D::Error::custom(format!("not an HDR V2 histogram: {error}")))?;
        let mut histogram = Self::new();
        histogram.0.add(&read).map_err(D::Error::custom)?;
        Ok(histogram)
    }
}

/// The percentiles a summary shows, µs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Percentiles {
    /// Half were faster.
    pub p50_us: u64,
    /// Nine in ten were faster.
    pub p90_us: u64,
    /// 95 in 100 were faster.
    pub p95_us: u64,
    /// 99 in 100 were faster.
    pub p99_us: u64,
    /// 999 in 1,000 were faster.
    pub p999_us: u64,
    /// The slowest.
    pub max_us: u64,
}

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
        for value in histogram.0.iter_recorded() {
            let count = u32::try_from(value.count_at_value()).unwrap_or(u32::MAX);
            buckets.record_us(value.value_iterated_to(), count);
        }
        buckets
    }
}
