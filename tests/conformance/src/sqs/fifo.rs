//! FIFO queues: order, groups, deduplication.

use super::support::{Queue, body_of, system, take_all};
use crate::{
    Case, Checked, Mismatch,
    case::case,
    check::{Answered as _, built, holds, present, same},
    context::Context,
};

const SEND: &str = "SQS API reference, SendMessage";
const ONCE: &str = "SQS guide, exactly-once processing in FIFO queues";
const ORDER: &str = "SQS guide, FIFO queue delivery logic";

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "sqs/fifo/order",
            "Messages of a group are received in the order in which they were sent.",
            ORDER,
            order,
        ),
        case(
            "sqs/fifo/blocked-group",
            "While a message of a group is in flight, no other of it is received.",
            ORDER,
            blocked_group,
        ),
        case("sqs/fifo/other-group", "Other groups are received meanwhile.", ORDER, other_group),
        case(
            "sqs/fifo/freed-by-delete",
            "Deleting the message in flight frees its group.",
            ORDER,
            freed_by_delete,
        ),
        case(
            "sqs/fifo/returned-first",
            "A message that comes back comes before those after it.",
            ORDER,
            returned_first,
        ),
        case(
            "sqs/fifo/one-receive-many-of-group",
            "One receive may bring several messages of a group, in order.",
            ORDER,
            many_of_group,
        ),
        case(
            "sqs/fifo/no-group",
            "A message without a group is refused: MessageGroupId is required.",
            SEND,
            no_group,
        ),
        case(
            "sqs/fifo/no-deduplication-id",
            "Without content-based deduplication an id is required.",
            SEND,
            no_deduplication_id,
        ),
        case(
            "sqs/fifo/same-id-twice",
            "A second message with one deduplication id within 5 minutes is taken, but not delivered.",
            ONCE,
            same_id_twice,
        ),
        case(
            "sqs/fifo/same-id-after-delete",
            "The id is remembered after the message was received and deleted.",
            SEND,
            same_id_after_delete,
        ),
        case(
            "sqs/fifo/same-id-other-group",
            "Deduplication is for the whole queue unless its scope says messageGroup.",
            ONCE,
            same_id_other_group,
        ),
        case(
            "sqs/fifo/scope-message-group",
            "With the scope messageGroup one id may be used in two groups.",
            ONCE,
            scope_message_group,
        ),
        case(
            "sqs/fifo/content-based",
            "With content-based deduplication equal bodies are duplicates.",
            ONCE,
            content_based,
        ),
        case(
            "sqs/fifo/own-id-goes-first",
            "A given id goes before the content's.",
            ONCE,
            own_id_first,
        ),
        case(
            "sqs/fifo/sequence-numbers",
            "Sequence numbers are digits, 128 bits at most, and grow within a group.",
            SEND,
            sequence_numbers,
        ),
        case(
            "sqs/fifo/duplicate-answer",
            "A duplicate is answered with the first message's id and sequence number.",
            ONCE,
            duplicate_answer,
        ),
        case(
            "sqs/fifo/system-attributes",
            "Group, deduplication id and sequence number are received.",
            "SQS API reference, ReceiveMessage",
            system_attributes,
        ),
        case(
            "sqs/fifo/delay-of-message",
            "DelaySeconds can't be set on a message of a FIFO queue.",
            SEND,
            delay_of_message,
        ),
        case("sqs/fifo/group-of-129", "A group id has at most 128 characters.", SEND, |cx| {
            bad_group(cx, "g".repeat(129))
        }),
        case(
            "sqs/fifo/group-with-space",
            "A group id has letters, digits and punctuation only.",
            SEND,
            |cx| bad_group(cx, "a b".to_owned()),
        ),
        case(
            "sqs/fifo/concurrent-receivers",
            "Receivers at the same time never hold two messages of one group.",
            ORDER,
            concurrent_receivers,
        ),
        case(
            "sqs/fifo/attempt-id",
            "A receive repeated with its attempt id within 5 minutes brings the same messages.",
            "SQS API reference, ReceiveMessage, ReceiveRequestAttemptId",
            attempt_id,
        ),
        case(
            "sqs/fifo/batch-order",
            "The entries of a batch are in order.",
            "SQS API reference, SendMessageBatch",
            batch_order,
        ),
        case(
            "sqs/fifo/expired-handle",
            "Deleting with a handle whose visibility timeout is over is refused.",
            "SQS API reference, DeleteMessage",
            expired_handle,
        ),
        case(
            "sqs/fifo/dead-letter-queue-type",
            "The dead-letter queue of a FIFO queue must be one as well.",
            "SQS guide, dead-letter queues",
            dead_letter_type,
        ),
    ]
}

async fn order(cx: Context) -> Checked {
    let queue = Queue::fifo(&cx, &[]).await?;
    let bodies: Vec<String> = (0..12).map(|n| format!("m{n:02}")).collect();
    for body in &bodies {
        queue.send_to_group("g", body).await?;
    }
    same("bodies", take_all(&queue, 12).await?, bodies)
}

async fn blocked_group(cx: Context) -> Checked {
    let queue = Queue::fifo(&cx, &[]).await?;
    queue.send_to_group("g", "a").await?;
    queue.send_to_group("g", "b").await?;
    same("first", body_of(&queue.one().await?), "a")?;
    queue.is_empty().await
}

async fn other_group(cx: Context) -> Checked {
    let queue = Queue::fifo(&cx, &[]).await?;
    queue.send_to_group("g", "a").await?;
    queue.send_to_group("h", "b").await?;
    let (first, second) = (queue.one().await?, queue.one().await?);
    let mut bodies = [body_of(&first), body_of(&second)];
    bodies.sort_unstable();
    same("bodies", bodies, ["a", "b"])
}

async fn freed_by_delete(cx: Context) -> Checked {
    let queue = Queue::fifo(&cx, &[]).await?;
    queue.send_to_group("g", "a").await?;
    queue.send_to_group("g", "b").await?;
    queue.delete(&queue.one().await?).await?;
    same("second", body_of(&queue.one().await?), "b")
}

async fn returned_first(cx: Context) -> Checked {
    let queue = Queue::fifo(&cx, &[]).await?;
    queue.send_to_group("g", "a").await?;
    queue.send_to_group("g", "b").await?;
    queue.change_visibility(&queue.one().await?, 0).await?;
    same("first again", body_of(&queue.one().await?), "a")
}

async fn many_of_group(cx: Context) -> Checked {
    let queue = Queue::fifo(&cx, &[]).await?;
    for body in ["a", "b", "c"] {
        queue.send_to_group("g", body).await?;
    }
    let got = queue.receive(10, 1).await?;
    same("bodies", got.iter().map(body_of).collect::<Vec<_>>(), ["a", "b", "c"])
}

async fn no_group(cx: Context) -> Checked {
    let queue = Queue::fifo(&cx, &[]).await?;
    let send = cx.sqs().send_message().queue_url(&queue.url).message_body("m");
    let send = send.message_deduplication_id("d");
    send.send()
        .await
        .refused(400, "MissingParameter")?
        .saying("The request must contain the parameter MessageGroupId.")
}

async fn no_deduplication_id(cx: Context) -> Checked {
    let queue = Queue::fifo(&cx, &[]).await?;
    let send =
        cx.sqs().send_message().queue_url(&queue.url).message_body("m").message_group_id("g");
    send.send().await.refused(400, "InvalidParameterValue")?.saying(
        "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId \
         provided explicitly",
    )
}

async fn send_as(cx: &Context, queue: &Queue, group: &str, id: &str, body: &str) -> Checked {
    let send = cx.sqs().send_message().queue_url(&queue.url).message_body(body);
    let send = send.message_group_id(group).message_deduplication_id(id);
    send.send().await.answer("SendMessage").map(drop)
}

async fn same_id_twice(cx: Context) -> Checked {
    let queue = Queue::fifo(&cx, &[]).await?;
    send_as(&cx, &queue, "g", "d", "first").await?;
    send_as(&cx, &queue, "g", "d", "second").await?;
    same("bodies", take_all(&queue, 1).await?, ["first"])?;
    queue.is_empty().await
}

async fn same_id_after_delete(cx: Context) -> Checked {
    let queue = Queue::fifo(&cx, &[]).await?;
    send_as(&cx, &queue, "g", "d", "first").await?;
    take_all(&queue, 1).await?;
    send_as(&cx, &queue, "g", "d", "second").await?;
    queue.is_empty().await
}

async fn same_id_other_group(cx: Context) -> Checked {
    let queue = Queue::fifo(&cx, &[]).await?;
    send_as(&cx, &queue, "g", "d", "first").await?;
    send_as(&cx, &queue, "h", "d", "second").await?;
    same("bodies", take_all(&queue, 1).await?, ["first"])?;
    queue.is_empty().await
}

async fn scope_message_group(cx: Context) -> Checked {
    let set =
        [("DeduplicationScope", "messageGroup"), ("FifoThroughputLimit", "perMessageGroupId")];
    let queue = Queue::fifo(&cx, &set).await?;
    send_as(&cx, &queue, "g", "d", "first").await?;
    send_as(&cx, &queue, "h", "d", "second").await?;
    same("messages", take_all(&queue, 2).await?.len(), 2)
}

async fn content_based(cx: Context) -> Checked {
    let queue = Queue::fifo(&cx, &[("ContentBasedDeduplication", "true")]).await?;
    for body in ["a", "a", "b"] {
        let send = cx.sqs().send_message().queue_url(&queue.url).message_body(body);
        send.message_group_id("g").send().await.answer("SendMessage")?;
    }
    same("bodies", take_all(&queue, 2).await?, ["a", "b"])
}

async fn own_id_first(cx: Context) -> Checked {
    let queue = Queue::fifo(&cx, &[("ContentBasedDeduplication", "true")]).await?;
    send_as(&cx, &queue, "g", "d1", "same").await?;
    send_as(&cx, &queue, "g", "d2", "same").await?;
    same("bodies", take_all(&queue, 2).await?, ["same", "same"])
}

async fn sequence(
    cx: &Context,
    queue: &Queue,
    id: &str,
) -> Result<(Option<String>, String), Mismatch> {
    let send = cx.sqs().send_message().queue_url(&queue.url).message_body(id);
    let send = send.message_group_id("g").message_deduplication_id(id);
    let sent = send.send().await.answer("SendMessage")?;
    Ok((sent.message_id, present("SequenceNumber", sent.sequence_number)?))
}

async fn sequence_numbers(cx: Context) -> Checked {
    let queue = Queue::fifo(&cx, &[]).await?;
    let number = |text: &str| text.parse::<u128>().ok();
    let (_, first) = sequence(&cx, &queue, "a").await?;
    let (_, second) = sequence(&cx, &queue, "b").await?;
    let grow = matches!((number(&first), number(&second)), (Some(a), Some(b)) if b > a);
    holds("numbers that grow", grow, (first, second))
}

async fn duplicate_answer(cx: Context) -> Checked {
    let queue = Queue::fifo(&cx, &[]).await?;
    let first = sequence(&cx, &queue, "a").await?;
    same("id and number of the duplicate", sequence(&cx, &queue, "a").await?, first)
}

async fn system_attributes(cx: Context) -> Checked {
    let queue = Queue::fifo(&cx, &[]).await?;
    let (_, number) = sequence(&cx, &queue, "d").await?;
    let message = queue.one().await?;
    same("MessageGroupId", system(&message, "MessageGroupId"), Some("g"))?;
    same("MessageDeduplicationId", system(&message, "MessageDeduplicationId"), Some("d"))?;
    same("SequenceNumber", system(&message, "SequenceNumber"), Some(&*number))
}

async fn delay_of_message(cx: Context) -> Checked {
    let queue = Queue::fifo(&cx, &[]).await?;
    let send = cx.sqs().send_message().queue_url(&queue.url).message_body("m").delay_seconds(2);
    let send = send.message_group_id("g").message_deduplication_id("d");
    send.send().await.refused(400, "InvalidParameterValue")?.saying(
        "Value 2 for parameter DelaySeconds is invalid. Reason: The request include parameter that \
         is not valid for this queue type.",
    )
}

async fn bad_group(cx: Context, group: String) -> Checked {
    let queue = Queue::fifo(&cx, &[]).await?;
    let send = cx.sqs().send_message().queue_url(&queue.url).message_body("m");
    let send = send.message_group_id(group).message_deduplication_id("d");
    send.send().await.refused(400, "InvalidParameterValue").map(drop)
}

async fn concurrent_receivers(cx: Context) -> Checked {
    let queue = Queue::fifo(&cx, &[]).await?;
    for n in 0..6 {
        queue.send_to_group("g", &format!("g{n}")).await?;
    }
    let received = futures::future::join_all((0..6).map(|_| queue.receive(1, 0))).await;
    let mut held = Vec::new();
    for messages in received {
        held.extend(messages?.iter().map(|message| body_of(message).to_owned()));
    }
    same("messages of the group in flight", held, ["g0"])
}

async fn attempt_id(cx: Context) -> Checked {
    let queue = Queue::fifo(&cx, &[]).await?;
    queue.send_to_group("g", "m").await?;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let receive = cx.sqs().receive_message().queue_url(&queue.url).wait_time_seconds(1);
        let received = receive.receive_request_attempt_id("attempt").send().await;
        let messages = received.answer("ReceiveMessage")?.messages.unwrap_or_default();
        ids.push(present("a message", messages.into_iter().next())?.message_id);
    }
    same("MessageId of the second", &ids[1], &ids[0])
}

async fn batch_order(cx: Context) -> Checked {
    let queue = Queue::fifo(&cx, &[]).await?;
    let mut send = cx.sqs().send_message_batch().queue_url(&queue.url);
    for body in ["a", "b", "c", "d"] {
        let entry = aws_sdk_sqs::types::SendMessageBatchRequestEntry::builder().id(body);
        let entry = entry.message_body(body).message_group_id("g").message_deduplication_id(body);
        send = send.entries(built(entry.build())?);
    }
    send.send().await.answer("SendMessageBatch")?;
    same("bodies", take_all(&queue, 4).await?, ["a", "b", "c", "d"])
}

async fn expired_handle(cx: Context) -> Checked {
    let queue = Queue::fifo(&cx, &[("VisibilityTimeout", "1")]).await?;
    queue.send_to_group("g", "m").await?;
    let message = queue.one().await?;
    tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
    let delete = cx.sqs().delete_message().queue_url(&queue.url);
    let delete = delete.set_receipt_handle(message.receipt_handle);
    delete
        .send()
        .await
        .refused(400, "InvalidParameterValue")?
        .mentioning("The receipt handle has expired")
}

async fn dead_letter_type(cx: Context) -> Checked {
    let standard = Queue::new(&cx, &[]).await?;
    let queue = Queue::fifo(&cx, &[]).await?;
    let policy = super::support::redrive_policy(&standard.arn().await?, 2);
    let set = cx.sqs().set_queue_attributes().queue_url(&queue.url);
    let set = set.set_attributes(super::support::attributes(&[("RedrivePolicy", &policy)]));
    set.send().await.refused(400, "InvalidParameterValue").map(drop)
}
