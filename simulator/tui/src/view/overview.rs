//! Everything at a glance: the headline, the objectives, what to beware of, and the tiles.

use ratatui::layout::Rect;
use securecart_record::{Objective, RunRecord, format};

use super::{
    canvas::{Canvas, clamp, take_left, take_right, take_top},
    latency,
    text::{join_fitting, width, wrap},
    theme::mark,
    tiles,
};
use crate::{
    figures::{
        Headline, ObjectiveState, Severity, objective_state, per_second, progress, recent, warnings,
    },
    state::{State, Subject},
};

/// Columns from which the headline is a table, and the panels stand side by side.
const WIDE: u16 = 78;
/// Lines below the tiles from which they are worth a picture.
const PICTURE_HEIGHT: u16 = 7;
/// Columns of a figure in the headline's table.
const FIGURE_WIDTH: u16 = 9;
/// Columns of a figure with its label in a narrow headline.
const CELL_WIDTH: u16 = 19;
/// Columns of the bar of an objective.
const BAR_WIDTH: usize = 10;

/// Draws the view.
pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let mut rest = area;
    let record = state.record();
    headline(canvas, &mut rest, record);
    let tile_lines = tiles::lines_wanted(state, area.width);
    let is_wide = area.width >= WIDE;
    let panel_width = if is_wide { area.width / 2 } else { area.width };
    // The right panel has a column less: the gap between the two.
    let warned = clamp(warning_lines(record, panel_width.saturating_sub(1)).len());
    let wanted = clamp(record.objectives.len()).max(warned).max(3).saturating_add(1);
    let spare = rest.height.saturating_sub(tile_lines);
    let wanted = if is_wide { wanted } else { wanted.saturating_mul(2) };
    let panels = spare.max(rest.height / 3).min(wanted);
    let mut top = take_top(&mut rest, panels);
    if panels < 4 {
        summary(canvas, top, record);
    } else if is_wide {
        let left = take_left(&mut top, panel_width);
        objective_panel(canvas, left, record);
        take_left(&mut top, 1);
        warning_panel(canvas, top, record);
    } else {
        let upper = take_top(&mut top, panels / 2);
        objective_panel(canvas, upper, record);
        warning_panel(canvas, top, record);
    }
    let tiles_area = take_top(&mut rest, tiles::lines_at_most(state, area.width));
    tiles::draw(canvas, tiles_area, state);
    if rest.height >= PICTURE_HEIGHT {
        latency::pictures(canvas, rest, state, &Subject::AllOperations);
    }
}

fn headline(canvas: &mut Canvas<'_>, rest: &mut Rect, record: &RunRecord) {
    let now = figures(Headline::now(record));
    let run = figures(Headline::run(record));
    if rest.width >= WIDE {
        let rows = [("", NAMES.map(str::to_owned)), (" now", now), (" run", run)];
        for (index, (label, figures)) in rows.into_iter().enumerate() {
            let style = if index == 0 { canvas.theme.dim() } else { canvas.theme.strong() };
            let mut line = take_top(rest, 1);
            let left = take_left(&mut line, 6);
            canvas.line(left, label, canvas.theme.dim());
            for figure in figures {
                let cell = take_left(&mut line, FIGURE_WIDTH);
                canvas.line_right(cell, &figure, style);
            }
        }
    } else {
        narrow_headline(canvas, rest, &now);
    }
    let line = take_top(rest, 1);
    let pieces = extras(record);
    let text = join_fitting(&pieces, "  ", usize::from(line.width.saturating_sub(1)));
    canvas.line(line, &format!(" {text}"), canvas.theme.plain());
}

const NAMES: [&str; 8] = ["offered", "requests", "orders", "failed", "p50", "p90", "p99", "max"];

fn figures(headline: Option<Headline>) -> [String; 8] {
    let Some(headline) = headline else { return [(); 8].map(|()| format::NONE.to_owned()) };
    let none = || format::NONE.to_owned();
    let latency = headline.latency;
    let quantile = |us: fn(&securecart_record::LatencySample) -> u64| {
        latency.as_ref().map_or_else(none, |latency| format::latency_us(us(latency)))
    };
    [
        format::rate(headline.offered_rate),
        format::rate(headline.request_rate),
        format::rate(headline.order_rate),
        headline.failed_share.map_or_else(none, format::share),
        quantile(|latency| latency.p50_us),
        quantile(|latency| latency.p90_us),
        quantile(|latency| latency.p99_us),
        quantile(|latency| latency.max_us),
    ]
}

/// The latest second only, each figure with its label; at most a third of the lines.
fn narrow_headline(canvas: &mut Canvas<'_>, rest: &mut Rect, now: &[String; 8]) {
    let columns = (rest.width / CELL_WIDTH).clamp(1, 4);
    let lines = (8 / columns).min((rest.height / 3).max(1));
    let area = take_top(rest, lines);
    for y in area.top()..area.bottom() {
        let mut line = Rect { y, height: 1, ..area };
        for column in 0..columns {
            // Down the first column, then the next, so that latencies stay together.
            let index = usize::from(column * (8 / columns) + (y - area.top()));
            let mut cell = take_left(&mut line, area.width / columns);
            take_left(&mut cell, 1);
            let value = Rect { width: cell.width.min(CELL_WIDTH - 1), ..cell };
            canvas.line_right(value, &now[index], canvas.theme.strong());
            if width(NAMES[index]) + width(&now[index]) < usize::from(value.width) {
                canvas.line(cell, NAMES[index], canvas.theme.dim());
            }
        }
    }
}

/// Arrivals that were not on time, and the machine.
fn extras(record: &RunRecord) -> Vec<String> {
    let totals = &record.totals;
    let host = progress(record).host;
    let in_flight = record.samples.last().map_or(0, |last| last.traffic.in_flight);
    let throttled = per_second(record, recent(record), |sample| sample.traffic.throttled);
    let mut extras = vec![
        format!(
            "late {} (over {})",
            format::count(totals.late_arrivals),
            format::latency_us(totals.late_after_us)
        ),
        format!("dropped {}", format::count(totals.dropped_arrivals)),
        format!("CPU {} (ours {})", format::share(host.cpu_host), format::share(host.cpu_process)),
        format!("in flight {}", format::count(in_flight)),
        format!("memory {}", format::bytes(host.memory_bytes)),
    ];
    if throttled > 0.0 {
        extras.insert(2, format!("AWS throttles {}", format::rate(throttled)));
    }
    extras
}

/// Objectives and warnings in a line each.
fn summary(canvas: &mut Canvas<'_>, area: Rect, record: &RunRecord) {
    let mut rest = area;
    if rest.height > 0 {
        let missed =
            record.objectives.iter().find(|o| objective_state(record, o) == ObjectiveState::Missed);
        let (severity, more) = match missed {
            Some(missed) => (Severity::Bad, format!(", missed: {}", missed.metric)),
            None => (Severity::Good, String::new()),
        };
        let text = format!(" {} {}{more}", mark(severity), holding(record));
        let line = take_top(&mut rest, 1);
        canvas.line(line, &text, canvas.theme.severity(severity));
    }
    let warnings = warnings(record);
    let style = canvas.theme.severity(Severity::Watch);
    for warning in &warnings {
        let line = take_top(&mut rest, 1);
        canvas.line(line, &format!(" ▲ {warning}"), style);
    }
}

fn holding(record: &RunRecord) -> String {
    let states = || record.objectives.iter().map(|objective| objective_state(record, objective));
    let held = states().filter(|state| *state == ObjectiveState::Held).count();
    match record.objectives.len() {
        _ if states().any(|state| state == ObjectiveState::NotJudged) => "not judged".to_owned(),
        0 => "no objectives".to_owned(),
        all => format!("{held} of {all} hold so far"),
    }
}

fn objective_panel(canvas: &mut Canvas<'_>, area: Rect, record: &RunRecord) {
    let mut rest = area;
    let mut objectives: Vec<_> = record.objectives.iter().collect();
    objectives.sort_by_key(|objective| objective_state(record, objective));
    let line = take_top(&mut rest, 1);
    let hidden = objectives.len().saturating_sub(usize::from(rest.height));
    let more = if hidden > 0 { format!(", {hidden} below") } else { String::new() };
    canvas.rule(line, "Objectives", &format!("{}{more}", holding(record)));
    for objective in objectives {
        let line = take_top(&mut rest, 1);
        objective_line(canvas, line, record, objective);
    }
}

fn objective_line(canvas: &mut Canvas<'_>, area: Rect, record: &RunRecord, objective: &Objective) {
    let theme = canvas.theme;
    let (mark, style) = match objective_state(record, objective) {
        ObjectiveState::Held => ("✔", theme.severity(Severity::Good)),
        ObjectiveState::Missed => ("✖", theme.severity(Severity::Bad)),
        ObjectiveState::NotMeasured => ("?", theme.severity(Severity::Watch)),
        ObjectiveState::NotJudged | ObjectiveState::Waiting => ("·", theme.dim()),
    };
    let mut rest = area;
    let left = take_left(&mut rest, 3);
    canvas.line(left, &format!(" {mark}"), style);
    let name = format!("{} {}", objective.metric, objective.bound);
    let measured = match objective_state(record, objective) {
        ObjectiveState::Waiting => "no data yet",
        ObjectiveState::NotMeasured => "not measured",
        _ => objective.measured.as_str(),
    };
    take_right(&mut rest, 1);
    canvas.line_right(rest, measured, style);
    take_right(&mut rest, clamp(width(measured) + 1));
    let bar = objective.share_of_bound.map(bar);
    if let Some(bar) = bar.filter(|bar| width(&name) + width(bar) + 2 <= usize::from(rest.width)) {
        let place = take_right(&mut rest, clamp(width(&bar) + 1));
        canvas.line(place, &bar, style);
    }
    canvas.line(rest, &name, theme.plain());
}

/// How much of a bound is used.
fn bar(share: f64) -> String {
    let filled = (share.clamp(0.0, 1.0) * BAR_WIDTH as f64).round() as usize;
    format!("{}{}", "━".repeat(filled), "╌".repeat(BAR_WIDTH - filled))
}

fn warning_panel(canvas: &mut Canvas<'_>, area: Rect, record: &RunRecord) {
    let mut rest = area;
    let line = take_top(&mut rest, 1);
    let count = warnings(record).len();
    let lines = warning_lines(record, area.width);
    let hidden = lines.len().saturating_sub(usize::from(rest.height));
    let note = match (count, hidden) {
        (0, _) => String::new(),
        (count, 0) => count.to_string(),
        (count, _) => format!("{count}, more below"),
    };
    canvas.rule(line, "Warnings", &note);
    if count == 0 {
        canvas.line(rest, "  none", canvas.theme.dim());
    }
    for text in &lines {
        let line = take_top(&mut rest, 1);
        canvas.line(line, text, canvas.theme.severity(Severity::Watch));
    }
}

/// The warnings broken into lines of at most `columns`, each warning with its mark.
fn warning_lines(record: &RunRecord, columns: u16) -> Vec<String> {
    let columns = usize::from(columns.saturating_sub(4));
    let marked = |warning: String| {
        let marks = std::iter::once(" ▲ ").chain(std::iter::repeat("   "));
        marks.zip(wrap(&warning, columns)).map(|(mark, line)| format!("{mark}{line}"))
    };
    warnings(record).into_iter().flat_map(marked).collect()
}
