//! Attributes of messages: types, names, limits, digests, selection.

use aws_sdk_sqs::{
    primitives::Blob,
    types::{
        MessageAttributeValue, MessageSystemAttributeNameForSends, MessageSystemAttributeValue,
    },
};

use super::support::{Queue, system};
use crate::{
    Case, Checked, Mismatch,
    case::case,
    check::{Answered as _, built, holds, present, same},
    context::Context,
};

const ATTRIBUTES: &str = "SQS guide, message metadata: message attributes";
const RECEIVE: &str = "SQS API reference, ReceiveMessage, MessageAttributeNames";
const RECORDED: &str = "SQS guide, calculating the MD5 digest; digests recorded from AWS";

/// Names that are refused, and the rule that each breaks.
const BAD_NAMES: [(&str, &str, &str); 6] = [
    ("aws-prefix", "AWS.trace", "A name must not begin with AWS. in any casing."),
    ("amazon-prefix", "amazon.trace", "A name must not begin with Amazon. in any casing."),
    ("first-period", ".name", "A name must not begin with a period."),
    ("last-period", "name.", "A name must not end with a period."),
    ("two-periods", "a..b", "A name must not have two periods in succession."),
    ("space", "a b", "A name has letters, digits, underscores, hyphens and periods only."),
];

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![
        case(
            "sqs/message-attributes/types",
            "String, Number and Binary attributes arrive as they were sent.",
            ATTRIBUTES,
            types,
        ),
        case(
            "sqs/message-attributes/custom-type",
            "A type may carry a label of its own after a period.",
            ATTRIBUTES,
            custom_type,
        ),
        case(
            "sqs/message-attributes/md5",
            "MD5OfMessageAttributes follows the documented algorithm.",
            RECORDED,
            md5,
        ),
        case("sqs/message-attributes/ten", "A message has up to 10 attributes.", ATTRIBUTES, ten),
        case(
            "sqs/message-attributes/eleven",
            "A message with 11 attributes is refused.",
            ATTRIBUTES,
            eleven,
        ),
        case(
            "sqs/message-attributes/none-asked",
            "Without names no attributes and no digest are received.",
            RECEIVE,
            none_asked,
        ),
        case(
            "sqs/message-attributes/by-name",
            "Only the attributes named are received.",
            RECEIVE,
            |cx| selected(cx, "Hello", &["Hello"]),
        ),
        case(
            "sqs/message-attributes/by-prefix",
            "A name that ends with .* selects what begins with it.",
            RECEIVE,
            |cx| selected(cx, "Help.*", &["Help.Me"]),
        ),
        case("sqs/message-attributes/all", "All selects every attribute.", RECEIVE, |cx| {
            selected(cx, "All", &["General", "Hello", "Help.Me"])
        }),
        case(
            "sqs/message-attributes/dot-star",
            "The pattern .* selects every attribute.",
            RECEIVE,
            |cx| selected(cx, ".*", &["General", "Hello", "Help.Me"]),
        ),
        case(
            "sqs/message-attributes/unknown-name",
            "A name that no attribute has selects nothing.",
            RECEIVE,
            |cx| selected(cx, "Nope", &[]),
        ),
        case("sqs/message-attributes/no-type", "DataType is required.", ATTRIBUTES, |cx| {
            refused_value(cx, "", Some("v"))
        }),
        case(
            "sqs/message-attributes/unknown-type",
            "The type is String, Number or Binary.",
            ATTRIBUTES,
            |cx| refused_value(cx, "Text", Some("v")),
        ),
        case(
            "sqs/message-attributes/no-value",
            "The value must not be empty or null.",
            ATTRIBUTES,
            |cx| refused_value(cx, "String", None),
        ),
        case(
            "sqs/message-attributes/empty-value",
            "An empty string is no value.",
            ATTRIBUTES,
            |cx| refused_value(cx, "String", Some("")),
        ),
        case("sqs/message-attributes/no-number", "A Number must be one.", ATTRIBUTES, |cx| {
            refused_value(cx, "Number", Some("1x"))
        }),
        case(
            "sqs/message-attributes/trace-header",
            "AWSTraceHeader is carried as a system attribute with a digest of its own.",
            "SQS API reference, SendMessage, MessageSystemAttributes",
            trace_header,
        ),
        case(
            "sqs/message-attributes/other-system-attribute",
            "AWSTraceHeader is the only system attribute that can be sent.",
            "SQS API reference, SendMessage, MessageSystemAttributes",
            other_system_attribute,
        ),
    ];
    for (id, name, rule) in BAD_NAMES {
        cases.push(case(
            format!("sqs/message-attributes/name-{id}"),
            rule,
            ATTRIBUTES,
            move |cx| refused_name(cx, name.to_owned()),
        ));
    }
    cases.push(case(
        "sqs/message-attributes/name-of-257",
        "A name has up to 256 characters.",
        ATTRIBUTES,
        |cx| refused_name(cx, "n".repeat(257)),
    ));
    cases
}

/// An attribute of type String.
pub(super) fn string(value: impl Into<String>) -> Result<MessageAttributeValue, Mismatch> {
    typed("String", Some(value.into()))
}

fn typed(data_type: &str, value: Option<String>) -> Result<MessageAttributeValue, Mismatch> {
    let attribute = MessageAttributeValue::builder().data_type(data_type).set_string_value(value);
    built(attribute.build())
}

async fn types(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let blob = Blob::new([0_u8, 255, 7]);
    let binary = MessageAttributeValue::builder().data_type("Binary").binary_value(blob.clone());
    let send = cx.sqs().send_message().queue_url(&queue.url).message_body("m");
    send.message_attributes("s", string("text")?)
        .message_attributes("n", typed("Number", Some("-1.5e3".to_owned()))?)
        .message_attributes("b", built(binary.build())?)
        .send()
        .await
        .answer("SendMessage")?;
    let got = queue.one().await?.message_attributes.unwrap_or_default();
    let value = |name: &str| present(name, got.get(name).cloned());
    same("s", value("s")?.string_value.as_deref(), Some("text"))?;
    same("n", value("n")?.string_value.as_deref(), Some("-1.5e3"))?;
    same("type of n", value("n")?.data_type, "Number")?;
    same("b", value("b")?.binary_value, Some(blob))
}

async fn custom_type(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let send = cx.sqs().send_message().queue_url(&queue.url).message_body("m");
    send.message_attributes("id", typed("String.order", Some("7".to_owned()))?)
        .send()
        .await
        .answer("SendMessage")?;
    let got = queue.one().await?.message_attributes.unwrap_or_default();
    same("DataType", got.get("id").map(|value| value.data_type.as_str()), Some("String.order"))
}

/// Three attributes whose digests were recorded from AWS.
async fn send_three(cx: &Context, queue: &Queue) -> Result<Option<String>, Mismatch> {
    let send = cx.sqs().send_message().queue_url(&queue.url).message_body("msg");
    let sent = send
        .message_attributes("Help.Me", string("Me")?)
        .message_attributes("Hello", string("There")?)
        .message_attributes("General", string("Kenobi")?)
        .send()
        .await;
    Ok(sent.answer("SendMessage")?.md5_of_message_attributes)
}

async fn md5(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let digest = Some("4c360f3fdafd970e05fae2f149d997f5".to_owned());
    same("MD5OfMessageAttributes, sent", send_three(&cx, &queue).await?, digest.clone())?;
    same("MD5OfMessageAttributes, received", queue.one().await?.md5_of_message_attributes, digest)
}

async fn ten(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let mut send = cx.sqs().send_message().queue_url(&queue.url).message_body("m");
    for n in 0..10 {
        send = send.message_attributes(format!("a{n}"), string("v")?);
    }
    send.send().await.answer("SendMessage with 10 attributes")?;
    same("attributes", queue.one().await?.message_attributes.map(|got| got.len()), Some(10))
}

async fn eleven(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let mut send = cx.sqs().send_message().queue_url(&queue.url).message_body("m");
    for n in 0..11 {
        send = send.message_attributes(format!("a{n}"), string("v")?);
    }
    send.send()
        .await
        .refused(400, "InvalidParameterValue")?
        .saying("Number of message attributes [11] exceeds the allowed maximum [10].")
}

async fn none_asked(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    send_three(&cx, &queue).await?;
    let receive = cx.sqs().receive_message().queue_url(&queue.url).wait_time_seconds(1);
    let messages = receive.send().await.answer("ReceiveMessage")?.messages.unwrap_or_default();
    let message = present("a message", messages.into_iter().next())?;
    same("MessageAttributes", message.message_attributes, None)?;
    same("MD5OfMessageAttributes", message.md5_of_message_attributes, None)
}

async fn selected(
    cx: Context,
    pattern: &'static str,
    expected: &'static [&'static str],
) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    send_three(&cx, &queue).await?;
    let receive = cx.sqs().receive_message().queue_url(&queue.url).wait_time_seconds(1);
    let received = receive.message_attribute_names(pattern).send().await;
    let messages = received.answer("ReceiveMessage")?.messages.unwrap_or_default();
    let message = present("a message", messages.into_iter().next())?;
    let got = message.message_attributes.unwrap_or_default();
    let mut names: Vec<&str> = got.keys().map(String::as_str).collect();
    names.sort_unstable();
    same("attributes", names, expected)
}

async fn refused_value(
    cx: Context,
    data_type: &'static str,
    value: Option<&'static str>,
) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let attribute = typed(data_type, value.map(str::to_owned))?;
    let send = cx.sqs().send_message().queue_url(&queue.url).message_body("m");
    let send = send.message_attributes("name", attribute);
    send.send().await.refused(400, "InvalidParameterValue").map(drop)
}

async fn refused_name(cx: Context, name: String) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let send = cx.sqs().send_message().queue_url(&queue.url).message_body("m");
    let send = send.message_attributes(name, string("v")?);
    send.send().await.refused(400, "InvalidParameterValue").map(drop)
}

fn system_value(text: &str) -> Result<MessageSystemAttributeValue, Mismatch> {
    built(MessageSystemAttributeValue::builder().data_type("String").string_value(text).build())
}

async fn trace_header(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let header = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1";
    let send = cx.sqs().send_message().queue_url(&queue.url).message_body("m");
    let name = MessageSystemAttributeNameForSends::AwsTraceHeader;
    let sent = send.message_system_attributes(name, system_value(header)?).send().await;
    let digest = sent.answer("SendMessage")?.md5_of_message_system_attributes;
    holds("MD5OfMessageSystemAttributes", digest.is_some(), digest)?;
    same("AWSTraceHeader", system(&queue.one().await?, "AWSTraceHeader"), Some(header))
}

async fn other_system_attribute(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let send = cx.sqs().send_message().queue_url(&queue.url).message_body("m");
    let name = MessageSystemAttributeNameForSends::from("SenderId");
    let send = send.message_system_attributes(name, system_value("me")?);
    send.send().await.refused(400, "InvalidParameterValue").map(drop)
}
