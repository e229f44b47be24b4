//! `Scan`.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::{
    operation::scan::{ScanOutput, builders::ScanFluentBuilder},
    types::{AttributeValue, Select},
};
use serde_json::json;

use super::support::{Item, Table, to_item, values};
use crate::{
    Case, Checked, Mismatch,
    case::case,
    check::{Answered as _, holds, same},
    context::Context,
};

const SCAN: &str = "DynamoDB API reference, Scan";
const PARALLEL: &str = "DynamoDB guide, parallel scan";

pub(super) fn cases() -> Vec<Case> {
    vec![
        case("dynamodb/scan/all", "A scan brings every item.", SCAN, all),
        case(
            "dynamodb/scan/empty-table",
            "A scan of an empty table brings none.",
            SCAN,
            empty_table,
        ),
        case("dynamodb/scan/pages", "Pages of Limit come to every item, each once.", SCAN, pages),
        case(
            "dynamodb/scan/filter",
            "A filter is applied after the read: ScannedCount counts what was read.",
            SCAN,
            filter,
        ),
        case(
            "dynamodb/scan/filter-on-key",
            "A scan's filter may name key attributes.",
            SCAN,
            filter_on_key,
        ),
        case("dynamodb/scan/count", "Select COUNT brings a count and no items.", SCAN, count),
        case(
            "dynamodb/scan/projection",
            "A projection brings only what it names.",
            SCAN,
            projection,
        ),
        case(
            "dynamodb/scan/segments",
            "Segments together bring every item, each once.",
            PARALLEL,
            segments,
        ),
        case(
            "dynamodb/scan/segment-beyond",
            "Segment is below TotalSegments.",
            SCAN,
            segment_beyond,
        ),
        case("dynamodb/scan/segment-alone", "Segment needs TotalSegments.", SCAN, segment_alone),
        case("dynamodb/scan/limit-of-0", "Limit is at least 1.", SCAN, limit_of_zero),
        case(
            "dynamodb/scan/missing-table",
            "A table that is not there is ResourceNotFoundException.",
            SCAN,
            missing_table,
        ),
        case("dynamodb/scan/page-of-1-mb", "A page has up to 1 MB.", SCAN, page_of_one_mb),
    ]
}

async fn filled(cx: &Context) -> Result<Table, Mismatch> {
    let table = Table::new(cx).await?;
    for n in 0..9 {
        table.put(json!({"id": format!("i{n}"), "n": n})).await?;
    }
    Ok(table)
}

fn scan(table: &Table) -> ScanFluentBuilder {
    table.cx.dynamodb().scan().table_name(&table.name).consistent_read(true)
}

async fn run(scan: ScanFluentBuilder) -> Result<ScanOutput, Mismatch> {
    scan.send().await.answer("Scan")
}

fn ids(items: Option<&[Item]>) -> Vec<String> {
    let id = |item: &Item| match item.get("id") {
        Some(AttributeValue::S(text)) => Some(text.clone()),
        _ => None,
    };
    items.into_iter().flatten().filter_map(id).collect()
}

fn nine() -> BTreeSet<String> {
    (0..9).map(|n| format!("i{n}")).collect()
}

async fn all(cx: Context) -> Checked {
    let table = filled(&cx).await?;
    let found = run(scan(&table)).await?;
    same("Count", found.count, 9)?;
    same("ids", ids(found.items.as_deref()).into_iter().collect::<BTreeSet<_>>(), nine())
}

async fn empty_table(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    same("Count", run(scan(&table)).await?.count, 0)
}

async fn every_page(scan: impl Fn() -> ScanFluentBuilder) -> Result<Vec<String>, Mismatch> {
    let (mut seen, mut start) = (Vec::new(), None);
    for _ in 0..20 {
        let page = run(scan().set_exclusive_start_key(start)).await?;
        seen.extend(ids(page.items.as_deref()));
        start = page.last_evaluated_key;
        if start.is_none() {
            break;
        }
    }
    Ok(seen)
}

async fn pages(cx: Context) -> Checked {
    let table = filled(&cx).await?;
    let mut seen = every_page(|| scan(&table).limit(2)).await?;
    seen.sort_unstable();
    same("ids", seen, nine().into_iter().collect::<Vec<_>>())
}

async fn filter(cx: Context) -> Checked {
    let table = filled(&cx).await?;
    let scan = scan(&table).filter_expression("n >= :v");
    let found = run(scan.set_expression_attribute_values(values(&json!({":v": 6})))).await?;
    same("Count and ScannedCount", (found.count, found.scanned_count), (3, 9))
}

async fn filter_on_key(cx: Context) -> Checked {
    let table = filled(&cx).await?;
    let scan = scan(&table).filter_expression("id = :v");
    let found = run(scan.set_expression_attribute_values(values(&json!({":v": "i4"})))).await?;
    same("ids", ids(found.items.as_deref()), ["i4"])
}

async fn count(cx: Context) -> Checked {
    let table = filled(&cx).await?;
    let found = run(scan(&table).select(Select::Count)).await?;
    same("Count", found.count, 9)?;
    holds("no items", found.items.as_ref().is_none_or(Vec::is_empty), &found.items)
}

async fn projection(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    table.put(json!({"id": "a", "n": 1, "m": 2})).await?;
    let found = run(scan(&table).projection_expression("m")).await?;
    same("items", found.items, Some(vec![to_item(&json!({"m": 2}))]))
}

async fn segments(cx: Context) -> Checked {
    let table = filled(&cx).await?;
    let mut seen = Vec::new();
    for segment in 0..3 {
        seen.extend(every_page(|| scan(&table).segment(segment).total_segments(3)).await?);
    }
    seen.sort_unstable();
    same("ids", seen, nine().into_iter().collect::<Vec<_>>())
}

async fn refused(scan: ScanFluentBuilder) -> Checked {
    scan.send().await.refused(400, "ValidationException").map(drop)
}

async fn segment_beyond(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    refused(scan(&table).segment(3).total_segments(3)).await
}

async fn segment_alone(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    refused(scan(&table).segment(0)).await
}

async fn limit_of_zero(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    refused(scan(&table).limit(0)).await
}

async fn missing_table(cx: Context) -> Checked {
    let scan = cx.dynamodb().scan().table_name(cx.name("none"));
    scan.send()
        .await
        .refused(400, "ResourceNotFoundException")?
        .saying("Requested resource not found")
}

async fn page_of_one_mb(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let text = "x".repeat(300_000);
    for n in 0..5 {
        table.put(json!({"id": format!("i{n}"), "v": text})).await?;
    }
    let found = run(scan(&table)).await?;
    holds("3 or 4 items of 300 KB", (3..=4).contains(&found.count), found.count)?;
    let mut seen = every_page(|| scan(&table)).await?;
    seen.sort_unstable();
    same("ids of all pages", seen, ["i0", "i1", "i2", "i3", "i4"])
}
