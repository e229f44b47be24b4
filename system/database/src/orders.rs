//! Orders. What was ordered never changes once it is written; the state moves only along the
//! domain's life cycle, by conditional updates.
//!
//! Writes and the steps of fulfilment ask the primary. A shopper's look asks a replica, which shows
//! what this process wrote or is passed over.

use securecart_domain::{
    CustomerId, Money, Order, OrderId, OrderState, Timestamp, api::OrderView, cart::PricedLine,
};

use crate::{
    Connections, Error,
    statement::{Row, Statement},
};

/// Rows that the audit reads at once.
const PAGE: i64 = 1_000;

/// What moving an order on came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advanced {
    /// It moved.
    Now,
    /// It was in another state already, this one.
    Already(OrderState),
    /// There is no such order.
    Missing,
}

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredOrder {
    /// What was ordered.
    pub order: Order,
    /// Where it is in its life.
    pub state: OrderState,
}

/// The orders.
#[derive(Debug, Clone)]
pub struct Orders(Connections);

impl Orders {
    /// The orders behind `connections`.
    #[must_use]
    pub fn new(connections: Connections) -> Self {
        Self(connections)
    }

    /// Writes a new order and gives it back; one that is there already stays as it is, and is what
    /// the caller gets.
    ///
    /// # Errors
    /// As any write.
    pub async fn insert(&self, order: Order, state: OrderState) -> Result<Order, Error> {
        let written = self.0.write_order(order.id, insert(&order, state)?).await?;
        if written.affected > 0 {
            return Ok(order);
        }
        let gone = || Error::broken("orders", format!("{} is and is not there", order.id));
        self.find(order.id).await?.ok_or_else(gone)
    }

    /// The order as it was written down.
    ///
    /// # Errors
    /// As any read.
    pub async fn find(&self, id: OrderId) -> Result<Option<Order>, Error> {
        let statement = Statement::new(
            "SELECT id, customer, state, total, lines, placed_at FROM orders WHERE id = $1",
        )
        .with(id.0);
        let rows = self.0.read_primary(statement).await?;
        Ok(rows.first().map(stored).transpose()?.map(|stored| stored.order))
    }

    /// What a shopper sees of the order.
    ///
    /// # Errors
    /// As any read.
    pub async fn view(&self, id: OrderId) -> Result<Option<OrderView>, Error> {
        let statement = Statement::new("SELECT state, total FROM orders WHERE id = $1").with(id.0);
        let rows = self.0.read_own(id, statement).await?;
        let view = |row: &Row| {
            Ok(OrderView { order: id, state: state(row, 0)?, total: Money(row.id(1)?) })
        };
        rows.first().map(view).transpose()
    }

    /// Moves an order from one state to the next, at `now`. Doing it again finds it
    /// [`Already`](Advanced::Already) there.
    ///
    /// # Errors
    /// As any write.
    pub async fn advance(
        &self,
        id: OrderId,
        from: OrderState,
        to: OrderState,
        now: Timestamp,
    ) -> Result<Advanced, Error> {
        debug_assert!(from.may_become(to), "{from:?} can't become {to:?}");
        loop {
            let moved = Statement::new(enter(to))
                .with(id.0)
                .with(from.as_str())
                .with(to.as_str())
                .with(now.0);
            if self.0.write_order(id, moved).await?.affected > 0 {
                return Ok(Advanced::Now);
            }
            match self.state(id).await? {
                None => return Ok(Advanced::Missing),
                // It came to `from` since: no state is entered twice, so this ends.
                Some(state) if state == from => {}
                Some(state) => return Ok(Advanced::Already(state)),
            }
        }
    }

    async fn state(&self, id: OrderId) -> Result<Option<OrderState>, Error> {
        let statement = Statement::new("SELECT state FROM orders WHERE id = $1").with(id.0);
        let rows = self.0.read_primary(statement).await?;
        rows.first().map(|row| state(row, 0)).transpose()
    }

    /// Gives `each` row to the audit, a page at a time.
    ///
    /// # Errors
    /// As any read.
    pub async fn all(&self, mut each: impl FnMut(StoredOrder)) -> Result<(), Error> {
        let mut first = Some(i64::MIN);
        while let Some(from) = first {
            let statement = Statement::new(
                "SELECT id, customer, state, total, lines, placed_at FROM orders \
                 WHERE id >= $1 ORDER BY id LIMIT $2",
            )
            .with(from)
            .with(PAGE);
            let rows = self.0.read_primary(statement).await?;
            for row in &rows {
                each(stored(row)?);
            }
            let last = rows.last().map(|row| row.int(0)).transpose()?;
            first = last.and_then(|last| last.checked_add(1));
        }
        Ok(())
    }
}

fn insert(order: &Order, state: OrderState) -> Result<Statement, Error> {
    let lines = serde_json::to_string(&order.lines)
        .map_err(|error| Error::broken("orders", error.to_string()))?;
    Ok(Statement::new(
        "INSERT INTO orders (id, customer, state, total, lines, placed_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING",
    )
    .with(order.id.0)
    .with(order.customer.0)
    .with(state.as_str())
    .with(order.total.0)
    .with(lines.as_str())
    .with(order.placed_at.0))
}

/// The statement that enters `to`.
fn enter(to: OrderState) -> &'static str {
    macro_rules! entering {
        ($column:literal) => {
            concat!("UPDATE orders SET state = $3, ", $column, " = $4 WHERE id = $1 AND state = $2")
        };
    }
    match to {
        OrderState::Placed => entering!("placed_at"),
        OrderState::Paid => entering!("paid_at"),
        OrderState::Reserved => entering!("reserved_at"),
        OrderState::Shipped => entering!("shipped_at"),
        OrderState::Delivered => entering!("delivered_at"),
        OrderState::Rejected => entering!("rejected_at"),
        OrderState::Cancelled => entering!("cancelled_at"),
        OrderState::Refunded => entering!("refunded_at"),
    }
}

fn state(row: &Row, column: usize) -> Result<OrderState, Error> {
    let text = row.text(column)?;
    OrderState::parse(text)
        .ok_or_else(|| Error::broken("orders", format!("`{text}` is no state of an order")))
}

fn stored(row: &Row) -> Result<StoredOrder, Error> {
    let lines: Vec<PricedLine> = serde_json::from_str(row.text(4)?)
        .map_err(|error| Error::broken("orders", format!("an order's lines: {error}")))?;
    let order = Order {
        id: OrderId(row.id(0)?),
        customer: CustomerId(row.id(1)?),
        lines,
        total: Money(row.id(3)?),
        placed_at: Timestamp(row.id(5)?),
    };
    Ok(StoredOrder { order, state: state(row, 2)? })
}
