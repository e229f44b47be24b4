//! Damage done on purpose right before the audit, through the AWS API, to prove that the audit
//! finds it. A run with sabotage must end in `audit-failed`.

use std::{fmt, str::FromStr};

use aws_sdk_dynamodb::types::AttributeValue;
use securecart_cloud::{Clients, Role};
use securecart_domain::{
    OrderId,
    resources::{
        NOTIFICATIONS_TABLE, ORDERS_TABLE, PAYMENTS_TABLE, RESERVATIONS_TABLE, STOCK_TABLE,
    },
};

use crate::{Error, run::Stage};

/// A kind of damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sabotage {
    /// An accepted order vanishes.
    LoseOrder,
    /// A shipped order is written a second time, which needs another id: one checkout, two orders.
    DoubleOrder,
    /// A piece of stock vanishes without an order.
    Oversell,
    /// A shipped order's payment is captured again.
    CaptureTwice,
    /// A notification that was sent is forgotten.
    LoseNotification,
}

/// A name that no sabotage has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no sabotage `{0}`; there are lose-order, double-order, oversell, capture-twice and lose-notification"
)]
pub struct UnknownSabotage(String);

impl Sabotage {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::LoseOrder,
        Self::DoubleOrder,
        Self::Oversell,
        Self::CaptureTwice,
        Self::LoseNotification,
    ];

    /// The name on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LoseOrder => "lose-order",
            Self::DoubleOrder => "double-order",
            Self::Oversell => "oversell",
            Self::CaptureTwice => "capture-twice",
            Self::LoseNotification => "lose-notification",
        }
    }

    /// Does the damage to the first of the `accepted` orders that is fit for it.
    pub(crate) async fn commit(self, stage: &Stage, accepted: &[OrderId]) -> Result<(), Error> {
        let clients = stage.cloud.clients(Role::Harness);
        let victim = shipped(&clients, accepted).await?;
        match self {
            Self::LoseOrder => delete(&clients, ORDERS_TABLE, &[("order_id", &victim)]).await,
            Self::DoubleOrder => {
                let mut item = get(&clients, ORDERS_TABLE, &[("order_id", &victim)]).await?;
                item.insert("order_id".to_owned(), string("o-00000000deadbeef"));
                put(&clients, ORDERS_TABLE, item).await
            }
            Self::Oversell => take_stock(&clients, &victim).await,
            Self::CaptureTwice => {
                let key = [("order_id", victim.as_str()), ("entry", "captured")];
                let mut item = get(&clients, PAYMENTS_TABLE, &key).await?;
                item.insert("entry".to_owned(), string("captured#again"));
                put(&clients, PAYMENTS_TABLE, item).await
            }
            Self::LoseNotification => {
                let key = [("order_id", victim.as_str()), ("notice", "OrderShipped#email")];
                delete(&clients, NOTIFICATIONS_TABLE, &key).await
            }
        }
    }
}

impl fmt::Display for Sabotage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Sabotage {
    type Err = UnknownSabotage;

    fn from_str(text: &str) -> Result<Self, UnknownSabotage> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| UnknownSabotage(text.to_owned()))
    }
}

type Item = std::collections::HashMap<String, AttributeValue>;

fn string(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn key(pairs: &[(&str, &str)]) -> Item {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), string(value))).collect()
}

/// The first accepted order that has shipped.
async fn shipped(clients: &Clients, accepted: &[OrderId]) -> Result<String, Error> {
    for order in accepted {
        let order = order.to_string();
        let item = get(clients, ORDERS_TABLE, &[("order_id", &order)]).await?;
        if item.get("state").and_then(|state| state.as_s().ok()).is_some_and(|s| s == "shipped") {
            return Ok(order);
        }
    }
    Err(Error::facts("sabotage needs a shipped order, and there is none"))
}

async fn get(clients: &Clients, table: &str, pairs: &[(&str, &str)]) -> Result<Item, Error> {
    let answer = clients
        .dynamodb
        .get_item()
        .table_name(table)
        .set_key(Some(key(pairs)))
        .send()
        .await
        .map_err(|error| Error::facts(format!("GetItem on `{table}`: {error}")))?;
    Ok(answer.item.unwrap_or_default())
}

async fn put(clients: &Clients, table: &str, item: Item) -> Result<(), Error> {
    clients
        .dynamodb
        .put_item()
        .table_name(table)
        .set_item(Some(item))
        .send()
        .await
        .map(drop)
        .map_err(|error| Error::facts(format!("PutItem on `{table}`: {error}")))
}

async fn delete(clients: &Clients, table: &str, pairs: &[(&str, &str)]) -> Result<(), Error> {
    clients
        .dynamodb
        .delete_item()
        .table_name(table)
        .set_key(Some(key(pairs)))
        .send()
        .await
        .map(drop)
        .map_err(|error| Error::facts(format!("DeleteItem on `{table}`: {error}")))
}

/// Takes one more piece of the first product of the victim's reservation.
async fn take_stock(clients: &Clients, victim: &str) -> Result<(), Error> {
    let reservation = get(clients, RESERVATIONS_TABLE, &[("order_id", victim)]).await?;
    let product = reservation
        .get("lines")
        .and_then(|lines| lines.as_m().ok())
        .and_then(|lines| lines.keys().next())
        .ok_or_else(|| Error::facts(format!("the reservation of {victim} has no lines")))?;
    clients
        .dynamodb
        .update_item()
        .table_name(STOCK_TABLE)
        .set_key(Some(key(&[("product_id", product)])))
        .update_expression("ADD available :less")
        .expression_attribute_values(":less", AttributeValue::N("-1".to_owned()))
        .send()
        .await
        .map(drop)
        .map_err(|error| Error::facts(format!("UpdateItem on `{STOCK_TABLE}`: {error}")))
}
