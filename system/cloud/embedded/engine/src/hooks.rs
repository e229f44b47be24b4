//! What a run may ask of the engine beyond AWS's own calls: faults, delays, and what is under way.
//!
//! All of it is off until it is asked for; the engine alone delivers at once, and once.

use securecart_embedded_events::EventDelay;

use crate::{Engine, RemoteSqs};

impl Engine {
    /// Asks `delay` how long each delivery from EventBridge to a target takes, counted from when
    /// the bus took the event; zero delivers before `PutEvents` is answered. It is asked once for
    /// each delivery, also by several threads at a time. What waits is kept in order of when it is
    /// due, up to 262,144 deliveries; past that they are handed over early, never dropped.
    pub fn set_event_delay(&self, delay: EventDelay) {
        self.eventbridge.set_delay(delay);
    }

    /// Deliveries of SNS and EventBridge that were accepted and have not ended: they wait for a
    /// delay or for another attempt. At zero everything published is in its queue, in a dead-letter
    /// queue, or given up.
    #[must_use]
    pub fn pending_deliveries(&self) -> u64 {
        // In the order in which messages move, so that none is missed between the two.
        self.eventbridge.pending() + self.sns.pending()
    }

    /// Makes the standard queue `queue` hold `share` (0 to 1) of the messages sent to it from now
    /// on twice: SQS delivers at least once (behaviour sheet 5.1, "duplicates"). 0 turns it off.
    ///
    /// `false` when there is no such queue, or when it is a FIFO queue: those have no duplicates.
    pub fn set_duplicates(&self, queue: &str, share: f64) -> bool {
        self.sqs.set_duplicates(queue, share)
    }

    /// Event source mappings that are made from now on read the queues of another AWS API: the one
    /// that the rest of a system runs on while only its functions run here.
    pub fn set_remote_sqs(&self, sqs: RemoteSqs) {
        self.lambda.set_remote_sqs(sqs);
    }
}
