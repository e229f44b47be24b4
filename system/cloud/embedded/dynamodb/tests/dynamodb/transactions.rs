//! `TransactWriteItems` and `TransactGetItems`.

use std::time::Duration;

use securecart_embedded_dynamodb::DynamoDb;
use serde_json::{Value, json};

use crate::support::{fails, get, invalid, ok, put, with_orders, with_stock};

fn key(id: &str) -> Value {
    json!({"id": {"S": id}})
}

fn stock(id: &str, n: i64) -> Value {
    json!({"id": {"S": id}, "n": {"N": n.to_string()}})
}

/// Takes one of `id`, unless there is none.
fn take(id: &str) -> Value {
    json!({"Update": {
        "TableName": "stock", "Key": key(id), "UpdateExpression": "SET n = n - :one",
        "ConditionExpression": "n >= :one", "ExpressionAttributeValues": {":one": {"N": "1"}},
    }})
}

fn put_of(item: Value) -> Value {
    let mut action = json!({"Put": {"TableName": "stock"}});
    action["Put"]["Item"] = item;
    action
}

async fn write(db: &DynamoDb, items: Value) -> Value {
    let request = json!({"TransactItems": items, "ReturnConsumedCapacity": "TOTAL"});
    ok(db, "TransactWriteItems", request).await
}

#[tokio::test]
async fn all_four_actions_happen_together() {
    let db = with_stock().await;
    for (id, n) in [("a", 1), ("b", 2), ("gone", 3)] {
        put(&db, "stock", stock(id, n)).await;
    }
    let answer = write(
        &db,
        json!([
            take("a"),
            put_of(stock("new", 9)),
            {"Delete": {"TableName": "stock", "Key": key("gone")}},
            {"ConditionCheck": {
                "TableName": "stock", "Key": key("b"), "ConditionExpression": "attribute_exists(n)",
            }},
        ]),
    )
    .await;
    let units = json!([{"TableName": "stock", "CapacityUnits": 8.0, "WriteCapacityUnits": 8.0}]);
    assert_eq!(answer["ConsumedCapacity"], units);
    assert_eq!(get(&db, "stock", key("a")).await, stock("a", 0));
    assert_eq!(get(&db, "stock", key("new")).await, stock("new", 9));
    assert!(get(&db, "stock", key("gone")).await.is_null());
}

#[tokio::test]
async fn a_cancelled_transaction_changes_nothing_and_says_why_in_order() {
    let db = with_stock().await;
    for (id, n) in [("a", 5), ("b", 0)] {
        put(&db, "stock", stock(id, n)).await;
    }
    let mut refused = take("b");
    refused["Update"]["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD".into();
    let mut broken = take("a");
    broken["Update"]["Key"] = key("missing");
    broken["Update"]["ConditionExpression"] = Value::Null;
    let request = json!({"TransactItems": [take("a"), refused, broken]});
    let error = fails(&db, "TransactWriteItems", request).await;
    assert_eq!(error.code, "TransactionCanceledException");
    assert_eq!(
        error.message,
        "Transaction cancelled, please refer cancellation reasons for specific reasons [None, \
         ConditionalCheckFailed, ValidationError]"
    );
    let reasons = &error.members["CancellationReasons"];
    assert_eq!(reasons[0], json!({"Code": "None"}));
    assert_eq!(
        reasons[1],
        json!({
            "Code": "ConditionalCheckFailed", "Message": "The conditional request failed",
            "Item": stock("b", 0),
        })
    );
    assert_eq!(reasons[2]["Code"], "ValidationError");
    assert_eq!(get(&db, "stock", key("a")).await, stock("a", 5));
}

#[tokio::test]
async fn a_key_that_does_not_match_is_a_reason() {
    let db = with_stock().await;
    let wrong = json!({"Delete": {"TableName": "stock", "Key": {"id": {"N": "1"}}}});
    let request = json!({"TransactItems": [put_of(stock("a", 1)), wrong]});
    let error = fails(&db, "TransactWriteItems", request).await;
    let reasons = &error.members["CancellationReasons"];
    assert_eq!(
        (&reasons[0]["Code"], &reasons[1]["Code"]),
        (&json!("None"), &json!("ValidationError"))
    );
    assert_eq!(db.metrics()[0].items, 0);
}

#[tokio::test]
async fn a_token_makes_a_transaction_happen_once() {
    let db = with_stock().await;
    put(&db, "stock", stock("a", 5)).await;
    let request = |item: Value| {
        json!({
            "TransactItems": [item], "ClientRequestToken": "token-1",
            "ReturnConsumedCapacity": "TOTAL",
        })
    };
    ok(&db, "TransactWriteItems", request(take("a"))).await;
    let again = ok(&db, "TransactWriteItems", request(take("a"))).await;
    assert_eq!(again["ConsumedCapacity"][0]["ReadCapacityUnits"], 2.0);
    assert_eq!(get(&db, "stock", key("a")).await, stock("a", 4));
    let error = fails(&db, "TransactWriteItems", request(put_of(stock("a", 1)))).await;
    assert_eq!(error.code, "IdempotentParameterMismatchException");
}

#[tokio::test(start_paused = true)]
async fn a_token_is_forgotten_after_ten_minutes_and_when_its_transaction_was_cancelled() {
    let db = with_stock().await;
    let request = json!({"TransactItems": [take("a")], "ClientRequestToken": "token-1"});
    fails(&db, "TransactWriteItems", request.clone()).await;
    put(&db, "stock", stock("a", 5)).await;
    ok(&db, "TransactWriteItems", request.clone()).await;
    tokio::time::advance(Duration::from_secs(601)).await;
    ok(&db, "TransactWriteItems", request).await;
    assert_eq!(get(&db, "stock", key("a")).await, stock("a", 3));
}

#[tokio::test]
async fn transactions_are_bounded_and_touch_each_item_once() {
    let db = with_stock().await;
    let many: Vec<Value> = (0..101).map(|n| put_of(stock(&format!("p-{n}"), 1))).collect();
    let message = invalid(&db, "TransactWriteItems", json!({"TransactItems": many})).await;
    assert!(message.ends_with("Member must have length less than or equal to 100"), "{message}");
    write(&db, Value::from_iter(many.into_iter().take(100))).await;
    assert_eq!(db.metrics()[0].items, 100);
    let twice = json!({"TransactItems": [put_of(stock("a", 1)), take("a")]});
    assert_eq!(
        invalid(&db, "TransactWriteItems", twice).await,
        "Transaction request cannot include multiple operations on one item"
    );
    let two = json!({"TransactItems": [{"Put": {}, "Delete": {}}]});
    assert_eq!(
        invalid(&db, "TransactWriteItems", two).await,
        "TransactItems can only contain one of Check, Put, Update or Delete"
    );
    let large: Vec<Value> = (0..11)
        .map(|n| put_of(json!({"id": {"S": format!("l-{n}")}, "x": {"S": "x".repeat(400_000)}})))
        .collect();
    let message = invalid(&db, "TransactWriteItems", json!({"TransactItems": large})).await;
    assert!(message.contains("4 MB"), "{message}");
    assert_eq!(db.metrics()[0].items, 100);
}

#[tokio::test]
async fn a_transaction_reads_all_its_items_at_once() {
    let db = with_orders().await;
    put(&db, "orders", json!({"customer": {"S": "c"}, "number": {"N": "1"}, "x": {"N": "2"}}))
        .await;
    let read = |number: &str| {
        json!({"Get": {
            "TableName": "orders", "Key": {"customer": {"S": "c"}, "number": {"N": number}},
            "ProjectionExpression": "x",
        }})
    };
    let answer = ok(
        &db,
        "TransactGetItems",
        json!({
            "TransactItems": [read("1"), read("2")], "ReturnConsumedCapacity": "TOTAL",
        }),
    )
    .await;
    assert_eq!(answer["Responses"], json!([{"Item": {"x": {"N": "2"}}}, {}]));
    assert_eq!(answer["ConsumedCapacity"][0]["ReadCapacityUnits"], 4.0);
    let twice = json!({"TransactItems": [read("1"), read("1")]});
    assert_eq!(
        invalid(&db, "TransactGetItems", twice).await,
        "Transaction request cannot include multiple operations on one item"
    );
    let error = fails(
        &db,
        "TransactGetItems",
        json!({
            "TransactItems": [{"Get": {"TableName": "nope", "Key": {"id": {"S": "a"}}}}],
        }),
    )
    .await;
    assert_eq!(error.code, "ResourceNotFoundException");
}
