//! The plan's rate: curve and spikes as one figure, and bounds of it for thinning.

use securecart_scenario::{Plan, Spike, Traffic};

/// Sessions a wall second at scenario second `at_s`, at full scale.
pub(crate) fn rate_at(traffic: &Traffic, at_s: f64) -> f64 {
    let spikes: f64 = traffic
        .spikes
        .iter()
        .map(|spike| 1.0 + (spike.factor - 1.0) * strength(spike, at_s))
        .product();
    traffic.sessions_per_second * curve_at(&traffic.curve, at_s) * spikes
}

/// A piece of the window over which the rate has a close upper bound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Slice {
    /// Its end, wall seconds since the first second of the window.
    pub(crate) end_s: f64,
    /// No rate in it is higher: sessions a wall second at the plan's scale.
    pub(crate) bound_per_s: f64,
}

/// The window in pieces, in order, without gaps.
///
/// They end where the curve bends and where a spike starts or peaks, so in each of them curve and
/// spikes only rise or only fall, and the larger of both ends of each bounds their product. A hundred
/// more cuts keep the bound close to the rate.
pub(crate) fn slices(plan: &Plan) -> Vec<Slice> {
    let (window, traffic) = (&plan.window, &plan.traffic);
    let mut cuts: Vec<f64> = traffic.curve.iter().map(|point| point.0).collect();
    for spike in &traffic.spikes {
        cuts.extend([spike.at_s, spike.at_s + spike.rise_s]);
    }
    let length_s = window.end_s - window.start_s;
    cuts.extend((1..=100).map(|i| window.start_s + length_s * f64::from(i) / 100.0));
    cuts.retain(|cut| *cut > window.start_s && *cut <= window.end_s);
    cuts.sort_by(f64::total_cmp);
    cuts.dedup();
    let mut from = window.start_s;
    cuts.into_iter()
        .map(|to| {
            let bound_per_s = bound(traffic, from, to) * plan.scale;
            from = to;
            Slice { end_s: (to - window.start_s) / window.speed, bound_per_s }
        })
        .collect()
}

/// The highest rate of the plan's window, sessions a wall second at the plan's scale.
pub(crate) fn peak(plan: &Plan) -> f64 {
    slices(plan).iter().map(|slice| slice.bound_per_s).fold(0.0, f64::max)
}

/// No less than the rate anywhere from `from` to `to`, at full scale.
fn bound(traffic: &Traffic, from: f64, to: f64) -> f64 {
    let curve = curve_at(&traffic.curve, from).max(curve_at(&traffic.curve, to));
    let spikes: f64 = traffic
        .spikes
        .iter()
        .map(|spike| {
            // A spike without a rise is a step: just before its start it is down, at it, up.
            let step = spike.at_s > from && spike.at_s <= to && spike.rise_s <= 0.0;
            let high = if step { 1.0 } else { strength(spike, from).max(strength(spike, to)) };
            1.0 + (spike.factor - 1.0) * high
        })
        .product();
    traffic.sessions_per_second * curve * spikes
}

/// Share of product choices that go to the hot product at scenario second `at_s`, 0 to 1.
pub(crate) fn hot_product_share_at(traffic: &Traffic, at_s: f64) -> f64 {
    let shares = traffic.spikes.iter();
    shares.map(|spike| spike.hot_product_share * strength(spike, at_s)).fold(0.0, f64::max)
}

fn curve_at(curve: &[(f64, f64)], at_s: f64) -> f64 {
    let after = curve.partition_point(|point| point.0 <= at_s);
    match (after.checked_sub(1).map(|i| curve[i]), curve.get(after)) {
        (Some((t0, y0)), Some(&(t1, y1))) => y0 + (y1 - y0) * (at_s - t0) / (t1 - t0),
        (Some((_, y)), None) | (None, Some(&(_, y))) => y,
        (None, None) => 0.0,
    }
}

/// How far a spike is up, 0 to 1.
fn strength(spike: &Spike, at_s: f64) -> f64 {
    let since_s = at_s - spike.at_s;
    if since_s < 0.0 {
        0.0
    } else if since_s < spike.rise_s {
        since_s / spike.rise_s
    } else {
        0.5_f64.powf((since_s - spike.rise_s) / spike.half_life_s)
    }
}
