//! Latencies over time: seconds across, logarithmic latency up, how many by shade.

use std::sync::Arc;

use ratatui::layout::Rect;
use securecart_record::{BUCKETS, Buckets, Sample};

use super::{
    canvas::Canvas,
    chart::{Reference, axis, draw_references, plot_area},
    scale::Scale,
};
use crate::{
    figures::{Severity, Span, find_operation, is_stalled},
    state::Subject,
};

/// What one column of the heatmap shows.
struct Column {
    /// How many fell into each bucket.
    counts: [u64; BUCKETS],
    /// How many samples that were.
    samples: usize,
    /// Whether a second in it passed without a single completion of anything.
    stalled: bool,
}

/// Draws the response times of `subject` over `span`. `from..to` are the buckets of `scale`.
pub(super) fn draw(
    canvas: &mut Canvas<'_>,
    area: Rect,
    scale: &Scale,
    (span, subject): (Span<'_>, &Subject),
    references: &[Reference],
) {
    let plot = plot_area(area);
    let Scale::Latency { from, to } = *scale else { return };
    if plot.is_empty() {
        return;
    }
    axis(canvas, area, scale);
    let columns: Vec<Column> =
        span.columns(usize::from(plot.width)).map(|samples| column(samples, subject)).collect();
    let rows: Vec<(usize, usize)> =
        (0..plot.height).map(|row| buckets(row, plot.height, from, to)).collect();
    // A mean of the samples: else a column of two would look busier than its neighbours of one.
    let count = |column: &Column, (low, high): (usize, usize)| -> f64 {
        let counts = &column.counts[low.min(BUCKETS)..high.min(BUCKETS)];
        counts.iter().sum::<u64>() as f64 / column.samples.max(1) as f64
    };
    let counts = columns.iter().flat_map(|column| rows.iter().map(move |row| count(column, *row)));
    let most = counts.fold(1.0, f64::max);
    for (x, column) in (plot.left()..).zip(&columns) {
        for (y, row) in (plot.top()..).zip(&rows) {
            let count = count(column, *row);
            if count > 0.0 {
                let (symbol, style) = canvas.theme.heat(count, most);
                canvas.cell(x, y, symbol, style);
            } else if column.stalled {
                canvas.cell(x, y, '┊', canvas.theme.severity(Severity::Bad));
            }
        }
    }
    draw_references(canvas, plot, scale, references, true);
}

/// The buckets of line `row` (0 at the top) of `rows`; with more lines than buckets, lines share one.
fn buckets(row: u16, rows: u16, from: usize, to: usize) -> (usize, usize) {
    let from_bottom = usize::from(rows - 1 - row);
    let (rows, buckets) = (usize::from(rows), to - from);
    let low = from_bottom * buckets / rows;
    let high = ((from_bottom + 1) * buckets / rows).max(low + 1);
    (from + low, from + high)
}

fn column(samples: &[Arc<Sample>], subject: &Subject) -> Column {
    let mut column = Column { counts: [0; BUCKETS], samples: samples.len(), stalled: false };
    for sample in samples {
        column.stalled |= is_stalled(sample);
        let Some(buckets) = buckets_of(sample, subject) else { continue };
        for (index, count) in column.counts.iter_mut().enumerate() {
            *count += u64::from(buckets.get(index));
        }
    }
    column
}

/// The response times of `subject` in `sample`, by bucket.
fn buckets_of<'a>(sample: &'a Sample, subject: &Subject) -> Option<&'a Buckets> {
    match subject {
        Subject::AllOperations => Some(&sample.traffic.buckets),
        Subject::Operation(name) => {
            find_operation(sample, name).map(|operation| &operation.buckets)
        }
        _ => None,
    }
}

/// The lowest and the highest bucket in use over `span`; none when nothing completed.
pub(super) fn buckets_used(span: Span<'_>, subject: &Subject) -> Option<(usize, usize)> {
    let whole = column(span.samples(), subject);
    let used = |index: &usize| whole.counts[*index] > 0;
    Some(((0..BUCKETS).find(used)?, (0..BUCKETS).rev().find(used)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bucket_has_a_line_and_every_line_a_bucket() {
        for rows in 1..60 {
            let lines: Vec<_> = (0..rows).map(|row| buckets(row, rows, 8, 40)).collect();
            assert_eq!(lines[0].1, 40, "{rows} lines end at the top");
            assert_eq!(lines[usize::from(rows) - 1].0, 8);
            for pair in lines.windows(2) {
                assert!(pair[0].0 <= pair[1].1, "no bucket is left out: {pair:?}");
                assert!(pair[0].0 >= pair[1].0);
            }
        }
    }
}
