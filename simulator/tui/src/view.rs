//! Draws a state into a buffer of any size.
//!
//! Invariants: pure; never outside the area; a figure that does not fit is left out, never cut;
//! nothing is told by colour alone.

mod activity;
mod canvas;
mod chart;
mod columns;
mod data;
mod detail;
mod frame;
mod heatmap;
mod help;
mod latency;
mod overview;
mod queues;
mod scale;
mod scaling;
mod text;
mod theme;
mod tiles;

use ratatui::{buffer::Buffer, layout::Rect};

use crate::state::{Mode, State, View};
use canvas::Canvas;
pub(crate) use help::LINES as HELP_LINES;
use theme::Theme;

/// Draws `state` into `area` of `buffer`.
pub(crate) fn render(state: &State, area: Rect, buffer: &mut Buffer) {
    let area = area.intersection(buffer.area);
    if area.is_empty() {
        return;
    }
    let mut canvas = Canvas::new(buffer, Theme::new(state.color()));
    let body = frame::draw(&mut canvas, area, state);
    if state.mode() == Mode::Help {
        return help::draw(&mut canvas, body, state.help_top());
    }
    match state.view() {
        _ if state.record().samples.is_empty() => {
            canvas.line(body, " waiting for the first second of traffic", canvas.theme.dim());
        }
        _ if state.selected().is_none() => {
            let text = match state.filter() {
                "" => " this run has nothing to show here".to_owned(),
                filter => format!(" nothing is named like \"{filter}\": Esc clears the filter"),
            };
            canvas.line(body, &text, canvas.theme.dim());
        }
        _ if state.is_open() => detail::draw(&mut canvas, body, state),
        View::Overview => overview::draw(&mut canvas, body, state),
        View::Queues => queues::draw(&mut canvas, body, state),
        View::Latency => latency::draw(&mut canvas, body, state),
        View::Scaling => scaling::draw(&mut canvas, body, state),
        View::Data => data::draw(&mut canvas, body, state),
    }
}

#[cfg(test)]
mod tests;
