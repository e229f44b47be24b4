//! One queue: its messages, where they stand, and what it owes to waiting receivers.
//!
//! ```text
//!           ┌─ Delayed ──due──┐
//! send ─────┤                 ▼
//!           └────────────▶ Visible ──receive──▶ InFlight ──delete──▶ gone
//!                             ▲  └─received too often─▶ dead-letter queue
//!                             └──────timeout─────────────┘
//! ```
//!
//! Invariants: every message is in exactly one of the three places, and the counts say so at any
//! time; a copy that the queue makes (`duplicates`) is a message like any other; the lock is never held across an await, and no other queue's lock is taken under it; each
//! message that can be handed out has woken a receiver. Every call first brings the state to `now`
//! ([`State::settle`]), so nothing depends on a background task.
//!
//! Deliberately absent: requests and their validation (that is `operations`).

mod agenda;
mod arrival;
mod deduplication;
mod duplicates;
mod finish;
mod handout;
mod message;
mod order;
mod slots;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use parking_lot::Mutex;
use securecart_embedded_wire::{Arn, AwsError};
use tokio::sync::Notify;

use self::{
    agenda::{Agenda, Entry},
    deduplication::{Accepted, Attempt, DeduplicationKey, Memory},
    duplicates::Duplicates,
    order::Order,
    slots::Slots,
};
pub(crate) use self::{
    arrival::{Outgoing, Sent},
    finish::Handle,
    handout::{Request, Taken},
    message::{Content, Delivery, Message, Place},
    slots::Key,
};
use crate::{error, settings::Settings};

/// Messages of one queue that may be in flight.
pub(crate) const MAX_IN_FLIGHT: usize = 120_000;

/// Wake-ups above which everybody is woken instead.
const MANY_WAKES: usize = 64;

/// A queue.
#[derive(Debug)]
pub(crate) struct Queue {
    pub(crate) name: Box<str>,
    pub(crate) arn: Arc<str>,
    pub(crate) fifo: bool,
    /// Tells this queue from earlier ones of its name.
    pub(crate) instance: u64,
    pub(crate) created_ms: u64,
    state: Mutex<State>,
    pub(crate) wake: Notify,
}

impl Queue {
    pub(crate) fn new(
        name: &str,
        instance: u64,
        settings: Settings,
        tags: BTreeMap<String, String>,
        now_ms: u64,
    ) -> Self {
        let arn: Arc<str> = Arn::new("sqs", name).to_string().into();
        let fifo = settings.fifo;
        let state = State::new(instance, settings, tags, now_ms);
        Self {
            name: name.into(),
            arn,
            fifo,
            instance,
            created_ms: now_ms,
            state: Mutex::new(state),
            wake: Notify::new(),
        }
    }

    /// Runs `act` on the state as it is at `now_ms`, then wakes whom it concerns. Fails when the
    /// queue was deleted.
    pub(crate) fn access<R>(
        &self,
        now_ms: u64,
        act: impl FnOnce(&mut State) -> R,
    ) -> Result<R, AwsError> {
        let mut state = self.state.lock();
        if state.gone {
            return Err(error::no_such_queue());
        }
        state.settle(now_ms);
        let result = act(&mut state);
        let wakes = std::mem::take(&mut state.wakes);
        drop(state);
        if wakes.all || wakes.ones > MANY_WAKES {
            self.wake.notify_waiters();
        }
        // Also after waking all: a receiver that is about to wait finds the permit.
        for _ in 0..wakes.ones.min(MANY_WAKES) {
            self.wake.notify_one();
        }
        Ok(result)
    }
}

/// Whom to wake after the lock is released.
#[derive(Debug, Default)]
struct Wakes {
    ones: usize,
    all: bool,
}

/// Messages by place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) visible: usize,
    pub(crate) in_flight: usize,
    pub(crate) delayed: usize,
}

/// What happened since the queue was created.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) sent: u64,
    pub(crate) received: u64,
    pub(crate) deleted: u64,
    pub(crate) dead_lettered: u64,
    pub(crate) duplicated: u64,
}

/// What the lock of a queue guards.
#[derive(Debug)]
pub(crate) struct State {
    instance: u64,
    pub(crate) settings: Settings,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) modified_ms: u64,
    /// The queue was deleted.
    gone: bool,
    slots: Slots,
    order: Order,
    /// When messages that are not visible become so. Stamps tell the valid entries.
    deadlines: Agenda,
    /// Messages by the time they were sent, which retention counts from.
    by_sent: Agenda,
    /// Messages in order of arrival: time and key. Deleted ones stay until met.
    arrivals: VecDeque<(u64, Key)>,
    in_flight: usize,
    delayed: usize,
    pub(crate) totals: Totals,
    last_stamp: u64,
    last_sequence: u64,
    deduplication: Memory<DeduplicationKey, Accepted>,
    attempts: Memory<Box<str>, Attempt>,
    duplicates: Option<Duplicates>,
    purged_ms: Option<u64>,
    wakes: Wakes,
}

impl State {
    fn new(instance: u64, settings: Settings, tags: BTreeMap<String, String>, now_ms: u64) -> Self {
        Self {
            instance,
            tags,
            modified_ms: now_ms,
            gone: false,
            slots: Slots::default(),
            order: Order::new(settings.fifo),
            settings,
            deadlines: Agenda::default(),
            by_sent: Agenda::default(),
            arrivals: VecDeque::new(),
            in_flight: 0,
            delayed: 0,
            totals: Totals::default(),
            last_stamp: 0,
            last_sequence: 0,
            deduplication: Memory::default(),
            attempts: Memory::default(),
            duplicates: None,
            purged_ms: None,
            wakes: Wakes::default(),
        }
    }

    pub(crate) fn counts(&self) -> Counts {
        let hidden = self.in_flight + self.delayed;
        Counts {
            visible: self.slots.len() - hidden,
            in_flight: self.in_flight,
            delayed: self.delayed,
        }
    }

    /// How long the oldest message has been in this queue; 0 when there is none.
    pub(crate) fn oldest_age_ms(&mut self, now_ms: u64) -> u64 {
        while let Some((entered_ms, key)) = self.arrivals.front() {
            if self.slots.contains(*key) {
                return now_ms.saturating_sub(*entered_ms);
            }
            self.arrivals.pop_front();
        }
        0
    }

    /// When a message becomes visible next, or earlier; `None` when none will by itself.
    pub(crate) fn next_deadline_ms(&self) -> Option<u64> {
        self.deadlines.next_ms()
    }

    /// Marks the queue as deleted; whoever waits on it is told.
    pub(crate) fn dissolve(&mut self) {
        self.gone = true;
        self.clear();
        self.wakes.all = true;
    }

    /// Replaces the settings. On a FIFO queue a new delay also holds for messages already delayed.
    pub(crate) fn configure(&mut self, settings: Settings, now_ms: u64) {
        let delay_changed = settings.delay_seconds != self.settings.delay_seconds;
        self.settings = settings;
        self.modified_ms = now_ms;
        if self.settings.fifo && delay_changed {
            self.delay_again();
        }
        self.settle(now_ms);
    }

    fn delay_again(&mut self) {
        let delayed: Vec<Key> = self
            .slots
            .keys()
            .filter(|key| self.slots.get(*key).is_some_and(|m| m.place == Place::Delayed))
            .collect();
        for key in delayed {
            let Some(message) = self.slots.get(key) else { continue };
            let at_ms = message.entered_ms + self.settings.delay_seconds * 1_000;
            self.schedule(key, at_ms);
        }
    }

    /// Brings the state to `now_ms`: what is due becomes visible, what is too old goes.
    fn settle(&mut self, now_ms: u64) {
        while let Some(entry) = self.deadlines.pop_due(now_ms) {
            if is_scheduled(&self.slots, &entry) {
                self.show(entry.key);
            }
        }
        let retention_ms = self.settings.retention_seconds * 1_000;
        if let Some(oldest_ms) = now_ms.checked_sub(retention_ms) {
            while let Some(entry) = self.by_sent.pop_due(oldest_ms) {
                self.remove(entry.key);
            }
        }
        self.deduplication.prune(now_ms);
        self.attempts.prune(now_ms);
        self.tidy();
    }

    /// Keeps the lazily cleaned lists within twice what is alive.
    fn tidy(&mut self) {
        let Self { slots, deadlines, by_sent, arrivals, order, .. } = self;
        let (alive, hidden) = (slots.len(), self.in_flight + self.delayed);
        deadlines.tidy(hidden, |entry| is_scheduled(slots, entry));
        by_sent.tidy(alive, |entry| slots.contains(entry.key));
        order.tidy(alive - hidden, slots);
        if arrivals.len() > 2 * alive + 64 {
            arrivals.retain(|(_, key)| slots.contains(*key));
        }
    }

    /// Sets the time at which a message that is not visible becomes so.
    fn schedule(&mut self, key: Key, at_ms: u64) {
        self.last_stamp += 1;
        let stamp = self.last_stamp;
        if let Some(message) = self.slots.get_mut(key) {
            message.stamp = stamp;
            // Receivers wait for the earliest deadline they knew of; an earlier one is news.
            self.wakes.all |= self.deadlines.next_ms().is_none_or(|next_ms| at_ms < next_ms);
            self.deadlines.push(Entry { at_ms, stamp, key });
        }
    }

    /// Makes a message visible.
    fn show(&mut self, key: Key) {
        let Some(message) = self.slots.get_mut(key) else { return };
        let before = std::mem::replace(&mut message.place, Place::Visible);
        match before {
            Place::Delayed => self.delayed -= 1,
            Place::InFlight => self.leave_flight(key),
            Place::Visible => {}
        }
        let Some(message) = self.slots.get(key) else { return };
        if self.order.insert(key, message) {
            self.wakes.ones += 1;
        }
    }

    /// Accounts for a message that is no longer in flight.
    fn leave_flight(&mut self, key: Key) {
        // Whoever waits at the limit can go on.
        self.wakes.ones += usize::from(self.in_flight == MAX_IN_FLIGHT);
        self.in_flight -= 1;
        if let Some(message) = self.slots.get(key)
            && self.order.unblock(message)
        {
            self.wakes.ones += 1;
        }
    }

    /// Takes a message out, wherever it stands.
    fn remove(&mut self, key: Key) -> Option<Box<Message>> {
        match self.slots.get(key)?.place {
            Place::Delayed => self.delayed -= 1,
            Place::InFlight => self.leave_flight(key),
            Place::Visible => self.order.remove(self.slots.get(key)?),
        }
        self.slots.remove(key)
    }

    fn clear(&mut self) {
        self.slots.clear();
        self.order = Order::new(self.settings.fifo);
        self.deadlines.clear();
        self.by_sent.clear();
        self.arrivals.clear();
        (self.in_flight, self.delayed) = (0, 0);
    }
}

/// Whether `entry` is the current deadline of its message.
fn is_scheduled(slots: &Slots, entry: &Entry) -> bool {
    slots
        .get(entry.key)
        .is_some_and(|message| message.place != Place::Visible && message.stamp == entry.stamp)
}

#[cfg(test)]
mod tests;
