//! The payment ledger: one row for each act on an order.
//!
//! An act that may happen once is in the ledger once, whoever enters it and however often. An
//! authorisation only holds money, and the latest one holds. All of it is the primary's.

use securecart_domain::{Money, OrderId, Timestamp};

use crate::{
    Connections, Error,
    statement::{Row, Statement},
};

/// Rows that the audit reads at once.
const PAGE: i64 = 1_000;

/// An act on an order's payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// Money is held.
    Authorised,
    /// Money is taken.
    Captured,
    /// The hold is let go.
    Voided,
    /// Money is given back.
    Refunded,
}

impl EntryKind {
    const ALL: [Self; 4] = [Self::Authorised, Self::Captured, Self::Voided, Self::Refunded];

    /// The name in the ledger.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Authorised => "authorised",
            Self::Captured => "captured",
            Self::Voided => "voided",
            Self::Refunded => "refunded",
        }
    }
}

/// A row of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Whose payment.
    pub order: OrderId,
    /// What was done.
    pub kind: EntryKind,
    /// How much money it is about.
    pub amount: Money,
    /// When.
    pub at: Timestamp,
}

/// The payments.
#[derive(Debug, Clone)]
pub struct Payments(Connections);

impl Payments {
    /// The payments behind `connections`.
    #[must_use]
    pub fn new(connections: Connections) -> Self {
        Self(connections)
    }

    /// Enters `entry`; whether it is in the ledger because of this call. One that may happen `once`
    /// and is there already stays as it is; another is replaced.
    ///
    /// # Errors
    /// As any write.
    pub async fn enter(&self, entry: &Entry, once: bool) -> Result<bool, Error> {
        let sql = if once {
            "INSERT INTO payments (order_id, entry, amount, entered_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (order_id, entry) DO NOTHING"
        } else {
            "INSERT INTO payments (order_id, entry, amount, entered_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (order_id, entry) DO UPDATE \
             SET amount = excluded.amount, entered_at = excluded.entered_at"
        };
        let statement = Statement::new(sql)
            .with(entry.order.0)
            .with(entry.kind.as_str())
            .with(entry.amount.0)
            .with(entry.at.0);
        Ok(self.0.write(statement).await?.affected > 0)
    }

    /// Whether `order`'s payment was captured.
    ///
    /// # Errors
    /// As any read.
    pub async fn is_captured(&self, order: OrderId) -> Result<bool, Error> {
        let statement = Statement::new(
            "SELECT order_id FROM payments WHERE order_id = $1 AND entry = 'captured'",
        )
        .with(order.0);
        Ok(!self.0.read_primary(statement).await?.is_empty())
    }

    /// Gives `each` row to the audit, a page at a time.
    ///
    /// # Errors
    /// As any read.
    pub async fn all(&self, mut each: impl FnMut(Entry)) -> Result<(), Error> {
        let (mut order, mut kind) = (i64::MIN, String::new());
        loop {
            let statement = Statement::new(
                "SELECT order_id, entry, amount, entered_at FROM payments \
                 WHERE (order_id, entry) > ($1, $2) ORDER BY order_id, entry LIMIT $3",
            )
            .with(order)
            .with(kind.as_str())
            .with(PAGE);
            let rows = self.0.read_primary(statement).await?;
            for row in &rows {
                each(entry(row)?);
            }
            let Some(last) = rows.last() else { return Ok(()) };
            (order, kind) = (last.int(0)?, last.text(1)?.to_owned());
        }
    }
}

/// An entry's kind is what stands before a `#`: damage done on purpose has a second `captured#again`.
fn entry(row: &Row) -> Result<Entry, Error> {
    let text = row.text(1)?;
    let name = text.split('#').next().unwrap_or(text);
    let kind = EntryKind::ALL.into_iter().find(|kind| kind.as_str() == name);
    let unknown = || Error::broken("payments", format!("`{text}` is no entry"));
    Ok(Entry {
        order: OrderId(row.id(0)?),
        kind: kind.ok_or_else(unknown)?,
        amount: Money(row.id(2)?),
        at: Timestamp(row.id(3)?),
    })
}
