//! How an on-demand table grows: it carries twice its previous peak at once, and a new peak is a
//! previous one 30 minutes later (behaviour sheet 4.1, "on-demand growth").
//!
//! A peak is the mean of a window; AWS does not say how long that is.

use std::time::Duration;

/// The most windows that are kept until they count.
const MOST_WINDOWS: usize = 60;

/// The peaks of one kind of units.
#[derive(Debug, Clone)]
pub(super) struct Growth {
    /// Units a second that are served whatever the peaks were.
    floor: f64,
    window: Duration,
    /// End of the current window.
    end: Duration,
    /// Units of the last windows, the current one at `place`.
    units: Vec<f64>,
    place: usize,
    /// Units a second of the highest window that is past.
    peak: f64,
}

impl Growth {
    /// Serves `floor` units a second at least; a peak over `window` counts `growth` later.
    pub(super) fn new(floor: f64, growth: Duration, window: Duration, now: Duration) -> Self {
        let count = windows(growth, window);
        let window = (growth / count).max(Duration::from_millis(1));
        let units = vec![0.0; count as usize];
        Self { floor, window, end: now + window, units, place: 0, peak: 0.0 }
    }

    /// Units a second that are served now.
    pub(super) fn limit(&self) -> f64 {
        self.floor.max(2.0 * self.peak)
    }

    /// Lets time pass; `true` when the limit is another one now.
    pub(super) fn advance(&mut self, now: Duration) -> bool {
        if now < self.end {
            return false;
        }
        let before = self.limit();
        for _ in 0..self.units.len() {
            if now < self.end {
                break;
            }
            self.place = (self.place + 1) % self.units.len();
            let leaving = std::mem::take(&mut self.units[self.place]);
            self.peak = self.peak.max(leaving / self.window.as_secs_f64());
            self.end += self.window;
        }
        if now >= self.end {
            // Every window is past; what lies between held nothing.
            self.end = now + self.window;
        }
        self.limit() > before
    }

    /// Counts `units` in the current window.
    pub(super) fn count(&mut self, units: f64) {
        self.units[self.place] += units;
    }
}

/// How many windows pass until a peak counts.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1 to 60")]
fn windows(growth: Duration, window: Duration) -> u32 {
    let count = growth.as_secs_f64() / window.as_secs_f64().max(1e-9);
    (count.round() as usize).clamp(1, MOST_WINDOWS) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn half_an_hour(floor: f64) -> Growth {
        let (growth, window) = (Duration::from_secs(1_800), Duration::from_secs(60));
        Growth::new(floor, growth, window, Duration::ZERO)
    }

    /// Plays `minutes` minutes at `rate`, and tells the limit at the end.
    fn play(growth: &mut Growth, from_minute: u64, minutes: u64, rate: f64) -> f64 {
        for second in from_minute * 60..(from_minute + minutes) * 60 {
            growth.advance(Duration::from_secs(second));
            growth.count(rate);
        }
        growth.advance(Duration::from_secs((from_minute + minutes) * 60));
        growth.limit()
    }

    #[test]
    fn a_peak_counts_half_an_hour_later() {
        let mut growth = half_an_hour(4_000.0);
        assert_eq!(play(&mut growth, 0, 29, 3_000.0), 4_000.0);
        assert_eq!(play(&mut growth, 29, 2, 3_000.0), 6_000.0);
        assert_eq!(play(&mut growth, 31, 29, 6_000.0), 6_000.0, "twice within 30 minutes is all");
        assert_eq!(play(&mut growth, 60, 2, 6_000.0), 12_000.0);
    }

    #[test]
    fn a_peak_is_never_forgotten() {
        let mut growth = half_an_hour(4_000.0);
        play(&mut growth, 0, 5, 4_000.0);
        assert!(growth.advance(Duration::from_secs(1_000_000)));
        assert_eq!(growth.limit(), 8_000.0);
        assert!(!growth.advance(Duration::from_secs(9_000_000)));
        assert_eq!(growth.limit(), 8_000.0);
    }

    #[test]
    fn a_window_fits_into_the_time_of_growth() {
        let of = |growth, window| windows(Duration::from_secs(growth), Duration::from_secs(window));
        assert_eq!([of(1_800, 60), of(1_800, 0), of(1_800, 1), of(10, 60)], [30, 60, 60, 1]);
    }

    #[test]
    fn little_traffic_leaves_the_floor() {
        let mut growth = half_an_hour(4_000.0);
        assert_eq!(play(&mut growth, 0, 90, 100.0), 4_000.0);
    }
}
