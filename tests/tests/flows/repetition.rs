//! Queues deliver at least once: messages that come again, doubled or in any order change nothing.

use futures::future::join_all;
use securecart_domain::{
    OrderId, ProductId,
    event::Channel,
    resources::{INVENTORY_QUEUE, ORDERS_QUEUE, QUEUES},
};

use crate::{
    queues::{Care, Handled, OF_SERVICES},
    stage::{BOTH_CHANNELS, EMAIL_ONLY, PIECES, RARE, RARE_PIECES, Stage},
};

/// What a shipped order comes to, however often its messages came.
async fn shipped_once(stage: &Stage, order: OrderId, channels: &[Channel]) {
    assert_eq!(stage.state(order).await, "shipped", "{order}");
    let total = stage.order(order).await.order.total.0;
    let acts = ["authorised", "captured"].map(|act| (act.to_owned(), total));
    assert_eq!(stage.payments(order).await, acts.into(), "{order}");
    assert_eq!(stage.reservations(order).await, ["reserved"], "{order}");
    let notice = |channel: &Channel| (format!("OrderShipped#{}", channel.as_str()), 1);
    assert_eq!(stage.notices(order).await, channels.iter().map(notice).collect(), "{order}");
    let shipments = stage.shipments.0.lock();
    assert_eq!(shipments.iter().filter(|shipped| **shipped == order).count(), 1, "{order}");
}

fn at_least_twice(handled: &Handled) {
    for queue in OF_SERVICES {
        let mut times = handled.times.iter().filter(|((of, _), _)| of == queue);
        assert!(times.all(|(_, times)| *times >= 4), "{queue}: {:?}", handled.times);
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_whose_every_message_is_repeated_ships_once() {
    let stage = Stage::set().await;
    let order = stage.buy(1, BOTH_CHANNELS, &[(ProductId(5), 2), (ProductId(9), 1)]).await;
    let handled = stage.settle(Care::Twice).await;
    at_least_twice(&handled);
    shipped_once(&stage, order, &[Channel::Email, Channel::Sms]).await;
    assert_eq!(stage.available(ProductId(5)).await, PIECES - 2);
    assert_eq!(stage.available(ProductId(9)).await, PIECES - 1);
    for queue in QUEUES {
        assert!(stage.take_dead_letters(queue).await.is_empty(), "{queue}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_rejected_order_whose_every_message_is_repeated_is_rejected_once() {
    let stage = Stage::set().await;
    let order = stage.buy(1, BOTH_CHANNELS, &[(RARE, RARE_PIECES + 1)]).await;
    stage.settle(Care::Twice).await;
    assert_eq!(stage.state(order).await, "rejected");
    let total = stage.order(order).await.order.total.0;
    let acts = ["authorised", "voided"].map(|act| (act.to_owned(), total));
    assert_eq!(stage.payments(order).await, acts.into());
    assert_eq!(stage.reservations(order).await, ["rejected"]);
    assert_eq!(stage.available(RARE).await, RARE_PIECES);
    let notices = ["OrderRejected#email", "OrderRejected#sms"].map(|notice| (notice.to_owned(), 1));
    assert_eq!(stage.notices(order).await, notices.into());
    assert!(stage.shipments.0.lock().is_empty());
}

#[tokio::test(start_paused = true)]
async fn many_orders_at_once_with_every_message_repeated_conserve_the_stock() {
    let stage = Stage::set().await;
    let numbers = 0..12_u64;
    let orders =
        join_all(numbers.map(|number| stage.buy(number, EMAIL_ONLY, &[(ProductId(5), 3)])));
    let orders = orders.await;
    stage.settle(Care::Twice).await;
    for &order in &orders {
        shipped_once(&stage, order, &[Channel::Email]).await;
    }
    assert_eq!(stage.available(ProductId(5)).await, PIECES - 3 * 12);
}

#[tokio::test(start_paused = true)]
async fn messages_of_a_finished_order_that_come_days_later_change_nothing() {
    let stage = Stage::set().await;
    let order = stage.buy(1, EMAIL_ONLY, &[(ProductId(5), 1)]).await;
    let handled = stage.settle(Care::Once).await;
    shipped_once(&stage, order, &[Channel::Email]).await;
    let finished = stage.order(order).await;
    tokio::time::advance(std::time::Duration::from_secs(3 * 24 * 3_600)).await;
    for queue in [INVENTORY_QUEUE, ORDERS_QUEUE] {
        for (of, body) in handled.times.keys() {
            if of == queue {
                stage.send(queue, body).await;
            }
        }
    }
    let again = stage.settle(Care::Once).await;
    assert!(again.failures.is_empty(), "{:?}", again.failures);
    shipped_once(&stage, order, &[Channel::Email]).await;
    assert_eq!(stage.order(order).await, finished);
    assert_eq!(stage.available(ProductId(5)).await, PIECES - 1);
}
