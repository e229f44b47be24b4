//! Scaling activities: a line each, or one in full.
//!
//! What was held back differs from what was carried out in its mark (hollow), in its word and in
//! its style, so that it does without colour.

use ratatui::{layout::Rect, style::Style};
use securecart_record::{ScalingActivity, ScalingOutcome, format};

use super::{
    canvas::{Canvas, take_left, take_top},
    columns::{self, Column, fitting},
    frame::minutes,
    scaling,
    text::{longest_fitting, shorten, width, wrap},
    theme::Theme,
};
use crate::{
    figures::{Severity, activities},
    state::{State, Subject},
};

/// Columns of a mark with its gap.
const MARK: u16 = 3;
/// Columns of a label in the detail, and from how many columns on it stands beside its text.
const LABEL: u16 = 12;
const BESIDE_MIN: u16 = 44;
/// Fewest lines below an activity's text that are worth the picture of what scaled.
const PICTURE_HEIGHT: u16 = 8;

/// The mark of an activity: up or down, filled or hollow; and its style.
pub(super) fn mark(theme: Theme, activity: &ScalingActivity) -> (char, Style) {
    let is_out = activity.to >= activity.from;
    match activity.outcome {
        ScalingOutcome::Applied if is_out => ('▲', theme.severity(Severity::Good)),
        ScalingOutcome::Applied => ('▼', theme.accent()),
        ScalingOutcome::Held if is_out => ('△', theme.severity(Severity::Watch)),
        ScalingOutcome::Held => ('▽', theme.severity(Severity::Watch)),
        ScalingOutcome::Superseded => ('×', theme.dim()),
    }
}

/// From what to what: `4→16`.
pub(super) fn change(activity: &ScalingActivity) -> String {
    let count = |count: u32| format::count(u64::from(count));
    format!("{}→{}", count(activity.from), count(activity.to))
}

fn of_activity<'a>() -> [Column<&'a ScalingActivity>; 5] {
    [
        Column { head: ["", "scenario"], width: 8, gives_way: 0, text: |one| clock(one) },
        Column { head: ["", "wall"], width: 7, gives_way: 4, text: |one| minutes(one.at_s) },
        Column { head: ["", "change"], width: 12, gives_way: 1, text: |one| change(one) },
        Column { head: ["", "metric"], width: 24, gives_way: 3, text: |one| metric(one) },
        Column { head: ["", "effect after"], width: 13, gives_way: 2, text: |one| effect(one) },
    ]
}

fn clock(activity: &ScalingActivity) -> String {
    format::clock_s(activity.scenario_s)
}

/// The metric against its target: `cpu 98 of 50`.
fn metric(activity: &ScalingActivity) -> String {
    let name = if activity.metric.is_empty() { "schedule" } else { &activity.metric };
    match (activity.value, activity.target) {
        (Some(value), Some(target)) => format!("{name} {} of {}", number(value), number(target)),
        (Some(value), None) => format!("{name} {}", number(value)),
        _ => name.to_owned(),
    }
}

/// A metric's value without digits that say nothing.
fn number(value: f64) -> String {
    if value.abs() >= 100.0 || value.fract() == 0.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.1}")
    }
}

/// Scenario time from the decision to its effect, or why there is none.
fn effect(activity: &ScalingActivity) -> String {
    match (activity.outcome, activity.effective_scenario_s) {
        (ScalingOutcome::Held, _) => "held back".to_owned(),
        (ScalingOutcome::Superseded, _) => "given up".to_owned(),
        (ScalingOutcome::Applied, None) => "not yet".to_owned(),
        (ScalingOutcome::Applied, Some(then_s)) => {
            format::duration_s((then_s - activity.scenario_s).max(0.0))
        }
    }
}

/// The activities of `resource`, the newest last; the last ones where not all fit.
pub(super) fn list(
    canvas: &mut Canvas<'_>,
    area: Rect,
    state: &State,
    resource: &str,
    selected: &Subject,
) {
    let mut rest = area;
    let all = activities(state.record(), resource);
    let rule = take_top(&mut rest, 1);
    let title = format!("Activities of {resource}, newest last");
    let dropped = state.record().scaling_dropped;
    let note = if dropped > 0 {
        format!("{} later ones not kept", format::count(dropped))
    } else {
        "effect in scenario time".to_owned()
    };
    if all.is_empty() {
        canvas.rule(rule, &title, &note);
        return canvas.line(rest, "  none so far", canvas.theme.dim());
    }
    let columns = of_activity();
    let columns = fitting(&columns, rest.width.saturating_sub(MARK));
    if rest.height >= 3 {
        heading(canvas, take_top(&mut rest, 1), &columns);
    }
    let lines = usize::from(rest.height);
    let chosen = |(index, _): &(usize, &ScalingActivity)| matches!(selected, Subject::Activity(_, chosen) if chosen == index);
    let here = all.iter().position(chosen);
    let newest = all.len().saturating_sub(lines);
    let skipped = here.map_or(newest, |here| newest.min(here));
    let hidden = columns::more(skipped, all.len(), lines);
    let hidden = hidden.trim_start();
    let notes = [format!("{hidden}  {note}"), hidden.to_owned()];
    let room = usize::from(rule.width).saturating_sub(width(&title) + 6);
    canvas.rule(rule, &title, longest_fitting(&notes, room).trim());
    for one in all.iter().skip(skipped).take(lines) {
        let line = take_top(&mut rest, 1);
        draw_line(canvas, line, one.1, &columns, chosen(one));
    }
}

fn heading(canvas: &mut Canvas<'_>, area: Rect, columns: &[&Column<&ScalingActivity>]) {
    let mut rest = area;
    take_left(&mut rest, MARK);
    for column in columns {
        let cell = take_left(&mut rest, column.width);
        canvas.line_right(cell, column.head[1], canvas.theme.dim());
    }
    take_left(&mut rest, 2);
    if rest.width > LABEL {
        canvas.line(rest, "policy: reason", canvas.theme.dim());
    }
}

fn draw_line<'a>(
    canvas: &mut Canvas<'_>,
    area: Rect,
    activity: &'a ScalingActivity,
    columns: &[&Column<&'a ScalingActivity>],
    is_selected: bool,
) {
    let theme = canvas.theme;
    let style = match activity.outcome {
        ScalingOutcome::Applied => theme.plain(),
        ScalingOutcome::Held | ScalingOutcome::Superseded => theme.dim(),
    };
    let mut rest = area;
    let marks = take_left(&mut rest, MARK);
    let (mark, mark_style) = mark(theme, activity);
    canvas.line(marks, &format!("{}{mark}", if is_selected { "▶" } else { " " }), mark_style);
    for column in columns {
        let mut cell = take_left(&mut rest, column.width);
        // Columns keep a gap between them where what they say is as wide as they are.
        if column.width > 8 {
            take_left(&mut cell, 1);
        }
        let text = shorten(&(column.text)(&activity), usize::from(cell.width));
        canvas.line_right(cell, &text, style);
    }
    take_left(&mut rest, 2);
    if rest.width > LABEL {
        let policy = &activity.policy;
        let text = [policy.as_str(), activity.reason.as_str()];
        let text: Vec<_> = text.into_iter().filter(|text| !text.is_empty()).collect();
        canvas.line(rest, &text.join(": "), style);
    }
    if is_selected {
        canvas.style(area, theme.selected());
    }
}

/// One activity in full, and what scaled over time where there is room.
pub(super) fn detail(canvas: &mut Canvas<'_>, rest: &mut Rect, state: &State, index: usize) {
    let Some(activity) = state.record().scaling.get(index) else { return };
    for (label, text) in facts(activity) {
        fact(canvas, rest, label, &text);
    }
    let rows = state.scaled();
    let row = rows.iter().find(|row| row.resource == activity.resource);
    if let Some(row) = row.filter(|_| rest.height > PICTURE_HEIGHT) {
        take_top(rest, 1);
        scaling::course(canvas, *rest, state, row);
    }
}

/// Everything about an activity, each with its label.
fn facts(activity: &ScalingActivity) -> Vec<(&'static str, String)> {
    let outcome = match activity.outcome {
        ScalingOutcome::Applied => "carried out",
        ScalingOutcome::Held => "held back: capacity stayed as it was",
        ScalingOutcome::Superseded => "given up for a later decision before it took effect",
    };
    let decided = format!(
        "{} (scenario), {} min after the first arrival (wall)",
        clock(activity),
        minutes(activity.at_s)
    );
    let metric = match (activity.value, activity.target) {
        (Some(value), Some(target)) => {
            format!("{} {} against {}", activity.metric, number(value), number(target))
        }
        _ => metric(activity),
    };
    let mut facts = vec![
        ("change", format!("{} of {}", change(activity), activity.dimension)),
        ("outcome", outcome.to_owned()),
        ("reason", activity.reason.clone()),
        ("decided", decided),
        ("in effect", in_effect(activity)),
        ("policy", activity.policy.clone()),
    ];
    facts.extend(activity.alarm.clone().map(|alarm| ("alarm", alarm)));
    facts.push(("metric", metric));
    facts
}

fn in_effect(activity: &ScalingActivity) -> String {
    let (Some(wall_s), Some(scenario_s)) = (activity.effective_s, activity.effective_scenario_s)
    else {
        return match activity.outcome {
            ScalingOutcome::Applied => "not yet".to_owned(),
            _ => "never".to_owned(),
        };
    };
    format!(
        "{} (scenario), {} later; {} later (wall)",
        format::clock_s(scenario_s),
        format::duration_s((scenario_s - activity.scenario_s).max(0.0)),
        format::duration_s((wall_s - activity.at_s).max(0.0)),
    )
}

/// A label and its text, wrapped, beside each other or below each other.
fn fact(canvas: &mut Canvas<'_>, rest: &mut Rect, label: &str, text: &str) {
    let theme = canvas.theme;
    let beside = rest.width >= BESIDE_MIN;
    let indent = if beside { LABEL } else { 2 };
    if !beside {
        let line = take_top(rest, 1);
        canvas.line(line, &format!(" {label}"), theme.dim());
    }
    let columns = usize::from(rest.width.saturating_sub(indent + 1));
    for (index, piece) in wrap(text, columns).iter().enumerate() {
        let mut line = take_top(rest, 1);
        let left = take_left(&mut line, indent);
        if beside && index == 0 {
            canvas.line(left, &format!(" {label}"), theme.dim());
        }
        canvas.line(line, piece, theme.plain());
    }
}

/// The title of an activity's detail, as short as `columns` asks for.
pub(super) fn title(activity: &ScalingActivity, columns: usize) -> String {
    let long = format!("{}: {}", activity.resource, change(activity));
    if width(&long) <= columns { long } else { change(activity) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn an_effect_is_a_time_or_a_word() {
        let record = fixture::scaled(126);
        let effects: Vec<_> = record.scaling.iter().map(effect).collect();
        let expected =
            ["4 min 00 s", "4 min 00 s", "held back", "4 min 00 s", "4 min 30 s", "held back"];
        assert_eq!(effects, expected);
        assert_eq!(effect(&fixture::scaled(15).scaling[0]), "not yet");
    }

    #[test]
    fn metrics_have_no_needless_digits() {
        assert_eq!([number(98.0), number(50.25), number(1_234.56)], ["98", "50.2", "1235"]);
    }

    #[test]
    fn marks_differ_without_colour() {
        let record = fixture::scaled(126);
        let theme = Theme::new(false);
        let mut activity = record.scaling[0].clone();
        let mut seen = Vec::new();
        for outcome in [ScalingOutcome::Applied, ScalingOutcome::Held, ScalingOutcome::Superseded] {
            activity.outcome = outcome;
            seen.push(mark(theme, &activity).0);
        }
        (activity.from, activity.to, activity.outcome) = (4, 2, ScalingOutcome::Applied);
        seen.push(mark(theme, &activity).0);
        assert_eq!(seen, ['▲', '△', '×', '▼']);
    }
}
