//! Flow 7: each order is looked at again; a hit cancels it before it ships.

use std::{sync::Arc, time::Duration};

use futures::future::join_all;
use http::StatusCode;
use securecart_cloud::Role;
use securecart_domain::{
    CartId, OrderId, ProductId, ServiceName,
    api::Accepted,
    event::EventKind,
    message::{InventoryMessage, Notification},
    resources::{
        DEEP_FRAUD_FUNCTION, FRAUD_FUNCTION, INVENTORY_QUEUE, ORDER_EVENTS_QUEUE, ORDERS_QUEUE,
        QUEUES,
    },
};
use securecart_services::{Fulfilment, Mailbox, Observer, Peer, Publisher};

use crate::{
    decisions::found_out_key,
    queues::{Care, OF_SERVICES},
    stage::{
        Answer, BOTH_CHANNELS, EMAIL_ONLY, PIECES, RARE, RARE_PIECES, Stage, checkout, fine_key,
        problem,
    },
};

/// What was bought each time.
const LINES: [(ProductId, u32); 2] = [(ProductId(5), 2), (ProductId(9), 1)];

/// Long enough for a mapping to take a message and the function to handle it.
const A_WHILE: Duration = Duration::from_secs(40);

impl Stage {
    /// An order that the deeper check will find out.
    async fn buy_found_out(&self, number: u64) -> OrderId {
        let cart = CartId(1_000 + number);
        for line in LINES {
            assert_eq!(self.add(cart, BOTH_CHANNELS, line).await.status, StatusCode::OK);
        }
        let answer = self.ask(checkout(&found_out_key(number), cart, BOTH_CHANNELS)).await;
        answer.read::<Accepted>().order
    }

    /// Nobody looks at orders again, until [`Stage::look_again`].
    fn look_away(&self) {
        self.throttle(DEEP_FRAUD_FUNCTION, Some(0));
    }

    /// Looks at every order that waits for it.
    async fn look_again(&self) {
        self.throttle(DEEP_FRAUD_FUNCTION, None);
        tokio::time::sleep(A_WHILE).await;
    }

    fn throttle(&self, function: &str, reserved: Option<u32>) {
        self.cloud.engine().throttle_function(function, reserved).expect("it is registered");
    }

    /// Handles what is in a queue now.
    async fn step(&self, queue: &str) {
        let mailbox = self.mailbox(queue);
        for letter in mailbox.receive(10).await.expect("messages") {
            self.handle(queue, &letter).await.expect("handled");
            mailbox.delete(&letter).await.expect("deleted");
        }
    }

    /// The order is cancelled, and nothing is left of it: `acts` are all that was done with money.
    async fn is_undone(&self, order: OrderId, acts: &[&str]) {
        assert_eq!(self.state(order).await, "cancelled", "{order}");
        let total = self.order(order).await.order.total.0;
        let acts = acts.iter().map(|act| ((*act).to_owned(), total)).collect();
        assert_eq!(self.payments(order).await, acts, "{order}");
        assert_eq!(self.reservations(order).await, ["released"], "{order}");
        let notices =
            ["OrderCancelled#email", "OrderCancelled#sms"].map(|notice| (notice.to_owned(), 1));
        assert_eq!(self.notices(order).await, notices.into(), "{order}");
        assert!(!self.shipments.0.lock().contains(&order), "{order} shipped");
    }

    async fn all_stock_is_left(&self) {
        for (product, _) in LINES {
            assert_eq!(self.available(product).await, PIECES, "{product}");
        }
    }

    async fn nothing_is_dead(&self) {
        for queue in QUEUES {
            assert!(self.take_dead_letters(queue).await.is_empty(), "{queue}");
        }
    }

    /// The event of an order that was taken up, as its queue carries it.
    async fn event(&self, order: OrderId) -> String {
        let placed = self.order(order).await.order;
        let detail = securecart_domain::event::EventDetail {
            order,
            customer: BOTH_CHANNELS,
            total: placed.total,
            placed_at: placed.placed_at,
            channels: securecart_domain::event::Channel::of(BOTH_CHANNELS).to_vec(),
        };
        let event = Notification { kind: EventKind::OrderPlaced, detail };
        serde_json::to_string(&event).expect("plain data")
    }
}

#[tokio::test(start_paused = true)]
async fn a_hit_before_inventory_has_answered_cancels_the_order() {
    let stage = Stage::set().await;
    let order = stage.buy_found_out(1).await;
    stage.step(ORDERS_QUEUE).await;
    // Inventory has the order in its queue while it is cancelled.
    tokio::time::sleep(A_WHILE).await;
    assert_eq!(stage.state(order).await, "cancelled");
    let handled = stage.settle(Care::Once).await;
    assert!(handled.failures.is_empty(), "{:?}", handled.failures);
    stage.is_undone(order, &["authorised", "voided"]).await;
    stage.all_stock_is_left().await;
    stage.nothing_is_dead().await;
}

#[tokio::test(start_paused = true)]
async fn a_hit_after_the_stock_is_set_aside_puts_it_back() {
    let stage = Stage::set().await;
    stage.look_away();
    let order = stage.buy_found_out(1).await;
    stage.step(ORDERS_QUEUE).await;
    stage.step(INVENTORY_QUEUE).await;
    assert_eq!(stage.available(ProductId(5)).await, PIECES - 2);
    stage.look_again().await;
    assert_eq!(stage.state(order).await, "cancelled");
    let handled = stage.settle(Care::Once).await;
    assert!(handled.failures.is_empty(), "{:?}", handled.failures);
    stage.is_undone(order, &["authorised", "voided"]).await;
    stage.all_stock_is_left().await;
    stage.nothing_is_dead().await;
}

#[tokio::test(start_paused = true)]
async fn a_release_that_overtakes_the_reservation_leaves_none() {
    let stage = Stage::set().await;
    stage.look_away();
    let order = stage.buy_found_out(1).await;
    stage.step(ORDERS_QUEUE).await;
    let reservation = stage.take(INVENTORY_QUEUE).await;
    stage.look_again().await;
    // The release only.
    stage.step(INVENTORY_QUEUE).await;
    assert_eq!(stage.reservations(order).await, ["released"]);
    for body in reservation {
        stage.send(INVENTORY_QUEUE, &body).await;
    }
    stage.settle(Care::Once).await;
    stage.is_undone(order, &["authorised", "voided"]).await;
    stage.all_stock_is_left().await;
}

/// A fulfilment whose payment service takes `time` after each capture, or before it.
fn slow_fulfilment(stage: &Stage, time: Duration, is_before: bool) -> Fulfilment {
    let aws = stage.cloud.clients(Role::Service(ServiceName::Fulfilment));
    let payment = Arc::clone(&stage.payment);
    let slow = Peer::new("payment", move |request| {
        let payment = Arc::clone(&payment);
        Box::pin(async move {
            let wait = if request.uri().path() == "/captures" { time } else { Duration::ZERO };
            if is_before {
                tokio::time::sleep(wait).await;
            }
            let response = payment.handle(request).await;
            if !is_before {
                tokio::time::sleep(wait).await;
            }
            response
        })
    });
    Fulfilment::new(
        securecart_database::Orders::new(stage.database.connections("fulfilment")),
        Mailbox::new(aws.sqs, stage.resources.queue_url(INVENTORY_QUEUE)),
        slow,
        Publisher::new(aws.eventbridge),
        Arc::clone(&stage.shipments) as Arc<dyn Observer>,
        stage.clock,
    )
}

#[tokio::test(start_paused = true)]
async fn money_that_is_captured_while_the_order_is_cancelled_is_given_back() {
    for is_before in [false, true] {
        let stage = Stage::set().await;
        stage.look_away();
        let order = stage.buy_found_out(1).await;
        stage.step(ORDERS_QUEUE).await;
        stage.step(INVENTORY_QUEUE).await;
        let fulfilment = slow_fulfilment(&stage, 2 * A_WHILE, is_before);
        let mailbox = stage.mailbox(ORDERS_QUEUE);
        let letters = mailbox.receive(10).await.expect("messages");
        let handling = fulfilment.handle(&letters[0]);
        let (handled, ()) = futures::future::join(handling, stage.look_again()).await;
        handled.expect("a cancelled order is no failure");
        mailbox.delete(&letters[0]).await.expect("deleted");
        stage.settle(Care::Once).await;
        let voided = ["authorised", "captured", "refunded", "voided"];
        let acts = if is_before { &voided[..] } else { &voided[..3] };
        stage.is_undone(order, acts).await;
        stage.all_stock_is_left().await;
        stage.nothing_is_dead().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_hit_after_shipping_does_nothing() {
    let stage = Stage::set().await;
    stage.look_away();
    let order = stage.buy_found_out(1).await;
    for queue in [ORDERS_QUEUE, INVENTORY_QUEUE, ORDERS_QUEUE] {
        stage.step(queue).await;
    }
    let shipped = stage.order(order).await;
    assert_eq!(stage.state(order).await, "shipped");
    stage.look_again().await;
    let handled = stage.settle(Care::Once).await;
    assert!(handled.failures.is_empty(), "{:?}", handled.failures);
    assert_eq!(stage.order(order).await, shipped);
    assert!(!stage.payments(order).await.contains_key("refunded"));
    assert_eq!(stage.reservations(order).await, ["reserved"]);
    let notices = ["OrderShipped#email", "OrderShipped#sms"].map(|name| (name.to_owned(), 1));
    assert_eq!(stage.notices(order).await, notices.into());
    stage.nothing_is_dead().await;
}

#[tokio::test(start_paused = true)]
async fn a_rejected_order_stays_rejected() {
    let stage = Stage::set().await;
    stage.look_away();
    let cart = CartId(1);
    stage.add(cart, EMAIL_ONLY, (RARE, RARE_PIECES + 1)).await;
    let answer = stage.ask(checkout(&found_out_key(1), cart, EMAIL_ONLY)).await;
    let order = answer.read::<Accepted>().order;
    for queue in [ORDERS_QUEUE, INVENTORY_QUEUE, ORDERS_QUEUE] {
        stage.step(queue).await;
    }
    stage.look_again().await;
    stage.settle(Care::Once).await;
    assert_eq!(stage.state(order).await, "rejected");
    assert_eq!(stage.reservations(order).await, ["rejected"]);
    assert_eq!(stage.notices(order).await, [("OrderRejected#email".to_owned(), 1)].into());
}

#[tokio::test(start_paused = true)]
async fn an_order_without_stock_that_is_cancelled_first_is_cancelled_alone() {
    let stage = Stage::set().await;
    stage.look_away();
    let cart = CartId(1);
    stage.add(cart, EMAIL_ONLY, (RARE, RARE_PIECES + 1)).await;
    let answer = stage.ask(checkout(&found_out_key(1), cart, EMAIL_ONLY)).await;
    let order = answer.read::<Accepted>().order;
    stage.step(ORDERS_QUEUE).await;
    stage.step(INVENTORY_QUEUE).await;
    stage.look_again().await;
    let handled = stage.settle(Care::Once).await;
    assert!(handled.failures.is_empty(), "{:?}", handled.failures);
    assert_eq!(stage.state(order).await, "cancelled");
    assert_eq!(stage.reservations(order).await, ["rejected"]);
    assert_eq!(stage.notices(order).await, [("OrderCancelled#email".to_owned(), 1)].into());
    stage.nothing_is_dead().await;
}

#[tokio::test(start_paused = true)]
async fn events_and_messages_that_come_again_cancel_once() {
    let stage = Stage::set().await;
    let order = stage.buy_found_out(1).await;
    stage.step(ORDERS_QUEUE).await;
    tokio::time::sleep(A_WHILE).await;
    stage.settle(Care::Twice).await;
    stage.is_undone(order, &["authorised", "voided"]).await;
    let cancelled = stage.order(order).await;
    let event = stage.event(order).await;
    for _ in 0..3 {
        stage.send(ORDER_EVENTS_QUEUE, &event).await;
    }
    tokio::time::sleep(A_WHILE).await;
    stage.settle(Care::Twice).await;
    stage.is_undone(order, &["authorised", "voided"]).await;
    assert_eq!(stage.order(order).await, cancelled);
    stage.all_stock_is_left().await;
    let release = serde_json::to_string(&InventoryMessage::Release { order }).expect("plain data");
    stage.send(INVENTORY_QUEUE, &release).await;
    stage.settle(Care::Twice).await;
    stage.all_stock_is_left().await;
    stage.nothing_is_dead().await;
}

#[tokio::test(start_paused = true)]
async fn hits_race_against_fulfilment_and_every_order_has_one_end() {
    let stage = Stage::set().await;
    let mut orders = Vec::new();
    for number in 0..6 {
        orders.push(stage.buy_found_out(number).await);
        let fine = stage.buy(number, EMAIL_ONLY, &[(ProductId(7), 1)]).await;
        orders.push(fine);
    }
    stage.settle(Care::Twice).await;
    let mut sold = 0;
    for &order in &orders {
        let payments = stage.payments(order).await;
        let has = |act: &str| payments.contains_key(act);
        match stage.state(order).await.as_str() {
            "shipped" => {
                assert!(has("captured") && !has("refunded") && !has("voided"), "{payments:?}");
                assert_eq!(stage.reservations(order).await, ["reserved"]);
                let kinds: Vec<String> = stage.notices(order).await.into_keys().collect();
                assert!(kinds.iter().all(|kind| kind.starts_with("OrderShipped")), "{kinds:?}");
                sold += u32::from(orders.iter().position(|of| *of == order).is_some_and(even)) * 2;
            }
            "cancelled" => {
                assert_eq!(has("captured"), has("refunded"), "{payments:?}");
                assert!(has("refunded") || has("voided"), "{payments:?}");
                assert_eq!(stage.reservations(order).await, ["released"]);
                let kinds: Vec<String> = stage.notices(order).await.into_keys().collect();
                assert!(kinds.iter().all(|kind| kind.starts_with("OrderCancelled")), "{kinds:?}");
            }
            other => panic!("{order} is {other}"),
        }
    }
    assert_eq!(stage.available(ProductId(5)).await, PIECES - sold);
    stage.nothing_is_dead().await;
}

/// Orders that will be found out stand at even places.
fn even(place: usize) -> bool {
    place.is_multiple_of(2)
}

#[tokio::test(start_paused = true)]
async fn events_that_nobody_looks_at_end_among_the_dead_letters_and_orders_ship() {
    let stage = Stage::set().await;
    stage.look_away();
    let order = stage.buy_found_out(1).await;
    for queue in [ORDERS_QUEUE, INVENTORY_QUEUE, ORDERS_QUEUE] {
        stage.step(queue).await;
    }
    stage.settle(Care::Once).await;
    assert_eq!(stage.state(order).await, "shipped");
    let dead = stage.take_dead_letters(ORDER_EVENTS_QUEUE).await;
    let [event] = dead.as_slice() else { panic!("{dead:?}") };
    let event: Notification = serde_json::from_str(event).expect("the event");
    assert_eq!((event.kind, event.detail.order), (EventKind::OrderPlaced, order));
    for queue in OF_SERVICES {
        assert!(stage.take_dead_letters(queue).await.is_empty(), "{queue}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_checkout_whose_fraud_check_is_throttled_fails_and_can_be_tried_again() {
    let stage = Stage::set().await;
    let (cart, key) = (CartId(1), fine_key(1));
    stage.add(cart, EMAIL_ONLY, LINES[0]).await;
    stage.throttle(FRAUD_FUNCTION, Some(0));
    let refused = stage.ask(checkout(&key, cart, EMAIL_ONLY)).await;
    assert_eq!(refused.problem(), problem(503, "dependency-failed"));
    let metrics = stage.cloud.engine().function_metrics();
    let fraud = metrics.iter().find(|found| found.name == FRAUD_FUNCTION).expect("registered");
    assert_eq!((fraud.throttles, fraud.invocations), (3, 0), "the SDK tries three times");
    stage.throttle(FRAUD_FUNCTION, None);
    let accepted = stage.ask(checkout(&key, cart, EMAIL_ONLY)).await;
    assert_eq!(accepted.status, StatusCode::ACCEPTED);
}

#[tokio::test(start_paused = true)]
async fn many_checkouts_at_once_wait_for_cold_starts_and_later_ones_do_not() {
    let stage = Stage::set().await;
    for round in 0..2_u64 {
        let answers: Vec<Answer> = join_all((0..20).map(async |n| {
            let number = 100 * round + n;
            let cart = CartId(number);
            stage.add(cart, EMAIL_ONLY, LINES[0]).await;
            stage.ask(checkout(&fine_key(number), cart, EMAIL_ONLY)).await
        }))
        .await;
        assert!(answers.iter().all(|answer| answer.status == StatusCode::ACCEPTED));
    }
    let metrics = stage.cloud.engine().function_metrics();
    let fraud = metrics.iter().find(|found| found.name == FRAUD_FUNCTION).expect("registered");
    assert_eq!(fraud.invocations, 40);
    assert_eq!(fraud.cold_starts, fraud.environments, "each environment started once");
    assert!(fraud.cold_starts <= 20, "{fraud:?}");
}
