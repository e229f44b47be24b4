//! Flow 4: an order goes from the queue to the parcel, or ends without stock.

use aws_sdk_eventbridge::types::Target;
use aws_sdk_sqs::types::QueueAttributeName;
use securecart_domain::{ProductId, event, resources::BUS};
use serde_json::{Value, json};

use crate::{
    queues::Care,
    stage::{BOTH_CHANNELS, EMAIL_ONLY, PIECES, RARE, RARE_PIECES, Stage},
};

/// A queue that hears everything that is said on the bus.
async fn listen(stage: &Stage) -> String {
    let aws = stage.aws();
    let created = aws.sqs.create_queue().queue_name("listener").send().await.expect("a queue");
    let url = created.queue_url.expect("a URL");
    let attributes = aws.sqs.get_queue_attributes().queue_url(&url);
    let attributes = attributes.attribute_names(QueueAttributeName::QueueArn).send().await;
    let attributes = attributes.expect("attributes").attributes.expect("attributes");
    let pattern = json!({ "source": [event::SOURCE] }).to_string();
    let rule = aws.eventbridge.put_rule().name("listener").event_bus_name(BUS);
    rule.event_pattern(pattern).send().await.expect("a rule");
    let target = Target::builder().id("listener").arn(&attributes[&QueueAttributeName::QueueArn]);
    let targets = aws.eventbridge.put_targets().rule("listener").event_bus_name(BUS);
    targets.targets(target.build().expect("a target")).send().await.expect("a target");
    url
}

/// What was said, in the order of saying.
async fn heard(stage: &Stage, url: &str) -> Vec<String> {
    let mut said = Vec::new();
    loop {
        let receive = stage.aws().sqs.receive_message().queue_url(url).max_number_of_messages(10);
        let messages = receive.send().await.expect("messages").messages.unwrap_or_default();
        if messages.is_empty() {
            return said;
        }
        said.extend(messages.iter().map(|message| {
            let body = message.body.as_deref().expect("a body");
            let event: Value = serde_json::from_str(body).expect("an event");
            event["detail-type"].as_str().expect("a detail type").to_owned()
        }));
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_is_placed_reserved_captured_and_shipped() {
    let stage = Stage::set().await;
    let listener = listen(&stage).await;
    let order = stage.buy(1, BOTH_CHANNELS, &[(ProductId(5), 2), (ProductId(9), 1)]).await;
    let handled = stage.settle(Care::Once).await;
    assert!(handled.failures.is_empty(), "{:?}", handled.failures);

    assert_eq!(stage.state(order).await, "shipped");
    assert_eq!(*stage.shipments.0.lock(), [order]);

    let total = stage.order(order).await.order.total.0;
    let acts = ["authorised", "captured"].map(|act| (act.to_owned(), total));
    assert_eq!(stage.payments(order).await, acts.into());
    assert_eq!(stage.reservations(order).await, ["reserved"]);
    assert_eq!(stage.available(ProductId(5)).await, PIECES - 2);
    assert_eq!(stage.available(ProductId(9)).await, PIECES - 1);
    let notices = ["OrderShipped#email", "OrderShipped#sms"].map(|notice| (notice.to_owned(), 1));
    assert_eq!(stage.notices(order).await, notices.into());

    let said = heard(&stage, &listener).await;
    assert_eq!(said, ["OrderPlaced", "StockReserved", "PaymentCaptured", "OrderShipped"]);
}

#[tokio::test(start_paused = true)]
async fn an_order_without_stock_is_rejected_voided_and_its_owner_told() {
    let stage = Stage::set().await;
    let listener = listen(&stage).await;
    // One line has stock, the other has not: neither is set aside.
    let lines = [(ProductId(5), 1), (RARE, RARE_PIECES + 1)];
    let order = stage.buy(1, EMAIL_ONLY, &lines).await;
    let handled = stage.settle(Care::Once).await;
    assert!(handled.failures.is_empty(), "{:?}", handled.failures);

    assert_eq!(stage.state(order).await, "rejected");
    assert!(stage.shipments.0.lock().is_empty());
    let total = stage.order(order).await.order.total.0;
    let acts = ["authorised", "voided"].map(|act| (act.to_owned(), total));
    assert_eq!(stage.payments(order).await, acts.into());
    assert_eq!(stage.reservations(order).await, ["rejected"]);
    assert_eq!(stage.available(ProductId(5)).await, PIECES);
    assert_eq!(stage.available(RARE).await, RARE_PIECES);
    assert_eq!(stage.notices(order).await, [("OrderRejected#email".to_owned(), 1)].into());
    assert_eq!(heard(&stage, &listener).await, ["OrderPlaced", "StockRejected", "OrderRejected"]);
}

#[tokio::test(start_paused = true)]
async fn a_rejection_stands_when_stock_comes_back() {
    let stage = Stage::set().await;
    let order = stage.buy(1, EMAIL_ONLY, &[(RARE, RARE_PIECES + 1)]).await;
    let placed = stage.take(securecart_domain::resources::ORDERS_QUEUE).await;
    let [placed] = placed.as_slice() else { panic!("{placed:?}") };
    stage.send(securecart_domain::resources::ORDERS_QUEUE, placed).await;
    stage.settle(Care::Once).await;
    stage.restock(RARE, 100).await;
    stage.send(securecart_domain::resources::ORDERS_QUEUE, placed).await;
    stage.settle(Care::Once).await;
    assert_eq!(stage.state(order).await, "rejected");
    assert_eq!(stage.reservations(order).await, ["rejected"]);
    assert_eq!(stage.available(RARE).await, RARE_PIECES + 100);
    assert!(!stage.payments(order).await.contains_key("captured"));
}

#[tokio::test(start_paused = true)]
async fn the_last_pieces_go_to_those_who_come_first_and_nobody_else() {
    let stage = Stage::set().await;
    let mut orders = Vec::new();
    for number in 0..6 {
        orders.push(stage.buy(number, EMAIL_ONLY, &[(RARE, 1)]).await);
    }
    stage.settle(Care::Once).await;
    let mut states = Vec::new();
    for order in orders {
        states.push(stage.state(order).await);
    }
    let shipped = states.iter().filter(|state| *state == "shipped").count();
    assert_eq!(shipped, RARE_PIECES as usize, "{states:?}");
    assert_eq!(states.iter().filter(|state| *state == "rejected").count(), 4, "{states:?}");
    assert_eq!(stage.available(RARE).await, 0);
}
