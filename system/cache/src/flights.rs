//! One load at a time for each key: whoever comes while it is under way waits for what it brings.

use std::{
    any::Any,
    collections::HashMap,
    sync::{
        Arc,
        atomic::{
            AtomicBool, AtomicU64,
            Ordering::{Acquire, Relaxed, Release},
        },
    },
};

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::watch;

/// What a load brings.
pub(crate) type Loaded<E> = Result<Option<Bytes>, E>;

/// The loads that are under way.
#[derive(Debug, Default)]
pub(crate) struct Flights {
    by_key: Mutex<HashMap<String, Flight>>,
    /// Loads that are over, however they ended.
    landed: AtomicU64,
}

#[derive(Debug)]
struct Flight {
    /// A `watch::Receiver<Option<Loaded<E>>>` of the leader's `E`.
    outcome: Box<dyn Any + Send>,
    outdated: Arc<AtomicBool>,
}

/// Whether to load or to wait.
#[derive(Debug)]
pub(crate) enum Turn<'a, E> {
    /// Nobody else loads it.
    Lead(Lead<'a, E>),
    /// Somebody does. The sender goes away without a value where that is given up.
    Wait(watch::Receiver<Option<Loaded<E>>>),
    /// Somebody does, who would not understand this one's errors: everybody for themselves.
    Alone,
}

impl Flights {
    /// Takes a turn at loading `key`.
    pub(crate) fn join<E: Clone + Send + Sync + 'static>(&self, key: &str) -> Turn<'_, E> {
        let mut by_key = self.by_key.lock();
        if let Some(flight) = by_key.get(key) {
            return match flight.outcome.downcast_ref::<watch::Receiver<Option<Loaded<E>>>>() {
                Some(outcome) => Turn::Wait(outcome.clone()),
                None => Turn::Alone,
            };
        }
        let (told, outcome) = watch::channel(None);
        let outdated = Arc::new(AtomicBool::new(false));
        let flight = Flight { outcome: Box::new(outcome), outdated: Arc::clone(&outdated) };
        by_key.insert(key.to_owned(), flight);
        Turn::Lead(Lead { flights: self, key: key.to_owned(), told, outdated })
    }

    /// How many loads are over. Where this changed since a reader missed, what it missed may be
    /// there.
    pub(crate) fn landed(&self) -> u64 {
        self.landed.load(Acquire)
    }

    /// What is being loaded under `key` is out of date: it is not stored, and nobody else waits for
    /// it.
    pub(crate) fn outdate(&self, key: &str) {
        if let Some(flight) = self.by_key.lock().remove(key) {
            flight.outdated.store(true, Release);
        }
    }

    /// As [`outdate`](Self::outdate), for every key.
    pub(crate) fn outdate_all(&self) {
        for (_, flight) in self.by_key.lock().drain() {
            flight.outdated.store(true, Release);
        }
    }
}

/// The one who loads. Dropped without an outcome it leaves the load to one of those who wait.
#[derive(Debug)]
pub(crate) struct Lead<'a, E> {
    flights: &'a Flights,
    key: String,
    told: watch::Sender<Option<Loaded<E>>>,
    outdated: Arc<AtomicBool>,
}

impl<E> Lead<'_, E> {
    /// Whether what was loaded has been removed meanwhile.
    pub(crate) fn is_outdated(&self) -> bool {
        self.outdated.load(Acquire)
    }

    /// Gives the outcome to those who wait.
    pub(crate) fn land(self, outcome: Loaded<E>) {
        self.told.send_replace(Some(outcome));
    }
}

impl<E> Drop for Lead<'_, E> {
    fn drop(&mut self) {
        let mut by_key = self.flights.by_key.lock();
        let is_mine = |flight: &Flight| Arc::ptr_eq(&flight.outdated, &self.outdated);
        if by_key.get(&self.key).is_some_and(is_mine) {
            by_key.remove(&self.key);
        }
        self.flights.landed.fetch_add(1, Relaxed);
    }
}
