//! `DeleteMessage` and `DeleteMessageBatch`.

use aws_sdk_sqs::types::DeleteMessageBatchRequestEntry as Entry;

use super::support::Queue;
use crate::{
    Case, Checked, Mismatch,
    case::case,
    check::{Answered as _, built, present, same},
    context::Context,
};

const DELETE: &str = "SQS API reference, DeleteMessage";
const BATCH: &str = "SQS API reference, DeleteMessageBatch";

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "sqs/delete-message/is-gone",
            "A deleted message does not come back after its timeout.",
            DELETE,
            gone,
        ),
        case(
            "sqs/delete-message/twice",
            "Deleting a message that was deleted succeeds.",
            DELETE,
            twice,
        ),
        case(
            "sqs/delete-message/after-timeout",
            "A handle still deletes after the visibility timeout, as long as nobody received the message since.",
            DELETE,
            after_timeout,
        ),
        case(
            "sqs/delete-message/bad-handle",
            "A receipt handle that is none is ReceiptHandleIsInvalid.",
            DELETE,
            bad_handle,
        ),
        case(
            "sqs/delete-message/missing-queue",
            "A queue that is not there is QueueDoesNotExist.",
            DELETE,
            missing_queue,
        ),
        case(
            "sqs/delete-message-batch/ten",
            "A batch deletes up to 10 messages.",
            BATCH,
            batch_ten,
        ),
        case(
            "sqs/delete-message-batch/partial",
            "A bad handle fails its entry alone.",
            BATCH,
            batch_partial,
        ),
        case(
            "sqs/delete-message-batch/empty",
            "A batch without entries is EmptyBatchRequest.",
            BATCH,
            batch_empty,
        ),
        case(
            "sqs/delete-message-batch/eleven",
            "A batch of 11 is TooManyEntriesInBatchRequest.",
            BATCH,
            batch_eleven,
        ),
        case(
            "sqs/delete-message-batch/same-id",
            "Two entries with one id are BatchEntryIdsNotDistinct.",
            BATCH,
            batch_same_id,
        ),
    ]
}

async fn gone(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[("VisibilityTimeout", "1")]).await?;
    queue.send("m").await?;
    queue.delete(&queue.one().await?).await?;
    same("messages after the timeout", queue.receive(1, 2).await?.len(), 0)
}

async fn twice(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    queue.send("m").await?;
    let message = queue.one().await?;
    queue.delete(&message).await?;
    queue.delete(&message).await
}

async fn after_timeout(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[("VisibilityTimeout", "0")]).await?;
    queue.send("m").await?;
    queue.delete(&queue.one().await?).await?;
    queue.settles("ApproximateNumberOfMessages", 0).await?;
    queue.is_empty().await
}

async fn bad_handle(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let delete = cx.sqs().delete_message().queue_url(&queue.url).receipt_handle("garbage");
    delete
        .send()
        .await
        .refused(400, "ReceiptHandleIsInvalid")?
        .mentioning("The input receipt handle \"garbage\" is not a valid receipt handle")
}

async fn missing_queue(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    queue.send("m").await?;
    let handle = queue.one().await?.receipt_handle;
    let delete = cx.sqs().delete_message().queue_url(queue.url_of_none());
    let delete = delete.set_receipt_handle(handle);
    delete.send().await.refused(400, "QueueDoesNotExist").map(drop)
}

fn entry(id: &str, handle: Option<String>) -> Result<Entry, Mismatch> {
    built(Entry::builder().id(id).set_receipt_handle(handle).build())
}

async fn batch_ten(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    for n in 0..10 {
        queue.send(&format!("m{n}")).await?;
    }
    let mut entries = Vec::new();
    // A receive may bring fewer than are there.
    for _ in 0..10 {
        for message in queue.receive(10, 0).await? {
            entries.push(entry(&format!("e{}", entries.len()), message.receipt_handle)?);
        }
        if entries.len() == 10 {
            break;
        }
    }
    let delete = cx.sqs().delete_message_batch().queue_url(&queue.url).set_entries(Some(entries));
    let deleted = delete.send().await.answer("DeleteMessageBatch")?;
    same("successful and failed", (deleted.successful.len(), deleted.failed.len()), (10, 0))?;
    queue.settles("ApproximateNumberOfMessagesNotVisible", 0).await
}

async fn batch_partial(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    queue.send("m").await?;
    let handle = queue.one().await?.receipt_handle;
    let delete = cx.sqs().delete_message_batch().queue_url(&queue.url);
    let delete =
        delete.entries(entry("right", handle)?).entries(entry("wrong", Some("no".into()))?);
    let deleted = delete.send().await.answer("DeleteMessageBatch")?;
    let failed = present("a failed entry", deleted.failed.first())?;
    same("failed", (&*failed.id, &*failed.code), ("wrong", "ReceiptHandleIsInvalid"))?;
    same("successful", deleted.successful.iter().map(|e| &*e.id).collect::<Vec<_>>(), ["right"])
}

async fn batch_refused(cx: &Context, entries: Vec<Entry>, code: &str) -> Checked {
    let queue = Queue::new(cx, &[]).await?;
    let delete = cx.sqs().delete_message_batch().queue_url(&queue.url);
    delete.set_entries(Some(entries)).send().await.refused(400, code).map(drop)
}

async fn batch_empty(cx: Context) -> Checked {
    batch_refused(&cx, Vec::new(), "EmptyBatchRequest").await
}

async fn batch_eleven(cx: Context) -> Checked {
    let entries: Result<Vec<Entry>, Mismatch> =
        (0..11).map(|n| entry(&format!("e{n}"), Some("h".into()))).collect();
    batch_refused(&cx, entries?, "TooManyEntriesInBatchRequest").await
}

async fn batch_same_id(cx: Context) -> Checked {
    let twice = vec![entry("e", Some("a".into()))?, entry("e", Some("b".into()))?];
    batch_refused(&cx, twice, "BatchEntryIdsNotDistinct").await
}
