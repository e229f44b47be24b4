//! The payment service: authorises, captures, voids and refunds.
//!
//! Its ledger is one row for each act. A capture or a void that is already in the ledger is not done
//! again, whoever asks and however often. An authorisation only holds money, and the latest one
//! holds: a checkout that is tried again may find another amount in the cart. A reversal refunds what
//! was captured, or else voids.

use http::{Method, StatusCode};
use securecart_clock::Clock;
use securecart_database::{Entry, EntryKind, Payments};
use securecart_domain::{OrderId, Timestamp, random};

use crate::{Failure, Request, Response, internal::Transaction, reply};

/// One card in this many is refused: assumed.
const REFUSED_ONE_IN: u64 = 100;

/// The payment service.
#[derive(Debug, Clone)]
pub struct Payment {
    payments: Payments,
    clock: Clock,
}

impl Payment {
    /// A service that keeps its ledger in `payments`.
    #[must_use]
    pub fn new(payments: Payments, clock: Clock) -> Self {
        Self { payments, clock }
    }

    /// Answers a request.
    pub async fn handle(&self, request: Request) -> Response {
        reply::answer(self.route(&request).await)
    }

    async fn route(&self, request: &Request) -> Result<Response, Failure> {
        let kind = match (request.method(), request.uri().path()) {
            (&Method::POST, "/authorisations") => EntryKind::Authorised,
            (&Method::POST, "/captures") => EntryKind::Captured,
            (&Method::POST, "/voids") => EntryKind::Voided,
            (&Method::POST, "/reversals") => return self.reverse(reply::body(request)?).await,
            _ => return Err(reply::no_route(request)),
        };
        let transaction: Transaction = reply::body(request)?;
        if kind == EntryKind::Authorised && refused(transaction.order) {
            let message = format!("the card of order {} was refused", transaction.order);
            return Err(Failure::refused(402, "payment-refused", message));
        }
        let once = kind != EntryKind::Authorised;
        self.enter(kind, transaction, once).await?;
        Ok(reply::json(StatusCode::OK, &()))
    }

    async fn reverse(&self, transaction: Transaction) -> Result<Response, Failure> {
        let is_captured = self
            .payments
            .is_captured(transaction.order)
            .await
            .map_err(|error| Failure::database(&error))?;
        let kind = if is_captured { EntryKind::Refunded } else { EntryKind::Voided };
        self.enter(kind, transaction, true).await?;
        Ok(reply::json(StatusCode::OK, &()))
    }

    /// Writes an act down. One that was done before is answered as it was then.
    async fn enter(
        &self,
        kind: EntryKind,
        transaction: Transaction,
        once: bool,
    ) -> Result<(), Failure> {
        let at = Timestamp(self.clock.now_ms());
        let entry = Entry { order: transaction.order, kind, amount: transaction.amount, at };
        let entered = self.payments.enter(&entry, once).await;
        entered.map(drop).map_err(|error| Failure::database(&error))
    }
}

fn refused(order: OrderId) -> bool {
    random::mix(order.0 ^ 0xca4d).is_multiple_of(REFUSED_ONE_IN)
}
