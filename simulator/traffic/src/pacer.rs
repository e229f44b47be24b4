//! Releases arrivals at their instants and wakes sessions from their thinking.
//!
//! One thread of its own sleeps until the next instant on a condition variable: 0.07 ms late in the
//! median where the timer of the async runtime, which ticks in milliseconds, is 1.07 ms late. Think
//! times go through it too, so that response times, which count from the intent, do not carry a timer's
//! error of a millisecond.
//!
//! Free users wait in a stack, so the one that was busy last gets the next arrival and as few
//! connections are open as the load needs. Arrivals that find no free user wait, the oldest first.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
    sync::Arc,
    time::Duration,
};

use parking_lot::{Condvar, Mutex, MutexGuard};
use tokio::{
    sync::{Notify, watch},
    time::Instant,
};

use crate::{
    arrivals::{Arrival, Arrivals, Digest},
    recorder::Recorder,
};

/// A session that starts later than this after its intent is late. Above what a machine's scheduler
/// does to a thread now and then (reference: p99 of 1.1 ms), below what a shopper or a p99 of a healthy
/// shop (tens of ms) would notice.
pub const LATE_AFTER: Duration = Duration::from_millis(20);

/// Arrivals that may wait for a free user; those that find the queue full are dropped. Enough for a
/// shop that stalls for seconds at the highest rate a machine carries, and 6 MB at the most.
pub const WAITING_MAX: usize = 100_000;

/// From the last user's readiness to the first second of the window: time for the generator's own
/// start-up work to settle.
const LEAD: Duration = Duration::from_millis(50);

/// How long all users may take to get ready.
pub(crate) const READY_WITHIN: Duration = Duration::from_secs(60);

/// An arrival and the instant it is due.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ticket {
    pub(crate) arrival: Arrival,
    pub(crate) due: Instant,
}

/// The hand-over between the pacer's thread and the users.
#[derive(Debug)]
pub(crate) struct Pacer {
    state: Mutex<State>,
    /// Tells the pacer's thread that something is due earlier, or over.
    changed: Condvar,
    slots: Box<[Slot]>,
    recorder: Arc<Recorder>,
    epoch: watch::Sender<Option<Instant>>,
}

#[derive(Debug, Default)]
struct Slot {
    ticket: Mutex<Option<Ticket>>,
    wake: Notify,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    /// Users that asked for their first arrival.
    ready: usize,
    /// Users that have not left.
    present: usize,
    idle: Vec<usize>,
    waiting: VecDeque<Ticket>,
    sleepers: BinaryHeap<Reverse<(Instant, usize)>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Arrivals come, or will come.
    Open,
    /// No more arrivals come; those that wait may still start.
    Closing,
    /// Nothing starts any more.
    Closed,
}

/// What a pacer's thread did.
#[derive(Debug)]
pub(crate) struct Paced {
    pub(crate) digest: Digest,
    /// Users that were ready when the wait for them ended.
    pub(crate) ready: usize,
    /// Whether the run was stopped while it waited for them.
    pub(crate) stopped: bool,
}

/// The run as the pacer needs it.
#[derive(Debug)]
pub(crate) struct Timetable {
    pub(crate) arrivals: Arrivals,
    pub(crate) window: Duration,
    /// How long sessions may go on after the window.
    pub(crate) grace: Duration,
}

impl Pacer {
    pub(crate) fn new(
        users: usize,
        recorder: Arc<Recorder>,
        epoch: watch::Sender<Option<Instant>>,
    ) -> Self {
        Self {
            state: Mutex::new(State {
                phase: Phase::Open,
                ready: 0,
                present: users,
                idle: Vec::with_capacity(users),
                waiting: VecDeque::new(),
                sleepers: BinaryHeap::new(),
            }),
            changed: Condvar::new(),
            slots: (0..users).map(|_| Slot::default()).collect(),
            recorder,
            epoch,
        }
    }

    /// The first second of the window; absent until all users were ready.
    pub(crate) fn epoch(&self) -> Option<Instant> {
        *self.epoch.borrow()
    }

    /// The next arrival for `user`, as soon as there is one; `None` when no more will come.
    pub(crate) async fn take(&self, user: usize) -> Option<Ticket> {
        {
            let mut state = self.state.lock();
            if let Some(ticket) = state.waiting.pop_front() {
                return Some(ticket);
            }
            if state.phase != Phase::Open {
                return None;
            }
            state.idle.push(user);
        }
        loop {
            self.slots[user].wake.notified().await;
            // Under the lock, so that a hand-over and the end of the run can't cross.
            let state = self.state.lock();
            let ticket = self.slots[user].ticket.lock().take();
            match (ticket, state.phase) {
                (Some(_), Phase::Closed) => {
                    self.recorder.dropped(1);
                    return None;
                }
                (Some(ticket), _) => return Some(ticket),
                (None, Phase::Open) => {}
                (None, Phase::Closing | Phase::Closed) => return None,
            }
        }
    }

    /// Says that `user` is there, once.
    pub(crate) fn arrive(&self) {
        let mut state = self.state.lock();
        state.ready += 1;
        if state.ready == self.slots.len() {
            self.changed.notify_one();
        }
    }

    /// Says that `user` takes no more arrivals.
    pub(crate) fn leave(&self) {
        let mut state = self.state.lock();
        state.present = state.present.saturating_sub(1);
        if state.present == 0 {
            self.changed.notify_one();
        }
    }

    /// Waits until `instant`; early when the run ends. `false` when it ended.
    pub(crate) async fn sleep_until(&self, user: usize, instant: Instant) -> bool {
        {
            let mut state = self.state.lock();
            if state.phase == Phase::Closed {
                return false;
            }
            let first = state.sleepers.peek().is_none_or(|Reverse((next, _))| instant < *next);
            state.sleepers.push(Reverse((instant, user)));
            if first {
                self.changed.notify_one();
            }
        }
        while Instant::now() < instant {
            self.slots[user].wake.notified().await;
            if self.state.lock().phase == Phase::Closed {
                return false;
            }
        }
        true
    }

    /// Ends the run now: who waits or thinks goes on, and finds it over.
    pub(crate) fn close(&self) {
        let mut state = self.state.lock();
        if state.phase != Phase::Closed {
            state.phase = Phase::Closed;
            self.recorder.dropped(state.waiting.len() as u64);
            state.waiting.clear();
            state.sleepers.clear();
            state.idle.clear();
        }
        drop(state);
        for slot in &self.slots {
            slot.wake.notify_one();
        }
        self.changed.notify_one();
    }

    /// The work of the pacer's thread, from the start of the users to the end of the last session.
    /// It returns at the end of the grace time at the latest; what is still in flight then is the
    /// caller's to interrupt.
    pub(crate) fn run(&self, timetable: Timetable) -> Paced {
        let mut digest = Digest::default();
        let (ready, stopped) = self.await_users();
        if ready < self.slots.len() {
            self.close();
            return Paced { digest, ready, stopped };
        }
        let epoch = Instant::now() + LEAD;
        self.epoch.send_replace(Some(epoch));
        let mut arrivals = timetable.arrivals.peekable();
        let window_end = epoch + timetable.window;
        let last = window_end + timetable.grace;
        let mut state = self.state.lock();
        while state.phase != Phase::Closed && state.present > 0 {
            let now = Instant::now();
            while let Some(arrival) = arrivals.next_if(|arrival| epoch + arrival.intended <= now) {
                digest.add(&arrival);
                self.release(&mut state, Ticket { arrival, due: epoch + arrival.intended });
            }
            self.wake_sleepers(&mut state, now);
            if now >= window_end && state.phase == Phase::Open {
                state.phase = Phase::Closing;
                for user in std::mem::take(&mut state.idle) {
                    self.slots[user].wake.notify_one();
                }
            }
            if now >= last {
                break;
            }
            let mut next = if now < window_end { window_end } else { last };
            if let Some(arrival) = arrivals.peek() {
                next = next.min(epoch + arrival.intended);
            }
            if let Some(Reverse((instant, _))) = state.sleepers.peek() {
                next = next.min(*instant);
            }
            self.changed.wait_until(&mut state, next.into_std());
        }
        drop(state);
        self.close();
        Paced { digest, ready, stopped }
    }

    /// Waits until every user is there, the run is over, or it takes too long.
    fn await_users(&self) -> (usize, bool) {
        let deadline = Instant::now() + READY_WITHIN;
        let mut state = self.state.lock();
        while state.ready < self.slots.len() && state.phase != Phase::Closed {
            if self.changed.wait_until(&mut state, deadline.into_std()).timed_out() {
                break;
            }
        }
        (state.ready, state.phase == Phase::Closed)
    }

    fn release(&self, state: &mut MutexGuard<'_, State>, ticket: Ticket) {
        self.recorder.due();
        if let Some(user) = state.idle.pop() {
            *self.slots[user].ticket.lock() = Some(ticket);
            self.slots[user].wake.notify_one();
        } else if state.waiting.len() < WAITING_MAX {
            state.waiting.push_back(ticket);
        } else {
            self.recorder.dropped(1);
        }
    }

    fn wake_sleepers(&self, state: &mut MutexGuard<'_, State>, now: Instant) {
        while let Some(&Reverse((instant, user))) = state.sleepers.peek()
            && instant <= now
        {
            state.sleepers.pop();
            self.slots[user].wake.notify_one();
        }
    }
}

#[cfg(test)]
mod tests;
