//! Lines over time in Braille dots, with their names at the right and an axis at the left.

use ratatui::{layout::Rect, style::Style};

use super::{
    canvas::{Canvas, take_left, take_right},
    scale::Scale,
    text::width,
};

/// Columns of the axis at the left.
pub(super) const AXIS: u16 = 9;
/// Columns of the names at the right.
pub(super) const NAMES: u16 = 5;
/// Dots of a Braille cell, by column and by line from the top.
const DOTS: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];

/// One line of a chart.
pub(super) struct Series {
    pub(super) name: &'static str,
    /// Two values a column, the oldest first; gaps where there is none.
    pub(super) values: Vec<Option<f64>>,
    pub(super) style: Style,
}

/// A value with a line across the chart.
pub(super) struct Reference {
    pub(super) value: f64,
    pub(super) label: String,
    pub(super) style: Style,
}

/// Where the lines go once axis and names have their columns.
pub(super) fn plot_area(area: Rect) -> Rect {
    let mut plot = area;
    take_left(&mut plot, AXIS);
    take_right(&mut plot, NAMES);
    plot
}

/// Draws `series` over `area`; the later ones on top.
pub(super) fn draw(
    canvas: &mut Canvas<'_>,
    area: Rect,
    scale: &Scale,
    series: &[Series],
    references: &[Reference],
) {
    let plot = plot_area(area);
    if plot.is_empty() {
        return;
    }
    axis(canvas, area, scale);
    for line in series {
        draw_line(canvas, plot, scale, line);
    }
    draw_references(canvas, plot, scale, references, false);
    names(canvas, area, scale, series);
}

/// Labels and the line of the axis at the left of `area`.
pub(super) fn axis(canvas: &mut Canvas<'_>, area: Rect, scale: &Scale) {
    let mut rest = area;
    let left = take_left(&mut rest, AXIS);
    let dim = canvas.theme.dim();
    for line in 0..left.height {
        canvas.cell(left.right() - 1, left.y + line, '│', dim);
    }
    for (line, label) in scale.labels(left.height) {
        let place = Rect { y: left.y + line, height: 1, width: left.width - 1, ..left };
        canvas.line_right(place, &label, dim);
        canvas.cell(left.right() - 1, left.y + line, '┤', dim);
    }
}

/// Lines across `plot`, each with its label, where nothing else is; or dashed `through` what is.
pub(super) fn draw_references(
    canvas: &mut Canvas<'_>,
    plot: Rect,
    scale: &Scale,
    references: &[Reference],
    through: bool,
) {
    for reference in references {
        let Some(line) = scale.line_of(reference.value, plot.height) else { continue };
        let y = plot.y + line;
        for x in plot.left()..plot.right() {
            if canvas.is_blank(x, y) || (through && (x - plot.left()).is_multiple_of(3)) {
                canvas.cell(x, y, '╌', reference.style);
            }
        }
        let columns = u16::try_from(width(&reference.label)).unwrap_or(u16::MAX);
        if columns.saturating_add(2) <= plot.width / 2 {
            let mut place = Rect { y, height: 1, ..plot };
            take_left(&mut place, 1);
            canvas.line(place, &format!(" {} ", reference.label), reference.style);
        }
    }
}

fn draw_line(canvas: &mut Canvas<'_>, plot: Rect, scale: &Scale, series: &Series) {
    let dots = usize::from(plot.height) * 4;
    let mut cells = vec![0_u8; usize::from(plot.width) * usize::from(plot.height)];
    let mut previous: Option<usize> = None;
    for (x, value) in series.values.iter().take(usize::from(plot.width) * 2).enumerate() {
        let here = value.map(|value| dot(scale.height(value), dots));
        if let Some(here) = here {
            let from = previous.unwrap_or(here);
            // A steep step is drawn from the dot after the last one, so that lines stay thin.
            let (low, high) = match from.cmp(&here) {
                std::cmp::Ordering::Less => (from + 1, here),
                std::cmp::Ordering::Equal => (here, here),
                std::cmp::Ordering::Greater => (here, from - 1),
            };
            for y in low..=high {
                cells[y / 4 * usize::from(plot.width) + x / 2] |= DOTS[x % 2][y % 4];
            }
        }
        previous = here;
    }
    paint(canvas, plot, &cells, series.style);
}

/// The dot, counted from the top, for a height of 0 to 1.
fn dot(height: f64, dots: usize) -> usize {
    let from_bottom = (height.clamp(0.0, 1.0) * (dots - 1) as f64).round() as usize;
    dots - 1 - from_bottom.min(dots - 1)
}

fn paint(canvas: &mut Canvas<'_>, plot: Rect, cells: &[u8], style: Style) {
    let mut cell = cells.iter();
    for y in plot.top()..plot.bottom() {
        for x in plot.left()..plot.right() {
            let Some(&mask) = cell.next() else { return };
            if mask != 0 {
                let below = canvas.braille(x, y);
                let symbol = char::from_u32(0x2800 + u32::from(mask | below));
                canvas.cell(x, y, symbol.unwrap_or(' '), style);
            }
        }
    }
}

/// The names of the lines, each beside its last value, in free lines from the top down.
fn names(canvas: &mut Canvas<'_>, area: Rect, scale: &Scale, series: &[Series]) {
    if series.len() < 2 {
        return;
    }
    let mut rest = area;
    let right = take_right(&mut rest, NAMES);
    let mut named: Vec<_> = series
        .iter()
        .filter_map(|line| Some((line.values.iter().rev().flatten().next()?, line)))
        .filter_map(|(value, line)| {
            let height = scale.height(*value).clamp(0.0, 1.0);
            Some((dot(height, usize::from(right.height.checked_mul(4)?)) / 4, line))
        })
        .collect();
    named.reverse();
    named.sort_by_key(|(line, _)| *line);
    // Push up from the bottom what would not have a line of its own.
    let mut free = usize::from(right.height);
    for (line, _) in named.iter_mut().rev() {
        *line = (*line).min(free.saturating_sub(1));
        free = *line;
    }
    let mut next = 0;
    for (line, series) in named {
        let line = line.max(next);
        next = line + 1;
        if line < usize::from(right.height) {
            let y = right.y + u16::try_from(line).unwrap_or(0);
            let place = Rect { y, height: 1, ..right };
            canvas.line(place, &format!(" {}", series.name), series.style);
        }
    }
}
