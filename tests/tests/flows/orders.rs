//! What a shopper sees of an order.

use securecart_domain::{
    OrderId, OrderState, ProductId,
    api::OrderView,
    resources::{INVENTORY_QUEUE, ORDERS_QUEUE},
};

use crate::stage::{EMAIL_ONLY, Stage, problem};

async fn state(stage: &Stage, order: OrderId) -> OrderState {
    let view: OrderView = stage.get(&format!("/orders/{order}")).await.read();
    assert_eq!(view.order, order);
    view.state
}

/// Handles the messages of a queue and deletes them; how many there were.
async fn step(stage: &Stage, queue: &str) -> usize {
    let mailbox = stage.mailbox(queue);
    let letters = mailbox.receive(10).await.expect("messages");
    for letter in &letters {
        stage.handle(queue, letter).await.expect("handled");
        mailbox.delete(letter).await.expect("deleted");
    }
    letters.len()
}

#[tokio::test(start_paused = true)]
async fn an_order_is_seen_where_it_is() {
    let stage = Stage::set().await;
    let order = stage.buy(1, EMAIL_ONLY, &[(ProductId(5), 1)]).await;
    assert_eq!(state(&stage, order).await, OrderState::Paid);
    assert_eq!(step(&stage, ORDERS_QUEUE).await, 1);
    assert_eq!(state(&stage, order).await, OrderState::Paid, "inventory has yet to answer");
    assert_eq!(step(&stage, INVENTORY_QUEUE).await, 1);
    assert_eq!(step(&stage, ORDERS_QUEUE).await, 1);
    assert_eq!(state(&stage, order).await, OrderState::Shipped);
}

#[tokio::test(start_paused = true)]
async fn an_order_that_is_not_there_is_a_404_and_one_that_cannot_be_a_400() {
    let stage = Stage::set().await;
    for (path, expected) in [
        ("/orders/o-000000000000002a", problem(404, "not-found")),
        ("/orders/42", problem(400, "bad-request")),
        ("/orders/", problem(404, "not-found")),
    ] {
        assert_eq!(stage.get(path).await.problem(), expected, "{path}");
    }
}
