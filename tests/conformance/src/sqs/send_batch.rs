//! `SendMessageBatch`, and the rules that all batches share.

use aws_sdk_sqs::types::SendMessageBatchRequestEntry;

use super::support::{Queue, body_of, take_all};
use crate::{
    Case, Checked, Mismatch,
    case::case,
    check::{Answered as _, built, holds, present, same},
    context::Context,
};

const BATCH: &str = "SQS API reference, SendMessageBatch";

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "sqs/send-message-batch/ten",
            "A batch has up to 10 entries, each with a result under its id.",
            BATCH,
            ten,
        ),
        case(
            "sqs/send-message-batch/eleven",
            "A batch of 11 is TooManyEntriesInBatchRequest.",
            BATCH,
            eleven,
        ),
        case(
            "sqs/send-message-batch/empty",
            "A batch without entries is EmptyBatchRequest.",
            BATCH,
            empty,
        ),
        case(
            "sqs/send-message-batch/same-id",
            "Two entries with one id are BatchEntryIdsNotDistinct.",
            BATCH,
            same_id,
        ),
        case(
            "sqs/send-message-batch/bad-id",
            "An id is up to 80 letters, digits, hyphens and underscores.",
            BATCH,
            |cx| bad_id(cx, "a b".to_owned()),
        ),
        case("sqs/send-message-batch/id-of-81", "An id has at most 80 characters.", BATCH, |cx| {
            bad_id(cx, "i".repeat(81))
        }),
        case(
            "sqs/send-message-batch/partial",
            "What is wrong with one entry fails that entry alone, and the call succeeds.",
            BATCH,
            partial,
        ),
        case(
            "sqs/send-message-batch/too-long",
            "All bodies together have up to 1,048,576 bytes, else BatchRequestTooLong.",
            BATCH,
            too_long,
        ),
        case(
            "sqs/send-message-batch/full-size",
            "Bodies of 1,048,576 bytes together are taken.",
            BATCH,
            full_size,
        ),
        case(
            "sqs/send-message-batch/own-delays",
            "Each entry has a delay of its own.",
            BATCH,
            own_delays,
        ),
        case(
            "sqs/send-message-batch/missing-queue",
            "A queue that is not there is QueueDoesNotExist.",
            BATCH,
            missing_queue,
        ),
        case(
            "sqs/send-message-batch/refused-sends-none",
            "A batch that is refused as a whole sends nothing.",
            BATCH,
            refused_sends_none,
        ),
        case(
            "sqs/send-message-batch/digests",
            "Each result has the digest of its body.",
            BATCH,
            digests,
        ),
    ]
}

pub(super) fn entry(id: &str, body: &str) -> Result<SendMessageBatchRequestEntry, Mismatch> {
    built(SendMessageBatchRequestEntry::builder().id(id).message_body(body).build())
}

fn entries(count: usize) -> Result<Vec<SendMessageBatchRequestEntry>, Mismatch> {
    (0..count).map(|n| entry(&format!("e{n}"), &format!("m{n}"))).collect()
}

async fn ten(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let send = cx.sqs().send_message_batch().queue_url(&queue.url);
    let sent = send.set_entries(Some(entries(10)?)).send().await.answer("SendMessageBatch")?;
    holds("no failures", sent.failed.is_empty(), &sent.failed)?;
    let mut ids: Vec<&str> = sent.successful.iter().map(|entry| entry.id.as_str()).collect();
    ids.sort_unstable();
    same("ids", ids, ["e0", "e1", "e2", "e3", "e4", "e5", "e6", "e7", "e8", "e9"])?;
    same("messages", take_all(&queue, 10).await?.len(), 10)
}

async fn refused(
    cx: &Context,
    entries: Vec<SendMessageBatchRequestEntry>,
    code: &str,
) -> Result<String, Mismatch> {
    let queue = Queue::new(cx, &[]).await?;
    let send = cx.sqs().send_message_batch().queue_url(&queue.url).set_entries(Some(entries));
    send.send().await.refused(400, code).map(|refusal| refusal.message)
}

async fn eleven(cx: Context) -> Checked {
    let message = refused(&cx, entries(11)?, "TooManyEntriesInBatchRequest").await?;
    same("message", &*message, "Maximum number of entries per request are 10. You have sent 11.")
}

async fn empty(cx: Context) -> Checked {
    let message = refused(&cx, Vec::new(), "EmptyBatchRequest").await?;
    same(
        "message",
        &*message,
        "There should be at least one SendMessageBatchRequestEntry in the request.",
    )
}

async fn same_id(cx: Context) -> Checked {
    let twice = vec![entry("e", "a")?, entry("e", "b")?];
    let message = refused(&cx, twice, "BatchEntryIdsNotDistinct").await?;
    same("message", &*message, "Id e repeated.")
}

async fn bad_id(cx: Context, id: String) -> Checked {
    let message = refused(&cx, vec![entry(&id, "m")?], "InvalidBatchEntryId").await?;
    same(
        "message",
        &*message,
        "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can \
         be at most 80 letters long.",
    )
}

async fn partial(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let wrong = SendMessageBatchRequestEntry::builder().id("wrong").message_body("a\u{b}b");
    let send = cx.sqs().send_message_batch().queue_url(&queue.url);
    let send = send.entries(entry("right", "m")?).entries(built(wrong.build())?);
    let sent = send.send().await.answer("SendMessageBatch")?;
    let failed = present("a failed entry", sent.failed.first())?;
    same("failed id", &*failed.id, "wrong")?;
    holds("the sender's fault", failed.sender_fault, failed)?;
    same("code", &*failed.code, "InvalidMessageContents")?;
    same(
        "successful",
        sent.successful.iter().map(|entry| &*entry.id).collect::<Vec<_>>(),
        ["right"],
    )?;
    same("body", body_of(&queue.one().await?), "m")
}

async fn too_long(cx: Context) -> Checked {
    let half = "x".repeat(524_289);
    let two = vec![entry("a", &half)?, entry("b", &half)?];
    let message = refused(&cx, two, "BatchRequestTooLong").await?;
    same(
        "message",
        &*message,
        "Batch requests cannot be longer than 1048576 bytes. You have sent 1048578 bytes.",
    )
}

async fn full_size(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let half = "x".repeat(524_288);
    let send = cx.sqs().send_message_batch().queue_url(&queue.url);
    let send = send.entries(entry("a", &half)?).entries(entry("b", &half)?);
    let sent = send.send().await.answer("SendMessageBatch")?;
    same("successful", sent.successful.len(), 2)
}

async fn own_delays(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let late = SendMessageBatchRequestEntry::builder().id("l").message_body("late");
    let late = built(late.delay_seconds(600).build())?;
    let send = cx.sqs().send_message_batch().queue_url(&queue.url);
    send.entries(entry("n", "now")?).entries(late).send().await.answer("SendMessageBatch")?;
    same("body", body_of(&queue.one().await?), "now")?;
    queue.is_empty().await
}

async fn missing_queue(cx: Context) -> Checked {
    let url = Queue::new(&cx, &[]).await?.url_of_none();
    let send = cx.sqs().send_message_batch().queue_url(url).entries(entry("e", "m")?);
    send.send().await.refused(400, "QueueDoesNotExist").map(drop)
}

async fn refused_sends_none(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let send = cx.sqs().send_message_batch().queue_url(&queue.url);
    let send = send.entries(entry("e", "a")?).entries(entry("e", "b")?);
    send.send().await.refused(400, "BatchEntryIdsNotDistinct")?;
    queue.is_empty().await
}

async fn digests(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let send = cx.sqs().send_message_batch().queue_url(&queue.url).entries(entry("e", "hello")?);
    let sent = send.send().await.answer("SendMessageBatch")?;
    let first = present("a result", sent.successful.first())?;
    same("MD5OfMessageBody", &*first.md5_of_message_body, "5d41402abc4b2a76b9719d911017c592")
}
