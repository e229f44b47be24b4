//! `PurgeQueue`.

use super::support::Queue;
use crate::{
    Case, Checked,
    case::case,
    check::{Answered as _, same},
    context::Context,
};

const PURGE: &str = "SQS API reference, PurgeQueue";

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "sqs/purge-queue/empties",
            "After PurgeQueue the messages that were there can't be received.",
            PURGE,
            empties,
        ),
        case(
            "sqs/purge-queue/in-flight-too",
            "Messages in flight are purged as well.",
            PURGE,
            in_flight_too,
        ),
        case(
            "sqs/purge-queue/within-60-s",
            "A second purge within 60 s is PurgeQueueInProgress with HTTP 403.",
            PURGE,
            within_a_minute,
        ),
        case(
            "sqs/purge-queue/missing",
            "A queue that is not there is QueueDoesNotExist.",
            PURGE,
            missing,
        ),
        case(
            "sqs/purge-queue/later-messages",
            "What is sent after the purge is kept.",
            PURGE,
            later_messages,
        ),
    ]
}

async fn purge(cx: &Context, queue: &Queue) -> Checked {
    let purge = cx.sqs().purge_queue().queue_url(&queue.url);
    purge.send().await.answer("PurgeQueue").map(drop)
}

async fn empties(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    queue.send("a").await?;
    queue.send("b").await?;
    purge(&cx, &queue).await?;
    queue.settles("ApproximateNumberOfMessages", 0).await?;
    queue.is_empty().await
}

async fn in_flight_too(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[("VisibilityTimeout", "1")]).await?;
    queue.send("a").await?;
    queue.one().await?;
    purge(&cx, &queue).await?;
    queue.settles("ApproximateNumberOfMessagesNotVisible", 0).await?;
    same("messages after the timeout", queue.receive(1, 2).await?.len(), 0)
}

async fn within_a_minute(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    purge(&cx, &queue).await?;
    let again = cx.sqs().purge_queue().queue_url(&queue.url);
    let expected =
        format!("Only one PurgeQueue operation on {} is allowed every 60 seconds.", queue.name);
    again.send().await.refused(403, "PurgeQueueInProgress")?.saying(&expected)
}

async fn missing(cx: Context) -> Checked {
    let url = Queue::new(&cx, &[]).await?.url_of_none();
    cx.sqs().purge_queue().queue_url(url).send().await.refused(400, "QueueDoesNotExist").map(drop)
}

async fn later_messages(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    purge(&cx, &queue).await?;
    queue.send("later").await?;
    queue.one().await.map(drop)
}
