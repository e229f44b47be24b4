//! What a server and the pools in front of it count.

use std::{
    sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use crate::Role;

/// A server as it is now, and what happened since it was opened.
#[derive(Debug, Clone, PartialEq)]
pub struct ServerMetrics {
    /// `primary`, `replica-1` and so on.
    pub name: String,
    /// Its role.
    pub role: Role,
    /// Whether it takes connections.
    pub available: bool,
    /// Connections that are open, over all services.
    pub connections_open: u32,
    /// Those of them that somebody uses.
    pub in_use: u32,
    /// Requests that wait for one.
    pub waiting: u32,
    /// Connections that it takes.
    pub max_connections: u32,
    /// Queries that read.
    pub reads: u64,
    /// Transactions that wrote.
    pub writes: u64,
    /// Those of both that failed, for whatever reason.
    pub failed: u64,
    /// Connections refused: too many clients.
    pub refused: u64,
    /// Requests that gave up waiting for a connection.
    pub timed_out: u64,
    /// How long requests waited for a connection, in sum.
    pub wait_us_total: u64,
    /// The longest of these waits.
    pub wait_us_max: u64,
    /// Reads that a replica would answer, and that the primary did: the replica did not have what
    /// this process wrote, or has no such order. Of the primary only.
    pub own_write_reads: u64,
    /// Times that a replica's log was full, so that it applied at once. Of SQLite's replicas only.
    pub log_full: u64,
    /// How far it is behind the primary; none of the primary, and where it can't be told.
    pub lag_ms: Option<f64>,
}

#[derive(Debug, Default)]
pub(crate) struct Gauges {
    pub(crate) open: AtomicU32,
    pub(crate) in_use: AtomicU32,
    pub(crate) waiting: AtomicU32,
    pub(crate) reads: AtomicU64,
    pub(crate) writes: AtomicU64,
    pub(crate) failed: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) timed_out: AtomicU64,
    pub(crate) own_write_reads: AtomicU64,
    wait_us_total: AtomicU64,
    wait_us_max: AtomicU64,
}

impl Gauges {
    pub(crate) fn waited(&self, waited: Duration) {
        let us = u64::try_from(waited.as_micros()).unwrap_or(u64::MAX);
        self.wait_us_total.fetch_add(us, Relaxed);
        self.wait_us_max.fetch_max(us, Relaxed);
    }

    /// Opens one more connection unless there are `max` of them.
    pub(crate) fn try_open(&self, max: u32) -> bool {
        let more = |open| (open < max).then_some(open + 1);
        self.open.fetch_update(Relaxed, Relaxed, more).is_ok()
    }

    pub(crate) fn metrics(&self, name: &str, role: Role, max_connections: u32) -> ServerMetrics {
        ServerMetrics {
            name: name.to_owned(),
            role,
            available: true,
            connections_open: self.open.load(Relaxed),
            in_use: self.in_use.load(Relaxed),
            waiting: self.waiting.load(Relaxed),
            max_connections,
            reads: self.reads.load(Relaxed),
            writes: self.writes.load(Relaxed),
            failed: self.failed.load(Relaxed),
            refused: self.refused.load(Relaxed),
            timed_out: self.timed_out.load(Relaxed),
            wait_us_total: self.wait_us_total.load(Relaxed),
            wait_us_max: self.wait_us_max.load(Relaxed),
            own_write_reads: self.own_write_reads.load(Relaxed),
            log_full: 0,
            lag_ms: None,
        }
    }
}

/// One more of a gauge for as long as it lives.
#[derive(Debug)]
pub(crate) struct One<'a>(&'a AtomicU32);

impl<'a> One<'a> {
    pub(crate) fn of(gauge: &'a AtomicU32) -> Self {
        gauge.fetch_add(1, Relaxed);
        Self(gauge)
    }
}

impl Drop for One<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}
