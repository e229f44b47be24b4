//! Flow 2: carts, with conditional writes and a time to live.

use bytes::Bytes;
use futures::future::join_all;
use http::{Method, StatusCode};
use securecart_domain::{
    CartId, CartLine, Money, ProductId,
    api::CartView,
    cart::{MAX_LINES, MAX_QUANTITY},
    resources::CARTS_TABLE,
};
use serde_json::json;

use crate::{
    books::{number, text},
    stage::{Answer, EMAIL_ONLY, Stage, problem, request},
};

const CART: CartId = CartId(1);

/// How long an untouched cart lives, s.
const DAY_S: u64 = 24 * 3_600;

#[tokio::test(start_paused = true)]
async fn a_cart_is_created_grows_and_costs_what_its_products_cost() {
    let stage = Stage::set().await;
    assert_eq!(stage.get(&format!("/carts/{CART}")).await.problem(), problem(404, "not-found"));
    for line in [(ProductId(5), 2), (ProductId(9), 1), (ProductId(5), 1)] {
        assert_eq!(stage.add(CART, EMAIL_ONLY, line).await.status, StatusCode::OK);
    }
    let view: CartView = stage.get(&format!("/carts/{CART}")).await.read();
    let line = |product, quantity| CartLine { product: ProductId(product), quantity };
    assert_eq!(view.lines, [line(5, 3), line(9, 1)]);
    let price = |product| stage.catalogue.get(ProductId(product)).expect("on sale").price;
    assert_eq!(view.total, price(5).times(3) + price(9));
    assert_eq!(view.cart, CART);
}

#[tokio::test(start_paused = true)]
async fn the_answer_to_an_addition_is_the_cart_after_it() {
    let stage = Stage::set().await;
    for quantity in 1..=3 {
        let added: CartView = stage.add(CART, EMAIL_ONLY, (ProductId(5), 1)).await.read();
        let seen: CartView = stage.get(&format!("/carts/{CART}")).await.read();
        assert_eq!(added, seen);
        assert_eq!(added.lines[0].quantity, quantity);
    }
}

#[tokio::test(start_paused = true)]
async fn additions_at_the_same_time_lose_nothing() {
    let stage = Stage::set().await;
    // The first ones race for the cart's creation too.
    let lines = (0..MAX_LINES as u32).flat_map(|id| [(ProductId(id), 2), (ProductId(id), 3)]);
    let answers = join_all(lines.map(|line| stage.add(CART, EMAIL_ONLY, line))).await;
    assert!(answers.iter().all(|answer| answer.status == StatusCode::OK), "{answers:?}");
    let view: CartView = stage.get(&format!("/carts/{CART}")).await.read();
    assert_eq!(view.lines.len(), MAX_LINES);
    assert!(view.lines.iter().all(|line| line.quantity == 5), "{:?}", view.lines);
}

#[tokio::test(start_paused = true)]
async fn a_cart_holds_so_many_pieces_and_no_more() {
    let stage = Stage::set().await;
    let product = ProductId(5);
    for quantity in [0, MAX_QUANTITY + 1, u32::MAX] {
        let answer = stage.add(CART, EMAIL_ONLY, (product, quantity)).await;
        assert_eq!(answer.problem(), problem(400, "bad-request"), "{quantity}");
    }
    assert_eq!(stage.add(CART, EMAIL_ONLY, (product, MAX_QUANTITY)).await.status, StatusCode::OK);
    let answer = stage.add(CART, EMAIL_ONLY, (product, 1)).await;
    assert_eq!(answer.problem(), problem(409, "cart-full"));
    let view: CartView = stage.get(&format!("/carts/{CART}")).await.read();
    assert_eq!(view.lines, [CartLine { product, quantity: MAX_QUANTITY }]);
}

#[tokio::test(start_paused = true)]
async fn the_limit_of_pieces_holds_when_additions_race() {
    let stage = Stage::set().await;
    let additions = (0..MAX_QUANTITY + 15).map(|_| stage.add(CART, EMAIL_ONLY, (ProductId(5), 1)));
    let answers = join_all(additions).await;
    let full = answers.iter().filter(|answer| answer.status == StatusCode::CONFLICT).count();
    assert_eq!(full, 15);
    let view: CartView = stage.get(&format!("/carts/{CART}")).await.read();
    assert_eq!(view.lines[0].quantity, MAX_QUANTITY);
}

#[tokio::test(start_paused = true)]
async fn a_cart_holds_so_many_products_and_no_more() {
    let stage = Stage::set().await;
    let products = (0..MAX_LINES as u32 + 10).map(ProductId);
    let additions = products.map(|product| stage.add(CART, EMAIL_ONLY, (product, 1)));
    let answers = join_all(additions).await;
    let full = answers.iter().filter(|answer| answer.status == StatusCode::CONFLICT).count();
    assert_eq!(full, 10);
    let view: CartView = stage.get(&format!("/carts/{CART}")).await.read();
    assert_eq!(view.lines.len(), MAX_LINES);
    // A product that is in the full cart already may still grow.
    let there = view.lines[0].product;
    assert_eq!(stage.add(CART, EMAIL_ONLY, (there, 1)).await.status, StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn a_cart_expires_a_day_after_its_last_change() {
    let stage = Stage::set().await;
    stage.add(CART, EMAIL_ONLY, (ProductId(5), 1)).await;
    let created = number(&stage.items(CARTS_TABLE).await[0], "expires_at");
    let now_s = stage.clock.now_ms() / 1_000;
    assert!((now_s + DAY_S - 1..=now_s + DAY_S).contains(&created), "{created} at {now_s}");
    tokio::time::advance(std::time::Duration::from_secs(3_600)).await;
    stage.add(CART, EMAIL_ONLY, (ProductId(5), 1)).await;
    let item = &stage.items(CARTS_TABLE).await[0];
    assert!(number(item, "expires_at") >= created + 3_600);
    assert_eq!(text(item, "customer_id"), EMAIL_ONLY.to_string());
}

#[tokio::test(start_paused = true)]
async fn what_a_cart_cannot_take_is_refused_and_leaves_no_cart() {
    let stage = Stage::set().await;
    let unknown = stage.add(CART, EMAIL_ONLY, (ProductId(u32::MAX), 1)).await;
    assert_eq!(unknown.problem(), problem(404, "not-found"));
    let path = format!("/carts/{CART}/items");
    for body in [
        json!({}),
        json!({ "customer": EMAIL_ONLY, "product": "seven", "quantity": 1 }),
        json!({ "customer": EMAIL_ONLY, "product": ProductId(7), "quantity": -1 }),
        json!({ "customer": EMAIL_ONLY, "product": ProductId(7), "quantity": 1.5 }),
        json!(null),
    ] {
        let answer = stage.ask(request(Method::POST, &path, &body)).await;
        assert_eq!(answer.problem(), problem(400, "bad-request"), "{body}");
    }
    let mut garbage = request(Method::POST, &path, &());
    *garbage.body_mut() = Bytes::from_static(b"\xff{");
    assert_eq!(stage.ask(garbage).await.problem(), problem(400, "bad-request"));
    let nameless = stage.get("/carts/basket").await;
    assert_eq!(nameless.problem(), problem(400, "bad-request"));
    assert!(stage.items(CARTS_TABLE).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_empty_cart_has_no_price_list() {
    let stage = Stage::set().await;
    stage.put_empty_cart(CART, EMAIL_ONLY).await;
    let view: CartView = stage.get(&format!("/carts/{CART}")).await.read();
    assert_eq!((view.lines.len(), view.total), (0, Money(0)));
    let path = format!("/priced-carts/{CART}");
    let answer = Answer::of(&stage.carts.handle(request(Method::GET, &path, &())).await);
    assert_eq!(answer.problem(), problem(409, "empty-cart"));
}
