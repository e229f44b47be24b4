//! Putting stock back: one transaction that turns the reservation into a released one and adds its
//! lines to the stock again.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    error::BuildError,
    operation::transact_write_items::TransactWriteItemsError,
    types::{AttributeValue, TransactWriteItem, Update},
};
use securecart_domain::{
    OrderId,
    resources::{RESERVATIONS_TABLE, STOCK_TABLE},
};

use super::{ATTEMPTS, CONFLICT_WAIT, Outcome, Tried, Warehouse, collided, why};
use crate::{
    Failure,
    item::{Item, number, read_string, string},
};

impl Warehouse {
    /// Puts an order's stock back, once. Where none was set aside, none will be.
    pub(in crate::inventory) async fn release(&self, order: OrderId) -> Result<(), Failure> {
        let mut wait = CONFLICT_WAIT;
        for _ in 0..ATTEMPTS {
            if self.try_release(order).await? {
                return Ok(());
            }
            tokio::time::sleep(wait).await;
            wait *= 2;
        }
        Err(collided(order))
    }

    /// `false` where another transaction, or a reservation just now, got in the way.
    async fn try_release(&self, order: OrderId) -> Result<bool, Failure> {
        let Some(reservation) = self.reservation(order).await? else {
            let nothing = AttributeValue::M(HashMap::new());
            return self.write_down(order, "released", nothing).await;
        };
        match Outcome::parse(read_string(&reservation, "outcome")?)? {
            Outcome::Rejected | Outcome::Released => Ok(true),
            Outcome::Reserved => self.put_back(order, &reservation).await,
        }
    }

    async fn put_back(&self, order: OrderId, reservation: &Item) -> Result<bool, Failure> {
        let items = undo(order, reservation, self.clock.now_ms())?;
        let outcome =
            self.dynamodb.transact_write_items().set_transact_items(Some(items)).send().await;
        match outcome {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                    // Another release was faster: the reservation is not as it was.
                    Ok(matches!(why(cancelled.cancellation_reasons()), Tried::Before))
                }
                _ => Err(Failure::aws("TransactWriteItems")(error)),
            },
        }
    }
}

/// The reservation first, then an increment for each of its lines.
fn undo(
    order: OrderId,
    reservation: &Item,
    now_ms: u64,
) -> Result<Vec<TransactWriteItem>, Failure> {
    let built = |error: BuildError| Failure::broken("TransactWriteItems", error.to_string());
    let lines = reservation.get("lines").and_then(|lines| lines.as_m().ok());
    let lines = lines.ok_or_else(|| Failure::broken("dynamodb", "a reservation has no lines"))?;
    let released = Update::builder()
        .table_name(RESERVATIONS_TABLE)
        .key("order_id", string(order))
        .update_expression("SET outcome = :released, released_at = :now")
        .condition_expression("outcome = :reserved")
        .expression_attribute_values(":released", string("released"))
        .expression_attribute_values(":reserved", string("reserved"))
        .expression_attribute_values(":now", number(now_ms))
        .build()
        .map_err(built)?;
    let mut items = vec![TransactWriteItem::builder().update(released).build()];
    for (product, quantity) in lines {
        let returned = Update::builder()
            .table_name(STOCK_TABLE)
            .key("product_id", string(product))
            .update_expression("SET available = available + :quantity")
            .expression_attribute_values(":quantity", quantity.clone())
            .build()
            .map_err(built)?;
        items.push(TransactWriteItem::builder().update(returned).build());
    }
    Ok(items)
}
