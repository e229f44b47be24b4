//! What the audit will want to know: the orders shoppers were promised, and the checkouts that never
//! got an answer.

use parking_lot::Mutex;
use securecart_domain::{CartId, OrderId};

/// Accepted orders that are kept (24 bytes each). A run that accepts more can't be audited and ends
/// in [`Error::TooManyOrders`](crate::Error::TooManyOrders).
pub const MAX_ORDERS: usize = 2_000_000;

/// An order that a shopper was told is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AcceptedOrder {
    /// The order.
    pub order: OrderId,
    /// When its checkout was intended, wall µs since the first second of the window.
    pub intended_us: u64,
    /// When the shopper had the whole answer, wall µs since the first second of the window.
    pub accepted_us: u64,
}

/// A checkout without an answer that settles it: there may be an order, or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnresolvedCheckout {
    /// Its idempotency key: asking again with it gives the answer.
    pub key: String,
    /// The cart that was to be bought.
    pub cart: CartId,
}

/// Orders and checkouts of a run so far.
#[derive(Debug, Default)]
pub(crate) struct Orders {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    accepted: Vec<AcceptedOrder>,
    accepted_total: u64,
    unresolved: Vec<UnresolvedCheckout>,
}

/// Everything there was, for the end of a run.
#[derive(Debug, Default)]
pub(crate) struct Settled {
    pub(crate) accepted: Vec<AcceptedOrder>,
    /// How many were accepted; more than are kept once [`MAX_ORDERS`] was passed.
    pub(crate) accepted_total: u64,
    pub(crate) unresolved: Vec<UnresolvedCheckout>,
}

impl Orders {
    pub(crate) fn accept(&self, order: AcceptedOrder) {
        let mut inner = self.inner.lock();
        inner.accepted_total += 1;
        if inner.accepted.len() < MAX_ORDERS {
            inner.accepted.push(order);
        }
    }

    /// Keeps a checkout that stayed open. One that could be an order counts like one against the
    /// limit, so the list can't outgrow it.
    pub(crate) fn leave_open(&self, checkout: UnresolvedCheckout) {
        let mut inner = self.inner.lock();
        if inner.unresolved.len() < MAX_ORDERS {
            inner.unresolved.push(checkout);
        } else {
            inner.accepted_total = inner.accepted_total.max(MAX_ORDERS as u64) + 1;
        }
    }

    pub(crate) fn settle(&self) -> Settled {
        let inner = std::mem::take(&mut *self.inner.lock());
        Settled {
            accepted: inner.accepted,
            accepted_total: inner.accepted_total,
            unresolved: inner.unresolved,
        }
    }
}
