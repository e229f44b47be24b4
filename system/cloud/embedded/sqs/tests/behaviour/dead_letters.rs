//! Dead-letter queues, and deliveries from other services.

use securecart_embedded_wire::{QueueDelivery, TargetError};
use serde_json::json;

use crate::harness::{EPOCH_MS, Harness, arn, pass, redrive, url};

#[tokio::test(start_paused = true)]
async fn a_message_received_too_often_moves_with_its_identity() {
    let harness = Harness::with_queue("dlq", json!({})).await;
    let attributes = json!({"RedrivePolicy": redrive("dlq", 2), "VisibilityTimeout": "1"});
    harness.create("q", attributes).await;
    let sent = harness.send("q", "poison").await;
    for _ in 0..2 {
        assert_eq!(harness.bodies("q").await, ["poison"]);
        pass(1).await;
    }
    assert_eq!(harness.counts("q").await, (1, 0, 0));
    assert!(harness.receive("q").await.is_empty());
    assert_eq!(harness.counts("q").await, (0, 0, 0));
    assert_eq!(harness.counts("dlq").await, (1, 0, 0));
    let (q, dlq) = (harness.metrics("q"), harness.metrics("dlq"));
    assert_eq!((q.dead_lettered, q.received, dlq.sent, dlq.oldest_age_ms), (1, 2, 0, 0));

    let dead = harness.receive_with("dlq", json!({"AttributeNames": ["All"]})).await.remove(0);
    assert_eq!(dead.id, sent["MessageId"]);
    let attributes = &dead.all["Attributes"];
    assert_eq!(attributes["DeadLetterQueueSourceArn"], arn("q"));
    assert_eq!(attributes["ApproximateReceiveCount"], "3");
    assert_eq!(attributes["SentTimestamp"], EPOCH_MS.to_string());
}

#[tokio::test(start_paused = true)]
async fn poison_does_not_hide_what_is_behind_it() {
    let harness = Harness::with_queue("dlq", json!({})).await;
    let attributes = json!({"RedrivePolicy": redrive("dlq", 1), "VisibilityTimeout": "0"});
    harness.create("q", attributes).await;
    for n in 0..25 {
        harness.send("q", &format!("poison {n}")).await;
    }
    for _ in 0..3 {
        harness.receive("q").await;
    }
    harness.send("q", "good").await;
    assert_eq!(harness.bodies("q").await, ["good"]);
    assert_eq!(harness.counts("dlq").await, (25, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_fifo_group_goes_on_behind_its_dead_message() {
    let harness = Harness::with_queue("dlq.fifo", json!({"FifoQueue": "true"})).await;
    let attributes = json!({
        "FifoQueue": "true", "RedrivePolicy": redrive("dlq.fifo", 1), "VisibilityTimeout": "1",
    });
    harness.create("q.fifo", attributes).await;
    harness.send_fifo("q.fifo", "g", "m1").await;
    assert_eq!(harness.bodies("q.fifo").await, ["m1"]);
    harness.send_fifo("q.fifo", "g", "m2").await;
    assert!(harness.receive("q.fifo").await.is_empty());
    pass(1).await;
    assert_eq!(harness.bodies("q.fifo").await, ["m2"]);
    let dead = harness.receive_with("dlq.fifo", json!({"AttributeNames": ["All"]})).await;
    assert_eq!(dead[0].body, "m1");
    // Retention starts anew in a FIFO queue.
    assert_eq!(dead[0].all["Attributes"]["SentTimestamp"], (EPOCH_MS + 1_000).to_string());
}

#[tokio::test(start_paused = true)]
async fn without_its_dead_letter_queue_a_message_stays() {
    let harness = Harness::with_queue("dlq", json!({})).await;
    let attributes = json!({"RedrivePolicy": redrive("dlq", 1), "VisibilityTimeout": "0"});
    harness.create("q", attributes).await;
    harness.send("q", "m").await;
    harness.call("DeleteQueue", json!({"QueueUrl": url("dlq")})).await.expect("deleted");
    for _ in 0..3 {
        assert_eq!(harness.bodies("q").await, ["m"]);
    }
    assert_eq!(harness.counts("q").await, (1, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_poll_at_the_dead_letter_queue_is_woken() {
    let harness = Harness::with_queue("dlq", json!({})).await;
    let attributes = json!({"RedrivePolicy": redrive("dlq", 1), "VisibilityTimeout": "0"});
    harness.create("q", attributes).await;
    harness.send("q", "m").await;
    harness.receive("q").await;
    let wait = json!({"WaitTimeSeconds": 20});
    let (dead, ()) = tokio::join!(harness.receive_with("dlq", wait), async {
        pass(2).await;
        assert!(harness.receive("q").await.is_empty());
    });
    assert_eq!(dead.len(), 1);
    assert_eq!(harness.clock.now_ms(), EPOCH_MS + 2_000);
}

#[tokio::test(start_paused = true)]
async fn other_services_deliver_under_the_same_rules() {
    let harness = Harness::with_queue("q", json!({"DelaySeconds": "1"})).await;
    harness.create("q.fifo", json!({"FifoQueue": "true"})).await;
    let delivery = |queue: &str| QueueDelivery {
        queue_arn: arn(queue),
        body: "event".to_owned(),
        attributes: vec![
            ("kind".to_owned(), "String".to_owned(), "order".to_owned()),
            ("raw".to_owned(), "Binary".to_owned(), "AAE=".to_owned()),
        ],
        message_group_id: None,
        message_deduplication_id: None,
    };
    harness.sqs.deliver(&delivery("q")).expect("delivered");
    assert_eq!(harness.counts("q").await, (0, 0, 1));
    pass(1).await;
    let got = harness.receive_with("q", json!({"MessageAttributeNames": ["All"]})).await.remove(0);
    assert_eq!(got.all["MessageAttributes"]["kind"]["StringValue"], "order");
    assert_eq!(got.all["MessageAttributes"]["raw"]["BinaryValue"], "AAE=");

    for refused in [delivery("none"), delivery("q.fifo")] {
        let error = harness.sqs.deliver(&refused).expect_err("refused");
        assert!(matches!(error, TargetError::Permanent(_)), "{error}");
    }
    let mut fifo = delivery("q.fifo");
    fifo.message_group_id = Some("g".to_owned());
    fifo.message_deduplication_id = Some("d".to_owned());
    harness.sqs.deliver(&fifo).expect("delivered");
    harness.sqs.deliver(&fifo).expect("a duplicate is accepted");
    assert_eq!(harness.bodies("q.fifo").await, ["event"]);
}
