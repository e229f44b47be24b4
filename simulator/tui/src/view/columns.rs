//! A table of rows with a name and a health: figures under headings of two lines, those that matter
//! least gone where it is narrow.

use ratatui::layout::Rect;

use super::{
    canvas::{Canvas, clamp, take_left, take_top},
    text,
    theme::mark,
};
use crate::figures::Health;

/// Fewest columns of a name with its marks.
const NAME_MIN: u16 = 8;

/// A column: two lines of heading, its width, and how early it gives way to a narrow terminal.
pub(super) struct Column<R> {
    pub(super) head: [&'static str; 2],
    pub(super) width: u16,
    pub(super) gives_way: u8,
    pub(super) text: fn(&R) -> String,
}

/// What a table says about its rows.
pub(super) struct Table<'a, R> {
    /// Heading over the names.
    pub(super) names: &'static str,
    /// Columns that the longest name is taken to have at least, so that tables below each other align.
    pub(super) names_min: usize,
    pub(super) columns: &'a [Column<R>],
    pub(super) name: fn(&R) -> &str,
    pub(super) health: fn(&R) -> Health,
}

/// What a table left free at the right of its lines.
#[derive(Debug, Default)]
pub(super) struct Free {
    /// Of the last line of its heading.
    pub(super) heading: Rect,
    /// Of each row that was drawn, with its place among the rows.
    pub(super) rows: Vec<(usize, Rect)>,
}

/// Draws `rows` over `area`, so that the row at `selected` is among them; says in the heading how many
/// there are above and below those that fit.
pub(super) fn draw<R>(
    canvas: &mut Canvas<'_>,
    area: Rect,
    table: &Table<'_, R>,
    rows: &[R],
    selected: Option<usize>,
) -> Free {
    let mut free = Free::default();
    let name_columns = name_columns(table, rows, area.width);
    let columns = fitting(table.columns, area.width.saturating_sub(name_columns));
    if area.is_empty() {
        return free;
    }
    let mut rest = area;
    // Where there is room for one line only, it is the row.
    let headings = usize::from(area.height - 1).min(2);
    let lines = usize::from(area.height) - headings;
    let skipped = (selected.unwrap_or(0) + 1).saturating_sub(lines);
    let heading = [more(skipped, rows.len(), lines), format!("  {}", table.names)];
    for (index, names) in heading.iter().enumerate().take(headings) {
        let mut line = take_top(&mut rest, 1);
        let name = take_left(&mut line, name_columns);
        canvas.line(name, names, canvas.theme.dim());
        for column in &columns {
            let cell = take_left(&mut line, column.width);
            canvas.line_right(cell, column.head[index], canvas.theme.dim());
        }
        free.heading = line;
    }
    for (index, row) in rows.iter().enumerate().skip(skipped) {
        let line = take_top(&mut rest, 1);
        if line.is_empty() {
            break;
        }
        let mut cells = line;
        let name = take_left(&mut cells, name_columns);
        draw_name(canvas, name, table, row, selected == Some(index));
        for column in &columns {
            let cell = take_left(&mut cells, column.width);
            canvas.line_right(cell, &(column.text)(row), canvas.theme.plain());
        }
        if selected == Some(index) {
            canvas.style(line, canvas.theme.selected());
        }
        free.rows.push((index, cells));
    }
    free
}

/// Columns for the names: what they need, at most two thirds, and less where the figure that matters
/// most would not fit beside them.
fn name_columns<R>(table: &Table<'_, R>, rows: &[R], width: u16) -> u16 {
    let longest = rows.iter().map(|row| text::width((table.name)(row))).max().unwrap_or(0);
    let longest = longest.max(text::width(table.names)).max(table.names_min);
    let first = table.columns.iter().min_by_key(|column| column.gives_way);
    let beside = width.saturating_sub(first.map_or(0, |column| column.width));
    clamp(longest + 2).min((width * 2 / 3).max(NAME_MIN)).min(beside.max(NAME_MIN))
}

/// Rows that are above and below the `lines` from `skipped` on: `  ↑2 ↓3`.
pub(super) fn more(skipped: usize, rows: usize, lines: usize) -> String {
    let below = rows.saturating_sub(skipped + lines);
    let count = |mark: char, count: usize| match count {
        0 => String::new(),
        _ => format!(" {mark}{count}"),
    };
    match format!("{}{}", count('↑', skipped), count('↓', below)) {
        none if none.is_empty() => none,
        some => format!(" {some}"),
    }
}

fn draw_name<R>(
    canvas: &mut Canvas<'_>,
    area: Rect,
    table: &Table<'_, R>,
    row: &R,
    is_selected: bool,
) {
    let mut name = area;
    let marks = take_left(&mut name, 2);
    let severity = (table.health)(row).severity;
    canvas.line(marks, if is_selected { "▶" } else { " " }, canvas.theme.strong());
    let at = Rect { x: marks.x.saturating_add(1), width: marks.width.saturating_sub(1), ..marks };
    canvas.line(at, mark(severity), canvas.theme.severity(severity));
    canvas.line(name, (table.name)(row), canvas.theme.plain());
}

/// The columns that fit into `width`; those that matter least give way.
pub(super) fn fitting<R>(columns: &[Column<R>], width: u16) -> Vec<&Column<R>> {
    let mut columns: Vec<&Column<R>> = columns.iter().collect();
    while columns.iter().map(|column| column.width).sum::<u16>() > width {
        let Some(most) = columns.iter().map(|column| column.gives_way).max() else { break };
        columns.retain(|column| column.gives_way != most);
    }
    columns
}
