//! Rules: `PutRule`, `DescribeRule`, `ListRules`, `EnableRule`, `DisableRule`, `DeleteRule`.

use aws_sdk_eventbridge::types::RuleState;
use serde_json::json;

use super::support::{Bus, next_json, target};
use crate::{
    Case, Checked,
    case::case,
    check::{Answered as _, holds, same},
    context::Context,
};

const PUT: &str = "EventBridge API reference, PutRule";
const DESCRIBE: &str = "EventBridge API reference, DescribeRule";
const LIST: &str = "EventBridge API reference, ListRules";
const STATE: &str = "EventBridge API reference, DisableRule and EnableRule";
const DELETE: &str = "EventBridge API reference, DeleteRule";
const PATTERN: &str = r#"{"source":["conformance.shop"]}"#;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![
        case(
            "events/put-rule/arn",
            "The ARN of a rule of a custom bus has the bus's name in it.",
            PUT,
            arn,
        ),
        case(
            "events/put-rule/replaces",
            "Putting a rule again replaces its pattern.",
            PUT,
            replaces,
        ),
        case(
            "events/put-rule/missing-bus",
            "A bus that is not there is ResourceNotFoundException.",
            PUT,
            missing_bus,
        ),
        case(
            "events/put-rule/nothing-to-match",
            "A rule has a pattern or a schedule.",
            PUT,
            nothing_to_match,
        ),
        case(
            "events/put-rule/bad-name",
            "A name is letters, digits, full stops, hyphens and underscores.",
            PUT,
            bad_name,
        ),
        case(
            "events/put-rule/schedule-on-custom-bus",
            "Schedules are for the default bus only.",
            PUT,
            schedule,
        ),
        case(
            "events/describe-rule/known",
            "Pattern, state and bus are described.",
            DESCRIBE,
            described,
        ),
        case(
            "events/describe-rule/missing",
            "A rule that is not there is ResourceNotFoundException.",
            DESCRIBE,
            missing,
        ),
        case(
            "events/list-rules/by-prefix",
            "Only rules whose names begin with the prefix are listed.",
            LIST,
            by_prefix,
        ),
        case(
            "events/list-rules/missing-bus",
            "A bus that is not there is ResourceNotFoundException.",
            LIST,
            list_missing_bus,
        ),
        case(
            "events/disable-rule/stops",
            "A disabled rule delivers nothing, until it is enabled.",
            STATE,
            disabled,
        ),
        case(
            "events/disable-rule/missing",
            "A rule that is not there is ResourceNotFoundException.",
            STATE,
            disable_missing,
        ),
        case(
            "events/delete-rule/is-gone",
            "A deleted rule is not there any more.",
            DELETE,
            deleted,
        ),
        case(
            "events/delete-rule/absent",
            "Deleting a rule that is not there is no error.",
            DELETE,
            delete_absent,
        ),
        case(
            "events/delete-rule/with-targets",
            "A rule with targets can't be deleted.",
            DELETE,
            delete_with_targets,
        ),
    ];
    for (id, rule, pattern) in [
        ("no-json", "A pattern is JSON.", "{"),
        ("no-object", "A pattern is an object.", "[]"),
        ("no-array", "The values of a key are an array.", r#"{"source":"a"}"#),
        ("empty-array", "The array is not empty.", r#"{"source":[]}"#),
        (
            "unknown-operator",
            "An operator that is none is refused.",
            r#"{"source":[{"begins":"a"}]}"#,
        ),
        (
            "bad-numeric",
            "numeric takes comparisons and numbers.",
            r#"{"detail":{"n":[{"numeric":["about",1]}]}}"#,
        ),
    ] {
        let rule = format!("{rule} Else InvalidEventPatternException.");
        cases.push(case(format!("events/put-rule/pattern-{id}"), rule, PUT, move |cx| {
            bad_pattern(cx, pattern)
        }));
    }
    cases
}

async fn arn(cx: Context) -> Checked {
    let bus = Bus::new(&cx).await?;
    let name = bus.rule(PATTERN).await?;
    let got = cx.events().describe_rule().name(&name).event_bus_name(&bus.name).send().await;
    let arn = got.answer("DescribeRule")?.arn.unwrap_or_default();
    let end = format!(":rule/{}/{name}", bus.name);
    holds(&format!("an ARN that ends with {end}"), arn.ends_with(&end), arn)
}

async fn replaces(cx: Context) -> Checked {
    let bus = Bus::new(&cx).await?;
    let name = bus.rule(PATTERN).await?;
    let other = r#"{"source":["other"]}"#;
    let put = cx.events().put_rule().name(&name).event_bus_name(&bus.name).event_pattern(other);
    put.send().await.answer("PutRule")?;
    let got = cx.events().describe_rule().name(&name).event_bus_name(&bus.name).send().await;
    same("EventPattern", got.answer("DescribeRule")?.event_pattern.as_deref(), Some(other))
}

async fn missing_bus(cx: Context) -> Checked {
    let name = cx.name("none");
    let put = cx.events().put_rule().name("rule").event_bus_name(&name).event_pattern(PATTERN);
    put.send()
        .await
        .refused(400, "ResourceNotFoundException")?
        .saying(&format!("Event bus {name} does not exist."))
}

async fn nothing_to_match(cx: Context) -> Checked {
    let bus = Bus::new(&cx).await?;
    let put = cx.events().put_rule().name(cx.name("rule")).event_bus_name(&bus.name);
    put.send()
        .await
        .refused(400, "ValidationException")?
        .saying("Parameter(s) EventPattern or ScheduleExpression must be specified.")
}

async fn bad_name(cx: Context) -> Checked {
    let bus = Bus::new(&cx).await?;
    let put =
        cx.events().put_rule().name("a rule").event_bus_name(&bus.name).event_pattern(PATTERN);
    put.send().await.refused(400, "ValidationException").map(drop)
}

async fn schedule(cx: Context) -> Checked {
    let bus = Bus::new(&cx).await?;
    let put = cx.events().put_rule().name(cx.name("rule")).event_bus_name(&bus.name);
    put.schedule_expression("rate(5 minutes)")
        .send()
        .await
        .refused(400, "ValidationException")?
        .saying("ScheduleExpression is supported only on the default event bus.")
}

async fn bad_pattern(cx: Context, pattern: &'static str) -> Checked {
    let bus = Bus::new(&cx).await?;
    let put = cx.events().put_rule().name(cx.name("rule")).event_bus_name(&bus.name);
    put.event_pattern(pattern).send().await.refused(400, "InvalidEventPatternException").map(drop)
}

async fn described(cx: Context) -> Checked {
    let bus = Bus::new(&cx).await?;
    let name = bus.rule(PATTERN).await?;
    let got = cx.events().describe_rule().name(&name).event_bus_name(&bus.name).send().await;
    let got = got.answer("DescribeRule")?;
    same("EventPattern", got.event_pattern.as_deref(), Some(PATTERN))?;
    same("State", got.state, Some(RuleState::Enabled))?;
    same("EventBusName", got.event_bus_name, Some(bus.name))
}

async fn missing(cx: Context) -> Checked {
    let bus = Bus::new(&cx).await?;
    let got = cx.events().describe_rule().name("none").event_bus_name(&bus.name).send().await;
    got.refused(400, "ResourceNotFoundException")?
        .saying(&format!("Rule none does not exist on EventBus {}.", bus.name))
}

async fn by_prefix(cx: Context) -> Checked {
    let bus = Bus::new(&cx).await?;
    let name = bus.rule(PATTERN).await?;
    bus.rule(PATTERN).await?;
    let listed = cx.events().list_rules().event_bus_name(&bus.name).name_prefix(&name).send().await;
    let names: Vec<_> =
        listed.answer("ListRules")?.rules().iter().filter_map(|rule| rule.name.clone()).collect();
    same("names", names, [name])
}

async fn list_missing_bus(cx: Context) -> Checked {
    let listed = cx.events().list_rules().event_bus_name(cx.name("none")).send().await;
    listed.refused(400, "ResourceNotFoundException").map(drop)
}

async fn disabled(cx: Context) -> Checked {
    let bus = Bus::new(&cx).await?;
    let queue = crate::sqs::Queue::new(&cx, &[]).await?;
    let rule = bus.rule(PATTERN).await?;
    bus.target(&rule, target(&queue).await?).await?;
    cx.events()
        .disable_rule()
        .name(&rule)
        .event_bus_name(&bus.name)
        .send()
        .await
        .answer("DisableRule")?;
    bus.put("first", &json!({})).await?;
    cx.events()
        .enable_rule()
        .name(&rule)
        .event_bus_name(&bus.name)
        .send()
        .await
        .answer("EnableRule")?;
    bus.put("second", &json!({})).await?;
    same("detail-type", next_json(&queue).await?["detail-type"].as_str(), Some("second"))?;
    queue.is_empty().await
}

async fn disable_missing(cx: Context) -> Checked {
    let bus = Bus::new(&cx).await?;
    let disabled = cx.events().disable_rule().name("none").event_bus_name(&bus.name).send().await;
    disabled.refused(400, "ResourceNotFoundException").map(drop)
}

async fn deleted(cx: Context) -> Checked {
    let bus = Bus::new(&cx).await?;
    let name = bus.rule(PATTERN).await?;
    cx.events()
        .delete_rule()
        .name(&name)
        .event_bus_name(&bus.name)
        .send()
        .await
        .answer("DeleteRule")?;
    let got = cx.events().describe_rule().name(&name).event_bus_name(&bus.name).send().await;
    got.refused(400, "ResourceNotFoundException").map(drop)
}

async fn delete_absent(cx: Context) -> Checked {
    let bus = Bus::new(&cx).await?;
    let deleted = cx.events().delete_rule().name("none").event_bus_name(&bus.name).send().await;
    deleted.answer("DeleteRule").map(drop)
}

async fn delete_with_targets(cx: Context) -> Checked {
    let bus = Bus::new(&cx).await?;
    let queue = crate::sqs::Queue::new(&cx, &[]).await?;
    let rule = bus.rule(PATTERN).await?;
    bus.target(&rule, target(&queue).await?).await?;
    let deleted = cx.events().delete_rule().name(&rule).event_bus_name(&bus.name).send().await;
    deleted
        .refused(400, "ValidationException")?
        .saying("Rule can't be deleted since it has targets.")
}
