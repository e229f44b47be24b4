//! Orders in the database, with the failures of services.

use securecart_database::{Advanced as Outcome, Error, Orders};
use securecart_domain::{Order, OrderId, OrderState, Timestamp, api::OrderView};

use crate::Failure;

#[derive(Debug, Clone)]
pub(crate) struct Ledger {
    orders: Orders,
}

/// What moving an order on came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Advanced {
    /// It moved.
    Now,
    /// It was in another state already, this one.
    Already(OrderState),
}

impl Ledger {
    pub(crate) fn new(orders: Orders) -> Self {
        Self { orders }
    }

    /// Writes a new order and gives it back; one that is there already stays as it is, and is what
    /// the caller gets.
    pub(crate) async fn insert(&self, order: Order, state: OrderState) -> Result<Order, Failure> {
        self.orders.insert(order, state).await.map_err(failure)
    }

    /// The order as it was written down.
    pub(crate) async fn find(&self, id: OrderId) -> Result<Option<Order>, Failure> {
        self.orders.find(id).await.map_err(failure)
    }

    /// The order as a shopper sees it: of a replica that has seen what was written about it here.
    pub(crate) async fn view(&self, id: OrderId) -> Result<Option<OrderView>, Failure> {
        self.orders.view(id).await.map_err(failure)
    }

    /// Moves an order from one state to the next, at `now`.
    pub(crate) async fn advance(
        &self,
        id: OrderId,
        from: OrderState,
        to: OrderState,
        now: Timestamp,
    ) -> Result<Advanced, Failure> {
        debug_assert!(from.may_become(to), "{from:?} can't become {to:?}");
        match self.orders.advance(id, from, to, now).await.map_err(failure)? {
            Outcome::Now => Ok(Advanced::Now),
            Outcome::Already(state) => Ok(Advanced::Already(state)),
            Outcome::Missing => Err(Failure::not_found(format!("there is no order {id}"))),
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` gives")]
fn failure(error: Error) -> Failure {
    Failure::database(&error)
}
