//! Rows of the database as the audit's facts.

use securecart_analysis::{Facts, OrderFact, PaymentAct, PaymentFact};
use securecart_database::{EntryKind, Orders, Payments, StoredOrder};

use crate::{Error, data::Data};

/// Every order and every act of a payment.
pub(super) async fn collect(data: &Data, facts: &mut Facts) -> Result<(), Error> {
    let orders = Orders::new(data.harness()).all().await.map_err(Error::database)?;
    facts.orders.extend(orders.into_iter().map(order));
    let payments = Payments::new(data.harness()).all().await.map_err(Error::database)?;
    facts.payments.extend(payments.into_iter().map(|entry| PaymentFact {
        order: entry.order,
        act: match entry.kind {
            EntryKind::Authorised => PaymentAct::Authorised,
            EntryKind::Captured => PaymentAct::Captured,
            EntryKind::Voided => PaymentAct::Voided,
            EntryKind::Refunded => PaymentAct::Refunded,
        },
        amount: entry.amount,
    }));
    Ok(())
}

fn order(stored: StoredOrder) -> OrderFact {
    let StoredOrder { order, state } = stored;
    OrderFact {
        order: order.id,
        customer: order.customer,
        state,
        total: order.total,
        lines: order.lines.iter().map(|line| (line.product, line.quantity.into())).collect(),
        placed_at_ms: order.placed_at.0,
    }
}
