//! Tables: creating, describing, listing, changing, deleting, tagging.

use serde_json::{Value, json};

use crate::support::{
    attributes, fails, get, invalid, keys, ok, put, service, with_orders, with_stock,
};

fn minimal(name: &str) -> Value {
    json!({
        "TableName": name, "BillingMode": "PAY_PER_REQUEST", "KeySchema": keys(&["id"]),
        "AttributeDefinitions": attributes(&[("id", "S")]),
    })
}

#[tokio::test]
async fn a_table_is_creating_then_active_and_described_in_full() {
    let db = service();
    let answer = ok(&db, "CreateTable", minimal("stock")).await;
    assert_eq!(answer["TableDescription"]["TableStatus"], "CREATING");
    put(&db, "stock", json!({"id": {"S": "abc"}})).await;
    let answer = ok(&db, "DescribeTable", json!({"TableName": "stock"})).await;
    let table = &answer["Table"];
    assert_eq!(table["TableStatus"], "ACTIVE");
    assert_eq!(table["TableArn"], "arn:aws:dynamodb:us-east-1:000000000000:table/stock");
    assert_eq!((&table["ItemCount"], &table["TableSizeBytes"]), (&json!(1), &json!(5)));
    assert_eq!(table["BillingModeSummary"]["BillingMode"], "PAY_PER_REQUEST");
    assert_eq!(table["ProvisionedThroughput"]["ReadCapacityUnits"], 0);
    assert_eq!(table["CreationDateTime"], 1_795_000_000.0);
    let error = fails(&db, "CreateTable", minimal("stock")).await;
    assert_eq!(error.code, "ResourceInUseException");
    assert_eq!(error.message, "Table already exists: stock");
}

#[tokio::test]
async fn a_deleted_table_is_gone_unless_protected() {
    let db = with_stock().await;
    let protect = |on| json!({"TableName": "stock", "DeletionProtectionEnabled": on});
    ok(&db, "UpdateTable", protect(true)).await;
    invalid(&db, "DeleteTable", json!({"TableName": "stock"})).await;
    ok(&db, "UpdateTable", protect(false)).await;
    let answer = ok(&db, "DeleteTable", json!({"TableName": "stock"})).await;
    assert_eq!(answer["TableDescription"]["TableStatus"], "DELETING");
    let error = fails(&db, "DeleteTable", json!({"TableName": "stock"})).await;
    assert_eq!(error.code, "ResourceNotFoundException");
    ok(&db, "CreateTable", minimal("stock")).await;
    assert_eq!(db.metrics()[0].items, 0);
}

#[tokio::test]
async fn tables_are_listed_by_name_in_pages() {
    let db = service();
    for name in ["carts", "stock", "orders"] {
        ok(&db, "CreateTable", minimal(name)).await;
    }
    let answer = ok(&db, "ListTables", json!({})).await;
    assert_eq!(answer, json!({"TableNames": ["carts", "orders", "stock"]}));
    let answer = ok(&db, "ListTables", json!({"Limit": 2})).await;
    assert_eq!(answer["LastEvaluatedTableName"], "orders");
    let rest = json!({"ExclusiveStartTableName": "orders"});
    assert_eq!(ok(&db, "ListTables", rest).await, json!({"TableNames": ["stock"]}));
    invalid(&db, "ListTables", json!({"Limit": 101})).await;
}

#[tokio::test]
async fn wrong_definitions_are_refused() {
    let db = service();
    let cases: [(&str, Value, &str); 13] = [
        ("TableName", json!("ab"), "TableName must be at least 3 characters long"),
        ("TableName", json!("a b c"), "[a-zA-Z0-9_.-]+"),
        ("KeySchema", json!([]), "length greater than or equal to 1"),
        ("KeySchema", keys(&["nope"]), "Some index key attributes are not defined"),
        ("KeySchema", keys(&["id", "id"]), "the Hash Key and the Range Key element"),
        ("BillingMode", json!("FREE"), "enum value set: [PROVISIONED, PAY_PER_REQUEST]"),
        ("BillingMode", Value::Null, "ReadCapacityUnits and WriteCapacityUnits must both"),
        (
            "ProvisionedThroughput",
            json!({"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}),
            "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified",
        ),
        ("AttributeDefinitions", Value::Null, "'attributeDefinitions'"),
        (
            "AttributeDefinitions",
            attributes(&[("id", "S"), ("more", "S")]),
            "Number of attributes in KeySchema does not exactly match",
        ),
        ("AttributeDefinitions", attributes(&[("id", "L")]), "enum value set: [B, N, S]"),
        (
            "LocalSecondaryIndexes",
            json!([{"IndexName": "by-id", "KeySchema": keys(&["id"]),
                "Projection": {"ProjectionType": "ALL"}}]),
            "Table KeySchema does not have a range key",
        ),
        (
            "GlobalSecondaryIndexes",
            json!([{"IndexName": "by-id", "KeySchema": keys(&["id"]),
                "Projection": {"ProjectionType": "ALL", "NonKeyAttributes": ["x"]}}]),
            "ProjectionType is ALL, but NonKeyAttributes is specified",
        ),
    ];
    for (member, value, message) in cases {
        let mut request = minimal("stock");
        request[member] = value;
        let found = invalid(&db, "CreateTable", request).await;
        assert!(found.contains(message), "{member}: {found}");
    }
    assert!(db.metrics().is_empty());
}

#[tokio::test]
async fn an_index_can_be_added_filled_and_removed() {
    let db = with_stock().await;
    for number in 0..100 {
        let item = json!({
            "id": {"S": format!("p-{number}")}, "kind": {"S": format!("k-{}", number % 2)},
        });
        put(&db, "stock", item).await;
    }
    let create = json!({
        "TableName": "stock", "AttributeDefinitions": attributes(&[("id", "S"), ("kind", "S")]),
        "GlobalSecondaryIndexUpdates": [{"Create": {
            "IndexName": "by-kind", "KeySchema": keys(&["kind"]),
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }}],
    });
    ok(&db, "UpdateTable", create.clone()).await;
    invalid(&db, "UpdateTable", create).await;
    put(&db, "stock", json!({"id": {"S": "late"}, "kind": {"S": "k-1"}})).await;
    let query = json!({
        "TableName": "stock", "IndexName": "by-kind", "KeyConditionExpression": "kind = :k",
        "ExpressionAttributeValues": {":k": {"S": "k-1"}},
    });
    assert_eq!(ok(&db, "Query", query.clone()).await["Count"], 51);
    let answer = ok(&db, "DescribeTable", json!({"TableName": "stock"})).await;
    assert_eq!(answer["Table"]["GlobalSecondaryIndexes"][0]["ItemCount"], 101);
    let delete = json!({
        "TableName": "stock",
        "GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "by-kind"}}],
    });
    ok(&db, "UpdateTable", delete.clone()).await;
    invalid(&db, "Query", query).await;
    assert_eq!(fails(&db, "UpdateTable", delete).await.code, "ResourceNotFoundException");
    let answer = ok(&db, "DescribeTable", json!({"TableName": "stock"})).await;
    assert_eq!(answer["Table"]["AttributeDefinitions"], attributes(&[("id", "S")]));
}

#[tokio::test]
async fn an_update_that_is_refused_changes_nothing() {
    let db = with_stock().await;
    let before = ok(&db, "DescribeTable", json!({"TableName": "stock"})).await;
    for (member, value) in [
        ("GlobalSecondaryIndexUpdates", json!([{"Delete": {"IndexName": "nope"}}])),
        ("StreamSpecification", json!({"StreamEnabled": false})),
    ] {
        let mut request = json!({
            "TableName": "stock", "BillingMode": "PROVISIONED", "DeletionProtectionEnabled": true,
            "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
        });
        request[member] = value;
        fails(&db, "UpdateTable", request).await;
        assert_eq!(
            ok(&db, "DescribeTable", json!({"TableName": "stock"})).await,
            before,
            "{member}"
        );
    }
}

#[tokio::test]
async fn a_stream_can_be_turned_on_and_off() {
    let db = with_stock().await;
    let on = json!({
        "TableName": "stock",
        "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"},
    });
    let answer = ok(&db, "UpdateTable", on.clone()).await;
    let label = &answer["TableDescription"]["LatestStreamLabel"];
    assert_eq!(*label, "2026-11-18T11:06:40.000");
    invalid(&db, "UpdateTable", on).await;
    let off = json!({"TableName": "stock", "StreamSpecification": {"StreamEnabled": false}});
    let answer = ok(&db, "UpdateTable", off).await;
    assert!(answer["TableDescription"].get("LatestStreamArn").is_none());
}

#[tokio::test]
async fn billing_and_throughput_change() {
    let db = with_stock().await;
    let units = |read| json!({"ReadCapacityUnits": read, "WriteCapacityUnits": 5});
    let provision = json!({
        "TableName": "stock", "BillingMode": "PROVISIONED", "ProvisionedThroughput": units(10),
    });
    let answer = ok(&db, "UpdateTable", provision).await;
    assert_eq!(answer["TableDescription"]["ProvisionedThroughput"]["ReadCapacityUnits"], 10);
    let same = json!({"TableName": "stock", "ProvisionedThroughput": units(10)});
    assert!(invalid(&db, "UpdateTable", same).await.contains("will not change"));
    ok(&db, "UpdateTable", json!({"TableName": "stock", "ProvisionedThroughput": units(20)})).await;
    let answer = ok(&db, "DescribeTable", json!({"TableName": "stock"})).await;
    assert_eq!(answer["Table"]["ProvisionedThroughput"]["ReadCapacityUnits"], 20);
    let on_demand = json!({"TableName": "stock", "BillingMode": "PAY_PER_REQUEST"});
    ok(&db, "UpdateTable", on_demand).await;
    let nothing = invalid(&db, "UpdateTable", json!({"TableName": "stock"})).await;
    assert!(nothing.starts_with("At least one of ProvisionedThroughput"), "{nothing}");
}

#[tokio::test]
async fn every_kind_of_index_is_described() {
    let db = with_orders().await;
    let answer = ok(&db, "DescribeTable", json!({"TableName": "orders"})).await;
    let table = &answer["Table"];
    assert_eq!(
        table["LocalSecondaryIndexes"][0]["Projection"],
        json!({"ProjectionType": "KEYS_ONLY"})
    );
    let by_sku = &table["GlobalSecondaryIndexes"][1];
    let include = json!({"ProjectionType": "INCLUDE", "NonKeyAttributes": ["note"]});
    assert_eq!((&by_sku["IndexStatus"], &by_sku["Projection"]), (&json!("ACTIVE"), &include));
    assert_eq!(
        by_sku["IndexArn"],
        "arn:aws:dynamodb:us-east-1:000000000000:table/orders/index/by-sku"
    );
    assert_eq!(by_sku["KeySchema"], keys(&["sku"]));
}

#[tokio::test]
async fn tags_are_kept_with_the_table() {
    let db = with_stock().await;
    let arn = "arn:aws:dynamodb:us-east-1:000000000000:table/stock";
    let tags = json!([{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]);
    ok(&db, "TagResource", json!({"ResourceArn": arn, "Tags": tags})).await;
    let listed = ok(&db, "ListTagsOfResource", json!({"ResourceArn": arn})).await;
    assert_eq!(listed, json!({"Tags": tags}));
    ok(&db, "UntagResource", json!({"ResourceArn": arn, "TagKeys": ["a", "zzz"]})).await;
    let listed = ok(&db, "ListTagsOfResource", json!({"ResourceArn": arn})).await;
    assert_eq!(listed, json!({"Tags": [{"Key": "b", "Value": "2"}]}));
    let error = fails(&db, "ListTagsOfResource", json!({"ResourceArn": format!("{arn}s")})).await;
    assert_eq!(error.code, "ResourceNotFoundException");
}

#[tokio::test]
async fn a_table_can_be_named_by_its_arn() {
    let db = with_stock().await;
    let arn = "arn:aws:dynamodb:us-east-1:000000000000:table/stock";
    put(&db, arn, json!({"id": {"S": "a"}})).await;
    assert!(get(&db, "stock", json!({"id": {"S": "a"}})).await.is_object());
}

#[tokio::test]
async fn limits_and_endpoints_are_described() {
    let db = service();
    assert_eq!(ok(&db, "DescribeLimits", json!({})).await["TableMaxReadCapacityUnits"], 40_000);
    let endpoints = ok(&db, "DescribeEndpoints", json!({})).await;
    assert_eq!(endpoints["Endpoints"][0]["Address"], "127.0.0.1:4566");
}
