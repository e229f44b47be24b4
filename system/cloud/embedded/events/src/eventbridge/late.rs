//! What is due later: a timer queue that one task empties.
//!
//! Invariants: things come out in the order in which they are due, those due at one instant in the
//! order in which they were put in; it holds at most [`LATE_MAX`].
//!
//! Deliberately absent: the task itself. It runs only while there is something to wait for.

use std::{
    cmp::Ordering,
    collections::{BinaryHeap, binary_heap::PeekMut},
    sync::Arc,
};

use parking_lot::Mutex;
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

/// Things that may wait at one time. A minute of lag on 4,000 deliveries a second fits.
pub(super) const LATE_MAX: usize = 1 << 18;

/// The queue.
#[derive(Debug)]
pub(super) struct Late<T> {
    state: Mutex<State<T>>,
    sooner: Arc<Notify>,
}

#[derive(Debug)]
struct State<T> {
    waiting: BinaryHeap<Waiting<T>>,
    entered: u64,
    /// Whether a task empties the queue.
    driven: bool,
}

/// The next step of the task.
#[derive(Debug)]
pub(super) enum Next<T> {
    /// This is due.
    Due(T),
    /// Nothing is due before then.
    At(Instant),
    /// Nothing waits: the task is over.
    Empty,
}

impl<T> Late<T> {
    pub(super) fn new() -> Self {
        let state = State { waiting: BinaryHeap::new(), entered: 0, driven: false };
        Self { state: Mutex::new(state), sooner: Arc::default() }
    }

    /// Keeps `thing` until `due`; tells whether the caller is to start the task. A queue that is
    /// full gives the thing back.
    pub(super) fn put(&self, due: Instant, thing: T) -> Result<bool, T> {
        let mut state = self.state.lock();
        if state.waiting.len() >= LATE_MAX {
            return Err(thing);
        }
        let is_first = state.waiting.peek().is_none_or(|first| due < first.due);
        let entered = state.entered;
        state.entered += 1;
        state.waiting.push(Waiting { due, entered, thing });
        let starts = !std::mem::replace(&mut state.driven, true);
        drop(state);
        if is_first && !starts {
            self.sooner.notify_one();
        }
        Ok(starts)
    }

    pub(super) fn next(&self, now: Instant) -> Next<T> {
        let mut state = self.state.lock();
        let Some(first) = state.waiting.peek_mut() else {
            state.driven = false;
            return Next::Empty;
        };
        if first.due > now { Next::At(first.due) } else { Next::Due(PeekMut::pop(first).thing) }
    }

    /// What waits for the next thing to be due, without holding the queue.
    pub(super) fn alarm(&self) -> Alarm {
        Alarm(Arc::clone(&self.sooner))
    }
}

/// Waits for an instant, or until something is put in that is due sooner.
#[derive(Debug)]
pub(super) struct Alarm(Arc<Notify>);

impl Alarm {
    pub(super) async fn wait(&self, until: Instant) {
        tokio::select! {
            () = sleep_until(until) => {}
            () = self.0.notified() => {}
        }
    }
}

#[derive(Debug)]
struct Waiting<T> {
    due: Instant,
    entered: u64,
    thing: T,
}

impl<T> Ord for Waiting<T> {
    /// The heap gives out the greatest: that is what is due first.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.due, other.entered).cmp(&(self.due, self.entered))
    }
}

impl<T> PartialOrd for Waiting<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> PartialEq for Waiting<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<T> Eq for Waiting<T> {}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn things_come_out_when_they_are_due_and_in_order() {
        let late = Late::new();
        let now = Instant::now();
        let after = |ms| now + Duration::from_millis(ms);
        let starts: Vec<bool> = [(30, 'c'), (10, 'a'), (30, 'd'), (20, 'b')]
            .map(|(ms, name)| late.put(after(ms), name).expect("room"))
            .to_vec();
        assert_eq!(starts, [true, false, false, false]);
        assert!(matches!(late.next(now), Next::At(at) if at == after(10)));
        let mut out = String::new();
        while let Next::Due(name) = late.next(after(29)) {
            out.push(name);
        }
        assert!(matches!(late.next(after(29)), Next::At(at) if at == after(30)));
        while let Next::Due(name) = late.next(after(30)) {
            out.push(name);
        }
        assert_eq!(out, "abcd");
        // The task was told that it is over, so the next thing starts another.
        assert_eq!(late.put(now, 'e'), Ok(true));
    }

    #[test]
    fn a_full_queue_gives_things_back() {
        let late = Late::new();
        let now = Instant::now();
        for _ in 0..LATE_MAX {
            late.put(now, ()).expect("room");
        }
        assert_eq!(late.put(now, ()), Err(()));
        assert!(matches!(late.next(now), Next::Due(())));
        assert_eq!(late.put(now, ()), Ok(false));
    }
}
