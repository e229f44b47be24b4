//! An emulator that is another process, for real. Needs one: SECURECART_TEST_ENDPOINT.
#![forbid(unsafe_code)]

use std::time::Duration;

use securecart_clock::Clock;
use securecart_cloud::{Cloud, Endpoint, Role, Shaping, Stock, provision, remove};
use securecart_domain::{
    ProductId,
    resources::{EMAIL_QUEUE, NOTIFICATIONS_TOPIC, ORDERS_QUEUE, STOCK_TABLE},
};
use securecart_embedded::Engine;

#[expect(clippy::disallowed_methods, reason = "a test is told where the emulator is")]
fn cloud() -> Cloud {
    let url = std::env::var("SECURECART_TEST_ENDPOINT").expect("SECURECART_TEST_ENDPOINT");
    let endpoint: Endpoint = url.parse().expect("an endpoint");
    let engine = Engine::new(Clock::starting_at(1_795_737_600_000), 1);
    Cloud::at_endpoint(&endpoint, engine, Shaping::Modelled { seed: 1 })
}

async fn until(mut what: impl FnMut() -> bool) {
    for _ in 0..100 {
        if what() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it does not happen within ten seconds");
}

#[tokio::test]
#[ignore = "needs an emulator: SECURECART_TEST_ENDPOINT"]
async fn resources_come_work_and_go() {
    let cloud = cloud();
    let clients = cloud.clients(Role::Harness);
    remove(&clients).await.expect("what an earlier run left");
    let stock = (0..60).map(|n| Stock { product: ProductId(n), pieces: 5 }).collect();
    let resources = provision(&clients, stock).await.expect("an empty AWS takes everything");
    let stocked = clients.dynamodb.scan().table_name(STOCK_TABLE).send().await.expect("Scan");
    assert_eq!(stocked.count, 60);

    cloud.watch_queues(&resources);
    until(|| cloud.is_drained()).await;
    let topics = clients.sns.list_topics().send().await.expect("ListTopics");
    let mut topic = topics.topics().iter().filter_map(|topic| topic.topic_arn());
    let topic = topic.find(|arn| arn.ends_with(NOTIFICATIONS_TOPIC)).expect("a topic");
    let message = r#"{"detail":{"channels":["email"]}}"#;
    clients.sns.publish().topic_arn(topic).message(message).send().await.expect("Publish");
    let depth = |queue: &str| {
        let metrics = cloud.queue_metrics();
        metrics.iter().find(|metrics| metrics.name == queue).map_or(0, |metrics| metrics.visible)
    };
    until(|| depth(EMAIL_QUEUE) == 1).await;
    assert!(!cloud.is_drained());

    let url = resources.queue_url(EMAIL_QUEUE);
    let received = clients.sqs.receive_message().queue_url(&url).send().await.expect("a message");
    let message = received.messages().first().expect("it was delivered");
    assert_eq!(message.body(), Some(r#"{"detail":{"channels":["email"]}}"#));
    let handle = message.receipt_handle().expect("a handle");
    clients.sqs.delete_message().queue_url(&url).receipt_handle(handle).send().await.expect("done");
    until(|| cloud.is_drained()).await;
    let metrics = cloud.queue_metrics();
    let email = metrics.iter().find(|queue| queue.name == EMAIL_QUEUE).expect("it is watched");
    assert_eq!((email.sent, email.received, email.deleted), (1, 1, 1));

    let orders = clients.sqs.get_queue_url().queue_name(ORDERS_QUEUE);
    orders.clone().send().await.expect("it is there");
    assert!(remove(&clients).await.expect("everything goes") > 15);
    orders.send().await.expect_err("it is gone");
    assert_eq!(remove(&clients).await.expect("nothing is there"), 0);
}
