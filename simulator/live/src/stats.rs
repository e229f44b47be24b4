//! What a service's fleet did, read once a second by the sampler.

use parking_lot::Mutex;
use securecart_record::{Histogram, ServiceSample, ServiceTotals};
use tokio::time::Instant;

use crate::sampler::latency;

/// Counts of one service. Shared by its tasks.
#[derive(Debug)]
pub(crate) struct Stats {
    slots: u32,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    busy: u32,
    waiting: u64,
    /// Integral of `busy` over time since the last drain, in slot-seconds.
    busy_seconds: f64,
    changed: Instant,
    drained: Instant,
    interval: Counts,
    total: Counts,
    latency: Histogram,
}

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    handled: u64,
    failed: u64,
    turned_away: u64,
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.handled += other.handled;
        self.failed += other.failed;
        self.turned_away += other.turned_away;
    }
}

impl Stats {
    /// Counts of a fleet with `slots` slots in all.
    pub(crate) fn new(slots: u32) -> Self {
        let now = Instant::now();
        Self {
            slots,
            inner: Mutex::new(Inner {
                busy: 0,
                waiting: 0,
                busy_seconds: 0.0,
                changed: now,
                drained: now,
                interval: Counts::default(),
                total: Counts::default(),
                latency: Histogram::new(),
            }),
        }
    }

    /// A request waits for a slot.
    pub(crate) fn arrived(&self) {
        self.inner.lock().waiting += 1;
    }

    /// A request that waited has given up or was cut off.
    pub(crate) fn left(&self) {
        let mut inner = self.inner.lock();
        inner.waiting = inner.waiting.saturating_sub(1);
    }

    /// A request has a slot; `waited` says whether it was counted as waiting.
    pub(crate) fn started(&self, waited: bool) {
        let mut inner = self.inner.lock();
        inner.integrate();
        inner.busy += 1;
        if waited {
            inner.waiting = inner.waiting.saturating_sub(1);
        }
    }

    /// A slot is free again, without an answer: the caller left.
    pub(crate) fn released(&self) {
        let mut inner = self.inner.lock();
        inner.integrate();
        inner.busy = inner.busy.saturating_sub(1);
    }

    /// A request was handled; it arrived at `arrived`.
    pub(crate) fn handled(&self, arrived: Instant, failed: bool) {
        let latency_us = u64::try_from(arrived.elapsed().as_micros()).unwrap_or(u64::MAX);
        let mut inner = self.inner.lock();
        inner.interval.handled += 1;
        inner.interval.failed += u64::from(failed);
        inner.latency.record_us(latency_us);
    }

    /// A request was turned away.
    pub(crate) fn turned_away(&self) {
        self.inner.lock().interval.turned_away += 1;
    }

    /// What happened since the last drain. `tasks` and `concurrency` are the fleet's.
    pub(crate) fn drain(&self, service: &str, tasks: u32, concurrency: u32) -> ServiceSample {
        let mut inner = self.inner.lock();
        inner.integrate();
        let seconds = inner.drained.elapsed().as_secs_f64().max(1e-6);
        let utilisation = inner.busy_seconds / seconds / f64::from(self.slots.max(1));
        let counts = std::mem::take(&mut inner.interval);
        inner.total.add(counts);
        let latency = latency(&inner.latency);
        inner.latency.clear();
        inner.busy_seconds = 0.0;
        inner.drained = inner.changed;
        ServiceSample {
            service: service.to_owned(),
            tasks,
            concurrency,
            utilisation: utilisation.clamp(0.0, 1.0),
            waiting: inner.waiting,
            handled: counts.handled,
            failed: counts.failed,
            turned_away: counts.turned_away,
            latency,
            ..ServiceSample::default()
        }
    }

    /// Sums up to the last drain.
    pub(crate) fn totals(&self, service: &str, tasks_max: u32, aws_calls: u64) -> ServiceTotals {
        let total = self.inner.lock().total;
        ServiceTotals {
            service: service.to_owned(),
            handled: total.handled,
            failed: total.failed,
            turned_away: total.turned_away,
            tasks_max,
            aws_calls,
            ..ServiceTotals::default()
        }
    }
}

impl Inner {
    fn integrate(&mut self) {
        let now = Instant::now();
        self.busy_seconds += f64::from(self.busy) * (now - self.changed).as_secs_f64();
        self.changed = now;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn utilisation_is_the_share_of_slot_time_that_was_busy() {
        let stats = Stats::new(4);
        let arrived = Instant::now();
        stats.started(false);
        stats.started(false);
        tokio::time::advance(Duration::from_millis(500)).await;
        stats.released();
        stats.handled(arrived, false);
        tokio::time::advance(Duration::from_millis(500)).await;
        let sample = stats.drain("cart", 2, 2);
        // Two of four slots for half a second, one for the other half: 0.375.
        assert!((sample.utilisation - 0.375).abs() < 1e-6, "{}", sample.utilisation);
        assert_eq!((sample.handled, sample.failed), (1, 0));
        assert!((499_000..=501_000).contains(&sample.latency.p50_us), "{:?}", sample.latency);
        let empty = stats.drain("cart", 2, 2);
        assert_eq!(empty.handled, 0);
        assert_eq!(stats.totals("cart", 2, 7).handled, 1);
    }
}
