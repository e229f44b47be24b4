//! `PutItem`, `GetItem`, `DeleteItem`: types, keys, and what is refused.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};

use super::support::{Table, to_item};
use crate::{
    Case, Checked,
    case::case,
    check::{Answered as _, same},
    context::Context,
};

const TYPES: &str = "DynamoDB guide, data types";
const PUT: &str = "DynamoDB API reference, PutItem";
const GET: &str = "DynamoDB API reference, GetItem";
const DELETE: &str = "DynamoDB API reference, DeleteItem";

/// id, rule, value that is kept as it is.
fn kept() -> Vec<(&'static str, &'static str, Value)> {
    vec![
        ("string", "Strings are kept, of any Unicode.", json!("Grüße 🛒 \u{0}\u{1}")),
        ("empty-string", "An attribute that is no key may be an empty string.", json!("")),
        ("empty-binary", "An attribute that is no key may be an empty binary.", json!({"B": ""})),
        ("boolean", "Booleans are kept.", json!(true)),
        ("null", "NULL is a value, and kept.", json!(null)),
        ("binary", "Binaries are kept.", json!({"B": "\u{7f}abc"})),
        ("string-set", "String sets are kept.", json!({"SS": ["b", "a", "c"]})),
        ("number-set", "Number sets are kept.", json!({"NS": [3, 1, 2]})),
        ("binary-set", "Binary sets are kept.", json!({"BS": ["x", "y"]})),
        (
            "list-of-many-types",
            "A list holds values of any types, in order.",
            json!([1, "b", null, true, [2], {"c": 3}]),
        ),
        ("empty-list", "A list may be empty.", json!([])),
        ("empty-map", "A map may be empty.", json!({})),
        ("nested-map", "Maps are nested.", json!({"a": {"b": {"c": {"d": [{"e": 1}]}}}, "z": 1})),
        ("depth-of-32", "Values are nested up to 32 levels deep.", nested(31)),
        (
            "empty-string-in-set",
            "A set of strings may have an empty one.",
            json!({"SS": ["", "a"]}),
        ),
    ]
}

/// id, rule, value that is refused, a part of the message.
fn refused() -> Vec<(&'static str, &'static str, Value, &'static str)> {
    vec![
        (
            "empty-set",
            "A set must not be empty.",
            json!({"SS": []}),
            "An string set  may not be empty",
        ),
        (
            "duplicates-in-set",
            "The elements of a set are unique.",
            json!({"SS": ["a", "a"]}),
            "Input collection [a, a] contains duplicates.",
        ),
        (
            "equal-numbers-in-set",
            "Numbers of equal value are duplicates.",
            json!({"NS": ["1", "1.0"]}),
            "Input collection contains duplicates",
        ),
        (
            "depth-of-33",
            "Values are not nested deeper than 32 levels.",
            nested(33),
            "Nesting Levels have exceeded supported limits",
        ),
        (
            "no-number",
            "A number must be one.",
            json!({"N": "abc"}),
            "The parameter cannot be converted to a numeric value: abc",
        ),
        (
            "empty-number",
            "An empty text is no number.",
            json!({"N": ""}),
            "The parameter cannot be converted to a numeric value",
        ),
    ]
}

fn nested(levels: usize) -> Value {
    (0..levels).fold(json!("bottom"), |value, _| json!([value]))
}

pub(super) fn cases() -> Vec<Case> {
    let kept = kept().into_iter().map(|(id, rule, value)| {
        case(format!("dynamodb/item/{id}"), rule, TYPES, move |cx| keeps(cx, value.clone()))
    });
    let refused = refused().into_iter().map(|(id, rule, value, part)| {
        case(format!("dynamodb/item-refused/{id}"), rule, TYPES, move |cx| {
            refuses(cx, value.clone(), part)
        })
    });
    let mut cases: Vec<Case> = kept.chain(refused).collect();
    cases.extend([
        case("dynamodb/put-item/replaces", "PutItem replaces the whole item.", PUT, replaces),
        case("dynamodb/put-item/missing-table", "A table that is not there is ResourceNotFoundException.", PUT, put_missing_table),
        case("dynamodb/put-item/no-key", "An item without its key is refused.", PUT, |cx| bad_item(cx, json!({"n": 1}), "Missing the key id in the item")),
        case("dynamodb/put-item/key-of-other-type", "A key of another type is refused.", PUT, |cx| bad_item(cx, json!({"id": 1}), "Type mismatch for key id expected: S actual: N")),
        case("dynamodb/put-item/empty-key", "A key must not be an empty string.", PUT, |cx| bad_item(cx, json!({"id": ""}), "The AttributeValue for a key attribute cannot contain an empty string value. Key: id")),
        case("dynamodb/get-item/absent", "An item that is not there is an answer without one.", GET, absent),
        case("dynamodb/get-item/missing-table", "A table that is not there is ResourceNotFoundException.", GET, get_missing_table),
        case("dynamodb/get-item/key-with-more", "A key has the key attributes and no others.", GET, |cx| bad_key(cx, json!({"id": "a", "n": 1}))),
        case("dynamodb/get-item/key-incomplete", "A key has all key attributes.", GET, key_incomplete),
        case("dynamodb/get-item/key-of-other-type", "A key of another type does not match the schema.", GET, |cx| bad_key(cx, json!({"id": 1}))),
        case("dynamodb/delete-item/is-gone", "A deleted item is not there any more.", DELETE, deleted),
        case("dynamodb/delete-item/absent", "Deleting an item that is not there succeeds.", DELETE, delete_absent),
        case("dynamodb/delete-item/one-of-partition", "Only the item of the whole key is deleted.", DELETE, delete_one),
        case("dynamodb/delete-item/missing-table", "A table that is not there is ResourceNotFoundException.", DELETE, delete_missing_table),
    ]);
    cases
}

async fn keeps(cx: Context, value: Value) -> Checked {
    let table = Table::new(&cx).await?;
    let item = json!({"id": "a", "value": value});
    table.put(item.clone()).await?;
    table.has(json!({"id": "a"}), item).await
}

async fn refuses(cx: Context, value: Value, part: &'static str) -> Checked {
    bad_item(cx, json!({"id": "a", "value": value}), part).await
}

async fn bad_item(cx: Context, item: Value, part: &'static str) -> Checked {
    let table = Table::new(&cx).await?;
    let put = cx.dynamodb().put_item().table_name(&table.name).set_item(Some(to_item(&item)));
    put.send().await.refused(400, "ValidationException")?.mentioning(part)
}

async fn replaces(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    table.put(json!({"id": "a", "old": 1, "both": 1})).await?;
    table.put(json!({"id": "a", "new": 2, "both": 2})).await?;
    table.has(json!({"id": "a"}), json!({"id": "a", "new": 2, "both": 2})).await
}

async fn put_missing_table(cx: Context) -> Checked {
    let put = cx.dynamodb().put_item().table_name(cx.name("none"));
    let put = put.item("id", AttributeValue::S("a".to_owned()));
    put.send()
        .await
        .refused(400, "ResourceNotFoundException")?
        .saying("Requested resource not found")
}

async fn absent(cx: Context) -> Checked {
    Table::new(&cx).await?.lacks(json!({"id": "none"})).await
}

async fn get_missing_table(cx: Context) -> Checked {
    let get = cx.dynamodb().get_item().table_name(cx.name("none"));
    let get = get.key("id", AttributeValue::S("a".to_owned()));
    get.send()
        .await
        .refused(400, "ResourceNotFoundException")?
        .saying("Requested resource not found")
}

async fn bad_key(cx: Context, key: Value) -> Checked {
    let table = Table::new(&cx).await?;
    let get = cx.dynamodb().get_item().table_name(&table.name).set_key(Some(to_item(&key)));
    get.send()
        .await
        .refused(400, "ValidationException")?
        .saying("The provided key element does not match the schema")
}

async fn key_incomplete(cx: Context) -> Checked {
    let table = Table::sorted(&cx).await?;
    let key = to_item(&json!({"customer": "c"}));
    let get = cx.dynamodb().get_item().table_name(&table.name).set_key(Some(key));
    get.send()
        .await
        .refused(400, "ValidationException")?
        .mentioning("The provided key element does not match the schema")
}

async fn deleted(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    table.put(json!({"id": "a"})).await?;
    let delete = cx.dynamodb().delete_item().table_name(&table.name);
    delete.set_key(Some(to_item(&json!({"id": "a"})))).send().await.answer("DeleteItem")?;
    table.lacks(json!({"id": "a"})).await
}

async fn delete_absent(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let delete = cx.dynamodb().delete_item().table_name(&table.name);
    let deleted = delete.set_key(Some(to_item(&json!({"id": "none"})))).send().await;
    same("Attributes", deleted.answer("DeleteItem")?.attributes, None)
}

async fn delete_one(cx: Context) -> Checked {
    let table = Table::sorted(&cx).await?;
    table.put(json!({"customer": "c", "number": 1})).await?;
    table.put(json!({"customer": "c", "number": 2})).await?;
    let delete = cx.dynamodb().delete_item().table_name(&table.name);
    let key = to_item(&json!({"customer": "c", "number": 1}));
    delete.set_key(Some(key)).send().await.answer("DeleteItem")?;
    table.lacks(json!({"customer": "c", "number": 1})).await?;
    let other = json!({"customer": "c", "number": 2});
    table.has(other.clone(), other).await
}

async fn delete_missing_table(cx: Context) -> Checked {
    let delete = cx.dynamodb().delete_item().table_name(cx.name("none"));
    let delete = delete.key("id", AttributeValue::S("a".to_owned()));
    delete.send().await.refused(400, "ResourceNotFoundException").map(drop)
}
