//! Spot interruptions (sheet 3.2, hazard): each task on its own, at the rate the Spot Advisor
//! publishes, and all together in a capacity crunch, because independence is wrong on Black Friday.
//!
//! The crunch is a fault of the scenario: [`super::Fleet::spot_available`] and
//! [`super::Fleet::reclaim_spot`]. It is an assumption, as is the constant hazard; AWS publishes
//! neither.
//!
//! Deliberately absent: prices, and pools other than one per fleet.

use std::time::Duration;

/// From the interruption notice to the end (sheet 3.1, Fargate Spot; 3.2, Spot interruption).
pub const NOTICE: Duration = Duration::from_secs(120);

/// The hours of the Spot Advisor's trailing month.
const MONTH_HOURS: f64 = 720.0;

/// How much of a fleet is Spot, and how likely AWS is to take it back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// The share of the desired count that is Spot, 0 to 1; rounded to whole tasks.
    pub share: f64,
    /// The Spot Advisor's share of instances interrupted in a month, 0 to below 1 (0.05, 0.20 ...).
    pub interrupted_a_month: f64,
}

impl Default for Settings {
    /// No Spot; should there be some, the best bucket of the Spot Advisor (below 5 %).
    fn default() -> Self {
        Self { share: 0.0, interrupted_a_month: 0.05 }
    }
}

impl Settings {
    /// How many of `desired` are to be Spot.
    #[must_use]
    pub fn wanted(&self, desired: u32) -> u32 {
        (f64::from(desired) * self.share.clamp(0.0, 1.0)).round() as u32
    }

    /// Interruptions per task and hour: `-ln(1-p)/720`.
    #[must_use]
    pub fn hazard_per_hour(&self) -> f64 {
        -(1.0 - self.interrupted_a_month.clamp(0.0, 0.999)).ln() / MONTH_HOURS
    }

    /// From a launch to its interruption, at the share `uniform` of an exponential distribution;
    /// `None` where it never comes.
    #[must_use]
    pub fn time_to_interruption(&self, uniform: f64) -> Option<Duration> {
        let hazard = self.hazard_per_hour();
        if hazard <= 0.0 {
            return None;
        }
        let hours = -(1.0 - uniform.clamp(0.0, 1.0 - 1e-12)).ln() / hazard;
        // A century is never, and still fits every clock.
        Some(Duration::from_secs_f64((hours * 3_600.0).min(3.2e9)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sheet's three rates.
    #[test]
    fn the_hazard_of_the_spot_advisors_buckets() {
        for (p, per_hour) in [(0.05, 7.1e-5), (0.20, 3.1e-4), (0.40, 7.1e-4)] {
            let spot = Settings { share: 1.0, interrupted_a_month: p };
            assert!((spot.hazard_per_hour() / per_hour - 1.0).abs() < 0.01, "{p}");
        }
    }

    /// The share interrupted within a month is the share that was given.
    #[test]
    fn a_month_interrupts_the_share_given() {
        let spot = Settings { share: 1.0, interrupted_a_month: 0.2 };
        let month = Duration::from_secs(720 * 3_600);
        assert!(spot.time_to_interruption(0.199).expect("some") < month);
        assert!(spot.time_to_interruption(0.201).expect("some") > month);
        assert_eq!(Settings { interrupted_a_month: 0.0, ..spot }.time_to_interruption(0.5), None);
    }

    #[test]
    fn the_share_is_rounded_to_whole_tasks() {
        let spot = Settings { share: 0.29, interrupted_a_month: 0.05 };
        assert_eq!((spot.wanted(100), spot.wanted(10), spot.wanted(1)), (29, 3, 0));
    }
}
