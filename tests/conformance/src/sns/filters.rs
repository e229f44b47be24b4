//! Filter policies: which messages a subscription hears.

use serde_json::Value;

use super::support::Topic;
use crate::{
    Case, Checked, Mismatch,
    case::case,
    check::{Answered as _, built, same},
    context::Context,
    sqs::{Queue, body_of},
};

const FILTERS: &str = "SNS guide, filter policy constraints and operators";
const SCOPE: &str = "SNS guide, filter policy scope";

/// id, rule, policy over the body, a body that is heard, one that is not.
const BODIES: [(&str, &str, &str, &str, &str); 17] = [
    (
        "exact",
        "A string matches exactly, in its case.",
        r#"{"k":["a"]}"#,
        r#"{"k":"a"}"#,
        r#"{"k":"A"}"#,
    ),
    (
        "any-of",
        "One of several values is enough.",
        r#"{"k":["a","b"]}"#,
        r#"{"k":"b"}"#,
        r#"{"k":"c"}"#,
    ),
    (
        "all-keys",
        "Every key of the policy must match.",
        r#"{"k":["a"],"l":["b"]}"#,
        r#"{"k":"a","l":"b"}"#,
        r#"{"k":"a","l":"c"}"#,
    ),
    (
        "absent-key",
        "A key that is not there does not match.",
        r#"{"k":["a"]}"#,
        r#"{"k":"a","x":1}"#,
        r#"{"x":"a"}"#,
    ),
    (
        "prefix",
        "prefix compares the first characters.",
        r#"{"k":[{"prefix":"ab"}]}"#,
        r#"{"k":"abc"}"#,
        r#"{"k":"cab"}"#,
    ),
    (
        "suffix",
        "suffix compares the last characters.",
        r#"{"k":[{"suffix":"bc"}]}"#,
        r#"{"k":"abc"}"#,
        r#"{"k":"bca"}"#,
    ),
    (
        "anything-but",
        "anything-but matches other values.",
        r#"{"k":[{"anything-but":["a","b"]}]}"#,
        r#"{"k":"c"}"#,
        r#"{"k":"b"}"#,
    ),
    (
        "anything-but-prefix",
        "anything-but takes a prefix.",
        r#"{"k":[{"anything-but":{"prefix":"a"}}]}"#,
        r#"{"k":"ba"}"#,
        r#"{"k":"ab"}"#,
    ),
    (
        "equals-ignore-case",
        "equals-ignore-case ignores case.",
        r#"{"k":[{"equals-ignore-case":"Ab"}]}"#,
        r#"{"k":"aB"}"#,
        r#"{"k":"abc"}"#,
    ),
    (
        "number",
        "Numbers match by value.",
        r#"{"k":[{"numeric":["=",1.5]}]}"#,
        r#"{"k":1.50}"#,
        r#"{"k":1.6}"#,
    ),
    (
        "number-range",
        "Ranges of numbers have two ends.",
        r#"{"k":[{"numeric":[">",0,"<=",10]}]}"#,
        r#"{"k":10}"#,
        r#"{"k":0}"#,
    ),
    (
        "exists",
        "exists true matches a key that is there.",
        r#"{"k":[{"exists":true}]}"#,
        r#"{"k":"x"}"#,
        r#"{"l":"x"}"#,
    ),
    (
        "not-exists",
        "exists false matches a key that is not there.",
        r#"{"k":[{"exists":false}]}"#,
        r#"{"l":"x"}"#,
        r#"{"k":"x"}"#,
    ),
    (
        "nested",
        "A policy of the body goes into nested objects.",
        r#"{"a":{"b":["x"]}}"#,
        r#"{"a":{"b":"x"}}"#,
        r#"{"b":"x"}"#,
    ),
    (
        "array",
        "An array matches when one of its values does.",
        r#"{"k":["a"]}"#,
        r#"{"k":["b","a"]}"#,
        r#"{"k":["b"]}"#,
    ),
    (
        "or",
        "$or needs one of its policies.",
        r#"{"$or":[{"k":["a"]},{"l":["b"]}]}"#,
        r#"{"l":"b"}"#,
        r#"{"k":"b"}"#,
    ),
    (
        "boolean-and-null",
        "Booleans and null match themselves.",
        r#"{"k":[true,null]}"#,
        r#"{"k":true}"#,
        r#"{"k":false}"#,
    ),
];

pub(super) fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = BODIES
        .into_iter()
        .map(|(id, rule, policy, heard, unheard)| {
            case(format!("sns/filter/{id}"), rule, FILTERS, move |cx| {
                body(cx, policy, heard, unheard)
            })
        })
        .collect();
    cases.extend([
        case(
            "sns/filter/attributes-by-default",
            "Without a scope a policy looks at the message's attributes.",
            SCOPE,
            attributes_by_default,
        ),
        case(
            "sns/filter/number-attribute",
            "An attribute of type Number matches numerically.",
            SCOPE,
            number_attribute,
        ),
        case(
            "sns/filter/string-array-attribute",
            "An attribute of type String.Array matches when one of its values does.",
            SCOPE,
            string_array,
        ),
        case(
            "sns/filter/body-without-json",
            "With the scope MessageBody a body that is no JSON is not heard.",
            SCOPE,
            body_without_json,
        ),
        case(
            "sns/filter/no-policy",
            "A subscription without a policy hears everything.",
            FILTERS,
            no_policy,
        ),
        case(
            "sns/filter/channels",
            "A policy on a nested array selects by its members.",
            FILTERS,
            channels,
        ),
    ]);
    cases
}

async fn hearer(topic: &Topic, policy: &str, scope: &str) -> Result<Queue, Mismatch> {
    topic
        .heard_by(&[
            ("RawMessageDelivery", "true"),
            ("FilterPolicyScope", scope),
            ("FilterPolicy", policy),
        ])
        .await
}

/// The queue hears these bodies, and no more.
async fn hears(queue: &Queue, bodies: &[&str]) -> Checked {
    let mut heard = crate::sqs::take_all(queue, bodies.len()).await?;
    heard.extend(queue.receive(10, 0).await?.iter().map(|message| body_of(message).to_owned()));
    heard.sort_unstable();
    let mut expected = bodies.to_vec();
    expected.sort_unstable();
    same("bodies heard", heard, expected)
}

async fn body(
    cx: Context,
    policy: &'static str,
    heard: &'static str,
    unheard: &'static str,
) -> Checked {
    let topic = Topic::new(&cx).await?;
    let queue = hearer(&topic, policy, "MessageBody").await?;
    topic.publish(unheard).await?;
    topic.publish(heard).await?;
    hears(&queue, &[heard]).await
}

async fn publish_with(topic: &Topic, message: &str, data_type: &str, value: &str) -> Checked {
    let attribute = aws_sdk_sns::types::MessageAttributeValue::builder().data_type(data_type);
    let attribute = built(attribute.string_value(value).build())?;
    let publish = topic.cx.sns().publish().topic_arn(&topic.arn).message(message);
    publish.message_attributes("k", attribute).send().await.answer("Publish").map(drop)
}

async fn attributes_by_default(cx: Context) -> Checked {
    let topic = Topic::new(&cx).await?;
    let queue = topic
        .heard_by(&[("RawMessageDelivery", "true"), ("FilterPolicy", r#"{"k":["a"]}"#)])
        .await?;
    topic.publish(r#"{"k":"a"}"#).await?;
    publish_with(&topic, "no", "String", "b").await?;
    publish_with(&topic, "yes", "String", "a").await?;
    hears(&queue, &["yes"]).await
}

async fn number_attribute(cx: Context) -> Checked {
    let topic = Topic::new(&cx).await?;
    let queue = hearer(&topic, r#"{"k":[{"numeric":[">=",10]}]}"#, "MessageAttributes").await?;
    publish_with(&topic, "small", "Number", "9").await?;
    publish_with(&topic, "text", "String", "11").await?;
    publish_with(&topic, "large", "Number", "10.0").await?;
    hears(&queue, &["large"]).await
}

async fn string_array(cx: Context) -> Checked {
    let topic = Topic::new(&cx).await?;
    let queue = hearer(&topic, r#"{"k":["a"]}"#, "MessageAttributes").await?;
    publish_with(&topic, "no", "String.Array", r#"["b","c"]"#).await?;
    publish_with(&topic, "yes", "String.Array", r#"["b","a"]"#).await?;
    hears(&queue, &["yes"]).await
}

async fn body_without_json(cx: Context) -> Checked {
    let topic = Topic::new(&cx).await?;
    let queue = hearer(&topic, r#"{"k":["a"]}"#, "MessageBody").await?;
    topic.publish("a").await?;
    topic.publish(r#"{"k":"a"}"#).await?;
    hears(&queue, &[r#"{"k":"a"}"#]).await
}

async fn no_policy(cx: Context) -> Checked {
    let topic = Topic::new(&cx).await?;
    let queue = topic.heard_by(&[("RawMessageDelivery", "true")]).await?;
    topic.publish("one").await?;
    topic.publish("two").await?;
    hears(&queue, &["one", "two"]).await
}

async fn channels(cx: Context) -> Checked {
    let topic = Topic::new(&cx).await?;
    let email = hearer(&topic, r#"{"detail":{"channels":["email"]}}"#, "MessageBody").await?;
    let sms = hearer(&topic, r#"{"detail":{"channels":["sms"]}}"#, "MessageBody").await?;
    let note = |channels: Value| serde_json::json!({"detail": {"channels": channels}}).to_string();
    let (both, one) = (note(serde_json::json!(["email", "sms"])), note(serde_json::json!(["sms"])));
    topic.publish(&both).await?;
    topic.publish(&one).await?;
    hears(&email, &[&both]).await?;
    hears(&sms, &[&both, &one]).await
}
