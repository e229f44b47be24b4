//! The samples of a time window, cut into the columns of a picture.

use std::sync::Arc;

use securecart_record::{RunRecord, Sample};

use crate::state::Window;

/// What "recent" means: seconds over which rates are averaged and health is judged.
pub(crate) const RECENT_S: u32 = 10;

/// Fewest intervals a window is wide, so that the first seconds do not fill the screen.
const SLOTS_MIN: usize = 30;

/// The samples of a window that ends now.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span<'a> {
    samples: &'a [Arc<Sample>],
    slots: usize,
    resolution_s: u32,
}

impl<'a> Span<'a> {
    pub(crate) fn new(record: &'a RunRecord, window: Window) -> Self {
        let resolution_s = record.resolution_s.max(1);
        let slots = match window.seconds() {
            Some(seconds) => seconds.div_ceil(resolution_s) as usize,
            None => record.samples.len().max(SLOTS_MIN),
        };
        Self { samples: tail(&record.samples, slots), slots, resolution_s }
    }

    /// The samples in the window, the oldest first.
    pub(crate) fn samples(&self) -> &'a [Arc<Sample>] {
        self.samples
    }

    /// Length of the window, wall seconds.
    pub(crate) fn length_s(&self) -> f64 {
        self.slots as f64 * f64::from(self.resolution_s)
    }

    /// Seconds that a sample stands for.
    pub(crate) fn resolution_s(&self) -> u32 {
        self.resolution_s
    }

    /// The window cut into `columns` of equal length, the oldest first: the samples of each.
    ///
    /// Empty where the run had not begun. With more columns than samples, neighbours share one.
    pub(crate) fn columns(self, columns: usize) -> impl Iterator<Item = &'a [Arc<Sample>]> {
        let before = self.slots - self.samples.len();
        (0..columns).map(move |column| {
            let from = column * self.slots / columns;
            let to = ((column + 1) * self.slots / columns).max(from + 1);
            &self.samples[from.saturating_sub(before)..to.saturating_sub(before)]
        })
    }

    /// The column of `columns` in which the wall second `at_s` lies, if it is in the window.
    pub(crate) fn column_of(&self, at_s: f64, columns: usize) -> Option<usize> {
        let end_s = self.samples.last()?.at_s;
        let share = 1.0 - (end_s - at_s) / self.length_s();
        (share > 0.0 && share <= 1.0)
            .then(|| ((share * columns as f64) as usize).min(columns.saturating_sub(1)))
    }

    /// The columns of `columns` that the wall time from `start_s` to `end_s` (or to now) touches.
    pub(crate) fn columns_of(
        &self,
        start_s: f64,
        end_s: Option<f64>,
        columns: usize,
    ) -> std::ops::Range<usize> {
        let now_s = self.samples.last().map_or(0.0, |last| last.at_s);
        let end_s = end_s.unwrap_or(now_s).min(now_s);
        let share = |at_s: f64| 1.0 - (now_s - at_s) / self.length_s();
        // What is not a number touches nothing.
        if !(share(end_s) > 0.0 && share(start_s) < 1.0 && start_s <= end_s) {
            return 0..0;
        }
        // A column that is touched by less than a millionth is a rounding error.
        let first = (share(start_s).max(0.0) * columns as f64 + 1e-6) as usize;
        let last = (share(end_s) * columns as f64 - 1e-6).ceil() as usize;
        first.min(columns)..last.max(first + 1).min(columns)
    }
}

/// The samples of the last [`RECENT_S`] seconds, the oldest first.
pub(crate) fn recent(record: &RunRecord) -> &[Arc<Sample>] {
    tail(&record.samples, RECENT_S.div_ceil(record.resolution_s.max(1)) as usize)
}

/// The mean a second of a count over `samples`; 0 without samples.
pub(crate) fn per_second(
    record: &RunRecord,
    samples: &[Arc<Sample>],
    count: impl Fn(&Sample) -> u64,
) -> f64 {
    let seconds = samples.len() as f64 * f64::from(record.resolution_s.max(1));
    let sum: u64 = samples.iter().map(|sample| count(sample)).fold(0, u64::saturating_add);
    if seconds == 0.0 { 0.0 } else { sum as f64 / seconds }
}

fn tail(samples: &[Arc<Sample>], most: usize) -> &[Arc<Sample>] {
    &samples[samples.len().saturating_sub(most)..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn lengths(span: Span<'_>, columns: usize) -> Vec<usize> {
        span.columns(columns).map(<[_]>::len).collect()
    }

    #[test]
    fn columns_cover_every_sample_once_when_there_are_fewer() {
        let record = fixture::black_friday(120);
        let span = Span::new(&record, Window::Minutes2);
        assert_eq!(lengths(span, 40), vec![3; 40]);
        assert_eq!(lengths(span, 7).iter().sum::<usize>(), 120);
    }

    #[test]
    fn a_young_run_fills_the_window_from_the_right() {
        let record = fixture::black_friday(10);
        let span = Span::new(&record, Window::Seconds30);
        assert_eq!(lengths(span, 3), [0, 0, 10]);
        assert_eq!(lengths(span, 60).iter().filter(|length| **length == 1).count(), 20);
    }

    #[test]
    fn moments_fall_into_their_columns() {
        let record = fixture::black_friday(120);
        let span = Span::new(&record, Window::Minutes1);
        assert_eq!(span.column_of(120.0, 60), Some(59));
        assert_eq!(span.column_of(61.5, 60), Some(1));
        assert_eq!(span.column_of(59.0, 60), None);
        assert_eq!(span.column_of(121.0, 60), None);
    }

    #[test]
    fn a_stretch_of_time_touches_its_columns() {
        let record = fixture::black_friday(120);
        let span = Span::new(&record, Window::Minutes1);
        assert_eq!(span.columns_of(90.0, Some(100.0), 60), 30..40);
        assert_eq!(span.columns_of(0.0, Some(70.0), 60), 0..10);
        assert_eq!(span.columns_of(110.0, None, 60), 50..60);
        assert_eq!(span.columns_of(90.0, Some(90.0), 60), 30..31, "what happens at once shows");
        assert_eq!(span.columns_of(10.0, Some(20.0), 60), 0..0);
        assert_eq!(span.columns_of(f64::NAN, None, 60), 0..0);
    }

    #[test]
    fn merged_samples_stand_for_their_time() {
        let mut record = fixture::black_friday(100);
        record.resolution_s = 4;
        assert_eq!(recent(&record).len(), 3);
        assert_eq!(Span::new(&record, Window::Minutes1).samples().len(), 15);
        let rate = per_second(&record, recent(&record), |_| 8);
        assert!((rate - 2.0).abs() < 1e-9);
    }
}
