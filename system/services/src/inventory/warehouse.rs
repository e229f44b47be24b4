//! Stock and reservations in DynamoDB.
//!
//! Stock is `{ product_id, available, start }`, a reservation `{ order_id, outcome, lines, at }` with
//! outcome `reserved`, `rejected` or `released`.

mod release;

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::{
    error::BuildError,
    operation::transact_write_items::TransactWriteItemsError,
    types::{
        AttributeValue, CancellationReason, Put, ReturnConsumedCapacity, TransactWriteItem, Update,
    },
};
use securecart_clock::Clock;
use securecart_domain::{
    Order, OrderId,
    cart::PricedLine,
    resources::{RESERVATIONS_TABLE, STOCK_TABLE},
};

use crate::{
    Failure,
    item::{Item, number, read_string, string},
};

/// How often a transaction that collides with another is tried before the message goes back.
const ATTEMPTS: u32 = 5;

/// Wait before the second attempt; doubled each time.
const CONFLICT_WAIT: Duration = Duration::from_millis(5);

#[derive(Debug)]
pub(super) struct Warehouse {
    dynamodb: aws_sdk_dynamodb::Client,
    clock: Clock,
}

/// What became of a reservation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Reserved,
    Rejected,
    /// The order was cancelled: its stock is back, or was never set aside.
    Released,
}

impl Outcome {
    fn parse(text: &str) -> Result<Self, Failure> {
        match text {
            "reserved" => Ok(Self::Reserved),
            "rejected" => Ok(Self::Rejected),
            "released" => Ok(Self::Released),
            other => Err(Failure::broken("dynamodb", format!("`{other}` is no outcome"))),
        }
    }
}

/// What became of one attempt.
enum Tried {
    Done,
    /// The order has a reservation already, or a rejection.
    Before,
    /// A line has too little stock.
    Short,
    /// Another transaction is at work on the same items.
    Conflict,
}

impl Warehouse {
    pub(super) fn new(dynamodb: aws_sdk_dynamodb::Client, clock: Clock) -> Self {
        Self { dynamodb, clock }
    }

    /// Sets the order's lines aside; an order that was here before gets the same answer again.
    pub(super) async fn reserve(&self, order: &Order) -> Result<Outcome, Failure> {
        let mut wait = CONFLICT_WAIT;
        for _ in 0..ATTEMPTS {
            match self.attempt(order).await? {
                Tried::Done => return Ok(Outcome::Reserved),
                Tried::Before => return self.outcome(order).await,
                Tried::Short => return self.reject(order).await,
                Tried::Conflict => {
                    tokio::time::sleep(wait).await;
                    wait *= 2;
                }
            }
        }
        Err(collided(order.id))
    }

    async fn attempt(&self, order: &Order) -> Result<Tried, Failure> {
        let items = self
            .transaction(order)
            .map_err(|error| Failure::broken("TransactWriteItems", error.to_string()))?;
        let outcome = self
            .dynamodb
            .transact_write_items()
            .set_transact_items(Some(items))
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .send()
            .await;
        match outcome {
            Ok(_) => Ok(Tried::Done),
            Err(error) => match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                    Ok(why(cancelled.cancellation_reasons()))
                }
                _ => Err(Failure::aws("TransactWriteItems")(error)),
            },
        }
    }

    /// The reservation first, then a decrement for each line.
    fn transaction(&self, order: &Order) -> Result<Vec<TransactWriteItem>, BuildError> {
        let reservation = Put::builder()
            .table_name(RESERVATIONS_TABLE)
            .item("order_id", string(order.id))
            .item("outcome", string("reserved"))
            .item("lines", lines(order))
            .item("at", number(self.clock.now_ms()))
            .condition_expression("attribute_not_exists(order_id)")
            .build()?;
        let mut items = vec![TransactWriteItem::builder().put(reservation).build()];
        for line in &order.lines {
            items.push(TransactWriteItem::builder().update(decrement(line)?).build());
        }
        Ok(items)
    }

    /// Writes down that the stock did not suffice, unless another attempt was faster.
    async fn reject(&self, order: &Order) -> Result<Outcome, Failure> {
        if self.write_down(order.id, "rejected", lines(order)).await? {
            Ok(Outcome::Rejected)
        } else {
            self.outcome(order).await
        }
    }

    /// Writes down what became of an order's reservation; `false` where that stands already.
    async fn write_down(
        &self,
        order: OrderId,
        outcome: &str,
        lines: AttributeValue,
    ) -> Result<bool, Failure> {
        let outcome = self
            .dynamodb
            .put_item()
            .table_name(RESERVATIONS_TABLE)
            .item("order_id", string(order))
            .item("outcome", string(outcome))
            .item("lines", lines)
            .item("at", number(self.clock.now_ms()))
            .condition_expression("attribute_not_exists(order_id)")
            .send()
            .await;
        match outcome {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(error) if error.is_conditional_check_failed_exception() => Ok(false),
                _ => Err(Failure::aws("PutItem")(error)),
            },
        }
    }

    async fn outcome(&self, order: &Order) -> Result<Outcome, Failure> {
        let reservation = self.reservation(order.id).await?.unwrap_or_default();
        Outcome::parse(read_string(&reservation, "outcome")?)
    }

    async fn reservation(&self, order: OrderId) -> Result<Option<Item>, Failure> {
        let answer = self
            .dynamodb
            .get_item()
            .table_name(RESERVATIONS_TABLE)
            .key("order_id", string(order))
            .consistent_read(true)
            .send()
            .await
            .map_err(Failure::aws("GetItem"))?;
        Ok(answer.item)
    }
}

fn collided(order: OrderId) -> Failure {
    Failure::Dependency {
        dependency: "TransactWriteItems",
        code: "TransactionConflict".to_owned(),
        message: format!("order {order} collided or was throttled {ATTEMPTS} times"),
    }
}

fn decrement(line: &PricedLine) -> Result<Update, BuildError> {
    Update::builder()
        .table_name(STOCK_TABLE)
        .key("product_id", string(line.product))
        .update_expression("SET available = available - :quantity")
        .condition_expression("available >= :quantity")
        .expression_attribute_values(":quantity", number(line.quantity.into()))
        .build()
}

fn lines(order: &Order) -> AttributeValue {
    let quantities = order
        .lines
        .iter()
        .map(|line| (line.product.to_string(), number(line.quantity.into())))
        .collect::<HashMap<_, _>>();
    AttributeValue::M(quantities)
}

/// The reasons stand in the order of the transaction's items: the reservation is the first.
fn why(reasons: &[CancellationReason]) -> Tried {
    let failed = |reason: &CancellationReason| reason.code() == Some("ConditionalCheckFailed");
    if reasons.first().is_some_and(failed) {
        Tried::Before
    } else if reasons.iter().any(failed) {
        Tried::Short
    } else {
        Tried::Conflict
    }
}
