//! `GetQueueUrl`, `ListQueues` and `ListDeadLetterSourceQueues`.

use super::support::{Queue, redrive_policy};
use crate::{
    Case, Checked,
    case::case,
    check::{Answered as _, holds, present, same},
    context::Context,
};

const URL: &str = "SQS API reference, GetQueueUrl";
const LIST: &str = "SQS API reference, ListQueues";
const SOURCES: &str = "SQS API reference, ListDeadLetterSourceQueues";

pub(super) fn cases() -> Vec<Case> {
    vec![
        case("sqs/get-queue-url/known", "The URL is the one CreateQueue gave.", URL, known),
        case(
            "sqs/get-queue-url/missing",
            "A queue that is not there is QueueDoesNotExist with HTTP 400.",
            URL,
            missing,
        ),
        case(
            "sqs/get-queue-url/query-code",
            "Callers of the old protocol find AWS.SimpleQueueService.NonExistentQueue in x-amzn-query-error.",
            "Smithy, awsQueryCompatible; SQS service model",
            query_code,
        ),
        case(
            "sqs/list-queues/by-prefix",
            "Only queues whose names begin with the prefix are listed.",
            LIST,
            by_prefix,
        ),
        case(
            "sqs/list-queues/pages",
            "Pages of MaxResults with tokens come to all queues, each once.",
            LIST,
            pages,
        ),
        case(
            "sqs/list-queues/no-token-without-max",
            "Without MaxResults there is no token.",
            LIST,
            no_token,
        ),
        case("sqs/list-queues/max-of-0", "MaxResults is at least 1.", LIST, |cx| bad_max(cx, 0)),
        case("sqs/list-queues/max-of-1001", "MaxResults is at most 1,000.", LIST, |cx| {
            bad_max(cx, 1_001)
        }),
        case(
            "sqs/list-dead-letter-sources/lists",
            "The queues that name it as dead-letter queue are listed.",
            SOURCES,
            sources,
        ),
        case(
            "sqs/list-dead-letter-sources/none",
            "A queue that nobody names has no sources.",
            SOURCES,
            no_sources,
        ),
        case(
            "sqs/list-dead-letter-sources/missing",
            "A queue that is not there is QueueDoesNotExist.",
            SOURCES,
            sources_missing,
        ),
    ]
}

async fn known(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let got =
        cx.sqs().get_queue_url().queue_name(&queue.name).send().await.answer("GetQueueUrl")?;
    same("QueueUrl", got.queue_url, Some(queue.url))
}

async fn missing(cx: Context) -> Checked {
    let get = cx.sqs().get_queue_url().queue_name(cx.name("none"));
    get.send()
        .await
        .refused(400, "QueueDoesNotExist")?
        .mentioning("The specified queue does not exist")
}

async fn query_code(cx: Context) -> Checked {
    let got = cx.sqs().get_queue_url().queue_name(cx.name("none")).send().await;
    let error = present("an error", got.err())?;
    let raw = present("an answer", error.raw_response())?;
    same(
        "x-amzn-query-error",
        raw.headers().get("x-amzn-query-error"),
        Some("AWS.SimpleQueueService.NonExistentQueue;Sender"),
    )
}

async fn by_prefix(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let list = cx.sqs().list_queues().queue_name_prefix(&queue.name);
    let listed = list.send().await.answer("ListQueues")?.queue_urls.unwrap_or_default();
    same("QueueUrls", listed, [queue.url])
}

async fn pages(cx: Context) -> Checked {
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(Queue::new(&cx, &[]).await?.url);
    }
    let (mut seen, mut token) = (Vec::new(), None);
    for _ in 0..5 {
        let list = cx.sqs().list_queues().queue_name_prefix(cx.prefix()).max_results(2);
        let page = list.set_next_token(token).send().await.answer("ListQueues")?;
        let urls = page.queue_urls.unwrap_or_default();
        holds("at most 2 a page", urls.len() <= 2, &urls)?;
        seen.extend(urls);
        token = page.next_token;
        if token.is_none() {
            break;
        }
    }
    made.sort_unstable();
    seen.sort_unstable();
    same("URLs of all pages", seen, made)
}

async fn no_token(cx: Context) -> Checked {
    Queue::new(&cx, &[]).await?;
    Queue::new(&cx, &[]).await?;
    let listed = cx.sqs().list_queues().queue_name_prefix(cx.prefix()).send().await;
    same("NextToken", listed.answer("ListQueues")?.next_token, None)
}

async fn bad_max(cx: Context, most: i32) -> Checked {
    let list = cx.sqs().list_queues().max_results(most);
    list.send().await.refused(400, "InvalidParameterValue").map(drop)
}

async fn sources(cx: Context) -> Checked {
    let (queue, dead) = Queue::with_dead_letters(&cx, 2).await?;
    let policy = redrive_policy(&dead.arn().await?, 2);
    let second = Queue::new(&cx, &[("RedrivePolicy", &policy)]).await?;
    let list = cx.sqs().list_dead_letter_source_queues().queue_url(&dead.url);
    let mut listed = list.send().await.answer("ListDeadLetterSourceQueues")?.queue_urls;
    listed.sort_unstable();
    let mut expected = [queue.url, second.url];
    expected.sort_unstable();
    same("queueUrls", listed, expected)
}

async fn no_sources(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let list = cx.sqs().list_dead_letter_source_queues().queue_url(&queue.url);
    let listed = list.send().await.answer("ListDeadLetterSourceQueues")?;
    holds("no sources", listed.queue_urls.is_empty(), listed)
}

async fn sources_missing(cx: Context) -> Checked {
    let url = Queue::new(&cx, &[]).await?.url_of_none();
    let list = cx.sqs().list_dead_letter_source_queues().queue_url(url);
    list.send().await.refused(400, "QueueDoesNotExist").map(drop)
}
