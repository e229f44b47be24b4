//! The arithmetic of capacities, without any state.

use super::{Adjustment, AdjustmentType, StepAdjustment};

/// Takes the error of binary fractions out of a quotient before it is rounded.
const EPSILON: f64 = 1e-9;

/// Scale-out of target tracking: proportional, rounded up (sheet 0.3, "scale-out size"; the exact
/// formula is an assumption). From nothing it starts with one.
pub(super) fn tracking_out(base: u32, value: f64, target: f64) -> u32 {
    (f64::from(base.max(1)) * value / target - EPSILON).ceil() as u32
}

/// Scale-in of target tracking: proportional, the removal rounded down (sheet 0.3).
pub(super) fn tracking_in(base: u32, value: f64, target: f64) -> u32 {
    let removed = (f64::from(base) - f64::from(base) * value / target + EPSILON).floor();
    base.saturating_sub(removed as u32)
}

/// `base` after an adjustment. Percentages are rounded toward zero, but never to nothing, and
/// change by `min_magnitude` at least (sheet 0.3, "step scaling").
pub(super) fn adjusted(base: u32, adjustment: Adjustment) -> u32 {
    let change = match adjustment.kind {
        AdjustmentType::ExactCapacity => return u32::try_from(adjustment.by).unwrap_or(0),
        AdjustmentType::ChangeInCapacity => i64::from(adjustment.by),
        AdjustmentType::PercentChangeInCapacity => {
            let hundredths = i64::from(base) * i64::from(adjustment.by);
            let least = i64::from(adjustment.min_magnitude).max(1);
            if hundredths == 0 {
                0
            } else {
                hundredths.signum() * (hundredths.abs() / 100).max(least)
            }
        }
    };
    u32::try_from((i64::from(base) + change).max(0)).unwrap_or(u32::MAX)
}

/// The step for a metric that is `beyond` the threshold by so much. Of an upper alarm's steps the
/// lower bound is inclusive, of a lower alarm's the upper one.
pub(super) fn step(steps: &[StepAdjustment], beyond: f64, upper: bool) -> Option<StepAdjustment> {
    let within = |step: &&StepAdjustment| {
        let (lower, upper_bound) =
            (step.lower.unwrap_or(f64::NEG_INFINITY), step.upper.unwrap_or(f64::INFINITY));
        if upper {
            lower <= beyond && beyond < upper_bound
        } else {
            lower < beyond && beyond <= upper_bound
        }
    };
    steps.iter().find(within).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn percent(by: i32, min_magnitude: u32) -> Adjustment {
        Adjustment { kind: AdjustmentType::PercentChangeInCapacity, by, min_magnitude }
    }

    /// The EC2 guide: a need of 1.5 instances more is two, of 1.5 fewer is one.
    #[test]
    fn a_need_of_one_and_a_half_is_two_more_but_one_fewer() {
        assert_eq!(tracking_out(3, 75.0, 50.0), 5);
        assert_eq!(tracking_in(3, 25.0, 50.0), 2);
    }

    #[test]
    fn whole_results_stay_whole() {
        assert_eq!(tracking_out(10, 80.0, 50.0), 16);
        assert_eq!(tracking_out(100, 140.0, 70.0), 200);
        assert_eq!(tracking_out(10, 0.77, 0.7), 11);
        assert_eq!(tracking_in(10, 63.0, 70.0), 9);
        assert_eq!(tracking_in(10, 0.0, 70.0), 0);
        assert_eq!(tracking_out(0, 90.0, 50.0), 2);
        assert_eq!(tracking_out(4, f64::MAX, 0.5), u32::MAX);
    }

    /// "Scaling adjustment types" of the EC2 guide.
    #[test]
    fn adjustments_as_the_documentation_has_them() {
        let of = |kind, by| Adjustment { kind, by, min_magnitude: 0 };
        assert_eq!(adjusted(3, of(AdjustmentType::ChangeInCapacity, 5)), 8);
        assert_eq!(adjusted(3, of(AdjustmentType::ExactCapacity, 5)), 5);
        assert_eq!(adjusted(10, percent(10, 0)), 11);
        assert_eq!(adjusted(127, percent(10, 0)), 139, "12.7 is 12");
        assert_eq!(adjusted(67, percent(1, 0)), 68, ".67 is 1");
        assert_eq!(adjusted(58, percent(-1, 0)), 57, "-.58 is -1");
        assert_eq!(adjusted(667, percent(-1, 0)), 661, "-6.67 is -6");
        assert_eq!(adjusted(4, percent(25, 2)), 6, "at least two");
        assert_eq!(adjusted(3, of(AdjustmentType::ChangeInCapacity, -5)), 0);
        assert_eq!(adjusted(10, percent(0, 2)), 10, "no change has no least change");
    }

    #[test]
    fn bounds_are_closed_toward_the_threshold() {
        let steps = [
            StepAdjustment { lower: Some(0.0), upper: Some(10.0), adjustment: 0 },
            StepAdjustment { lower: Some(10.0), upper: None, adjustment: 10 },
        ];
        let up = |beyond| step(&steps, beyond, true).map(|step| step.adjustment);
        assert_eq!((up(0.0), up(9.99), up(10.0), up(-0.1)), (Some(0), Some(0), Some(10), None));
        let steps = [
            StepAdjustment { lower: Some(-10.0), upper: Some(0.0), adjustment: 0 },
            StepAdjustment { lower: None, upper: Some(-10.0), adjustment: -10 },
        ];
        let down = |beyond| step(&steps, beyond, false).map(|step| step.adjustment);
        assert_eq!((down(0.0), down(-9.99), down(-10.0)), (Some(0), Some(0), Some(-10)));
        assert_eq!(down(0.1), None);
    }
}
