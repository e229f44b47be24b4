//! The payment service: authorises, captures, voids and refunds.
//!
//! Its ledger is one DynamoDB item for each act: `{ order_id, entry, amount, at }`. A capture or a
//! void that is already in the ledger is not done again, whoever asks and however often. An
//! authorisation only holds money, and the latest one holds: a checkout that is tried again may
//! find another amount in the cart. A reversal refunds what was captured, or else voids.

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use http::{Method, StatusCode};
use securecart_clock::Clock;
use securecart_domain::{OrderId, random, resources::PAYMENTS_TABLE};

use crate::{
    Failure, Request, Response,
    internal::Transaction,
    item::{number, string},
    reply,
};

/// One card in this many is refused: assumed.
const REFUSED_ONE_IN: u64 = 100;

/// The payment service.
#[derive(Debug, Clone)]
pub struct Payment {
    dynamodb: aws_sdk_dynamodb::Client,
    clock: Clock,
}

impl Payment {
    /// A service that keeps its ledger with `dynamodb`.
    #[must_use]
    pub fn new(dynamodb: aws_sdk_dynamodb::Client, clock: Clock) -> Self {
        Self { dynamodb, clock }
    }

    /// Answers a request.
    pub async fn handle(&self, request: Request) -> Response {
        reply::answer(self.route(&request).await)
    }

    async fn route(&self, request: &Request) -> Result<Response, Failure> {
        let entry = match (request.method(), request.uri().path()) {
            (&Method::POST, "/authorisations") => "authorised",
            (&Method::POST, "/captures") => "captured",
            (&Method::POST, "/voids") => "voided",
            (&Method::POST, "/reversals") => return self.reverse(reply::body(request)?).await,
            _ => return Err(reply::no_route(request)),
        };
        let transaction: Transaction = reply::body(request)?;
        if entry == "authorised" && refused(transaction.order) {
            let message = format!("the card of order {} was refused", transaction.order);
            return Err(Failure::refused(402, "payment-refused", message));
        }
        let once = entry != "authorised";
        self.enter(entry, transaction, once).await?;
        Ok(reply::json(StatusCode::OK, &()))
    }

    async fn reverse(&self, transaction: Transaction) -> Result<Response, Failure> {
        let is_captured = self.is_captured(transaction.order).await?;
        let entry = if is_captured { "refunded" } else { "voided" };
        self.enter(entry, transaction, true).await?;
        Ok(reply::json(StatusCode::OK, &()))
    }

    async fn is_captured(&self, order: OrderId) -> Result<bool, Failure> {
        let answer = self
            .dynamodb
            .get_item()
            .table_name(PAYMENTS_TABLE)
            .key("order_id", string(order))
            .key("entry", string("captured"))
            .consistent_read(true)
            .send()
            .await
            .map_err(Failure::aws("GetItem"))?;
        Ok(answer.item.is_some())
    }

    async fn enter(
        &self,
        entry: &str,
        transaction: Transaction,
        once: bool,
    ) -> Result<(), Failure> {
        let condition = once.then(|| "attribute_not_exists(order_id)".to_owned());
        let outcome = self
            .dynamodb
            .put_item()
            .table_name(PAYMENTS_TABLE)
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .item("order_id", string(transaction.order))
            .item("entry", string(entry))
            .item("amount", number(transaction.amount.0))
            .item("at", number(self.clock.now_ms()))
            .set_condition_expression(condition)
            .send()
            .await;
        match outcome {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                // Done before: the same answer again.
                Some(error) if error.is_conditional_check_failed_exception() => Ok(()),
                _ => Err(Failure::aws("PutItem")(error)),
            },
        }
    }
}

fn refused(order: OrderId) -> bool {
    random::mix(order.0 ^ 0xca4d).is_multiple_of(REFUSED_ONE_IN)
}
