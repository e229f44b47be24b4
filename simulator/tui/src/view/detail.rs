//! One thing in detail: its figures and its course over the window.

use ratatui::layout::Rect;
use securecart_record::{Sample, format};

mod data;
mod store;

use super::{
    activity,
    canvas::{Canvas, clamp, take_left, take_top},
    chart::{self, Series, plot_area},
    latency, queues,
    scale::Scale,
    text::width,
    theme::mark,
};
use crate::{
    figures::{
        Health, OperationRow, QueueRow, ServiceRow, Span, StoreRow, find_queue, find_service,
    },
    state::{State, Subject},
};

/// Fewest lines of a chart with its rule.
const CHART_HEIGHT: u16 = 5;
/// Columns of a figure with its label.
const FACT_WIDTH: u16 = 26;

type Fact = (&'static str, String);

/// Draws what is selected.
pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let mut rest = area;
    match state.selected() {
        Some(Subject::Service(name)) => {
            if let Some(row) = state.services().into_iter().find(|row| row.name == name) {
                head(canvas, &mut rest, &format!("{name} service"), Some(row.health));
                facts(canvas, &mut rest, &service_facts(&row));
                service_charts(canvas, &mut rest, state, &name);
            }
        }
        Some(Subject::Queue(name)) => {
            if let Some(row) = state.queues().into_iter().find(|row| row.name == name) {
                head(canvas, &mut rest, &format!("{name} queue"), Some(row.health));
                facts(canvas, &mut rest, &queue_facts(&row));
                queue_charts(canvas, &mut rest, state, &name);
            }
        }
        Some(Subject::Activity(_, index)) => {
            if let Some(activity) = state.record().scaling.get(index) {
                let columns = usize::from(rest.width.saturating_sub(4));
                head(canvas, &mut rest, &activity::title(activity, columns), None);
                activity::detail(canvas, &mut rest, state, index);
            }
        }
        Some(Subject::Operation(name)) => {
            if let Some(row) = state.operations().into_iter().find(|row| row.name == name) {
                head(canvas, &mut rest, &format!("{name} operation"), None);
                facts(canvas, &mut rest, &operation_facts(&row));
                errors(canvas, &mut rest, &row);
                latency::pictures(canvas, rest, state, &Subject::Operation(name));
            }
        }
        Some(Subject::AllOperations) => {
            latency::pictures(canvas, rest, state, &Subject::AllOperations);
        }
        Some(subject) => {
            if let Some(row) = state.stores().into_iter().find(|row| row.subject() == subject) {
                head(canvas, &mut rest, &store::title(&row), Some(row.health()));
                facts(canvas, &mut rest, &store::facts(&row));
                charts(canvas, &mut rest, state, &store::courses(state, &row));
            }
        }
        None => {}
    }
}

fn head(canvas: &mut Canvas<'_>, rest: &mut Rect, title: &str, health: Option<Health>) {
    let line = take_top(rest, 1);
    let note = health.map(|health| format!("{} {}", mark(health.severity), health.word));
    canvas.rule(line, title, &note.unwrap_or_default());
}

/// Figures with their labels, as many a line as fit; at most half of what is left.
fn facts(canvas: &mut Canvas<'_>, rest: &mut Rect, facts: &[Fact]) {
    let columns = (rest.width / FACT_WIDTH).max(1);
    let lines = clamp(facts.len().div_ceil(usize::from(columns))).min(rest.height.div_ceil(2));
    let area = take_top(rest, lines);
    let mut facts = facts.iter();
    for y in area.top()..area.bottom() {
        let mut line = Rect { y, height: 1, ..area };
        for _ in 0..columns {
            let Some((label, value)) = facts.next() else { return };
            let mut cell = take_left(&mut line, area.width / columns);
            take_left(&mut cell, 1);
            let label_columns = clamp(width(label));
            canvas.line_right(
                Rect { width: cell.width.saturating_sub(2), ..cell },
                value,
                canvas.theme.plain(),
            );
            if usize::from(label_columns) + width(value) + 3 <= usize::from(cell.width) {
                canvas.line(cell, label, canvas.theme.dim());
            }
        }
    }
}

fn service_facts(row: &ServiceRow<'_>) -> Vec<Fact> {
    let now = row.now;
    let mut facts = vec![
        ("handled", format::rate(row.handled_rate)),
        ("failed", format::rate(row.failed_rate)),
        ("turned away", format::rate(row.turned_away_rate)),
        ("tasks", now.tasks.to_string()),
        ("slots a task", now.concurrency.to_string()),
        ("busy slots", format::share(now.utilisation)),
        ("waiting", format::count(now.waiting)),
        ("p50 now", format::latency_us(now.latency.p50_us)),
        ("p99 now", format::latency_us(now.latency.p99_us)),
    ];
    if now.desired > 0 {
        facts.extend([
            ("tasks wanted", now.desired.to_string()),
            ("tasks starting", now.pending.to_string()),
            ("tasks needed", now.demand.to_string()),
            ("tasks on Spot", now.spot.to_string()),
            ("CPU", format::share(now.cpu)),
        ]);
    }
    if let Some(totals) = row.totals {
        if totals.throttled > 0 {
            facts.push(("throttled, run", format::count(totals.throttled)));
        }
        facts.extend([
            ("handled, run", format::count(totals.handled)),
            ("failed, run", format::count(totals.failed)),
            ("turned away, run", format::count(totals.turned_away)),
            ("AWS calls, run", format::count(totals.aws_calls)),
            ("most tasks", totals.tasks_max.to_string()),
        ]);
        if totals.tasks_lost > 0 {
            facts.push(("tasks lost, run", format::count(totals.tasks_lost)));
        }
    }
    facts
}

fn queue_facts(row: &QueueRow<'_>) -> Vec<Fact> {
    let now = row.now;
    let mut facts = vec![
        ("visible", format::count(now.visible)),
        ("in flight", format::count(now.in_flight)),
        ("delayed", format::count(now.delayed)),
        ("in", format::rate(row.in_rate)),
        ("out", format::rate(row.out_rate)),
        ("drain time", queues::drain(row.drain)),
        ("oldest", queues::age(row)),
        ("dead letters", format::count(row.dead_letters)),
    ];
    if let Some(totals) = row.totals {
        let again = totals.received.saturating_sub(totals.deleted);
        facts.extend([
            ("sent, run", format::count(totals.sent)),
            ("received, run", format::count(totals.received)),
            ("not deleted, run", format::count(again)),
            ("most visible", format::count(totals.visible_max)),
        ]);
        if row.oldest_age_ms.is_some() {
            let oldest = format::latency_us(totals.oldest_age_ms_max.saturating_mul(1_000));
            facts.push(("oldest, run", oldest));
        }
    }
    facts
}

fn operation_facts(row: &OperationRow<'_>) -> Vec<Fact> {
    let (response, service) = (row.percentiles, row.totals.service.percentiles());
    vec![
        ("requests", format::rate(row.request_rate)),
        ("requests, run", format::count(row.totals.requests)),
        ("failed, run", format::count(row.totals.failed)),
        ("response p50", format::latency_us(response.p50_us)),
        ("response p99", format::latency_us(response.p99_us)),
        ("response max", format::latency_us(response.max_us)),
        ("service p50", format::latency_us(service.p50_us)),
        ("service p99", format::latency_us(service.p99_us)),
        ("service max", format::latency_us(service.max_us)),
    ]
}

/// What went wrong, one cause after the other, in one line.
fn errors(canvas: &mut Canvas<'_>, rest: &mut Rect, row: &OperationRow<'_>) {
    let counts = row.totals.errors.iter();
    let causes: Vec<_> =
        counts.map(|error| format!("{} {}", format::count(error.count), error.cause)).collect();
    let text = if causes.is_empty() { "none".to_owned() } else { causes.join(" · ") };
    let line = take_top(rest, 1);
    canvas.line(line, &format!(" errors: {text}"), canvas.theme.plain());
}

fn service_charts(canvas: &mut Canvas<'_>, rest: &mut Rect, state: &State, name: &str) {
    let count = |value: f64| format::count(value.round() as u64);
    let of = move |sample: &Sample, value: fn(&securecart_record::ServiceSample) -> f64| {
        find_service(sample, name).map(value)
    };
    let seconds = f64::from(state.record().resolution_s.max(1));
    charts(
        canvas,
        rest,
        state,
        &[
            (
                "busy slots",
                format::share,
                Box::new(move |sample| of(sample, |service| service.utilisation)),
            ),
            (
                "handled a second",
                count,
                Box::new(move |sample| {
                    of(sample, |service| service.handled as f64).map(|handled| handled / seconds)
                }),
            ),
            (
                "waiting",
                count,
                Box::new(move |sample| of(sample, |service| service.waiting as f64)),
            ),
        ],
    );
}

/// The course of the queue `name`; the more lines, the more of it.
pub(super) fn queue_charts(canvas: &mut Canvas<'_>, rest: &mut Rect, state: &State, name: &str) {
    let count = |value: f64| format::count(value.round() as u64);
    let of = move |sample: &Sample, value: fn(&securecart_record::QueueSample) -> f64| {
        find_queue(sample, name).map(value)
    };
    let visible = format!("{name}: visible messages");
    let mut courses: Vec<Course<'_>> = vec![
        (&visible, count, Box::new(move |sample| of(sample, |queue| queue.visible as f64))),
        (
            "age of the oldest",
            age,
            Box::new(move |sample| of(sample, |queue| queue.oldest_age_ms as f64 / 1e3)),
        ),
        ("in flight", count, Box::new(move |sample| of(sample, |queue| queue.in_flight as f64))),
    ];
    if !state.record().run.has_queue_ages() {
        drop(courses.remove(1));
    }
    charts(canvas, rest, state, &courses);
}

/// The course of a server of the database, of the cache or of a container.
pub(super) fn data_charts(
    canvas: &mut Canvas<'_>,
    rest: &mut Rect,
    state: &State,
    row: &StoreRow<'_>,
) {
    charts(canvas, rest, state, &store::courses(state, row));
}

/// An age in seconds, without digits that say nothing.
fn age(seconds: f64) -> String {
    match seconds {
        0.0 => "0 s".to_owned(),
        _ if seconds >= 600.0 => format::latency_us((seconds * 1e6) as u64),
        _ if seconds >= 10.0 => format!("{seconds:.0} s"),
        _ => format!("{seconds:.1} s"),
    }
}

/// A chart's title, how its values are written, and its value in a sample.
type Course<'a> = (&'a str, fn(f64) -> String, Box<dyn Fn(&Sample) -> Option<f64> + 'a>);

/// As many of `courses` as fit, one above the other over one time axis.
fn charts(canvas: &mut Canvas<'_>, rest: &mut Rect, state: &State, courses: &[Course<'_>]) {
    let span = Span::new(state.record(), state.window());
    let time_lines = u16::from(rest.height > CHART_HEIGHT);
    let fitting =
        (rest.height.saturating_sub(time_lines) / CHART_HEIGHT).clamp(1, clamp(courses.len()));
    let lines = rest.height.saturating_sub(time_lines);
    for (index, (title, text, value)) in courses[..usize::from(fitting)].iter().enumerate() {
        // What can't be shared evenly goes to the first ones, so that no line stays blank.
        let more = u16::from(index < usize::from(lines % fitting));
        let mut area = take_top(rest, lines / fitting + more);
        let line = take_top(&mut area, 1);
        let columns = usize::from(plot_area(area).width) * 2;
        let values: Vec<Option<f64>> = span
            .columns(columns)
            .map(|samples| samples.iter().filter_map(|sample| value(sample)).reduce(f64::max))
            .collect();
        let now = values.iter().rev().flatten().next().map_or_else(String::new, |now| text(*now));
        canvas.rule(line, title, &now);
        let scale = Scale::linear(values.iter().flatten().copied(), *text);
        let series = Series { name: "", values, style: canvas.theme.accent() };
        chart::draw(canvas, area, &scale, &[series], &[]);
    }
    let time = take_top(rest, time_lines);
    latency::time_axis(canvas, time, state, span);
}
