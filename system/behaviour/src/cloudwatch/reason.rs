//! `StateReason`, in CloudWatch's words. Instants are times since the origin, not dates.

use std::{fmt::Write as _, time::Duration};

use super::{
    AlarmSettings, AlarmState, MissingData,
    judgement::{Judgement, Point},
};

/// What a new alarm says until it is evaluated.
pub(super) const INITIAL: &str = "Unchecked: Initial alarm creation";

/// Why `state` came out of `points`, newest first.
pub(super) fn of(
    settings: &AlarmSettings,
    points: &[Point],
    judgement: Judgement,
    state: AlarmState,
) -> String {
    let n = settings.evaluation_periods as usize;
    let real: Vec<(Duration, f64)> =
        points.iter().filter_map(|p| Some((p.end, p.value?))).take(n).collect();
    if state == AlarmState::InsufficientData {
        let datapoints = count(judgement.filled, "datapoint", "was", "were");
        return format!("Insufficient Data: {datapoints} unknown.");
    }
    let mut text = String::from("Threshold Crossed: ");
    if real.is_empty() {
        let periods = if n == 1 { "period" } else { "periods" };
        let _ = write!(text, "no datapoints were received for {n} {periods}");
    } else {
        crossed(&mut text, settings, &real, state);
    }
    if judgement.filled > 0
        && let Some(taken_for) = taken_for(settings.missing_data)
    {
        let missing = count(judgement.filled, "missing datapoint", "was", "were");
        let _ = write!(text, " and {missing} treated as [{taken_for}]");
    }
    text.push('.');
    text
}

fn crossed(text: &mut String, settings: &AlarmSettings, real: &[(Duration, f64)], to: AlarmState) {
    let (n, m) = (settings.evaluation_periods, settings.datapoints_to_alarm);
    let alarm = to == AlarmState::Alarm;
    let named = |value: f64| settings.comparison.breaches(value, settings.threshold) == alarm;
    let values: Vec<String> = real
        .iter()
        .filter(|(_, value)| named(*value))
        .map(|(end, value)| format!("{value:?} ({})", clock(end.saturating_sub(settings.period))))
        .collect();
    let (not, minimum, from) = if alarm { ("", m, "OK") } else { ("not ", n - m + 1, "ALARM") };
    let (last, were) = (
        if n == 1 { "datapoint" } else { "datapoints" },
        if values.len() == 1 { "was" } else { "were" },
    );
    let points = if minimum == 1 { "datapoint" } else { "datapoints" };
    let _ = write!(
        text,
        "{} out of the last {n} {last} [{}] {were} {not}{} the threshold ({:?}) \
         (minimum {minimum} {points} for {from} -> {} transition)",
        values.len(),
        values.join(", "),
        settings.comparison.words(),
        settings.threshold,
        to.name(),
    );
}

fn taken_for(missing: MissingData) -> Option<&'static str> {
    match missing {
        MissingData::Breaching => Some("Breaching"),
        MissingData::NotBreaching => Some("NonBreaching"),
        MissingData::Missing | MissingData::Ignore => None,
    }
}

fn count(number: usize, what: &str, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {what} {one}") } else { format!("{number} {what}s {many}") }
}

/// An instant as hours, minutes and seconds since the origin.
pub(crate) fn clock(at: Duration) -> String {
    let seconds = at.as_secs();
    format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}
