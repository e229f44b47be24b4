//! `BatchWriteItem`.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{DeleteRequest, PutRequest, WriteRequest};
use serde_json::{Value, json};

use super::support::{Table, to_item};
use crate::{
    Case, Checked, Mismatch,
    case::case,
    check::{Answered as _, built, holds},
    context::Context,
};

const BATCH: &str = "DynamoDB API reference, BatchWriteItem";

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "dynamodb/batch-write/puts-and-deletes",
            "A batch puts and deletes, in several tables.",
            BATCH,
            puts_and_deletes,
        ),
        case(
            "dynamodb/batch-write/twenty-five",
            "A batch has up to 25 requests, and leaves none when there is capacity.",
            BATCH,
            twenty_five,
        ),
        case("dynamodb/batch-write/twenty-six", "A batch of 26 is refused.", BATCH, twenty_six),
        case("dynamodb/batch-write/empty", "A batch has at least one request.", BATCH, empty),
        case(
            "dynamodb/batch-write/same-key-twice",
            "Two requests for one item are refused.",
            BATCH,
            same_key_twice,
        ),
        case(
            "dynamodb/batch-write/missing-table",
            "A table that is not there is ResourceNotFoundException, and nothing is written.",
            BATCH,
            missing_table,
        ),
        case(
            "dynamodb/batch-write/item-without-key",
            "An item without its key refuses the whole batch.",
            BATCH,
            item_without_key,
        ),
        case(
            "dynamodb/batch-write/item-too-large",
            "An item above 400 KB refuses the whole batch.",
            BATCH,
            item_too_large,
        ),
        case(
            "dynamodb/batch-write/delete-absent",
            "Deleting what is not there is done.",
            BATCH,
            delete_absent,
        ),
        case(
            "dynamodb/batch-write/put-replaces",
            "A put replaces the whole item.",
            BATCH,
            put_replaces,
        ),
    ]
}

pub(super) fn put(item: &Value) -> Result<WriteRequest, Mismatch> {
    let put = built(PutRequest::builder().set_item(Some(to_item(item))).build())?;
    Ok(WriteRequest::builder().put_request(put).build())
}

fn delete(key: &Value) -> Result<WriteRequest, Mismatch> {
    let delete = built(DeleteRequest::builder().set_key(Some(to_item(key))).build())?;
    Ok(WriteRequest::builder().delete_request(delete).build())
}

async fn write(table: &Table, requests: Vec<WriteRequest>) -> Checked {
    let write = table.cx.dynamodb().batch_write_item().request_items(&table.name, requests);
    let left = write.send().await.answer("BatchWriteItem")?.unprocessed_items.unwrap_or_default();
    holds("no unprocessed items", left.is_empty(), left)
}

async fn refused(
    table: &Table,
    requests: Vec<WriteRequest>,
) -> Result<crate::check::Refusal, Mismatch> {
    let write = table.cx.dynamodb().batch_write_item().request_items(&table.name, requests);
    write.send().await.refused(400, "ValidationException")
}

async fn puts_and_deletes(cx: Context) -> Checked {
    let (one, other) = (Table::new(&cx).await?, Table::new(&cx).await?);
    one.put(json!({"id": "old"})).await?;
    let items = HashMap::from([
        (one.name.clone(), vec![put(&json!({"id": "a", "n": 1}))?, delete(&json!({"id": "old"}))?]),
        (other.name.clone(), vec![put(&json!({"id": "b"}))?]),
    ]);
    cx.dynamodb()
        .batch_write_item()
        .set_request_items(Some(items))
        .send()
        .await
        .answer("BatchWriteItem")?;
    one.has(json!({"id": "a"}), json!({"id": "a", "n": 1})).await?;
    one.lacks(json!({"id": "old"})).await?;
    other.has(json!({"id": "b"}), json!({"id": "b"})).await
}

fn many(count: usize) -> Result<Vec<WriteRequest>, Mismatch> {
    (0..count).map(|n| put(&json!({"id": format!("i{n}")}))).collect()
}

async fn twenty_five(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    write(&table, many(25)?).await?;
    table.has(json!({"id": "i24"}), json!({"id": "i24"})).await
}

async fn twenty_six(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    refused(&table, many(26)?).await?;
    table.lacks(json!({"id": "i0"})).await
}

async fn empty(cx: Context) -> Checked {
    let write = cx.dynamodb().batch_write_item().set_request_items(Some(HashMap::new()));
    write.send().await.refused(400, "ValidationException").map(drop)
}

async fn same_key_twice(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let twice = vec![put(&json!({"id": "a", "n": 1}))?, delete(&json!({"id": "a"}))?];
    refused(&table, twice).await?.saying("Provided list of item keys contains duplicates")
}

async fn missing_table(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let write = cx
        .dynamodb()
        .batch_write_item()
        .request_items(cx.name("none"), vec![put(&json!({"id": "a"}))?]);
    let write = write.request_items(&table.name, vec![put(&json!({"id": "a"}))?]);
    write.send().await.refused(400, "ResourceNotFoundException")?;
    table.lacks(json!({"id": "a"})).await
}

async fn item_without_key(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    refused(&table, vec![put(&json!({"id": "a"}))?, put(&json!({"n": 1}))?]).await?;
    table.lacks(json!({"id": "a"})).await
}

async fn item_too_large(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let large = put(&json!({"id": "b", "v": "x".repeat(409_600)}))?;
    refused(&table, vec![put(&json!({"id": "a"}))?, large])
        .await?
        .mentioning("Item size has exceeded the maximum allowed size")?;
    table.lacks(json!({"id": "a"})).await
}

async fn delete_absent(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    write(&table, vec![delete(&json!({"id": "none"}))?]).await
}

async fn put_replaces(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    table.put(json!({"id": "a", "old": 1})).await?;
    write(&table, vec![put(&json!({"id": "a", "new": 1}))?]).await?;
    table.has(json!({"id": "a"}), json!({"id": "a", "new": 1})).await
}
