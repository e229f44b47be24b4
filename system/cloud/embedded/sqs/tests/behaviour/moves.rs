//! Message move tasks.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{EPOCH_MS, Harness, arn, pass, redrive, url};

/// A queue `q` with the dead-letter queue `dlq`, in which are `count` messages of `q`.
async fn with_dead(count: usize) -> Harness {
    let harness = Harness::with_queue("dlq", json!({})).await;
    let attributes = json!({"RedrivePolicy": redrive("dlq", 1), "VisibilityTimeout": "0"});
    harness.create("q", attributes).await;
    for n in 0..count {
        harness.send("q", &n.to_string()).await;
    }
    while harness.metrics("q").visible > 0 {
        harness.receive("q").await;
    }
    assert_eq!(harness.counts("dlq").await.0, count as u64);
    harness
}

async fn start(harness: &Harness, more: Value) -> String {
    let mut body = json!({"SourceArn": arn("dlq")});
    body.as_object_mut().expect("object").extend(more.as_object().expect("object").clone());
    let answer = harness.call("StartMessageMoveTask", body).await.expect("started");
    answer["TaskHandle"].as_str().expect("a handle").to_owned()
}

async fn latest(harness: &Harness) -> Value {
    let body = json!({"SourceArn": arn("dlq")});
    harness.call("ListMessageMoveTasks", body).await.expect("listed")["Results"][0].clone()
}

#[tokio::test(start_paused = true)]
async fn messages_go_back_to_where_they_came_from_as_new_ones() {
    let harness = with_dead(100).await;
    pass(10).await;
    start(&harness, json!({})).await;
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert_eq!(harness.counts("dlq").await, (0, 0, 0));
    assert_eq!(harness.counts("q").await, (100, 0, 0));
    assert_eq!(
        latest(&harness).await,
        json!({
            "Status": "COMPLETED", "SourceArn": arn("dlq"), "StartedTimestamp": EPOCH_MS + 10_000,
            "ApproximateNumberOfMessagesMoved": 100, "ApproximateNumberOfMessagesToMove": 100,
        })
    );
    let got = harness.receive_with("q", json!({"AttributeNames": ["All"]})).await.remove(0);
    assert_eq!(got.all["Attributes"]["ApproximateReceiveCount"], "1");
    assert_eq!(got.all["Attributes"]["SentTimestamp"], (EPOCH_MS + 10_000).to_string());
    assert!(got.all["Attributes"].get("DeadLetterQueueSourceArn").is_none());
}

#[tokio::test(start_paused = true)]
async fn the_rate_is_kept_and_a_task_can_be_cancelled() {
    let harness = with_dead(10).await;
    harness.create("other", json!({})).await;
    let options = json!({"DestinationArn": arn("other"), "MaxNumberOfMessagesPerSecond": 2});
    let handle = start(&harness, options).await;
    let again = json!({"SourceArn": arn("dlq")});
    let (_, message) = harness.refusal("StartMessageMoveTask", again).await;
    assert!(message.starts_with("There is already a task running."), "{message}");
    tokio::time::sleep(Duration::from_millis(1_250)).await;
    assert_eq!(harness.counts("other").await.0, 3);
    let running = latest(&harness).await;
    assert_eq!((&running["Status"], &running["TaskHandle"]), (&json!("RUNNING"), &json!(handle)));
    let cancel = json!({"TaskHandle": handle});
    let answer = harness.call("CancelMessageMoveTask", cancel.clone()).await;
    assert_eq!(answer, Ok(json!({"ApproximateNumberOfMessagesMoved": 3})));
    assert_eq!(latest(&harness).await["Status"], "CANCELLING");
    pass(60).await;
    let ended = latest(&harness).await;
    assert_eq!(ended["Status"], "CANCELLED");
    assert_eq!(ended["MaxNumberOfMessagesPerSecond"], 2);
    assert_eq!((harness.counts("other").await.0, harness.counts("dlq").await.0), (3, 7));
    assert!(harness.call("CancelMessageMoveTask", cancel).await.is_err());
    start(&harness, json!({"MaxNumberOfMessagesPerSecond": 500})).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(latest(&harness).await["Status"], "COMPLETED");
}

#[tokio::test(start_paused = true)]
async fn a_task_that_cannot_go_on_leaves_the_message_where_it_is() {
    let harness = with_dead(3).await;
    harness.create("other", json!({})).await;
    start(&harness, json!({"DestinationArn": arn("other"), "MaxNumberOfMessagesPerSecond": 1}))
        .await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    harness.call("DeleteQueue", json!({"QueueUrl": url("other")})).await.expect("deleted");
    tokio::time::sleep(Duration::from_secs(2)).await;
    let failed = latest(&harness).await;
    assert_eq!(failed["Status"], "FAILED");
    assert_eq!(failed["FailureReason"], "AWS.SimpleQueueService.NonExistentQueue");
    assert_eq!(harness.counts("dlq").await, (2, 0, 0));

    // A message sent to the dead-letter queue by hand has no source to go back to.
    harness.call("PurgeQueue", json!({"QueueUrl": url("dlq")})).await.expect("purged");
    harness.send("dlq", "by hand").await;
    start(&harness, json!({})).await;
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert_eq!(latest(&harness).await["FailureReason"], "CouldNotDetermineMessageSource");
    assert_eq!(harness.counts("dlq").await, (1, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn wrong_tasks_are_refused() {
    let harness = with_dead(1).await;
    harness.create("q.fifo", json!({"FifoQueue": "true"})).await;
    for (body, code) in [
        (json!({}), "MissingParameter"),
        (json!({"SourceArn": "nonsense"}), "InvalidParameterValue"),
        (json!({"SourceArn": arn("none")}), "ResourceNotFoundException"),
        (json!({"SourceArn": arn("q")}), "InvalidParameterValue"),
        (
            json!({"SourceArn": arn("dlq"), "DestinationArn": arn("none")}),
            "ResourceNotFoundException",
        ),
        (json!({"SourceArn": arn("dlq"), "DestinationArn": arn("dlq")}), "InvalidParameterValue"),
        (
            json!({"SourceArn": arn("dlq"), "DestinationArn": arn("q.fifo")}),
            "InvalidParameterValue",
        ),
        (
            json!({"SourceArn": arn("dlq"), "MaxNumberOfMessagesPerSecond": 0}),
            "InvalidParameterValue",
        ),
        (
            json!({"SourceArn": arn("dlq"), "MaxNumberOfMessagesPerSecond": 501}),
            "InvalidParameterValue",
        ),
    ] {
        let refusal = harness.refusal("StartMessageMoveTask", body.clone()).await;
        assert_eq!(refusal.0, code, "{body}");
    }
    let (_, message) =
        harness.refusal("CancelMessageMoveTask", json!({"TaskHandle": "garbage"})).await;
    assert_eq!(message, "Value for parameter TaskHandle is invalid.");
    let listed = harness.call("ListMessageMoveTasks", json!({"SourceArn": arn("dlq")})).await;
    assert_eq!(listed, Ok(json!({"Results": []})));
    let body = json!({"SourceArn": arn("dlq"), "MaxResults": 11});
    assert_eq!(harness.refusal("ListMessageMoveTasks", body).await.0, "InvalidParameterValue");
}
