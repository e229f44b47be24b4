//! Orders in DynamoDB.
//!
//! An item is `{ order_id, customer_id, state, total, lines: { product: quantity }, placed_at,
//! shipped_at? }`. The state moves only along the domain's life cycle, by conditional updates.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    operation::update_item::UpdateItemError,
    types::{AttributeValue, ReturnValuesOnConditionCheckFailure},
};
use securecart_domain::{
    Money, Order, OrderId, OrderState, Timestamp, api::OrderView, resources::ORDERS_TABLE,
};

use crate::{
    Failure,
    item::{Item, number, read_id, read_number, read_string, string},
};

#[derive(Debug, Clone)]
pub(crate) struct Ledger {
    dynamodb: aws_sdk_dynamodb::Client,
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
    pub(crate) fn new(dynamodb: aws_sdk_dynamodb::Client) -> Self {
        Self { dynamodb }
    }

    /// Writes a new order; one that is there already stays as it is.
    pub(crate) async fn insert(&self, order: &Order, state: OrderState) -> Result<(), Failure> {
        let lines: HashMap<String, AttributeValue> = order
            .lines
            .iter()
            .map(|line| (line.product.to_string(), number(line.quantity.into())))
            .collect();
        let outcome = self
            .dynamodb
            .put_item()
            .table_name(ORDERS_TABLE)
            .item("order_id", string(order.id))
            .item("customer_id", string(order.customer))
            .item("state", string(state.as_str()))
            .item("total", number(order.total.0))
            .item("lines", AttributeValue::M(lines))
            .item("placed_at", number(order.placed_at.0))
            .condition_expression("attribute_not_exists(order_id)")
            .send()
            .await;
        match outcome {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(error) if error.is_conditional_check_failed_exception() => Ok(()),
                _ => Err(Failure::aws("PutItem")(error)),
            },
        }
    }

    pub(crate) async fn view(&self, id: OrderId) -> Result<Option<OrderView>, Failure> {
        let answer = self
            .dynamodb
            .get_item()
            .table_name(ORDERS_TABLE)
            .key("order_id", string(id))
            .send()
            .await
            .map_err(Failure::aws("GetItem"))?;
        answer.item.as_ref().map(view).transpose()
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
        let outcome = self
            .dynamodb
            .update_item()
            .table_name(ORDERS_TABLE)
            .key("order_id", string(id))
            .update_expression("SET #state = :to, #at = :now")
            .condition_expression("#state = :from")
            .expression_attribute_names("#state", "state")
            .expression_attribute_names("#at", format!("{}_at", to.as_str()))
            .expression_attribute_values(":from", string(from.as_str()))
            .expression_attribute_values(":to", string(to.as_str()))
            .expression_attribute_values(":now", number(now.0))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match outcome {
            Ok(_) => Ok(Advanced::Now),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                    let item = failed
                        .item()
                        .ok_or_else(|| Failure::not_found(format!("there is no order {id}")))?;
                    state(item).map(Advanced::Already)
                }
                _ => Err(Failure::aws("UpdateItem")(error)),
            },
        }
    }
}

fn view(item: &Item) -> Result<OrderView, Failure> {
    Ok(OrderView {
        order: read_id(item, "order_id")?,
        state: state(item)?,
        total: Money(read_number(item, "total")?),
    })
}

fn state(item: &Item) -> Result<OrderState, Failure> {
    let text = read_string(item, "state")?;
    OrderState::parse(text)
        .ok_or_else(|| Failure::broken("dynamodb", format!("`{text}` is no state of an order")))
}
