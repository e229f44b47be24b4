//! `Publish`: what is delivered, and what is refused.

use aws_sdk_sns::types::MessageAttributeValue;

use super::support::{Topic, next_body, next_json};
use crate::{
    Case, Checked, Mismatch,
    case::case,
    check::{Answered as _, built, holds, present, same},
    context::Context,
    sqs::{Queue, body_of},
};

const PUBLISH: &str = "SNS API reference, Publish";
const RAW: &str = "SNS guide, raw message delivery";
const JSON: &str = "SNS guide, message format of notifications to SQS";
const FIFO: &str = "SNS guide, FIFO topics";

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "sns/publish/envelope",
            "A notification to a queue is JSON with Type, MessageId, TopicArn, Message and Timestamp.",
            JSON,
            envelope,
        ),
        case("sns/publish/subject", "A subject is part of the notification.", JSON, subject),
        case(
            "sns/publish/attributes-in-envelope",
            "Attributes are in the notification, with type and value.",
            JSON,
            attributes_in_envelope,
        ),
        case(
            "sns/publish/raw",
            "With raw delivery the body is the message as it was published.",
            RAW,
            raw,
        ),
        case(
            "sns/publish/raw-attributes",
            "With raw delivery attributes become attributes of the queue's message.",
            RAW,
            raw_attributes,
        ),
        case(
            "sns/publish/every-subscriber",
            "Every subscriber gets a copy.",
            PUBLISH,
            every_subscriber,
        ),
        case(
            "sns/publish/no-subscribers",
            "Publishing without subscribers succeeds.",
            PUBLISH,
            no_subscribers,
        ),
        case(
            "sns/publish/missing-topic",
            "A topic that is not there is NotFound with HTTP 404.",
            PUBLISH,
            missing_topic,
        ),
        case("sns/publish/bad-arn", "An ARN that is none is InvalidParameter.", PUBLISH, bad_arn),
        case("sns/publish/empty-message", "A message is not empty.", PUBLISH, empty_message),
        case("sns/publish/of-256-kb", "A message has up to 262,144 bytes.", PUBLISH, largest),
        case("sns/publish/too-long", "A message of more is InvalidParameter.", PUBLISH, too_long),
        case(
            "sns/publish/subject-of-101",
            "A subject has up to 100 characters.",
            PUBLISH,
            long_subject,
        ),
        case(
            "sns/publish/structure-json",
            "MessageStructure json gives each protocol its own message.",
            PUBLISH,
            structure_json,
        ),
        case(
            "sns/publish/structure-without-default",
            "MessageStructure json needs a default.",
            PUBLISH,
            structure_without_default,
        ),
        case(
            "sns/publish/structure-no-json",
            "MessageStructure json needs JSON.",
            PUBLISH,
            structure_no_json,
        ),
        case(
            "sns/publish/attribute-without-value",
            "An attribute has a value.",
            PUBLISH,
            attribute_without_value,
        ),
        case(
            "sns/publish/fifo-without-group",
            "A FIFO topic needs a MessageGroupId.",
            FIFO,
            fifo_without_group,
        ),
        case(
            "sns/publish/fifo-without-deduplication",
            "A FIFO topic without content-based deduplication needs an id.",
            FIFO,
            fifo_without_deduplication,
        ),
        case(
            "sns/publish/fifo-order",
            "A FIFO topic delivers to a FIFO queue in order, with groups.",
            FIFO,
            fifo_order,
        ),
        case(
            "sns/publish/fifo-deduplicates",
            "A second message with one deduplication id is not delivered.",
            FIFO,
            fifo_deduplicates,
        ),
        case(
            "sns/publish/fifo-sequence-number",
            "A FIFO topic answers with a sequence number.",
            PUBLISH,
            fifo_sequence_number,
        ),
    ]
}

async fn envelope(cx: Context) -> Checked {
    let topic = Topic::new(&cx).await?;
    let queue = topic.heard_by(&[]).await?;
    let publish = cx.sns().publish().topic_arn(&topic.arn).message("hello");
    let id = present("MessageId", publish.send().await.answer("Publish")?.message_id)?;
    let note = next_json(&queue).await?;
    same("Type", note["Type"].as_str(), Some("Notification"))?;
    same("Message", note["Message"].as_str(), Some("hello"))?;
    same("TopicArn", note["TopicArn"].as_str(), Some(&*topic.arn))?;
    same("MessageId", note["MessageId"].as_str(), Some(&*id))?;
    let at = note["Timestamp"].as_str().unwrap_or_default();
    holds("an ISO 8601 Timestamp", at.len() == 24 && at.ends_with('Z') && at.contains('T'), at)
}

async fn subject(cx: Context) -> Checked {
    let topic = Topic::new(&cx).await?;
    let queue = topic.heard_by(&[]).await?;
    let publish = cx.sns().publish().topic_arn(&topic.arn).message("m").subject("news");
    publish.send().await.answer("Publish")?;
    same("Subject", next_json(&queue).await?["Subject"].as_str(), Some("news"))
}

pub(super) fn text(value: &str) -> Result<MessageAttributeValue, Mismatch> {
    built(MessageAttributeValue::builder().data_type("String").string_value(value).build())
}

async fn attributes_in_envelope(cx: Context) -> Checked {
    let topic = Topic::new(&cx).await?;
    let queue = topic.heard_by(&[]).await?;
    let publish = cx.sns().publish().topic_arn(&topic.arn).message("m");
    publish.message_attributes("kind", text("a")?).send().await.answer("Publish")?;
    let note = next_json(&queue).await?;
    same(
        "attribute",
        &note["MessageAttributes"]["kind"],
        &serde_json::json!({"Type": "String", "Value": "a"}),
    )
}

async fn raw(cx: Context) -> Checked {
    let topic = Topic::new(&cx).await?;
    let queue = topic.heard_by(&[("RawMessageDelivery", "true")]).await?;
    let message = r#"{"text": "<b> & Grüße 🛒\n"}"#;
    topic.publish(message).await?;
    same("body", &*next_body(&queue).await?, message)
}

async fn raw_attributes(cx: Context) -> Checked {
    let topic = Topic::new(&cx).await?;
    let queue = topic.heard_by(&[("RawMessageDelivery", "true")]).await?;
    let publish = cx.sns().publish().topic_arn(&topic.arn).message("m");
    publish.message_attributes("kind", text("a")?).send().await.answer("Publish")?;
    let message = present("a delivery", queue.receive(1, 2).await?.into_iter().next())?;
    let kind = message.message_attributes.and_then(|mut all| all.remove("kind"));
    same("attribute", kind.and_then(|kind| kind.string_value).as_deref(), Some("a"))
}

async fn every_subscriber(cx: Context) -> Checked {
    let topic = Topic::new(&cx).await?;
    let raw = [("RawMessageDelivery", "true")];
    let queues =
        [topic.heard_by(&raw).await?, topic.heard_by(&raw).await?, topic.heard_by(&raw).await?];
    topic.publish("m").await?;
    for queue in &queues {
        same("body", &*next_body(queue).await?, "m")?;
    }
    Ok(())
}

async fn no_subscribers(cx: Context) -> Checked {
    Topic::new(&cx).await?.publish("m").await
}

async fn missing_topic(cx: Context) -> Checked {
    let arn = Topic::new(&cx).await?.arn_of_none();
    let publish = cx.sns().publish().topic_arn(arn).message("m");
    publish.send().await.refused(404, "NotFound")?.saying("Topic does not exist")
}

async fn bad_arn(cx: Context) -> Checked {
    let publish = cx.sns().publish().topic_arn("none").message("m");
    publish.send().await.refused(400, "InvalidParameter").map(drop)
}

async fn empty_message(cx: Context) -> Checked {
    let topic = Topic::new(&cx).await?;
    let publish = cx.sns().publish().topic_arn(&topic.arn).message("");
    publish
        .send()
        .await
        .refused(400, "InvalidParameter")?
        .saying("Invalid parameter: Empty message")
}

async fn largest(cx: Context) -> Checked {
    Topic::new(&cx).await?.publish(&"x".repeat(262_144)).await
}

async fn too_long(cx: Context) -> Checked {
    let topic = Topic::new(&cx).await?;
    let publish = cx.sns().publish().topic_arn(&topic.arn).message("x".repeat(262_145));
    publish
        .send()
        .await
        .refused(400, "InvalidParameter")?
        .saying("Invalid parameter: Message too long")
}

async fn long_subject(cx: Context) -> Checked {
    let topic = Topic::new(&cx).await?;
    let publish = cx.sns().publish().topic_arn(&topic.arn).message("m").subject("s".repeat(101));
    publish.send().await.refused(400, "InvalidParameter")?.mentioning("Invalid parameter: Subject")
}

async fn structured(topic: &Topic, message: &str) -> Result<crate::check::Refusal, Mismatch> {
    let publish = topic.cx.sns().publish().topic_arn(&topic.arn).message(message);
    publish.message_structure("json").send().await.refused(400, "InvalidParameter")
}

async fn structure_json(cx: Context) -> Checked {
    let topic = Topic::new(&cx).await?;
    let queue = topic.heard_by(&[("RawMessageDelivery", "true")]).await?;
    let publish = cx.sns().publish().topic_arn(&topic.arn).message_structure("json");
    let publish = publish.message(r#"{"default": "for all", "sqs": "for queues"}"#);
    publish.send().await.answer("Publish")?;
    same("body", &*next_body(&queue).await?, "for queues")
}

async fn structure_without_default(cx: Context) -> Checked {
    let topic = Topic::new(&cx).await?;
    structured(&topic, r#"{"sqs": "m"}"#)
        .await?
        .saying("Invalid parameter: Message Structure - No default entry in JSON message body")
}

async fn structure_no_json(cx: Context) -> Checked {
    let topic = Topic::new(&cx).await?;
    structured(&topic, "plain")
        .await?
        .saying("Invalid parameter: Message Structure - JSON message body failed to parse")
}

async fn attribute_without_value(cx: Context) -> Checked {
    let topic = Topic::new(&cx).await?;
    let empty = built(MessageAttributeValue::builder().data_type("String").build())?;
    let publish = cx.sns().publish().topic_arn(&topic.arn).message("m");
    let refused = publish.message_attributes("kind", empty).send().await;
    // InvalidParameterValue, which SNS writes as ParameterValueInvalid.
    refused.refused(400, "ParameterValueInvalid").map(drop)
}

async fn fifo_without_group(cx: Context) -> Checked {
    let topic = Topic::fifo(&cx).await?;
    let publish =
        cx.sns().publish().topic_arn(&topic.arn).message("m").message_deduplication_id("d");
    publish
        .send()
        .await
        .refused(400, "InvalidParameter")?
        .saying("Invalid parameter: The MessageGroupId parameter is required for FIFO topics")
}

async fn fifo_without_deduplication(cx: Context) -> Checked {
    let topic = Topic::fifo(&cx).await?;
    let publish = cx.sns().publish().topic_arn(&topic.arn).message("m").message_group_id("g");
    publish.send().await.refused(400, "InvalidParameter")?.mentioning("The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly")
}

async fn publish_to_group(
    topic: &Topic,
    id: &str,
    message: &str,
) -> Result<Option<String>, Mismatch> {
    let publish = topic.cx.sns().publish().topic_arn(&topic.arn).message(message);
    let publish = publish.message_group_id("g").message_deduplication_id(id);
    Ok(publish.send().await.answer("Publish")?.sequence_number)
}

async fn fifo_order(cx: Context) -> Checked {
    let (topic, queue) = (Topic::fifo(&cx).await?, Queue::fifo(&cx, &[]).await?);
    topic.subscribe(&queue, &[("RawMessageDelivery", "true")]).await?;
    let bodies = ["a", "b", "c", "d"];
    for body in bodies {
        publish_to_group(&topic, body, body).await?;
    }
    same("bodies", crate::sqs::take_all(&queue, 4).await?, bodies)
}

async fn fifo_deduplicates(cx: Context) -> Checked {
    let (topic, queue) = (Topic::fifo(&cx).await?, Queue::fifo(&cx, &[]).await?);
    topic.subscribe(&queue, &[("RawMessageDelivery", "true")]).await?;
    publish_to_group(&topic, "d", "first").await?;
    publish_to_group(&topic, "d", "second").await?;
    let message = present("a delivery", queue.receive(10, 2).await?.into_iter().next())?;
    same("body", body_of(&message), "first")?;
    queue.delete(&message).await?;
    queue.is_empty().await
}

async fn fifo_sequence_number(cx: Context) -> Checked {
    let topic = Topic::fifo(&cx).await?;
    let number = publish_to_group(&topic, "d", "m").await?;
    let is_number = number.as_ref().is_some_and(|text| text.parse::<u128>().is_ok());
    holds("a number", is_number, number)
}
