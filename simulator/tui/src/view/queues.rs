//! A table of the queues, and the selected one over time.

use ratatui::layout::Rect;
use securecart_record::format;

use super::{
    canvas::{Canvas, clamp, take_bottom, take_left, take_top},
    detail,
    text::width,
    theme::mark,
};
use crate::{
    figures::{Drain, QueueRow},
    state::{State, Subject},
};

/// A column: two lines of heading, its width, and how early it gives way to a narrow terminal.
struct Column {
    head: [&'static str; 2],
    width: u16,
    gives_way: u8,
    text: fn(&QueueRow<'_>) -> String,
}

const COLUMNS: [Column; 8] = [
    Column {
        head: ["", "visible"],
        width: 8,
        gives_way: 0,
        text: |q| format::count(q.now.visible),
    },
    Column {
        head: ["in", "flight"],
        width: 7,
        gives_way: 6,
        text: |q| format::count(q.now.in_flight),
    },
    Column {
        head: ["", "delayed"],
        width: 8,
        gives_way: 7,
        text: |q| format::count(q.now.delayed),
    },
    Column {
        head: ["oldest", "age"],
        width: 9,
        gives_way: 2,
        text: |q| format::latency_us(q.now.oldest_age_ms.saturating_mul(1_000)),
    },
    Column { head: ["in", "/s"], width: 6, gives_way: 4, text: |q| per_second(q.in_rate) },
    Column { head: ["out", "/s"], width: 6, gives_way: 5, text: |q| per_second(q.out_rate) },
    Column { head: ["drain", "time"], width: 9, gives_way: 1, text: |q| drain(q.drain) },
    Column { head: ["", "DLQ"], width: 6, gives_way: 3, text: |q| format::count(q.dead_letters) },
];

/// A rate under a heading that says `/s`.
fn per_second(rate: f64) -> String {
    format::rate(rate).trim_end_matches("/s").to_owned()
}

/// A drain time in a word or a figure.
pub(super) fn drain(drain: Drain) -> String {
    match drain {
        Drain::Empty => format::NONE.to_owned(),
        Drain::KeepsUp => "keeps up".to_owned(),
        Drain::Never => "never".to_owned(),
        Drain::Seconds(seconds) => format::latency_us((seconds * 1e6) as u64),
    }
}

/// Draws the view.
pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let rows = state.queues();
    let Some(selected) = state.selected() else { return };
    let mut rest = area;
    let lines = clamp(rows.len() + 2);
    let chart_lines = area.height.saturating_sub(lines);
    let mut chart = take_bottom(&mut rest, if chart_lines >= 5 { chart_lines } else { 0 });
    table(canvas, rest, &rows, &selected);
    let Subject::Queue(name) = &selected else { return };
    if !chart.is_empty() {
        detail::queue_charts(canvas, &mut chart, state, name);
    }
}

fn table(canvas: &mut Canvas<'_>, area: Rect, rows: &[QueueRow<'_>], selected: &Subject) {
    let longest = rows.iter().map(|row| width(row.name)).max().unwrap_or(0);
    // At least a third of the line for figures, however long a name is.
    let name_columns = clamp(longest + 2).min((area.width * 2 / 3).max(8));
    let columns = fitting(area.width.saturating_sub(name_columns));
    let mut rest = area;
    for index in 0..2_usize.min(usize::from(area.height.saturating_sub(1))) {
        let mut line = take_top(&mut rest, 1);
        let name = take_left(&mut line, name_columns);
        canvas.line(name, ["", "  queue"][index], canvas.theme.dim());
        for column in &columns {
            let cell = take_left(&mut line, column.width);
            canvas.line_right(cell, column.head[index], canvas.theme.dim());
        }
    }
    let is_selected =
        |row: &QueueRow<'_>| matches!(selected, Subject::Queue(name) if name == row.name);
    let here = rows.iter().position(is_selected).unwrap_or(0);
    let skipped = (here + 1).saturating_sub(usize::from(rest.height));
    for row in rows.iter().skip(skipped) {
        let line = take_top(&mut rest, 1);
        let mut cells = line;
        let mut name = take_left(&mut cells, name_columns);
        let marks = take_left(&mut name, 2);
        let severity = row.health.severity;
        canvas.line(marks, if is_selected(row) { "▶" } else { " " }, canvas.theme.strong());
        let at =
            Rect { x: marks.x.saturating_add(1), width: marks.width.saturating_sub(1), ..marks };
        canvas.line(at, mark(severity), canvas.theme.severity(severity));
        canvas.line(name, row.name, canvas.theme.plain());
        for column in &columns {
            let cell = take_left(&mut cells, column.width);
            canvas.line_right(cell, &(column.text)(row), canvas.theme.plain());
        }
        if is_selected(row) {
            canvas.style(line, canvas.theme.selected());
        }
    }
}

/// The columns that fit into `width`; those that matter least give way.
fn fitting(width: u16) -> Vec<&'static Column> {
    let mut columns: Vec<&Column> = COLUMNS.iter().collect();
    while columns.iter().map(|column| column.width).sum::<u16>() > width {
        let Some(most) = columns.iter().map(|column| column.gives_way).max() else { break };
        columns.retain(|column| column.gives_way != most);
    }
    columns
}
