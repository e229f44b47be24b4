//! Event patterns: which events a rule hears.

use serde_json::json;

use super::support::{Bus, next_json};
use crate::{
    Case, Checked, Mismatch,
    case::case,
    check::{Answered as _, same},
    context::Context,
};

const PATTERNS: &str = "EventBridge guide, event pattern operators";
const TEST: &str = "EventBridge API reference, TestEventPattern";

/// id, rule, pattern of the detail, a detail that matches, one that does not.
const DETAILS: [(&str, &str, &str, &str, &str); 20] = [
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
        "Every key of the pattern must match.",
        r#"{"k":["a"],"l":["b"]}"#,
        r#"{"k":"a","l":"b"}"#,
        r#"{"k":"a"}"#,
    ),
    (
        "nested",
        "A pattern goes into nested objects.",
        r#"{"a":{"b":["x"]}}"#,
        r#"{"a":{"b":"x","c":1}}"#,
        r#"{"a":"x"}"#,
    ),
    (
        "array",
        "An array matches when one of its values does.",
        r#"{"k":["a"]}"#,
        r#"{"k":["b","a"]}"#,
        r#"{"k":["b"]}"#,
    ),
    (
        "prefix",
        "prefix compares the first characters.",
        r#"{"k":[{"prefix":"ab"}]}"#,
        r#"{"k":"abc"}"#,
        r#"{"k":"xab"}"#,
    ),
    (
        "suffix",
        "suffix compares the last characters.",
        r#"{"k":[{"suffix":".png"}]}"#,
        r#"{"k":"a.png"}"#,
        r#"{"k":"png"}"#,
    ),
    (
        "prefix-ignore-case",
        "prefix takes equals-ignore-case.",
        r#"{"k":[{"prefix":{"equals-ignore-case":"AB"}}]}"#,
        r#"{"k":"abC"}"#,
        r#"{"k":"ca"}"#,
    ),
    (
        "anything-but",
        "anything-but matches other values.",
        r#"{"k":[{"anything-but":["a","b"]}]}"#,
        r#"{"k":"c"}"#,
        r#"{"k":"a"}"#,
    ),
    (
        "anything-but-prefix",
        "anything-but takes a prefix.",
        r#"{"k":[{"anything-but":{"prefix":"a"}}]}"#,
        r#"{"k":"b"}"#,
        r#"{"k":"ab"}"#,
    ),
    (
        "equals-ignore-case",
        "equals-ignore-case ignores case.",
        r#"{"k":[{"equals-ignore-case":"Ab"}]}"#,
        r#"{"k":"aB"}"#,
        r#"{"k":"b"}"#,
    ),
    (
        "wildcard",
        "wildcard matches any characters in place of an asterisk.",
        r#"{"k":[{"wildcard":"a*z"}]}"#,
        r#"{"k":"a-b-z"}"#,
        r#"{"k":"a-b"}"#,
    ),
    (
        "number",
        "Numbers match as they are written: 5 and 5.0 are not equal.",
        r#"{"n":[5]}"#,
        r#"{"n":5}"#,
        r#"{"n":5.0}"#,
    ),
    (
        "number-greater",
        "numeric compares with one end.",
        r#"{"n":[{"numeric":[">",100]}]}"#,
        r#"{"n":101}"#,
        r#"{"n":100}"#,
    ),
    (
        "number-range",
        "numeric compares with two ends.",
        r#"{"n":[{"numeric":[">=",1,"<",10]}]}"#,
        r#"{"n":1}"#,
        r#"{"n":10}"#,
    ),
    (
        "exists",
        "exists true matches a key that is there.",
        r#"{"k":[{"exists":true}]}"#,
        r#"{"k":null}"#,
        r#"{"l":1}"#,
    ),
    (
        "not-exists",
        "exists false matches a key that is not there.",
        r#"{"k":[{"exists":false}]}"#,
        r#"{"l":1}"#,
        r#"{"k":1}"#,
    ),
    ("null", "null matches null.", r#"{"k":[null]}"#, r#"{"k":null}"#, r#"{"k":""}"#),
    (
        "boolean",
        "Booleans match themselves.",
        r#"{"k":[true]}"#,
        r#"{"k":true}"#,
        r#"{"k":"true"}"#,
    ),
    (
        "or",
        "$or needs one of its patterns.",
        r#"{"$or":[{"k":["a"]},{"l":["b"]}]}"#,
        r#"{"l":"b"}"#,
        r#"{"k":"b"}"#,
    ),
];

pub(super) fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = DETAILS
        .into_iter()
        .map(|(id, rule, pattern, heard, unheard)| {
            case(format!("events/pattern/{id}"), rule, PATTERNS, move |cx| {
                detail(cx, pattern, heard, unheard)
            })
        })
        .collect();
    cases.extend([
        case(
            "events/pattern/detail-type",
            "A rule selects by source and detail-type.",
            PATTERNS,
            detail_type,
        ),
        case(
            "events/pattern/several-rules",
            "Every rule that matches delivers.",
            PATTERNS,
            several_rules,
        ),
        case(
            "events/test-event-pattern/matches",
            "TestEventPattern says whether an event matches.",
            TEST,
            test_pattern,
        ),
        case(
            "events/test-event-pattern/bad-pattern",
            "A pattern that is none is InvalidEventPatternException.",
            TEST,
            test_bad_pattern,
        ),
    ]);
    cases
}

fn parsed(text: &str) -> Result<serde_json::Value, Mismatch> {
    serde_json::from_str(text).map_err(|_| Mismatch::new("JSON", text))
}

async fn detail(
    cx: Context,
    pattern: &'static str,
    heard: &'static str,
    unheard: &'static str,
) -> Checked {
    let bus = Bus::new(&cx).await?;
    let queue = bus.heard_by(&format!(r#"{{"detail":{pattern}}}"#)).await?;
    bus.put("unheard", &parsed(unheard)?).await?;
    bus.put("heard", &parsed(heard)?).await?;
    let event = next_json(&queue).await?;
    same("detail-type", event["detail-type"].as_str(), Some("heard"))?;
    same("detail", &event["detail"], &parsed(heard)?)?;
    queue.is_empty().await
}

async fn detail_type(cx: Context) -> Checked {
    let bus = Bus::new(&cx).await?;
    let pattern =
        json!({"source": [super::support::SOURCE], "detail-type": ["placed", "cancelled"]});
    let queue = bus.heard_by(&pattern.to_string()).await?;
    bus.put("shipped", &json!({})).await?;
    bus.put("cancelled", &json!({})).await?;
    same("detail-type", next_json(&queue).await?["detail-type"].as_str(), Some("cancelled"))?;
    queue.is_empty().await
}

async fn several_rules(cx: Context) -> Checked {
    let bus = Bus::new(&cx).await?;
    let first = bus.heard_by(r#"{"detail-type":["t"]}"#).await?;
    let second = bus.heard_by(r#"{"source":[{"prefix":"conformance"}]}"#).await?;
    let id = bus.put("t", &json!({})).await?;
    same("id", next_json(&first).await?["id"].as_str(), Some(&*id))?;
    same("id", next_json(&second).await?["id"].as_str(), Some(&*id))
}

fn event() -> String {
    json!({
        "id": "1", "detail-type": "t", "source": "a", "account": "123456789012",
        "time": "2026-11-27T00:00:00Z", "region": "us-east-1", "resources": [], "detail": {"k": 1},
    })
    .to_string()
}

async fn test_pattern(cx: Context) -> Checked {
    for (pattern, expected) in
        [(r#"{"detail":{"k":[1]}}"#, true), (r#"{"detail":{"k":[2]}}"#, false)]
    {
        let test = cx.events().test_event_pattern().event_pattern(pattern).event(event());
        same("Result", test.send().await.answer("TestEventPattern")?.result, expected)?;
    }
    Ok(())
}

async fn test_bad_pattern(cx: Context) -> Checked {
    let test = cx.events().test_event_pattern().event_pattern("{").event(event());
    test.send().await.refused(400, "InvalidEventPatternException").map(drop)
}
