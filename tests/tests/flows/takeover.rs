//! Checkouts that fail, die or are overtaken: whatever happens, one key ends in one order.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::StatusCode;
use securecart_domain::{
    CartId, OrderId, ProductId, api::Accepted, message::OrderMessage, resources::ORDERS_QUEUE,
};
use securecart_services::{Checkout, Failure, Fraud, Peer, Response};
use tokio::task::JoinHandle;

use crate::{
    decisions::Decision,
    queues::Care,
    stage::{Answer, EMAIL_ONLY, Other, Stage, checkout, fine_key, problem},
};

const CART: CartId = CartId(1);

/// How long an attempt may take before another may take over.
const LEASE: Duration = Duration::from_secs(29);

/// A moment.
const MOMENT: Duration = Duration::from_secs(1);

async fn stage_with_cart() -> Stage {
    let stage = Stage::set().await;
    let answer = stage.add(CART, EMAIL_ONLY, (ProductId(5), 2)).await;
    assert_eq!(answer.status, StatusCode::OK);
    stage
}

/// A peer that answers `status` to everything.
fn broken(name: &'static str, status: StatusCode) -> Peer {
    Peer::new(name, move |_| {
        let mut response = Response::new(Bytes::from_static(b"<html>sorry</html>"));
        *response.status_mut() = status;
        Box::pin(std::future::ready(response))
    })
}

/// A peer that never answers.
fn silent(name: &'static str) -> Peer {
    Peer::new(name, |_| Box::pin(std::future::pending()))
}

/// The fraud check after `time`, as the function `name`.
fn slow_fraud(stage: &Stage, name: &'static str, time: Duration) -> Other {
    stage.register(name, move |event| async move {
        tokio::time::sleep(time).await;
        Fraud.handle(&event)
    });
    Other { fraud: Some(name), ..Other::default() }
}

/// A fraud check that answers `answer`, as the function `name`.
fn broken_fraud(stage: &Stage, name: &'static str, answer: Result<Bytes, Failure>) -> Other {
    stage.register(name, move |_| std::future::ready(answer.clone()));
    Other { fraud: Some(name), ..Other::default() }
}

fn failure() -> Failure {
    Failure::Dependency { dependency: "model", code: "lost".into(), message: "no model".into() }
}

async fn attempt(service: &Checkout, key: &str) -> Answer {
    Answer::of(&service.handle(checkout(key, CART, EMAIL_ONLY)).await)
}

fn start(service: &Arc<Checkout>, key: &str) -> JoinHandle<Answer> {
    let (service, key) = (Arc::clone(service), key.to_owned());
    tokio::spawn(async move { attempt(&service, &key).await })
}

/// The order ships, once, for what was written down.
async fn ships_once(stage: &Stage, key: &str) {
    let order = OrderId::for_idempotency_key(key);
    stage.settle(Care::Once).await;
    assert_eq!(stage.written().await.len(), 1);
    assert_eq!(stage.state(order).await, "shipped");
    assert_eq!(*stage.shipments.0.lock(), [order]);
    let total = stage.order(order).await.order.total.0;
    assert_eq!(stage.payments(order).await.get("captured"), Some(&total));
    assert_eq!(stage.reservations(order).await, ["reserved"]);
}

#[tokio::test(start_paused = true)]
async fn a_dependency_that_fails_is_a_503_and_gives_the_key_back() {
    let stage = stage_with_cart().await;
    let key = fine_key(1);
    let unknown_queue = format!("{}-gone", stage.resources.queue_url(ORDERS_QUEUE));
    for other in [
        broken_fraud(&stage, "garbled", Ok(Bytes::from_static(b"\"sorry\""))),
        broken_fraud(&stage, "failing", Err(failure())),
        Other { fraud: Some("not-there"), ..Other::default() },
        Other {
            payment: Some(broken("payment", StatusCode::SERVICE_UNAVAILABLE)),
            ..Other::default()
        },
        Other { queue_url: Some(unknown_queue), ..Other::default() },
    ] {
        let answer = attempt(&stage.checkout_with(other), &key).await;
        assert_eq!(answer.problem(), problem(503, "dependency-failed"));
    }
    // At once, without waiting for a lease to end.
    let answer = attempt(&stage.checkout, &key).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert_eq!(attempt(&stage.checkout, &key).await, answer);
    ships_once(&stage, &key).await;
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_died_is_taken_over_after_its_lease() {
    let stage = stage_with_cart().await;
    let key = fine_key(1);
    let dying = stage.checkout_with(Other { payment: Some(silent("payment")), ..Other::default() });
    tokio::time::timeout(MOMENT, attempt(&dying, &key)).await.expect_err("it never ends");
    assert_eq!(
        attempt(&stage.checkout, &key).await.problem(),
        problem(409, "checkout-in-progress")
    );
    tokio::time::advance(LEASE - 3 * MOMENT).await;
    assert_eq!(
        attempt(&stage.checkout, &key).await.problem(),
        problem(409, "checkout-in-progress")
    );
    tokio::time::advance(3 * MOMENT).await;
    let answer = attempt(&stage.checkout, &key).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    ships_once(&stage, &key).await;
}

#[tokio::test(start_paused = true)]
async fn an_order_that_is_written_down_stays_what_it_is() {
    let stage = stage_with_cart().await;
    let key = fine_key(1);
    let order = OrderId::for_idempotency_key(&key);
    let unknown_queue = format!("{}-gone", stage.resources.queue_url(ORDERS_QUEUE));
    let failing = stage.checkout_with(Other { queue_url: Some(unknown_queue), ..Other::default() });
    assert_eq!(attempt(&failing, &key).await.status, StatusCode::SERVICE_UNAVAILABLE);
    let written = stage.order(order).await;
    // The shopper goes on shopping before the next attempt.
    stage.add(CART, EMAIL_ONLY, (ProductId(9), 3)).await;
    assert_eq!(attempt(&stage.checkout, &key).await.read::<Accepted>().order, order);
    assert_eq!(stage.order(order).await, written);
    let held = written.order.total.0;
    assert_eq!(stage.payments(order).await, [("authorised".to_owned(), held)].into());
    let bodies = stage.take(ORDERS_QUEUE).await;
    let [body] = bodies.as_slice() else { panic!("{bodies:?}") };
    let OrderMessage::Placed { order: placed } = serde_json::from_str(body).expect("an order")
    else {
        panic!("{body}");
    };
    assert_eq!(placed, written.order);
    let [line] = placed.lines.as_slice() else { panic!("{placed:?}") };
    assert_eq!((line.product, line.quantity), (ProductId(5), 2));
    assert_eq!(line.unit_price, stage.catalogue.get(ProductId(5)).expect("on sale").price);
    stage.send(ORDERS_QUEUE, body).await;
    ships_once(&stage, &key).await;
}

#[tokio::test(start_paused = true)]
async fn an_order_that_is_written_down_goes_on_without_its_cart() {
    let stage = stage_with_cart().await;
    let key = fine_key(1);
    let unknown_queue = format!("{}-gone", stage.resources.queue_url(ORDERS_QUEUE));
    let failing = stage.checkout_with(Other { queue_url: Some(unknown_queue), ..Other::default() });
    assert_eq!(attempt(&failing, &key).await.status, StatusCode::SERVICE_UNAVAILABLE);
    stage.lose_cart(CART).await;
    assert_eq!(attempt(&stage.checkout, &key).await.status, StatusCode::ACCEPTED);
    ships_once(&stage, &key).await;
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_was_overtaken_answers_what_the_other_answered() {
    let stage = stage_with_cart().await;
    let key = fine_key(1);
    let slow = stage.checkout_with(slow_fraud(&stage, "slow", LEASE + 5 * MOMENT));
    let overtaken = start(&slow, &key);
    tokio::time::sleep(LEASE + MOMENT).await;
    stage.add(CART, EMAIL_ONLY, (ProductId(9), 3)).await;
    let answer = attempt(&stage.checkout, &key).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    let order = OrderId::for_idempotency_key(&key);
    let written = stage.order(order).await;
    assert_eq!(overtaken.await.expect("it ends"), answer);
    assert_eq!(stage.order(order).await, written, "what the first to write had in the cart");
    // Both handed on the order that is written down.
    let bodies = stage.take(ORDERS_QUEUE).await;
    assert_eq!(bodies.len(), 2);
    assert_eq!(bodies[0], bodies[1]);
    for body in &bodies {
        stage.send(ORDERS_QUEUE, body).await;
    }
    ships_once(&stage, &key).await;
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_was_overtaken_cannot_give_the_key_away() {
    let stage = stage_with_cart().await;
    let key = fine_key(1);
    stage.register("failing", |_| async {
        tokio::time::sleep(LEASE + 5 * MOMENT).await;
        Err(failure())
    });
    let first = stage.checkout_with(Other { fraud: Some("failing"), ..Other::default() });
    let first = start(&first, &key);
    tokio::time::sleep(LEASE + MOMENT).await;
    let second = stage.checkout_with(slow_fraud(&stage, "slower", 20 * MOMENT));
    let second = start(&second, &key);
    assert_eq!(first.await.expect("it ends").problem(), problem(503, "dependency-failed"));
    // The second attempt is still at work, and the key is its own.
    assert!(!second.is_finished());
    assert_eq!(
        attempt(&stage.checkout, &key).await.problem(),
        problem(409, "checkout-in-progress")
    );
    let answer = second.await.expect("it ends");
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert_eq!(attempt(&stage.checkout, &key).await, answer);
    ships_once(&stage, &key).await;
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_was_overtaken_cannot_answer_while_the_other_works() {
    let stage = stage_with_cart().await;
    // The first attempt ends with a refusal of its own, which must not be the key's answer yet.
    let key =
        crate::decisions::key_of(Decision { suspicious: true, refused: false, found_out: false });
    let first = stage.checkout_with(slow_fraud(&stage, "slow", LEASE + 5 * MOMENT));
    let first = start(&first, &key);
    tokio::time::sleep(LEASE + MOMENT).await;
    let second = stage.checkout_with(slow_fraud(&stage, "slower", 20 * MOMENT));
    let second = start(&second, &key);
    assert_eq!(first.await.expect("it ends").problem(), problem(409, "checkout-in-progress"));
    assert!(!second.is_finished());
    assert_eq!(second.await.expect("it ends").problem(), problem(402, "fraud-suspected"));
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_kept_for_good_has_its_first_answer_long_after_the_lease() {
    let stage = stage_with_cart().await;
    let key = fine_key(1);
    let first = attempt(&stage.checkout, &key).await;
    tokio::time::advance(1_000 * LEASE).await;
    assert_eq!(attempt(&stage.checkout, &key).await, first);
    ships_once(&stage, &key).await;
}
