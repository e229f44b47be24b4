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

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, rc::Rc};

    use proptest::prelude::*;
    use tokio::task::{LocalSet, yield_now};

    use super::*;

    /// Requests that come one after the other and keep their place for so many milliseconds: the
    /// order in which they got a place, and how many had one at the most.
    async fn served(size: u32, keep_ms: &[u64]) -> (Vec<usize>, u32) {
        let places = Rc::new(Places::new(size, Duration::from_secs(3_600)));
        let gauges = Rc::new(Gauges::default());
        let order = Rc::new(RefCell::new(Vec::new()));
        let most = Rc::new(RefCell::new(0));
        let local = LocalSet::new();
        for (number, &ms) in keep_ms.iter().enumerate() {
            let (places, gauges, order, most) =
                (Rc::clone(&places), Rc::clone(&gauges), Rc::clone(&order), Rc::clone(&most));
            local.spawn_local(async move {
                let _place = places.take(&gauges).await.expect("an hour is enough");
                let _in_use = One::of(&gauges.in_use);
                order.borrow_mut().push(number);
                let in_use = gauges.in_use.load(Relaxed);
                most.replace_with(|most| in_use.max(*most));
                if ms > 0 {
                    tokio::time::sleep(Duration::from_millis(ms)).await;
                } else {
                    yield_now().await;
                }
            });
        }
        local.await;
        assert_eq!(gauges.waiting.load(Relaxed), 0);
        let most = *most.borrow();
        (order.take(), most)
    }

    proptest! {
        /// First come, first served, and never more than there are places.
        #[test]
        fn places_go_in_turn(size in 1_u32..6, keep_ms in prop::collection::vec(0_u64..20, 1..60)) {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_time()
                .start_paused(true)
                .build()
                .expect("a runtime");
            let (order, most) = runtime.block_on(served(size, &keep_ms));
            prop_assert_eq!(order, (0..keep_ms.len()).collect::<Vec<_>>());
            prop_assert!(most <= size);
        }
    }
}
