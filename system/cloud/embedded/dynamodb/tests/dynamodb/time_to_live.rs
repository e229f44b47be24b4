//! Time to live: what expires goes, and streams and indexes know.

use std::time::Duration;

use securecart_embedded_dynamodb::DynamoDb;
use serde_json::{Value, json};

use crate::support::{EPOCH_MS, get, invalid, ok, put, with_orders, with_stock};

/// Calls enough to look at every shard twice.
async fn sweep(db: &DynamoDb, table: &str, key: &Value) {
    for _ in 0..128 {
        get(db, table, key.clone()).await;
    }
}

fn time_to_live(table: &str, enabled: bool) -> Value {
    json!({
        "TableName": table,
        "TimeToLiveSpecification": {"AttributeName": "until", "Enabled": enabled},
    })
}

#[tokio::test(start_paused = true)]
async fn expired_items_go_and_others_stay() {
    let db = with_stock().await;
    let now = EPOCH_MS / 1_000;
    let six_years = 6 * 365 * 24 * 3_600;
    let until = [("soon", now + 10), ("late", now + 1_000), ("ancient", now - six_years)];
    put(&db, "stock", json!({"id": {"S": "before"}, "until": {"N": (now + 5).to_string()}})).await;
    ok(&db, "UpdateTimeToLive", time_to_live("stock", true)).await;
    for (id, until) in until {
        put(&db, "stock", json!({"id": {"S": id}, "until": {"N": until.to_string()}})).await;
    }
    put(&db, "stock", json!({"id": {"S": "text"}, "until": {"S": "1"}})).await;
    put(&db, "stock", json!({"id": {"S": "moved"}, "until": {"N": (now + 10).to_string()}})).await;
    ok(
        &db,
        "UpdateItem",
        json!({
            "TableName": "stock", "Key": {"id": {"S": "moved"}}, "UpdateExpression": "SET #u = :u",
            "ExpressionAttributeNames": {"#u": "until"},
            "ExpressionAttributeValues": {":u": {"N": (now + 1_000).to_string()}},
        }),
    )
    .await;
    let units = db.metrics()[0].write_units_consumed;
    tokio::time::advance(Duration::from_secs(60)).await;
    sweep(&db, "stock", &json!({"id": {"S": "none"}})).await;
    for (id, there) in [
        ("before", false),
        ("soon", false),
        ("late", true),
        ("ancient", true),
        ("text", true),
        ("moved", true),
    ] {
        assert_eq!(get(&db, "stock", json!({"id": {"S": id}})).await.is_object(), there, "{id}");
    }
    assert_eq!(db.metrics()[0].items, 4);
    assert_eq!(db.metrics()[0].write_units_consumed, units, "expiry costs nothing");
}

#[tokio::test(start_paused = true)]
async fn many_expired_items_go_a_few_at_a_time_with_their_index_entries() {
    let db = with_orders().await;
    ok(&db, "UpdateTimeToLive", time_to_live("orders", true)).await;
    for number in 0..500 {
        put(
            &db,
            "orders",
            json!({
                "customer": {"S": "c"}, "number": {"N": number.to_string()}, "amount": {"N": "1"},
                "state": {"S": "new"}, "until": {"N": (EPOCH_MS / 1_000 + 1).to_string()},
            }),
        )
        .await;
    }
    tokio::time::advance(Duration::from_secs(10)).await;
    let none = json!({"customer": {"S": "none"}, "number": {"N": "1"}});
    sweep(&db, "orders", &none).await;
    let left = db.metrics()[0].items;
    assert!((1..500).contains(&left), "a sweep is bounded, {left} left");
    for _ in 0..40 {
        sweep(&db, "orders", &none).await;
    }
    assert_eq!(db.metrics()[0].items, 0);
    for index in ["by-amount", "by-state"] {
        let answer = ok(&db, "Scan", json!({"TableName": "orders", "IndexName": index})).await;
        assert_eq!(answer["ScannedCount"], 0, "{index}");
    }
}

#[tokio::test]
async fn the_setting_is_described_and_guarded() {
    let db = with_stock().await;
    let described = |db| ok(db, "DescribeTimeToLive", json!({"TableName": "stock"}));
    let off = json!({"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}});
    assert_eq!(described(&db).await, off);
    let message = invalid(&db, "UpdateTimeToLive", time_to_live("stock", false)).await;
    assert_eq!(message, "TimeToLive is already disabled");
    ok(&db, "UpdateTimeToLive", time_to_live("stock", true)).await;
    let on = json!({"TimeToLiveDescription": {
        "TimeToLiveStatus": "ENABLED", "AttributeName": "until",
    }});
    assert_eq!(described(&db).await, on);
    let message = invalid(&db, "UpdateTimeToLive", time_to_live("stock", true)).await;
    assert_eq!(message, "TimeToLive is already enabled");
    ok(&db, "UpdateTimeToLive", time_to_live("stock", false)).await;
    assert_eq!(described(&db).await, off);
}
