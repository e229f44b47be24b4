//! `GetQueueAttributes` and `SetQueueAttributes`.

use aws_sdk_sqs::types::QueueAttributeName as Name;

use super::support::{Queue, attributes, redrive_policy};
use crate::{
    Case, Checked,
    case::case,
    check::{Answered as _, holds, present, same},
    context::Context,
};

const GET: &str = "SQS API reference, GetQueueAttributes";
const SET: &str = "SQS API reference, SetQueueAttributes";

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "sqs/get-queue-attributes/none-asked",
            "Without names no attributes are returned.",
            GET,
            none_asked,
        ),
        case(
            "sqs/get-queue-attributes/only-asked",
            "Only the attributes asked for are returned.",
            GET,
            only_asked,
        ),
        case(
            "sqs/get-queue-attributes/all",
            "All returns every attribute the queue has.",
            GET,
            all,
        ),
        case(
            "sqs/get-queue-attributes/unknown",
            "An attribute that is none is InvalidAttributeName.",
            GET,
            unknown,
        ),
        case(
            "sqs/get-queue-attributes/missing-queue",
            "A queue that is not there is QueueDoesNotExist.",
            GET,
            missing_queue,
        ),
        case(
            "sqs/get-queue-attributes/timestamps",
            "CreatedTimestamp and LastModifiedTimestamp are seconds of the epoch.",
            GET,
            timestamps,
        ),
        case(
            "sqs/get-queue-attributes/arn",
            "QueueArn is arn:aws:sqs:region:account:name.",
            GET,
            arn,
        ),
        case(
            "sqs/get-queue-attributes/visible-count",
            "ApproximateNumberOfMessages counts what can be received.",
            GET,
            visible_count,
        ),
        case(
            "sqs/get-queue-attributes/in-flight-count",
            "ApproximateNumberOfMessagesNotVisible counts what is in flight.",
            GET,
            in_flight_count,
        ),
        case(
            "sqs/get-queue-attributes/delayed-count",
            "ApproximateNumberOfMessagesDelayed counts what is delayed.",
            GET,
            delayed_count,
        ),
        case(
            "sqs/get-queue-attributes/after-visibility-timeout",
            "Counts move back when a visibility timeout ends.",
            GET,
            after_timeout,
        ),
        case(
            "sqs/get-queue-attributes/sse-by-default",
            "SSE-SQS is on unless it is turned off.",
            GET,
            sse_default,
        ),
        case(
            "sqs/set-queue-attributes/changes-one",
            "What is set changes, what is not set stays.",
            SET,
            changes_one,
        ),
        case(
            "sqs/set-queue-attributes/unknown",
            "An attribute that is none is InvalidAttributeName.",
            SET,
            set_unknown,
        ),
        case(
            "sqs/set-queue-attributes/out-of-range",
            "A value out of its range is InvalidAttributeValue.",
            SET,
            set_out_of_range,
        ),
        case(
            "sqs/set-queue-attributes/missing-queue",
            "A queue that is not there is QueueDoesNotExist.",
            SET,
            set_missing_queue,
        ),
        case(
            "sqs/set-queue-attributes/removes-redrive",
            "An empty redrive policy takes it away.",
            SET,
            removes_redrive,
        ),
        case(
            "sqs/set-queue-attributes/redrive-target-missing",
            "A dead-letter queue that is not there is refused.",
            SET,
            target_missing,
        ),
        case(
            "sqs/set-queue-attributes/fifo-cannot-change",
            "FifoQueue can't be set after creation.",
            SET,
            fifo_fixed,
        ),
        case(
            "sqs/set-queue-attributes/new-visibility-applies",
            "A new visibility timeout applies to receives from then on.",
            SET,
            new_visibility,
        ),
    ]
}

async fn none_asked(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let got = cx.sqs().get_queue_attributes().queue_url(&queue.url).send().await;
    let got = got.answer("GetQueueAttributes")?.attributes.unwrap_or_default();
    holds("no attributes", got.is_empty(), &got)
}

async fn only_asked(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let get = cx.sqs().get_queue_attributes().queue_url(&queue.url);
    let get = get.attribute_names(Name::DelaySeconds).attribute_names(Name::QueueArn);
    let got = get.send().await.answer("GetQueueAttributes")?.attributes.unwrap_or_default();
    let mut names: Vec<&str> = got.keys().map(Name::as_str).collect();
    names.sort_unstable();
    same("names", names, ["DelaySeconds", "QueueArn"])
}

async fn all(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let get = cx.sqs().get_queue_attributes().queue_url(&queue.url).attribute_names(Name::All);
    let got = get.send().await.answer("GetQueueAttributes")?.attributes.unwrap_or_default();
    for name in [
        "QueueArn",
        "ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesDelayed",
        "CreatedTimestamp",
        "LastModifiedTimestamp",
        "VisibilityTimeout",
        "MaximumMessageSize",
        "MessageRetentionPeriod",
        "DelaySeconds",
        "ReceiveMessageWaitTimeSeconds",
        "SqsManagedSseEnabled",
    ] {
        holds(&format!("{name} among all"), got.contains_key(&Name::from(name)), &got)?;
    }
    for name in ["RedrivePolicy", "FifoQueue", "ContentBasedDeduplication"] {
        holds(&format!("no {name}"), !got.contains_key(&Name::from(name)), &got)?;
    }
    Ok(())
}

async fn unknown(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let get = cx.sqs().get_queue_attributes().queue_url(&queue.url);
    let get = get.attribute_names(Name::from("Nonsense"));
    get.send().await.refused(400, "InvalidAttributeName").map(drop)
}

async fn missing_queue(cx: Context) -> Checked {
    let url = Queue::new(&cx, &[]).await?.url_of_none();
    let get = cx.sqs().get_queue_attributes().queue_url(url).attribute_names(Name::All);
    get.send()
        .await
        .refused(400, "QueueDoesNotExist")?
        .mentioning("The specified queue does not exist")
}

async fn timestamps(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    for name in ["CreatedTimestamp", "LastModifiedTimestamp"] {
        let text = present(name, queue.attribute(name).await?)?;
        let seconds: Option<u64> = text.parse().ok();
        let is_epoch = seconds.is_some_and(|s| (1_700_000_000..4_000_000_000).contains(&s));
        holds(&format!("{name} in whole seconds"), is_epoch, text)?;
    }
    Ok(())
}

async fn arn(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let arn = queue.arn().await?;
    let parts: Vec<&str> = arn.split(':').collect();
    same("parts of the ARN", parts.len(), 6)?;
    same("partition, service and region", &parts[..4], ["arn", "aws", "sqs", "us-east-1"])?;
    holds("twelve digits of account", parts[4].len() == 12, &arn)?;
    same("name", parts[5], &*queue.name)
}

async fn visible_count(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    for body in ["a", "b", "c"] {
        queue.send(body).await?;
    }
    queue.settles("ApproximateNumberOfMessages", 3).await
}

async fn in_flight_count(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    queue.send("a").await?;
    queue.send("b").await?;
    let message = queue.one().await?;
    queue.settles("ApproximateNumberOfMessagesNotVisible", 1).await?;
    queue.settles("ApproximateNumberOfMessages", 1).await?;
    queue.delete(&message).await?;
    queue.settles("ApproximateNumberOfMessagesNotVisible", 0).await
}

async fn delayed_count(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[("DelaySeconds", "60")]).await?;
    queue.send("a").await?;
    queue.settles("ApproximateNumberOfMessagesDelayed", 1).await?;
    queue.settles("ApproximateNumberOfMessages", 0).await
}

async fn after_timeout(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[("VisibilityTimeout", "1")]).await?;
    queue.send("a").await?;
    queue.one().await?;
    queue.settles("ApproximateNumberOfMessagesNotVisible", 0).await?;
    queue.settles("ApproximateNumberOfMessages", 1).await
}

async fn sse_default(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    same(
        "SqsManagedSseEnabled",
        queue.attribute("SqsManagedSseEnabled").await?,
        Some("true".into()),
    )
}

async fn set(cx: &Context, url: &str, name: &str, value: &str) -> Checked {
    let set = cx.sqs().set_queue_attributes().queue_url(url);
    let set = set.set_attributes(attributes(&[(name, value)]));
    set.send().await.answer("SetQueueAttributes").map(drop)
}

async fn refused(cx: &Context, url: &str, name: &str, value: &str, code: &str) -> Checked {
    let set = cx.sqs().set_queue_attributes().queue_url(url);
    let set = set.set_attributes(attributes(&[(name, value)]));
    set.send().await.refused(400, code).map(drop)
}

async fn changes_one(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[("DelaySeconds", "5")]).await?;
    set(&cx, &queue.url, "VisibilityTimeout", "77").await?;
    same("VisibilityTimeout", queue.attribute("VisibilityTimeout").await?, Some("77".into()))?;
    same("DelaySeconds", queue.attribute("DelaySeconds").await?, Some("5".into()))
}

async fn set_unknown(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    refused(&cx, &queue.url, "Nonsense", "1", "InvalidAttributeName").await
}

async fn set_out_of_range(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    refused(&cx, &queue.url, "VisibilityTimeout", "43201", "InvalidAttributeValue").await
}

async fn set_missing_queue(cx: Context) -> Checked {
    let url = Queue::new(&cx, &[]).await?.url_of_none();
    refused(&cx, &url, "DelaySeconds", "1", "QueueDoesNotExist").await
}

async fn removes_redrive(cx: Context) -> Checked {
    let (queue, _dead) = Queue::with_dead_letters(&cx, 2).await?;
    set(&cx, &queue.url, "RedrivePolicy", "").await?;
    same("RedrivePolicy", queue.attribute("RedrivePolicy").await?, None)
}

async fn target_missing(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let policy = redrive_policy(&format!("{}-none", queue.arn().await?), 2);
    refused(&cx, &queue.url, "RedrivePolicy", &policy, "InvalidParameterValue").await
}

async fn fifo_fixed(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    refused(&cx, &queue.url, "FifoQueue", "true", "InvalidAttributeName").await
}

async fn new_visibility(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    set(&cx, &queue.url, "VisibilityTimeout", "0").await?;
    queue.send("a").await?;
    queue.one().await?;
    queue.one().await.map(drop)
}
