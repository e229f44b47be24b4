//! Latency histograms: HDR, µs, 3 significant digits.

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

    /// Every latency that was recorded, µs, with how often, ascending.
    pub(crate) fn recorded(&self) -> impl Iterator<Item = (u64, u64)> {
        self.0.iter_recorded().map(|value| (value.value_iterated_to(), value.count_at_value()))
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
        check_length(&bytes).map_err(D::Error::custom)?;
        let read: Hdr<u64> = HdrDeserializer::new()
            .deserialize(&mut bytes.as_slice())
            .map_err(|error| D::Error::custom(format!("not an HDR V2 histogram: {error}")))?;
        let mut histogram = Self::new();
        histogram.0.add(&read).map_err(D::Error::custom)?;
        Ok(histogram)
    }
}

/// Refuses an encoding whose header promises another length than it has: the decoder believes the
/// header, and would set up to 4 GiB aside for a forged one.
fn check_length(bytes: &[u8]) -> Result<(), String> {
    /// Cookie, payload length, offset, digits, lowest, highest and ratio.
    const HEADER: usize = 40;
    let promised = bytes.get(4..8).and_then(|field| field.try_into().ok()).map(u32::from_be_bytes);
    let held = bytes.len().checked_sub(HEADER);
    match (promised, held) {
        (Some(promised), Some(held)) if usize::try_from(promised) == Ok(held) => Ok(()),
        _ => Err(format!("not an HDR V2 histogram: {} bytes do not match the header", bytes.len())),
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn histogram(latencies: &[u64]) -> Histogram {
        let mut histogram = Histogram::new();
        latencies.iter().for_each(|&latency_us| histogram.record_us(latency_us));
        histogram
    }

    fn through_json(histogram: &Histogram) -> Histogram {
        let json = serde_json::to_string(histogram).expect("serialises");
        serde_json::from_str(&json).expect("reads back")
    }

    #[test]
    fn an_empty_histogram_has_no_figures_but_holds_every_bound() {
        let empty = Histogram::new();
        assert_eq!(empty.percentiles(), Percentiles::default());
        assert_eq!((empty.count(), empty.max_us()), (0, 0));
        assert!((empty.share_within(1) - 1.0).abs() < f64::EPSILON);
        assert_eq!(through_json(&empty), empty);
    }

    #[test]
    fn what_is_out_of_range_counts_at_the_ends() {
        let ends = histogram(&[0, u64::MAX]);
        assert_eq!(ends.count(), 2);
        assert_eq!(ends.quantile_us(0.0), 1);
        assert!(ends.max_us() >= MAX_US);
        assert!((ends.share_within(1) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn forged_encodings_are_refused() {
        let header = |payload: u32, digits: u32| {
            let mut bytes = 0x1c84_9313_u32.to_be_bytes().to_vec();
            bytes.extend(payload.to_be_bytes());
            bytes.extend(0_u32.to_be_bytes());
            bytes.extend(digits.to_be_bytes());
            bytes.extend(1_u64.to_be_bytes());
            bytes.extend(MAX_US.to_be_bytes());
            bytes.extend(1_f64.to_be_bytes());
            format!("\"{}\"", STANDARD.encode(bytes))
        };
        assert_eq!(
            serde_json::from_str::<Histogram>(&header(0, 3)).expect("an empty histogram"),
            Histogram::new()
        );
        for forged in [header(u32::MAX, 3), header(0, 77), "\"AAAA\"".into(), "\"!\"".into()] {
            assert!(serde_json::from_str::<Histogram>(&forged).is_err(), "{forged}");
        }
    }

    proptest! {
        /// Every quantile is that of the sorted latencies, to three digits.
        #[test]
        fn quantiles_agree_with_a_sorted_vector(
            mut latencies in prop::collection::vec(1..=MAX_US, 1..400),
            quantile in 0.0..=1.0_f64,
        ) {
            let found = histogram(&latencies).quantile_us(quantile);
            latencies.sort_unstable();
            let rank = (quantile * latencies.len() as f64).ceil().max(1.0) as usize;
            let exact = latencies[rank.min(latencies.len()) - 1];
            prop_assert!(found.abs_diff(exact) * 1_000 <= exact.max(1_000), "{found} is not {exact}");
        }

        /// Recording in two parts and merging them is recording all at once; so is the file.
        #[test]
        fn merging_and_storing_lose_nothing(
            one in prop::collection::vec(1..=MAX_US, 0..200),
            other in prop::collection::vec(1..2_000_u64, 0..200),
        ) {
            let mut merged = histogram(&one);
            merged.merge(&histogram(&other));
            let whole = histogram(&[one, other].concat());
            prop_assert_eq!(&merged, &whole);
            prop_assert_eq!(through_json(&whole).percentiles(), whole.percentiles());
            prop_assert_eq!(through_json(&whole), whole);
        }
    }
}
