//! Dead-letter queues: when messages move, what they keep.

use super::support::{Queue, body_of, system};
use crate::{
    Case, Checked,
    case::case,
    check::{Answered as _, holds, same},
    context::Context,
};

const GUIDE: &str = "SQS guide, dead-letter queues";

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "sqs/dead-letters/after-max-receives",
            "A message received more than maxReceiveCount times goes to the dead-letter queue.",
            GUIDE,
            after_max,
        ),
        case(
            "sqs/dead-letters/not-before",
            "A message is received maxReceiveCount times before that.",
            GUIDE,
            not_before,
        ),
        case(
            "sqs/dead-letters/keeps-id",
            "A dead letter keeps its message id and attributes.",
            GUIDE,
            keeps_id,
        ),
        case(
            "sqs/dead-letters/keeps-sent-timestamp",
            "A dead letter keeps the time at which it was sent first.",
            GUIDE,
            keeps_sent_timestamp,
        ),
        case(
            "sqs/dead-letters/names-its-source",
            "DeadLetterQueueSourceArn names the queue it came from.",
            "SQS API reference, ReceiveMessage",
            names_source,
        ),
        case(
            "sqs/dead-letters/deleted-in-time",
            "A message that is deleted in time never becomes a dead letter.",
            GUIDE,
            deleted_in_time,
        ),
        case(
            "sqs/dead-letters/policy-later",
            "A policy set later counts receives made before.",
            "SQS API reference, SetQueueAttributes",
            policy_later,
        ),
    ]
}

/// Receives until the message is a dead letter: `receives` times, and once more in vain.
async fn exhaust(queue: &Queue, receives: u32) -> Checked {
    for _ in 0..receives {
        queue.one().await?;
    }
    queue.is_empty().await
}

async fn after_max(cx: Context) -> Checked {
    let (queue, dead) = Queue::with_dead_letters(&cx, 2).await?;
    queue.send("poison").await?;
    exhaust(&queue, 2).await?;
    same("body", body_of(&dead.one().await?), "poison")
}

async fn not_before(cx: Context) -> Checked {
    let (queue, dead) = Queue::with_dead_letters(&cx, 3).await?;
    queue.send("m").await?;
    for _ in 0..3 {
        queue.one().await?;
    }
    dead.is_empty().await
}

async fn keeps_id(cx: Context) -> Checked {
    let (queue, dead) = Queue::with_dead_letters(&cx, 1).await?;
    let attribute = super::send_attributes::string("v")?;
    let send = cx.sqs().send_message().queue_url(&queue.url).message_body("m");
    send.message_attributes("name", attribute.clone()).send().await.answer("SendMessage")?;
    let id = queue.one().await?.message_id;
    queue.is_empty().await?;
    let letter = dead.one().await?;
    same("MessageId", letter.message_id, id)?;
    same(
        "attribute",
        letter.message_attributes.and_then(|mut all| all.remove("name")),
        Some(attribute),
    )
}

async fn keeps_sent_timestamp(cx: Context) -> Checked {
    let (queue, dead) = Queue::with_dead_letters(&cx, 1).await?;
    queue.send("m").await?;
    let first = queue.one().await?;
    queue.is_empty().await?;
    let letter = dead.one().await?;
    same("SentTimestamp", system(&letter, "SentTimestamp"), system(&first, "SentTimestamp"))
}

async fn names_source(cx: Context) -> Checked {
    let (queue, dead) = Queue::with_dead_letters(&cx, 1).await?;
    queue.send("m").await?;
    exhaust(&queue, 1).await?;
    let (letter, arn) = (dead.one().await?, queue.arn().await?);
    same("DeadLetterQueueSourceArn", system(&letter, "DeadLetterQueueSourceArn"), Some(&*arn))
}

async fn deleted_in_time(cx: Context) -> Checked {
    let (queue, dead) = Queue::with_dead_letters(&cx, 2).await?;
    queue.send("m").await?;
    queue.one().await?;
    queue.delete(&queue.one().await?).await?;
    queue.is_empty().await?;
    dead.is_empty().await
}

async fn policy_later(cx: Context) -> Checked {
    let (queue, dead) =
        (Queue::new(&cx, &[("VisibilityTimeout", "0")]).await?, Queue::new(&cx, &[]).await?);
    queue.send("m").await?;
    queue.one().await?;
    queue.one().await?;
    let policy = super::support::redrive_policy(&dead.arn().await?, 1);
    let set = cx.sqs().set_queue_attributes().queue_url(&queue.url);
    let set = set.set_attributes(super::support::attributes(&[("RedrivePolicy", &policy)]));
    set.send().await.answer("SetQueueAttributes")?;
    queue.is_empty().await?;
    let letters = dead.receive(1, 1).await?;
    holds("the message in the dead-letter queue", letters.len() == 1, letters)
}
