//! Rows of the database as the audit's facts.

use securecart_analysis::{Facts, OrderFact, PaymentAct, PaymentFact};
use securecart_database::{Entry, EntryKind, Orders, Payments, StoredOrder};

use crate::{Error, data::Data};

/// Every order and every act of a payment.
pub(super) async fn collect(data: &Data, facts: &mut Facts) -> Result<(), Error> {
    let orders = &mut facts.orders;
    let read = Orders::new(data.harness()).all(|stored| orders.push(order(stored))).await;
    read.map_err(Error::database)?;
    let payments = &mut facts.payments;
    let read = Payments::new(data.harness()).all(|entry| payments.push(payment(&entry))).await;
    read.map_err(Error::database)
}

fn payment(entry: &Entry) -> PaymentFact {
    PaymentFact {
        order: entry.order,
        act: match entry.kind {
            EntryKind::Authorised => PaymentAct::Authorised,
            EntryKind::Captured => PaymentAct::Captured,
            EntryKind::Voided => PaymentAct::Voided,
            EntryKind::Refunded => PaymentAct::Refunded,
        },
        amount: entry.amount,
    }
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
