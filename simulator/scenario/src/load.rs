//! What a plan offers: rates, sums and means. Pure, and the same for both clocks.
//!
//! Rates are sessions or requests a wall second; times are scenario seconds.

use securecart_domain::api::Operation;

use crate::plan::{Journey, Plan, Spike, Step, Traffic};

/// Cuts of each piece of the window, so that [`Plan::peak_rate`] is close to the rate.
const CUTS: u32 = 32;
/// Half-lives after which nothing is left of a spike (a millionth).
const HALF_LIVES: u32 = 20;

impl Spike {
    /// How far the crowd has come, 0 (nobody) to 1 (the peak).
    #[must_use]
    pub fn strength_at(&self, scenario_s: f64) -> f64 {
        let since_s = scenario_s - self.at_s;
        if since_s < 0.0 {
            0.0
        } else if since_s < self.rise_s {
            since_s / self.rise_s
        } else {
            0.5_f64.powf((since_s - self.rise_s) / self.half_life_s)
        }
    }

    /// How many times as many sessions arrive: 1, a straight line up to the factor, then a decay.
    #[must_use]
    pub fn factor_at(&self, scenario_s: f64) -> f64 {
        1.0 + (self.factor - 1.0) * self.strength_at(scenario_s)
    }
}

impl Spike {
    /// The higher end of its factor from `from_s` to `to_s`. A step at `to_s` belongs to what begins
    /// there: before it nobody has come.
    fn most_between(&self, from_s: f64, to_s: f64) -> f64 {
        let steps_at_end = self.rise_s == 0.0 && to_s == self.at_s && from_s < to_s;
        let end = if steps_at_end { 1.0 } else { self.factor_at(to_s) };
        self.factor_at(from_s).max(end)
    }
}

impl Traffic {
    /// The curve's factor: straight lines between its points, level beyond its ends.
    #[must_use]
    pub fn curve_at(&self, scenario_s: f64) -> f64 {
        let after = self.curve.partition_point(|point| point.0 <= scenario_s);
        match (after.checked_sub(1).map(|before| self.curve[before]), self.curve.get(after)) {
            (Some((s0, y0)), Some(&(s1, y1))) => y0 + (y1 - y0) * (scenario_s - s0) / (s1 - s0),
            (Some((_, y)), None) | (None, Some(&(_, y))) => y,
            (None, None) => 0.0,
        }
    }

    /// Sessions a wall second at full scale.
    #[must_use]
    pub fn rate_at(&self, scenario_s: f64) -> f64 {
        let spikes: f64 = self.spikes.iter().map(|spike| spike.factor_at(scenario_s)).product();
        self.sessions_per_second * self.curve_at(scenario_s) * spikes
    }

    /// Share of product choices that go to the hot product, 0 to 1: that of the strongest spike.
    #[must_use]
    pub fn hot_product_share_at(&self, scenario_s: f64) -> f64 {
        let shares = self.spikes.iter();
        shares
            .map(|spike| spike.hot_product_share * spike.strength_at(scenario_s))
            .fold(0.0, f64::max)
    }

    /// No lower than the rate anywhere from `from_s` to `to_s`, between which curve and spikes do
    /// not turn: the higher end of each bounds their product.
    fn bound(&self, from_s: f64, to_s: f64) -> f64 {
        let higher = |value: &dyn Fn(f64) -> f64| value(from_s).max(value(to_s));
        let spikes: f64 =
            self.spikes.iter().map(|spike| spike.most_between(from_s, to_s)).product();
        self.sessions_per_second * higher(&|s| self.curve_at(s)) * spikes
    }
}

impl Plan {
    /// Sessions a wall second at the plan's scale.
    #[must_use]
    pub fn rate_at(&self, scenario_s: f64) -> f64 {
        self.scale * self.traffic.rate_at(scenario_s)
    }

    /// A close upper bound of the rate in the window, sessions a wall second: for thinning.
    #[must_use]
    pub fn peak_rate(&self) -> f64 {
        let pieces = self.pieces();
        let bounds = pieces.windows(2).flat_map(|piece| {
            let width_s = (piece[1] - piece[0]) / f64::from(CUTS);
            (0..CUTS).map(move |cut| {
                let from_s = piece[0] + width_s * f64::from(cut);
                // The last cut ends exactly where the piece does: a step stands there.
                let to_s = if cut + 1 == CUTS { piece[1] } else { from_s + width_s };
                self.traffic.bound(from_s, to_s)
            })
        });
        self.scale * bounds.fold(0.0, f64::max)
    }

    /// How many sessions arrive in the window on average over seeds.
    #[must_use]
    pub fn expected_sessions(&self) -> f64 {
        let pieces = self.pieces();
        let integral: f64 =
            pieces.windows(2).map(|piece| gauss(piece[0], piece[1], |s| self.rate_at(s))).sum();
        integral / self.window.speed
    }

    /// How many requests are made in the window on average over seeds, retries not counted.
    #[must_use]
    pub fn expected_requests(&self) -> f64 {
        self.expected_sessions() * self.requests_per_session()
    }

    /// How many orders are placed in the window on average over seeds, if every checkout succeeds.
    #[must_use]
    pub fn expected_orders(&self) -> f64 {
        self.expected_sessions() * self.operations_per_session(Operation::Checkout)
    }

    /// Requests of a session, on average over journeys by weight.
    #[must_use]
    pub fn requests_per_session(&self) -> f64 {
        self.mean(|journey| journey.requests(|_| true))
    }

    /// Requests of one operation of a session, on average over journeys by weight.
    #[must_use]
    pub fn operations_per_session(&self, operation: Operation) -> f64 {
        self.mean(|journey| journey.requests(|step| step.operation == operation))
    }

    /// Wall seconds of a session without the time the shop takes, on average.
    #[must_use]
    pub fn think_s_per_session(&self) -> f64 {
        self.mean(Journey::think_s)
    }

    /// Share of sessions that go on `journey`, 0 to 1.
    #[must_use]
    pub fn share_of(&self, journey: &Journey) -> f64 {
        journey.weight / self.journeys.iter().map(|journey| journey.weight).sum::<f64>()
    }

    fn mean(&self, figure: impl Fn(&Journey) -> f64) -> f64 {
        self.journeys.iter().map(|journey| self.share_of(journey) * figure(journey)).sum()
    }

    /// The window cut where the rate bends: in each piece it is smooth, its curve straight, and each
    /// spike only rises or only falls, by at most half of what is left.
    fn pieces(&self) -> Vec<f64> {
        let (start_s, end_s) = (self.window.start_s, self.window.end_s);
        let mut cuts = vec![start_s, end_s];
        cuts.extend(self.traffic.curve.iter().map(|point| point.0));
        for spike in &self.traffic.spikes {
            let peak_s = spike.at_s + spike.rise_s;
            cuts.push(spike.at_s);
            cuts.extend((0..=HALF_LIVES).map(|n| peak_s + spike.half_life_s * f64::from(n)));
        }
        cuts.retain(|cut| (start_s..=end_s).contains(cut));
        cuts.sort_by(f64::total_cmp);
        cuts.dedup();
        cuts
    }
}

impl Journey {
    /// Requests of the steps that `count` accepts.
    fn requests(&self, count: impl Fn(&Step) -> bool) -> f64 {
        let steps = self.steps.iter().filter(|step| count(step));
        // Both limits of the format are far below what a number of this size counts exactly.
        steps.map(|step| u64::from(step.repeat)).sum::<u64>() as f64
    }

    /// Wall seconds a shopper thinks on this journey, on average.
    #[must_use]
    pub fn think_s(&self) -> f64 {
        let ms: f64 = self
            .steps
            .iter()
            .map(|step| {
                let mean_ms = f64::from(step.think_ms.0).midpoint(f64::from(step.think_ms.1));
                mean_ms * f64::from(step.repeat)
            })
            .sum();
        ms / 1_000.0
    }
}

/// The integral of a smooth function by five-point Gauss-Legendre quadrature.
///
/// Its points are inside the piece, so a step at an end does not matter.
fn gauss(from: f64, to: f64, f: impl Fn(f64) -> f64) -> f64 {
    // Abramowitz and Stegun, table 25.4, n = 5.
    const POINTS: [(f64, f64); 5] = [
        (-0.906_179_845_938_664, 0.236_926_885_056_189),
        (-0.538_469_310_105_683, 0.478_628_670_499_366),
        (0.0, 0.568_888_888_888_889),
        (0.538_469_310_105_683, 0.478_628_670_499_366),
        (0.906_179_845_938_664, 0.236_926_885_056_189),
    ];
    let (middle, half) = (from.midpoint(to), (to - from) / 2.0);
    half * POINTS.iter().map(|(x, weight)| weight * f(middle + half * x)).sum::<f64>()
}

#[cfg(test)]
mod tests;
