//! An instant on both clocks.

use std::time::Duration;

/// An instant: durations since any two fixed origins, neither of which goes back.
///
/// A run that plays a day in minutes has as many requests in each wall second as AWS would have,
/// and environments that come and go by the shop's clock. On one clock both are the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moment {
    /// What requests take: request rates and billed durations.
    pub wall: Duration,
    /// The shop's clock: scale-up, idle reclaim, lifetimes, provisioning.
    pub scenario: Duration,
}

impl Moment {
    /// The instant `now` of the one clock there is.
    #[must_use]
    pub const fn at(now: Duration) -> Self {
        Self { wall: now, scenario: now }
    }
}
