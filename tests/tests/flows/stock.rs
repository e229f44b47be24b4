//! Stock under contention: what is sold is exactly what there was.

use std::sync::Arc;

use futures::future::join_all;
use securecart_cloud::Shaping;
use securecart_domain::{
    Money, Order, OrderId, ProductId, Timestamp, cart::PricedLine, message::InventoryMessage,
    random, resources::INVENTORY_QUEUE,
};
use securecart_services::{Letter, Provider};

use crate::stage::{EMAIL_ONLY, PIECES, Stage};

/// A product that everybody wants.
const HOT: ProductId = ProductId(0);

/// Attempts after which a reservation must have an outcome.
const ATTEMPTS: u32 = 100;

fn order(number: u64, lines: &[(ProductId, u32)]) -> Order {
    let unit_price = Money(100);
    let line =
        |&(product, quantity): &(ProductId, u32)| PricedLine { product, quantity, unit_price };
    let lines: Vec<PricedLine> = lines.iter().map(line).collect();
    let total = lines.iter().map(PricedLine::total).sum();
    let id = OrderId(random::mix(number));
    Order { id, customer: EMAIL_ONLY, lines, total, placed_at: Timestamp(0) }
}

/// Each order as a message of the inventory queue that was received.
async fn letters(stage: &Stage, orders: &[Order]) -> Vec<Letter> {
    for order in orders {
        let body = serde_json::to_string(&InventoryMessage::Reserve { order: order.clone() });
        stage.send(INVENTORY_QUEUE, &body.expect("plain data")).await;
    }
    let mailbox = stage.mailbox(INVENTORY_QUEUE);
    let mut letters = Vec::new();
    while letters.len() < orders.len() {
        letters.extend(mailbox.receive(10).await.expect("messages"));
    }
    letters
}

/// Tries until there is an outcome: a collision sends a message back to its queue.
async fn reserve(stage: &Stage, letter: &Letter) {
    for _ in 0..ATTEMPTS {
        if stage.inventory.handle(letter).await.is_ok() {
            return;
        }
    }
    panic!("no outcome after {ATTEMPTS} attempts: {letter:?}");
}

async fn reserved(stage: &Stage, orders: &[Order]) -> Vec<bool> {
    let mut reserved = Vec::new();
    for order in orders {
        let outcomes = stage.reservations(order.id).await;
        let [outcome] = outcomes.as_slice() else { panic!("{}: {outcomes:?}", order.id) };
        reserved.push(outcome == "reserved");
    }
    reserved
}

#[tokio::test(start_paused = true)]
async fn hundreds_of_reservations_at_once_sell_exactly_the_stock() {
    let stage = Stage::set().await;
    let orders: Vec<Order> = (0..400).map(|number| order(number, &[(HOT, 5)])).collect();
    let letters = letters(&stage, &orders).await;
    join_all(letters.iter().map(|letter| reserve(&stage, letter))).await;
    let sold = reserved(&stage, &orders).await.iter().filter(|reserved| **reserved).count();
    assert_eq!(sold, PIECES as usize / 5);
    assert_eq!(stage.available(HOT).await, 0);
}

#[tokio::test(start_paused = true)]
async fn uneven_orders_over_shared_products_conserve_every_product() {
    let stage = Stage::set().await;
    let orders: Vec<Order> = (0..300)
        .map(|number| {
            let drawn = random::mix(number ^ 0x51);
            let other = ProductId(1 + (drawn % 3) as u32);
            order(
                number,
                &[(HOT, 1 + (drawn >> 8) as u32 % 19), (other, 1 + (drawn >> 16) as u32 % 9)],
            )
        })
        .collect();
    let before = join_all((0..4).map(|id| stage.available(ProductId(id)))).await;
    let letters = letters(&stage, &orders).await;
    // Each twice at the same time: a reservation races against itself too.
    let twice = letters.iter().chain(&letters);
    join_all(twice.map(|letter| reserve(&stage, letter))).await;
    let reserved = reserved(&stage, &orders).await;
    assert!(reserved.contains(&true) && reserved.contains(&false));
    for (id, before) in before.into_iter().enumerate() {
        let product = ProductId(id as u32);
        let sold: u32 = orders
            .iter()
            .zip(&reserved)
            .filter(|(_, reserved)| **reserved)
            .flat_map(|(order, _)| &order.lines)
            .filter(|line| line.product == product)
            .map(|line| line.quantity)
            .sum();
        assert_eq!(sold + stage.available(product).await, before, "{product}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn reservations_on_many_threads_sell_exactly_the_stock() {
    let provider = Provider::new(1.0, 1.0);
    let stage = Arc::new(Stage::with(Shaping::None, provider).await);
    let orders: Vec<Order> = (0..300).map(|number| order(number, &[(HOT, 5)])).collect();
    let letters = letters(&stage, &orders).await;
    let tasks = letters.into_iter().map(|letter| {
        let stage = Arc::clone(&stage);
        tokio::spawn(async move { reserve(&stage, &letter).await })
    });
    for task in join_all(tasks).await {
        task.expect("a reservation ends");
    }
    let sold = reserved(&stage, &orders).await.iter().filter(|reserved| **reserved).count();
    assert_eq!(sold, PIECES as usize / 5);
    assert_eq!(stage.available(HOT).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_product_that_inventory_does_not_know_has_no_stock() {
    let stage = Stage::set().await;
    let orders = [order(1, &[(ProductId(u32::MAX), 1)])];
    let letters = letters(&stage, &orders).await;
    reserve(&stage, &letters[0]).await;
    assert_eq!(reserved(&stage, &orders).await, [false]);
}
