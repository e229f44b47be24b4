//! Where a queue's messages live: a slab whose keys notice that their message is gone.

use super::Message;

/// Names a message of one queue. A key outlives its message without naming another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    index: u32,
    generation: u32,
}

impl Key {
    pub(crate) fn to_u64(self) -> u64 {
        (u64::from(self.index) << 32) | u64::from(self.generation)
    }

    pub(crate) fn from_u64(bits: u64) -> Self {
        let [a, b, c, d, e, f, g, h] = bits.to_be_bytes();
        Self {
            index: u32::from_be_bytes([a, b, c, d]),
            generation: u32::from_be_bytes([e, f, g, h]),
        }
    }
}

#[derive(Debug)]
struct Slot {
    generation: u32,
    message: Option<Box<Message>>,
}

/// The messages by key. Grows to the most messages the queue ever held at once.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    slots: Vec<Slot>,
    free: Vec<u32>,
}

impl Slots {
    pub(crate) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    pub(crate) fn insert(&mut self, message: Box<Message>) -> Key {
        if let Some(index) = self.free.pop() {
            let slot = &mut self.slots[index as usize];
            slot.message = Some(message);
            return Key { index, generation: slot.generation };
        }
        let index = u32::try_from(self.slots.len()).expect("memory ends before 2^32 messages");
        self.slots.push(Slot { generation: 0, message: Some(message) });
        Key { index, generation: 0 }
    }

    pub(crate) fn contains(&self, key: Key) -> bool {
        self.get(key).is_some()
    }

    pub(crate) fn get(&self, key: Key) -> Option<&Message> {
        let slot = self.slots.get(key.index as usize)?;
        if slot.generation == key.generation { slot.message.as_deref() } else { None }
    }

    pub(crate) fn get_mut(&mut self, key: Key) -> Option<&mut Message> {
        let slot = self.slots.get_mut(key.index as usize)?;
        if slot.generation == key.generation { slot.message.as_deref_mut() } else { None }
    }

    pub(crate) fn remove(&mut self, key: Key) -> Option<Box<Message>> {
        let slot = self.slots.get_mut(key.index as usize)?;
        if slot.generation != key.generation {
            return None;
        }
        let message = slot.message.take()?;
        slot.generation = slot.generation.wrapping_add(1);
        self.free.push(key.index);
        Some(message)
    }

    /// Drops all messages; keys given out so far name none of those to come.
    pub(crate) fn clear(&mut self) {
        let keys: Vec<Key> = self.keys().collect();
        for key in keys {
            self.remove(key);
        }
    }

    /// Keys of all messages.
    pub(crate) fn keys(&self) -> impl Iterator<Item = Key> {
        self.slots
            .iter()
            .zip(0..)
            .filter(|(slot, _)| slot.message.is_some())
            .map(|(slot, index)| Key { index, generation: slot.generation })
    }
}
