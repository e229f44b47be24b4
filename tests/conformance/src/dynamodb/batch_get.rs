//! `BatchGetItem`.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::KeysAndAttributes;
use serde_json::{Value, json};

use super::support::{Item, Table, to_item};
use crate::{
    Case, Checked, Mismatch,
    case::case,
    check::{Answered as _, built, holds, same},
    context::Context,
};

const BATCH: &str = "DynamoDB API reference, BatchGetItem";

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "dynamodb/batch-get/several-tables",
            "A batch reads items of several tables.",
            BATCH,
            several_tables,
        ),
        case("dynamodb/batch-get/absent", "Items that are not there do not come.", BATCH, absent),
        case("dynamodb/batch-get/hundred", "A batch has up to 100 keys.", BATCH, hundred),
        case(
            "dynamodb/batch-get/hundred-and-one",
            "A batch of 101 keys is refused.",
            BATCH,
            hundred_and_one,
        ),
        case(
            "dynamodb/batch-get/same-key-twice",
            "A key that is there twice is refused.",
            BATCH,
            same_key_twice,
        ),
        case(
            "dynamodb/batch-get/projection",
            "A projection is for all keys of its table.",
            BATCH,
            projection,
        ),
        case(
            "dynamodb/batch-get/missing-table",
            "A table that is not there is ResourceNotFoundException.",
            BATCH,
            missing_table,
        ),
        case("dynamodb/batch-get/empty", "A batch names at least one table.", BATCH, empty),
        case(
            "dynamodb/batch-get/bad-key",
            "A key that is not the table's is refused.",
            BATCH,
            bad_key,
        ),
        case(
            "dynamodb/batch-get/sixteen-mb",
            "An answer has up to 16 MB; keys that are left come as unprocessed.",
            BATCH,
            sixteen_mb,
        ),
    ]
}

fn keys(keys: impl IntoIterator<Item = Value>) -> Result<KeysAndAttributes, Mismatch> {
    let keys: Vec<Item> = keys.into_iter().map(|key| to_item(&key)).collect();
    built(KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build())
}

fn ids(count: usize) -> impl Iterator<Item = Value> {
    (0..count).map(|n| json!({"id": format!("i{n}")}))
}

async fn several_tables(cx: Context) -> Checked {
    let (one, other) = (Table::new(&cx).await?, Table::new(&cx).await?);
    one.put(json!({"id": "a", "n": 1})).await?;
    other.put(json!({"id": "b", "n": 2})).await?;
    let get = cx.dynamodb().batch_get_item();
    let get = get.request_items(&one.name, keys([json!({"id": "a"})])?);
    let got = get.request_items(&other.name, keys([json!({"id": "b"})])?).send().await;
    let got = got.answer("BatchGetItem")?.responses.unwrap_or_default();
    same("of the first", got.get(&one.name), Some(&vec![to_item(&json!({"id": "a", "n": 1}))]))?;
    same("of the second", got.get(&other.name), Some(&vec![to_item(&json!({"id": "b", "n": 2}))]))
}

async fn absent(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    table.put(json!({"id": "i0"})).await?;
    let got = cx.dynamodb().batch_get_item().request_items(&table.name, keys(ids(3))?).send().await;
    let got = got.answer("BatchGetItem")?;
    holds(
        "no unprocessed keys",
        got.unprocessed_keys.as_ref().is_none_or(HashMap::is_empty),
        &got.unprocessed_keys,
    )?;
    let items = got.responses.and_then(|mut all| all.remove(&table.name));
    same("items", items, Some(vec![to_item(&json!({"id": "i0"}))]))
}

async fn hundred(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    table.put(json!({"id": "i99"})).await?;
    let got =
        cx.dynamodb().batch_get_item().request_items(&table.name, keys(ids(100))?).send().await;
    let items = got.answer("BatchGetItem")?.responses.and_then(|mut all| all.remove(&table.name));
    same("items", items.map(|items| items.len()), Some(1))
}

async fn refused(
    table: &Table,
    keys: KeysAndAttributes,
) -> Result<crate::check::Refusal, Mismatch> {
    let get = table.cx.dynamodb().batch_get_item().request_items(&table.name, keys);
    get.send().await.refused(400, "ValidationException")
}

async fn hundred_and_one(cx: Context) -> Checked {
    refused(&Table::new(&cx).await?, keys(ids(101))?).await.map(drop)
}

async fn same_key_twice(cx: Context) -> Checked {
    let twice = keys([json!({"id": "a"}), json!({"id": "a"})])?;
    refused(&Table::new(&cx).await?, twice)
        .await?
        .saying("Provided list of item keys contains duplicates")
}

async fn projection(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    table.put(json!({"id": "a", "n": 1, "m": 2})).await?;
    let wanted =
        KeysAndAttributes::builder().keys(to_item(&json!({"id": "a"}))).projection_expression("m");
    let get = cx.dynamodb().batch_get_item().request_items(&table.name, built(wanted.build())?);
    let items = get
        .send()
        .await
        .answer("BatchGetItem")?
        .responses
        .and_then(|mut all| all.remove(&table.name));
    same("items", items, Some(vec![to_item(&json!({"m": 2}))]))
}

async fn missing_table(cx: Context) -> Checked {
    let get = cx.dynamodb().batch_get_item().request_items(cx.name("none"), keys(ids(1))?);
    get.send().await.refused(400, "ResourceNotFoundException").map(drop)
}

async fn empty(cx: Context) -> Checked {
    let get = cx.dynamodb().batch_get_item().set_request_items(Some(HashMap::new()));
    get.send().await.refused(400, "ValidationException").map(drop)
}

async fn bad_key(cx: Context) -> Checked {
    let wrong = keys([json!({"number": 1})])?;
    refused(&Table::new(&cx).await?, wrong)
        .await?
        .saying("The provided key element does not match the schema")
}

async fn sixteen_mb(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let text = "x".repeat(400_000);
    for n in 0..44 {
        table.put(json!({"id": format!("i{n}"), "v": text})).await?;
    }
    let got =
        cx.dynamodb().batch_get_item().request_items(&table.name, keys(ids(44))?).send().await;
    let got = got.answer("BatchGetItem")?;
    let items = got.responses.and_then(|mut all| all.remove(&table.name)).unwrap_or_default().len();
    let left = got.unprocessed_keys.and_then(|mut all| all.remove(&table.name));
    let left = left.map_or(0, |left| left.keys.len());
    holds("some unprocessed keys", left > 0, (items, left))?;
    same("items and unprocessed keys", items + left, 44)
}
