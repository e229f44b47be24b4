//! What a run changes on the cloud while it goes on: delays, duplicates, and what is still under way.
//!
//! Thin: the engine does it. An emulator delivers when it does, can't double a message, and does not
//! say what is on its way.

use securecart_embedded::{EventDelay, FunctionMetrics};

use crate::Cloud;

impl Cloud {
    /// Asks `delay` how long each delivery from EventBridge to a target takes: see
    /// [`Engine::set_event_delay`](securecart_embedded::Engine::set_event_delay).
    pub fn set_event_delay(&self, delay: EventDelay) {
        self.engine().set_event_delay(delay);
    }

    /// Deliveries of SNS and EventBridge that wait: a run has drained only when there are none.
    #[must_use]
    pub fn pending_deliveries(&self) -> u64 {
        self.engine().pending_deliveries()
    }

    /// Makes `share` (0 to 1) of the messages sent to the standard queue `queue` come twice. `false`
    /// when there is no such standard queue.
    /// Nor when the queue is an emulator's.
    pub fn set_duplicates(&self, queue: &str, share: f64) -> bool {
        !self.is_remote() && self.engine().set_duplicates(queue, share)
    }

    /// Cuts the reserved concurrency of a function; `None` gives it back what it had. `false` when
    /// there is no such function, or the account could not set it aside.
    pub fn throttle_function(&self, function: &str, reserved: Option<u32>) -> bool {
        self.engine().throttle_function(function, reserved).is_ok()
    }

    /// What each function did since the start.
    #[must_use]
    pub fn functions(&self) -> Vec<FunctionMetrics> {
        self.engine().function_metrics()
    }
}
