//! FIFO queues: order of groups, deduplication, attempts, handles.

use serde_json::json;

use crate::harness::{Harness, pass, url};

const Q: &str = "q.fifo";

async fn fifo(more: serde_json::Value) -> Harness {
    let mut attributes = json!({"FifoQueue": "true"});
    attributes.as_object_mut().expect("object").extend(more.as_object().expect("o").clone());
    Harness::with_queue(Q, attributes).await
}

#[tokio::test(start_paused = true)]
async fn a_batch_comes_from_one_group_in_order_before_the_next() {
    let harness = fifo(json!({})).await;
    for id in ["a1", "b1", "a2", "c1", "b2", "a3"] {
        harness.send_fifo(Q, &id[..1], id).await;
    }
    assert_eq!(harness.bodies(Q).await, ["a1", "a2", "a3", "b1", "b2", "c1"]);
    assert_eq!(harness.counts(Q).await, (0, 6, 0));
}

#[tokio::test(start_paused = true)]
async fn a_group_waits_for_its_message_in_flight_and_others_do_not() {
    let harness = fifo(json!({})).await;
    for id in ["a1", "a2", "a3", "b1"] {
        harness.send_fifo(Q, &id[..1], id).await;
    }
    let one = json!({"MaxNumberOfMessages": 1});
    let a1 = harness.receive_with(Q, one.clone()).await.remove(0);
    assert_eq!(a1.body, "a1");
    assert_eq!(harness.bodies(Q).await, ["b1"]);
    assert!(harness.receive(Q).await.is_empty());
    harness.delete(Q, &a1.handle).await.expect("deleted");
    let two = harness.receive_with(Q, json!({"MaxNumberOfMessages": 2})).await;
    assert_eq!(two.iter().map(|m| &*m.body).collect::<Vec<_>>(), ["a2", "a3"]);
    // Given back in the wrong order, handed out in the right one, once none is in flight.
    harness.change(Q, &two[1].handle, 0).await.expect("given back");
    assert!(harness.receive(Q).await.is_empty());
    harness.change(Q, &two[0].handle, 0).await.expect("given back");
    assert_eq!(harness.bodies(Q).await, ["a2", "a3"]);
    pass(30).await;
    assert_eq!(harness.bodies(Q).await, ["b1", "a2", "a3"]);
}

#[tokio::test(start_paused = true)]
async fn expired_handles_are_refused() {
    let harness = fifo(json!({"VisibilityTimeout": "1"})).await;
    harness.send_fifo(Q, "g", "m").await;
    let old = harness.receive(Q).await.remove(0).handle;
    pass(1).await;
    let expired = format!(
        "Value {old} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired."
    );
    assert_eq!(harness.delete(Q, &old).await.expect_err("expired").message, expired);
    assert_eq!(harness.change(Q, &old, 5).await.expect_err("expired").message, expired);
    let new = harness.receive(Q).await.remove(0).handle;
    assert_eq!(harness.delete(Q, &old).await.expect_err("stale").message, expired);
    harness.delete(Q, &new).await.expect("deleted");
    harness.delete(Q, &new).await.expect("deleting twice is fine");
}

#[tokio::test(start_paused = true)]
async fn a_deduplication_id_counts_for_five_minutes_even_after_deletion() {
    let harness = fifo(json!({})).await;
    let first = harness.send_fifo(Q, "g", "m").await;
    let handle = harness.receive(Q).await.remove(0).handle;
    harness.delete(Q, &handle).await.expect("deleted");
    pass(299).await;
    let again = harness.send_fifo(Q, "other", "m").await;
    assert_eq!(
        (&again["MessageId"], &again["SequenceNumber"]),
        (&first["MessageId"], &first["SequenceNumber"])
    );
    assert_eq!(harness.counts(Q).await, (0, 0, 0));
    assert_eq!(harness.metrics(Q).sent, 1);
    pass(1).await;
    let new = harness.send_fifo(Q, "g", "m").await;
    assert_ne!(new["MessageId"], first["MessageId"]);
    let number = |sent: &serde_json::Value| -> u64 {
        let text = sent["SequenceNumber"].as_str().expect("a string");
        assert_eq!(text.len(), 20);
        text.parse().expect("a number")
    };
    assert!(number(&new) > number(&first));
    assert_eq!(harness.counts(Q).await, (1, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn content_and_scope_decide_what_is_a_duplicate() {
    let harness = fifo(json!({"ContentBasedDeduplication": "true"})).await;
    let send = |group: &str| {
        let body = json!({"QueueUrl": url(Q), "MessageBody": "same", "MessageGroupId": group});
        harness.call("SendMessage", body)
    };
    for group in ["a", "b"] {
        send(group).await.expect("accepted");
    }
    let got = harness.receive_with(Q, json!({"AttributeNames": ["All"]})).await;
    assert_eq!(got.len(), 1);
    // SHA-256 of "same".
    assert_eq!(
        got[0].all["Attributes"]["MessageDeduplicationId"],
        "0967115f2813a3541eaef77de9d9d5773f1c0c04314b0bbfe4ff3b3b1c55b5d5"
    );
    harness
        .set(Q, json!({"DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId"}))
        .await;
    for group in ["c", "c", "d"] {
        send(group).await.expect("accepted");
    }
    assert_eq!(harness.counts(Q).await, (2, 1, 0));
    harness.set(Q, json!({"ContentBasedDeduplication": "false"})).await;
    let message = send("e").await.expect_err("no id").message;
    assert!(message.contains("ContentBasedDeduplication enabled"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn parameters_of_standard_queues_are_refused() {
    let harness = fifo(json!({})).await;
    let body = json!({
        "QueueUrl": url(Q), "MessageBody": "m", "MessageGroupId": "g",
        "MessageDeduplicationId": "d", "DelaySeconds": 2,
    });
    assert_eq!(
        harness.refusal("SendMessage", body).await.1,
        "Value 2 for parameter DelaySeconds is invalid. Reason: The request include parameter that \
         is not valid for this queue type."
    );
    let body = json!({"QueueUrl": url(Q), "MessageBody": "m", "MessageDeduplicationId": "d"});
    assert_eq!(
        harness.refusal("SendMessage", body).await,
        (
            "MissingParameter".to_owned(),
            "The request must contain the parameter MessageGroupId.".to_owned()
        )
    );
}

#[tokio::test(start_paused = true)]
async fn a_new_queue_delay_also_holds_for_delayed_messages() {
    let harness = fifo(json!({"DelaySeconds": "60"})).await;
    for id in ["m1", "m2"] {
        harness.send_fifo(Q, "g", id).await;
    }
    pass(10).await;
    assert_eq!(harness.counts(Q).await, (0, 0, 2));
    harness.set(Q, json!({"DelaySeconds": "20"})).await;
    pass(9).await;
    assert_eq!(harness.counts(Q).await, (0, 0, 2));
    pass(1).await;
    assert_eq!(harness.bodies(Q).await, ["m1", "m2"]);
    harness.send_fifo(Q, "g", "m3").await;
    harness.set(Q, json!({"DelaySeconds": "0"})).await;
    assert_eq!(harness.counts(Q).await, (1, 2, 0));
}

#[tokio::test(start_paused = true)]
async fn an_attempt_can_be_repeated_until_its_messages_are_touched() {
    let harness = fifo(json!({})).await;
    for id in ["m1", "m2", "m3"] {
        harness.send_fifo(Q, "g", id).await;
    }
    let attempt = json!({"MaxNumberOfMessages": 2, "ReceiveRequestAttemptId": "try"});
    let first = harness.receive_with(Q, attempt.clone()).await;
    assert_eq!(first.len(), 2);
    pass(20).await;
    assert_eq!(harness.receive_with(Q, attempt.clone()).await, first);
    assert_eq!(harness.metrics(Q).received, 2);
    // The repeat renewed the visibility.
    pass(20).await;
    assert_eq!(harness.counts(Q).await, (1, 2, 0));
    harness.delete(Q, &first[0].handle).await.expect("deleted");
    assert!(harness.receive_with(Q, attempt).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn retention_and_purging_leave_no_group_behind() {
    let harness = fifo(json!({"MessageRetentionPeriod": "60"})).await;
    harness.send_fifo(Q, "g", "m1").await;
    let held = harness.receive_with(Q, json!({"VisibilityTimeout": 600})).await;
    harness.send_fifo(Q, "g", "m2").await;
    pass(59).await;
    harness.send_fifo(Q, "g", "m3").await;
    pass(1).await;
    // The message in flight went with its time, so the group goes on.
    assert_eq!(harness.counts(Q).await, (1, 0, 0));
    assert_eq!(harness.bodies(Q).await, ["m3"]);
    harness.delete(Q, &held[0].handle).await.expect("gone already");
    harness.call("PurgeQueue", json!({"QueueUrl": url(Q)})).await.expect("purged");
    harness.send_fifo(Q, "g", "m4").await;
    assert_eq!(harness.bodies(Q).await, ["m4"]);
}
