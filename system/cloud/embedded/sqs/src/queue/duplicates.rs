//! At-least-once delivery made visible: a share of the messages sent to a standard queue is there
//! twice.
//!
//! Invariants: off unless it is set; the copies are the original in all that was sent (id, body,
//! attributes, delay), and apart from it afterwards (receipt handles, receive count); which
//! messages get one depends on the seed and on how many were sent before.
//!
//! AWS publishes no rate; 1e-6 to 1e-4 is assumed (behaviour sheet 5.1, "duplicates"). What it does
//! say is how they come about: a server that was unavailable when a message was deleted still has
//! it. Deliberately absent: FIFO queues, which promise that this doesn't happen.

use securecart_embedded_wire::Ids;

use super::State;

/// Which messages get a copy.
#[derive(Debug)]
pub(super) struct Duplicates {
    share: f64,
    random: Ids,
}

impl Duplicates {
    /// Whether the next message gets one.
    pub(super) fn draw(&self) -> bool {
        /// Numbers of 53 bits: every one of them is a float.
        const RANGE: f64 = (1_u64 << 53) as f64;
        ((self.random.next_u64() >> 11) as f64) / RANGE < self.share
    }
}

impl State {
    /// Sets the share of messages that come twice, 0 to 1; what isn't in between counts as the
    /// nearer end, and what is no number as 0. A FIFO queue stays as it is: `false`.
    pub(crate) fn set_duplicates(&mut self, share: f64, seed: u64) -> bool {
        if self.settings.fifo {
            return false;
        }
        let random = Ids::new(seed);
        self.duplicates = (share > 0.0).then(|| Duplicates { share: share.min(1.0), random });
        true
    }
}
