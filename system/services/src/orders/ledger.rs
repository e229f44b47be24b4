//! Orders in DynamoDB.
//!
//! An item is `{ order_id, customer_id, state, total, lines: { product: quantity }, unit_prices:
//! { product: cents }, placed_at, shipped_at? }`. What was ordered never changes once it is written;
//! the state moves only along the domain's life cycle, by conditional updates.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::{
    operation::{put_item::PutItemError, update_item::UpdateItemError},
    types::{AttributeValue, ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure},
};
use securecart_domain::{
    Money, Order, OrderId, OrderState, ProductId, Timestamp, api::OrderView, cart::PricedLine,
    resources::ORDERS_TABLE,
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

    /// Writes a new order and gives it back; one that is there already stays as it is, and is what
    /// the caller gets.
    pub(crate) async fn insert(&self, order: Order, state: OrderState) -> Result<Order, Failure> {
        let outcome = self
            .dynamodb
            .put_item()
            .table_name(ORDERS_TABLE)
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .item("order_id", string(order.id))
            .item("customer_id", string(order.customer))
            .item("state", string(state.as_str()))
            .item("total", number(order.total.0))
            .item("lines", by_product(&order, |line| line.quantity.into()))
            .item("unit_prices", by_product(&order, |line| line.unit_price.0))
            .item("placed_at", number(order.placed_at.0))
            .condition_expression("attribute_not_exists(order_id)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match outcome {
            Ok(_) => Ok(order),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                    read(failed.item().unwrap_or(&Item::new()))
                }
                _ => Err(Failure::aws("PutItem")(error)),
            },
        }
    }

    /// The order as it was written down.
    pub(crate) async fn find(&self, id: OrderId) -> Result<Option<Order>, Failure> {
        self.item(id, true).await?.as_ref().map(read).transpose()
    }

    pub(crate) async fn view(&self, id: OrderId) -> Result<Option<OrderView>, Failure> {
        self.item(id, false).await?.as_ref().map(view).transpose()
    }

    async fn item(&self, id: OrderId, consistent: bool) -> Result<Option<Item>, Failure> {
        let answer = self
            .dynamodb
            .get_item()
            .table_name(ORDERS_TABLE)
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .key("order_id", string(id))
            .consistent_read(consistent)
            .send()
            .await
            .map_err(Failure::aws("GetItem"))?;
        Ok(answer.item)
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
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
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

/// `of` each line, by product.
fn by_product(order: &Order, of: impl Fn(&PricedLine) -> u64) -> AttributeValue {
    let by_product: HashMap<String, AttributeValue> =
        order.lines.iter().map(|line| (line.product.to_string(), number(of(line)))).collect();
    AttributeValue::M(by_product)
}

fn read(item: &Item) -> Result<Order, Failure> {
    let quantities = read_by_product(item, "lines")?;
    let unit_prices = read_by_product(item, "unit_prices")?;
    let lines = quantities.into_iter().map(|(product, quantity)| {
        let unit_price = Money(*unit_prices.get(&product)?);
        Some(PricedLine { product, quantity: u32::try_from(quantity).ok()?, unit_price })
    });
    Ok(Order {
        id: read_id(item, "order_id")?,
        customer: read_id(item, "customer_id")?,
        lines: lines
            .collect::<Option<_>>()
            .ok_or_else(|| Failure::broken("dynamodb", "an order's lines lack their prices"))?,
        total: Money(read_number(item, "total")?),
        placed_at: Timestamp(read_number(item, "placed_at")?),
    })
}

fn read_by_product(item: &Item, name: &str) -> Result<BTreeMap<ProductId, u64>, Failure> {
    let broken =
        || Failure::broken("dynamodb", format!("an order's `{name}` is not a map of numbers"));
    item.get(name)
        .and_then(|value| value.as_m().ok())
        .ok_or_else(broken)?
        .iter()
        .map(|(product, number)| Some((product.parse().ok()?, number.as_n().ok()?.parse().ok()?)))
        .collect::<Option<_>>()
        .ok_or_else(broken)
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
