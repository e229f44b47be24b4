//! In which order visible messages are handed out.
//!
//! A standard queue is one line. A FIFO queue has a line for each group; a group with a message in
//! flight hands out nothing, the others take turns.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
};

use super::{Key, Message, Slots};

#[derive(Debug)]
pub(crate) enum Order {
    Standard(Line),
    Fifo(Groups),
}

impl Order {
    pub(crate) fn new(fifo: bool) -> Self {
        if fifo { Self::Fifo(Groups::default()) } else { Self::Standard(Line::default()) }
    }

    /// Adds a visible message; tells whether it can be handed out now.
    pub(crate) fn insert(&mut self, key: Key, message: &Message) -> bool {
        match self {
            Self::Standard(line) => {
                line.keys.push_back(key);
                true
            }
            Self::Fifo(groups) => groups.insert(key, message),
        }
    }

    /// Takes the next message that may be handed out.
    pub(crate) fn next(&mut self, slots: &Slots) -> Option<Key> {
        match self {
            Self::Standard(line) => line.next(slots),
            Self::Fifo(groups) => groups.next(),
        }
    }

    /// Forgets a visible message that is gone.
    pub(crate) fn remove(&mut self, message: &Message) {
        match self {
            // The line notices when it comes to the key.
            Self::Standard(_) => {}
            Self::Fifo(groups) => groups.remove(message),
        }
    }

    /// A message went into flight: its group waits for it.
    pub(crate) fn block(&mut self, message: &Message) {
        if let Self::Fifo(groups) = self {
            groups.block(message);
        }
    }

    /// A message is no longer in flight; tells whether its group can go on.
    pub(crate) fn unblock(&mut self, message: &Message) -> bool {
        match self {
            Self::Standard(_) => false,
            Self::Fifo(groups) => groups.unblock(message),
        }
    }

    /// Drops keys of messages that are gone once they outnumber the `visible` ones.
    pub(crate) fn tidy(&mut self, visible: usize, slots: &Slots) {
        if let Self::Standard(line) = self
            && line.keys.len() > 2 * visible + 64
        {
            line.keys.retain(|key| slots.contains(*key));
        }
    }
}

/// Keys in order of their coming into view. Keys of deleted messages stay until met.
#[derive(Debug, Default)]
pub(crate) struct Line {
    keys: VecDeque<Key>,
}

impl Line {
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    fn next(&mut self, slots: &Slots) -> Option<Key> {
        loop {
            let key = self.keys.pop_front()?;
            if slots.contains(key) {
                return Some(key);
            }
        }
    }
}

#[derive(Debug, Default)]
struct Group {
    /// Visible messages by sequence, oldest first.
    waiting: VecDeque<(u64, Key)>,
    in_flight: usize,
    /// Its place in [`Groups::turns`], when it can hand out something.
    turn: Option<u64>,
}

/// Message groups. A group exists while it has a message that is visible or in flight.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    groups: HashMap<Arc<str>, Group>,
    /// Groups that can hand out something, in the order of their turns.
    turns: BTreeMap<u64, Arc<str>>,
    next_turn: u64,
}

/// The group of a message in a FIFO queue.
fn name(message: &Message) -> &Arc<str> {
    message.content.group.as_ref().expect("messages of a FIFO queue have a group")
}

impl Groups {
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.groups.len().max(self.turns.len())
    }

    fn insert(&mut self, key: Key, message: &Message) -> bool {
        let name = name(message);
        if !self.groups.contains_key(name) {
            self.groups.insert(name.clone(), Group::default());
        }
        let group = self.groups.get_mut(name).expect("just made sure of");
        let index = group.waiting.partition_point(|(sequence, _)| *sequence < message.sequence);
        group.waiting.insert(index, (message.sequence, key));
        self.settle(&name.clone())
    }

    fn next(&mut self) -> Option<Key> {
        let (_, name) = self.turns.first_key_value()?;
        let name = name.clone();
        let group = self.groups.get_mut(&name).expect("a group with a turn exists");
        let (_, key) = group.waiting.pop_front().expect("a group with a turn has a message");
        self.settle(&name);
        Some(key)
    }

    fn remove(&mut self, message: &Message) {
        let name = name(message).clone();
        if let Some(group) = self.groups.get_mut(&name)
            && let Ok(index) =
                group.waiting.binary_search_by_key(&message.sequence, |(sequence, _)| *sequence)
        {
            group.waiting.remove(index);
            self.settle(&name);
        }
    }

    fn block(&mut self, message: &Message) {
        let name = name(message).clone();
        self.groups.entry(name.clone()).or_default().in_flight += 1;
        self.settle(&name);
    }

    fn unblock(&mut self, message: &Message) -> bool {
        let name = name(message).clone();
        if let Some(group) = self.groups.get_mut(&name) {
            group.in_flight = group.in_flight.saturating_sub(1);
        }
        self.settle(&name)
    }

    /// Gives the group a turn, takes it away or forgets the group, as its state asks for; tells
    /// whether it can hand out something.
    fn settle(&mut self, name: &Arc<str>) -> bool {
        let Some(group) = self.groups.get_mut(name) else { return false };
        let ready = group.in_flight == 0 && !group.waiting.is_empty();
        match (ready, group.turn) {
            (true, None) => {
                group.turn = Some(self.next_turn);
                self.turns.insert(self.next_turn, name.clone());
                self.next_turn += 1;
            }
            (false, Some(turn)) => {
                group.turn = None;
                self.turns.remove(&turn);
            }
            _ => {}
        }
        if group.in_flight == 0 && group.waiting.is_empty() {
            self.groups.remove(name);
        }
        ready
    }
}
