//! What is refused, and AWS's words for it.

use serde_json::{Value, json};

use crate::support::{call, fails, invalid, ok, put, with_orders, with_stock};

const MISMATCH: &str = "The provided key element does not match the schema";

#[tokio::test]
async fn keys_have_to_match_the_schema() {
    let db = with_orders().await;
    let c = json!({"S": "c"});
    for key in [
        json!({"customer": c}),
        json!({"customer": c, "number": {"S": "1"}}),
        json!({"customer": c, "nummer": {"N": "1"}}),
        json!({"customer": c, "number": {"N": "1"}, "more": {"N": "1"}}),
    ] {
        for operation in ["GetItem", "DeleteItem", "UpdateItem"] {
            let request = json!({"TableName": "orders", "Key": key});
            assert_eq!(invalid(&db, operation, request).await, MISMATCH, "{operation} {key}");
        }
    }
}

#[tokio::test]
async fn an_item_has_to_have_its_key() {
    let db = with_orders().await;
    let prefix = "One or more parameter values were invalid: ";
    for (item, message) in [
        (json!({"customer": {"S": "c"}}), "Missing the key number in the item"),
        (
            json!({"customer": {"N": "1"}, "number": {"N": "1"}}),
            "Type mismatch for key customer expected: S actual: N",
        ),
        (
            json!({"customer": {"S": "c"}, "number": {"N": "1"}, "amount": {"S": "5"}}),
            "Type mismatch for Index Key amount Expected: N Actual: S IndexName: by-amount",
        ),
        (
            json!({"customer": {"S": "x".repeat(2_049)}, "number": {"N": "1"}}),
            "Size of hashkey has exceeded the maximum size limit of2048 bytes",
        ),
    ] {
        let request = json!({"TableName": "orders", "Item": item});
        assert_eq!(invalid(&db, "PutItem", request).await, format!("{prefix}{message}"));
    }
    let empty =
        json!({"TableName": "orders", "Item": {"customer": {"S": ""}, "number": {"N": "1"}}});
    assert_eq!(
        invalid(&db, "PutItem", empty).await,
        "One or more parameter values are not valid. The AttributeValue for a key attribute cannot \
         contain an empty string value. Key: customer"
    );
    let empty = json!({"TableName": "orders", "Item": {
        "customer": {"S": "c"}, "number": {"N": "1"}, "state": {"S": ""},
    }});
    assert!(invalid(&db, "PutItem", empty).await.contains("IndexName: by-state, IndexKey: state"));
}

#[tokio::test]
async fn key_attributes_cannot_be_updated() {
    let db = with_stock().await;
    let message = invalid(
        &db,
        "UpdateItem",
        json!({
            "TableName": "stock", "Key": {"id": {"S": "a"}},
            "UpdateExpression": "SET id = :b", "ExpressionAttributeValues": {":b": {"S": "b"}},
        }),
    )
    .await;
    assert_eq!(
        message,
        "One or more parameter values were invalid: Cannot update attribute id. This attribute is \
         part of the key"
    );
}

#[tokio::test]
async fn an_update_cannot_break_the_key_of_an_index() {
    let db = with_orders().await;
    let key = json!({"customer": {"S": "c"}, "number": {"N": "1"}});
    put(&db, "orders", key.clone()).await;
    let message = invalid(
        &db,
        "UpdateItem",
        json!({
            "TableName": "orders", "Key": key,
            "UpdateExpression": "SET amount = :t", "ExpressionAttributeValues": {":t": {"S": "5"}},
        }),
    )
    .await;
    assert!(message.contains("Type mismatch for Index Key amount"), "{message}");
}

#[tokio::test]
async fn missing_tables_are_named_as_aws_names_them() {
    let db = with_stock().await;
    let error =
        fails(&db, "GetItem", json!({"TableName": "nope", "Key": {"id": {"S": "a"}}})).await;
    assert_eq!(error.code, "ResourceNotFoundException");
    assert_eq!(error.message, "Requested resource not found");
    assert_eq!(error.namespace, "com.amazonaws.dynamodb.v20120810");
    let error = fails(&db, "DescribeTable", json!({"TableName": "nope"})).await;
    assert_eq!(error.message, "Requested resource not found: Table: nope not found");
}

#[tokio::test]
async fn return_values_are_checked_for_each_operation() {
    let db = with_stock().await;
    let request = |values: &str| json!({"TableName": "stock", "Item": {"id": {"S": "a"}}, "ReturnValues": values});
    let message = invalid(&db, "PutItem", request("ALL_NEW")).await;
    assert_eq!(message, "ReturnValues can only be ALL_OLD or NONE");
    let message = invalid(&db, "PutItem", request("SOME")).await;
    assert_eq!(
        message,
        "1 validation error detected: Value 'SOME' at 'returnValues' failed to satisfy constraint: \
         Member must satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]"
    );
}

#[tokio::test]
async fn placeholders_have_to_be_defined_and_used() {
    let db = with_stock().await;
    let put = |extra: Value| {
        let mut request = json!({"TableName": "stock", "Item": {"id": {"S": "a"}}});
        request
            .as_object_mut()
            .expect("object")
            .extend(extra.as_object().cloned().expect("object"));
        request
    };
    for (extra, part) in [
        (json!({"ExpressionAttributeValues": {}}), "ExpressionAttributeValues must not be empty"),
        (json!({"ExpressionAttributeNames": {}}), "ExpressionAttributeNames must not be empty"),
        (
            json!({"ExpressionAttributeValues": {":a": {"N": "1"}}}),
            "ExpressionAttributeValues can only be specified when using expressions",
        ),
        (
            json!({
                "ConditionExpression": "attribute_exists(id)",
                "ExpressionAttributeNames": {"#x": "x"},
            }),
            "Value provided in ExpressionAttributeNames unused in expressions: keys: {#x}",
        ),
        (
            json!({"ConditionExpression": "n = :n"}),
            "An expression attribute value used in expression is not defined; attribute value: :n",
        ),
    ] {
        let message = invalid(&db, "PutItem", put(extra)).await;
        assert!(message.contains(part), "{message}");
    }
}

#[tokio::test]
async fn legacy_parameters_are_refused_rather_than_ignored() {
    let db = with_stock().await;
    for (operation, parameter) in [
        ("PutItem", "Expected"),
        ("UpdateItem", "AttributeUpdates"),
        ("GetItem", "AttributesToGet"),
        ("Query", "KeyConditions"),
        ("Scan", "ScanFilter"),
    ] {
        let mut request = json!({"TableName": "stock"});
        request[parameter] = json!({});
        assert!(invalid(&db, operation, request).await.contains(parameter));
    }
}

#[tokio::test]
async fn broken_bodies_and_unknown_operations_are_told_apart() {
    let db = with_stock().await;
    assert_eq!(fails(&db, "GetItem", json!({"TableName": 7})).await.code, "SerializationException");
    assert_eq!(fails(&db, "ExecuteStatement", json!({})).await.code, "UnknownOperationException");
    let message = invalid(&db, "GetItem", json!({"TableName": "stock"})).await;
    assert_eq!(
        message,
        "1 validation error detected: Value null at 'key' failed to satisfy constraint: Member \
         must not be null"
    );
    let broken = json!({"TableName": "stock", "Item": {"id": {"S": "a"}, "n": {"N": "abc"}}});
    let message = invalid(&db, "PutItem", broken).await;
    assert_eq!(message, "The parameter cannot be converted to a numeric value: abc");
}

#[tokio::test]
async fn arbitrary_bodies_never_break_the_service() {
    let db = with_orders().await;
    let operations = [
        "GetItem",
        "PutItem",
        "UpdateItem",
        "DeleteItem",
        "Query",
        "Scan",
        "BatchGetItem",
        "BatchWriteItem",
        "TransactGetItems",
        "TransactWriteItems",
        "CreateTable",
        "UpdateTable",
        "UpdateTimeToLive",
        "TagResource",
    ];
    for operation in operations {
        for body in [json!(null), json!([]), json!({}), json!("x"), json!({"TableName": "orders"})]
        {
            let answered = call(&db, operation, body.clone()).await;
            assert!(answered.is_err() || operation == "Scan", "{operation} {body}");
        }
    }
    ok(&db, "Scan", json!({"TableName": "orders"})).await;
}
