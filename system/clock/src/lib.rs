//! The run's clock: an epoch, plus the async runtime's monotonic time.
//!
//! Everything in `system` that needs the time is handed a [`Clock`]. It reads tokio's clock, so a
//! test with paused time runs hours of visibility timeouts in milliseconds. The epoch is given by
//! whoever starts the run: the wall clock for a live run, a constant in tests.
//!
//! Deliberately absent: the wall clock itself, and sleeping (use `tokio::time`).
#![forbid(unsafe_code)]

use tokio::time::Instant;

/// A clock. Copies tell the same time.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    started: Instant,
    epoch_ms: u64,
}

impl Clock {
    /// A clock that shows `epoch_ms` (milliseconds since the Unix epoch) now.
    #[must_use]
    pub fn starting_at(epoch_ms: u64) -> Self {
        Self { started: Instant::now(), epoch_ms }
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub fn now_ms(&self) -> u64 {
        self.at_ms(Instant::now())
    }

    /// What the clock shows at `instant`, milliseconds since the Unix epoch.
    #[must_use]
    pub fn at_ms(&self, instant: Instant) -> u64 {
        let elapsed = instant.saturating_duration_since(self.started).as_millis();
        self.epoch_ms + u64::try_from(elapsed).unwrap_or(u64::MAX - self.epoch_ms)
    }

    /// The instant at which the clock was started.
    #[must_use]
    pub fn started(&self) -> Instant {
        self.started
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn follows_paused_time() {
        let clock = Clock::starting_at(1_000);
        tokio::time::advance(Duration::from_secs(7_200)).await;
        assert_eq!(clock.now_ms(), 7_201_000);
    }
}
