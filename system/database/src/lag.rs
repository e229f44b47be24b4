//! Lag that a fault adds to every replica.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use parking_lot::Mutex;
use tokio::sync::watch;

use crate::sqlite::Follower;

/// The sum of what all guards add.
#[derive(Debug)]
pub(crate) struct AddedLag {
    us: AtomicU64,
    followers: Mutex<Vec<Arc<Follower>>>,
    /// `None` is the end.
    told: watch::Sender<Option<Duration>>,
}

impl Default for AddedLag {
    fn default() -> Self {
        let told = watch::Sender::new(Some(Duration::ZERO));
        Self { us: AtomicU64::new(0), followers: Mutex::default(), told }
    }
}

impl AddedLag {
    pub(crate) fn now(&self) -> Duration {
        Duration::from_micros(self.us.load(Relaxed))
    }

    /// Follows the sum, for PostgreSQL.
    pub(crate) fn watch(&self) -> watch::Receiver<Option<Duration>> {
        self.told.subscribe()
    }

    /// Nothing is added any more, whatever guards there still are.
    pub(crate) fn end(&self) {
        self.told.send_replace(None);
    }

    /// Has `follower` woken when the sum changes.
    pub(crate) fn wake(&self, follower: Arc<Follower>) {
        self.followers.lock().push(follower);
    }

    fn changed(&self) {
        self.told.send_if_modified(|told| {
            let lasts = told.is_some();
            *told = lasts.then(|| self.now());
            lasts
        });
        for follower in self.followers.lock().iter() {
            follower.wake();
        }
    }
}

/// Replicas are so much further behind until this is dropped; then they catch up.
#[must_use = "the lag ends when this is dropped"]
pub struct LagGuard {
    lag: Arc<AddedLag>,
    us: u64,
}

impl LagGuard {
    pub(crate) fn new(lag: &Arc<AddedLag>, added: Duration) -> Self {
        // A year is as good as for ever, and sums of it stay numbers.
        let us = u64::try_from(added.as_micros()).unwrap_or(u64::MAX).min(31_536_000_000_000);
        lag.us.fetch_add(us, Relaxed);
        lag.changed();
        Self { lag: Arc::clone(lag), us }
    }
}

impl Drop for LagGuard {
    fn drop(&mut self) {
        self.lag.us.fetch_sub(self.us, Relaxed);
        self.lag.changed();
    }
}

impl fmt::Debug for LagGuard {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "LagGuard({} us)", self.us)
    }
}
