//! `Subscribe`, `Unsubscribe`, attributes and lists of subscriptions.

use super::support::{Topic, next_body};
use crate::{
    Case, Checked,
    case::case,
    check::{Answered as _, present, same},
    context::Context,
    sqs::Queue,
};

const SUBSCRIBE: &str = "SNS API reference, Subscribe";
const SET: &str = "SNS API reference, SetSubscriptionAttributes";
const GET: &str = "SNS API reference, GetSubscriptionAttributes";
const UNSUBSCRIBE: &str = "SNS API reference, Unsubscribe";
const LIST: &str = "SNS API reference, ListSubscriptionsByTopic";

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "sns/subscribe/arn",
            "A subscription's ARN is the topic's with an id.",
            SUBSCRIBE,
            arn,
        ),
        case(
            "sns/subscribe/again",
            "Subscribing an endpoint again gives the same subscription.",
            SUBSCRIBE,
            again,
        ),
        case(
            "sns/subscribe/again-other-attributes",
            "Subscribing it again with other attributes is refused.",
            SUBSCRIBE,
            again_other,
        ),
        case(
            "sns/subscribe/missing-topic",
            "A topic that is not there is NotFound with HTTP 404.",
            SUBSCRIBE,
            missing_topic,
        ),
        case(
            "sns/subscribe/unknown-protocol",
            "A protocol that is none is InvalidParameter.",
            SUBSCRIBE,
            unknown_protocol,
        ),
        case(
            "sns/subscribe/no-queue-arn",
            "An endpoint of protocol sqs is a queue's ARN.",
            SUBSCRIBE,
            no_queue_arn,
        ),
        case(
            "sns/subscribe/bad-filter-policy",
            "A filter policy that is no JSON is InvalidParameter.",
            SUBSCRIBE,
            |cx| bad_attribute(cx, "FilterPolicy", "{"),
        ),
        case(
            "sns/subscribe/bad-filter-scope",
            "The scope of a filter policy is MessageAttributes or MessageBody.",
            SUBSCRIBE,
            |cx| bad_attribute(cx, "FilterPolicyScope", "Everything"),
        ),
        case(
            "sns/subscribe/bad-raw-delivery",
            "RawMessageDelivery is true or false.",
            SUBSCRIBE,
            |cx| bad_attribute(cx, "RawMessageDelivery", "perhaps"),
        ),
        case(
            "sns/subscribe/unknown-attribute",
            "An attribute that is none is InvalidParameter.",
            SUBSCRIBE,
            |cx| bad_attribute(cx, "Nonsense", "1"),
        ),
        case(
            "sns/subscribe/standard-queue-to-fifo-topic",
            "A standard queue may hear a FIFO topic.",
            "SNS guide, FIFO topics: message delivery",
            standard_to_fifo,
        ),
        case(
            "sns/subscribe/fifo-queue-to-standard-topic",
            "A FIFO queue can't hear a standard topic.",
            "SNS guide, FIFO topics: message delivery",
            fifo_to_standard,
        ),
        case(
            "sns/get-subscription-attributes/describes",
            "Protocol, endpoint, topic and raw delivery are described.",
            GET,
            describes,
        ),
        case(
            "sns/get-subscription-attributes/missing",
            "A subscription that is not there is NotFound.",
            GET,
            get_missing,
        ),
        case(
            "sns/set-subscription-attributes/raw-delivery",
            "RawMessageDelivery can be turned on later.",
            SET,
            set_raw,
        ),
        case(
            "sns/set-subscription-attributes/filter-policy",
            "A filter policy can be set later.",
            SET,
            set_filter,
        ),
        case(
            "sns/set-subscription-attributes/unknown",
            "An attribute that is none is InvalidParameter.",
            SET,
            set_unknown,
        ),
        case(
            "sns/set-subscription-attributes/missing",
            "A subscription that is not there is NotFound.",
            SET,
            set_missing,
        ),
        case(
            "sns/unsubscribe/stops",
            "After Unsubscribe nothing is delivered.",
            UNSUBSCRIBE,
            unsubscribe,
        ),
        case(
            "sns/unsubscribe/again",
            "Unsubscribing what is gone is no error.",
            UNSUBSCRIBE,
            unsubscribe_again,
        ),
        case(
            "sns/list-subscriptions-by-topic/lists",
            "A topic's subscriptions are listed.",
            LIST,
            listed,
        ),
        case(
            "sns/list-subscriptions-by-topic/missing",
            "A topic that is not there is NotFound.",
            LIST,
            list_missing,
        ),
        case(
            "sns/delete-topic/takes-subscriptions",
            "Deleting a topic deletes its subscriptions.",
            "SNS API reference, DeleteTopic",
            deleted_with_topic,
        ),
    ]
}

async fn arn(cx: Context) -> Checked {
    let topic = Topic::new(&cx).await?;
    let arn = topic.subscribe(&Queue::new(&cx, &[]).await?, &[]).await?;
    let id = arn.strip_prefix(&format!("{}:", topic.arn)).map(str::len);
    same("characters of the id", id, Some(36))
}

async fn again(cx: Context) -> Checked {
    let (topic, queue) = (Topic::new(&cx).await?, Queue::new(&cx, &[]).await?);
    let first = topic.subscribe(&queue, &[]).await?;
    same("SubscriptionArn", topic.subscribe(&queue, &[]).await?, first)
}

async fn again_other(cx: Context) -> Checked {
    let (topic, queue) = (Topic::new(&cx).await?, Queue::new(&cx, &[]).await?);
    topic.subscribe(&queue, &[]).await?;
    let subscribe = cx.sns().subscribe().topic_arn(&topic.arn).protocol("sqs");
    let subscribe = subscribe.endpoint(queue.arn().await?).attributes("RawMessageDelivery", "true");
    subscribe.send().await.refused(400, "InvalidParameter")?
        .saying("Invalid parameter: Attributes Reason: Subscription already exists with different attributes")
}

async fn missing_topic(cx: Context) -> Checked {
    let (topic, queue) = (Topic::new(&cx).await?, Queue::new(&cx, &[]).await?);
    let subscribe = cx.sns().subscribe().topic_arn(topic.arn_of_none()).protocol("sqs");
    let subscribe = subscribe.endpoint(queue.arn().await?);
    subscribe.send().await.refused(404, "NotFound")?.saying("Topic does not exist")
}

async fn unknown_protocol(cx: Context) -> Checked {
    let topic = Topic::new(&cx).await?;
    let subscribe = cx.sns().subscribe().topic_arn(&topic.arn).protocol("pigeon").endpoint("loft");
    subscribe.send().await.refused(400, "InvalidParameter").map(drop)
}

async fn no_queue_arn(cx: Context) -> Checked {
    let topic = Topic::new(&cx).await?;
    let subscribe = cx.sns().subscribe().topic_arn(&topic.arn).protocol("sqs").endpoint("queue");
    subscribe
        .send()
        .await
        .refused(400, "InvalidParameter")?
        .saying("Invalid parameter: SQS endpoint ARN")
}

async fn bad_attribute(cx: Context, name: &'static str, value: &'static str) -> Checked {
    let (topic, queue) = (Topic::new(&cx).await?, Queue::new(&cx, &[]).await?);
    let subscribe = cx.sns().subscribe().topic_arn(&topic.arn).protocol("sqs");
    let subscribe = subscribe.endpoint(queue.arn().await?).attributes(name, value);
    subscribe.send().await.refused(400, "InvalidParameter").map(drop)
}

async fn standard_to_fifo(cx: Context) -> Checked {
    let (topic, queue) = (Topic::fifo(&cx).await?, Queue::new(&cx, &[]).await?);
    topic.subscribe(&queue, &[]).await.map(drop)
}

async fn fifo_to_standard(cx: Context) -> Checked {
    let (topic, queue) = (Topic::new(&cx).await?, Queue::fifo(&cx, &[]).await?);
    let subscribe = cx.sns().subscribe().topic_arn(&topic.arn).protocol("sqs");
    subscribe.endpoint(queue.arn().await?).send().await.refused(400, "InvalidParameter").map(drop)
}

async fn describes(cx: Context) -> Checked {
    let (topic, queue) = (Topic::new(&cx).await?, Queue::new(&cx, &[]).await?);
    let arn = topic.subscribe(&queue, &[]).await?;
    let got = cx.sns().get_subscription_attributes().subscription_arn(&arn).send().await;
    let attributes = got.answer("GetSubscriptionAttributes")?.attributes.unwrap_or_default();
    let value = |name: &str| attributes.get(name).map(String::as_str);
    same("Protocol", value("Protocol"), Some("sqs"))?;
    same("Endpoint", value("Endpoint"), Some(&*queue.arn().await?))?;
    same("TopicArn", value("TopicArn"), Some(&*topic.arn))?;
    same("RawMessageDelivery", value("RawMessageDelivery"), Some("false"))?;
    same("PendingConfirmation", value("PendingConfirmation"), Some("false"))
}

fn arn_of_none(topic: &Topic) -> String {
    format!("{}:00000000-0000-0000-0000-000000000000", topic.arn)
}

async fn get_missing(cx: Context) -> Checked {
    let topic = Topic::new(&cx).await?;
    let got =
        cx.sns().get_subscription_attributes().subscription_arn(arn_of_none(&topic)).send().await;
    got.refused(404, "NotFound")?.saying("Subscription does not exist")
}

async fn set(cx: &Context, arn: &str, name: &str, value: &str) -> Checked {
    let set = cx.sns().set_subscription_attributes().subscription_arn(arn);
    let set = set.attribute_name(name).attribute_value(value);
    set.send().await.answer("SetSubscriptionAttributes").map(drop)
}

async fn set_raw(cx: Context) -> Checked {
    let (topic, queue) = (Topic::new(&cx).await?, Queue::new(&cx, &[]).await?);
    let arn = topic.subscribe(&queue, &[]).await?;
    set(&cx, &arn, "RawMessageDelivery", "true").await?;
    topic.publish("plain").await?;
    same("body", &*next_body(&queue).await?, "plain")
}

async fn set_filter(cx: Context) -> Checked {
    let (topic, queue) = (Topic::new(&cx).await?, Queue::new(&cx, &[]).await?);
    let arn = topic
        .subscribe(&queue, &[("RawMessageDelivery", "true"), ("FilterPolicyScope", "MessageBody")])
        .await?;
    set(&cx, &arn, "FilterPolicy", r#"{"kind":["b"]}"#).await?;
    topic.publish(r#"{"kind":"a"}"#).await?;
    topic.publish(r#"{"kind":"b"}"#).await?;
    same("body", &*next_body(&queue).await?, r#"{"kind":"b"}"#)?;
    queue.is_empty().await
}

async fn set_unknown(cx: Context) -> Checked {
    let (topic, queue) = (Topic::new(&cx).await?, Queue::new(&cx, &[]).await?);
    let arn = topic.subscribe(&queue, &[]).await?;
    let set = cx.sns().set_subscription_attributes().subscription_arn(arn);
    let set = set.attribute_name("Nonsense").attribute_value("1");
    set.send().await.refused(400, "InvalidParameter")?.saying("Invalid parameter: AttributeName")
}

async fn set_missing(cx: Context) -> Checked {
    let topic = Topic::new(&cx).await?;
    let set = cx.sns().set_subscription_attributes().subscription_arn(arn_of_none(&topic));
    let set = set.attribute_name("RawMessageDelivery").attribute_value("true");
    set.send().await.refused(404, "NotFound")?.saying("Subscription does not exist")
}

async fn unsubscribe(cx: Context) -> Checked {
    let (topic, queue) = (Topic::new(&cx).await?, Queue::new(&cx, &[]).await?);
    let arn = topic.subscribe(&queue, &[]).await?;
    cx.sns().unsubscribe().subscription_arn(&arn).send().await.answer("Unsubscribe")?;
    topic.publish("m").await?;
    same("deliveries", queue.receive(1, 1).await?.len(), 0)
}

async fn unsubscribe_again(cx: Context) -> Checked {
    let (topic, queue) = (Topic::new(&cx).await?, Queue::new(&cx, &[]).await?);
    let arn = topic.subscribe(&queue, &[]).await?;
    for _ in 0..2 {
        cx.sns().unsubscribe().subscription_arn(&arn).send().await.answer("Unsubscribe")?;
    }
    Ok(())
}

async fn listed(cx: Context) -> Checked {
    let (topic, queue) = (Topic::new(&cx).await?, Queue::new(&cx, &[]).await?);
    let arn = topic.subscribe(&queue, &[]).await?;
    let listed = cx.sns().list_subscriptions_by_topic().topic_arn(&topic.arn).send().await;
    let listed = listed.answer("ListSubscriptionsByTopic")?.subscriptions.unwrap_or_default();
    same("subscriptions", listed.len(), 1)?;
    let first = present("a subscription", listed.into_iter().next())?;
    same("SubscriptionArn", first.subscription_arn, Some(arn))?;
    same("Endpoint", first.endpoint, Some(queue.arn().await?))
}

async fn list_missing(cx: Context) -> Checked {
    let arn = Topic::new(&cx).await?.arn_of_none();
    let listed = cx.sns().list_subscriptions_by_topic().topic_arn(arn).send().await;
    listed.refused(404, "NotFound")?.saying("Topic does not exist")
}

async fn deleted_with_topic(cx: Context) -> Checked {
    let (topic, queue) = (Topic::new(&cx).await?, Queue::new(&cx, &[]).await?);
    let arn = topic.subscribe(&queue, &[]).await?;
    cx.sns().delete_topic().topic_arn(&topic.arn).send().await.answer("DeleteTopic")?;
    let got = cx.sns().get_subscription_attributes().subscription_arn(arn).send().await;
    got.refused(404, "NotFound").map(drop)
}
