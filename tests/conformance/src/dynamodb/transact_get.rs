//! `TransactGetItems`.

use aws_sdk_dynamodb::types::{Get, TransactGetItem};
use serde_json::{Value, json};

use super::support::{Table, to_item};
use crate::{
    Case, Checked, Mismatch,
    case::case,
    check::{Answered as _, built, same},
    context::Context,
};

const GET: &str = "DynamoDB API reference, TransactGetItems";

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "dynamodb/transact-get/in-order",
            "Items come in the order of the requests, absent ones as nothing.",
            GET,
            in_order,
        ),
        case(
            "dynamodb/transact-get/several-tables",
            "Items of several tables are read together.",
            GET,
            several_tables,
        ),
        case(
            "dynamodb/transact-get/projection",
            "Each request has a projection of its own.",
            GET,
            projection,
        ),
        case(
            "dynamodb/transact-get/hundred-and-one",
            "A transaction of 101 requests is refused.",
            GET,
            hundred_and_one,
        ),
        case(
            "dynamodb/transact-get/same-item-twice",
            "One item twice is refused.",
            GET,
            same_item_twice,
        ),
        case(
            "dynamodb/transact-get/missing-table",
            "A table that is not there is ResourceNotFoundException.",
            GET,
            missing_table,
        ),
        case(
            "dynamodb/transact-get/bad-key",
            "A key that is not the table's cancels the transaction or refuses it.",
            GET,
            bad_key,
        ),
        case("dynamodb/transact-get/empty", "A transaction has at least one request.", GET, empty),
    ]
}

fn get(table: &Table, key: &Value, projection: Option<&str>) -> Result<TransactGetItem, Mismatch> {
    let get = Get::builder().table_name(&table.name).set_key(Some(to_item(key)));
    let get = get.set_projection_expression(projection.map(str::to_owned));
    Ok(TransactGetItem::builder().get(built(get.build())?).build())
}

async fn in_order(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    table.put(json!({"id": "a", "n": 1})).await?;
    table.put(json!({"id": "b", "n": 2})).await?;
    let mut read = cx.dynamodb().transact_get_items();
    for id in ["b", "none", "a"] {
        read = read.transact_items(get(&table, &json!({"id": id}), None)?);
    }
    let got = read.send().await.answer("TransactGetItems")?.responses.unwrap_or_default();
    let items: Vec<_> = got.into_iter().map(|response| response.item).collect();
    let item = |id: &str, n: u32| Some(to_item(&json!({"id": id, "n": n})));
    same("items", items, [item("b", 2), None, item("a", 1)])
}

async fn several_tables(cx: Context) -> Checked {
    let (one, other) = (Table::new(&cx).await?, Table::new(&cx).await?);
    one.put(json!({"id": "a", "origin": 1})).await?;
    other.put(json!({"id": "a", "origin": 2})).await?;
    let read = cx.dynamodb().transact_get_items();
    let read = read.transact_items(get(&one, &json!({"id": "a"}), Some("origin"))?);
    let read = read.transact_items(get(&other, &json!({"id": "a"}), Some("origin"))?);
    let got = read.send().await.answer("TransactGetItems")?.responses.unwrap_or_default();
    let items: Vec<_> = got.into_iter().map(|response| response.item).collect();
    same("items", items, [1, 2].map(|n| Some(to_item(&json!({"origin": n})))))
}

async fn projection(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    table.put(json!({"id": "a", "n": 1, "m": {"x": 2, "y": 3}})).await?;
    let read = cx.dynamodb().transact_get_items();
    let read = read.transact_items(get(&table, &json!({"id": "a"}), Some("m.x"))?);
    let got = read.send().await.answer("TransactGetItems")?.responses.unwrap_or_default();
    let item = got.into_iter().next().and_then(|response| response.item);
    same("item", item, Some(to_item(&json!({"m": {"x": 2}}))))
}

async fn refused(
    cx: &Context,
    items: Vec<TransactGetItem>,
    code: &str,
) -> Result<crate::check::Refusal, Mismatch> {
    let read = cx.dynamodb().transact_get_items().set_transact_items(Some(items));
    read.send().await.refused(400, code)
}

async fn hundred_and_one(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let items: Result<Vec<_>, _> =
        (0..101).map(|n| get(&table, &json!({"id": format!("i{n}")}), None)).collect();
    refused(&cx, items?, "ValidationException")
        .await?
        .mentioning("Member must have length less than or equal to 100")
}

async fn same_item_twice(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let item = get(&table, &json!({"id": "a"}), None)?;
    refused(&cx, vec![item.clone(), item], "ValidationException")
        .await?
        .saying("Transaction request cannot include multiple operations on one item")
}

async fn missing_table(cx: Context) -> Checked {
    let none = Table { cx: cx.clone(), name: cx.name("none") };
    let item = get(&none, &json!({"id": "a"}), None)?;
    refused(&cx, vec![item], "ResourceNotFoundException").await.map(drop)
}

async fn bad_key(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let item = get(&table, &json!({"number": 1}), None)?;
    let read = cx.dynamodb().transact_get_items().transact_items(item.clone()).send().await;
    // AWS documents both: an invalid format of the request, and a reason ValidationError.
    match read.refused(400, "ValidationException") {
        Ok(_) => Ok(()),
        Err(_) => refused(&cx, vec![item], "TransactionCanceledException").await.map(drop),
    }
}

async fn empty(cx: Context) -> Checked {
    refused(&cx, Vec::new(), "ValidationException").await.map(drop)
}
