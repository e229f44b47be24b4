//! `PublishBatch`.

use aws_sdk_sns::types::PublishBatchRequestEntry as Entry;

use super::support::Topic;
use crate::{
    Case, Checked, Mismatch,
    case::case,
    check::{Answered as _, built, present, same},
    context::Context,
};

const BATCH: &str = "SNS API reference, PublishBatch";

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "sns/publish-batch/ten",
            "A batch has up to 10 entries, each delivered and answered under its id.",
            BATCH,
            ten,
        ),
        case(
            "sns/publish-batch/eleven",
            "A batch of 11 is TooManyEntriesInBatchRequest.",
            BATCH,
            eleven,
        ),
        case(
            "sns/publish-batch/empty",
            "A batch without entries is EmptyBatchRequest.",
            BATCH,
            empty,
        ),
        case(
            "sns/publish-batch/same-id",
            "Two entries with one id are BatchEntryIdsNotDistinct.",
            BATCH,
            same_id,
        ),
        case(
            "sns/publish-batch/bad-id",
            "An id is up to 80 letters, digits, hyphens and underscores.",
            BATCH,
            bad_id,
        ),
        case(
            "sns/publish-batch/partial",
            "What is wrong with one entry fails that entry alone.",
            BATCH,
            partial,
        ),
        case(
            "sns/publish-batch/too-long",
            "All messages together have up to 262,144 bytes.",
            BATCH,
            too_long,
        ),
        case(
            "sns/publish-batch/missing-topic",
            "A topic that is not there is NotFound.",
            BATCH,
            missing_topic,
        ),
    ]
}

fn entry(id: &str, message: &str) -> Result<Entry, Mismatch> {
    built(Entry::builder().id(id).message(message).build())
}

async fn refused(cx: &Context, entries: Vec<Entry>, code: &str) -> Checked {
    let topic = Topic::new(cx).await?;
    let publish = cx.sns().publish_batch().topic_arn(&topic.arn);
    publish
        .set_publish_batch_request_entries(Some(entries))
        .send()
        .await
        .refused(400, code)
        .map(drop)
}

fn many(count: usize) -> Result<Vec<Entry>, Mismatch> {
    (0..count).map(|n| entry(&format!("e{n}"), &format!("m{n}"))).collect()
}

async fn ten(cx: Context) -> Checked {
    let topic = Topic::new(&cx).await?;
    let queue = topic.heard_by(&[("RawMessageDelivery", "true")]).await?;
    let publish = cx.sns().publish_batch().topic_arn(&topic.arn);
    let published = publish.set_publish_batch_request_entries(Some(many(10)?)).send().await;
    let published = published.answer("PublishBatch")?;
    same(
        "successful and failed",
        (published.successful().len(), published.failed().len()),
        (10, 0),
    )?;
    let mut bodies = crate::sqs::take_all(&queue, 10).await?;
    bodies.sort_unstable();
    same("bodies", bodies, (0..10).map(|n| format!("m{n}")).collect::<Vec<_>>())
}

async fn eleven(cx: Context) -> Checked {
    refused(&cx, many(11)?, "TooManyEntriesInBatchRequest").await
}

async fn empty(cx: Context) -> Checked {
    refused(&cx, Vec::new(), "EmptyBatchRequest").await
}

async fn same_id(cx: Context) -> Checked {
    refused(&cx, vec![entry("e", "a")?, entry("e", "b")?], "BatchEntryIdsNotDistinct").await
}

async fn bad_id(cx: Context) -> Checked {
    refused(&cx, vec![entry("a b", "m")?], "InvalidBatchEntryId").await
}

async fn partial(cx: Context) -> Checked {
    let topic = Topic::new(&cx).await?;
    let wrong = Entry::builder().id("wrong").message("plain").message_structure("json");
    let publish = cx.sns().publish_batch().topic_arn(&topic.arn);
    let publish = publish.publish_batch_request_entries(entry("right", "m")?);
    let published = publish.publish_batch_request_entries(built(wrong.build())?).send().await;
    let published = published.answer("PublishBatch")?;
    let failed = present("a failed entry", published.failed().first())?;
    same("failed", (&*failed.id, &*failed.code), ("wrong", "InvalidParameter"))?;
    same("sender's fault", failed.sender_fault, true)?;
    same("successful", published.successful().len(), 1)
}

async fn too_long(cx: Context) -> Checked {
    let half = "x".repeat(131_073);
    refused(&cx, vec![entry("a", &half)?, entry("b", &half)?], "BatchRequestTooLong").await
}

async fn missing_topic(cx: Context) -> Checked {
    let arn = Topic::new(&cx).await?.arn_of_none();
    let publish = cx.sns().publish_batch().topic_arn(arn);
    let publish = publish.publish_batch_request_entries(entry("e", "m")?);
    publish.send().await.refused(404, "NotFound").map(drop)
}
