//! `CreateQueue` and `DeleteQueue`.

use super::support::{Queue, attributes};
use crate::{
    Case, Checked,
    case::case,
    check::{Answered as _, holds, present, same},
    context::{Context, Made},
};

const CREATE: &str = "SQS API reference, CreateQueue";
const DELETE: &str = "SQS API reference, DeleteQueue";

/// Documented ranges: attribute, least, most, default.
const RANGES: [(&str, &str, u64, u64, u64); 5] = [
    ("delay", "DelaySeconds", 0, 900, 0),
    ("message-size", "MaximumMessageSize", 1_024, 1_048_576, 1_048_576),
    ("retention", "MessageRetentionPeriod", 60, 1_209_600, 345_600),
    ("receive-wait", "ReceiveMessageWaitTimeSeconds", 0, 20, 0),
    ("visibility", "VisibilityTimeout", 0, 43_200, 30),
];

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![
        case(
            "sqs/create-queue/url-names-it",
            "The queue URL ends with account and name.",
            CREATE,
            url,
        ),
        case(
            "sqs/create-queue/again-same",
            "Creating a queue again with the same attributes returns its URL.",
            CREATE,
            again_same,
        ),
        case(
            "sqs/create-queue/again-none",
            "Creating a queue again without attributes returns its URL.",
            CREATE,
            again_none,
        ),
        case(
            "sqs/create-queue/again-other",
            "Creating it with another attribute value is QueueNameExists and names the attribute.",
            CREATE,
            again_other,
        ),
        case("sqs/create-queue/name-of-80", "A name has up to 80 characters.", CREATE, name_of_80),
        case(
            "sqs/create-queue/case-matters",
            "Queue names are case-sensitive.",
            CREATE,
            case_matters,
        ),
        case(
            "sqs/create-queue/concurrent",
            "Of many that create one queue at once, all get the same URL.",
            CREATE,
            concurrent,
        ),
        case(
            "sqs/create-queue/unknown-attribute",
            "An attribute that is none is InvalidAttributeName.",
            CREATE,
            |cx| refused_attribute(cx, "Nonsense", "1".into(), "InvalidAttributeName"),
        ),
        case(
            "sqs/create-queue/fifo-false",
            "FifoQueue can only be true: a standard queue does not have the attribute.",
            CREATE,
            |cx| refused_attribute(cx, "FifoQueue", "false".into(), "InvalidAttributeName"),
        ),
        case(
            "sqs/create-queue/fifo-without-suffix",
            "A FIFO queue's name must end with .fifo.",
            CREATE,
            fifo_without_suffix,
        ),
        case(
            "sqs/create-queue/fifo-suffix-alone",
            "A name with .fifo without the attribute is refused: a full stop is no character of a name.",
            CREATE,
            |cx| refused_name(cx.clone(), format!("{}.fifo", cx.name("q"))),
        ),
        case(
            "sqs/create-queue/content-deduplication-needs-fifo",
            "ContentBasedDeduplication is for FIFO queues only.",
            CREATE,
            |cx| {
                refused_attribute(
                    cx,
                    "ContentBasedDeduplication",
                    "true".into(),
                    "InvalidAttributeName",
                )
            },
        ),
        case(
            "sqs/create-queue/fifo-throughput-scope",
            "perMessageGroupId needs the deduplication scope messageGroup.",
            CREATE,
            throughput_scope,
        ),
        case(
            "sqs/create-queue/redrive-policy-kept",
            "A redrive policy is kept as JSON with target and count.",
            CREATE,
            redrive_kept,
        ),
        case(
            "sqs/create-queue/redrive-policy-no-json",
            "A redrive policy that is no JSON is refused.",
            CREATE,
            |cx| refused_attribute(cx, "RedrivePolicy", "{".into(), "InvalidParameterValue"),
        ),
        case(
            "sqs/create-queue/redrive-policy-no-arn",
            "A target that is no ARN is refused.",
            CREATE,
            |cx| {
                refused_attribute(
                    cx,
                    "RedrivePolicy",
                    r#"{"deadLetterTargetArn":"dummy","maxReceiveCount":42}"#.into(),
                    "InvalidParameterValue",
                )
            },
        ),
        case(
            "sqs/create-queue/redrive-policy-count-0",
            "maxReceiveCount is at least 1.",
            "SQS guide, dead-letter queues; maxReceiveCount 1 to 1,000",
            |cx| redrive_count(cx, 0),
        ),
        case(
            "sqs/create-queue/redrive-policy-count-1001",
            "maxReceiveCount is at most 1,000.",
            "SQS guide, dead-letter queues; maxReceiveCount 1 to 1,000",
            |cx| redrive_count(cx, 1_001),
        ),
        case(
            "sqs/delete-queue/is-gone",
            "After DeleteQueue the queue does not exist.",
            DELETE,
            deleted,
        ),
        case(
            "sqs/delete-queue/missing",
            "Deleting a queue that is not there is QueueDoesNotExist.",
            DELETE,
            delete_missing,
        ),
        case(
            "sqs/delete-queue/with-messages",
            "DeleteQueue deletes regardless of the queue's contents.",
            DELETE,
            delete_full,
        ),
    ];
    for (id, name, least, most, default) in RANGES {
        let rule = format!("{name} has {least} to {most}, {default} unless given.");
        let id = |what: &str| format!("sqs/create-queue/{id}-{what}");
        cases.push(case(id("least"), &*rule, CREATE, move |cx| taken(cx, name, least)));
        cases.push(case(id("most"), &*rule, CREATE, move |cx| taken(cx, name, most)));
        cases.push(case(id("default"), &*rule, CREATE, move |cx| defaults(cx, name, default)));
        let above = (most + 1).to_string();
        cases.push(case(id("above"), &*rule, CREATE, move |cx| {
            refused_attribute(cx, name, above.clone(), "InvalidAttributeValue")
        }));
        let below = if least == 0 { "-1".to_owned() } else { (least - 1).to_string() };
        cases.push(case(id("below"), rule, CREATE, move |cx| {
            refused_attribute(cx, name, below.clone(), "InvalidAttributeValue")
        }));
    }
    for (id, name) in
        [("empty", ""), ("of-81", &*"n".repeat(81)), ("with-space", "a b"), ("with-slash", "a/b")]
    {
        let name = name.to_owned();
        let rule = "A name is 1 to 80 letters, digits, hyphens and underscores.";
        cases.push(case(format!("sqs/create-queue/name-{id}"), rule, CREATE, move |cx| {
            refused_name(cx, name.clone())
        }));
    }
    cases
}

async fn url(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let arn = queue.arn().await?;
    let account = arn.split(':').nth(4).unwrap_or_default().to_owned();
    let end = format!("/{account}/{}", queue.name);
    holds(&format!("a URL that ends with {end}"), queue.url.ends_with(&end), &queue.url)
}

async fn again(cx: &Context, queue: &Queue, set: &[(&str, &str)]) -> Checked {
    let create = cx.sqs().create_queue().queue_name(&queue.name).set_attributes(attributes(set));
    let created = create.send().await.answer("CreateQueue again")?;
    same("QueueUrl", created.queue_url.as_ref(), Some(&queue.url))
}

async fn again_same(cx: Context) -> Checked {
    let set = [("DelaySeconds", "7")];
    let queue = Queue::new(&cx, &set).await?;
    again(&cx, &queue, &set).await
}

async fn again_none(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[("DelaySeconds", "7")]).await?;
    again(&cx, &queue, &[]).await
}

async fn again_other(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[("DelaySeconds", "7")]).await?;
    let other = attributes(&[("DelaySeconds", "8")]);
    let create = cx.sqs().create_queue().queue_name(&queue.name).set_attributes(other);
    create.send().await.refused(400, "QueueNameExists")?.saying(
        "A queue already exists with the same name and a different value for attribute DelaySeconds",
    )
}

async fn name_of_80(cx: Context) -> Checked {
    let name = format!("{:n<80}", cx.name("q"));
    let created = cx.sqs().create_queue().queue_name(&name).send().await.answer("CreateQueue")?;
    let url = present("QueueUrl", created.queue_url)?;
    cx.made(Made::Queue(url.clone()));
    holds("the whole name in the URL", url.ends_with(&name), url)
}

async fn case_matters(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let upper = queue.name.to_uppercase();
    let get = cx.sqs().get_queue_url().queue_name(upper);
    get.send().await.refused(400, "QueueDoesNotExist").map(drop)
}

async fn concurrent(cx: Context) -> Checked {
    let name = cx.name("q");
    let creates = (0..8).map(|_| cx.sqs().create_queue().queue_name(&name).send());
    let mut urls = Vec::new();
    for created in futures::future::join_all(creates).await {
        urls.push(present("QueueUrl", created.answer("CreateQueue")?.queue_url)?);
    }
    cx.made(Made::Queue(urls[0].clone()));
    holds("one URL", urls.iter().all(|url| *url == urls[0]), &urls)
}

async fn taken(cx: Context, name: &'static str, value: u64) -> Checked {
    let value = value.to_string();
    let queue = Queue::new(&cx, &[(name, &value)]).await?;
    same(name, queue.attribute(name).await?, Some(value))
}

async fn defaults(cx: Context, name: &'static str, default: u64) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    same(name, queue.attribute(name).await?, Some(default.to_string()))
}

async fn refused_attribute(
    cx: Context,
    name: &'static str,
    value: String,
    code: &'static str,
) -> Checked {
    let queue = cx.name("q");
    let create =
        cx.sqs().create_queue().queue_name(queue).set_attributes(attributes(&[(name, &value)]));
    let created = create.send().await;
    note(&cx, created.as_ref().ok().and_then(|created| created.queue_url.as_deref()));
    created.refused(400, code).map(drop)
}

/// What should not have been made is removed all the same.
fn note(cx: &Context, url: Option<&str>) {
    if let Some(url) = url {
        cx.made(Made::Queue(url.to_owned()));
    }
}

async fn refused_name(cx: Context, name: String) -> Checked {
    let created = cx.sqs().create_queue().queue_name(name).send().await;
    note(&cx, created.as_ref().ok().and_then(|created| created.queue_url.as_deref()));
    created.refused(400, "InvalidParameterValue").map(drop)
}

async fn fifo_without_suffix(cx: Context) -> Checked {
    refused_attribute(cx, "FifoQueue", "true".to_owned(), "InvalidParameterValue").await
}

async fn throughput_scope(cx: Context) -> Checked {
    let set = attributes(&[("FifoQueue", "true"), ("FifoThroughputLimit", "perMessageGroupId")]);
    let name = format!("{}.fifo", cx.name("q"));
    let created = cx.sqs().create_queue().queue_name(name).set_attributes(set).send().await;
    note(&cx, created.as_ref().ok().and_then(|created| created.queue_url.as_deref()));
    created.refused(400, "InvalidParameterValue").map(drop)
}

async fn redrive_kept(cx: Context) -> Checked {
    let (queue, dead) = Queue::with_dead_letters(&cx, 3).await?;
    let text = present("RedrivePolicy", queue.attribute("RedrivePolicy").await?)?;
    let policy: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    same("deadLetterTargetArn", policy["deadLetterTargetArn"].as_str(), Some(&*dead.arn().await?))?;
    // AWS answers with a number, whatever was sent.
    same("maxReceiveCount", policy["maxReceiveCount"].as_u64(), Some(3))
}

async fn redrive_count(cx: Context, count: u32) -> Checked {
    let arn = Queue::new(&cx, &[]).await?.arn().await?;
    let policy = super::support::redrive_policy(&arn, count);
    refused_attribute(cx, "RedrivePolicy", policy, "InvalidParameterValue").await
}

async fn deleted(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    cx.sqs().delete_queue().queue_url(&queue.url).send().await.answer("DeleteQueue")?;
    let get = cx.sqs().get_queue_url().queue_name(&queue.name);
    get.send().await.refused(400, "QueueDoesNotExist").map(drop)
}

async fn delete_missing(cx: Context) -> Checked {
    let url = Queue::new(&cx, &[]).await?.url_of_none();
    let delete = cx.sqs().delete_queue().queue_url(url);
    delete.send().await.refused(400, "QueueDoesNotExist").map(drop)
}

async fn delete_full(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    queue.send("m").await?;
    cx.sqs().delete_queue().queue_url(&queue.url).send().await.answer("DeleteQueue").map(drop)
}
