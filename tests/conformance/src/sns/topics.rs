//! Topics: `CreateTopic`, `DeleteTopic`, `ListTopics`, attributes.

use super::support::Topic;
use crate::{
    Case, Checked,
    case::case,
    check::{Answered as _, holds, present, same},
    context::{Context, Made},
};

const CREATE: &str = "SNS API reference, CreateTopic";
const DELETE: &str = "SNS API reference, DeleteTopic";
const LIST: &str = "SNS API reference, ListTopics";
const ATTRIBUTES: &str = "SNS API reference, GetTopicAttributes";

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![
        case("sns/create-topic/arn", "The ARN ends with account and name.", CREATE, arn),
        case(
            "sns/create-topic/again",
            "A topic that is there is answered with its ARN.",
            CREATE,
            again,
        ),
        case("sns/create-topic/fifo", "A FIFO topic's name ends with .fifo.", CREATE, fifo),
        case(
            "sns/create-topic/fifo-without-suffix",
            "A FIFO topic without the suffix is refused.",
            CREATE,
            fifo_without_suffix,
        ),
        case(
            "sns/create-topic/name-of-256",
            "A name has up to 256 characters.",
            CREATE,
            name_of_256,
        ),
        case("sns/delete-topic/is-gone", "A deleted topic is not there any more.", DELETE, deleted),
        case(
            "sns/delete-topic/absent",
            "Deleting a topic that is not there is no error.",
            DELETE,
            delete_absent,
        ),
        case("sns/list-topics/lists", "A topic is listed by its ARN.", LIST, listed),
        case(
            "sns/get-topic-attributes/of-new-topic",
            "A new topic has its ARN and no subscriptions.",
            ATTRIBUTES,
            attributes,
        ),
        case(
            "sns/get-topic-attributes/missing",
            "A topic that is not there is NotFound with HTTP 404.",
            ATTRIBUTES,
            attributes_missing,
        ),
        case(
            "sns/get-topic-attributes/counts",
            "SubscriptionsConfirmed counts subscriptions.",
            ATTRIBUTES,
            counts,
        ),
    ];
    let names = [
        ("empty", String::new()),
        ("of-257", "n".repeat(257)),
        ("with-space", "a b".to_owned()),
        ("with-slash", "a/b".to_owned()),
    ];
    for (id, name) in names {
        let rule =
            "A name is 1 to 256 letters, digits, hyphens and underscores, else InvalidParameter.";
        cases.push(case(format!("sns/create-topic/name-{id}"), rule, CREATE, move |cx| {
            bad_name(cx, name.clone())
        }));
    }
    cases
}

async fn arn(cx: Context) -> Checked {
    let topic = Topic::new(&cx).await?;
    let parts: Vec<&str> = topic.arn.split(':').collect();
    same("parts of the ARN", parts.len(), 6)?;
    same("partition, service and region", &parts[..4], ["arn", "aws", "sns", "us-east-1"])?;
    same("name", parts[5], &*topic.name)
}

async fn again(cx: Context) -> Checked {
    let topic = Topic::new(&cx).await?;
    let created = cx.sns().create_topic().name(&topic.name).send().await.answer("CreateTopic")?;
    same("TopicArn", created.topic_arn, Some(topic.arn))
}

async fn fifo(cx: Context) -> Checked {
    let topic = Topic::fifo(&cx).await?;
    let got = cx.sns().get_topic_attributes().topic_arn(&topic.arn).send().await;
    let attributes = got.answer("GetTopicAttributes")?.attributes.unwrap_or_default();
    same("FifoTopic", attributes.get("FifoTopic").map(String::as_str), Some("true"))
}

async fn fifo_without_suffix(cx: Context) -> Checked {
    let create = cx.sns().create_topic().name(cx.name("topic")).attributes("FifoTopic", "true");
    create.send().await.refused(400, "InvalidParameter").map(drop)
}

async fn name_of_256(cx: Context) -> Checked {
    let name = format!("{:n<256}", cx.name("t"));
    let created = cx.sns().create_topic().name(&name).send().await.answer("CreateTopic")?;
    let arn = present("TopicArn", created.topic_arn)?;
    cx.made(Made::Topic(arn.clone()));
    holds("the whole name in the ARN", arn.ends_with(&name), arn)
}

async fn bad_name(cx: Context, name: String) -> Checked {
    let created = cx.sns().create_topic().name(name).send().await;
    created.refused(400, "InvalidParameter").map(drop)
}

async fn deleted(cx: Context) -> Checked {
    let topic = Topic::new(&cx).await?;
    cx.sns().delete_topic().topic_arn(&topic.arn).send().await.answer("DeleteTopic")?;
    let got = cx.sns().get_topic_attributes().topic_arn(&topic.arn).send().await;
    got.refused(404, "NotFound").map(drop)
}

async fn delete_absent(cx: Context) -> Checked {
    let arn = Topic::new(&cx).await?.arn_of_none();
    cx.sns().delete_topic().topic_arn(arn).send().await.answer("DeleteTopic").map(drop)
}

async fn listed(cx: Context) -> Checked {
    let topic = Topic::new(&cx).await?;
    let mut token = None;
    for _ in 0..50 {
        let page =
            cx.sns().list_topics().set_next_token(token).send().await.answer("ListTopics")?;
        if page.topics().iter().any(|listed| listed.topic_arn() == Some(&*topic.arn)) {
            return Ok(());
        }
        token = page.next_token;
        if token.is_none() {
            break;
        }
    }
    holds("the topic in the list", false, "not there")
}

async fn attributes(cx: Context) -> Checked {
    let topic = Topic::new(&cx).await?;
    let got = cx.sns().get_topic_attributes().topic_arn(&topic.arn).send().await;
    let attributes = got.answer("GetTopicAttributes")?.attributes.unwrap_or_default();
    let value = |name: &str| attributes.get(name).map(String::as_str);
    same("TopicArn", value("TopicArn"), Some(&*topic.arn))?;
    same("SubscriptionsConfirmed", value("SubscriptionsConfirmed"), Some("0"))?;
    same("SubscriptionsPending", value("SubscriptionsPending"), Some("0"))
}

async fn attributes_missing(cx: Context) -> Checked {
    let arn = Topic::new(&cx).await?.arn_of_none();
    let got = cx.sns().get_topic_attributes().topic_arn(arn).send().await;
    got.refused(404, "NotFound")?.saying("Topic does not exist")
}

async fn counts(cx: Context) -> Checked {
    let topic = Topic::new(&cx).await?;
    topic.heard_by(&[]).await?;
    let got = cx.sns().get_topic_attributes().topic_arn(&topic.arn).send().await;
    let attributes = got.answer("GetTopicAttributes")?.attributes.unwrap_or_default();
    same(
        "SubscriptionsConfirmed",
        attributes.get("SubscriptionsConfirmed").map(String::as_str),
        Some("1"),
    )
}
