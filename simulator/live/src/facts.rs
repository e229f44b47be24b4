//! Reads what the audit needs: rows of the database, tables through the SDK, and what is still in queues.

mod items;
mod letters;
mod rows;

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use securecart_analysis::Facts;
use securecart_cloud::{Clients, Role};
use securecart_domain::{
    OrderId,
    resources::{NOTIFICATIONS_TABLE, QUEUES, RESERVATIONS_TABLE, STOCK_TABLE, dead_letter_queue},
};
use securecart_traffic::Outcome;
use tokio::time::{Duration, Instant};

use crate::{Error, run::Stage};

/// Longest time that a message which failed stays out of sight before it comes again: the longest
/// backoff of a worker, and a second for the look.
const RETURN_MAX: Duration = Duration::from_secs(31);

/// How often the queues are looked at meanwhile.
const LOOK_EVERY: Duration = Duration::from_millis(100);

type Item = HashMap<String, AttributeValue>;

/// What shoppers were promised, and what they never learnt.
#[derive(Debug)]
pub(crate) struct Offered {
    pub(crate) accepted: Vec<OrderId>,
    pub(crate) unresolved: Vec<OrderId>,
}

impl From<Outcome> for Offered {
    fn from(outcome: Outcome) -> Self {
        let unresolved = outcome.unresolved.iter();
        Self {
            accepted: outcome.accepted.iter().map(|accepted| accepted.order).collect(),
            unresolved: unresolved
                .map(|checkout| OrderId::for_idempotency_key(&checkout.key))
                .collect(),
        }
    }
}

/// Reads everything. Nothing may be at work on the tables and queues any more.
pub(crate) async fn collect(stage: &Stage, offered: &Offered) -> Result<Facts, Error> {
    let clients = stage.cloud.clients(Role::Harness);
    let mut facts = Facts {
        accepted: offered.accepted.clone(),
        unresolved: offered.unresolved.clone(),
        ..Facts::default()
    };
    rows::collect(&stage.data, &mut facts).await?;
    for item in scan(&clients, RESERVATIONS_TABLE).await? {
        facts.reservations.push(items::reservation(&item)?);
    }
    for item in scan(&clients, STOCK_TABLE).await? {
        facts.stock.push(items::stock(&item)?);
    }
    for item in scan(&clients, NOTIFICATIONS_TABLE).await? {
        facts.notifications.push(items::notification(&item)?);
    }
    facts.queued = queued(stage, &clients).await?;
    for queue in QUEUES {
        let url = stage.resources.queue_url(&dead_letter_queue(queue));
        facts.dead_lettered.extend(letters::orders(&clients, &url).await?);
    }
    Ok(facts)
}

async fn scan(clients: &Clients, table: &str) -> Result<Vec<Item>, Error> {
    clients
        .dynamodb
        .scan()
        .table_name(table)
        .consistent_read(true)
        .into_paginator()
        .items()
        .send()
        .try_collect()
        .await
        .map_err(|error| Error::facts(format!("Scan of `{table}`: {error}")))
}

/// Orders that messages in the queues are about. Messages that failed and come again later are
/// waited for; the dead-letter queues are not among these.
async fn queued(stage: &Stage, clients: &Clients) -> Result<Vec<OrderId>, Error> {
    let mut orders = Vec::new();
    let give_up = Instant::now() + RETURN_MAX;
    loop {
        for queue in QUEUES {
            let url = stage.resources.queue_url(queue);
            orders.extend(letters::orders(clients, &url).await?);
        }
        if stage.cloud.is_drained() || Instant::now() > give_up {
            return Ok(orders);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
