//! How long a delivery from EventBridge takes: what AWS takes anyway, what a full Region adds, and
//! what a fault adds.
//!
//! ```text
//! delay = modelled latency (seeded) + wait for the invocations' rate + lag of a fault
//! ```
//!
//! Invariants: the lag can be changed at any time and holds for deliveries that are due from then
//! on; with none of the three a delivery takes no time at all.
//!
//! Deliberately absent: the rate's bucket, which is `behaviour`'s; here it is only asked.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;
use rand::RngExt as _;
use securecart_behaviour::Lognormal;
use securecart_domain::random::{self, Stream};

use crate::Cloud;

/// What a delivery takes at least, and the median and 99th percentile of what comes on top, ms:
/// together 113, 148, 233 and 387 at p10, p50, p90 and p99, where 113, 148, 241 and 387 were
/// measured from event to Lambda (sheet 5.2, "EventBridge latency", 2023 post-fix). The shape is
/// an assumption, and so is that other targets take as long.
const LEAST_MS: f64 = 88.6;
const MORE_P50_MS: f64 = 59.4;
const MORE_P99_MS: f64 = 298.4;

/// The delays of a cloud's deliveries from EventBridge.
#[derive(Default)]
pub struct EventDelays {
    base: Option<Base>,
    rate: Option<Box<dyn Fn() -> Duration + Send + Sync>>,
    lag_us: AtomicU64,
}

struct Base {
    more: Lognormal,
    random: Mutex<Stream>,
}

impl EventDelays {
    /// No delay at all.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With the latency that was measured on AWS, drawn from `seed`.
    #[must_use]
    pub fn modelled(self, seed: u64) -> Self {
        let random = Mutex::new(random::stream(seed, "event-latency"));
        let base = Base { more: Lognormal::from_ms(MORE_P50_MS, MORE_P99_MS), random };
        Self { base: Some(base), ..self }
    }

    /// With what `wait` says on top, asked once for each delivery: how long the Region's rate of
    /// invocations holds it back (sheet 5.2, "EventBridge invocations": delayed, not dropped).
    #[must_use]
    pub fn rated(self, wait: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self { rate: Some(Box::new(wait)), ..self }
    }

    /// Makes every delivery of `cloud` take its time from now on.
    pub fn install(self: &Arc<Self>, cloud: &Cloud) {
        let delays = Arc::clone(self);
        cloud.set_event_delay(Arc::new(move || delays.draw()));
    }

    /// Sets what a fault adds to each delivery; zero ends the fault. What waits already is late as
    /// it was to be.
    pub fn set_lag(&self, lag: Duration) {
        let lag_us = u64::try_from(lag.as_micros()).unwrap_or(u64::MAX);
        self.lag_us.store(lag_us, Ordering::Relaxed);
    }

    /// How long the next delivery takes.
    #[must_use]
    pub fn draw(&self) -> Duration {
        let base = self.base.as_ref().map_or(Duration::ZERO, |base| {
            let uniform = base.random.lock().random();
            Duration::from_secs_f64(LEAST_MS / 1_000.0) + base.more.at(uniform)
        });
        let wait = self.rate.as_ref().map_or(Duration::ZERO, |wait| wait());
        let lag = Duration::from_micros(self.lag_us.load(Ordering::Relaxed));
        base.saturating_add(wait).saturating_add(lag)
    }
}

impl fmt::Debug for EventDelays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventDelays")
            .field("modelled", &self.base.is_some())
            .field("rated", &self.rate.is_some())
            .field("lag_us", &self.lag_us)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_anything_a_delivery_takes_no_time() {
        assert_eq!(EventDelays::new().draw(), Duration::ZERO);
    }

    #[test]
    fn what_was_measured_is_what_is_drawn_and_a_seed_repeats_it() {
        let draws = |seed| {
            let delays = EventDelays::new().modelled(seed);
            (0..20_000).map(|_| delays.draw().as_secs_f64() * 1_000.0).collect::<Vec<_>>()
        };
        let mut drawn = draws(7);
        assert_eq!(drawn, draws(7));
        assert_ne!(drawn, draws(8));
        drawn.sort_by(f64::total_cmp);
        for (percent, measured_ms) in [(10, 113.0), (50, 148.0), (90, 241.0), (99, 387.0)] {
            let ms = drawn[drawn.len() * percent / 100];
            assert!((ms / measured_ms - 1.0).abs() < 0.05, "p{percent} is {ms} ms");
        }
    }

    #[test]
    fn the_parts_add_up_and_a_fault_comes_and_goes() {
        let delays = EventDelays::new().rated(|| Duration::from_millis(300));
        delays.set_lag(Duration::from_secs(5));
        assert_eq!(delays.draw(), Duration::from_millis(5_300));
        delays.set_lag(Duration::ZERO);
        assert_eq!(delays.draw(), Duration::from_millis(300));
        delays.set_lag(Duration::MAX);
        assert!(delays.draw() > Duration::from_secs(86_400));
    }
}
