//! Many writers at once: nothing is oversold, nothing is lost, nothing is seen half done.

use std::sync::Arc;

use securecart_embedded_dynamodb::DynamoDb;
use securecart_embedded_wire::Call;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{call, get, ok, put, with_orders, with_stock};

/// What a write whose condition fails answers; any other error is a defect.
const REFUSED: [&str; 2] = ["ConditionalCheckFailedException", "TransactionCanceledException"];

fn key(id: &str) -> Value {
    json!({"id": {"S": id}})
}

fn number(item: &Value, name: &str) -> i64 {
    item[name]["N"].as_str().expect("a number").parse().expect("whole")
}

/// Takes `count` of `id` in one conditional update.
fn take(id: &str, count: i64) -> Value {
    json!({
        "TableName": "stock", "Key": key(id),
        "UpdateExpression": "SET n = n - :c, sold = sold + :c", "ConditionExpression": "n >= :c",
        "ExpressionAttributeValues": {":c": {"N": count.to_string()}},
    })
}

async fn with_items(ids: &[&str], n: i64) -> Arc<DynamoDb> {
    let db = with_stock().await;
    for id in ids {
        let item = json!({"id": {"S": id}, "n": {"N": n.to_string()}, "sold": {"N": "0"}});
        put(&db, "stock", item).await;
    }
    Arc::new(db)
}

/// Whether the write was made.
async fn made(db: &DynamoDb, operation: &str, request: Value) -> bool {
    match call(db, operation, request).await {
        Ok(_) => true,
        Err(error) => {
            assert!(REFUSED.contains(&error.code.as_str()), "{error}");
            false
        }
    }
}

/// Makes the same write `times` times, with nothing but the write inside the loop, so that writers
/// meet as often as they can. Returns how often it was made.
async fn hammer(db: Arc<DynamoDb>, operation: &'static str, request: Arc<[u8]>, times: u32) -> i64 {
    let mut done = 0;
    for _ in 0..times {
        let call = Call { operation, body: &request, origin: "http://127.0.0.1:4566" };
        match db.call(call).await {
            Ok(_) => done += 1,
            Err(error) => assert!(REFUSED.contains(&error.code.as_str()), "{error}"),
        }
        tokio::task::yield_now().await;
    }
    done
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn four_hundred_racing_buyers_never_oversell() {
    let stock = 30_000;
    let db = with_items(&["hot"], stock).await;
    let request: Arc<[u8]> = take("hot", 1).to_string().into_bytes().into();
    let mut buyers = JoinSet::new();
    for _ in 0..400 {
        buyers.spawn(hammer(Arc::clone(&db), "UpdateItem", Arc::clone(&request), 100));
    }
    let sold: i64 = buyers.join_all().await.into_iter().sum();
    let item = get(&db, "stock", key("hot")).await;
    assert_eq!((sold, number(&item, "n"), number(&item, "sold")), (stock, 0, stock));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn only_one_of_many_racing_creators_wins() {
    let db = with_items(&[], 0).await;
    let mut creators = JoinSet::new();
    for creator in 0..400 {
        let db = Arc::clone(&db);
        creators.spawn(async move {
            let request = json!({
                "TableName": "stock", "ConditionExpression": "attribute_not_exists(id)",
                "Item": {"id": {"S": format!("k-{}", creator % 4)}, "by": {"N": creator.to_string()}},
            });
            made(&db, "PutItem", request).await
        });
    }
    let won = creators.join_all().await.into_iter().filter(|won| *won).count();
    assert_eq!((won, db.metrics()[0].items), (4, 4));
}

/// Moves one of `n` from an item to another.
fn transfer(from: &str, to: &str) -> Value {
    let update = |id: &str, expression: &str, condition: &str| {
        json!({"Update": {
            "TableName": "stock", "Key": key(id), "UpdateExpression": expression,
            "ConditionExpression": condition, "ExpressionAttributeValues": {":one": {"N": "1"}},
        }})
    };
    json!({"TransactItems": [
        update(from, "SET n = n - :one", "n >= :one"),
        update(to, "SET n = n + :one", "n < :one OR n >= :one"),
    ]})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn transactions_and_single_updates_race_without_losing_anything() {
    let ids = ["a", "b", "c"];
    let db = with_items(&ids, 5_000).await;
    let mut writers = JoinSet::new();
    for writer in 0..300_usize {
        let from = ids[writer % ids.len()];
        let to = ids[(writer + 1 + writer / 3 % 2) % ids.len()];
        let (operation, request) = if writer % 2 == 0 {
            ("UpdateItem", take(from, 1))
        } else {
            ("TransactWriteItems", transfer(from, to))
        };
        let request: Arc<[u8]> = request.to_string().into_bytes().into();
        writers.spawn(hammer(Arc::clone(&db), operation, request, 100));
    }
    // Whoever reads all items at once sees what is left and sold add up at any time.
    let reads: Vec<Value> =
        ids.iter().map(|id| json!({"Get": {"TableName": "stock", "Key": key(id)}})).collect();
    let request = json!({"TransactItems": reads});
    loop {
        let answer = ok(&db, "TransactGetItems", request.clone()).await;
        let items = answer["Responses"].as_array().expect("responses");
        let total: i64 = items
            .iter()
            .map(|item| number(&item["Item"], "n") + number(&item["Item"], "sold"))
            .sum();
        assert_eq!(total, 15_000);
        assert!(items.iter().all(|item| number(&item["Item"], "n") >= 0));
        match writers.join_next().await {
            Some(made) => made.expect("no writer panicked"),
            None => return,
        };
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn racing_transactions_with_one_token_happen_once() {
    let db = with_items(&["a", "b"], 1_000).await;
    let mut callers = JoinSet::new();
    for _ in 0..200 {
        let db = Arc::clone(&db);
        callers.spawn(async move {
            let mut request = transfer("a", "b");
            request["ClientRequestToken"] = "once".into();
            match call(&db, "TransactWriteItems", request).await {
                Ok(_) => {}
                Err(error) => assert_eq!(error.code, "TransactionInProgressException"),
            }
        });
    }
    callers.join_all().await;
    assert_eq!(number(&get(&db, "stock", key("a")).await, "n"), 999);
    assert_eq!(number(&get(&db, "stock", key("b")).await, "n"), 1_001);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn indexes_agree_with_the_table_after_a_race() {
    let db = Arc::new(with_orders().await);
    let mut writers = JoinSet::new();
    for writer in 0..64_usize {
        let db = Arc::clone(&db);
        writers.spawn(async move {
            for step in 0..40 {
                let mix = writer * 31 + step * 17;
                let key = json!({
                    "customer": {"S": format!("c-{}", mix % 3)},
                    "number": {"N": (mix % 5).to_string()},
                });
                if mix % 7 == 0 {
                    ok(&db, "DeleteItem", json!({"TableName": "orders", "Key": key})).await;
                    continue;
                }
                let mut item = key;
                item["state"] = json!({"S": format!("s-{}", mix % 4)});
                item["amount"] = json!({"N": (mix % 11).to_string()});
                put(&db, "orders", item).await;
            }
        });
    }
    writers.join_all().await;
    let scan = |index: Option<&str>| {
        let mut request = json!({"TableName": "orders"});
        if let Some(index) = index {
            request["IndexName"] = index.into();
        }
        request
    };
    let sorted = |answer: Value| {
        let mut items: Vec<String> =
            answer["Items"].as_array().expect("items").iter().map(Value::to_string).collect();
        items.sort();
        items
    };
    let table = sorted(ok(&db, "Scan", scan(None)).await);
    assert_eq!(sorted(ok(&db, "Scan", scan(Some("by-state"))).await), table);
    let local = ok(&db, "Scan", scan(Some("by-amount"))).await;
    assert_eq!(local["Count"], table.len());
    let described = ok(&db, "DescribeTable", json!({"TableName": "orders"})).await;
    let table_count = &described["Table"]["ItemCount"];
    assert_eq!(*table_count, table.len());
    assert_eq!(described["Table"]["LocalSecondaryIndexes"][0]["ItemCount"], *table_count);
    assert_eq!(described["Table"]["GlobalSecondaryIndexes"][0]["ItemCount"], *table_count);
}
