//! What happened, while it happens: histograms and counters that are drained once a second.
//!
//! Users write into one of a few shards, so that they rarely meet; a drain swaps each shard against an
//! empty one and does its sums outside the lock. A record costs about 0.1 µs.
//!
//! Invariant: everything that is recorded is in exactly one drained [`Interval`].

mod shard;

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use parking_lot::Mutex;
use securecart_domain::api::Operation;
use securecart_record::{ErrorCount, Histogram};

use crate::{
    cause::Cause,
    orders::{AcceptedOrder, Orders, UnresolvedCheckout},
    pacer::LATE_AFTER,
};
use shard::Shard;

/// More shards than threads that write at once; each holds about 2.5 MB.
const SHARDS: usize = 4;

/// Collects what users see. Shared between the generator and whoever samples it.
#[derive(Debug)]
pub struct Recorder {
    shards: [Mutex<Box<Shard>>; SHARDS],
    /// The empty shard that the next drained one is swapped against. Also keeps drains apart.
    spare: Mutex<Box<Shard>>,
    due: AtomicU64,
    dropped: AtomicU64,
    sessions: AtomicU64,
    in_flight: AtomicU64,
    connections: AtomicU64,
    reconnects: AtomicU64,
    pub(crate) orders: Orders,
}

/// What happened between two drains. Counts, not rates.
#[derive(Debug, Clone, Default)]
pub struct Interval {
    /// Sessions that were due.
    pub arrivals: u64,
    /// Sessions that started more than [`LATE_AFTER`] past their intent.
    pub late: u64,
    /// Sessions that were due and will never start.
    pub dropped: u64,
    /// Sessions under way at the end of the interval.
    pub sessions: u64,
    /// Requests sent and not yet answered at the end of the interval.
    pub in_flight: u64,
    /// Orders accepted.
    pub orders: u64,
    /// Checkouts that were asked again with the same key, each attempt after the first.
    pub retries: u64,
    /// Connections that had to be opened again after one was lost.
    pub reconnects: u64,
    /// From the intended start of a session to the start of its first request: the generator's delay.
    pub lag: Histogram,
    /// Every operation, in the order of [`Operation::ALL`].
    pub operations: Vec<OperationInterval>,
}

/// One operation between two drains.
#[derive(Debug, Clone)]
pub struct OperationInterval {
    /// Which.
    pub operation: Operation,
    /// Requests that were answered or failed. A checkout with its retries is one; one that the end of
    /// the run cut off is none.
    pub requests: u64,
    /// Those that failed: transport, timeout, malformed, 429, 500 and above, or any other status the
    /// API does not promise.
    pub failed: u64,
    /// What went wrong by cause, also where the shop rightly said no (402, 404, 409), where a retry
    /// then succeeded, and where the end of the run cut a request off (`interrupted`). At most 32
    /// causes; what is over those counts as `other`.
    pub errors: Vec<ErrorCount>,
    /// From the intended start to the last byte.
    pub response: Histogram,
    /// From the start of sending (of the last attempt) to the last byte; includes connecting where
    /// that was necessary.
    pub service: Histogram,
}

impl Interval {
    /// Requests of all operations.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.operations.iter().map(|operation| operation.requests).sum()
    }

    /// Failed requests of all operations.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.operations.iter().map(|operation| operation.failed).sum()
    }

    /// Adds a later interval: counts are summed, gauges are the later one's.
    pub fn merge(&mut self, later: &Self) {
        self.arrivals += later.arrivals;
        self.late += later.late;
        self.dropped += later.dropped;
        self.sessions = later.sessions;
        self.in_flight = later.in_flight;
        self.orders += later.orders;
        self.retries += later.retries;
        self.reconnects += later.reconnects;
        self.lag.merge(&later.lag);
        if self.operations.is_empty() {
            self.operations.clone_from(&later.operations);
        } else {
            for (mine, theirs) in self.operations.iter_mut().zip(&later.operations) {
                mine.merge(theirs);
            }
        }
    }
}

impl OperationInterval {
    fn merge(&mut self, later: &Self) {
        self.requests += later.requests;
        self.failed += later.failed;
        self.response.merge(&later.response);
        self.service.merge(&later.service);
        for error in &later.errors {
            self.count(error.cause.clone(), error.count);
        }
    }
}

/// One request as it ended.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) operation: Operation,
    pub(crate) response_us: u64,
    pub(crate) service_us: u64,
    pub(crate) cause: Option<Cause>,
}

impl Recorder {
    /// An empty recorder.
    #[must_use]
    pub fn new() -> Self {
        Self {
            shards: std::array::from_fn(|_| Mutex::new(Box::default())),
            spare: Mutex::new(Box::default()),
            due: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
            sessions: AtomicU64::new(0),
            in_flight: AtomicU64::new(0),
            connections: AtomicU64::new(0),
            reconnects: AtomicU64::new(0),
            orders: Orders::default(),
        }
    }

    /// Everything since the last drain.
    #[must_use]
    pub fn drain(&self) -> Interval {
        let mut spare = self.spare.lock();
        let mut interval = Interval {
            arrivals: self.due.swap(0, Relaxed),
            dropped: self.dropped.swap(0, Relaxed),
            sessions: self.sessions.load(Relaxed),
            in_flight: self.in_flight.load(Relaxed),
            reconnects: self.reconnects.swap(0, Relaxed),
            operations: Operation::ALL.map(OperationInterval::empty).into(),
            ..Interval::default()
        };
        for shard in &self.shards {
            std::mem::swap(&mut *shard.lock(), &mut *spare);
            spare.pour_into(&mut interval);
        }
        interval
    }

    pub(crate) fn due(&self) {
        self.due.fetch_add(1, Relaxed);
    }

    pub(crate) fn dropped(&self, count: u64) {
        self.dropped.fetch_add(count, Relaxed);
    }

    /// A session starts, `lag_us` after its intent. It is under way until the guard goes.
    pub(crate) fn session(&self, user: usize, lag_us: u64) -> Gauge<'_> {
        let late = u128::from(lag_us) > LATE_AFTER.as_micros();
        self.shard(user).lock().start(lag_us, late);
        Gauge::raise(&self.sessions)
    }

    /// A request is sent. It is in flight until the guard goes.
    pub(crate) fn in_flight(&self) -> Gauge<'_> {
        Gauge::raise(&self.in_flight)
    }

    pub(crate) fn done(&self, user: usize, done: Done) {
        self.shard(user).lock().end(done);
    }

    /// An attempt of a checkout failed and another follows.
    pub(crate) fn retried(&self, user: usize, operation: Operation, cause: &Cause) {
        self.shard(user).lock().retry(operation, cause);
    }

    pub(crate) fn connected(&self, again: bool) {
        self.connections.fetch_add(1, Relaxed);
        if again {
            self.reconnects.fetch_add(1, Relaxed);
        }
    }

    /// Connections opened since the start.
    pub(crate) fn connections(&self) -> u64 {
        self.connections.load(Relaxed)
    }

    pub(crate) fn accept(&self, user: usize, order: AcceptedOrder) {
        self.shard(user).lock().orders += 1;
        self.orders.accept(order);
    }

    pub(crate) fn leave_open(&self, checkout: UnresolvedCheckout) {
        self.orders.leave_open(checkout);
    }

    fn shard(&self, user: usize) -> &Mutex<Box<Shard>> {
        &self.shards[user % SHARDS]
    }
}

impl Default for Recorder {
    fn default() -> Self {
        Self::new()
    }
}

/// One more of something for as long as it lives, also when it goes by a panic.
#[derive(Debug)]
pub(crate) struct Gauge<'a>(&'a AtomicU64);

impl<'a> Gauge<'a> {
    fn raise(gauge: &'a AtomicU64) -> Self {
        gauge.fetch_add(1, Relaxed);
        Self(gauge)
    }
}

impl Drop for Gauge<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests;
