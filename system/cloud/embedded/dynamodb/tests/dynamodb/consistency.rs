//! Random operations against a naive model: a map of items and filtered walks over it.

use std::collections::{BTreeMap, BTreeSet};

use proptest::{collection::vec, prelude::*};
use securecart_embedded_dynamodb::DynamoDb;
use serde_json::{Value, json};

use crate::support::{call, ok, with_orders, with_stock};

#[derive(Debug, Clone)]
enum Operation {
    Put(Row),
    /// Sets or removes `state` and `total` of the row.
    Update(Row),
    Delete(u8, i8),
    /// Puts and deletes two rows in one transaction.
    Transact(Row, u8, i8),
}

/// A row: its key, and attributes that indexes use or not.
#[derive(Debug, Clone)]
struct Row {
    customer: u8,
    number: i8,
    state: Option<u8>,
    total: Option<i8>,
    sku: Option<u8>,
}

fn row() -> impl Strategy<Value = Row> {
    let state = prop::option::of(0..3_u8);
    let total = prop::option::of(-3..4_i8);
    let sku = prop::option::of(0..2_u8);
    (0..3_u8, -2..3_i8, state, total, sku).prop_map(|(customer, number, state, total, sku)| Row {
        customer,
        number,
        state,
        total,
        sku,
    })
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        4 => row().prop_map(Operation::Put),
        3 => row().prop_map(Operation::Update),
        2 => (0..3_u8, -2..3_i8).prop_map(|(customer, number)| Operation::Delete(customer, number)),
        1 => (row(), 0..3_u8, -2..3_i8).prop_map(|(row, c, n)| Operation::Transact(row, c, n)),
    ]
}

fn key(customer: u8, number: i8) -> Value {
    json!({"customer": {"S": format!("c-{customer}")}, "number": {"N": number.to_string()}})
}

fn item(row: &Row) -> Value {
    let mut item = key(row.customer, row.number);
    if let Some(state) = row.state {
        item["state"] = json!({"S": format!("s-{state}")});
    }
    if let Some(total) = row.total {
        item["amount"] = json!({"N": total.to_string()});
    }
    if let Some(sku) = row.sku {
        item["sku"] = json!({"B": if sku == 0 { "AA==" } else { "/w==" }});
    }
    item
}

fn update(row: &Row) -> Value {
    let item = item(row);
    let (mut set, mut remove, mut values) = (Vec::new(), Vec::new(), serde_json::Map::new());
    for (name, placeholder) in [("state", "#state"), ("amount", "#total"), ("sku", "#sku")] {
        match item.get(name) {
            Some(value) => {
                set.push(format!("{placeholder} = :{name}"));
                values.insert(format!(":{name}"), value.clone());
            }
            None => remove.push(placeholder),
        }
    }
    let mut expression = String::new();
    if !set.is_empty() {
        expression += &format!("SET {} ", set.join(", "));
    }
    if !remove.is_empty() {
        expression += &format!("REMOVE {}", remove.join(", "));
    }
    let mut request = json!({
        "TableName": "orders", "Key": key(row.customer, row.number), "UpdateExpression": expression,
        "ExpressionAttributeNames": {"#state": "state", "#total": "amount", "#sku": "sku"},
    });
    if !values.is_empty() {
        request["ExpressionAttributeValues"] = values.into();
    }
    request
}

type Model = BTreeMap<(u8, i8), Row>;

async fn apply(db: &DynamoDb, model: &mut Model, operation: &Operation) {
    match operation {
        Operation::Put(row) => {
            ok(db, "PutItem", json!({"TableName": "orders", "Item": item(row)})).await;
            model.insert((row.customer, row.number), row.clone());
        }
        Operation::Update(row) => {
            ok(db, "UpdateItem", update(row)).await;
            model.insert((row.customer, row.number), row.clone());
        }
        Operation::Delete(customer, number) => {
            let request = json!({"TableName": "orders", "Key": key(*customer, *number)});
            ok(db, "DeleteItem", request).await;
            model.remove(&(*customer, *number));
        }
        Operation::Transact(row, customer, number) => {
            let made = call(
                db,
                "TransactWriteItems",
                json!({"TransactItems": [
                    {"Put": {"TableName": "orders", "Item": item(row)}},
                    {"Delete": {"TableName": "orders", "Key": key(*customer, *number)}},
                ]}),
            )
            .await;
            let twice = (row.customer, row.number) == (*customer, *number);
            assert_eq!(made.is_err(), twice, "{made:?}");
            if !twice {
                model.insert((row.customer, row.number), row.clone());
                model.remove(&(*customer, *number));
            }
        }
    }
}

/// Everything a query or scan finds, page by page.
async fn all(db: &DynamoDb, operation: &str, mut request: Value) -> Vec<Value> {
    let mut items = Vec::new();
    loop {
        let mut answer = ok(db, operation, request.clone()).await;
        items.append(answer["Items"].as_array_mut().expect("items"));
        match answer.get("LastEvaluatedKey") {
            Some(last) => request["ExclusiveStartKey"] = last.clone(),
            None => return items,
        }
    }
}

fn texts(items: &[Value]) -> BTreeSet<String> {
    items.iter().map(Value::to_string).collect()
}

async fn check(db: &DynamoDb, model: &Model) {
    let expected: Vec<Value> = model.values().map(item).collect();
    let scanned = all(db, "Scan", json!({"TableName": "orders", "Limit": 3})).await;
    assert_eq!((scanned.len(), texts(&scanned)), (expected.len(), texts(&expected)));

    for state in 0..3_u8 {
        let found = all(
            db,
            "Query",
            json!({
                "TableName": "orders", "IndexName": "by-state", "Limit": 2,
                "KeyConditionExpression": "#s = :s AND amount >= :t",
                "ExpressionAttributeNames": {"#s": "state"},
                "ExpressionAttributeValues": {":s": {"S": format!("s-{state}")}, ":t": {"N": "-1"}},
            }),
        )
        .await;
        let rows: Vec<&Row> = model
            .values()
            .filter(|row| row.state == Some(state) && row.total.is_some_and(|total| total >= -1))
            .collect();
        let expected: Vec<Value> = rows.iter().map(|row| item(row)).collect();
        assert_eq!((found.len(), texts(&found)), (expected.len(), texts(&expected)));
        let mut totals: Vec<i8> = rows.iter().filter_map(|row| row.total).collect();
        totals.sort_unstable();
        let order: Vec<Value> = found.iter().map(|item| item["amount"]["N"].clone()).collect();
        assert_eq!(order, totals.iter().map(|total| json!(total.to_string())).collect::<Vec<_>>());
    }
    for customer in 0..3_u8 {
        let found = all(db, "Query", json!({
            "TableName": "orders", "IndexName": "by-amount", "Limit": 2, "ScanIndexForward": false,
            "KeyConditionExpression": "customer = :c",
            "ExpressionAttributeValues": {":c": {"S": format!("c-{customer}")}},
        }))
        .await;
        let rows: Vec<&Row> =
            model.values().filter(|row| row.customer == customer && row.total.is_some()).collect();
        let expected: Vec<Value> = rows
            .iter()
            .map(|row| item(&Row { state: None, sku: None, ..(*row).clone() }))
            .collect();
        assert_eq!((found.len(), texts(&found)), (expected.len(), texts(&expected)));
    }
    let skus = all(db, "Scan", json!({"TableName": "orders", "IndexName": "by-sku"})).await;
    assert_eq!(skus.len(), model.values().filter(|row| row.sku.is_some()).count());
    check_volumes(db, &scanned, &skus).await;
}

async fn check_volumes(db: &DynamoDb, items: &[Value], skus: &[Value]) {
    let described = ok(db, "DescribeTable", json!({"TableName": "orders"})).await;
    assert_eq!(described["Table"]["ItemCount"], items.len());
    assert_eq!(described["Table"]["GlobalSecondaryIndexes"][1]["ItemCount"], skus.len());
    if items.is_empty() {
        assert_eq!(described["Table"]["TableSizeBytes"], 0);
        assert_eq!(described["Table"]["GlobalSecondaryIndexes"][0]["IndexSizeBytes"], 0);
    }
}

fn block_on(future: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime")
        .block_on(future);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn tables_and_indexes_agree_with_the_model(operations in vec(operation(), 1..60)) {
        block_on(async {
            let db = with_orders().await;
            let mut model = Model::new();
            for (number, operation) in operations.iter().enumerate() {
                apply(&db, &mut model, operation).await;
                if number % 10 == 0 {
                    check(&db, &model).await;
                }
            }
            check(&db, &model).await;
            for (customer, number) in model.keys().copied().collect::<Vec<_>>() {
                apply(&db, &mut model, &Operation::Delete(customer, number)).await;
            }
            check(&db, &model).await;
        });
    }

    #[test]
    fn stock_is_exact_and_never_negative(
        start in 0..50_i64,
        takes in vec((1..8_i64, any::<bool>()), 1..40),
    ) {
        block_on(async {
            let db = with_stock().await;
            let item = json!({"id": {"S": "a"}, "n": {"N": start.to_string()}});
            ok(&db, "PutItem", json!({"TableName": "stock", "Item": item})).await;
            let mut left = start;
            for (count, transact) in takes {
                let update = json!({
                    "TableName": "stock", "Key": {"id": {"S": "a"}},
                    "UpdateExpression": "SET n = n - :c", "ConditionExpression": "n >= :c",
                    "ExpressionAttributeValues": {":c": {"N": count.to_string()}},
                });
                let made = if transact {
                    let request = json!({"TransactItems": [{"Update": update}]});
                    call(&db, "TransactWriteItems", request).await
                } else {
                    call(&db, "UpdateItem", update).await
                };
                assert_eq!(made.is_ok(), count <= left);
                left -= if made.is_ok() { count } else { 0 };
                let key = json!({"id": {"S": "a"}});
                let item = crate::support::get(&db, "stock", key).await;
                assert_eq!(item["n"]["N"], left.to_string());
            }
        });
    }
}
