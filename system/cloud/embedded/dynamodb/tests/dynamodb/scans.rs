//! `Scan`: everything once, in pages and in segments.

use std::collections::BTreeSet;

use securecart_embedded_dynamodb::DynamoDb;
use serde_json::{Value, json};

use crate::support::{invalid, ok, put, with_orders, with_stock};

async fn scan_all(db: &DynamoDb, mut request: Value, key: &str) -> Vec<String> {
    let mut seen = Vec::new();
    loop {
        let answer = ok(db, "Scan", request.clone()).await;
        for item in answer["Items"].as_array().expect("items") {
            seen.push(item[key].to_string());
        }
        match answer.get("LastEvaluatedKey") {
            Some(last) => request["ExclusiveStartKey"] = last.clone(),
            None => return seen,
        }
    }
}

async fn with_items(count: usize) -> DynamoDb {
    let db = with_stock().await;
    for number in 0..count {
        let item = json!({"id": {"S": format!("p-{number}")}, "n": {"N": number.to_string()}});
        put(&db, "stock", item).await;
    }
    db
}

#[tokio::test]
async fn pages_hold_every_item_once_and_in_a_stable_order() {
    let db = with_items(300).await;
    let whole = scan_all(&db, json!({"TableName": "stock"}), "id").await;
    assert_eq!(whole.iter().collect::<BTreeSet<_>>().len(), 300);
    for limit in [1, 7, 299, 300, 1_000] {
        let paged = scan_all(&db, json!({"TableName": "stock", "Limit": limit}), "id").await;
        assert_eq!(paged, whole, "{limit}");
    }
}

#[tokio::test]
async fn segments_hold_every_item_once() {
    let db = with_items(300).await;
    for total in [1, 3, 64, 200] {
        let mut seen = Vec::new();
        for segment in 0..total {
            let request = json!({
                "TableName": "stock", "Segment": segment, "TotalSegments": total, "Limit": 5,
            });
            seen.extend(scan_all(&db, request, "id").await);
        }
        assert_eq!(seen.len(), 300, "{total}");
        assert_eq!(seen.into_iter().collect::<BTreeSet<_>>().len(), 300, "{total}");
    }
}

#[tokio::test]
async fn a_scan_filters_projects_and_counts() {
    let db = with_items(10).await;
    let answer = ok(
        &db,
        "Scan",
        json!({
            "TableName": "stock", "FilterExpression": "n >= :n", "ProjectionExpression": "n",
            "ExpressionAttributeValues": {":n": {"N": "8"}}, "ReturnConsumedCapacity": "TOTAL",
        }),
    )
    .await;
    assert_eq!((&answer["Count"], &answer["ScannedCount"]), (&json!(2), &json!(10)));
    assert!(answer["Items"][0].get("id").is_none());
    assert_eq!(answer["ConsumedCapacity"]["CapacityUnits"], 0.5);
}

#[tokio::test]
async fn an_index_is_scanned_like_a_table_and_is_sparse() {
    let db = with_orders().await;
    for number in 0..40 {
        let mut item = json!({
            "customer": {"S": format!("c-{}", number % 7)}, "number": {"N": number.to_string()},
        });
        if number % 2 == 0 {
            item["amount"] = json!({"N": "1"});
            item["state"] = json!({"S": if number % 4 == 0 { "new" } else { "paid" }});
        }
        put(&db, "orders", item).await;
    }
    for index in ["by-amount", "by-state"] {
        let request = json!({"TableName": "orders", "IndexName": index, "Limit": 3});
        let seen = scan_all(&db, request, "number").await;
        assert_eq!(seen.len(), 20, "{index}");
        assert_eq!(seen.into_iter().collect::<BTreeSet<_>>().len(), 20, "{index}");
    }
}

#[tokio::test]
async fn wrong_segments_are_refused() {
    let db = with_items(10).await;
    for (segment, total, message) in [
        (json!(5), json!(2), "Segment: 5 is not less than TotalSegments: 2"),
        (json!(0), Value::Null, "The TotalSegments parameter is required"),
        (Value::Null, json!(2), "The Segment parameter is required"),
        (json!(0), json!(0), "Member must have value greater than or equal to 1"),
        (json!(-1), json!(2), "Member must have value greater than or equal to 0"),
        (json!(0), json!(1_000_001), "less than or equal to 1000000"),
    ] {
        let request = json!({"TableName": "stock", "Segment": segment, "TotalSegments": total});
        let found = invalid(&db, "Scan", request).await;
        assert!(found.contains(message), "{found}");
    }
    // A key that another segment holds.
    let first = ok(&db, "Scan", json!({"TableName": "stock", "Limit": 1})).await;
    let request = json!({
        "TableName": "stock", "Segment": 199, "TotalSegments": 200,
        "ExclusiveStartKey": first["LastEvaluatedKey"],
    });
    let found = invalid(&db, "Scan", request).await;
    assert!(found.contains("Please use ExclusiveStartKey with correct Segment"), "{found}");
}
