//! A table of the queues, and the selected one over time.

use ratatui::layout::Rect;
use securecart_record::format;

use super::{
    canvas::{Canvas, clamp, take_bottom},
    columns::{self, Column, Table},
    detail,
};
use crate::{
    figures::{Drain, QueueRow},
    state::{State, Subject},
};

fn columns<'a>() -> [Column<QueueRow<'a>>; 8] {
    [
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
        Column { head: ["oldest", "age"], width: 9, gives_way: 2, text: age },
        Column { head: ["in", "/s"], width: 6, gives_way: 4, text: |q| per_second(q.in_rate) },
        Column { head: ["out", "/s"], width: 6, gives_way: 5, text: |q| per_second(q.out_rate) },
        Column { head: ["drain", "time"], width: 9, gives_way: 1, text: |q| drain(q.drain) },
        Column {
            head: ["", "DLQ"],
            width: 6,
            gives_way: 3,
            text: |q| format::count(q.dead_letters),
        },
    ]
}

/// A rate under a heading that says `/s`.
fn per_second(rate: f64) -> String {
    format::rate(rate).trim_end_matches("/s").to_owned()
}

/// The age of the oldest message, where it is known.
pub(super) fn age(row: &QueueRow<'_>) -> String {
    let known = row.oldest_age_ms.map(|age_ms| format::latency_us(age_ms.saturating_mul(1_000)));
    known.unwrap_or_else(|| format::NONE.to_owned())
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
    let Subject::Queue(name) = &selected else { return };
    let table = Table {
        names: "queue",
        names_min: 0,
        columns: &columns(),
        name: |row: &QueueRow<'_>| row.name,
        health: |row| row.health,
    };
    let here = rows.iter().position(|row| row.name == name);
    columns::draw(canvas, rest, &table, &rows, here);
    if !chart.is_empty() {
        detail::queue_charts(canvas, &mut chart, state, name);
    }
}
