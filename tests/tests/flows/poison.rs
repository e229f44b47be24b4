//! Messages that can't be handled end in the dead-letter queue; others go on meanwhile.

use securecart_domain::{
    Money, OrderId, ProductId, Timestamp,
    event::{Channel, EventDetail, EventKind},
    message::OrderMessage,
    resources::{INVENTORY_QUEUE, ORDERS_QUEUE, QUEUES},
};
use securecart_services::Failure;

use crate::{
    queues::{Care, OF_SERVICES},
    stage::{EMAIL_ONLY, Stage},
};

/// Receives after which a message that fails is given up.
const RECEIVES: u32 = 5;

#[tokio::test(start_paused = true)]
async fn poison_in_every_queue_is_given_up_after_five_receives_and_orders_go_on() {
    let stage = Stage::set().await;
    let poison = ["{\"kind\":\"placed\"}", "not json", "{\"kind\":\"refund\"}", "[]"];
    for queue in QUEUES {
        for body in poison {
            stage.send(queue, body).await;
        }
    }
    let order = stage.buy(1, EMAIL_ONLY, &[(ProductId(5), 1)]).await;
    let handled = stage.settle(Care::Once).await;
    assert_eq!(stage.state(order).await, "shipped");
    assert_eq!(stage.notices(order).await.len(), 1);
    for queue in QUEUES {
        let mut dead = stage.take_dead_letters(queue).await;
        dead.sort_unstable();
        let mut expected = poison;
        expected.sort_unstable();
        assert_eq!(dead, expected, "{queue}");
        for body in poison.iter().filter(|_| OF_SERVICES.contains(&queue)) {
            let times = handled.times[&(queue.to_owned(), (*body).to_owned())];
            assert_eq!(times, RECEIVES, "{queue}: {body}");
        }
    }
    assert!(handled.failures.iter().all(|failure| matches!(failure, Failure::Refused { .. })));
}

fn stock_message(order: u64, outcome: EventKind) -> String {
    let detail = EventDetail {
        order: OrderId(order),
        customer: EMAIL_ONLY,
        total: Money(100),
        placed_at: Timestamp(0),
        channels: vec![Channel::Email],
    };
    serde_json::to_string(&OrderMessage::Stock { outcome, detail }).expect("plain data")
}

#[tokio::test(start_paused = true)]
async fn outcomes_that_cannot_be_are_given_up_and_change_nothing() {
    let stage = Stage::set().await;
    let rejected = stage.buy(1, EMAIL_ONLY, &[(crate::stage::RARE, 20)]).await;
    stage.settle(Care::Once).await;
    assert_eq!(stage.state(rejected).await, "rejected");
    let before = stage.order(rejected).await;
    let impossible = [
        // An order that nobody placed.
        stock_message(1, EventKind::StockReserved),
        stock_message(1, EventKind::StockRejected),
        // An order that ended otherwise.
        stock_message(rejected.0, EventKind::StockReserved),
        // Something else that happened.
        stock_message(rejected.0, EventKind::OrderShipped),
    ];
    for body in &impossible {
        stage.send(ORDERS_QUEUE, body).await;
    }
    let handled = stage.settle(Care::Once).await;
    assert_eq!(handled.failures.len(), impossible.len() * RECEIVES as usize);
    let mut dead = stage.take_dead_letters(ORDERS_QUEUE).await;
    dead.sort_unstable();
    let mut expected = impossible.to_vec();
    expected.sort_unstable();
    assert_eq!(dead, expected);
    assert_eq!(stage.order(rejected).await, before);
    assert!(!stage.payments(rejected).await.contains_key("captured"));
    assert!(stage.payments(OrderId(1)).await.is_empty());
    assert!(stage.take(INVENTORY_QUEUE).await.is_empty());
}
