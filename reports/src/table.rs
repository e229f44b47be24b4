//! Tables of text: aligned columns that give way, the least important first, where there is no room.
//!
//! Invariants: figures are whole or absent; only text is cut, and says so with an ellipsis.

/// A column.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    title: &'static str,
    right: bool,
    /// Rank among the columns that may be left out, the highest first; 0 is never left out.
    spare: u8,
}

/// A column of text.
pub(crate) const fn left(title: &'static str) -> Column {
    Column { title, right: false, spare: 0 }
}

/// A column of figures.
pub(crate) const fn right(title: &'static str) -> Column {
    Column { title, right: true, spare: 0 }
}

impl Column {
    /// The column may be left out; the one with the highest rank goes first.
    pub(crate) const fn spare(self, rank: u8) -> Self {
        Self { spare: rank, ..self }
    }
}

/// Spaces between columns.
const GAP: usize = 2;

/// The narrowest that text is cut to, columns.
const TEXT_MIN: usize = 8;

/// The rows under their titles, no wider than `width` where that can be had.
pub(crate) fn render(columns: &[Column], rows: &[Vec<String>], width: usize) -> String {
    let mut widths = widths(columns, rows);
    let shown = shown(columns, &widths, width);
    let over = total(&widths, &shown).saturating_sub(width);
    let text = shown.iter().copied().filter(|&index| !columns[index].right);
    if let Some(widest) = text.max_by_key(|&index| widths[index]) {
        let cut = widths[widest].saturating_sub(over);
        widths[widest] = cut.max(TEXT_MIN.min(widths[widest]));
    }
    let titles: Vec<String> = columns.iter().map(|column| column.title.to_owned()).collect();
    std::iter::once(&titles)
        .chain(rows)
        .map(|row| line(columns, &widths, &shown, row) + "\n")
        .collect()
}

/// What each column needs.
fn widths(columns: &[Column], rows: &[Vec<String>]) -> Vec<usize> {
    let needed = |(index, column): (usize, &Column)| {
        let cells = rows.iter().map(|row| row[index].chars().count());
        cells.max().unwrap_or(0).max(column.title.chars().count())
    };
    columns.iter().enumerate().map(needed).collect()
}

/// The columns that there is room for.
fn shown(columns: &[Column], widths: &[usize], width: usize) -> Vec<usize> {
    let mut shown: Vec<usize> = (0..columns.len()).collect();
    while total(widths, &shown) > width {
        let spare = shown.iter().copied().filter(|&index| columns[index].spare > 0);
        let Some(least) = spare.max_by_key(|&index| columns[index].spare) else { break };
        shown.retain(|&index| index != least);
    }
    shown
}

fn total(widths: &[usize], shown: &[usize]) -> usize {
    shown.iter().map(|&index| widths[index] + GAP).sum::<usize>().saturating_sub(GAP)
}

fn line(columns: &[Column], widths: &[usize], shown: &[usize], row: &[String]) -> String {
    let cells = shown.iter().map(|&index| {
        let (cell, width) = (cut(&row[index], widths[index]), widths[index]);
        if columns[index].right { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
    });
    cells.collect::<Vec<_>>().join(&" ".repeat(GAP)).trim_end().to_owned()
}

fn cut(cell: &str, width: usize) -> String {
    if cell.chars().count() <= width {
        return cell.to_owned();
    }
    let kept: String = cell.chars().take(width.saturating_sub(1)).collect();
    kept + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Vec<String>> {
        vec![
            vec!["checkout".to_owned(), "12".to_owned(), "3 ms".to_owned()],
            vec!["cart".to_owned(), "1".to_owned(), "10 ms".to_owned()],
        ]
    }

    const COLUMNS: [Column; 3] = [left("what"), right("count").spare(1), right("p99")];

    #[test]
    fn figures_stand_under_each_other() {
        let table = render(&COLUMNS, &rows(), 80);
        assert_eq!(
            table,
            "what      count    p99\ncheckout     12   3 ms\ncart          1  10 ms\n"
        );
    }

    #[test]
    fn what_can_be_spared_goes_first_and_the_rest_stays() {
        let table = render(&COLUMNS, &rows(), 18);
        assert_eq!(table, "what        p99\ncheckout   3 ms\ncart      10 ms\n");
        assert_eq!(render(&COLUMNS, &rows(), 1), table, "no figure is ever cut");
    }

    #[test]
    fn text_is_cut_when_nothing_can_be_spared() {
        let rows = [vec!["order-to-shipped".to_owned(), "1".to_owned(), "337 ms".to_owned()]];
        let table = render(&COLUMNS, &rows, 20);
        assert_eq!(table, "what             p99\norder-to-sh…  337 ms\n");
    }
}
