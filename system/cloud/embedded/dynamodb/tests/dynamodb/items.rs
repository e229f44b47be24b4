//! `PutItem`, `GetItem`, `UpdateItem`, `DeleteItem`.

use serde_json::json;

use crate::support::{fails, get, invalid, ok, put, with_orders, with_stock};

#[tokio::test]
async fn an_item_of_every_type_comes_back_as_it_was_put() {
    let db = with_stock().await;
    let item = json!({
        "id": {"S": "a"}, "n": {"N": "-1.5"}, "b": {"B": "AAH/"}, "t": {"BOOL": true},
        "z": {"NULL": true}, "l": {"L": [{"N": "1"}, {"S": "x"}]}, "m": {"M": {"k": {"S": "v"}}},
        "ss": {"SS": ["a", "b"]}, "ns": {"NS": ["1", "2"]}, "bs": {"BS": ["AA==", "AQ=="]},
    });
    put(&db, "stock", item.clone()).await;
    assert_eq!(get(&db, "stock", json!({"id": {"S": "a"}})).await, item);
    assert!(get(&db, "stock", json!({"id": {"S": "b"}})).await.is_null());
}

#[tokio::test]
async fn a_projection_takes_parts_of_an_item() {
    let db = with_stock().await;
    put(
        &db,
        "stock",
        json!({
            "id": {"S": "a"}, "size": {"N": "1"}, "m": {"M": {"x": {"N": "1"}, "y": {"N": "2"}}},
        }),
    )
    .await;
    let answer = ok(
        &db,
        "GetItem",
        json!({
            "TableName": "stock", "Key": {"id": {"S": "a"}},
            "ProjectionExpression": "m.x, #s, absent", "ExpressionAttributeNames": {"#s": "size"},
        }),
    )
    .await;
    assert_eq!(answer, json!({"Item": {"size": {"N": "1"}, "m": {"M": {"x": {"N": "1"}}}}}));
}

#[tokio::test]
async fn put_and_delete_can_return_the_item_as_it_was() {
    let db = with_stock().await;
    let write = |operation: &'static str, extra: serde_json::Value| {
        let mut request = json!({"TableName": "stock", "ReturnValues": "ALL_OLD"});
        request
            .as_object_mut()
            .expect("object")
            .extend(extra.as_object().cloned().expect("object"));
        (operation, request)
    };
    let (first, second) = (json!({"id": {"S": "a"}, "n": {"N": "1"}}), json!({"id": {"S": "a"}}));
    let (operation, request) = write("PutItem", json!({"Item": first}));
    assert_eq!(ok(&db, operation, request).await, json!({}));
    let (operation, request) = write("PutItem", json!({"Item": second}));
    assert_eq!(ok(&db, operation, request).await, json!({"Attributes": first}));
    let (operation, request) = write("DeleteItem", json!({"Key": {"id": {"S": "a"}}}));
    assert_eq!(ok(&db, operation, request.clone()).await, json!({"Attributes": second}));
    assert_eq!(ok(&db, operation, request).await, json!({}));
}

#[tokio::test]
async fn an_update_returns_what_was_asked_for() {
    let db = with_stock().await;
    let update = |values: &str| {
        json!({
            "TableName": "stock", "Key": {"id": {"S": "a"}},
            "UpdateExpression": "SET n = if_not_exists(n, :zero) + :one, kept = :one REMOVE gone",
            "ExpressionAttributeValues": {":zero": {"N": "0"}, ":one": {"N": "1"}},
            "ReturnValues": values,
        })
    };
    let new = json!({"n": {"N": "1"}, "kept": {"N": "1"}});
    assert_eq!(ok(&db, "UpdateItem", update("UPDATED_NEW")).await, json!({"Attributes": new}));
    let old = json!({"n": {"N": "1"}, "kept": {"N": "1"}});
    assert_eq!(ok(&db, "UpdateItem", update("UPDATED_OLD")).await, json!({"Attributes": old}));
    let all = json!({"id": {"S": "a"}, "n": {"N": "3"}, "kept": {"N": "1"}});
    assert_eq!(ok(&db, "UpdateItem", update("ALL_NEW")).await, json!({"Attributes": all}));
    assert_eq!(ok(&db, "UpdateItem", update("ALL_OLD")).await, json!({"Attributes": all}));
    assert_eq!(ok(&db, "UpdateItem", update("NONE")).await, json!({}));
}

#[tokio::test]
async fn an_update_without_an_expression_makes_the_item() {
    let db = with_stock().await;
    ok(&db, "UpdateItem", json!({"TableName": "stock", "Key": {"id": {"S": "a"}}})).await;
    let item = get(&db, "stock", json!({"id": {"S": "a"}})).await;
    assert_eq!(item, json!({"id": {"S": "a"}}));
}

#[tokio::test]
async fn a_condition_that_fails_changes_nothing_and_shows_the_item_on_request() {
    let db = with_stock().await;
    let item = json!({"id": {"S": "a"}, "n": {"N": "1"}});
    put(&db, "stock", item.clone()).await;
    let mut request = json!({
        "TableName": "stock", "Item": {"id": {"S": "a"}},
        "ConditionExpression": "attribute_not_exists(id)",
    });
    let error = fails(&db, "PutItem", request.clone()).await;
    assert_eq!(error.code, "ConditionalCheckFailedException");
    assert_eq!(error.message, "The conditional request failed");
    assert!(error.members.is_empty());
    request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD".into();
    assert_eq!(fails(&db, "PutItem", request).await.members["Item"], item);
    assert_eq!(get(&db, "stock", json!({"id": {"S": "a"}})).await, item);

    let request = json!({
        "TableName": "stock", "Key": {"id": {"S": "absent"}},
        "ConditionExpression": "attribute_exists(id)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    });
    assert!(fails(&db, "DeleteItem", request).await.members.is_empty());
}

#[tokio::test]
async fn capacity_is_counted_by_table_and_index() {
    let db = with_orders().await;
    let item = |total: &str, note: &str| {
        json!({
            "customer": {"S": "c"}, "number": {"N": "1"}, "amount": {"N": total},
            "state": {"S": "new"}, "note": {"S": note},
        })
    };
    let put = |item: serde_json::Value| json!({"TableName": "orders", "Item": item, "ReturnConsumedCapacity": "INDEXES"});
    let answer = ok(&db, "PutItem", put(item("5", &"x".repeat(1_500)))).await;
    // Both indexes get an entry: 2 units for all of it, 1 for its keys.
    assert_eq!(
        answer["ConsumedCapacity"],
        json!({
            "TableName": "orders", "CapacityUnits": 5.0, "Table": {"CapacityUnits": 2.0},
            "LocalSecondaryIndexes": {"by-amount": {"CapacityUnits": 1.0}},
            "GlobalSecondaryIndexes": {"by-state": {"CapacityUnits": 2.0}},
        })
    );
    // New index keys: an entry goes and one comes; the larger item counts.
    let answer = ok(&db, "PutItem", put(item("6", "x"))).await;
    assert_eq!(
        answer["ConsumedCapacity"],
        json!({
            "TableName": "orders", "CapacityUnits": 7.0, "Table": {"CapacityUnits": 2.0},
            "LocalSecondaryIndexes": {"by-amount": {"CapacityUnits": 2.0}},
            "GlobalSecondaryIndexes": {"by-state": {"CapacityUnits": 3.0}},
        })
    );
    // What an index does not hold costs it nothing.
    let answer = ok(&db, "PutItem", put(item("6", "y"))).await;
    assert_eq!(answer["ConsumedCapacity"]["LocalSecondaryIndexes"], serde_json::Value::Null);
    let metrics = db.metrics();
    assert_eq!(metrics[0].write_units_consumed, 5.0 + 7.0 + 2.0);
    assert_eq!((metrics[0].name.as_str(), metrics[0].items), ("orders", 1));
}

#[tokio::test]
async fn reads_cost_half_when_eventual_and_half_a_unit_at_least() {
    let db = with_stock().await;
    put(&db, "stock", json!({"id": {"S": "a"}, "x": {"S": "x".repeat(5_000)}})).await;
    for (id, consistent, units) in
        [("a", true, 2.0), ("a", false, 1.0), ("none", true, 1.0), ("none", false, 0.5)]
    {
        let answer = ok(
            &db,
            "GetItem",
            json!({
                "TableName": "stock", "Key": {"id": {"S": id}}, "ConsistentRead": consistent,
                "ReturnConsumedCapacity": "TOTAL",
            }),
        )
        .await;
        let shown = &answer["ConsumedCapacity"];
        assert_eq!(*shown, json!({"TableName": "stock", "CapacityUnits": units}), "{id}");
    }
    assert_eq!(db.metrics()[0].read_units_consumed, 4.5);
}

#[tokio::test]
async fn refused_writes_consume_capacity() {
    let db = with_stock().await;
    fails(
        &db,
        "UpdateItem",
        json!({
            "TableName": "stock", "Key": {"id": {"S": "a"}},
            "UpdateExpression": "SET n = :one", "ConditionExpression": "attribute_exists(id)",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }),
    )
    .await;
    assert_eq!(db.metrics()[0].write_units_consumed, 1.0);
}

#[tokio::test]
async fn item_collections_are_shown_where_there_are_local_indexes() {
    let db = with_orders().await;
    let answer = ok(
        &db,
        "PutItem",
        json!({
            "TableName": "orders", "Item": {"customer": {"S": "c"}, "number": {"N": "1"}},
            "ReturnItemCollectionMetrics": "SIZE",
        }),
    )
    .await;
    assert_eq!(
        answer["ItemCollectionMetrics"],
        json!({
            "ItemCollectionKey": {"customer": {"S": "c"}}, "SizeEstimateRangeGB": [0.0, 1.0],
        })
    );
}

#[tokio::test]
async fn items_stay_below_400_kb() {
    let db = with_stock().await;
    // "id" + "a" + "x" + the text.
    let fits = "x".repeat(400 * 1_024 - 4);
    put(&db, "stock", json!({"id": {"S": "a"}, "x": {"S": fits}})).await;
    let request =
        json!({"TableName": "stock", "Item": {"id": {"S": "a"}, "x": {"S": format!("{fits}x")}}});
    let message = invalid(&db, "PutItem", request).await;
    assert_eq!(message, "Item size has exceeded the maximum allowed size");
    let message = invalid(
        &db,
        "UpdateItem",
        json!({
            "TableName": "stock", "Key": {"id": {"S": "a"}},
            "UpdateExpression": "SET y = :y", "ExpressionAttributeValues": {":y": {"N": "1"}},
        }),
    )
    .await;
    assert_eq!(message, "Item size to update has exceeded the maximum allowed size");
}
