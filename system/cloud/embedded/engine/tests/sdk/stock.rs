//! Hundreds of buyers race for the same stock: it is sold exactly, by single updates and by
//! transactions.

use std::sync::Arc;

use aws_sdk_dynamodb::{
    Client,
    operation::transact_write_items::TransactWriteItemsError,
    types::{Put, TransactWriteItem, Update},
};
use tokio::{sync::Barrier, task::JoinSet};

use crate::support::{Stage, number, text};

const BUYERS: usize = 400;
const PIECES: i64 = 100;

/// Whether one piece of `id` was had.
async fn buy(dynamodb: Client, id: &str) -> bool {
    let bought = dynamodb
        .update_item()
        .table_name("stock")
        .key("id", text(id))
        .update_expression("SET n = n - :one")
        .condition_expression("n >= :one")
        .expression_attribute_values(":one", number(1))
        .send()
        .await;
    match bought {
        Ok(_) => true,
        Err(error) => {
            let error = error.into_service_error();
            assert!(error.is_conditional_check_failed_exception(), "{error:?}");
            false
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn racing_updates_sell_exactly_the_stock() {
    let stage = Stage::new();
    stage.table("stock").await;
    stage.put_number("stock", "hot", PIECES).await;
    let gate = Arc::new(Barrier::new(BUYERS));
    let mut buyers = JoinSet::new();
    for _ in 0..BUYERS {
        let (dynamodb, gate) = (stage.dynamodb.clone(), Arc::clone(&gate));
        buyers.spawn(async move {
            gate.wait().await;
            buy(dynamodb, "hot").await
        });
    }
    let bought = buyers.join_all().await.into_iter().map(i64::from).sum::<i64>();
    assert_eq!((bought, stage.number("stock", "hot").await), (PIECES, 0));
}

/// Takes one piece of each of two products and writes the order, all or nothing.
async fn order(dynamodb: Client, buyer: usize, products: [&str; 2]) -> bool {
    let take = |product: &str| {
        let update = Update::builder()
            .table_name("stock")
            .key("id", text(product))
            .update_expression("SET n = n - :one")
            .condition_expression("n >= :one")
            .expression_attribute_values(":one", number(1))
            .build()
            .expect("complete");
        TransactWriteItem::builder().update(update).build()
    };
    let write = Put::builder()
        .table_name("orders")
        .item("id", text(&format!("o-{buyer}")))
        .condition_expression("attribute_not_exists(id)")
        .build()
        .expect("complete");
    let ordered = dynamodb
        .transact_write_items()
        .set_transact_items(Some(products.map(take).to_vec()))
        .transact_items(TransactWriteItem::builder().put(write).build())
        .send()
        .await;
    match ordered.map_err(|error| error.into_service_error()) {
        Ok(_) => true,
        Err(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            let codes: Vec<&str> = cancelled
                .cancellation_reasons()
                .iter()
                .filter_map(|reason| reason.code())
                .collect();
            assert_eq!(codes.len(), 3, "a reason for each item: {cancelled:?}");
            assert!(codes.contains(&"ConditionalCheckFailed"), "{cancelled:?}");
            false
        }
        Err(error) => panic!("neither made nor cancelled: {error:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn racing_transactions_take_all_or_nothing() {
    let stage = Stage::new();
    stage.table("stock").await;
    stage.table("orders").await;
    // Pairs overlap and come in both orders: what locks in the order of the request would hang.
    let pairs = [["a", "b"], ["b", "a"], ["b", "c"], ["c", "a"]];
    for product in ["a", "b", "c"] {
        stage.put_number("stock", product, PIECES).await;
    }
    let gate = Arc::new(Barrier::new(BUYERS));
    let mut buyers = JoinSet::new();
    for buyer in 0..BUYERS {
        let (dynamodb, gate) = (stage.dynamodb.clone(), Arc::clone(&gate));
        buyers.spawn(async move {
            gate.wait().await;
            let pair = pairs[buyer % pairs.len()];
            (pair, order(dynamodb, buyer, pair).await)
        });
    }
    let made: Vec<[&str; 2]> = buyers
        .join_all()
        .await
        .into_iter()
        .filter(|(_, made)| *made)
        .map(|(pair, _)| pair)
        .collect();
    for product in ["a", "b", "c"] {
        let sold = made.iter().map(|pair| i64::from(pair.contains(&product))).sum::<i64>();
        assert_eq!(stage.number("stock", product).await, PIECES - sold, "{product}");
    }
    // Two hundred want both of these, a hundred could have them at the most.
    let left = [stage.number("stock", "a").await, stage.number("stock", "b").await];
    assert!(left.contains(&0), "somebody was refused while both were there: {left:?}");
    let orders = stage.dynamodb.scan().table_name("orders").send().await.expect("scanned");
    assert_eq!(orders.count() as usize, made.len());
}
