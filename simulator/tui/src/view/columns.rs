//! A table of rows with a name and a health: figures under headings of two lines, those that matter
//! least gone where it is narrow.

use ratatui::layout::Rect;

use super::{
    canvas::{Canvas, clamp, take_left, take_top},
    text::width,
    theme::mark,
};
use crate::figures::Health;

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
    pub(super) columns: &'a [Column<R>],
    pub(super) name: fn(&R) -> &str,
    pub(super) health: fn(&R) -> Health,
}

/// Draws `rows` over `area`, so that the row at `selected` is among them.
pub(super) fn draw<R>(
    canvas: &mut Canvas<'_>,
    area: Rect,
    table: &Table<'_, R>,
    rows: &[R],
    selected: Option<usize>,
) {
    let longest = rows.iter().map(|row| width((table.name)(row))).max().unwrap_or(0);
    let longest = longest.max(width(table.names));
    // At least a third of the line for figures, however long a name is.
    let name_columns = clamp(longest + 2).min((area.width * 2 / 3).max(8));
    let columns = fitting(table.columns, area.width.saturating_sub(name_columns));
    if area.is_empty() {
        return;
    }
    let mut rest = area;
    let heading = ["".to_owned(), format!("  {}", table.names)];
    // Where there is room for one line only, it is the row.
    for (index, names) in heading.iter().enumerate().take(usize::from(area.height) - 1) {
        let mut line = take_top(&mut rest, 1);
        let name = take_left(&mut line, name_columns);
        canvas.line(name, names, canvas.theme.dim());
        for column in &columns {
            let cell = take_left(&mut line, column.width);
            canvas.line_right(cell, column.head[index], canvas.theme.dim());
        }
    }
    let skipped = (selected.unwrap_or(0) + 1).saturating_sub(usize::from(rest.height));
    for (index, row) in rows.iter().enumerate().skip(skipped) {
        let line = take_top(&mut rest, 1);
        let is_selected = selected == Some(index);
        let mut cells = line;
        let mut name = take_left(&mut cells, name_columns);
        let marks = take_left(&mut name, 2);
        let severity = (table.health)(row).severity;
        canvas.line(marks, if is_selected { "▶" } else { " " }, canvas.theme.strong());
        let at =
            Rect { x: marks.x.saturating_add(1), width: marks.width.saturating_sub(1), ..marks };
        canvas.line(at, mark(severity), canvas.theme.severity(severity));
        canvas.line(name, (table.name)(row), canvas.theme.plain());
        for column in &columns {
            let cell = take_left(&mut cells, column.width);
            canvas.line_right(cell, &(column.text)(row), canvas.theme.plain());
        }
        if is_selected {
            canvas.style(line, canvas.theme.selected());
        }
    }
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
