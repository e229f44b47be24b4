//! Takes SecureCart's resources away again: from an emulator that goes on after the run, and what an
//! earlier run that was killed has left on it.
//!
//! Invariants: only what carries the names of `securecart_domain::resources` is touched; what is not
//! there is no error.

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use securecart_domain::resources::{
    BUS, NOTIFICATIONS_TOPIC, NOTIFY_RULE, ORDER_EVENTS_RULE, QUEUES, STOCK_RULE,
    STOREFRONT_BUCKET, TABLES, dead_letter_queue,
};

use crate::{Clients, Error, storefront};

/// Calls that are under way at once.
const CALLS_IN_FLIGHT: usize = 8;

/// Error codes that say that a resource is not there.
const MISSING: [&str; 6] = [
    "ResourceNotFoundException",
    "QueueDoesNotExist",
    "AWS.SimpleQueueService.NonExistentQueue",
    "NotFound",
    "NotFoundException",
    "TableNotFoundException",
];

/// Removes everything of SecureCart's that is there, and says how many things that were.
///
/// # Errors
/// When the AWS API refuses a call or can't be reached; what was removed is gone.
pub async fn remove(clients: &Clients) -> Result<usize, Error> {
    let mut removed = bus(clients).await? + topic(clients).await?;
    // Collected first: a closure that borrows would keep the future from being sent to a thread.
    let mut queues = Vec::new();
    for name in QUEUES {
        queues.push(queue(clients, name.to_owned()));
        queues.push(queue(clients, dead_letter_queue(name)));
    }
    removed += all(queues).await?;
    removed += all(TABLES.map(|table| Box::pin(self::table(clients, table.name)))).await?;
    removed += usize::from(bucket(clients).await?);
    Ok(removed)
}

/// How many of `removals` removed something.
async fn all(
    removals: impl IntoIterator<Item = impl Future<Output = Result<bool, Error>>>,
) -> Result<usize, Error> {
    stream::iter(removals)
        .buffer_unordered(CALLS_IN_FLIGHT)
        .try_fold(0, |count, removed| async move { Ok(count + usize::from(removed)) })
        .await
}

/// Whether a call did something; `false` when what it is about is not there.
fn done<T, E, R>(context: &str, outcome: Result<T, SdkError<E, R>>) -> Result<Option<T>, Error>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    match outcome {
        Ok(done) => Ok(Some(done)),
        Err(error) if error.code().is_some_and(|code| MISSING.contains(&code)) => Ok(None),
        Err(error) => Err(Error::call(context, error)),
    }
}

async fn queue(clients: &Clients, name: String) -> Result<bool, Error> {
    let context = format!("remove queue `{name}`");
    let found = done(&context, clients.sqs.get_queue_url().queue_name(name).send().await)?;
    let Some(url) = found.and_then(|found| found.queue_url) else { return Ok(false) };
    let deleted = clients.sqs.delete_queue().queue_url(url).send().await;
    Ok(done(&context, deleted)?.is_some())
}

async fn table(clients: &Clients, name: &str) -> Result<bool, Error> {
    let deleted = clients.dynamodb.delete_table().table_name(name).send().await;
    Ok(done(&format!("remove table `{name}`"), deleted)?.is_some())
}

/// The bucket goes once it is empty.
async fn bucket(clients: &Clients) -> Result<bool, Error> {
    if !storefront::empty(clients).await? {
        return Ok(false);
    }
    let deleted = clients.s3.delete_bucket().bucket(STOREFRONT_BUCKET).send().await;
    let context = format!("remove bucket `{STOREFRONT_BUCKET}`");
    deleted.map_err(|error| Error::call(context, error))?;
    Ok(true)
}

/// The topic goes with its subscriptions.
async fn topic(clients: &Clients) -> Result<usize, Error> {
    let context = format!("remove topic `{NOTIFICATIONS_TOPIC}`");
    let topics = clients.sns.list_topics().into_paginator().items().send().try_collect().await;
    let topics: Vec<_> = topics.map_err(|error| Error::call(&context, error))?;
    let arns = topics.into_iter().filter_map(|topic| topic.topic_arn);
    let ours = |arn: &String| arn.rsplit(':').next() == Some(NOTIFICATIONS_TOPIC);
    let mut removed = 0;
    for arn in arns.filter(ours) {
        let deleted = clients.sns.delete_topic().topic_arn(arn).send().await;
        removed += usize::from(done(&context, deleted)?.is_some());
    }
    Ok(removed)
}

/// The bus goes once it has no rules, and a rule once it has no targets.
async fn bus(clients: &Clients) -> Result<usize, Error> {
    let events = &clients.eventbridge;
    let mut removed = 0;
    for rule in [STOCK_RULE, ORDER_EVENTS_RULE, NOTIFY_RULE] {
        let context = format!("remove rule `{rule}`");
        let targets = events.list_targets_by_rule().rule(rule).event_bus_name(BUS).send().await;
        let Some(targets) = done(&context, targets)?.and_then(|found| found.targets) else {
            continue;
        };
        let ids: Vec<String> = targets.into_iter().map(|target| target.id).collect();
        if !ids.is_empty() {
            let gone = events.remove_targets().rule(rule).event_bus_name(BUS).set_ids(Some(ids));
            done(&context, gone.send().await)?;
        }
        let deleted = events.delete_rule().name(rule).event_bus_name(BUS).send().await;
        removed += usize::from(done(&context, deleted)?.is_some());
    }
    let context = format!("remove event bus `{BUS}`");
    // Deleting a bus that is not there succeeds on AWS, so it is looked for first.
    let found = done(&context, events.describe_event_bus().name(BUS).send().await)?;
    if found.is_some() {
        done(&context, events.delete_event_bus().name(BUS).send().await)?;
        removed += 1;
    }
    Ok(removed)
}
