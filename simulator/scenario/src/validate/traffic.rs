//! The rate, its curve and its spikes.

use crate::{
    defaults,
    document::{Point, SpikeTable, TrafficTable},
    limits,
    located::{Field, Located},
    plan::{Spike, Traffic},
    problem::Problems,
    suggest,
    units::clock_text,
};

use super::{Frame, bounds, frame, length};

pub(super) fn read(field: &Field<TrafficTable>, frame: &Frame, problems: &mut Problems) -> Traffic {
    let flat = vec![(frame.start_s, defaults::CURVE_FACTOR)];
    let Some(table) = field.value() else {
        return Traffic { sessions_per_second: 0.0, curve: flat, spikes: Vec::new() };
    };
    model(&table.model, problems);
    // The rate may be beyond what can be played: a scale brings it down.
    let rate = &table.sessions_per_second;
    let rate = bounds::above_zero(rate, "sessions-per-second", 1e9, problems);
    let curve = table.curve.0.as_ref().map_or(flat, |points| curve(points, frame, problems));
    let spikes = table.spikes.value().map_or(&[][..], Vec::as_slice);
    if spikes.len() > limits::SPIKES {
        length(spikes.len(), limits::SPIKES, "spikes", table.spikes.span(), problems);
    }
    let spikes = spikes.iter().filter_map(|entry| spike(&entry.value, frame, problems));
    Traffic { sessions_per_second: rate.unwrap_or(0.0), spikes: spikes.collect(), curve }
}

fn model(field: &Field<String>, problems: &mut Problems) {
    if let Some(model) = field.value().filter(|model| *model != "open") {
        let help = match suggest::nearest(model, ["open"]) {
            Some(_) => "did you mean `open`?",
            None => "only `open` exists: arrivals do not wait for answers",
        };
        problems.add(field.span(), format!("unknown traffic model `{model}`"), help);
    }
}

/// Points in order that cover the scenario from its start to its end.
fn curve(
    points: &Located<Vec<Located<Point>>>,
    frame: &Frame,
    problems: &mut Problems,
) -> Vec<(f64, f64)> {
    length(points.value.len(), limits::CURVE_POINTS, "curve", Some(points.span), problems);
    for pair in points.value.windows(2) {
        let (before, after) = (pair[0].value.at.0, pair[1].value.at.0);
        if after <= before {
            let message =
                format!("the curve goes from {} back to {}", clock_text(before), clock_text(after));
            let help = "points ascend in time; for a jump, put them a second apart";
            problems.add(pair[1].span, message, help);
        }
    }
    for point in &points.value {
        let factor = point.value.factor;
        if !(0.0..=limits::FACTOR).contains(&factor) {
            let help = format!("a factor is from 0 (nobody comes) to {}", limits::FACTOR);
            problems.add(point.span, format!("the curve's factor is {factor}"), help);
        }
    }
    covers(&points.value, frame, problems);
    points.value.iter().map(|point| (point.value.at.0, point.value.factor)).collect()
}

fn covers(points: &[Located<Point>], frame: &Frame, problems: &mut Problems) {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return };
    let (from, to) = (clock_text(frame.start_s), clock_text(frame.end_s));
    let help = format!("the scenario goes from {from} to {to}: the curve's ends are there too");
    if first.value.at.0 != frame.start_s {
        let message = format!("the curve starts at {}", clock_text(first.value.at.0));
        problems.add(first.span, message, help.clone());
    }
    if last.value.at.0 != frame.end_s {
        let message = format!("the curve ends at {}", clock_text(last.value.at.0));
        problems.add(last.span, message, help);
    }
}

fn spike(table: &SpikeTable, frame: &Frame, problems: &mut Problems) -> Option<Spike> {
    let factor = bounds::number(&table.factor, "factor", 1.0..=limits::FACTOR, problems);
    let rise_s = table.rise.value().map_or(defaults::SPIKE_RISE_S, |rise| rise.0);
    let half_life_s = table.half_life.value().map_or(defaults::SPIKE_HALF_LIFE_S, |half| half.0);
    if half_life_s <= 0.0 {
        let help = "give the time in which the crowd halves, such as `15m`";
        problems.add(table.half_life.span(), "`half-life` is 0", help);
    }
    let share = &table.hot_product_share;
    let hot_product_share = bounds::number(share, "hot-product-share", 0.0..=1.0, problems)
        .unwrap_or(defaults::HOT_PRODUCT_SHARE);
    let at_s = frame::time(&table.at, "the spike", frame, problems)?;
    Some(Spike { at_s, factor: factor?, rise_s, half_life_s, hot_product_share })
}
