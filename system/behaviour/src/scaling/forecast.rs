//! The hourly forecast of predictive scaling (sheet 0.3, "predictive scaling").
//!
//! AWS' forecast is a learned model that it doesn't publish. This one is an assumption: the load of
//! the same hour on each of the last 14 days, where a day weighs 0.7 of the day after it.

use std::{collections::VecDeque, time::Duration};

const HOUR_SECONDS: u64 = 3_600;

/// Hours of history a forecast needs, looks back at, and covers; and hours between two of them.
const NEEDED_HOURS: usize = 24;
const HISTORY_HOURS: usize = 14 * 24;
const FORECAST_HOURS: u64 = 48;
const REFRESH_HOURS: u64 = 6;

/// How much a day weighs beside the day after it.
const DAY_WEIGHT: f64 = 0.7;

/// The hour that `at` lies in, counted from the origin.
pub(super) fn hour_of(at: Duration) -> u64 {
    at.as_secs() / HOUR_SECONDS
}

/// Loads by hour, and what is expected of the next ones.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Forecast {
    /// Complete hours, the newest last; the next one is `hour`.
    hours: VecDeque<Option<f64>>,
    hour: u64,
    sum: f64,
    count: u32,
    /// Expected loads from `made_at` on.
    expected: Vec<Option<f64>>,
    made_at: u64,
}

impl Forecast {
    /// With the hours before `now`'s, oldest first.
    pub(super) fn new(history: &[f64], now: Duration) -> Self {
        let known = &history[history.len().saturating_sub(HISTORY_HOURS)..];
        let mut forecast = Self {
            hours: known.iter().copied().map(Some).collect(),
            hour: hour_of(now),
            sum: 0.0,
            count: 0,
            expected: Vec::new(),
            made_at: 0,
        };
        forecast.make();
        forecast
    }

    /// Closes the hours that are over by `now`.
    pub(super) fn advance(&mut self, now: Duration) {
        let current = hour_of(now);
        // What is longer ago than the history reaches is forgotten, however long nobody asked.
        let skipped = current.saturating_sub(self.hour).saturating_sub(HISTORY_HOURS as u64 + 1);
        self.hour += skipped;
        while self.hour < current {
            if self.hours.len() == HISTORY_HOURS {
                self.hours.pop_front();
            }
            self.hours.push_back((self.count > 0).then(|| self.sum / f64::from(self.count)));
            (self.sum, self.count) = (0.0, 0);
            self.hour += 1;
            if self.expected.is_empty() || self.hour.is_multiple_of(REFRESH_HOURS) {
                self.make();
            }
        }
    }

    /// Adds a measured load to the hour that is open.
    pub(super) fn add(&mut self, load: f64) {
        self.sum += load;
        self.count += 1;
    }

    /// The load expected in `hour`; `None` where there is no forecast of it.
    pub(super) fn expected(&self, hour: u64) -> Option<f64> {
        let ahead = usize::try_from(hour.checked_sub(self.made_at)?).ok()?;
        *self.expected.get(ahead)?
    }

    fn make(&mut self) {
        if self.hours.len() < NEEDED_HOURS {
            return;
        }
        self.made_at = self.hour;
        self.expected = (0..FORECAST_HOURS).map(|ahead| self.predict(ahead)).collect();
    }

    /// The weighted mean of the hours that lie whole days before the one `ahead` of `hour`.
    fn predict(&self, ahead: u64) -> Option<f64> {
        let (mut weights, mut loads) = (0.0, 0.0);
        let ahead = usize::try_from(ahead).ok()?;
        let mut weight = 1.0;
        for back in (1..).map(|day| day * 24).skip_while(|back| *back <= ahead) {
            let Some(index) = (self.hours.len() + ahead).checked_sub(back) else { break };
            if let Some(load) = self.hours[index] {
                weights += weight;
                loads += weight * load;
            }
            weight *= DAY_WEIGHT;
        }
        (weights > 0.0).then(|| loads / weights)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(count: u64) -> Duration {
        Duration::from_secs(HOUR_SECONDS * count)
    }

    #[test]
    fn a_forecast_needs_24_hours_and_covers_48() {
        let mut forecast = Forecast::new(&[], Duration::ZERO);
        for hour in 0..24 {
            assert_eq!(forecast.expected(24), None);
            forecast.add(f64::from(hour));
            forecast.advance(hours(u64::from(u32::try_from(hour).expect("small")) + 1));
        }
        assert_eq!(forecast.expected(24 + 7), Some(7.0));
        assert_eq!(forecast.expected(24 + 24 + 7), Some(7.0));
        assert_eq!(forecast.expected(24 + 48), None);
    }

    #[test]
    fn newer_days_weigh_more_and_hours_without_data_nothing() {
        let mut history = vec![10.0; 24];
        history.extend([20.0; 24]);
        let forecast = Forecast::new(&history, hours(48));
        let expected = forecast.expected(50).expect("forecast");
        assert!((expected - (20.0 + 0.7 * 10.0) / 1.7).abs() < 1e-9, "{expected}");

        let mut gap = Forecast::new(&[10.0; 24], hours(24));
        gap.advance(hours(48));
        assert_eq!(gap.expected(50), Some(10.0));
    }

    #[test]
    fn it_is_refreshed_every_six_hours() {
        let mut forecast = Forecast::new(&[10.0; 24], hours(24));
        for hour in 24..30 {
            forecast.add(100.0);
            forecast.advance(hours(hour));
            assert_eq!(forecast.expected(48), Some(10.0), "hour {hour}");
        }
        forecast.advance(hours(30));
        assert!(forecast.expected(48).expect("forecast") > 10.0);
    }

    #[test]
    fn a_long_silence_costs_no_more_than_the_history() {
        let mut forecast = Forecast::new(&[10.0; 24], Duration::ZERO);
        forecast.advance(Duration::from_secs(u64::MAX / 4));
        assert_eq!(forecast.hours.len(), HISTORY_HOURS);
        assert_eq!(forecast.expected(hour_of(Duration::from_secs(u64::MAX / 4)) + 1), None);
    }
}
