//! At-least-once delivery: messages that come twice.

use std::collections::BTreeMap;

use proptest::prelude::*;
use securecart_embedded_wire::QueueDelivery;
use serde_json::json;

use crate::harness::{Harness, arn, pass, redrive, url};

#[tokio::test(start_paused = true)]
async fn a_copy_is_the_same_message_and_lives_its_own_life() {
    let harness = Harness::with_queue("q", json!({"VisibilityTimeout": "10"})).await;
    assert!(harness.sqs.set_duplicates("q", 1.0));
    let request = json!({
        "QueueUrl": url("q"), "MessageBody": "order",
        "MessageAttributes": {"kind": {"DataType": "String", "StringValue": "placed"}},
    });
    let sent = harness.call("SendMessage", request).await.expect("sent");
    assert_eq!(harness.counts("q").await, (2, 0, 0));
    let all = json!({"AttributeNames": ["All"], "MessageAttributeNames": ["All"]});
    let got = harness.receive_with("q", all.clone()).await;
    let [first, second] = &got[..] else { panic!("{got:?}") };
    assert_ne!(first.handle, second.handle);
    for copy in [first, second] {
        assert_eq!(
            (&copy.id, copy.body.as_str()),
            (&sent["MessageId"].as_str().expect("an id").to_owned(), "order")
        );
        assert_eq!(copy.all["MessageAttributes"], first.all["MessageAttributes"]);
        assert_eq!(copy.all["Attributes"]["ApproximateReceiveCount"], "1");
    }
    harness.delete("q", &first.handle).await.expect("deleted");
    assert_eq!(harness.counts("q").await, (0, 1, 0));
    pass(10).await;
    let again = harness.receive_with("q", all).await;
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].all["Attributes"]["ApproximateReceiveCount"], "2");
    harness.delete("q", &again[0].handle).await.expect("deleted");
    let metrics = harness.metrics("q");
    assert_eq!((metrics.sent, metrics.duplicated, metrics.deleted), (1, 1, 2));
    assert_eq!(harness.counts("q").await, (0, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn whoever_sends_and_however_long_it_is_delayed() {
    let harness = Harness::with_queue("q", json!({"DelaySeconds": "5"})).await;
    assert!(harness.sqs.set_duplicates("q", 1.0));
    let delivery = QueueDelivery {
        queue_arn: arn("q"),
        body: "event".to_owned(),
        attributes: Vec::new(),
        message_group_id: None,
        message_deduplication_id: None,
    };
    harness.sqs.deliver(&delivery).expect("delivered");
    let entries = json!([{"Id": "a", "MessageBody": "a"}, {"Id": "b", "MessageBody": "b"}]);
    let batch = json!({"QueueUrl": url("q"), "Entries": entries});
    harness.call("SendMessageBatch", batch).await.expect("sent");
    assert_eq!(harness.counts("q").await, (0, 0, 6));
    pass(5).await;
    let mut bodies = harness.bodies("q").await;
    bodies.sort();
    assert_eq!(bodies, ["a", "a", "b", "b", "event", "event"]);
}

#[tokio::test(start_paused = true)]
async fn both_copies_may_die() {
    let harness = Harness::with_queue("dlq", json!({})).await;
    let attributes = json!({"RedrivePolicy": redrive("dlq", 1), "VisibilityTimeout": "0"});
    harness.create("q", attributes).await;
    assert!(harness.sqs.set_duplicates("q", 1.0));
    harness.send("q", "poison").await;
    while harness.metrics("q").visible > 0 {
        harness.receive("q").await;
    }
    assert_eq!(harness.counts("dlq").await, (2, 0, 0));
    // What a task moves was not sent: it comes as it is.
    let start = json!({"SourceArn": arn("dlq")});
    harness.call("StartMessageMoveTask", start).await.expect("started");
    pass(1).await;
    assert_eq!(harness.counts("q").await, (2, 0, 0));
    assert_eq!(harness.metrics("q").duplicated, 1);
}

#[tokio::test(start_paused = true)]
async fn a_fifo_queue_and_a_queue_that_is_not_there_have_none() {
    let harness = Harness::with_queue("q.fifo", json!({"FifoQueue": "true"})).await;
    assert!(!harness.sqs.set_duplicates("q.fifo", 1.0));
    assert!(!harness.sqs.set_duplicates("none", 1.0));
    harness.send_fifo("q.fifo", "g", "m").await;
    assert_eq!(harness.counts("q.fifo").await, (1, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn the_share_is_kept_and_one_seed_doubles_the_same_messages() {
    let doubled = async |share: f64| {
        let harness = Harness::with_queue("q", json!({})).await;
        assert!(harness.sqs.set_duplicates("q", share));
        let mut doubled = Vec::new();
        for n in 0..10_000 {
            let before = harness.metrics("q").duplicated;
            harness.send("q", "m").await;
            if harness.metrics("q").duplicated > before {
                doubled.push(n);
            }
        }
        doubled
    };
    let some = doubled(0.1).await;
    // Ten standard deviations are 300.
    assert!((700..=1_300).contains(&some.len()), "{}", some.len());
    assert_eq!(some, doubled(0.1).await);
    for (share, count) in [(0.0, 0), (-1.0, 0), (f64::NAN, 0), (1.0, 10_000), (7.0, 10_000)] {
        assert_eq!(doubled(share).await.len(), count, "{share}");
    }
}

/// Works a queue off as a consumer does that forgets some of its messages.
async fn seen(share: f64, count: usize, forgets: &[bool]) -> (BTreeMap<String, usize>, u64) {
    let harness = Harness::with_queue("q", json!({"VisibilityTimeout": "1"})).await;
    assert!(harness.sqs.set_duplicates("q", share));
    for n in 0..count {
        harness.send("q", &n.to_string()).await;
    }
    let mut deleted = BTreeMap::new();
    let mut forgets = forgets.iter().copied();
    while harness.metrics("q").visible + harness.metrics("q").in_flight > 0 {
        for message in harness.receive("q").await {
            if !forgets.next().unwrap_or(false) {
                harness.delete("q", &message.handle).await.expect("deleted");
                *deleted.entry(message.body).or_default() += 1;
            }
        }
        pass(1).await;
    }
    let metrics = harness.metrics("q");
    assert_eq!(metrics.deleted, metrics.sent + metrics.duplicated);
    (deleted, metrics.duplicated)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_message_comes_at_least_once_and_at_most_twice_for_good(
        share in 0.0_f64..=1.0,
        count in 1_usize..60,
        forgets in prop::collection::vec(any::<bool>(), 0..60),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime");
        let (seen, duplicated) = runtime.block_on(seen(share, count, &forgets));
        prop_assert_eq!(seen.len(), count);
        prop_assert!(seen.values().all(|copies| (1..=2).contains(copies)));
        let copies: usize = seen.values().sum();
        prop_assert_eq!(copies as u64, count as u64 + duplicated);
    }
}
