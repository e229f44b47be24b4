//! By how much a figure may differ between two runs without any cause: in the figure's own unit.

use securecart_record::{Histogram, RunRecord};

/// What times and resources differ by between two runs of the same thing on one machine, as a share:
/// an assumption, made after runs on shared machines with two cores.
pub const MACHINE_NOISE: f64 = 0.1;

/// Standard deviations that chance is given.
const SIGMAS: f64 = 3.0;

/// Of a rate a second, from how much was counted in each run: a Poisson count's deviation.
pub(super) fn of_rates(a: (&RunRecord, u64), b: (&RunRecord, u64)) -> f64 {
    let variance = [a, b].map(|(record, count)| {
        let seconds = record.run.traffic_s;
        if seconds > 0.0 { count as f64 / (seconds * seconds) } else { 0.0 }
    });
    SIGMAS * (variance[0] + variance[1]).sqrt()
}

/// Of a share, from how much of how much was counted in each run.
pub(super) fn of_shares(counts: [(u64, u64); 2]) -> f64 {
    let variance = counts.map(|(part, whole)| {
        let whole = whole.max(1) as f64;
        part as f64 / (whole * whole)
    });
    SIGMAS * (variance[0] + variance[1]).sqrt()
}

/// Of the most there was of something.
pub(super) fn of_counts(counts: [f64; 2]) -> f64 {
    (SIGMAS * (counts[0] + counts[1]).sqrt()).max(of_machine(counts))
}

/// Of a time or of what a process used.
pub(super) fn of_machine(values: [f64; 2]) -> f64 {
    values[0].max(values[1]) * MACHINE_NOISE
}

/// Of a quantile: from the spread of those that could as well have been the one.
pub(super) fn of_latencies(histograms: [Option<&Histogram>; 2], quantile: f64) -> f64 {
    let values = histograms.map(|of| of.map_or(0.0, |h| h.quantile_us(quantile) as f64));
    let spreads = histograms.map(|of| of.map_or(0.0, |h| spread_us(h, quantile)));
    spreads[0].hypot(spreads[1]).max(of_machine(values))
}

/// Half the width of the quantile's confidence interval by order statistics: the rank of a quantile of
/// n values has the deviation sqrt(n q (1 - q)).
fn spread_us(histogram: &Histogram, quantile: f64) -> f64 {
    let count = histogram.count().max(1) as f64;
    let share = SIGMAS * (quantile * (1.0 - quantile) / count).sqrt();
    let at = |quantile: f64| histogram.quantile_us(quantile.clamp(0.0, 1.0)) as f64;
    (at(quantile + share) - at(quantile - share)) / 2.0
}
