//! Flow 3: a cart becomes an order, once for each idempotency key.

use std::sync::Arc;

use bytes::Bytes;
use futures::future::join_all;
use http::{Method, StatusCode};
use securecart_domain::{
    CartId, Money, OrderId, ProductId,
    api::{Accepted, CartView, CheckoutRequest, IDEMPOTENCY_KEY, OrderView},
    message::OrderMessage,
    resources::ORDERS_QUEUE,
};
use securecart_services::{Peer, Response};
use serde_json::json;

use crate::{
    decisions::{self, Decision},
    stage::{
        Answer, BOTH_CHANNELS, EMAIL_ONLY, Other, Stage, checkout, fine_key, problem, request,
    },
};

const CART: CartId = CartId(1);

async fn stage_with_cart() -> Stage {
    let stage = Stage::set().await;
    for line in [(ProductId(5), 2), (ProductId(9), 1)] {
        assert_eq!(stage.add(CART, EMAIL_ONLY, line).await.status, StatusCode::OK);
    }
    stage
}

/// The orders that checkout handed on, in the order they came.
async fn handed_on(stage: &Stage) -> Vec<securecart_domain::Order> {
    let bodies = stage.take(ORDERS_QUEUE).await;
    let order = |body: &String| match serde_json::from_str(body).expect("an order message") {
        OrderMessage::Placed { order } => order,
        other => panic!("not from checkout: {other:?}"),
    };
    bodies.iter().map(order).collect()
}

#[tokio::test(start_paused = true)]
async fn a_cart_becomes_an_order_that_is_paid_written_down_and_handed_on() {
    let stage = stage_with_cart().await;
    let cart: CartView = stage.get(&format!("/carts/{CART}")).await.read();
    let key = fine_key(1);
    let answer = stage.ask(checkout(&key, CART, EMAIL_ONLY)).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    let id = answer.read::<Accepted>().order;
    assert_eq!(id, OrderId::for_idempotency_key(&key));

    let view: OrderView = stage.get(&format!("/orders/{id}")).await.read();
    assert_eq!((view.state.as_str(), view.total), ("paid", cart.total));
    assert_eq!(stage.payments(id).await, [("authorised".to_owned(), cart.total.0)].into());

    let orders = handed_on(&stage).await;
    let [order] = orders.as_slice() else { panic!("{orders:?}") };
    assert_eq!((order.id, order.customer, order.total), (id, EMAIL_ONLY, cart.total));
    let lines: Vec<_> = order.lines.iter().map(|line| (line.product, line.quantity)).collect();
    assert_eq!(lines, [(ProductId(5), 2), (ProductId(9), 1)]);
    let total: Money = order.lines.iter().map(|line| line.total()).sum();
    assert_eq!(total, order.total);
    assert_eq!(stage.order(id).await.order.placed_at, order.placed_at);
}

#[tokio::test(start_paused = true)]
async fn the_same_key_again_gives_the_first_answer_and_no_second_order() {
    let stage = stage_with_cart().await;
    let key = fine_key(1);
    let first = stage.ask(checkout(&key, CART, EMAIL_ONLY)).await;
    assert_eq!(first.status, StatusCode::ACCEPTED);
    // Whatever has become of the cart since.
    stage.add(CART, EMAIL_ONLY, (ProductId(11), 1)).await;
    for _ in 0..3 {
        assert_eq!(stage.ask(checkout(&key, CART, EMAIL_ONLY)).await, first);
    }
    assert_eq!(stage.written().await.len(), 1);
    assert_eq!(handed_on(&stage).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_was_bought_is_no_longer_in_the_cart() {
    let stage = stage_with_cart().await;
    let first = stage.ask(checkout(&fine_key(1), CART, EMAIL_ONLY)).await;
    assert_eq!(first.status, StatusCode::ACCEPTED);
    let view: CartView = stage.get(&format!("/carts/{CART}")).await.read();
    assert_eq!((view.lines.len(), view.total), (0, Money(0)));
    let again = stage.ask(checkout(&fine_key(2), CART, EMAIL_ONLY)).await;
    assert_eq!(again.problem(), problem(409, "empty-cart"));
    // What is added afterwards stays, however often the first answer is asked for.
    stage.add(CART, EMAIL_ONLY, (ProductId(5), 2)).await;
    assert_eq!(stage.ask(checkout(&fine_key(1), CART, EMAIL_ONLY)).await, first);
    let view: CartView = stage.get(&format!("/carts/{CART}")).await.read();
    assert_eq!(view.lines.len(), 1);
    let answer = stage.ask(checkout(&fine_key(3), CART, EMAIL_ONLY)).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert_eq!(stage.written().await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_cart_that_has_changed_since_it_was_priced_is_left_alone() {
    let stage = stage_with_cart().await;
    let bought = |version| {
        let body = json!({ "cart": CART, "version": version });
        stage.carts.handle(request(Method::POST, "/emptied-carts", &body))
    };
    // Two lines were added, one after the other.
    for version in [0, 1, 3] {
        assert_eq!(bought(version).await.status(), StatusCode::OK);
        let view: CartView = stage.get(&format!("/carts/{CART}")).await.read();
        assert_eq!(view.lines.len(), 2, "{version}");
    }
    assert_eq!(bought(2).await.status(), StatusCode::OK);
    let view: CartView = stage.get(&format!("/carts/{CART}")).await.read();
    assert!(view.lines.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_cart_that_can_not_be_emptied_fails_no_checkout() {
    let stage = stage_with_cart().await;
    for (number, hangs) in [(1, false), (2, true)] {
        let carts = Arc::clone(&stage.carts);
        let stubborn = Peer::new("cart", move |request| {
            let carts = Arc::clone(&carts);
            Box::pin(async move {
                match (request.uri().path(), hangs) {
                    ("/emptied-carts", true) => std::future::pending().await,
                    ("/emptied-carts", false) => {
                        let mut response = Response::new(Bytes::new());
                        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
                        response
                    }
                    _ => carts.handle(request).await,
                }
            })
        });
        let service = stage.checkout_with(Other { cart: Some(stubborn), ..Other::default() });
        let key = fine_key(number);
        let answer = Answer::of(&service.handle(checkout(&key, CART, EMAIL_ONLY)).await);
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{answer:?}");
    }
    let view: CartView = stage.get(&format!("/carts/{CART}")).await.read();
    assert_eq!(view.lines.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn attempts_with_one_key_at_the_same_time_make_one_order() {
    let stage = stage_with_cart().await;
    let key = fine_key(1);
    let attempts = (0..20).map(|_| stage.ask(checkout(&key, CART, EMAIL_ONLY)));
    let answers = join_all(attempts).await;
    let (accepted, others): (Vec<_>, Vec<_>) =
        answers.iter().partition(|answer| answer.status == StatusCode::ACCEPTED);
    assert!(!accepted.is_empty());
    assert!(accepted.iter().all(|answer| answer.body == accepted[0].body));
    for other in others {
        assert_eq!(other.problem(), problem(409, "checkout-in-progress"));
    }
    assert_eq!(stage.written().await.len(), 1);
    assert_eq!(handed_on(&stage).await.len(), 1);
    assert_eq!(stage.ask(checkout(&key, CART, EMAIL_ONLY)).await, *accepted[0]);
}

#[tokio::test(start_paused = true)]
async fn keys_are_independent() {
    let stage = Stage::set().await;
    for cart in 0..50 {
        let added = stage.add(CartId(cart), EMAIL_ONLY, (ProductId(5), 1)).await;
        assert_eq!(added.status, StatusCode::OK);
    }
    let attempts = (0..50).map(|n| stage.ask(checkout(&fine_key(n), CartId(n), EMAIL_ONLY)));
    let answers = join_all(attempts).await;
    assert!(answers.iter().all(|answer| answer.status == StatusCode::ACCEPTED));
    assert_eq!(stage.written().await.len(), 50);
    assert_eq!(handed_on(&stage).await.len(), 50);
}

#[tokio::test(start_paused = true)]
async fn a_cart_that_is_missing_empty_or_anothers_is_refused_for_good() {
    let stage = stage_with_cart().await;
    let empty = CartId(2);
    stage.put_empty_cart(empty, EMAIL_ONLY).await;
    for (number, cart, customer, expected) in [
        (1, CartId(3), EMAIL_ONLY, problem(404, "not-found")),
        (2, empty, EMAIL_ONLY, problem(409, "empty-cart")),
        (3, CART, BOTH_CHANNELS, problem(404, "not-found")),
    ] {
        let key = fine_key(number);
        let first = stage.ask(checkout(&key, cart, customer)).await;
        assert_eq!(first.problem(), expected);
        // The key has its answer, even when the cart is in order by now.
        stage.add(cart, EMAIL_ONLY, (ProductId(5), 1)).await;
        assert_eq!(stage.ask(checkout(&key, cart, EMAIL_ONLY)).await, first);
    }
    assert!(stage.written().await.is_empty());
    assert!(stage.ledger().await.is_empty());
    assert!(handed_on(&stage).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn refused_cards_and_suspicious_orders_are_a_402_that_is_remembered() {
    let stage = stage_with_cart().await;
    for (refused, suspicious, code) in [
        (true, false, "payment-refused"),
        (false, true, "fraud-suspected"),
        // Nobody asks the bank about an order that looks like fraud.
        (true, true, "fraud-suspected"),
    ] {
        let key = decisions::key_of(Decision { suspicious, refused, found_out: false });
        let first = stage.ask(checkout(&key, CART, EMAIL_ONLY)).await;
        assert_eq!(first.problem(), problem(402, code));
        assert_eq!(stage.ask(checkout(&key, CART, EMAIL_ONLY)).await, first);
    }
    assert!(stage.written().await.is_empty());
    assert!(stage.ledger().await.is_empty(), "no money is held");
    assert!(handed_on(&stage).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_checkout_that_makes_no_sense_is_a_400() {
    let stage = stage_with_cart().await;
    let body = CheckoutRequest { cart: CART, customer: EMAIL_ONLY };
    let keyless = request(Method::POST, "/checkout", &body);
    assert_eq!(stage.ask(keyless).await.problem(), problem(400, "bad-request"));
    for key in ["", &"k".repeat(65), "caf\u{e9}"] {
        let mut request = request(Method::POST, "/checkout", &body);
        let value = http::HeaderValue::from_bytes(key.as_bytes()).expect("a header");
        request.headers_mut().insert(IDEMPOTENCY_KEY, value);
        assert_eq!(stage.ask(request).await.problem(), problem(400, "bad-request"), "{key}");
    }
    let mut garbage = request(Method::POST, "/checkout", &json!({ "cart": 1 }));
    let key = fine_key(1);
    garbage.headers_mut().insert(IDEMPOTENCY_KEY, key.parse().expect("a header"));
    assert_eq!(stage.ask(garbage).await.problem(), problem(400, "bad-request"));
    let wrong = Answer::of(&stage.checkout.handle(request(Method::GET, "/checkout", &())).await);
    assert_eq!(wrong.problem(), problem(404, "not-found"));
    // None of them has used the key up.
    let answer = stage.ask(checkout(&key, CART, EMAIL_ONLY)).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
}
