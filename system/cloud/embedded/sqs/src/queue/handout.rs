//! Messages going out: to receivers, to the dead-letter queue, to a move task.

use std::sync::Arc;

use super::{
    Content, Delivery, Key, MAX_IN_FLIGHT, Message, Place, State, arrival::sequence_number,
};
use crate::receipt::Receipt;

/// A receive, valid by itself.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    /// Messages wanted, 1 to 10.
    pub(crate) most: usize,
    pub(crate) visibility_seconds: Option<u64>,
    pub(crate) attempt_id: Option<&'a str>,
}

/// What a receive got.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    pub(crate) deliveries: Vec<Delivery>,
    /// Messages that now belong to the dead-letter queue.
    pub(crate) dead: Vec<Message>,
    /// Nothing could be handed out because too many messages are in flight.
    pub(crate) at_limit: bool,
}

impl State {
    /// Hands out messages. Those received as often as `max_receives` allows are given back as dead
    /// instead.
    pub(crate) fn receive(
        &mut self,
        request: &Request<'_>,
        max_receives: Option<u32>,
        now_ms: u64,
    ) -> Taken {
        let visibility_ms =
            1_000 * request.visibility_seconds.unwrap_or(self.settings.visibility_timeout_seconds);
        if let Some(deliveries) = self.repeat(request.attempt_id, visibility_ms, now_ms) {
            return Taken { deliveries, ..Taken::default() };
        }
        let room = MAX_IN_FLIGHT - self.in_flight;
        let most = request.most.min(room);
        let mut taken = Taken { at_limit: room == 0, ..Taken::default() };
        let mut keys = Vec::with_capacity(most);
        while keys.len() < most {
            let Some(key) = self.order.next(&self.slots) else { break };
            let Some(message) = self.slots.get(key) else { continue };
            if max_receives.is_some_and(|max| message.receives_here >= max) {
                taken.dead.extend(self.slots.remove(key).map(|message| *message));
            } else {
                keys.push(key);
            }
        }
        self.totals.dead_lettered += taken.dead.len() as u64;
        taken.deliveries =
            keys.iter().filter_map(|key| self.hand_out(*key, visibility_ms, now_ms)).collect();
        self.remember(request.attempt_id, &keys, now_ms);
        taken
    }

    /// Marks a message as received.
    fn hand_out(&mut self, key: Key, visibility_ms: u64, now_ms: u64) -> Option<Delivery> {
        self.last_stamp += 1;
        let serial = self.last_stamp;
        let message = self.slots.get_mut(key)?;
        message.receives = message.receives.saturating_add(1);
        message.receives_here = message.receives_here.saturating_add(1);
        message.received_ms = now_ms;
        message.receipt = serial;
        if message.receives == 1 {
            message.first_received_ms = now_ms;
        }
        self.totals.received += 1;
        let delivery = self.delivery(key)?;
        self.fly(key, now_ms + visibility_ms);
        if visibility_ms == 0 {
            self.show(key);
        }
        Some(delivery)
    }

    /// Puts a visible message into flight.
    fn fly(&mut self, key: Key, until_ms: u64) {
        let Some(message) = self.slots.get_mut(key) else { return };
        message.place = Place::InFlight;
        self.in_flight += 1;
        self.order.block(message);
        self.schedule(key, until_ms);
    }

    fn delivery(&self, key: Key) -> Option<Delivery> {
        let message = self.slots.get(key)?;
        let receipt = Receipt { queue: self.instance, key, serial: message.receipt };
        Some(Delivery {
            id: message.id.clone(),
            content: message.content.clone(),
            handle: receipt.encode(),
            sent_ms: message.sent_ms,
            first_received_ms: message.first_received_ms,
            receives: message.receives,
            sequence: sequence_number(message.sequence),
            dead_letter_source: message.dead_letter_source.clone(),
        })
    }

    /// Remembers what an attempt handed out, so that it can be asked for again.
    fn remember(&mut self, attempt_id: Option<&str>, keys: &[Key], now_ms: u64) {
        let Some(id) = attempt_id.filter(|_| self.settings.fifo && !keys.is_empty()) else {
            return;
        };
        let stamped = keys
            .iter()
            .filter_map(|key| self.slots.get(*key).map(|message| (*key, message.stamp)))
            .collect();
        self.attempts.insert(now_ms, id.into(), stamped);
    }

    /// The messages of an earlier attempt with the same id, with the same handles and their
    /// visibility renewed, if none of them was touched since.
    fn repeat(
        &mut self,
        attempt_id: Option<&str>,
        visibility_ms: u64,
        now_ms: u64,
    ) -> Option<Vec<Delivery>> {
        let id: Box<str> = attempt_id.filter(|_| self.settings.fifo)?.into();
        let attempt = self.attempts.get(&id)?;
        let keys: Vec<Key> = attempt.iter().map(|(key, _)| *key).collect();
        let untouched = attempt.iter().all(|(key, stamp)| {
            self.slots
                .get(*key)
                .is_some_and(|message| message.place == Place::InFlight && message.stamp == *stamp)
        });
        if !untouched {
            return None;
        }
        let deliveries = keys.iter().filter_map(|key| self.delivery(*key)).collect();
        for key in &keys {
            self.schedule(*key, now_ms + visibility_ms);
        }
        self.remember(Some(&id), &keys, now_ms);
        Some(deliveries)
    }

    /// Takes the next visible message if `accept` knows where it goes, told the ARN of the queue it
    /// was dead-lettered from. `None` when there is no message to take.
    pub(crate) fn take_for_move<T, E>(
        &mut self,
        accept: impl FnOnce(Option<&str>) -> Result<T, E>,
    ) -> Option<Result<(Arc<Content>, T), E>> {
        let key = self.order.next(&self.slots)?;
        let message = self.slots.get(key)?;
        match accept(message.dead_letter_source.as_deref()) {
            Ok(target) => {
                let content = message.content.clone();
                self.slots.remove(key);
                Some(Ok((content, target)))
            }
            Err(reason) => {
                // It stays, and whoever waits may have it.
                if self.order.insert(key, message) {
                    self.wakes.ones += 1;
                }
                Some(Err(reason))
            }
        }
    }
}
