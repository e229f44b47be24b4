//! What can scale, its capacity against demand, and every decision about it.

use ratatui::{layout::Rect, style::Style};
use securecart_record::{Sample, ScalingOutcome, format};

use super::{
    activity,
    canvas::{Canvas, clamp, take_bottom, take_left, take_right, take_top},
    chart::{self, AXIS, NAMES, Series, plot_area},
    columns::{self, Column, Table},
    latency,
    scale::Scale,
    text::{longest_fitting, shorten, width},
};
use crate::{
    figures::{ScalingRow, Severity, Span, activities, find_function, find_service, find_table},
    state::{State, Subject},
};

/// Fewest lines of the chart with its rule and its time axis.
const CHART_HEIGHT: u16 = 6;
/// Fewest lines of the activities with their rule.
const ACTIVITIES_HEIGHT: u16 = 3;

fn columns<'a>() -> [Column<ScalingRow<'a>>; 7] {
    [
        Column { head: ["in", "service"], width: 8, gives_way: 0, text: |row| count(row.have) },
        Column { head: ["", "wanted"], width: 7, gives_way: 2, text: |row| count(row.want) },
        Column { head: ["", "needed"], width: 7, gives_way: 1, text: |row| count(row.need) },
        Column { head: ["", "of"], width: 6, gives_way: 4, text: |row| row.unit.to_owned() },
        Column {
            head: ["", "scaled"],
            width: 7,
            gives_way: 3,
            text: |row| row.applied.to_string(),
        },
        Column { head: ["held", "back"], width: 5, gives_way: 5, text: |row| row.held.to_string() },
        Column { head: ["last", "change"], width: 12, gives_way: 6, text: last_change },
    ]
}

fn last_change(row: &ScalingRow<'_>) -> String {
    row.last.map_or_else(|| format::NONE.to_owned(), activity::change)
}

/// A capacity, or that there is none.
fn count(figure: Option<f64>) -> String {
    figure.map_or_else(|| format::NONE.to_owned(), whole)
}

fn whole(figure: f64) -> String {
    format::count(figure.max(0.0).round() as u64)
}

/// Draws the view.
pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let rows = state.scaled();
    let Some(selected) = state.selected() else { return };
    let resource = selected.resource();
    let here = rows.iter().position(|row| Some(&row.resource) == resource.as_ref());
    let Some(row) = here.and_then(|here| rows.get(here)) else { return };
    let mut rest = area;
    let table_lines = clamp(rows.len() + 2).min((area.height / 3).max(2));
    let table_area = take_top(&mut rest, table_lines);
    let table = Table {
        names: "what scales",
        names_min: 0,
        columns: &columns(),
        name: |row: &ScalingRow<'_>| &row.resource,
        health: |row| row.health,
    };
    columns::draw(canvas, table_area, &table, &rows, here);
    let decided = activities(state.record(), &row.resource).len();
    let wanted = clamp(decided.max(1) + 2);
    let spare = rest.height.saturating_sub(CHART_HEIGHT);
    let lines = if spare >= ACTIVITIES_HEIGHT {
        // The chart takes half of what is left, and more where there is little to list.
        wanted.min(spare).min((rest.height / 2).max(ACTIVITIES_HEIGHT))
    } else {
        0
    };
    let list = take_bottom(&mut rest, lines);
    course(canvas, rest, state, row);
    activity::list(canvas, list, state, &row.resource, &selected);
}

/// Capacity and demand of `row` over the window, with its activities and the faults.
pub(super) fn course(canvas: &mut Canvas<'_>, area: Rect, state: &State, row: &ScalingRow<'_>) {
    let mut rest = area;
    let span = Span::new(state.record(), state.window());
    let rule = take_top(&mut rest, u16::from(area.height >= 3));
    let (have, want, need) = (count(row.have), count(row.want), count(row.need));
    let notes = [
        format!("{have} in service, {want} wanted, {need} needed"),
        format!("have {have}, need {need}"),
    ];
    let title = format!("{}: {}", row.resource, row.unit);
    let room = usize::from(rule.width).saturating_sub(width(&title) + 6);
    canvas.rule(rule, &title, longest_fitting(&notes, room));
    let time = take_bottom(&mut rest, u16::from(area.height >= 5));
    let marks = take_bottom(&mut rest, u16::from(area.height >= 6));
    let has_fault = state.record().faults.iter().any(|fault| {
        !span.columns_of(fault.start_s, fault.end_s, usize::from(plot_area(rest).width)).is_empty()
    });
    let faults = take_bottom(&mut rest, u16::from(has_fault && area.height >= 7));
    shade(canvas, plot_area(rest), state, span);
    let series = series(canvas, state, row, span, plot_area(rest));
    let values = series.iter().flat_map(|line| line.values.iter().flatten().copied());
    let scale = Scale::linear(values, whole);
    chart::draw(canvas, rest, &scale, &series, &[]);
    fault_line(canvas, faults, state, span);
    activity_line(canvas, marks, state, span, &row.resource);
    latency::time_axis(canvas, time, state, span);
}

/// A figure of a resource in a sample.
type Figure<'a> = Box<dyn Fn(&Sample) -> Option<f64> + 'a>;

/// The lines of the chart: what is in service, wanted and needed.
fn series(
    canvas: &Canvas<'_>,
    state: &State,
    row: &ScalingRow<'_>,
    span: Span<'_>,
    plot: Rect,
) -> Vec<Series> {
    let columns: Vec<_> = span.columns(usize::from(plot.width) * 2).collect();
    let theme = canvas.theme;
    let line = |(name, style, figure): (&'static str, Style, Figure<'_>)| {
        let most = |samples: &&[std::sync::Arc<Sample>]| {
            samples.iter().filter_map(|sample| figure(sample)).reduce(f64::max)
        };
        Series { name, values: columns.iter().map(most).collect(), style }
    };
    let (need, want, have) = (theme.series(2), theme.series(1), theme.series(0));
    figures(state, row)
        .into_iter()
        .map(|(name, figure)| {
            let style = match name {
                "need" => need,
                "want" => want,
                _ => have,
            };
            line((name, style, figure))
        })
        .collect()
}

/// The figures of the chart; tables in units a wall second.
fn figures<'a>(state: &State, row: &'a ScalingRow<'_>) -> Vec<(&'static str, Figure<'a>)> {
    let seconds = f64::from(state.record().resolution_s.max(1));
    let known = |count: u32| (count > 0).then_some(f64::from(count));
    match &row.subject {
        Subject::Service(name) => {
            let of = move |sample: &Sample| find_service(sample, name).cloned();
            vec![
                ("need", Box::new(move |sample| of(sample).and_then(|now| known(now.demand)))),
                ("want", Box::new(move |sample| of(sample).and_then(|now| known(now.desired)))),
                ("have", Box::new(move |sample| of(sample).map(|now| f64::from(now.tasks)))),
            ]
        }
        Subject::Table(name) => {
            let is_read = row.unit == "RCU";
            let of = move |sample: &Sample| {
                let table = find_table(sample, name)?;
                Some(if is_read {
                    (table.read_units, table.read_provisioned)
                } else {
                    (table.write_units, table.write_provisioned)
                })
            };
            vec![
                ("need", Box::new(move |sample| of(sample).map(|(units, _)| units / seconds))),
                ("have", Box::new(move |sample| of(sample)?.1.map(f64::from))),
            ]
        }
        Subject::Function(name) => vec![
            (
                "need",
                Box::new(move |sample| {
                    find_function(sample, name).map(|now| now.concurrent as f64)
                }),
            ),
            (
                "have",
                Box::new(move |sample| {
                    find_function(sample, name).map(|now| now.environments as f64)
                }),
            ),
        ],
        _ => Vec::new(),
    }
}

/// Lays a shade over the time of every fault, for the lines to be drawn over.
fn shade(canvas: &mut Canvas<'_>, plot: Rect, state: &State, span: Span<'_>) {
    let dim = canvas.theme.dim();
    for fault in &state.record().faults {
        for column in span.columns_of(fault.start_s, fault.end_s, usize::from(plot.width)) {
            for y in plot.top()..plot.bottom() {
                canvas.cell(plot.x + clamp(column), y, '░', dim);
            }
        }
    }
}

/// The faults by name below the picture, each where it was.
fn fault_line(canvas: &mut Canvas<'_>, area: Rect, state: &State, span: Span<'_>) {
    if area.is_empty() {
        return;
    }
    head(canvas, area, "faults");
    let plot = plot_area(area);
    let style = canvas.theme.severity(Severity::Bad);
    for fault in &state.record().faults {
        let columns = span.columns_of(fault.start_s, fault.end_s, usize::from(plot.width));
        let (Some(first), length) = (columns.clone().next(), clamp(columns.len())) else {
            continue;
        };
        let place = Rect { x: plot.x + clamp(first), width: length, ..plot };
        canvas.line(place, &"━".repeat(usize::from(length)), style);
        // A short one's name goes on beside it, where there is room.
        let mut name = Rect { width: plot.right() - place.x, ..place };
        take_left(&mut name, 1);
        let texts = [
            format!(" {} ({}) ", fault.kind, fault.radius),
            format!(" {} ", fault.radius),
            format!(" {} ", fault.kind),
        ];
        canvas.line(name, longest_fitting(&texts, usize::from(name.width)), style);
    }
}

/// The activities of `resource` on the time axis: out, in, held back.
fn activity_line(
    canvas: &mut Canvas<'_>,
    area: Rect,
    state: &State,
    span: Span<'_>,
    resource: &str,
) {
    if area.is_empty() {
        return;
    }
    head(canvas, area, "scaled");
    let plot = plot_area(area);
    let decided = activities(state.record(), resource);
    let held = |of: bool| {
        decided
            .iter()
            .map(|(_, activity)| *activity)
            .filter(move |activity| (activity.outcome == ScalingOutcome::Held) == of)
    };
    // What was carried out goes over what was held back in the same column.
    for activity in held(true).chain(held(false)) {
        let Some(column) = span.column_of(activity.at_s, usize::from(plot.width)) else { continue };
        let (mark, style) = activity::mark(canvas.theme, activity);
        canvas.cell(plot.x + clamp(column), plot.y, mark, style);
    }
}

/// The heading of a line below the picture, in the columns of its axis.
fn head(canvas: &mut Canvas<'_>, area: Rect, text: &str) {
    let mut rest = area;
    take_right(&mut rest, NAMES);
    let left = take_left(&mut rest, AXIS);
    if left.is_empty() {
        return;
    }
    let columns = usize::from(left.width.saturating_sub(1));
    canvas.line_right(
        Rect { width: left.width.saturating_sub(1), ..left },
        &shorten(text, columns),
        canvas.theme.dim(),
    );
    canvas.cell(left.right().saturating_sub(1), left.y, '│', canvas.theme.dim());
}
