//! Damage done on purpose right before the audit, where the services keep what they write, to prove
//! that the audit finds it. A run with sabotage must end in `audit-failed`.

use std::{fmt, str::FromStr};

use aws_sdk_dynamodb::types::AttributeValue;
use securecart_cloud::{Clients, Role};
use securecart_database::{Damage, Orders};
use securecart_domain::{
    Order, OrderId, OrderState,
    resources::{NOTIFICATIONS_TABLE, RESERVATIONS_TABLE, STOCK_TABLE},
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

/// The order that is there once too often.
const TWIN: OrderId = OrderId(0xdead_beef);

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
        let orders = Orders::new(stage.data.harness());
        let victim = shipped(&orders, accepted).await?;
        match self {
            Self::LoseOrder => damage(stage, Damage::LoseOrder(victim)).await,
            Self::DoubleOrder => {
                let found = orders.find(victim).await.map_err(Error::database)?;
                let twin = found.map(|order| Order { id: TWIN, ..order });
                let twin = twin.ok_or_else(|| Error::facts("the order is gone"))?;
                let inserted = orders.insert(twin, OrderState::Shipped).await;
                inserted.map(drop).map_err(Error::database)
            }
            Self::Oversell => take_stock(&clients, &victim.to_string()).await,
            Self::CaptureTwice => damage(stage, Damage::CaptureTwice(victim)).await,
            Self::LoseNotification => {
                let victim = victim.to_string();
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
async fn shipped(orders: &Orders, accepted: &[OrderId]) -> Result<OrderId, Error> {
    for order in accepted {
        let view = orders.view(*order).await.map_err(Error::database)?;
        if view.is_some_and(|view| view.state == OrderState::Shipped) {
            return Ok(*order);
        }
    }
    Err(Error::facts("sabotage needs a shipped order, and there is none"))
}

async fn damage(stage: &Stage, damage: Damage) -> Result<(), Error> {
    match damage.commit(&stage.data.harness()).await.map_err(Error::database)? {
        true => Ok(()),
        false => Err(Error::facts("sabotage finds nothing to damage")),
    }
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
