//! A service to call, and the tables most tests use.

use securecart_clock::Clock;
use securecart_embedded_dynamodb::DynamoDb;
use securecart_embedded_wire::{AwsError, Call};
use serde_json::{Value, json};

pub(crate) const EPOCH_MS: u64 = 1_795_000_000_000;

/// A service without tables.
pub(crate) fn service() -> DynamoDb {
    DynamoDb::new(Clock::starting_at(EPOCH_MS), 7)
}

fn body(bytes: &[u8]) -> Value {
    if bytes.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(bytes).expect("answers are JSON")
}

/// Calls `operation`.
pub(crate) async fn call(
    db: &DynamoDb,
    operation: &str,
    request: Value,
) -> Result<Value, AwsError> {
    let bytes = request.to_string().into_bytes();
    let call = Call { operation, body: &bytes, origin: "http://127.0.0.1:4566" };
    let answer = db.call(call).await?;
    assert_eq!((answer.status, answer.content_type), (200, "application/x-amz-json-1.0"));
    Ok(body(&answer.body))
}

/// The same, for an operation that has to succeed.
pub(crate) async fn ok(db: &DynamoDb, operation: &str, request: Value) -> Value {
    call(db, operation, request).await.unwrap_or_else(|error| panic!("{operation}: {error}"))
}

/// The same, for an operation that has to fail.
pub(crate) async fn fails(db: &DynamoDb, operation: &str, request: Value) -> AwsError {
    match call(db, operation, request).await {
        Ok(answer) => panic!("{operation} answered {answer}"),
        Err(error) => error,
    }
}

/// The message of a `ValidationException`.
pub(crate) async fn invalid(db: &DynamoDb, operation: &str, request: Value) -> String {
    let error = fails(db, operation, request).await;
    assert_eq!(error.code, "ValidationException", "{error}");
    error.message
}

/// Calls `operation` of the streams service.
pub(crate) async fn call_streams(
    db: &DynamoDb,
    operation: &str,
    request: Value,
) -> Result<Value, AwsError> {
    let bytes = request.to_string().into_bytes();
    let call = Call { operation, body: &bytes, origin: "http://127.0.0.1:4566" };
    Ok(body(&db.call_streams(call).await?.body))
}

/// A definition of a key schema.
pub(crate) fn keys(names: &[&str]) -> Value {
    let kinds = ["HASH", "RANGE"];
    let element = |(name, kind): (&&str, &str)| json!({"AttributeName": name, "KeyType": kind});
    names.iter().zip(kinds).map(element).collect()
}

/// A definition of attributes, from names and types.
pub(crate) fn attributes(definitions: &[(&str, &str)]) -> Value {
    let element =
        |(name, kind): &(&str, &str)| json!({"AttributeName": name, "AttributeType": kind});
    definitions.iter().map(element).collect()
}

/// A table `stock` with the key `id` (text).
pub(crate) async fn with_stock() -> DynamoDb {
    let db = service();
    let request = json!({
        "TableName": "stock",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": attributes(&[("id", "S")]),
        "KeySchema": keys(&["id"]),
    });
    ok(&db, "CreateTable", request).await;
    db
}

/// A table `orders` with the key `customer` (text), `number` (number); a local index `by-amount`
/// (number, keys only) and the global indexes `by-state` (`state`, `amount`; all) and `by-sku`
/// (`sku`; includes `note`).
pub(crate) async fn with_orders() -> DynamoDb {
    let db = service();
    let request = json!({
        "TableName": "orders",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": attributes(&[
            ("customer", "S"), ("number", "N"), ("amount", "N"), ("state", "S"), ("sku", "B"),
        ]),
        "KeySchema": keys(&["customer", "number"]),
        "LocalSecondaryIndexes": [{
            "IndexName": "by-amount",
            "KeySchema": keys(&["customer", "amount"]),
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }],
        "GlobalSecondaryIndexes": [{
            "IndexName": "by-state",
            "KeySchema": keys(&["state", "amount"]),
            "Projection": {"ProjectionType": "ALL"},
        }, {
            "IndexName": "by-sku",
            "KeySchema": keys(&["sku"]),
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["note"]},
        }],
    });
    ok(&db, "CreateTable", request).await;
    db
}

/// Puts `item` into `table`.
pub(crate) async fn put(db: &DynamoDb, table: &str, item: Value) {
    ok(db, "PutItem", json!({"TableName": table, "Item": item})).await;
}

/// The item at `key`, or null.
pub(crate) async fn get(db: &DynamoDb, table: &str, key: Value) -> Value {
    let request = json!({"TableName": table, "Key": key, "ConsistentRead": true});
    ok(db, "GetItem", request).await["Item"].take()
}
