//! The objectives: how each stands, and which of them are lines in a latency chart.

use securecart_record::{Objective, Phase, RunRecord, Verdict};

use crate::state::Subject;

/// How an objective stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    /// It is missed so far.
    Missed,
    /// There was nothing to measure it by, and the run is over.
    NotMeasured,
    /// It holds so far.
    Held,
    /// The run was interrupted: half a run judges nothing.
    NotJudged,
    /// Nothing was measured yet.
    Waiting,
}

/// How `objective` stands. Without data, and while something is still waited for, that is open until
/// the run has finished.
pub(crate) fn state(record: &RunRecord, objective: &Objective) -> State {
    // While a run goes on, that is its verdict as well.
    if record.phase == Phase::Finished && record.verdict == Verdict::Interrupted {
        return State::NotJudged;
    }
    let open = objective.share_of_bound.is_none() && record.phase != Phase::Finished;
    match objective.held {
        Some(true) => State::Held,
        Some(false) | None if open => State::Waiting,
        Some(false) => State::Missed,
        None => State::NotMeasured,
    }
}

/// An objective's bound on a latency.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bound {
    /// The bound, µs.
    pub(crate) latency_us: f64,
    /// What it bounds, such as `p99 < 800ms`.
    pub(crate) label: String,
}

/// The bounds on the response time of `subject`, in the order of the scenario.
pub(crate) fn latency_bounds(record: &RunRecord, subject: &Subject) -> Vec<Bound> {
    let prefix = match subject {
        Subject::AllOperations => "latency.".to_owned(),
        Subject::Operation(name) => format!("{name}.latency."),
        _ => return Vec::new(),
    };
    let bound = |objective: &Objective| {
        let percentile = objective.metric.strip_prefix(&prefix)?;
        let latency_us = parse_us(objective.bound.trim_start_matches(['<', '=', ' ']))?;
        Some(Bound { latency_us, label: format!("{percentile} {}", objective.bound) })
    };
    record.objectives.iter().filter_map(bound).collect()
}

/// A duration as scenarios write it, such as `800ms`, in µs.
fn parse_us(text: &str) -> Option<f64> {
    let text = text.trim();
    let unit_at = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(unit_at);
    let unit_us = match unit.trim() {
        "us" | "µs" => 1.0,
        "ms" => 1e3,
        "s" => 1e6,
        "m" | "min" => 6e7,
        "h" => 3.6e9,
        _ => return None,
    };
    number.parse::<f64>().ok().map(|number| number * unit_us).filter(|us| *us > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn durations_in_every_unit() {
        assert_eq!(parse_us("800ms"), Some(800_000.0));
        assert_eq!(parse_us("1.5 s"), Some(1_500_000.0));
        assert_eq!(parse_us("250us"), Some(250.0));
        assert_eq!(parse_us("10m"), Some(600_000_000.0));
        for wrong in ["", "ms", "800", "0ms", "1..5s", "12 parsecs"] {
            assert_eq!(parse_us(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn bounds_belong_to_their_operation() {
        let record = fixture::black_friday(5);
        let of_checkout = latency_bounds(&record, &Subject::Operation("checkout".to_owned()));
        assert_eq!(of_checkout.len(), 1);
        assert_eq!(of_checkout[0].label, "p99 < 800ms");
        let of_all = latency_bounds(&record, &Subject::AllOperations);
        assert_eq!(of_all[0].label, "p99 < 500ms");
        assert!(latency_bounds(&record, &Subject::Operation("search".to_owned())).is_empty());
    }

    #[test]
    fn no_data_is_not_yet_a_miss_while_the_run_goes_on() {
        let mut record = fixture::black_friday(5);
        let mut objective = record.objectives[0].clone();
        objective.share_of_bound = None;
        for (held, at_the_end) in [(Some(false), State::Missed), (None, State::NotMeasured)] {
            objective.held = held;
            record.phase = Phase::Running;
            assert_eq!(state(&record, &objective), State::Waiting);
            record.phase = Phase::Finished;
            assert_eq!(state(&record, &objective), State::NotJudged, "interrupted");
            record.verdict = Verdict::Missed;
            assert_eq!(state(&record, &objective), at_the_end);
            record.verdict = Verdict::Interrupted;
        }
    }
}
