//! Damage done on purpose right before the audit, to prove that the audit finds it.
//!
//! A second order of one checkout needs nothing from here: it is an order with another id.

use securecart_domain::OrderId;

use crate::{
    Connections, Error,
    statement::{Statement, Work},
};

/// A kind of damage that no repository would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// The order's row vanishes.
    LoseOrder(OrderId),
    /// The order's captured payment is captured again, under an entry of its own.
    CaptureTwice(OrderId),
}

impl Damage {
    /// Does it; `false` where there is nothing to damage.
    ///
    /// # Errors
    /// As any write.
    pub async fn commit(self, connections: &Connections) -> Result<bool, Error> {
        let statement = match self {
            Self::LoseOrder(order) => {
                Statement::new("DELETE FROM orders WHERE id = $1").with(order.0)
            }
            Self::CaptureTwice(order) => Statement::new(
                "INSERT INTO payments (order_id, entry, amount, entered_at) \
                 SELECT order_id, 'captured#again', amount, entered_at FROM payments \
                 WHERE order_id = $1 AND entry = 'captured'",
            )
            .with(order.0),
        };
        let work = Work::Write { statements: vec![statement], at_once: false };
        Ok(connections.primary(&work).await?.affected > 0)
    }
}
