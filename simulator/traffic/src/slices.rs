//! The plan's window in pieces with a close bound of the rate in each, for thinning.

use securecart_scenario::Plan;

/// Cuts of the window beside those where the rate turns, so that the bounds are close.
const CUTS: u32 = 100;

/// A piece of the window.
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
/// spikes only rise or only fall, and the higher end of each bounds their product.
pub(crate) fn slices(plan: &Plan) -> Vec<Slice> {
    let (window, traffic) = (&plan.window, &plan.traffic);
    let mut cuts: Vec<f64> = traffic.curve.iter().map(|point| point.0).collect();
    for spike in &traffic.spikes {
        cuts.extend([spike.at_s, spike.at_s + spike.rise_s]);
    }
    let length_s = window.end_s - window.start_s;
    cuts.extend((1..CUTS).map(|i| window.start_s + length_s * f64::from(i) / f64::from(CUTS)));
    cuts.retain(|cut| *cut > window.start_s && *cut < window.end_s);
    // Named rather than computed: rounding could put it past the end, and the last slice be lost.
    cuts.push(window.end_s);
    cuts.sort_by(f64::total_cmp);
    cuts.dedup();
    let mut from_s = window.start_s;
    cuts.into_iter()
        .map(|to_s| {
            let bound_per_s = bound(plan, from_s, to_s);
            from_s = to_s;
            Slice { end_s: (to_s - window.start_s) / window.speed, bound_per_s }
        })
        .collect()
}

/// No less than the rate anywhere from `from_s` to `to_s`.
fn bound(plan: &Plan, from_s: f64, to_s: f64) -> f64 {
    let traffic = &plan.traffic;
    let curve = traffic.curve_at(from_s).max(traffic.curve_at(to_s));
    let spikes =
        traffic.spikes.iter().map(|spike| spike.factor_at(from_s).max(spike.factor_at(to_s)));
    plan.scale * traffic.sessions_per_second * curve * spikes.product::<f64>()
}
