//! Percentiles over time and the heatmap, one above the other on the same two axes.

use ratatui::layout::Rect;
use securecart_record::{LatencySample, Percentiles, bucket_bound_us, format};

use super::{
    canvas::{Canvas, clamp, take_bottom, take_left, take_right, take_top},
    chart::{self, NAMES, Reference, Series, plot_area},
    heatmap,
    scale::Scale,
    text::{longest_fitting, shorten, width},
};
use crate::{
    figures::{CACHE, OperationRow, Severity, Span, latency_bounds, percentiles_of},
    state::{State, Subject},
};

/// Lines from which both pictures fit.
const BOTH_HEIGHT: u16 = 12;
/// Lines from which the operations get a table.
const TABLE_HEIGHT: u16 = 30;

/// Draws the view.
pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let Some(subject) = state.selected() else { return };
    let mut rest = area;
    if area.height >= TABLE_HEIGHT {
        let lines = clamp(state.subjects().len() + 2).min(area.height / 3);
        let mut table = take_top(&mut rest, lines);
        let title = take_top(&mut table, 1);
        canvas.rule(title, "Operations, over the run", "");
        operations(canvas, table, state, &subject);
    } else {
        let line = take_top(&mut rest, 1);
        strip(canvas, line, state, &subject);
    }
    pictures(canvas, rest, state, &subject);
}

/// The two pictures of `subject`, or as many as fit.
pub(super) fn pictures(canvas: &mut Canvas<'_>, area: Rect, state: &State, subject: &Subject) {
    let span = Span::new(state.record(), state.window());
    let references = references(canvas, state, subject);
    let scale = scale(span, subject, &references);
    let mut rest = area;
    let time = take_bottom(&mut rest, u16::from(area.height >= 4));
    let lower = if area.height >= BOTH_HEIGHT { area.height / 2 } else { 0 };
    let mut heat = take_bottom(&mut rest, lower);
    let name = title(subject);
    let rule = take_top(&mut rest, u16::from(area.height >= 3));
    let missing = missing_data(span, subject);
    canvas.rule(rule, &format!("Percentiles, {name}"), missing);
    let series = series(canvas, span, subject, plot_area(rest));
    chart::draw(canvas, rest, &scale, &series, &references);
    if !heat.is_empty() {
        let rule = take_top(&mut heat, 1);
        let note = format!("each column {}", column_length(span, plot_area(heat)));
        canvas.rule(rule, &format!("Heatmap, {name}"), &note);
        heatmap::draw(canvas, heat, &scale, (span, subject), &references);
    }
    time_axis(canvas, time, state, span);
}

fn title(subject: &Subject) -> &str {
    match subject {
        Subject::AllOperations => "all operations",
        Subject::Cache => CACHE,
        Subject::Operation(name)
        | Subject::Service(name)
        | Subject::Queue(name)
        | Subject::Table(name)
        | Subject::Function(name)
        | Subject::Database(name)
        | Subject::Container(name)
        | Subject::Activity(name, _) => name,
    }
}

fn missing_data(span: Span<'_>, subject: &Subject) -> &'static str {
    let any = span.samples().iter().any(|sample| percentiles_of(sample, subject).is_some());
    if any { "" } else { "nothing completed in this time" }
}

fn column_length(span: Span<'_>, plot: Rect) -> String {
    let seconds = span.length_s() / f64::from(plot.width.max(1));
    format::duration_s(seconds.max(f64::from(span.resolution_s())))
}

fn references(canvas: &Canvas<'_>, state: &State, subject: &Subject) -> Vec<Reference> {
    let style = canvas.theme.severity(Severity::Watch);
    let bounds = latency_bounds(state.record(), subject).into_iter();
    bounds.map(|bound| Reference { value: bound.latency_us, label: bound.label, style }).collect()
}

/// An axis with room for all that was measured and for the objectives.
fn scale(span: Span<'_>, subject: &Subject, references: &[Reference]) -> Scale {
    let (low, high) = heatmap::buckets_used(span, subject).unwrap_or((8, 31));
    let slowest = |(_, latency): (_, LatencySample)| latency.max_us;
    let all =
        span.samples().iter().filter_map(|sample| Some((sample, percentiles_of(sample, subject)?)));
    let max_us = all.map(slowest).max().unwrap_or(0);
    let bound = references.iter().map(|reference| reference.value).fold(0.0, f64::max);
    let high_us = (bucket_bound_us(high) * 0.99).max(bound * 1.1);
    Scale::latency((bucket_bound_us(low) * 0.9) as u64, max_us.max(high_us as u64))
}

/// The four percentiles, worst value of each half column, gaps where nothing completed.
fn series(canvas: &Canvas<'_>, span: Span<'_>, subject: &Subject, plot: Rect) -> Vec<Series> {
    let columns: Vec<Option<LatencySample>> = span
        .columns(usize::from(plot.width) * 2)
        .map(|samples| {
            let each = samples.iter().filter_map(|sample| percentiles_of(sample, subject));
            each.reduce(|a, b| LatencySample {
                p50_us: a.p50_us.max(b.p50_us),
                p90_us: a.p90_us.max(b.p90_us),
                p99_us: a.p99_us.max(b.p99_us),
                max_us: a.max_us.max(b.max_us),
            })
        })
        .collect();
    let line = |index: usize, name, value: fn(&LatencySample) -> u64| Series {
        name,
        values: columns.iter().map(|latency| latency.as_ref().map(|l| value(l) as f64)).collect(),
        style: canvas.theme.series(index),
    };
    vec![
        line(0, "p50", |latency| latency.p50_us),
        line(1, "p90", |latency| latency.p90_us),
        line(2, "p99", |latency| latency.p99_us),
        line(3, "max", |latency| latency.max_us),
    ]
}

/// Scenario time below a picture, with the marks of what happened.
pub(super) fn time_axis(canvas: &mut Canvas<'_>, area: Rect, state: &State, span: Span<'_>) {
    let (Some(last), false) = (span.samples().last(), area.is_empty()) else { return };
    let plot = plot_area(area);
    let dim = canvas.theme.dim();
    let length_s = span.length_s() * state.record().run.speed;
    let start = format::clock_s((last.scenario_s - length_s).max(0.0));
    let end = format::clock_s(last.scenario_s);
    canvas.line(plot, &"─".repeat(usize::from(plot.width)), dim);
    let mut text = plot;
    if usize::from(plot.width) >= 2 * end.len() + 24 {
        let label = format!("scenario {start} ");
        let left = take_left(&mut text, clamp(width(&label)));
        canvas.line(left, &label, dim);
        let label = format!(" {end}");
        let right = take_right(&mut text, clamp(width(&label)));
        canvas.line(right, &label, dim);
    }
    for mark in &state.record().marks {
        let column = span.column_of(mark.at_s, usize::from(plot.width)).map(clamp);
        let Some(x) = column.map(|column| plot.x + column) else { continue };
        if (text.left()..text.right()).contains(&x) {
            canvas.cell(x, plot.y, '▾', canvas.theme.severity(Severity::Watch));
            mark_text(canvas, text, x, &mark.text);
        }
    }
    let mut names = area;
    let now = take_right(&mut names, NAMES);
    canvas.line(now, if state.frozen_s().is_some() { " hold" } else { " now" }, dim);
}

/// What happened at `x`, on that side of it where there is more room.
fn mark_text(canvas: &mut Canvas<'_>, area: Rect, x: u16, text: &str) {
    let style = canvas.theme.plain();
    let right = Rect { x: x + 1, width: area.right() - x - 1, ..area };
    let left = Rect { width: x - area.x, ..area };
    let room = |place: Rect| usize::from(place.width.saturating_sub(2));
    if width(text) <= room(right) || right.width >= left.width {
        canvas.line(right, &format!(" {} ", shorten(text, room(right))), style);
    } else {
        canvas.line_right(left, &format!(" {} ", shorten(text, room(left))), style);
    }
}

/// The selected operation between its neighbours, and its percentiles over the run.
fn strip(canvas: &mut Canvas<'_>, area: Rect, state: &State, subject: &Subject) {
    let percentiles = run_percentiles(state, subject);
    let figures = |percentiles: &Percentiles| {
        let text = format::latency_us;
        let [p50, p90, p99] =
            [percentiles.p50_us, percentiles.p90_us, percentiles.p99_us].map(text);
        let max = text(percentiles.max_us);
        [
            format!("over the run: p50 {p50}  p90 {p90}  p99 {p99}  max {max} "),
            format!("p50 {p50}  p90 {p90}  p99 {p99}  max {max} "),
            format!("p50 {p50}  p99 {p99} "),
            format!("p99 {p99} "),
        ]
    };
    let name = format!(" ◀ {} ▶", title(subject));
    canvas.line(area, &name, canvas.theme.strong());
    let mut rest = area;
    take_left(&mut rest, clamp(width(&name) + 1));
    if let Some(percentiles) = percentiles {
        let figures = figures(&percentiles);
        let text = longest_fitting(&figures, usize::from(rest.width));
        canvas.line_right(rest, text, canvas.theme.plain());
    }
}

/// Response times of `subject` over the run.
fn run_percentiles(state: &State, subject: &Subject) -> Option<Percentiles> {
    match subject {
        Subject::AllOperations => Some(state.record().totals.response.percentiles()),
        Subject::Operation(name) => {
            state.operations().iter().find(|row| row.name == name).map(|row| row.percentiles)
        }
        _ => None,
    }
}

/// A table of the operations.
fn operations(canvas: &mut Canvas<'_>, area: Rect, state: &State, selected: &Subject) {
    let heads = ["requests", "failed", "p50", "p90", "p99", "max"];
    let fitting = usize::from(area.width.saturating_sub(18) / 10).min(heads.len());
    let mut rest = area;
    let head = take_top(&mut rest, 1);
    cells(canvas, head, " operation", &heads.map(str::to_owned)[..fitting], canvas.theme.dim());
    let rows = state.operations();
    let subjects = state.subjects();
    let here = subjects.iter().position(|subject| subject == selected).unwrap_or(0);
    let skipped = (here + 1).saturating_sub(usize::from(rest.height));
    for subject in subjects.iter().skip(skipped) {
        let line = take_top(&mut rest, 1);
        let figures = row_figures(state, &rows, subject);
        let mark = if subject == selected { "▶" } else { " " };
        cells(
            canvas,
            line,
            &format!("{mark}{}", title(subject)),
            &figures[..fitting],
            canvas.theme.plain(),
        );
        if subject == selected {
            canvas.style(line, canvas.theme.selected());
        }
    }
}

fn row_figures(state: &State, rows: &[OperationRow<'_>], subject: &Subject) -> [String; 6] {
    let totals = &state.record().totals;
    let row =
        rows.iter().find(|row| matches!(subject, Subject::Operation(name) if name == row.name));
    let (requests, failed, percentiles) = match row {
        Some(row) => (row.totals.requests, row.totals.failed, row.percentiles),
        None => (totals.requests, totals.failed_requests, totals.response.percentiles()),
    };
    [
        format::count(requests),
        format::count(failed),
        format::latency_us(percentiles.p50_us),
        format::latency_us(percentiles.p90_us),
        format::latency_us(percentiles.p99_us),
        format::latency_us(percentiles.max_us),
    ]
}

fn cells(
    canvas: &mut Canvas<'_>,
    area: Rect,
    name: &str,
    figures: &[String],
    style: ratatui::style::Style,
) {
    let mut rest = area;
    let left = take_left(&mut rest, 18);
    canvas.line(left, name, style);
    for figure in figures {
        let cell = take_left(&mut rest, 10);
        canvas.line_right(cell, figure, style);
    }
}
