//! `ReceiveMessage`: counts, polling, attributes, concurrency.

use std::{collections::BTreeSet, time::Duration};

use super::support::{Queue, body_of, system};
use crate::{
    Case, Checked,
    case::case,
    check::{Answered as _, holds, present, same},
    context::Context,
};

const RECEIVE: &str = "SQS API reference, ReceiveMessage";
const POLLING: &str = "SQS guide, short and long polling; behaviour sheet 5.1";

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![
        case(
            "sqs/receive-message/one-by-default",
            "Without a number at most one message is received.",
            RECEIVE,
            one_by_default,
        ),
        case(
            "sqs/receive-message/up-to-ten",
            "At most ten messages are received at once.",
            RECEIVE,
            up_to_ten,
        ),
        case(
            "sqs/receive-message/nothing-there",
            "A short poll of an empty queue returns at once, without messages.",
            POLLING,
            nothing_there,
        ),
        case(
            "sqs/receive-message/long-poll-waits",
            "A long poll of an empty queue ends empty, after its time.",
            POLLING,
            long_poll_waits,
        ),
        case(
            "sqs/receive-message/long-poll-wakes",
            "A long poll returns as soon as a message comes.",
            POLLING,
            long_poll_wakes,
        ),
        case(
            "sqs/receive-message/queue-wait",
            "The queue's own wait time applies when the call names none.",
            POLLING,
            queue_wait,
        ),
        case(
            "sqs/receive-message/wait-of-0",
            "A wait time of 0 goes before the queue's own.",
            POLLING,
            wait_of_zero,
        ),
        case(
            "sqs/receive-message/missing-queue",
            "A queue that is not there is QueueDoesNotExist.",
            RECEIVE,
            missing_queue,
        ),
        case(
            "sqs/receive-message/receive-count",
            "ApproximateReceiveCount grows with each receive.",
            RECEIVE,
            receive_count,
        ),
        case(
            "sqs/receive-message/timestamps",
            "SentTimestamp and ApproximateFirstReceiveTimestamp are milliseconds, the second not before the first.",
            RECEIVE,
            timestamps,
        ),
        case(
            "sqs/receive-message/first-receive-stays",
            "ApproximateFirstReceiveTimestamp is that of the first receive.",
            RECEIVE,
            first_receive_stays,
        ),
        case(
            "sqs/receive-message/sender",
            "SenderId is among the system attributes.",
            RECEIVE,
            sender,
        ),
        case(
            "sqs/receive-message/no-system-attributes",
            "System attributes come only when they are asked for.",
            RECEIVE,
            no_system_attributes,
        ),
        case(
            "sqs/receive-message/one-system-attribute",
            "Only the system attributes named are received.",
            RECEIVE,
            one_system_attribute,
        ),
        case(
            "sqs/receive-message/unknown-system-attribute",
            "A system attribute that is none is InvalidAttributeName.",
            RECEIVE,
            unknown_system_attribute,
        ),
        case(
            "sqs/receive-message/handle-is-new",
            "Each receive of a message has a receipt handle of its own.",
            RECEIVE,
            handle_is_new,
        ),
        case(
            "sqs/receive-message/attempt-id-needs-fifo",
            "ReceiveRequestAttemptId is for FIFO queues only.",
            RECEIVE,
            attempt_id,
        ),
        case(
            "sqs/receive-message/concurrent",
            "Of many that receive at once no two get the same message.",
            RECEIVE,
            concurrent,
        ),
    ];
    for (id, parameter, value, least, most) in [
        ("number-of-0", "MaxNumberOfMessages", 0, 1, 10),
        ("number-of-11", "MaxNumberOfMessages", 11, 1, 10),
        ("visibility-negative", "VisibilityTimeout", -1, 0, 43_200),
        ("visibility-of-43201", "VisibilityTimeout", 43_201, 0, 43_200),
        ("wait-negative", "WaitTimeSeconds", -1, 0, 20),
        ("wait-of-21", "WaitTimeSeconds", 21, 0, 20),
    ] {
        let rule = format!("{parameter} is {least} to {most}.");
        cases.push(case(format!("sqs/receive-message/{id}"), rule, RECEIVE, move |cx| {
            out_of_range(cx, parameter, value)
        }));
    }
    cases
}

async fn one_by_default(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    queue.send("a").await?;
    queue.send("b").await?;
    let receive = cx.sqs().receive_message().queue_url(&queue.url).wait_time_seconds(1);
    let got = receive.send().await.answer("ReceiveMessage")?.messages.unwrap_or_default();
    same("messages", got.len(), 1)
}

async fn up_to_ten(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    for n in 0..12 {
        queue.send(&format!("m{n}")).await?;
    }
    let got = queue.receive(10, 1).await?;
    holds("1 to 10 messages", (1..=10).contains(&got.len()), got.len())
}

async fn nothing_there(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let receive = cx.sqs().receive_message().queue_url(&queue.url);
    let got = receive.send().await.answer("ReceiveMessage")?.messages;
    holds("no messages", got.as_ref().is_none_or(Vec::is_empty), &got)
}

async fn long_poll_waits(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let started = tokio::time::Instant::now();
    let got = queue.receive(1, 1).await?;
    let took = started.elapsed();
    holds("no messages", got.is_empty(), &got)?;
    holds("a second of waiting", took >= Duration::from_millis(900), took)
}

async fn long_poll_wakes(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let send = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        queue.send("m").await
    };
    let (got, sent) = tokio::join!(queue.receive(1, 10), send);
    sent?;
    same("messages", got?.len(), 1)
}

async fn queue_wait(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[("ReceiveMessageWaitTimeSeconds", "1")]).await?;
    let started = tokio::time::Instant::now();
    let receive = cx.sqs().receive_message().queue_url(&queue.url);
    receive.send().await.answer("ReceiveMessage")?;
    let took = started.elapsed();
    holds("a second of waiting", took >= Duration::from_millis(900), took)
}

async fn wait_of_zero(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[("ReceiveMessageWaitTimeSeconds", "20")]).await?;
    let started = tokio::time::Instant::now();
    queue.is_empty().await?;
    let took = started.elapsed();
    holds("no waiting", took < Duration::from_secs(15), took)
}

async fn missing_queue(cx: Context) -> Checked {
    let url = Queue::new(&cx, &[]).await?.url_of_none();
    let receive = cx.sqs().receive_message().queue_url(url);
    receive.send().await.refused(400, "QueueDoesNotExist").map(drop)
}

async fn receive_count(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[("VisibilityTimeout", "0")]).await?;
    queue.send("m").await?;
    for count in ["1", "2", "3"] {
        let message = queue.one().await?;
        same("ApproximateReceiveCount", system(&message, "ApproximateReceiveCount"), Some(count))?;
    }
    Ok(())
}

async fn timestamps(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    queue.send("m").await?;
    let message = queue.one().await?;
    let ms = |name: &str| system(&message, name).and_then(|text| text.parse::<u64>().ok());
    let sent = present("SentTimestamp", ms("SentTimestamp"))?;
    let first = present("the time of the first receive", ms("ApproximateFirstReceiveTimestamp"))?;
    holds("milliseconds of the epoch", sent > 1_700_000_000_000, sent)?;
    holds("received not before sent", first >= sent, (sent, first))
}

async fn first_receive_stays(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[("VisibilityTimeout", "0")]).await?;
    queue.send("m").await?;
    let (first, second) = (queue.one().await?, queue.one().await?);
    let name = "ApproximateFirstReceiveTimestamp";
    same(name, system(&second, name), system(&first, name))
}

async fn sender(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    queue.send("m").await?;
    let message = queue.one().await?;
    holds("a SenderId", system(&message, "SenderId").is_some_and(|id| !id.is_empty()), message)
}

async fn no_system_attributes(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    queue.send("m").await?;
    let receive = cx.sqs().receive_message().queue_url(&queue.url).wait_time_seconds(1);
    let got = receive.send().await.answer("ReceiveMessage")?.messages.unwrap_or_default();
    same("Attributes", present("a message", got.into_iter().next())?.attributes, None)
}

async fn one_system_attribute(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    queue.send("m").await?;
    let receive = cx.sqs().receive_message().queue_url(&queue.url).wait_time_seconds(1);
    let receive = receive.message_system_attribute_names("SentTimestamp".into());
    let got = receive.send().await.answer("ReceiveMessage")?.messages.unwrap_or_default();
    let attributes = present("a message", got.into_iter().next())?.attributes.unwrap_or_default();
    same(
        "names",
        attributes.keys().map(|name| name.as_str()).collect::<Vec<_>>(),
        ["SentTimestamp"],
    )
}

async fn unknown_system_attribute(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let receive = cx.sqs().receive_message().queue_url(&queue.url);
    let receive = receive.message_system_attribute_names("Nonsense".into());
    receive.send().await.refused(400, "InvalidAttributeName").map(drop)
}

async fn handle_is_new(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[("VisibilityTimeout", "0")]).await?;
    queue.send("m").await?;
    let (first, second) = (queue.one().await?, queue.one().await?);
    same("MessageId", &first.message_id, &second.message_id)?;
    let differ = first.receipt_handle != second.receipt_handle;
    holds("another receipt handle", differ, second.receipt_handle)
}

async fn attempt_id(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let receive = cx.sqs().receive_message().queue_url(&queue.url);
    let receive = receive.receive_request_attempt_id("attempt");
    receive.send().await.refused(400, "InvalidParameterValue").map(drop)
}

async fn out_of_range(cx: Context, parameter: &'static str, value: i32) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let receive = cx.sqs().receive_message().queue_url(&queue.url);
    let receive = match parameter {
        "MaxNumberOfMessages" => receive.max_number_of_messages(value),
        "VisibilityTimeout" => receive.visibility_timeout(value),
        _ => receive.wait_time_seconds(value),
    };
    let refusal = receive.send().await.refused(400, "InvalidParameterValue")?;
    refusal.mentioning(&format!("Value {value} for parameter {parameter} is invalid. Reason: "))
}

async fn concurrent(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    for n in 0..20 {
        queue.send(&format!("m{n}")).await?;
    }
    let mut seen = BTreeSet::new();
    for _ in 0..20 {
        for received in futures::future::join_all((0..6).map(|_| queue.receive(3, 0))).await {
            for message in received? {
                holds(
                    "each message once",
                    seen.insert(body_of(&message).to_owned()),
                    body_of(&message),
                )?;
            }
        }
        if seen.len() == 20 {
            return Ok(());
        }
    }
    same("messages", seen.len(), 20)
}
