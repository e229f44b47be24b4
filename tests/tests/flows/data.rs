//! What shoppers feel of the data tiers: the cache, the replicas, a primary that is away.

use http::StatusCode;
use securecart_domain::{
    CartId, OrderState, ProductId,
    api::{Accepted, OrderView},
};

use crate::stage::{EMAIL_ONLY, Stage, checkout, fine_key, problem};

#[tokio::test(start_paused = true)]
async fn what_was_shown_once_is_read_from_the_cache_until_it_is_flushed() {
    let stage = Stage::set().await;
    let reads = || {
        let servers = stage.database.metrics();
        servers.iter().map(|server| server.reads).sum::<u64>()
    };
    let path = format!("/products/{}", ProductId(5));
    let before = reads();
    let first = stage.get(&path).await;
    assert_eq!((first.status, reads() - before), (StatusCode::OK, 1));
    for _ in 0..10 {
        assert_eq!(stage.get(&path).await, first);
    }
    assert_eq!(reads() - before, 1);
    stage.cache.flush().await.expect("in process");
    assert_eq!(stage.get(&path).await, first);
    assert_eq!(reads() - before, 2);
}

#[tokio::test(start_paused = true)]
async fn many_who_want_the_same_cold_product_ask_the_database_once() {
    let stage = Stage::set().await;
    let reads = || stage.database.metrics().iter().map(|server| server.reads).sum::<u64>();
    let before = reads();
    let path = format!("/products/{}", ProductId(5));
    let answers = futures::future::join_all((0..100).map(|_| stage.get(&path))).await;
    assert!(answers.iter().all(|answer| answer.status == StatusCode::OK));
    assert_eq!(reads() - before, 1);
    assert_eq!(stage.cache.metrics().coalesced, 99);
}

#[tokio::test(start_paused = true)]
async fn the_shop_can_be_browsed_while_the_primary_is_away_and_a_checkout_succeeds_afterwards() {
    let stage = Stage::set().await;
    let cart = CartId(1);
    assert_eq!(stage.add(cart, EMAIL_ONLY, (ProductId(5), 1)).await.status, StatusCode::OK);
    let outage = stage.database.outage("primary").expect("there is one");
    let path = format!("/products/{}", ProductId(77));
    assert_eq!(stage.get(&path).await.status, StatusCode::OK);
    let key = fine_key(1);
    let refused = stage.ask(checkout(&key, cart, EMAIL_ONLY)).await;
    assert_eq!(refused.problem(), problem(503, "dependency-failed"));
    drop(outage);
    let accepted = stage.ask(checkout(&key, cart, EMAIL_ONLY)).await;
    assert_eq!(accepted.status, StatusCode::ACCEPTED);
    let order = accepted.read::<Accepted>().order;
    assert_eq!(stage.written().await.len(), 1);
    assert_eq!(stage.payments(order).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn whoever_bought_sees_the_order_although_the_replicas_are_behind() {
    let stage = Stage::set().await;
    let _behind = stage.database.fall_behind(std::time::Duration::from_secs(60));
    let order = stage.buy(1, EMAIL_ONLY, &[(ProductId(5), 1)]).await;
    let view: OrderView = stage.get(&format!("/orders/{order}")).await.read();
    assert_eq!(view.state, OrderState::Paid);
    let servers = stage.database.metrics();
    assert_eq!(servers.iter().map(|server| server.own_write_reads).sum::<u64>(), 1);
}
