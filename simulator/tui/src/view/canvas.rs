//! A buffer to draw on, and areas to cut.
//!
//! Invariant: nothing is drawn outside the area that was asked for, and areas only get smaller.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};

use super::{
    text::{shorten, width},
    theme::Theme,
};

/// What views draw on.
pub(super) struct Canvas<'a> {
    buffer: &'a mut Buffer,
    pub(super) theme: Theme,
}

impl<'a> Canvas<'a> {
    pub(super) fn new(buffer: &'a mut Buffer, theme: Theme) -> Self {
        Self { buffer, theme }
    }

    /// Writes `text` at the left of the first line of `area`, shortened to it.
    pub(super) fn line(&mut self, area: Rect, text: &str, style: Style) {
        if !area.is_empty() {
            let columns = usize::from(area.width);
            self.buffer.set_stringn(area.x, area.y, shorten(text, columns), columns, style);
        }
    }

    /// Writes `text` at the right of the first line of `area`; nothing when it does not fit.
    pub(super) fn line_right(&mut self, area: Rect, text: &str, style: Style) {
        let columns = clamp(width(text));
        if !area.is_empty() && columns <= area.width {
            let x = area.right() - columns;
            self.buffer.set_stringn(x, area.y, text, usize::from(columns), style);
        }
    }

    /// Writes pieces of text, each in its style, one after the other, as far as they fit whole.
    pub(super) fn pieces(&mut self, area: Rect, pieces: &[(String, Style)]) {
        let mut rest = area;
        for (text, style) in pieces {
            let columns = clamp(width(text));
            if columns > rest.width {
                break;
            }
            self.line(rest, text, *style);
            take_left(&mut rest, columns);
        }
    }

    /// A titled rule over the first line of `area`: `─ title ─────── note ─`.
    pub(super) fn rule(&mut self, area: Rect, title: &str, note: &str) {
        if area.is_empty() {
            return;
        }
        let dim = self.theme.dim();
        self.line(area, &"─".repeat(usize::from(area.width)), dim);
        let title = format!(" {} ", shorten(title, usize::from(area.width.saturating_sub(4))));
        let mut inner = area;
        take_left(&mut inner, 1);
        take_right(&mut inner, 1);
        self.line(inner, &title, self.theme.strong());
        take_left(&mut inner, clamp(width(&title)));
        if !note.is_empty() && width(note) + 3 <= usize::from(inner.width) {
            self.line_right(inner, &format!(" {note} "), dim);
        }
    }

    /// One cell.
    pub(super) fn cell(&mut self, x: u16, y: u16, symbol: char, style: Style) {
        if let Some(cell) = self.buffer.cell_mut((x, y)) {
            cell.set_char(symbol).set_style(style);
        }
    }

    /// Whether nothing was drawn at a cell.
    pub(super) fn is_blank(&self, x: u16, y: u16) -> bool {
        self.buffer.cell((x, y)).is_some_and(|cell| matches!(cell.symbol(), " " | "⠀"))
    }

    /// The Braille dots at a cell; none of them where something else is.
    pub(super) fn braille(&self, x: u16, y: u16) -> u8 {
        let symbol = self.buffer.cell((x, y)).and_then(|cell| cell.symbol().chars().next());
        let offset = symbol.and_then(|symbol| u32::from(symbol).checked_sub(0x2800));
        offset.and_then(|dots| u8::try_from(dots).ok()).unwrap_or(0)
    }

    /// Lays a style over all of `area`.
    pub(super) fn style(&mut self, area: Rect, style: Style) {
        self.buffer.set_style(area, style);
    }
}

/// A number of columns as the terminal counts them.
pub(super) fn clamp(columns: usize) -> u16 {
    u16::try_from(columns).unwrap_or(u16::MAX)
}

/// Cuts the first `lines` off `area`, or what there is.
pub(super) fn take_top(area: &mut Rect, lines: u16) -> Rect {
    let lines = lines.min(area.height);
    let taken = Rect { height: lines, ..*area };
    area.y += lines;
    area.height -= lines;
    taken
}

/// Cuts the last `lines` off `area`, or what there is.
pub(super) fn take_bottom(area: &mut Rect, lines: u16) -> Rect {
    let lines = lines.min(area.height);
    area.height -= lines;
    Rect { y: area.y + area.height, height: lines, ..*area }
}

/// Cuts the first `columns` off `area`, or what there is.
pub(super) fn take_left(area: &mut Rect, columns: u16) -> Rect {
    let columns = columns.min(area.width);
    let taken = Rect { width: columns, ..*area };
    area.x += columns;
    area.width -= columns;
    taken
}

/// Cuts the last `columns` off `area`, or what there is.
pub(super) fn take_right(area: &mut Rect, columns: u16) -> Rect {
    let columns = columns.min(area.width);
    area.width -= columns;
    Rect { x: area.x + area.width, width: columns, ..*area }
}
