//! Targets: `PutTargets`, `ListTargetsByRule`, `RemoveTargets`, and what a target is given.

use aws_sdk_eventbridge::types::{InputTransformer, SqsParameters, Target};
use serde_json::json;

use super::support::{Bus, next_body, next_json, target};
use crate::{
    Case, Checked, Mismatch,
    case::case,
    check::{Answered as _, built, holds, present, same},
    context::Context,
    sqs::Queue,
};

const PUT: &str = "EventBridge API reference, PutTargets";
const LIST: &str = "EventBridge API reference, ListTargetsByRule";
const REMOVE: &str = "EventBridge API reference, RemoveTargets";
const TRANSFORM: &str = "EventBridge guide, input transformation";
const PATTERN: &str = r#"{"source":["conformance.shop"]}"#;

/// id, rule, paths, template, what the target is given.
type Transform = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
    &'static str,
);

const TRANSFORMS: [Transform; 8] = [
    (
        "strings",
        "A variable within quotes is replaced by the text.",
        &[("kind", "$.detail-type")],
        r#"{"kind":"<kind>"}"#,
        r#"{"kind":"order placed"}"#,
    ),
    (
        "object",
        "A variable outside of quotes is replaced by JSON.",
        &[("detail", "$.detail")],
        r#"{"detail":<detail>}"#,
        r#"{"detail":{"id":"o-1","total":5,"items":[{"sku":"a"}]}}"#,
    ),
    (
        "number",
        "A number stays one.",
        &[("total", "$.detail.total")],
        r#"{"total":<total>}"#,
        r#"{"total":5}"#,
    ),
    (
        "array-element",
        "A path goes into arrays.",
        &[("sku", "$.detail.items[0].sku")],
        r#"{"sku":"<sku>"}"#,
        r#"{"sku":"a"}"#,
    ),
    (
        "several",
        "A template has several variables.",
        &[("id", "$.detail.id"), ("source", "$.source")],
        r#"{"id":"<id>","from":"<source>"}"#,
        r#"{"id":"o-1","from":"conformance.shop"}"#,
    ),
    (
        "within-text",
        "A variable may be part of a text.",
        &[("id", "$.detail.id")],
        r#""order <id> was placed""#,
        r#""order o-1 was placed""#,
    ),
    (
        "constant",
        "A template needs no variable.",
        &[("id", "$.detail.id")],
        r#"{"constant":true}"#,
        r#"{"constant":true}"#,
    ),
    (
        "twice",
        "A variable may be used twice.",
        &[("id", "$.detail.id")],
        r#"{"a":"<id>","b":"<id>"}"#,
        r#"{"a":"o-1","b":"o-1"}"#,
    ),
];

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![
        case(
            "events/put-targets/whole-event",
            "Without input the target is given the whole event.",
            PUT,
            whole_event,
        ),
        case(
            "events/put-targets/constant-input",
            "Input is given instead of the event.",
            PUT,
            constant_input,
        ),
        case(
            "events/put-targets/input-path",
            "InputPath gives a part of the event.",
            PUT,
            input_path,
        ),
        case(
            "events/put-targets/replaces",
            "A target with an id that is there replaces it.",
            PUT,
            replaces,
        ),
        case(
            "events/put-targets/several",
            "A rule has several targets, and each is given the event.",
            PUT,
            several,
        ),
        case(
            "events/put-targets/missing-rule",
            "A rule that is not there is ResourceNotFoundException.",
            PUT,
            missing_rule,
        ),
        case(
            "events/put-targets/input-and-path",
            "Of Input, InputPath and InputTransformer only one is given.",
            PUT,
            input_and_path,
        ),
        case(
            "events/put-targets/input-no-json",
            "Input that is no JSON is refused.",
            PUT,
            input_no_json,
        ),
        case("events/put-targets/empty", "A request has at least one target.", PUT, empty),
        case("events/put-targets/of-sns", "A topic may be a target.", PUT, topic_target),
        case(
            "events/put-targets/group-of-fifo-queue",
            "SqsParameters give the message group of a FIFO queue.",
            PUT,
            fifo_group,
        ),
        case(
            "events/list-targets-by-rule/lists",
            "Targets are listed with id and ARN.",
            LIST,
            listed,
        ),
        case(
            "events/list-targets-by-rule/missing-rule",
            "A rule that is not there is ResourceNotFoundException.",
            LIST,
            list_missing,
        ),
        case(
            "events/remove-targets/stops",
            "A target that is removed is given nothing more.",
            REMOVE,
            removed,
        ),
        case(
            "events/remove-targets/missing-rule",
            "A rule that is not there is ResourceNotFoundException.",
            REMOVE,
            remove_missing,
        ),
    ];
    cases.extend(TRANSFORMS.into_iter().map(|(id, rule, paths, template, given)| {
        case(format!("events/input-transformer/{id}"), rule, TRANSFORM, move |cx| {
            transform(cx, paths, template, given)
        })
    }));
    cases
}

fn detail() -> serde_json::Value {
    json!({"id": "o-1", "total": 5, "items": [{"sku": "a"}]})
}

/// A bus, a rule that matches the case's events, and a queue.
async fn stage(cx: &Context) -> Result<(Bus, String, Queue), Mismatch> {
    let bus = Bus::new(cx).await?;
    let rule = bus.rule(PATTERN).await?;
    Ok((bus, rule, Queue::new(cx, &[]).await?))
}

async fn transform(
    cx: Context,
    paths: &'static [(&str, &str)],
    template: &'static str,
    given: &'static str,
) -> Checked {
    let (bus, rule, queue) = stage(&cx).await?;
    let mut transformer = InputTransformer::builder().input_template(template);
    for (name, path) in paths {
        transformer = transformer.input_paths_map(*name, *path);
    }
    let target = Target::builder().id("queue").arn(queue.arn().await?);
    let target = built(target.input_transformer(built(transformer.build())?).build())?;
    bus.target(&rule, target).await?;
    bus.put("order placed", &detail()).await?;
    let body = next_body(&queue).await?;
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
    match json(&body) == json(given) && json(given).is_some() {
        true => Ok(()),
        false => Err(Mismatch::new(given, body)),
    }
}

async fn whole_event(cx: Context) -> Checked {
    let (bus, rule, queue) = stage(&cx).await?;
    bus.target(&rule, target(&queue).await?).await?;
    let id = bus.put("order placed", &detail()).await?;
    let event = next_json(&queue).await?;
    same("version", event["version"].as_str(), Some("0"))?;
    same("id", event["id"].as_str(), Some(&*id))?;
    same("detail-type", event["detail-type"].as_str(), Some("order placed"))?;
    same("source", event["source"].as_str(), Some(super::support::SOURCE))?;
    same("region", event["region"].as_str(), Some("us-east-1"))?;
    same("resources", &event["resources"], &json!([]))?;
    same("detail", &event["detail"], &detail())?;
    let at = event["time"].as_str().unwrap_or_default();
    holds("time in whole seconds of UTC", at.len() == 20 && at.ends_with('Z'), at)
}

async fn given(
    cx: &Context,
    more: impl FnOnce(
        aws_sdk_eventbridge::types::builders::TargetBuilder,
    ) -> aws_sdk_eventbridge::types::builders::TargetBuilder,
) -> Result<String, Mismatch> {
    let (bus, rule, queue) = stage(cx).await?;
    let target = Target::builder().id("queue").arn(queue.arn().await?);
    bus.target(&rule, built(more(target).build())?).await?;
    bus.put("order placed", &detail()).await?;
    next_body(&queue).await
}

async fn constant_input(cx: Context) -> Checked {
    same(
        "body",
        &*given(&cx, |target| target.input(r#"{"constant":1}"#)).await?,
        r#"{"constant":1}"#,
    )
}

async fn input_path(cx: Context) -> Checked {
    let body = given(&cx, |target| target.input_path("$.detail")).await?;
    same("body", serde_json::from_str(&body).ok(), Some(detail()))
}

async fn replaces(cx: Context) -> Checked {
    let (bus, rule, first) = stage(&cx).await?;
    let second = Queue::new(&cx, &[]).await?;
    bus.target(&rule, target(&first).await?).await?;
    bus.target(&rule, target(&second).await?).await?;
    bus.put("order placed", &detail()).await?;
    next_body(&second).await?;
    first.is_empty().await
}

async fn several(cx: Context) -> Checked {
    let (bus, rule, first) = stage(&cx).await?;
    let second = Queue::new(&cx, &[]).await?;
    bus.target(&rule, target(&first).await?).await?;
    let other = Target::builder().id("other").arn(second.arn().await?);
    bus.target(&rule, built(other.build())?).await?;
    bus.put("order placed", &detail()).await?;
    same(
        "deliveries",
        next_json(&first).await?["id"].clone(),
        next_json(&second).await?["id"].clone(),
    )
}

async fn missing_rule(cx: Context) -> Checked {
    let (bus, queue) = (Bus::new(&cx).await?, Queue::new(&cx, &[]).await?);
    let put = cx
        .events()
        .put_targets()
        .rule("none")
        .event_bus_name(&bus.name)
        .targets(target(&queue).await?);
    put.send()
        .await
        .refused(400, "ResourceNotFoundException")?
        .saying(&format!("Rule none does not exist on EventBus {}.", bus.name))
}

async fn refused(cx: &Context, targets: Option<Vec<Target>>) -> Checked {
    let bus = Bus::new(cx).await?;
    let rule = bus.rule(PATTERN).await?;
    let put = cx.events().put_targets().rule(rule).event_bus_name(&bus.name).set_targets(targets);
    put.send().await.refused(400, "ValidationException").map(drop)
}

async fn input_and_path(cx: Context) -> Checked {
    let arn = Queue::new(&cx, &[]).await?.arn().await?;
    let target = Target::builder().id("queue").arn(arn).input("{}").input_path("$.detail");
    refused(&cx, Some(vec![built(target.build())?])).await
}

async fn input_no_json(cx: Context) -> Checked {
    let arn = Queue::new(&cx, &[]).await?.arn().await?;
    let target = Target::builder().id("queue").arn(arn).input("{");
    refused(&cx, Some(vec![built(target.build())?])).await
}

async fn empty(cx: Context) -> Checked {
    refused(&cx, Some(Vec::new())).await
}

async fn topic_target(cx: Context) -> Checked {
    let (bus, rule, queue) = stage(&cx).await?;
    let topic =
        cx.sns().create_topic().name(cx.name("topic")).send().await.answer("CreateTopic")?;
    let arn = present("TopicArn", topic.topic_arn)?;
    cx.made(crate::context::Made::Topic(arn.clone()));
    let subscribe =
        cx.sns().subscribe().topic_arn(&arn).protocol("sqs").endpoint(queue.arn().await?);
    subscribe.attributes("RawMessageDelivery", "true").send().await.answer("Subscribe")?;
    bus.target(&rule, built(Target::builder().id("topic").arn(arn).build())?).await?;
    let id = bus.put("order placed", &detail()).await?;
    same("id", next_json(&queue).await?["id"].as_str(), Some(&*id))
}

async fn fifo_group(cx: Context) -> Checked {
    let bus = Bus::new(&cx).await?;
    let rule = bus.rule(PATTERN).await?;
    let queue = Queue::fifo(&cx, &[("ContentBasedDeduplication", "true")]).await?;
    let group = SqsParameters::builder().message_group_id("orders").build();
    let target = Target::builder().id("queue").arn(queue.arn().await?).sqs_parameters(group);
    bus.target(&rule, built(target.build())?).await?;
    bus.put("order placed", &detail()).await?;
    let message = present("a delivery", queue.receive(1, 5).await?.into_iter().next())?;
    let name = aws_sdk_sqs::types::MessageSystemAttributeName::MessageGroupId;
    let group = message.attributes.and_then(|mut all| all.remove(&name));
    same("MessageGroupId", group.as_deref(), Some("orders"))
}

async fn listed(cx: Context) -> Checked {
    let (bus, rule, queue) = stage(&cx).await?;
    bus.target(&rule, target(&queue).await?).await?;
    let listed =
        cx.events().list_targets_by_rule().rule(rule).event_bus_name(&bus.name).send().await;
    let listed = listed.answer("ListTargetsByRule")?.targets.unwrap_or_default();
    let targets: Vec<(String, String)> =
        listed.into_iter().map(|target| (target.id, target.arn)).collect();
    same("targets", targets, [("queue".to_owned(), queue.arn().await?)])
}

async fn list_missing(cx: Context) -> Checked {
    let bus = Bus::new(&cx).await?;
    let listed =
        cx.events().list_targets_by_rule().rule("none").event_bus_name(&bus.name).send().await;
    listed.refused(400, "ResourceNotFoundException").map(drop)
}

async fn removed(cx: Context) -> Checked {
    let (bus, rule, queue) = stage(&cx).await?;
    bus.target(&rule, target(&queue).await?).await?;
    let remove = cx.events().remove_targets().rule(rule).event_bus_name(&bus.name).ids("queue");
    same("FailedEntryCount", remove.send().await.answer("RemoveTargets")?.failed_entry_count, 0)?;
    bus.put("order placed", &detail()).await?;
    same("deliveries", queue.receive(1, 1).await?.len(), 0)
}

async fn remove_missing(cx: Context) -> Checked {
    let bus = Bus::new(&cx).await?;
    let remove = cx.events().remove_targets().rule("none").event_bus_name(&bus.name).ids("queue");
    remove.send().await.refused(400, "ResourceNotFoundException").map(drop)
}
