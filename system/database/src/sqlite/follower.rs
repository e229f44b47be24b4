//! A replica: applies what the primary committed, in the order of the commits, after the lag.
//!
//! Its log is bounded. Where it is full the replica applies at once, lag or no lag, and commits wait
//! for it: nothing is ever left out. While the replica is lost its log grows, and it catches up when
//! it is back.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{
            AtomicBool, AtomicU64,
            Ordering::{Relaxed, Release},
        },
    },
    time::Duration,
};

use parking_lot::Mutex;
use rand::RngExt;
use securecart_behaviour::rds::ReplicaLag;
use securecart_domain::random;
use sqlx::SqliteConnection;
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until, timeout_at},
};

use super::{Hold, writer::carry_out};
use crate::{lag::AddedLag, server::Server, statement::Statement};

/// Changes that a log holds.
const LOG_MAX: usize = 100_000;

/// Changes that are applied in one transaction.
const BATCH_MAX: usize = 1_000;

/// The least time from one transaction to the next: at most so much is a change later than it is due.
const BATCH_EVERY: Duration = Duration::from_millis(10);

/// A transaction of the primary.
#[derive(Debug, Clone)]
pub(super) struct Change {
    pub(super) position: u64,
    pub(super) committed: Instant,
    pub(super) at_once: bool,
    pub(super) statements: Arc<[Statement]>,
}

/// What the primary and the replica share.
#[derive(Debug, Default)]
pub(crate) struct Follower {
    log: Mutex<VecDeque<Change>>,
    news: Notify,
    space: Notify,
    hurries: AtomicBool,
    log_full: AtomicU64,
}

impl Follower {
    /// Adds a change; waits for space where the log is full.
    pub(super) async fn push(&self, change: Change) {
        if self.log.lock().len() >= LOG_MAX {
            self.log_full.fetch_add(1, Relaxed);
            self.hurries.store(true, Release);
            while self.log.lock().len() >= LOG_MAX {
                self.news.notify_one();
                self.space.notified().await;
            }
        }
        let at_once = change.at_once;
        let is_first = {
            let mut log = self.log.lock();
            log.push_back(change);
            log.len() == 1
        };
        if is_first || at_once {
            self.wake();
        }
    }

    /// Makes the replica look again: its lag or its outage changed.
    pub(crate) fn wake(&self) {
        self.news.notify_one();
    }

    /// The age of the oldest change that is not applied.
    pub(crate) fn lag(&self) -> Duration {
        self.log.lock().front().map_or(Duration::ZERO, |change| change.committed.elapsed())
    }

    pub(crate) fn log_full(&self) -> u64 {
        self.log_full.load(Relaxed)
    }

    fn oldest(&self) -> Option<(Instant, bool)> {
        let log = self.log.lock();
        let at_once = log.iter().take(BATCH_MAX).any(|change| change.at_once);
        log.front().map(|change| (change.committed, at_once || self.hurries.load(Relaxed)))
    }
}

/// The base lag, which drifts: a new one each second.
struct Drift {
    model: ReplicaLag,
    stream: random::Stream,
    origin: Instant,
    second: Option<u64>,
    base: Duration,
}

impl Drift {
    fn due(&mut self, committed: Instant, added: Duration) -> Instant {
        let committed = committed.saturating_duration_since(self.origin);
        if self.second != Some(committed.as_secs()) {
            self.second = Some(committed.as_secs());
            self.base = self.model.base(self.stream.random());
        }
        self.origin + self.model.due(committed, self.base.saturating_add(added))
    }

    fn applied(&mut self, due: Instant) {
        self.model.applied(due.saturating_duration_since(self.origin));
    }
}

/// Keeps `replica` up to date. Never ends by itself.
pub(crate) async fn follow(
    mut connection: SqliteConnection,
    replica: Arc<Server>,
    follower: Arc<Follower>,
    model: ReplicaLag,
    seed: u64,
    added: Arc<AddedLag>,
    hold: Hold,
) {
    let stream = random::stream(seed, &format!("lag of {}", replica.name));
    let origin = Instant::now();
    let mut drift = Drift { model, stream, origin, second: None, base: Duration::ZERO };
    loop {
        let Some((committed, at_once)) = follower.oldest() else {
            follower.news.notified().await;
            continue;
        };
        if replica.is_down() && !follower.hurries.load(Relaxed) {
            follower.news.notified().await;
            continue;
        }
        let due = drift.due(committed, added.now());
        if !at_once && due > Instant::now() {
            // Looks again when something changes, and when the time has come.
            let _ = timeout_at(due, follower.news.notified()).await;
            continue;
        }
        let began = Instant::now();
        let batch = take(&follower, &mut drift, added.now(), at_once);
        apply(&mut connection, &replica, &batch, hold).await;
        follower.space.notify_one();
        if !at_once {
            sleep_until(began + BATCH_EVERY).await;
        }
    }
}

/// Takes what is due out of the log; the first change always is.
fn take(follower: &Follower, drift: &mut Drift, added: Duration, at_once: bool) -> Vec<Change> {
    let now = Instant::now();
    let mut log = follower.log.lock();
    let mut batch = Vec::new();
    while let Some(change) = log.front()
        && batch.len() < BATCH_MAX
    {
        let due = drift.due(change.committed, added).min(now);
        if !at_once && drift.due(change.committed, added) > now {
            break;
        }
        drift.applied(due);
        batch.extend(log.pop_front());
    }
    if log.len() < LOG_MAX / 2 {
        follower.hurries.store(false, Release);
    }
    batch
}

async fn apply(connection: &mut SqliteConnection, replica: &Server, batch: &[Change], hold: Hold) {
    let statements: Vec<Statement> =
        batch.iter().flat_map(|change| change.statements.iter().cloned()).collect();
    let held = hold.begin();
    let applied = carry_out(connection, &statements).await;
    drop(held);
    if let Err(error) = applied {
        // The primary took the same statements in the same order, so this is a defect, not a fault.
        log::error!("{} did not apply what the primary committed: {error}", replica.name);
    }
    if let Some(last) = batch.last() {
        replica.position.store(last.position, Release);
    }
}
