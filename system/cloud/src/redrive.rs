//! Redrive: dead letters go back to the queues they came from.
//!
//! ```text
//! orders ─ received too often ─▶ orders-dlq ─ StartMessageMoveTask ─▶ orders, as new messages
//! ```
//!
//! Invariants: only calls of the AWS API, so it works on every backend; SQS moves the messages, and
//! goes on doing so when the caller is gone; waiting for it is bounded. A moved message is a new one:
//! its receive count starts anew (SQS guide, "dead-letter queue redrive").
//!
//! Deliberately absent: another destination than where a message came from. One that never was in a
//! queue before (sent to the dead-letter queue by hand, by SNS or by EventBridge) has none.

use std::{collections::BTreeMap, time::Duration};

use aws_sdk_sqs::types::{ListMessageMoveTasksResultEntry, QueueAttributeName};
use serde_json::Value;
use tokio::time::Instant;

use crate::{Clients, Error, ErrorKind};

/// Time between two looks at a task.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// How long a task may move nothing before nobody waits for it any more.
const STALL_MAX: Duration = Duration::from_secs(60);

/// A dead-letter queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetters {
    /// Its name.
    pub dead_letter_queue: String,
    /// The queues whose messages go there, by name.
    pub sources: Vec<String>,
    /// Messages that can be received or moved.
    pub visible: u64,
    /// Messages that somebody is looking at: a move leaves them.
    pub in_flight: u64,
    arn: String,
}

/// How a redrive went, so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redrive {
    /// What its task does.
    pub status: MoveStatus,
    /// Messages moved.
    pub moved: u64,
    /// Messages that were there to be moved at the start.
    pub to_move: u64,
    /// Why it failed.
    pub failure: Option<String>,
}

/// What a move task does, in SQS's terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoveStatus {
    /// It moves messages.
    Running,
    /// It was told to stop.
    Cancelling,
    /// Nothing is left to move.
    Completed,
    /// It was stopped.
    Cancelled,
    /// It can't go on.
    Failed,
}

impl MoveStatus {
    /// Its name in lower case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Cancelling => "cancelling",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }

    /// Whether it is over.
    #[must_use]
    pub const fn has_ended(self) -> bool {
        matches!(self, Self::Completed | Self::Cancelled | Self::Failed)
    }

    fn parse(status: &str) -> Option<Self> {
        [Self::Running, Self::Cancelling, Self::Completed, Self::Cancelled, Self::Failed]
            .into_iter()
            .find(|known| known.as_str().eq_ignore_ascii_case(status))
    }
}

/// Every dead-letter queue that a queue names, with what is in it, by name.
///
/// # Errors
/// When the AWS API refuses a call or can't be reached.
pub async fn dead_letters(clients: &Clients) -> Result<Vec<DeadLetters>, Error> {
    let mut queues = BTreeMap::new();
    let mut sources: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for url in queue_urls(clients).await? {
        let queue = queue(clients, &url).await?;
        if let Some(target) = &queue.dead_letters_go_to {
            sources.entry(target.clone()).or_default().push(queue.name.clone());
        }
        queues.insert(queue.arn.clone(), queue);
    }
    // A policy may name a queue that has been deleted since.
    let found = sources.into_iter().filter_map(|(arn, sources)| {
        let Queue { name, visible, in_flight, .. } = queues.remove(&arn)?;
        Some(DeadLetters { dead_letter_queue: name, sources, visible, in_flight, arn })
    });
    Ok(found.collect())
}

/// Moves the dead letters of `queue` back and waits for the end: completed or failed.
///
/// # Errors
/// When there is no such queue or it has no dead-letter queue, when the AWS API refuses a call or
/// can't be reached, or when nothing moves for a minute.
pub async fn redrive(clients: &Clients, queue: &str) -> Result<Redrive, Error> {
    let all = dead_letters(clients).await?;
    let letters = all.iter().find(|letters| letters.sources.iter().any(|source| source == queue));
    let letters = letters.ok_or_else(|| Error {
        kind: ErrorKind::NoDeadLetters,
        context: format!("redrive queue `{queue}`"),
    })?;
    MoveTask::start(clients, letters, None).await?.finish(|_| {}).await
}

/// A move task that was started here.
#[derive(Debug)]
pub struct MoveTask {
    sqs: aws_sdk_sqs::Client,
    dead_letter_queue: String,
    arn: String,
    handle: String,
}

impl MoveTask {
    /// Starts moving the messages of `letters` to where they came from, at most `rate` a second (1
    /// to 500; without it as fast as SQS can).
    ///
    /// # Errors
    /// When the AWS API refuses, such as while another task empties the same queue, or can't be
    /// reached.
    pub async fn start(
        clients: &Clients,
        letters: &DeadLetters,
        rate: Option<u16>,
    ) -> Result<Self, Error> {
        let context = format!("redrive `{}`", letters.dead_letter_queue);
        let started = clients
            .sqs
            .start_message_move_task()
            .source_arn(&letters.arn)
            .set_max_number_of_messages_per_second(rate.map(i32::from))
            .send()
            .await
            .map_err(|error| Error::call(&context, error))?;
        let handle = started.task_handle;
        Ok(Self {
            sqs: clients.sqs.clone(),
            dead_letter_queue: letters.dead_letter_queue.clone(),
            arn: letters.arn.clone(),
            handle: handle.ok_or(Error { kind: ErrorKind::Missing("TaskHandle"), context })?,
        })
    }

    /// How it goes.
    ///
    /// # Errors
    /// When the AWS API refuses the call or can't be reached.
    pub async fn look(&self) -> Result<Redrive, Error> {
        let context = format!("look at the redrive of `{}`", self.dead_letter_queue);
        let listed = self.sqs.list_message_move_tasks().source_arn(&self.arn).max_results(1);
        let listed = listed.send().await.map_err(|error| Error::call(&context, error))?;
        // The newest, which is the one started last: a queue has only one that runs.
        let latest = listed.results.unwrap_or_default().into_iter().next().and_then(seen);
        latest.ok_or(Error { kind: ErrorKind::Missing("task"), context })
    }

    /// Waits for its end; `watch` sees every look at it.
    ///
    /// # Errors
    /// When the AWS API refuses a call or can't be reached, or when nothing moves for a minute.
    pub async fn finish(&self, mut watch: impl FnMut(&Redrive)) -> Result<Redrive, Error> {
        let mut moved = 0;
        let mut moved_at = Instant::now();
        loop {
            let seen = self.look().await?;
            watch(&seen);
            if seen.status.has_ended() {
                return Ok(seen);
            }
            if seen.moved != moved {
                (moved, moved_at) = (seen.moved, Instant::now());
            }
            if moved_at.elapsed() >= STALL_MAX {
                let context = format!("redrive `{}`", self.dead_letter_queue);
                return Err(Error { kind: ErrorKind::Stalled { moved }, context });
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Tells it to stop. What it has moved stays moved.
    ///
    /// # Errors
    /// When it has ended already, or the AWS API can't be reached.
    pub async fn cancel(&self) -> Result<(), Error> {
        let cancelled = self.sqs.cancel_message_move_task().task_handle(&self.handle).send().await;
        let context = || format!("stop the redrive of `{}`", self.dead_letter_queue);
        cancelled.map(|_| ()).map_err(|error| Error::call(context(), error))
    }
}

fn seen(task: ListMessageMoveTasksResultEntry) -> Option<Redrive> {
    let count = |count: i64| u64::try_from(count).unwrap_or(0);
    Some(Redrive {
        status: MoveStatus::parse(&task.status?)?,
        moved: count(task.approximate_number_of_messages_moved),
        to_move: count(task.approximate_number_of_messages_to_move.unwrap_or(0)),
        failure: task.failure_reason,
    })
}

async fn queue_urls(clients: &Clients) -> Result<Vec<String>, Error> {
    let mut urls = Vec::new();
    // Without a number of results AWS gives no token either, and ends at 1,000.
    let mut pages = clients.sqs.list_queues().max_results(1_000).into_paginator().items().send();
    while let Some(url) = pages.next().await {
        urls.push(url.map_err(|error| Error::call("list the queues", error))?);
    }
    Ok(urls)
}

/// A queue, as far as it matters here.
struct Queue {
    name: String,
    arn: String,
    visible: u64,
    in_flight: u64,
    /// ARN of its dead-letter queue.
    dead_letters_go_to: Option<String>,
}

async fn queue(clients: &Clients, url: &str) -> Result<Queue, Error> {
    use QueueAttributeName as Name;
    let name = url.rsplit('/').next().unwrap_or(url).to_owned();
    let context = format!("read the attributes of queue `{name}`");
    let answer = clients
        .sqs
        .get_queue_attributes()
        .queue_url(url)
        .attribute_names(Name::QueueArn)
        .attribute_names(Name::RedrivePolicy)
        .attribute_names(Name::ApproximateNumberOfMessages)
        .attribute_names(Name::ApproximateNumberOfMessagesNotVisible)
        .send()
        .await
        .map_err(|error| Error::call(&context, error))?;
    let mut attributes = answer.attributes.unwrap_or_default();
    let number = |text: Option<&String>| text.and_then(|text| text.parse().ok()).unwrap_or(0);
    let policy: Option<Value> =
        attributes.get(&Name::RedrivePolicy).and_then(|text| serde_json::from_str(text).ok());
    let arn = attributes.remove(&Name::QueueArn);
    Ok(Queue {
        name,
        visible: number(attributes.get(&Name::ApproximateNumberOfMessages)),
        in_flight: number(attributes.get(&Name::ApproximateNumberOfMessagesNotVisible)),
        dead_letters_go_to: policy
            .and_then(|policy| Some(policy.get("deadLetterTargetArn")?.as_str()?.to_owned())),
        arn: arn.ok_or(Error { kind: ErrorKind::Missing("QueueArn"), context })?,
    })
}
