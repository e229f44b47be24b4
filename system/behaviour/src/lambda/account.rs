//! The concurrency that an account's functions share in a Region.

use crate::TokenBucket;

use super::{Moment, Throttle};

/// Concurrent requests of an account by default (sheet 2, account concurrency).
pub const ACCOUNT_CONCURRENCY: u32 = 1_000;

/// Concurrency that can't be reserved (sheet 2, account concurrency).
pub const UNRESERVED_MINIMUM: u32 = 100;

/// Synchronous requests a second for each unit of concurrency (sheet 2, request rate).
const REQUESTS_PER_SECOND: u32 = 10;

/// What was asked to be set aside would leave too little for functions without a reservation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "it would leave {left} of the account's concurrency unreserved; {UNRESERVED_MINIMUM} must stay"
)]
pub struct OverReserved {
    /// Concurrency that would be left.
    pub left: u32,
}

/// An account's concurrency: what is set aside, and what runs in the rest.
///
/// Concurrency is set aside by reservations, and by provisioned concurrency of functions that have
/// none. Whoever changes it owns the consistency: functions do, nobody else.
#[derive(Debug, Clone)]
pub struct Account {
    limit: u32,
    set_aside: u32,
    running: u32,
    requests: TokenBucket,
}

impl Account {
    /// An account that may run `limit` requests at once, and does not run any.
    #[must_use]
    pub fn new(limit: u32, now: Moment) -> Self {
        Self { limit, set_aside: 0, running: 0, requests: request_rate(limit, now) }
    }

    /// Concurrency of functions without a reservation, all together.
    #[must_use]
    pub const fn unreserved(&self) -> u32 {
        self.limit - self.set_aside
    }

    /// Requests that run in the unreserved concurrency.
    #[must_use]
    pub const fn running(&self) -> u32 {
        self.running
    }

    /// Sets aside `more` in place of `before`.
    pub(super) fn set_aside(
        &mut self,
        before: u32,
        more: u32,
        now: Moment,
    ) -> Result<(), OverReserved> {
        let set_aside = (self.set_aside - before).saturating_add(more);
        let left = self.limit.saturating_sub(set_aside);
        // A small account can't keep 100 unreserved; it may not set anything aside.
        if more > before && left < UNRESERVED_MINIMUM {
            return Err(OverReserved { left });
        }
        if set_aside != self.set_aside {
            self.set_aside = set_aside;
            self.requests = request_rate(self.unreserved(), now);
        }
        Ok(())
    }

    /// Requests of a function that move into or out of the unreserved concurrency while they run,
    /// because its reservation changed.
    pub(super) fn take_in(&mut self, running: u32) {
        self.running += running;
    }

    /// The opposite of [`Account::take_in`].
    pub(super) fn let_go(&mut self, running: u32) {
        self.running -= running;
    }

    pub(super) fn check(&mut self, is_counted: bool, now: Moment) -> Result<(), Throttle> {
        if self.running >= self.unreserved() {
            Err(Throttle::AccountConcurrency)
        } else if is_counted && !self.requests.take(now.wall) {
            Err(Throttle::RequestRate)
        } else {
            Ok(())
        }
    }
}

/// The rate of synchronous requests on `concurrency`. That a second's worth may come at once is an
/// assumption: AWS names no burst.
pub(super) fn request_rate(concurrency: u32, now: Moment) -> TokenBucket {
    let rate = f64::from(concurrency) * f64::from(REQUESTS_PER_SECOND);
    TokenBucket::full(rate, rate, now.wall)
}
