//! What a service did: counts and latencies.

use parking_lot::Mutex;
use securecart_record::{Histogram, LatencySample};
use tokio::time::{Duration, Instant};

use super::Reading;
use crate::sampler::latency;

/// Counts of one service. Shared by its tasks.
#[derive(Debug)]
pub(crate) struct Stats(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    busy: u32,
    waiting: u64,
    /// Integral of `busy` over time, slot-seconds.
    busy_s: f64,
    changed: Instant,
    total: Counts,
    asked: u64,
    work: Duration,
    latency: Histogram,
}

/// Counts since the start.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counts {
    /// Requests and messages that came.
    pub(crate) offered: u64,
    /// Those that were handled.
    pub(crate) handled: u64,
    /// Those that failed.
    pub(crate) failed: u64,
    /// Those turned away.
    pub(crate) turned_away: u64,
    /// Those lost with the task that had them.
    pub(crate) lost: u64,
}

impl Default for Stats {
    fn default() -> Self {
        Self(Mutex::new(Inner {
            busy: 0,
            waiting: 0,
            busy_s: 0.0,
            changed: Instant::now(),
            total: Counts::default(),
            asked: 0,
            work: Duration::ZERO,
            latency: Histogram::new(),
        }))
    }
}

impl Stats {
    /// A slot that is in use from now on, without waiting.
    pub(crate) fn busy(&self) -> Busy<'_> {
        Busy::enter(self)
    }

    /// A request came and waits for a slot.
    pub(crate) fn arrived(&self) {
        let mut inner = self.0.lock();
        inner.total.offered += 1;
        inner.waiting += 1;
    }

    /// A request that waited has given up or was cut off.
    pub(crate) fn left(&self) {
        let mut inner = self.0.lock();
        inner.waiting = inner.waiting.saturating_sub(1);
    }

    /// A request has a slot; one that did not wait for it comes now.
    pub(crate) fn started(&self, waited: bool) {
        let mut inner = self.0.lock();
        inner.integrate();
        inner.busy += 1;
        if waited {
            inner.waiting = inner.waiting.saturating_sub(1);
        } else {
            inner.total.offered += 1;
        }
    }

    /// A slot is free again.
    pub(crate) fn released(&self) {
        let mut inner = self.0.lock();
        inner.integrate();
        inner.busy = inner.busy.saturating_sub(1);
    }

    /// A request asks for `work` of a processor.
    pub(crate) fn asked(&self, work: Duration) {
        let mut inner = self.0.lock();
        inner.asked += 1;
        inner.work += work;
    }

    /// A request was handled; it arrived at `arrived`.
    pub(crate) fn handled(&self, arrived: Instant, failed: bool) {
        let latency_us = u64::try_from(arrived.elapsed().as_micros()).unwrap_or(u64::MAX);
        let mut inner = self.0.lock();
        inner.total.handled += 1;
        inner.total.failed += u64::from(failed);
        inner.latency.record_us(latency_us);
    }

    /// A request came and was turned away.
    pub(crate) fn turned_away(&self) {
        let mut inner = self.0.lock();
        inner.total.offered += 1;
        inner.total.turned_away += 1;
    }

    /// A request was lost with its task.
    pub(crate) fn lost(&self) {
        self.0.lock().total.lost += 1;
    }

    /// Counts since the start.
    pub(crate) fn counts(&self) -> Counts {
        self.0.lock().total
    }

    /// Requests that wait for a slot.
    pub(crate) fn waiting(&self) -> u64 {
        self.0.lock().waiting
    }

    /// Latencies since the last call.
    pub(crate) fn take_latency(&self) -> LatencySample {
        let mut inner = self.0.lock();
        let sample = latency(&inner.latency);
        inner.latency.clear();
        sample
    }

    /// Adds what requests did to a reading of the fleet.
    pub(crate) fn complete(&self, reading: &mut Reading) {
        let mut inner = self.0.lock();
        inner.integrate();
        reading.slot_busy_s = inner.busy_s;
        reading.offered = inner.total.offered;
        reading.handled = inner.total.handled;
        reading.asked = inner.asked;
        reading.work_s = inner.work.as_secs_f64();
    }
}

impl Inner {
    fn integrate(&mut self) {
        let now = Instant::now();
        self.busy_s += f64::from(self.busy) * (now - self.changed).as_secs_f64();
        self.changed = now;
    }
}

/// A request that waits for a slot; undone on drop.
pub(crate) struct Waiting<'a>(Option<&'a Stats>);

impl<'a> Waiting<'a> {
    pub(crate) fn enter(stats: &'a Stats) -> Self {
        stats.arrived();
        Self(Some(stats))
    }

    pub(crate) fn start(mut self) -> Busy<'a> {
        let stats = self.0.take().expect("it starts once");
        stats.started(true);
        Busy(stats)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if let Some(stats) = self.0 {
            stats.left();
        }
    }
}

/// A slot that is in use; undone on drop.
pub(crate) struct Busy<'a>(&'a Stats);

impl<'a> Busy<'a> {
    /// A slot that was taken without waiting.
    pub(crate) fn enter(stats: &'a Stats) -> Self {
        stats.started(false);
        Self(stats)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.released();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn slots_are_integrated_over_time() {
        let stats = Stats::default();
        let arrived = Instant::now();
        let (first, second) = (Busy::enter(&stats), Busy::enter(&stats));
        tokio::time::advance(Duration::from_millis(500)).await;
        drop(first);
        stats.handled(arrived, false);
        tokio::time::advance(Duration::from_millis(500)).await;
        let mut reading = Reading::default();
        stats.complete(&mut reading);
        assert!((reading.slot_busy_s - 1.5).abs() < 1e-6, "{}", reading.slot_busy_s);
        assert_eq!((reading.offered, reading.handled), (2, 1));
        assert!((499_000..=501_000).contains(&stats.take_latency().p50_us));
        assert_eq!(stats.take_latency().p50_us, 0, "taken");
        drop(second);
    }
}
