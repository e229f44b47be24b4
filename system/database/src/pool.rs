//! A service's connections to one server: a queue for a bounded number of them.
//!
//! A request takes a place, first come, first served, and with it an idle connection or a new one.
//! A connection goes back only when its work ended well (or the server refused a statement, which
//! does a connection no harm): whoever is cancelled, times out or meets a broken connection drops it.

use std::{
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};

use parking_lot::Mutex;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::Instant,
};

use crate::{
    Error, Kind,
    gauges::{Gauges, One},
    server::{Open, Server},
    statement::{Outcome, Work},
};

/// Connections that nobody uses, the last used one last.
pub(crate) type Idle = Mutex<Vec<Open>>;

#[derive(Debug)]
pub(crate) struct Pool {
    pub(crate) server: Arc<Server>,
    places: Places,
    idle: Arc<Idle>,
}

impl Pool {
    pub(crate) fn new(server: Arc<Server>, size: u32, acquire_timeout: Duration) -> Self {
        let idle = Arc::new(Idle::default());
        server.idle.lock().push(Arc::downgrade(&idle));
        Self { server, places: Places::new(size, acquire_timeout), idle }
    }

    pub(crate) async fn run(&self, work: &Work) -> Result<Outcome, Error> {
        let gauges = &self.server.gauges;
        match work {
            Work::Read(_) => gauges.reads.fetch_add(1, Relaxed),
            Work::Write { .. } => gauges.writes.fetch_add(1, Relaxed),
        };
        // From here on an outage is noticed, also one that is over before the work has begun.
        let outage = self.server.outage.notified();
        let outcome = match self.server.refusal() {
            Some(refusal) => Err(refusal),
            None => tokio::select! {
                biased;
                outcome = self.attempt(work) => outcome,
                () = outage => Err(self.server.unavailable("the connection was lost")),
            },
        };
        if let Err(error) = &outcome {
            gauges.failed.fetch_add(1, Relaxed);
            match error.kind {
                Kind::TooManyConnections => gauges.refused.fetch_add(1, Relaxed),
                Kind::AcquireTimeout { .. } => gauges.timed_out.fetch_add(1, Relaxed),
                _ => 0,
            };
        }
        outcome
    }

    async fn attempt(&self, work: &Work) -> Result<Outcome, Error> {
        let gauges = &self.server.gauges;
        let _place = self.places.take(gauges).await.map_err(|waited| {
            Error::new(Kind::AcquireTimeout { waited }, self.server.name.clone())
        })?;
        let _in_use = One::of(&gauges.in_use);
        let mut open = self.open().await?;
        let outcome = open.run(work).await;
        if outcome.as_ref().err().is_none_or(Error::leaves_connection) {
            self.give_back(open);
        } else if outcome.as_ref().is_err_and(Error::is_unavailable) {
            // What broke one has broken the others.
            self.server.disconnect();
        }
        outcome
    }

    async fn open(&self) -> Result<Open, Error> {
        let idle = self.idle.lock().pop();
        match idle {
            Some(open) if open.is_current() => Ok(open),
            _ => Server::connect(&self.server).await,
        }
    }

    fn give_back(&self, open: Open) {
        if open.is_current() {
            self.idle.lock().push(open);
        }
    }
}

/// The places of a pool.
#[derive(Debug)]
struct Places {
    free: Semaphore,
    patience: Duration,
}

impl Places {
    fn new(size: u32, patience: Duration) -> Self {
        Self { free: Semaphore::new(size.max(1) as usize), patience }
    }

    /// Takes a place; how long it waited in vain where none came free in time.
    async fn take(&self, gauges: &Gauges) -> Result<SemaphorePermit<'_>, Duration> {
        // The semaphore hands places to those who wait before this finds one.
        if let Ok(place) = self.free.try_acquire() {
            return Ok(place);
        }
        let since = Instant::now();
        let _waiting = One::of(&gauges.waiting);
        let place = tokio::time::timeout(self.patience, self.free.acquire()).await;
        gauges.waited(since.elapsed());
        match place {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_)) | Err(_) => Err(since.elapsed()),
        }
    }
}
