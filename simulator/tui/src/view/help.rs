//! What the keys do and what the words mean.

use ratatui::layout::Rect;

use super::canvas::{Canvas, take_left, take_top};

const KEYS: [(&str, &str); 11] = [
    ("Tab Shift-Tab 1-5", "another view"),
    ("↑ ↓ ← →", "select a row, a tile, an operation"),
    ("Enter", "the selected thing in detail"),
    ("Esc", "back"),
    ("f", "freeze the picture; data goes on"),
    ("+ -", "longer or shorter time window"),
    ("/", "only what is named like this"),
    ("?", "this help"),
    ("q Ctrl-C", "quit"),
    ("● ▲ ✖", "well, worth an eye, failing"),
    ("▲ ▼ △ ▽ ×", "scaled out, in; held back; given up"),
];

const WORDS: [(&str, &str); 12] = [
    ("now, run", "the last second; since the first arrival"),
    ("offered", "sessions due, whether they started or not"),
    ("latency", "from the intended start to the last byte"),
    ("late, dropped", "sessions started late; never started"),
    ("rates, health", "over the last 10 s"),
    ("drain", "visible / (out - in)"),
    ("needed", "tasks, units or calls the load asks for"),
    ("in use, waiting", "connections with a query; requests without one"),
    ("lag", "how far a replica is behind the primary (wall)"),
    ("coalesced", "reads that waited for another's load of the key"),
    ("wall, scenario", "your clock; the shop's, compressed by speed"),
    ("┊ in a picture", "a second in which nothing completed"),
];

/// Lines of the help, its title not counted.
pub(crate) const LINES: usize = KEYS.len() + WORDS.len();

/// Draws the help from its line `top` on, as far down as that fills the area.
pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, top: usize) {
    let mut rest = area;
    let title = take_top(&mut rest, 1);
    let hidden = LINES.saturating_sub(usize::from(rest.height));
    let note = if hidden > 0 { "↑↓ more, ? closes" } else { "? closes" };
    canvas.rule(title, "Help", note);
    for (name, meaning) in KEYS.into_iter().chain(WORDS).skip(top.min(hidden)) {
        let mut line = take_top(&mut rest, 1);
        let columns = if area.width >= 50 { 20 } else { area.width / 3 };
        let left = take_left(&mut line, columns);
        canvas.line(left, &format!(" {name}"), canvas.theme.strong());
        canvas.line(line, meaning, canvas.theme.plain());
    }
}
