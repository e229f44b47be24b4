//! `BatchGetItem` and `BatchWriteItem`.

use serde_json::{Value, json};

use crate::support::{fails, invalid, ok, put, with_stock};

fn id(number: usize) -> Value {
    json!({"id": {"S": format!("p-{number}")}})
}

fn puts(count: usize) -> Value {
    let writes: Vec<Value> =
        (0..count).map(|number| json!({"PutRequest": {"Item": id(number)}})).collect();
    json!({"RequestItems": {"stock": writes}, "ReturnConsumedCapacity": "TOTAL"})
}

fn gets(count: usize) -> Value {
    let keys: Vec<Value> = (0..count).map(id).collect();
    json!({"RequestItems": {"stock": {"Keys": keys}}, "ReturnConsumedCapacity": "TOTAL"})
}

#[tokio::test]
async fn a_batch_writes_and_reads_its_items() {
    let db = with_stock().await;
    let answer = ok(&db, "BatchWriteItem", puts(25)).await;
    assert_eq!(answer["UnprocessedItems"], json!({}));
    let units = json!([{"TableName": "stock", "CapacityUnits": 25.0}]);
    assert_eq!(answer["ConsumedCapacity"], units);
    let answer = ok(&db, "BatchGetItem", gets(30)).await;
    assert_eq!(answer["Responses"]["stock"].as_array().expect("items").len(), 25);
    assert_eq!(answer["UnprocessedKeys"], json!({}));
    assert_eq!(answer["ConsumedCapacity"][0]["CapacityUnits"], 15.0);
    ok(
        &db,
        "BatchWriteItem",
        json!({"RequestItems": {"stock": [
            {"DeleteRequest": {"Key": id(0)}}, {"PutRequest": {"Item": id(100)}},
        ]}}),
    )
    .await;
    assert_eq!(db.metrics()[0].items, 25);
}

#[tokio::test]
async fn batches_are_bounded_and_hold_each_key_once() {
    let db = with_stock().await;
    let message = invalid(&db, "BatchWriteItem", puts(26)).await;
    assert_eq!(message, "Too many items requested for the BatchWriteItem call");
    let message = invalid(&db, "BatchGetItem", gets(101)).await;
    assert_eq!(message, "Too many items requested for the BatchGetItem call");
    let twice = json!({"RequestItems": {"stock": [
        {"PutRequest": {"Item": id(0)}}, {"DeleteRequest": {"Key": id(0)}},
    ]}});
    let duplicates = "Provided list of item keys contains duplicates";
    assert_eq!(invalid(&db, "BatchWriteItem", twice).await, duplicates);
    let twice = json!({"RequestItems": {"stock": {"Keys": [id(0), id(0)]}}});
    assert_eq!(invalid(&db, "BatchGetItem", twice).await, duplicates);
    invalid(&db, "BatchGetItem", json!({"RequestItems": {}})).await;
}

#[tokio::test]
async fn one_bad_write_refuses_the_whole_batch() {
    let db = with_stock().await;
    let request = json!({"RequestItems": {"stock": [
        {"PutRequest": {"Item": id(0)}}, {"PutRequest": {"Item": {"x": {"S": "no key"}}}},
    ]}});
    invalid(&db, "BatchWriteItem", request).await;
    let request = json!({"RequestItems": {
        "stock": [{"PutRequest": {"Item": id(0)}}], "zzz": [{"PutRequest": {"Item": id(0)}}],
    }});
    assert_eq!(fails(&db, "BatchWriteItem", request).await.code, "ResourceNotFoundException");
    assert_eq!(db.metrics()[0].items, 0);
}

#[tokio::test]
async fn keys_beyond_16_mb_come_back_unprocessed() {
    let db = with_stock().await;
    for number in 0..50 {
        let mut item = id(number);
        item["x"] = json!({"S": "x".repeat(400_000)});
        put(&db, "stock", item).await;
    }
    let mut request = gets(50);
    request["RequestItems"]["stock"]["ProjectionExpression"] = "id".into();
    let answer = ok(&db, "BatchGetItem", request).await;
    let found = answer["Responses"]["stock"].as_array().expect("items").len();
    let left = answer["UnprocessedKeys"]["stock"]["Keys"].as_array().expect("keys").len();
    assert_eq!((found, left), (41, 9));
    let again = json!({"RequestItems": answer["UnprocessedKeys"]});
    let answer = ok(&db, "BatchGetItem", again).await;
    assert_eq!(answer["Responses"]["stock"].as_array().expect("items").len(), 9);
    assert!(answer["Responses"]["stock"][0].get("x").is_none(), "the projection is kept");
}
