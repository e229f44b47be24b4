//! Lag, outages, and limits on connections.

use std::time::Duration;

use futures::future::join_all;
use securecart_database::{Kind, Orders, Products};
use securecart_domain::{Catalogue, OrderId, OrderState, ProductId};
use tokio::time::Instant;

use super::bench::{Bench, order};

const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) async fn what_a_replica_lags_behind_the_primary_answers(bench: &Bench) {
    let lag = bench.database.fall_behind(Duration::from_secs(4));
    // PostgreSQL is told in the background; the second order is surely written after that.
    bench.insert(&order(1)).await;
    bench.database.catch_up(Duration::from_secs(2)).await;
    let since = Instant::now();
    bench.insert(&order(2)).await;
    let asked = bench.primary().own_write_reads;
    let view = bench.orders.view(OrderId(2)).await.expect("an answer");
    assert!(view.is_some(), "the shopper's own write");
    assert_eq!(bench.primary().own_write_reads, asked + 1, "the primary answered");

    assert!(bench.database.catch_up(PATIENCE).await);
    assert!(since.elapsed() > Duration::from_secs(3), "{:?}", since.elapsed());
    let view = bench.orders.view(OrderId(2)).await.expect("an answer");
    assert!(view.is_some());
    assert_eq!(bench.primary().own_write_reads, asked + 1, "a replica answered");

    drop(lag);
    let since = Instant::now();
    bench.insert(&order(3)).await;
    assert!(bench.database.catch_up(PATIENCE).await);
    assert!(since.elapsed() < Duration::from_secs(4), "it catches up: {:?}", since.elapsed());
}

pub(crate) async fn an_outage_of_the_primary_loses_nothing_acknowledged(bench: &Bench) {
    let orders = &bench.orders;
    bench.insert(&order(0)).await;
    let writes = join_all((1..200).map(|id| orders.insert(order(id), OrderState::Paid)));
    let outage = async {
        tokio::time::sleep(Duration::from_millis(10)).await;
        bench.database.outage("primary").expect("a primary")
    };
    let (outcomes, outage) = tokio::join!(writes, outage);
    let metrics = bench.primary();
    assert!(!metrics.available);
    assert_eq!((metrics.connections_open, metrics.in_use, metrics.waiting), (0, 0, 0));
    let refused = orders.insert(order(1_000), OrderState::Paid).await;
    assert!(matches!(refused, Err(ref error) if error.code() == "unavailable"), "{refused:?}");
    drop(outage);

    for (id, outcome) in (1..).zip(&outcomes) {
        match outcome {
            Ok(_) => {
                let found = orders.find(OrderId(id)).await.expect("an answer");
                assert_eq!(found, Some(order(id)), "acknowledged and lost");
            }
            Err(error) => assert!(matches!(error.kind, Kind::Unavailable(_)), "{error}"),
        }
    }
    assert!(outcomes.iter().any(Result::is_err), "the outage came too late to break anything");
    // Whatever became of them, they can be repeated.
    for id in 1..200 {
        bench.insert(&order(id)).await;
    }
    let mut count = 0;
    orders.all(|_| count += 1).await.expect("read");
    assert_eq!(count, 200);
    assert!(bench.database.catch_up(PATIENCE).await, "replicas have it all");
    assert!(bench.primary().available);
    assert!(bench.database.outage("replica-16").is_none());
}

pub(crate) async fn a_lost_replica_is_passed_over(bench: &Bench) {
    let catalogue = Catalogue::generate(1, 10, 0.8);
    bench.products.insert_all(catalogue.products()).await.expect("inserted");
    assert!(bench.database.catch_up(PATIENCE).await);
    let replicas = bench.database.metrics().len() - 1;
    let mut outages = Vec::new();
    for lost in 0..=replicas {
        for _ in 0..4 {
            let product = bench.products.get(ProductId(3)).await.expect("an answer");
            assert_eq!(product.as_ref(), catalogue.get(ProductId(3)));
        }
        assert_eq!(bench.primary().reads > 0, lost == replicas, "the primary answers last");
        outages.extend(bench.database.outage(&format!("replica-{}", lost + 1)));
    }
    bench.insert(&order(1)).await;
    drop(outages);
    assert!(bench.database.catch_up(PATIENCE).await, "what was missed is caught up with");
    assert!(bench.database.metrics().iter().all(|server| server.available));
}

pub(crate) async fn a_pool_queues_and_never_exceeds_its_size(bench: &Bench) {
    let reads = join_all((0..200).map(|_| bench.orders.find(OrderId(1))));
    let watch = async {
        let mut most = (0, 0);
        for _ in 0..50 {
            let metrics = bench.primary();
            most = (metrics.in_use.max(most.0), metrics.waiting.max(most.1));
            tokio::task::yield_now().await;
        }
        most
    };
    let (outcomes, (in_use, waiting)) = tokio::join!(reads, watch);
    assert!(outcomes.iter().all(Result::is_ok));
    assert_eq!(in_use, 5);
    assert_eq!(waiting, 195);
    let metrics = bench.primary();
    assert_eq!((metrics.in_use, metrics.waiting, metrics.timed_out), (0, 0, 0));
    assert_eq!(metrics.connections_open, 5);
    assert!(metrics.wait_us_max > 0 && metrics.wait_us_total >= metrics.wait_us_max);
}

pub(crate) async fn a_server_takes_so_many_connections(bench: &Bench) {
    // Four services of five connections use the server's twenty up.
    for service in ["a", "b", "c", "d"] {
        let orders = Orders::new(bench.database.connections(service));
        join_all((0..20).map(|_| orders.find(OrderId(1)))).await;
    }
    assert_eq!(bench.primary().connections_open, 20);
    let refused = bench.orders.find(OrderId(1)).await.expect_err("one too many");
    assert_eq!(refused.kind, Kind::TooManyConnections);
    assert_eq!(refused.to_string(), "primary: sorry, too many clients already");
    assert_eq!((bench.primary().refused, bench.primary().failed), (1, 1));
    // A service that has connections keeps them, and replicas have room.
    let orders = Orders::new(bench.database.connections("a"));
    assert_eq!(orders.find(OrderId(1)).await, Ok(None));
    let products = Products::new(bench.connections.clone());
    assert_eq!(products.get(ProductId(1)).await, Ok(None));
}
