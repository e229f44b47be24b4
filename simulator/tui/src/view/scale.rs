//! The vertical axis of a chart: from a value to a height, and the values worth a label.

use securecart_record::{Buckets, format};

/// Buckets of a decade (see [`securecart_record::bucket_bound_us`]).
const PER_DECADE: f64 = 8.0;
/// Fewest buckets that an axis covers: a decade.
const BUCKETS_MIN: usize = 8;

/// A vertical axis.
#[derive(Debug, Clone, Copy)]
pub(super) enum Scale {
    /// From 0 to `most`, written by `text`.
    Linear {
        /// The value at the top; greater than 0.
        most: f64,
        /// How a value is written.
        text: fn(f64) -> String,
    },
    /// Latencies of the heatmap's buckets from `from` to before `to`.
    Latency {
        /// The bucket at the bottom.
        from: usize,
        /// The bucket above the top; greater than `from`.
        to: usize,
    },
}

impl Scale {
    /// A linear axis that holds `values`, up to a round number.
    pub(super) fn linear(values: impl Iterator<Item = f64>, text: fn(f64) -> String) -> Self {
        let most = values.filter(|value| value.is_finite()).fold(0.0, f64::max);
        Self::Linear { most: round_up(most), text }
    }

    /// An axis that holds the latencies `from_us` to `to_us`.
    pub(super) fn latency(from_us: u64, to_us: u64) -> Self {
        let from = Buckets::index_of(from_us);
        let to = (Buckets::index_of(to_us) + 1).max(from + BUCKETS_MIN);
        Self::Latency { from, to }
    }

    /// Where `value` is: 0 at the bottom, 1 at the top, beyond outside.
    pub(super) fn height(&self, value: f64) -> f64 {
        match *self {
            Self::Linear { most, .. } => value / most,
            Self::Latency { from, to } => {
                let bucket = (value.max(1.0) / 100.0).log10() * PER_DECADE;
                (bucket - from as f64) / (to - from) as f64
            }
        }
    }

    /// The line of `lines` (0 at the top) that `value` falls into; none outside.
    pub(super) fn line_of(&self, value: f64, lines: u16) -> Option<u16> {
        let height = self.height(value);
        if !(0.0..=1.0).contains(&height) || lines == 0 {
            return None;
        }
        let from_bottom = ((height * f64::from(lines)) as u16).min(lines - 1);
        Some(lines - 1 - from_bottom)
    }

    /// Labels for an axis of `lines`: line and text, no two beside each other and no two alike: a half
    /// of one message would read as one more.
    pub(super) fn labels(&self, lines: u16) -> Vec<(u16, String)> {
        let mut labels: Vec<(u16, String)> = Vec::new();
        for (value, text) in self.candidates() {
            let Some(line) = self.line_of(value, lines) else { continue };
            let fits = |(taken, known): &(u16, String)| taken.abs_diff(line) > 1 && *known != text;
            if labels.iter().all(fits) {
                labels.push((line, text));
            }
        }
        labels
    }

    /// Values worth a label, the most welcome first.
    fn candidates(&self) -> Vec<(f64, String)> {
        match *self {
            Self::Linear { most, text } => {
                let mut middle = most / 2.0;
                // A label stands where it says: half of 3 written as 2 belongs at 2.
                if text(middle) == text(middle.round()) {
                    middle = middle.round();
                }
                [most, 0.0, middle].map(|value| (value, text(value))).to_vec()
            }
            Self::Latency { .. } => {
                let label = |factor: u64| {
                    (2..=8)
                        .map(move |power| factor * 10_u64.pow(power))
                        .map(|us| (us as f64, short_latency(us)))
                };
                [1, 5, 2].into_iter().flat_map(label).collect()
            }
        }
    }
}

/// A round latency without the digits that are zero: `100 ms`, not `100.0 ms`.
fn short_latency(us: u64) -> String {
    match us {
        0..1_000 => format!("{us} µs"),
        1_000..1_000_000 => format!("{} ms", us / 1_000),
        1_000_000..60_000_000 => format!("{} s", us / 1_000_000),
        _ => format::latency_us(us),
    }
}

/// The next round number; 1 for nothing.
fn round_up(value: f64) -> f64 {
    if value <= 0.0 {
        return 1.0;
    }
    let decade = 10_f64.powf(value.log10().floor());
    let step = [1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0]
        .into_iter()
        .find(|step| step * decade >= value * 0.999_999);
    step.unwrap_or(10.0) * decade
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_top_is_round() {
        for (value, top) in [(0.0, 1.0), (3.0, 3.0), (10.0, 10.0), (101.0, 150.0), (0.045, 0.05)] {
            assert!((round_up(value) - top).abs() < 1e-9, "{value}");
        }
    }

    #[test]
    fn latencies_rise_by_their_logarithm() {
        let scale = Scale::latency(1_000, 99_000);
        assert!((scale.height(1_000.0)).abs() < 1e-9);
        assert!((scale.height(10_000.0) - 0.5).abs() < 1e-9);
        assert_eq!(scale.line_of(1_000.0, 8), Some(7));
        assert_eq!(scale.line_of(10_000.0, 8), Some(3));
        assert_eq!(scale.line_of(900.0, 8), None);
    }

    #[test]
    fn a_tiny_count_has_no_label_twice() {
        let count = |value: f64| format::count(value.round() as u64);
        for most in [0.0, 1.0, 2.0, 3.0] {
            let labels = Scale::linear([most].into_iter(), count).labels(9);
            let mut texts: Vec<_> = labels.into_iter().map(|(_, text)| text).collect();
            let all = texts.len();
            texts.sort_unstable();
            texts.dedup();
            assert_eq!(texts.len(), all, "{most}: {texts:?}");
        }
    }

    #[test]
    fn a_label_stands_where_it_says() {
        let count = |value: f64| format::count(value.round() as u64);
        let scale = Scale::linear([3.0].into_iter(), count);
        let labels = scale.labels(12);
        let two = labels.iter().find(|(_, text)| text == "2").expect("a label in the middle");
        assert_eq!(Some(two.0), scale.line_of(2.0, 12));
        let share = Scale::linear([0.5].into_iter(), format::share).labels(12);
        assert!(share.iter().any(|(_, text)| text == "25.0 %"), "{share:?}");
    }

    #[test]
    fn labels_keep_a_line_between_them() {
        for lines in 0..40 {
            let mut taken: Vec<_> = Scale::latency(500, 2_000_000)
                .labels(lines)
                .into_iter()
                .map(|(line, _)| line)
                .collect();
            taken.sort_unstable();
            assert!(taken.windows(2).all(|pair| pair[1] - pair[0] > 1), "{lines}: {taken:?}");
            assert!(taken.iter().all(|line| *line < lines));
        }
    }
}
