//! Streams: what changed, in order.

use std::time::Duration;

use securecart_embedded_dynamodb::DynamoDb;
use serde_json::{Value, json};

use crate::support::{attributes, call_streams, keys, ok, put, service};

async fn with_stream(view: &str) -> (DynamoDb, String) {
    let db = service();
    let answer = ok(
        &db,
        "CreateTable",
        json!({
            "TableName": "stock", "BillingMode": "PAY_PER_REQUEST", "KeySchema": keys(&["id"]),
            "AttributeDefinitions": attributes(&[("id", "S")]),
            "StreamSpecification": {"StreamEnabled": true, "StreamViewType": view},
        }),
    )
    .await;
    let arn = answer["TableDescription"]["LatestStreamArn"].as_str().expect("an ARN").to_owned();
    (db, arn)
}

async fn streams(db: &DynamoDb, operation: &str, request: Value) -> Value {
    call_streams(db, operation, request)
        .await
        .unwrap_or_else(|error| panic!("{operation}: {error}"))
}

async fn iterator(db: &DynamoDb, arn: &str, kind: &str) -> Value {
    let described = streams(db, "DescribeStream", json!({"StreamArn": arn})).await;
    let shard = &described["StreamDescription"]["Shards"][0]["ShardId"];
    let request = json!({"StreamArn": arn, "ShardId": shard, "ShardIteratorType": kind});
    streams(db, "GetShardIterator", request).await["ShardIterator"].take()
}

#[tokio::test]
async fn every_change_is_told_once_and_in_order() {
    let (db, arn) = with_stream("NEW_AND_OLD_IMAGES").await;
    let item = |n: &str| json!({"id": {"S": "a"}, "n": {"N": n}});
    put(&db, "stock", item("1")).await;
    put(&db, "stock", item("1")).await;
    put(&db, "stock", item("2")).await;
    ok(&db, "DeleteItem", json!({"TableName": "stock", "Key": {"id": {"S": "a"}}})).await;
    ok(&db, "DeleteItem", json!({"TableName": "stock", "Key": {"id": {"S": "a"}}})).await;
    let start = iterator(&db, &arn, "TRIM_HORIZON").await;
    let answer = streams(&db, "GetRecords", json!({"ShardIterator": start})).await;
    let records = answer["Records"].as_array().expect("records");
    let names: Vec<&str> =
        records.iter().filter_map(|record| record["eventName"].as_str()).collect();
    assert_eq!(names, ["INSERT", "MODIFY", "REMOVE"], "writes that change nothing are left out");
    let change = &records[1]["dynamodb"];
    assert_eq!((&change["OldImage"], &change["NewImage"]), (&item("1"), &item("2")));
    assert_eq!(change["Keys"], json!({"id": {"S": "a"}}));
    assert!(records[0]["dynamodb"].get("OldImage").is_none());
    assert!(records[2]["dynamodb"].get("NewImage").is_none());
    let sequence = |n: usize| records[n]["dynamodb"]["SequenceNumber"].as_str().expect("digits");
    assert!(sequence(0) < sequence(1) && sequence(1) < sequence(2));

    let next = &answer["NextShardIterator"];
    let answer = streams(&db, "GetRecords", json!({"ShardIterator": next})).await;
    assert_eq!(answer["Records"], json!([]));
    let latest = iterator(&db, &arn, "LATEST").await;
    put(&db, "stock", item("3")).await;
    let answer = streams(&db, "GetRecords", json!({"ShardIterator": latest, "Limit": 1})).await;
    assert_eq!(answer["Records"][0]["dynamodb"]["NewImage"], item("3"));
}

#[tokio::test]
async fn a_view_shows_what_it_is_named_for() {
    for (view, new, old) in
        [("KEYS_ONLY", false, false), ("NEW_IMAGE", true, false), ("OLD_IMAGE", false, true)]
    {
        let (db, arn) = with_stream(view).await;
        put(&db, "stock", json!({"id": {"S": "a"}})).await;
        put(&db, "stock", json!({"id": {"S": "a"}, "n": {"N": "1"}})).await;
        let start = iterator(&db, &arn, "TRIM_HORIZON").await;
        let answer = streams(&db, "GetRecords", json!({"ShardIterator": start})).await;
        let change = &answer["Records"][1]["dynamodb"];
        let shown = (change.get("NewImage").is_some(), change.get("OldImage").is_some());
        assert_eq!(shown, (new, old), "{view}");
    }
}

#[tokio::test(start_paused = true)]
async fn records_last_a_day_and_iterators_a_quarter_of_an_hour() {
    let (db, arn) = with_stream("KEYS_ONLY").await;
    put(&db, "stock", json!({"id": {"S": "a"}})).await;
    let start = iterator(&db, &arn, "TRIM_HORIZON").await;
    tokio::time::advance(Duration::from_secs(16 * 60)).await;
    let error = call_streams(&db, "GetRecords", json!({"ShardIterator": start})).await;
    assert_eq!(error.expect_err("expired").code, "ExpiredIteratorException");
    let start = iterator(&db, &arn, "TRIM_HORIZON").await;
    let answer = streams(&db, "GetRecords", json!({"ShardIterator": start})).await;
    let sequence = answer["Records"][0]["dynamodb"]["SequenceNumber"].clone();
    tokio::time::advance(Duration::from_secs(25 * 3_600)).await;
    let start = iterator(&db, &arn, "TRIM_HORIZON").await;
    let answer = streams(&db, "GetRecords", json!({"ShardIterator": start})).await;
    assert_eq!(answer["Records"], json!([]));
    let request = json!({
        "StreamArn": arn, "ShardId": "shardId-00000000000000000001-00000001",
        "ShardIteratorType": "AT_SEQUENCE_NUMBER", "SequenceNumber": sequence,
    });
    let error = call_streams(&db, "GetShardIterator", request).await.expect_err("trimmed");
    assert_eq!(error.code, "TrimmedDataAccessException");
}

#[tokio::test(start_paused = true)]
async fn the_time_to_live_signs_its_removals() {
    let (db, arn) = with_stream("KEYS_ONLY").await;
    ok(
        &db,
        "UpdateTimeToLive",
        json!({
            "TableName": "stock",
            "TimeToLiveSpecification": {"AttributeName": "until", "Enabled": true},
        }),
    )
    .await;
    let until = (crate::support::EPOCH_MS / 1_000 + 1).to_string();
    put(&db, "stock", json!({"id": {"S": "a"}, "until": {"N": until}})).await;
    tokio::time::advance(Duration::from_secs(5)).await;
    for _ in 0..64 {
        crate::support::get(&db, "stock", json!({"id": {"S": "none"}})).await;
    }
    let start = iterator(&db, &arn, "TRIM_HORIZON").await;
    let answer = streams(&db, "GetRecords", json!({"ShardIterator": start})).await;
    assert_eq!(answer["Records"][1]["eventName"], "REMOVE");
    let identity = json!({"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"});
    assert_eq!(answer["Records"][1]["userIdentity"], identity);
}

#[tokio::test]
async fn a_stream_outlives_its_table_and_then_ends() {
    let (db, arn) = with_stream("KEYS_ONLY").await;
    put(&db, "stock", json!({"id": {"S": "a"}})).await;
    ok(&db, "DeleteTable", json!({"TableName": "stock"})).await;
    let listed = streams(&db, "ListStreams", json!({"TableName": "stock"})).await;
    assert_eq!(listed["Streams"][0]["StreamArn"], arn.as_str());
    let described = streams(&db, "DescribeStream", json!({"StreamArn": arn})).await;
    assert_eq!(described["StreamDescription"]["StreamStatus"], "DISABLED");
    let start = iterator(&db, &arn, "TRIM_HORIZON").await;
    let answer = streams(&db, "GetRecords", json!({"ShardIterator": start})).await;
    assert_eq!(answer["Records"].as_array().expect("records").len(), 1);
    assert!(answer.get("NextShardIterator").is_none());
}
