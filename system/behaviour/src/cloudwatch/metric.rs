//! A metric: the newest datapoints of one series, by period.

use std::{collections::VecDeque, time::Duration};

use serde::Serialize;

/// How the values within a period become one datapoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Statistic {
    /// The mean of all values.
    Average,
    /// Their sum.
    Sum,
    /// The largest.
    Maximum,
}

/// What fell into one slot of the finest resolution.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Slot {
    sum: f64,
    maximum: f64,
    count: u32,
}

/// A bounded window of a metric's values, in slots of its resolution. Slot `i` covers the time
/// after `i` resolutions up to and including `i + 1` of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    resolution: Duration,
    limit: usize,
    first: u64,
    slots: VecDeque<Slot>,
}

impl Metric {
    /// An empty window that reaches back `window` from its newest value. A `resolution` of zero
    /// counts as a second: CloudWatch stores nothing finer.
    #[must_use]
    pub fn new(resolution: Duration, window: Duration) -> Self {
        let resolution = if resolution.is_zero() { Duration::from_secs(1) } else { resolution };
        let limit = window.as_nanos().div_ceil(resolution.as_nanos()).max(1);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Self { resolution, limit, first: 0, slots: VecDeque::new() }
    }

    /// Adds a value measured over the time that ended at `end`. Late values count where they
    /// belong; values older than the window, and values that are no numbers, are dropped.
    pub fn record(&mut self, end: Duration, value: f64) {
        if !value.is_finite() {
            return;
        }
        let index = self.index(end);
        let Some(slot) = self.slot(index) else { return };
        slot.maximum = if slot.count == 0 { value } else { slot.maximum.max(value) };
        slot.sum += value;
        slot.count += 1;
    }

    /// The datapoint of the `period` that ended at `end`; `None` where nothing was recorded.
    #[must_use]
    pub fn datapoint(&self, end: Duration, period: Duration, statistic: Statistic) -> Option<f64> {
        let start = end.checked_sub(period)?;
        let last = self.index(end);
        let from = self.boundary(start).max(self.first);
        let mut total = Slot::default();
        for slot in (from..=last).map_while(|index| self.slots.get(self.offset(index)?)) {
            if slot.count > 0 {
                total.maximum =
                    if total.count == 0 { slot.maximum } else { total.maximum.max(slot.maximum) };
                total.sum += slot.sum;
                total.count += slot.count;
            }
        }
        (total.count > 0).then(|| match statistic {
            Statistic::Average => total.sum / f64::from(total.count),
            Statistic::Sum => total.sum,
            Statistic::Maximum => total.maximum,
        })
    }

    /// The slot that a value ending at `end` belongs to.
    fn index(&self, end: Duration) -> u64 {
        self.ceiling(end).saturating_sub(1)
    }

    /// The first slot that lies wholly after `start`.
    fn boundary(&self, start: Duration) -> u64 {
        self.ceiling(start)
    }

    fn ceiling(&self, at: Duration) -> u64 {
        u64::try_from(at.as_nanos().div_ceil(self.resolution.as_nanos())).unwrap_or(u64::MAX)
    }

    fn offset(&self, index: u64) -> Option<usize> {
        usize::try_from(index.checked_sub(self.first)?).ok()
    }

    /// The slot at `index`, once the window has moved there; `None` when it has moved past.
    fn slot(&mut self, index: u64) -> Option<&mut Slot> {
        if self.slots.is_empty() {
            self.first = index.saturating_sub(self.limit as u64 - 1);
        }
        let needed = index.checked_sub(self.first)? + 1;
        let behind = needed.saturating_sub(self.limit as u64);
        if behind >= self.slots.len() as u64 {
            self.slots.clear();
        } else {
            self.slots.drain(..usize::try_from(behind).ok()?);
        }
        self.first += behind;
        let offset = self.offset(index)?;
        if self.slots.len() <= offset {
            self.slots.resize(offset + 1, Slot::default());
        }
        self.slots.get_mut(offset)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn minutes(count: u64) -> Duration {
        Duration::from_secs(60 * count)
    }

    #[test]
    fn a_period_takes_the_values_after_its_start_up_to_its_end() {
        let mut metric = Metric::new(Duration::from_secs(10), minutes(10));
        for (second, value) in [(60, 100.0), (61, 1.0), (70, 3.0), (120, 8.0), (121, 50.0)] {
            metric.record(Duration::from_secs(second), value);
        }
        let at = |statistic| metric.datapoint(minutes(2), MINUTE, statistic);
        assert_eq!(at(Statistic::Sum), Some(12.0));
        assert_eq!(at(Statistic::Average), Some(4.0));
        assert_eq!(at(Statistic::Maximum), Some(8.0));
        assert_eq!(metric.datapoint(minutes(4), MINUTE, Statistic::Sum), None);
        assert_eq!(metric.datapoint(minutes(1), minutes(2), Statistic::Sum), None);
    }

    #[test]
    fn negative_values_have_a_maximum_and_what_is_no_number_is_dropped() {
        let mut metric = Metric::new(MINUTE, minutes(5));
        metric.record(MINUTE, -3.0);
        metric.record(MINUTE, -5.0);
        metric.record(MINUTE, f64::NAN);
        assert_eq!(metric.datapoint(MINUTE, MINUTE, Statistic::Maximum), Some(-3.0));
        assert_eq!(metric.datapoint(MINUTE, MINUTE, Statistic::Average), Some(-4.0));
    }

    #[test]
    fn a_late_value_counts_while_the_window_holds_it() {
        let mut metric = Metric::new(MINUTE, minutes(3));
        metric.record(minutes(10), 10.0);
        metric.record(minutes(8), 8.0);
        metric.record(minutes(7), 7.0);
        assert_eq!(metric.datapoint(minutes(8), MINUTE, Statistic::Sum), Some(8.0));
        assert_eq!(metric.datapoint(minutes(7), MINUTE, Statistic::Sum), None);
        metric.record(minutes(1_000), 1.0);
        assert_eq!(metric.datapoint(minutes(10), MINUTE, Statistic::Sum), None);
        assert_eq!(metric.datapoint(minutes(1_000), MINUTE, Statistic::Sum), Some(1.0));
    }

    proptest! {
        /// The window never holds more than it was made for, and always holds the newest value.
        #[test]
        fn the_window_is_bounded(ends in prop::collection::vec(0_u64..5_000, 1..200)) {
            let mut metric = Metric::new(MINUTE, minutes(17));
            let mut newest = 0;
            for end in ends {
                metric.record(minutes(end), 1.0);
                newest = newest.max(end);
                prop_assert!(metric.slots.len() <= 17);
                let latest = metric.datapoint(minutes(newest.max(1)), MINUTE, Statistic::Sum);
                prop_assert!(latest.is_some());
            }
        }
    }
}
