//! Stock and reservations in DynamoDB.
//!
//! Stock is `{ product_id, available, start }`, a reservation `{ order_id, outcome, lines, at }`.

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
    Order,
    cart::PricedLine,
    resources::{RESERVATIONS_TABLE, STOCK_TABLE},
};

use crate::{
    Failure,
    item::{number, read_string, string},
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
        Err(Failure::Dependency {
            dependency: "TransactWriteItems",
            code: "TransactionConflict".to_owned(),
            message: format!("order {} collided or was throttled {ATTEMPTS} times", order.id),
        })
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
        let outcome = self
            .dynamodb
            .put_item()
            .table_name(RESERVATIONS_TABLE)
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .item("order_id", string(order.id))
            .item("outcome", string("rejected"))
            .item("lines", lines(order))
            .item("at", number(self.clock.now_ms()))
            .condition_expression("attribute_not_exists(order_id)")
            .send()
            .await;
        match outcome {
            Ok(_) => Ok(Outcome::Rejected),
            Err(error) => match error.as_service_error() {
                Some(error) if error.is_conditional_check_failed_exception() => {
                    self.outcome(order).await
                }
                _ => Err(Failure::aws("PutItem")(error)),
            },
        }
    }

    async fn outcome(&self, order: &Order) -> Result<Outcome, Failure> {
        let answer = self
            .dynamodb
            .get_item()
            .table_name(RESERVATIONS_TABLE)
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .key("order_id", string(order.id))
            .consistent_read(true)
            .send()
            .await
            .map_err(Failure::aws("GetItem"))?;
        match read_string(&answer.item.unwrap_or_default(), "outcome")? {
            "reserved" => Ok(Outcome::Reserved),
            "rejected" => Ok(Outcome::Rejected),
            other => Err(Failure::broken("dynamodb", format!("`{other}` is no outcome"))),
        }
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
