//! SQS's limits (behaviour sheet 5.1).
//!
//! A standard queue takes nearly any rate, but holds at most 120,000 messages in flight: beyond
//! them `ReceiveMessage` answers `OverLimit`. A FIFO queue takes 300 calls a second of each API
//! action, and says nothing about messages in flight.
//!
//! Deliberately absent: high-throughput FIFO, and the queue itself.

use std::time::Duration;

use crate::TokenBucket;

/// Messages in flight that a queue holds (sheet 5.1, "in flight").
pub const IN_FLIGHT: u64 = 120_000;

/// Calls a second of each API action on a FIFO queue (sheet 5.1, "FIFO"). A batch is one call.
pub const FIFO_CALLS_PER_SECOND: f64 = 300.0;

/// `ReceiveMessage` on a standard queue with [`IN_FLIGHT`] messages in flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OverLimit;

/// Whether a standard queue hands out messages with `in_flight` of them out already.
///
/// # Errors
/// [`OverLimit`] at [`IN_FLIGHT`] messages and more.
pub const fn receive(in_flight: u64) -> Result<(), OverLimit> {
    if in_flight < IN_FLIGHT { Ok(()) } else { Err(OverLimit) }
}

/// The actions whose calls a FIFO queue counts apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// `SendMessage`, `SendMessageBatch`.
    Send,
    /// `ReceiveMessage`.
    Receive,
    /// `DeleteMessage`, `DeleteMessageBatch`.
    Delete,
    /// `ChangeMessageVisibility`, `ChangeMessageVisibilityBatch`.
    ChangeVisibility,
}

/// The call rates of a FIFO queue.
#[derive(Debug, Clone)]
pub struct Fifo {
    buckets: [TokenBucket; 4],
}

impl Fifo {
    /// A queue that nobody has called yet. A bucket holds `burst` of its rate: see the assumption
    /// `quotas.burst`.
    #[must_use]
    pub fn new(burst: Duration, now: Duration) -> Self {
        let bucket = TokenBucket::full(
            FIFO_CALLS_PER_SECOND * burst.as_secs_f64(),
            FIFO_CALLS_PER_SECOND,
            now,
        );
        Self { buckets: std::array::from_fn(|_| bucket.clone()) }
    }

    /// Takes a call; `false` is `RequestThrottled`.
    pub fn call(&mut self, now: Duration, action: Action) -> bool {
        self.buckets[action as usize].take(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_after_the_120000th_in_flight_is_not_handed_out() {
        assert_eq!(receive(119_999), Ok(()));
        assert_eq!(receive(120_000), Err(OverLimit));
    }

    #[test]
    fn each_action_of_a_fifo_queue_has_300_calls_a_second() {
        let mut queue = Fifo::new(Duration::from_secs(1), Duration::ZERO);
        let mut granted = [0_u32; 2];
        for call in 0..4_000_u32 {
            let now = Duration::from_secs(1) + Duration::from_secs_f64(f64::from(call) / 1_000.0);
            granted[0] += u32::from(queue.call(now, Action::Send));
            if call % 2 == 0 {
                granted[1] += u32::from(queue.call(now, Action::Delete));
            }
        }
        // The bucket's 300, and 300 in each of four seconds.
        assert!((1_499..=1_500).contains(&granted[0]), "{granted:?}");
        assert!((1_499..=1_500).contains(&granted[1]), "{granted:?}");
    }
}
