//! Visibility timeouts: on receive, changed, and in batches.

use aws_sdk_sqs::types::{ChangeMessageVisibilityBatchRequestEntry as Entry, Message};

use super::support::{Queue, body_of};
use crate::{
    Case, Checked, Mismatch,
    case::case,
    check::{Answered as _, built, holds, present, same},
    context::Context,
};

const GUIDE: &str = "SQS guide, visibility timeout";
const CHANGE: &str = "SQS API reference, ChangeMessageVisibility";
const BATCH: &str = "SQS API reference, ChangeMessageVisibilityBatch";

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "sqs/visibility/hides",
            "A received message can't be received again before its timeout.",
            GUIDE,
            hides,
        ),
        case(
            "sqs/visibility/returns",
            "A message that was not deleted can be received again after its timeout.",
            GUIDE,
            returns,
        ),
        case(
            "sqs/visibility/of-receive",
            "A receive's own timeout goes before the queue's.",
            GUIDE,
            of_receive,
        ),
        case(
            "sqs/visibility/change-to-0",
            "Changing the timeout to 0 makes a message receivable at once.",
            CHANGE,
            to_zero,
        ),
        case(
            "sqs/visibility/change-wakes-poll",
            "A long poll gets what a changed timeout sets free.",
            CHANGE,
            wakes_poll,
        ),
        case(
            "sqs/visibility/extend",
            "A longer timeout counts from the call, not from the receive.",
            CHANGE,
            extend,
        ),
        case("sqs/visibility/change-of-43201", "A timeout is at most 43,200 s.", CHANGE, |cx| {
            bad_timeout(cx, 43_201)
        }),
        case("sqs/visibility/change-negative", "A timeout is at least 0 s.", CHANGE, |cx| {
            bad_timeout(cx, -1)
        }),
        case(
            "sqs/visibility/change-bad-handle",
            "A receipt handle that is none is ReceiptHandleIsInvalid.",
            CHANGE,
            bad_handle,
        ),
        case(
            "sqs/visibility/change-visible-message",
            "Changing a message that is not in flight is MessageNotInflight.",
            CHANGE,
            not_in_flight,
        ),
        case(
            "sqs/visibility/change-missing-queue",
            "A queue that is not there is QueueDoesNotExist.",
            CHANGE,
            missing_queue,
        ),
        case("sqs/visibility/batch", "A batch changes each entry under its id.", BATCH, batch),
        case(
            "sqs/visibility/batch-partial",
            "A bad handle fails its entry alone.",
            BATCH,
            batch_partial,
        ),
        case(
            "sqs/visibility/batch-empty",
            "A batch without entries is EmptyBatchRequest.",
            BATCH,
            batch_empty,
        ),
        case(
            "sqs/visibility/batch-eleven",
            "A batch of 11 is TooManyEntriesInBatchRequest.",
            BATCH,
            batch_eleven,
        ),
        case(
            "sqs/visibility/batch-same-id",
            "Two entries with one id are BatchEntryIdsNotDistinct.",
            BATCH,
            batch_same_id,
        ),
    ]
}

async fn hides(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    queue.send("m").await?;
    queue.one().await?;
    queue.is_empty().await
}

async fn returns(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[("VisibilityTimeout", "1")]).await?;
    queue.send("m").await?;
    let first = queue.one().await?;
    let again = present("the message again", queue.receive(1, 5).await?.into_iter().next())?;
    same("MessageId", again.message_id, first.message_id)
}

async fn of_receive(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    queue.send("m").await?;
    let receive = cx.sqs().receive_message().queue_url(&queue.url).wait_time_seconds(1);
    let got = receive.visibility_timeout(0).send().await.answer("ReceiveMessage")?.messages;
    holds("a message", got.is_some_and(|got| got.len() == 1), "none")?;
    queue.one().await.map(drop)
}

async fn to_zero(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    queue.send("m").await?;
    let message = queue.one().await?;
    queue.change_visibility(&message, 0).await?;
    queue.one().await.map(drop)
}

async fn wakes_poll(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[("VisibilityTimeout", "600")]).await?;
    queue.send("m").await?;
    let message = queue.one().await?;
    let change = async {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        queue.change_visibility(&message, 0).await
    };
    let (got, changed) = tokio::join!(queue.receive(1, 10), change);
    changed?;
    same("messages", got?.len(), 1)
}

async fn extend(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[("VisibilityTimeout", "1")]).await?;
    queue.send("m").await?;
    let message = queue.one().await?;
    queue.change_visibility(&message, 60).await?;
    let got = queue.receive(1, 2).await?;
    holds("nothing after the first timeout", got.is_empty(), &got)
}

async fn bad_timeout(cx: Context, seconds: i32) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    queue.send("m").await?;
    let message = queue.one().await?;
    let change = cx.sqs().change_message_visibility().queue_url(&queue.url);
    let change = change.set_receipt_handle(message.receipt_handle).visibility_timeout(seconds);
    change.send().await.refused(400, "InvalidParameterValue").map(drop)
}

async fn bad_handle(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let change = cx.sqs().change_message_visibility().queue_url(&queue.url);
    let change = change.receipt_handle("garbage").visibility_timeout(1);
    change
        .send()
        .await
        .refused(400, "ReceiptHandleIsInvalid")?
        .mentioning("The input receipt handle \"garbage\" is not a valid receipt handle")
}

async fn not_in_flight(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    queue.send("m").await?;
    let message = queue.one().await?;
    queue.change_visibility(&message, 0).await?;
    let change = cx.sqs().change_message_visibility().queue_url(&queue.url);
    let change = change.set_receipt_handle(message.receipt_handle).visibility_timeout(5);
    change.send().await.refused(400, "MessageNotInflight").map(drop)
}

async fn missing_queue(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    queue.send("m").await?;
    let message = queue.one().await?;
    let change = cx.sqs().change_message_visibility().queue_url(queue.url_of_none());
    let change = change.set_receipt_handle(message.receipt_handle).visibility_timeout(5);
    change.send().await.refused(400, "QueueDoesNotExist").map(drop)
}

fn entry(id: &str, message: &Message, seconds: i32) -> Result<Entry, Mismatch> {
    let handle = message.receipt_handle.clone();
    built(Entry::builder().id(id).set_receipt_handle(handle).visibility_timeout(seconds).build())
}

async fn batch(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    queue.send("m").await?;
    let message = queue.one().await?;
    let change = cx.sqs().change_message_visibility_batch().queue_url(&queue.url);
    let changed = change.entries(entry("e", &message, 0)?).send().await;
    let changed = changed.answer("ChangeMessageVisibilityBatch")?;
    same("ids", changed.successful.iter().map(|entry| &*entry.id).collect::<Vec<_>>(), ["e"])?;
    same("body", body_of(&queue.one().await?), "m")
}

async fn batch_partial(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    queue.send("m").await?;
    let message = queue.one().await?;
    let wrong =
        Entry::builder().id("wrong").receipt_handle("garbage").visibility_timeout(0).build();
    let change = cx.sqs().change_message_visibility_batch().queue_url(&queue.url);
    let change = change.entries(entry("right", &message, 0)?).entries(built(wrong)?);
    let changed = change.send().await.answer("ChangeMessageVisibilityBatch")?;
    let failed = present("a failed entry", changed.failed.first())?;
    same("failed", (&*failed.id, &*failed.code), ("wrong", "ReceiptHandleIsInvalid"))?;
    same("successful", changed.successful.len(), 1)
}

async fn batch_refused(cx: &Context, entries: Vec<Entry>, code: &str) -> Checked {
    let queue = Queue::new(cx, &[]).await?;
    let change = cx.sqs().change_message_visibility_batch().queue_url(&queue.url);
    change.set_entries(Some(entries)).send().await.refused(400, code).map(drop)
}

fn some(id: &str) -> Result<Entry, Mismatch> {
    built(Entry::builder().id(id).receipt_handle("garbage").visibility_timeout(0).build())
}

async fn batch_empty(cx: Context) -> Checked {
    batch_refused(&cx, Vec::new(), "EmptyBatchRequest").await
}

async fn batch_eleven(cx: Context) -> Checked {
    let entries: Result<Vec<Entry>, Mismatch> = (0..11).map(|n| some(&format!("e{n}"))).collect();
    batch_refused(&cx, entries?, "TooManyEntriesInBatchRequest").await
}

async fn batch_same_id(cx: Context) -> Checked {
    batch_refused(&cx, vec![some("e")?, some("e")?], "BatchEntryIdsNotDistinct").await
}
