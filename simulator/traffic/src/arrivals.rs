//! When shoppers come, and what for: a non-homogeneous Poisson process of the plan's rate.
//!
//! Candidates come at a rate that is nowhere exceeded, and each is kept with the probability of the
//! rate at its instant over that bound (Lewis and Shedler's thinning), so any curve and any spike is
//! followed exactly, without integrals. The bound is taken slice by slice, so few candidates are lost.
//! Rates are sessions a wall second and arrivals are wall times.
//!
//! Deliberately absent: clocks. The live pacer and the virtual engine play the same iterator.

use std::{collections::VecDeque, time::Duration};

use rand::RngExt;
use rand_distr::{Distribution, Exp1};
use securecart_domain::random::{self, Stream};
use securecart_scenario::{Plan, Traffic, Window};

use crate::slices::{Slice, slices};

/// A session that is to start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// Its place in the run, from 0.
    pub number: u64,
    /// When it is to start: wall time since the first second of the window.
    pub intended: Duration,
    /// Which of the plan's journeys it plays.
    pub journey: usize,
    /// Seed of every choice the session makes; no two arrivals of a run share one.
    pub seed: u64,
}

/// All arrivals of a plan's window, in order of time.
#[derive(Debug, Clone)]
pub struct Arrivals {
    traffic: Traffic,
    scale: f64,
    window: Window,
    /// What is left of the window, the slice of `at_s` first.
    slices: VecDeque<Slice>,
    /// Running sums of the journeys' weights.
    weights: Vec<f64>,
    times: Stream,
    kept: Stream,
    journeys: Stream,
    seeds: u64,
    at_s: f64,
    number: u64,
}

impl Arrivals {
    /// The arrivals of `plan`; the same for the same seed, however often and wherever.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        let mut sum = 0.0;
        let weights = plan
            .journeys
            .iter()
            .map(|journey| {
                sum += journey.weight;
                sum
            })
            .collect();
        Self {
            traffic: plan.traffic.clone(),
            scale: plan.scale,
            window: plan.window,
            slices: slices(plan).into(),
            weights,
            times: random::stream(plan.seed, "arrivals"),
            kept: random::stream(plan.seed, "arrivals-thinning"),
            journeys: random::stream(plan.seed, "arrivals-journeys"),
            seeds: random::stream(plan.seed, "arrivals-seeds").random(),
            at_s: 0.0,
            number: 0,
        }
    }

    /// The digest of everything that `plan` offers.
    #[must_use]
    pub fn digest(plan: &Plan) -> Digest {
        Self::new(plan).fold(Digest::default(), |mut digest, arrival| {
            digest.add(&arrival);
            digest
        })
    }

    fn journey(&mut self) -> usize {
        let total = self.weights.last().copied().unwrap_or(0.0);
        let drawn = self.journeys.random::<f64>() * total;
        let index = self.weights.partition_point(|&sum| sum <= drawn);
        index.min(self.weights.len().saturating_sub(1))
    }
}

impl Iterator for Arrivals {
    type Item = Arrival;

    fn next(&mut self) -> Option<Arrival> {
        if self.weights.is_empty() {
            return None;
        }
        loop {
            let slice = *self.slices.front()?;
            let gap: f64 = Exp1.sample(&mut self.times);
            let candidate_s = self.at_s + gap / slice.bound_per_s;
            if slice.bound_per_s <= 0.0 || candidate_s >= slice.end_s {
                // The process has no memory, so the next slice starts afresh at its start.
                self.at_s = slice.end_s;
                self.slices.pop_front();
                continue;
            }
            self.at_s = candidate_s;
            let at_s = self.window.scenario_s(candidate_s);
            let rate_per_s = self.scale * self.traffic.rate_at(at_s);
            if self.kept.random::<f64>() * slice.bound_per_s < rate_per_s {
                break;
            }
        }
        let number = self.number;
        self.number += 1;
        Some(Arrival {
            number,
            intended: Duration::from_secs_f64(self.at_s),
            journey: self.journey(),
            // `mix` is a bijection, so different numbers give different seeds.
            seed: random::mix(self.seeds.wrapping_add(number)),
        })
    }
}

/// A fingerprint of arrivals: equal for equal arrivals in the same order.
///
/// It tells runs apart that should be the same. It is not cryptographic.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Digest {
    state: u64,
    arrivals: u64,
}

impl Digest {
    /// Adds the next arrival.
    pub fn add(&mut self, arrival: &Arrival) {
        let nanos = u64::try_from(arrival.intended.as_nanos()).unwrap_or(u64::MAX);
        for word in [arrival.number, nanos, arrival.journey as u64, arrival.seed] {
            self.state = random::mix(self.state.rotate_left(17) ^ word);
        }
        self.arrivals += 1;
    }

    /// How many arrivals it covers.
    #[must_use]
    pub const fn arrivals(&self) -> u64 {
        self.arrivals
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.state)
    }
}

#[cfg(test)]
mod tests;
