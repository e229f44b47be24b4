//! What a range of datapoints means for an alarm: the rules of the sheet, 0.2, without any state.

use std::time::Duration;

use super::{AlarmSettings, AlarmState, MissingData};

/// One datapoint of the range; no value is a missing one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    pub(super) end: Duration,
    pub(super) value: Option<f64>,
}

/// What came out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Judgement {
    /// `None`: the alarm keeps its state.
    pub(super) state: Option<AlarmState>,
    /// Missing datapoints that a setting stood in for, or that were not known.
    pub(super) filled: usize,
}

/// Judges `points`, newest first, as many as the evaluation range has.
pub(super) fn judge(settings: &AlarmSettings, points: &[Point]) -> Judgement {
    let n = settings.evaluation_periods as usize;
    let m = settings.datapoints_to_alarm as usize;
    let (mut real, mut breaching, mut oldest) = (0, 0, 0);
    for (age, value) in points.iter().enumerate().filter_map(|(age, p)| Some((age + 1, p.value?))) {
        if real < n {
            real += 1;
            breaching += usize::from(settings.comparison.breaches(value, settings.threshold));
            oldest = age;
        }
    }
    let filled = n - real;
    let crossed = |count: usize| Some(if count >= m { AlarmState::Alarm } else { AlarmState::Ok });
    let state = match settings.missing_data {
        _ if filled == 0 => crossed(breaching),
        MissingData::Breaching => crossed(breaching + filled),
        MissingData::NotBreaching => crossed(breaching),
        // Enough of them breach, or one doesn't: either way nothing has to be filled in.
        _ if breaching >= m || breaching < real => crossed(breaching),
        MissingData::Ignore => None,
        // The guard against premature alarms: a breach has to be M datapoints old before the gaps
        // after it count for nothing.
        MissingData::Missing if real > 0 && oldest >= m => Some(AlarmState::Alarm),
        MissingData::Missing => Some(AlarmState::InsufficientData),
    };
    Judgement { state, filled }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloudwatch::Comparison;

    /// `0` is within the threshold, `X` breaches, `-` is missing; the newest is on the right.
    fn points(text: &str) -> Vec<Point> {
        let values = text.chars().filter(|c| !c.is_whitespace()).rev();
        values
            .map(|c| Point {
                end: Duration::ZERO,
                value: match c {
                    '0' => Some(1.0),
                    'X' => Some(9.0),
                    _ => None,
                },
            })
            .collect()
    }

    fn state(m: u32, text: &str, missing_data: MissingData) -> &'static str {
        let settings = AlarmSettings {
            evaluation_periods: 3,
            datapoints_to_alarm: m,
            missing_data,
            ..AlarmSettings::new("a", "m", Comparison::GreaterThan, 5.0)
        };
        let points = points(text);
        assert_eq!(points.len(), settings.evaluation_range() as usize);
        judge(&settings, &points).state.map_or("retain", AlarmState::name)
    }

    fn rows(m: u32, rows: &[(&str, [&str; 4])]) {
        let treatments = [
            MissingData::Missing,
            MissingData::Ignore,
            MissingData::Breaching,
            MissingData::NotBreaching,
        ];
        for (text, expected) in rows {
            let states = treatments.map(|treatment| state(m, text, treatment));
            assert_eq!(&states, expected, "{m} of 3, {text}");
        }
    }

    /// The table of "How alarm state is evaluated when data is missing", 3 of 3, with the rows
    /// that later editions of the page took out.
    #[test]
    fn three_of_three_as_the_documentation_has_it() {
        rows(
            3,
            &[
                ("0 - X - X", ["OK", "OK", "OK", "OK"]),
                ("0 - - - -", ["OK", "OK", "OK", "OK"]),
                ("- - - - -", ["INSUFFICIENT_DATA", "retain", "ALARM", "OK"]),
                ("0 X X - X", ["ALARM", "ALARM", "ALARM", "ALARM"]),
                ("- - X - -", ["ALARM", "retain", "ALARM", "OK"]),
                ("- - - - X", ["INSUFFICIENT_DATA", "retain", "ALARM", "OK"]),
                ("X - - - -", ["ALARM", "retain", "ALARM", "OK"]),
            ],
        );
    }

    #[test]
    fn two_of_three_as_the_documentation_has_it() {
        rows(
            2,
            &[
                ("0 - X - X", ["ALARM", "ALARM", "ALARM", "ALARM"]),
                ("0 0 X 0 X", ["ALARM", "ALARM", "ALARM", "ALARM"]),
                ("0 - X - -", ["OK", "OK", "ALARM", "OK"]),
                ("- - - - 0", ["OK", "OK", "ALARM", "OK"]),
                ("- - - X -", ["ALARM", "retain", "ALARM", "OK"]),
                ("- - - - X", ["INSUFFICIENT_DATA", "retain", "ALARM", "OK"]),
            ],
        );
    }

    /// "Avoiding premature transitions to alarm state", 3 of 3.
    #[test]
    fn a_lone_breach_alarms_only_once_it_is_three_datapoints_old() {
        for (text, expected) in [
            ("- - - - X", "INSUFFICIENT_DATA"),
            ("- - - X -", "INSUFFICIENT_DATA"),
            ("- - X - -", "ALARM"),
            ("- - - X 0", "OK"),
            ("- - X - 0", "OK"),
        ] {
            assert_eq!(state(3, text, MissingData::Missing), expected, "{text}");
        }
    }
}
