//! Carts in DynamoDB.
//!
//! An item is `{ cart_id, customer_id, lines: { product: quantity }, version, expires_at }`. A cart is
//! changed by one conditional update, so two tabs of one shopper never lose a line. Each change makes
//! the version one greater, so what was bought is emptied once and nothing else is.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    operation::update_item::UpdateItemError,
    types::{AttributeValue, ReturnConsumedCapacity, ReturnValue},
};
use securecart_clock::Clock;
use securecart_domain::{
    Cart, CartId, CartLine,
    api::AddItem,
    cart::{MAX_LINES, MAX_QUANTITY},
    resources::CARTS_TABLE,
};

use crate::{
    Failure,
    item::{Item, number, read_id, read_number, string},
};

/// How long an untouched cart lives: a day.
const LIFE_S: u64 = 24 * 3_600;

/// An addition that races with the cart's creation or expiry is tried this often.
const ATTEMPTS: u32 = 3;

const EXISTS_WITH_ROOM: &str = "attribute_exists(cart_id) \
     AND (attribute_exists(#lines.#product) OR size(#lines) < :most_lines) \
     AND (attribute_not_exists(#lines.#product) OR #lines.#product <= :room)";

const ADD: &str = "SET #lines.#product = if_not_exists(#lines.#product, :none) + :quantity, \
     #version = #version + :one, expires_at = :expires_at";

const EMPTY: &str = "SET #lines = :nothing, #version = #version + :one";

const AS_BOUGHT: &str = "#version = :bought";

#[derive(Debug)]
pub(super) struct Table {
    dynamodb: aws_sdk_dynamodb::Client,
    clock: Clock,
}

/// What an addition came to.
pub(super) enum Added {
    Cart(Cart),
    Full,
}

impl Table {
    pub(super) fn new(dynamodb: aws_sdk_dynamodb::Client, clock: Clock) -> Self {
        Self { dynamodb, clock }
    }

    /// The cart and its version.
    pub(super) async fn get(&self, cart: CartId) -> Result<Option<(Cart, u64)>, Failure> {
        let answer = self
            .dynamodb
            .get_item()
            .table_name(CARTS_TABLE)
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .key("cart_id", string(cart))
            .send()
            .await
            .map_err(Failure::aws("GetItem"))?;
        let read = |item: &Item| Ok((read(item)?, read_number(item, "version")?));
        answer.item.as_ref().map(read).transpose()
    }

    /// Empties the cart, unless it is no longer at `version`: then it holds what was not bought, or
    /// was emptied before.
    pub(super) async fn empty(&self, cart: CartId, version: u64) -> Result<(), Failure> {
        let outcome = self
            .dynamodb
            .update_item()
            .table_name(CARTS_TABLE)
            .key("cart_id", string(cart))
            .update_expression(EMPTY)
            .condition_expression(AS_BOUGHT)
            .expression_attribute_names("#lines", "lines")
            .expression_attribute_names("#version", "version")
            .expression_attribute_values(":nothing", AttributeValue::M(HashMap::new()))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":bought", number(version))
            .send()
            .await;
        match outcome {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(()),
                _ => Err(Failure::aws("UpdateItem")(error)),
            },
        }
    }

    /// Adds to the cart, which is created where there is none.
    pub(super) async fn add(&self, cart: CartId, item: AddItem) -> Result<Added, Failure> {
        for _ in 0..ATTEMPTS {
            match self.update(cart, item).await? {
                Updated::Cart(cart) => return Ok(Added::Cart(cart)),
                Updated::Full => return Ok(Added::Full),
                Updated::Missing => {
                    if let Some(cart) = self.create(cart, item).await? {
                        return Ok(Added::Cart(cart));
                    }
                }
            }
        }
        Err(Failure::broken("UpdateItem", format!("cart {cart} comes and goes")))
    }

    async fn update(&self, cart: CartId, item: AddItem) -> Result<Updated, Failure> {
        let outcome = self
            .dynamodb
            .update_item()
            .table_name(CARTS_TABLE)
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .key("cart_id", string(cart))
            .update_expression(ADD)
            .condition_expression(EXISTS_WITH_ROOM)
            .expression_attribute_names("#lines", "lines")
            .expression_attribute_names("#product", item.product.to_string())
            .expression_attribute_names("#version", "version")
            .expression_attribute_values(":none", number(0))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":quantity", number(item.quantity.into()))
            .expression_attribute_values(":most_lines", number(MAX_LINES as u64))
            .expression_attribute_values(":room", number((MAX_QUANTITY - item.quantity).into()))
            .expression_attribute_values(":expires_at", number(self.expires_at()))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(
                aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure::AllOld,
            )
            .send()
            .await;
        match outcome {
            Ok(answer) => Ok(Updated::Cart(read(&answer.attributes.unwrap_or_default())?)),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                    Ok(if failed.item.is_some() { Updated::Full } else { Updated::Missing })
                }
                _ => Err(Failure::aws("UpdateItem")(error)),
            },
        }
    }

    /// A new cart with one line; `None` when another request was faster.
    async fn create(&self, cart: CartId, item: AddItem) -> Result<Option<Cart>, Failure> {
        let line = (item.product.to_string(), number(item.quantity.into()));
        let outcome = self
            .dynamodb
            .put_item()
            .table_name(CARTS_TABLE)
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .item("cart_id", string(cart))
            .item("customer_id", string(item.customer))
            .item("lines", AttributeValue::M(HashMap::from([line])))
            .item("version", number(1))
            .item("expires_at", number(self.expires_at()))
            .condition_expression("attribute_not_exists(cart_id)")
            .send()
            .await;
        match outcome {
            Ok(_) => {
                let line = CartLine { product: item.product, quantity: item.quantity };
                Ok(Some(Cart { id: cart, customer: item.customer, lines: vec![line] }))
            }
            Err(error) => match error.as_service_error() {
                Some(error) if error.is_conditional_check_failed_exception() => Ok(None),
                _ => Err(Failure::aws("PutItem")(error)),
            },
        }
    }

    fn expires_at(&self) -> u64 {
        self.clock.now_ms() / 1_000 + LIFE_S
    }
}

enum Updated {
    Cart(Cart),
    Full,
    Missing,
}

fn read(item: &Item) -> Result<Cart, Failure> {
    let broken = || Failure::broken("dynamodb", "a cart's `lines` are not a map of numbers");
    let lines = item.get("lines").and_then(|value| value.as_m().ok()).ok_or_else(broken)?;
    let mut read = lines
        .iter()
        .map(|(product, quantity)| {
            Some(CartLine {
                product: product.parse().ok()?,
                quantity: quantity.as_n().ok()?.parse().ok()?,
            })
        })
        .collect::<Option<Vec<CartLine>>>()
        .ok_or_else(broken)?;
    // The SDK hands maps over in no order.
    read.sort_unstable_by_key(|line| line.product);
    Ok(Cart { id: read_id(item, "cart_id")?, customer: read_id(item, "customer_id")?, lines: read })
}
