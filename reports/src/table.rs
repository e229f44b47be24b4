//! Tables of text: aligned columns that give way, the least important first, where there is no room.

/// A column.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    title: &'static str,
    right: bool,
    /// Columns with a lower importance are left out first; 0 is never left out.
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

/// The rows under their titles, no wider than `width` where that can be had.
pub(crate) fn render(columns: &[Column], rows: &[Vec<String>], width: usize) -> String {
    let mut shown: Vec<usize> = (0..columns.len()).collect();
    let widths: Vec<usize> = columns
        .iter()
        .enumerate()
        .map(|(index, column)| {
            let cells = rows.iter().map(|row| row[index].chars().count());
            cells.max().unwrap_or(0).max(column.title.chars().count())
        })
        .collect();
    let total = |shown: &[usize]| -> usize {
        shown.iter().map(|&index| widths[index] + GAP).sum::<usize>().saturating_sub(GAP)
    };
    while total(&shown) > width {
        let Some(least) = shown
            .iter()
            .copied()
            .filter(|&i| columns[i].spare > 0)
            .max_by_key(|&i| columns[i].spare)
        else {
            break;
        };
        shown.retain(|&index| index != least);
    }
    let titles: Vec<String> = columns.iter().map(|column| column.title.to_owned()).collect();
    std::iter::once(&titles)
        .chain(rows)
        .map(|row| line(columns, &widths, &shown, row) + "\n")
        .collect()
}

fn line(columns: &[Column], widths: &[usize], shown: &[usize], row: &[String]) -> String {
    let cells = shown.iter().map(|&index| {
        let (cell, width) = (&row[index], widths[index]);
        if columns[index].right { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
    });
    cells.collect::<Vec<_>>().join(&" ".repeat(GAP)).trim_end().to_owned()
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
        assert_eq!(render(&COLUMNS, &rows(), 1), table);
    }
}
