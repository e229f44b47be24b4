//! How long EventBridge takes to deliver: its modelled latency, its rate of invocations, and the
//! fault that delays everything. Wall time, which a run's speed never compresses.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;
use rand::RngExt as _;
use securecart_behaviour::{
    Assumptions, Lognormal, assumptions,
    event_bridge::{self, Invocations},
};
use securecart_domain::random::{self, Stream};
use tokio::time::Instant;

/// The delays of the bus.
#[derive(Debug)]
pub(crate) struct Bus {
    invocations: Mutex<Invocations>,
    random: Mutex<Stream>,
    latency: Lognormal,
    added_us: AtomicU64,
    since: Instant,
}

impl Bus {
    pub(crate) fn new(seed: u64, assumed: &Assumptions) -> Arc<Self> {
        let burst = assumed.duration(&assumptions::QUOTAS_BURST);
        Arc::new(Self {
            invocations: Mutex::new(Invocations::new(burst, Duration::ZERO)),
            random: Mutex::new(random::stream(seed, "event-bus")),
            latency: event_bridge::delivery(),
            added_us: AtomicU64::new(0),
            since: Instant::now(),
        })
    }

    /// From now on every delivery takes `added` longer.
    pub(crate) fn slow(&self, added: Duration) {
        let us = u64::try_from(added.as_micros()).unwrap_or(u64::MAX);
        self.added_us.store(us, Ordering::Relaxed);
    }

    /// How long the next delivery takes.
    pub(crate) fn delay(&self) -> Duration {
        let now = self.since.elapsed();
        let queued = self.invocations.lock().invoke(now).saturating_sub(now);
        let latency = self.latency.at(self.random.lock().random());
        queued + latency + Duration::from_micros(self.added_us.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_fault_delays_every_delivery_until_it_ends() {
        let bus = Bus::new(1, &Assumptions::default());
        bus.slow(Duration::from_secs(5));
        assert!((0..100).all(|_| bus.delay() > Duration::from_secs(5)));
        bus.slow(Duration::ZERO);
        let mut delays: Vec<_> = (0..1_001).map(|_| bus.delay()).collect();
        delays.sort();
        assert!((130..170).contains(&delays[500].as_millis()), "{:?}", delays[500]);
    }
}
