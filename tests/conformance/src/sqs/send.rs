//! `SendMessage`: bodies, digests, delays.

use super::support::{Queue, body_of, system, take_all};
use crate::{
    Case, Checked,
    case::case,
    check::{Answered as _, holds, present, same},
    context::Context,
};

const SEND: &str = "SQS API reference, SendMessage";
const QUOTAS: &str = "SQS guide, message quotas; behaviour sheet 5.1";

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![
        case(
            "sqs/send-message/round-trip",
            "What is sent is received, byte for byte.",
            SEND,
            round_trip,
        ),
        case(
            "sqs/send-message/unicode",
            "Any Unicode text that XML allows is carried.",
            SEND,
            unicode,
        ),
        case("sqs/send-message/md5", "MD5OfMessageBody is the digest of the body.", SEND, md5),
        case(
            "sqs/send-message/id-is-received",
            "The id of SendMessage is the id that is received.",
            SEND,
            same_id,
        ),
        case(
            "sqs/send-message/no-sequence-number",
            "A standard queue gives no sequence number.",
            SEND,
            no_sequence_number,
        ),
        case(
            "sqs/send-message/missing-queue",
            "A queue that is not there is QueueDoesNotExist.",
            SEND,
            missing_queue,
        ),
        case("sqs/send-message/empty-body", "A body has at least one character.", SEND, empty_body),
        case("sqs/send-message/no-body", "MessageBody is required.", SEND, no_body),
        case(
            "sqs/send-message/body-of-1-mib",
            "A message has up to 1,048,576 bytes.",
            QUOTAS,
            |cx| body_of_size(cx, 1_048_576),
        ),
        case(
            "sqs/send-message/body-too-long",
            "A message of more than 1,048,576 bytes is refused.",
            QUOTAS,
            too_long,
        ),
        case(
            "sqs/send-message/attributes-count",
            "Attributes count towards the size of a message.",
            QUOTAS,
            attributes_count,
        ),
        case(
            "sqs/send-message/queue-maximum",
            "A message above the queue's MaximumMessageSize is refused.",
            SEND,
            queue_maximum,
        ),
        case(
            "sqs/send-message/delay-hides",
            "A delayed message can't be received before its delay is over.",
            SEND,
            delay_hides,
        ),
        case(
            "sqs/send-message/delay-ends",
            "A delayed message can be received when its delay is over.",
            SEND,
            delay_ends,
        ),
        case(
            "sqs/send-message/delay-overrides",
            "A message's own delay goes before the queue's.",
            SEND,
            delay_overrides,
        ),
        case("sqs/send-message/delay-of-901", "DelaySeconds is at most 900.", SEND, |cx| {
            bad_delay(cx, 901)
        }),
        case("sqs/send-message/delay-negative", "DelaySeconds is at least 0.", SEND, |cx| {
            bad_delay(cx, -1)
        }),
        case(
            "sqs/send-message/group-on-standard",
            "A standard queue takes a MessageGroupId, for fair queues, and gives it to receivers.",
            SEND,
            group_on_standard,
        ),
        case(
            "sqs/send-message/concurrent",
            "Of many that send at once every message arrives exactly once.",
            SEND,
            concurrent,
        ),
    ];
    for (id, text) in
        [("nul", "a\u{0}b"), ("control", "a\u{b}b"), ("not-a-character", "a\u{ffff}b")]
    {
        let rule = "A body with a character that XML does not allow is InvalidMessageContents.";
        cases.push(case(format!("sqs/send-message/character-{id}"), rule, SEND, move |cx| {
            bad_character(cx, text)
        }));
    }
    cases
}

async fn round_trip(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let body = r#"{"order": "1", "text": "<b> & 'quotes' \"\\ \t\r\n"}"#;
    queue.send(body).await?;
    same("Body", body_of(&queue.one().await?), body)
}

async fn unicode(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let body = "\u{9}\u{a}\u{d}\u{20}\u{d7ff}\u{e000}\u{fffd}\u{10000}\u{10ffff} Grüße 🛒";
    queue.send(body).await?;
    same("Body", body_of(&queue.one().await?), body)
}

async fn md5(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let send = cx.sqs().send_message().queue_url(&queue.url).message_body("hello");
    let sent = send.send().await.answer("SendMessage")?;
    let digest = "5d41402abc4b2a76b9719d911017c592";
    same("MD5OfMessageBody", sent.md5_of_message_body.as_deref(), Some(digest))?;
    same("MD5OfBody", queue.one().await?.md5_of_body.as_deref(), Some(digest))
}

async fn same_id(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let send = cx.sqs().send_message().queue_url(&queue.url).message_body("m");
    let id = present("MessageId", send.send().await.answer("SendMessage")?.message_id)?;
    same("MessageId", queue.one().await?.message_id, Some(id))
}

async fn no_sequence_number(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let send = cx.sqs().send_message().queue_url(&queue.url).message_body("m");
    same("SequenceNumber", send.send().await.answer("SendMessage")?.sequence_number, None)
}

async fn missing_queue(cx: Context) -> Checked {
    let url = Queue::new(&cx, &[]).await?.url_of_none();
    let send = cx.sqs().send_message().queue_url(url).message_body("m");
    send.send().await.refused(400, "QueueDoesNotExist").map(drop)
}

async fn empty_body(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let send = cx.sqs().send_message().queue_url(&queue.url).message_body("");
    send.send()
        .await
        .refused(400, "MissingParameter")?
        .mentioning("The request must contain the parameter MessageBody")
}

async fn no_body(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let send = cx.sqs().send_message().queue_url(&queue.url);
    send.send().await.refused(400, "MissingParameter").map(drop)
}

async fn body_of_size(cx: Context, bytes: usize) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    queue.send(&"x".repeat(bytes)).await?;
    same("bytes", body_of(&queue.one().await?).len(), bytes)
}

async fn too_long(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let send = cx.sqs().send_message().queue_url(&queue.url).message_body("x".repeat(1_048_577));
    send.send().await.refused(400, "InvalidParameterValue")?.saying(
        "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.",
    )
}

async fn attributes_count(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[("MaximumMessageSize", "1024")]).await?;
    let attribute = super::send_attributes::string("x".repeat(20))?;
    let send = cx.sqs().send_message().queue_url(&queue.url).message_body("x".repeat(1_000));
    send.message_attributes("name", attribute)
        .send()
        .await
        .refused(400, "InvalidParameterValue")
        .map(drop)
}

async fn queue_maximum(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[("MaximumMessageSize", "1024")]).await?;
    queue.send(&"x".repeat(1_024)).await?;
    let send = cx.sqs().send_message().queue_url(&queue.url).message_body("x".repeat(1_025));
    send.send().await.refused(400, "InvalidParameterValue")?.saying(
        "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.",
    )
}

async fn bad_character(cx: Context, text: &'static str) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let send = cx.sqs().send_message().queue_url(&queue.url).message_body(text);
    send.send().await.refused(400, "InvalidMessageContents").map(drop)
}

async fn delay_hides(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let send = cx.sqs().send_message().queue_url(&queue.url).message_body("m").delay_seconds(60);
    send.send().await.answer("SendMessage")?;
    queue.is_empty().await
}

async fn delay_ends(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let send = cx.sqs().send_message().queue_url(&queue.url).message_body("m").delay_seconds(1);
    send.send().await.answer("SendMessage")?;
    holds("a message within 5 s", queue.receive(1, 5).await?.len() == 1, "none")
}

async fn delay_overrides(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[("DelaySeconds", "600")]).await?;
    let send = cx.sqs().send_message().queue_url(&queue.url).message_body("m").delay_seconds(0);
    send.send().await.answer("SendMessage")?;
    queue.one().await.map(drop)
}

async fn bad_delay(cx: Context, seconds: i32) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let send = cx.sqs().send_message().queue_url(&queue.url).message_body("m");
    send.delay_seconds(seconds).send().await.refused(400, "InvalidParameterValue")?.saying(&format!(
        "Value {seconds} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 \
         and <= 900."
    ))
}

async fn group_on_standard(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let send = cx.sqs().send_message().queue_url(&queue.url).message_body("m");
    send.message_group_id("tenant").send().await.answer("SendMessage with a group")?;
    same("MessageGroupId", system(&queue.one().await?, "MessageGroupId"), Some("tenant"))
}

async fn concurrent(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let bodies: Vec<String> = (0..24).map(|n| format!("m{n:02}")).collect();
    for sent in futures::future::join_all(bodies.iter().map(|body| queue.send(body))).await {
        sent?;
    }
    let mut taken = take_all(&queue, bodies.len()).await?;
    taken.sort_unstable();
    same("bodies", taken, bodies)
}
