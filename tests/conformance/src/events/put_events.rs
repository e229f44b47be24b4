//! `PutEvents`.

use aws_sdk_eventbridge::{
    operation::put_events::PutEventsOutput, primitives::DateTime,
    types::PutEventsRequestEntry as Entry,
};
use serde_json::json;

use super::support::{Bus, SOURCE, next_json};
use crate::{
    Case, Checked, Mismatch,
    case::case,
    check::{Answered as _, holds, present, same},
    context::Context,
};

const PUT: &str = "EventBridge API reference, PutEvents";
const PATTERN: &str = r#"{"source":["conformance.shop"]}"#;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![
        case(
            "events/put-events/ten",
            "A request has up to 10 entries, answered in order.",
            PUT,
            ten,
        ),
        case("events/put-events/eleven", "A request of 11 is refused.", PUT, eleven),
        case("events/put-events/empty", "A request has at least one entry.", PUT, empty),
        case(
            "events/put-events/partial",
            "An entry that fails fails alone, and FailedEntryCount counts it.",
            PUT,
            partial,
        ),
        case(
            "events/put-events/failed-is-not-delivered",
            "What failed is not delivered, and the rest is.",
            PUT,
            failed_is_not_delivered,
        ),
        case("events/put-events/time", "Time is the event's time, in whole seconds.", PUT, time),
        case("events/put-events/resources", "Resources are part of the event.", PUT, resources),
        case("events/put-events/ids", "Every event has an id of its own.", PUT, ids),
        case("events/put-events/other-bus", "An event goes to its bus alone.", PUT, other_bus),
        case(
            "events/put-events/missing-bus",
            "An event for a bus that is not there is accepted and goes nowhere.",
            PUT,
            missing_bus,
        ),
        case("events/put-events/bus-arn", "A bus may be named by its ARN.", PUT, bus_arn),
        case(
            "events/put-events/too-large",
            "The entries together have up to 1 MB.",
            "EventBridge guide, PutEvents entry size; it was 256 KB until 2026",
            too_large,
        ),
    ];
    for (id, rule, entry, code) in [
        (
            "no-detail",
            "Detail is required.",
            Entry::builder().source("a").detail_type("t"),
            "InvalidArgument",
        ),
        (
            "no-source",
            "Source is required.",
            Entry::builder().detail_type("t").detail("{}"),
            "InvalidArgument",
        ),
        (
            "no-detail-type",
            "DetailType is required.",
            Entry::builder().source("a").detail("{}"),
            "InvalidArgument",
        ),
        (
            "detail-no-json",
            "Detail is JSON.",
            Entry::builder().source("a").detail_type("t").detail("plain"),
            "MalformedDetail",
        ),
        (
            "detail-no-object",
            "Detail is a JSON object.",
            Entry::builder().source("a").detail_type("t").detail("[1]"),
            "MalformedDetail",
        ),
        (
            "aws-source",
            "Sources that begin with aws. are AWS's.",
            Entry::builder().source("aws.shop").detail_type("t").detail("{}"),
            "NotAuthorizedForSourceException",
        ),
    ] {
        let entry = entry.build();
        let rule = format!("{rule} Else the entry fails with {code}.");
        cases.push(case(format!("events/put-events/{id}"), rule, PUT, move |cx| {
            refused_entry(cx, entry.clone(), code)
        }));
    }
    cases
}

async fn put(cx: &Context, entries: Vec<Entry>) -> Result<PutEventsOutput, Mismatch> {
    cx.events().put_events().set_entries(Some(entries)).send().await.answer("PutEvents")
}

async fn ten(cx: Context) -> Checked {
    let bus = Bus::new(&cx).await?;
    let put = put(&cx, (0..10).map(|n| bus.entry("t", &json!({"n": n}))).collect()).await?;
    same("FailedEntryCount", put.failed_entry_count, 0)?;
    same("entries", put.entries().iter().filter(|entry| entry.event_id.is_some()).count(), 10)
}

async fn refused(cx: &Context, entries: Vec<Entry>) -> Checked {
    let put = cx.events().put_events().set_entries(Some(entries));
    put.send().await.refused(400, "ValidationException").map(drop)
}

async fn eleven(cx: Context) -> Checked {
    let bus = Bus::new(&cx).await?;
    refused(&cx, (0..11).map(|n| bus.entry("t", &json!({"n": n}))).collect()).await
}

async fn empty(cx: Context) -> Checked {
    refused(&cx, Vec::new()).await
}

fn wrong(bus: &Bus) -> Entry {
    Entry::builder()
        .event_bus_name(&bus.name)
        .source(SOURCE)
        .detail_type("t")
        .detail("plain")
        .build()
}

async fn partial(cx: Context) -> Checked {
    let bus = Bus::new(&cx).await?;
    let put =
        put(&cx, vec![bus.entry("t", &json!({})), wrong(&bus), bus.entry("t", &json!({}))]).await?;
    same("FailedEntryCount", put.failed_entry_count, 1)?;
    let codes: Vec<Option<&str>> = put.entries().iter().map(|entry| entry.error_code()).collect();
    same("error codes", codes, [None, Some("MalformedDetail"), None])?;
    same("message", put.entries()[1].error_message(), Some("Detail is malformed."))
}

async fn failed_is_not_delivered(cx: Context) -> Checked {
    let bus = Bus::new(&cx).await?;
    let queue = bus.heard_by(PATTERN).await?;
    put(&cx, vec![wrong(&bus), bus.entry("right", &json!({}))]).await?;
    same("detail-type", next_json(&queue).await?["detail-type"].as_str(), Some("right"))?;
    queue.is_empty().await
}

async fn refused_entry(cx: Context, entry: Entry, code: &'static str) -> Checked {
    let put = put(&cx, vec![entry]).await?;
    same("FailedEntryCount", put.failed_entry_count, 1)?;
    let first = present("an entry", put.entries().first())?;
    same("ErrorCode", first.error_code(), Some(code))?;
    same("EventId", first.event_id(), None)
}

async fn time(cx: Context) -> Checked {
    let bus = Bus::new(&cx).await?;
    let queue = bus.heard_by(PATTERN).await?;
    let entry =
        Entry::builder().event_bus_name(&bus.name).source(SOURCE).detail_type("t").detail("{}");
    put(&cx, vec![entry.time(DateTime::from_secs(1_795_737_600)).build()]).await?;
    same("time", next_json(&queue).await?["time"].as_str(), Some("2026-11-27T00:00:00Z"))
}

async fn resources(cx: Context) -> Checked {
    let bus = Bus::new(&cx).await?;
    let queue = bus.heard_by(PATTERN).await?;
    let entry =
        Entry::builder().event_bus_name(&bus.name).source(SOURCE).detail_type("t").detail("{}");
    put(&cx, vec![entry.resources("arn:aws:s3:::one").resources("two").build()]).await?;
    same("resources", &next_json(&queue).await?["resources"], &json!(["arn:aws:s3:::one", "two"]))
}

async fn ids(cx: Context) -> Checked {
    let bus = Bus::new(&cx).await?;
    let put = put(&cx, vec![bus.entry("t", &json!({})), bus.entry("t", &json!({}))]).await?;
    let ids: Vec<&str> = put.entries().iter().filter_map(|entry| entry.event_id()).collect();
    holds(
        "two ids of 36 characters",
        ids.len() == 2 && ids[0] != ids[1] && ids[0].len() == 36,
        &ids,
    )
}

async fn other_bus(cx: Context) -> Checked {
    let (one, other) = (Bus::new(&cx).await?, Bus::new(&cx).await?);
    let (heard, unheard) = (one.heard_by(PATTERN).await?, other.heard_by(PATTERN).await?);
    one.put("t", &json!({})).await?;
    next_json(&heard).await?;
    unheard.is_empty().await
}

async fn missing_bus(cx: Context) -> Checked {
    let entry = Entry::builder().event_bus_name(cx.name("none")).source(SOURCE).detail_type("t");
    let put = put(&cx, vec![entry.detail("{}").build()]).await?;
    same("FailedEntryCount", put.failed_entry_count, 0)
}

async fn bus_arn(cx: Context) -> Checked {
    let bus = Bus::new(&cx).await?;
    let queue = bus.heard_by(PATTERN).await?;
    let entry = Entry::builder().event_bus_name(&bus.arn).source(SOURCE).detail_type("t");
    put(&cx, vec![entry.detail("{}").build()]).await?;
    next_json(&queue).await.map(drop)
}

async fn too_large(cx: Context) -> Checked {
    let bus = Bus::new(&cx).await?;
    refused(&cx, vec![bus.entry("t", &json!({"v": "x".repeat(1_048_576)}))]).await
}
