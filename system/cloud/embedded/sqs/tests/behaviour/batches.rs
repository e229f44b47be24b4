//! Batches: their rules, and entries that fail by themselves.

use serde_json::{Value, json};

use crate::harness::{Harness, url};

fn entries(ids: &[&str]) -> Value {
    ids.iter()
        .map(|id| {
            json!({"Id": id, "MessageBody": format!("body {id}"), "ReceiptHandle": "r",
                "VisibilityTimeout": 1})
        })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn all_batches_have_the_same_rules() {
    let harness = Harness::with_queue("q", json!({})).await;
    let eleven: Vec<String> = (0..11).map(|n| n.to_string()).collect();
    let eleven: Vec<&str> = eleven.iter().map(String::as_str).collect();
    let long = "i".repeat(81);
    for operation in ["SendMessageBatch", "DeleteMessageBatch", "ChangeMessageVisibilityBatch"] {
        for (ids, code, message) in [
            (&[][..], "EmptyBatchRequest", ""),
            (
                &eleven[..],
                "TooManyEntriesInBatchRequest",
                "Maximum number of entries per request are 10. You have sent 11.",
            ),
            (&["a", "b", "a"][..], "BatchEntryIdsNotDistinct", "Id a repeated."),
            (&["a", ""][..], "InvalidBatchEntryId", ""),
            (
                &["invalid:id"][..],
                "InvalidBatchEntryId",
                "A batch entry id can only contain alphanumeric characters, hyphens and \
                 underscores. It can be at most 80 letters long.",
            ),
            (&[&*long][..], "InvalidBatchEntryId", ""),
        ] {
            let body = json!({"QueueUrl": url("q"), "Entries": entries(ids)});
            let (got, said) = harness.refusal(operation, body).await;
            assert_eq!(got, format!("AWS.SimpleQueueService.{code}"));
            assert!(message.is_empty() || said == message, "{said}");
        }
    }
    assert_eq!(harness.metrics("q").sent, 0);
}

#[tokio::test(start_paused = true)]
async fn entries_succeed_and_fail_by_themselves() {
    let harness = Harness::with_queue("q", json!({})).await;
    let body = json!({"QueueUrl": url("q"), "Entries": [
        {"Id": "good", "MessageBody": "msg",
            "MessageAttributes": {"Foo": {"DataType": "String", "StringValue": "Bar"}}},
        {"Id": "control", "MessageBody": "\u{1}"},
        {"Id": "late", "MessageBody": "m", "DelaySeconds": 1_000},
    ]});
    let answer = harness.call("SendMessageBatch", body).await.expect("a valid batch");
    let good = &answer["Successful"];
    assert_eq!(good.as_array().map(Vec::len), Some(1));
    assert_eq!(good[0]["Id"], "good");
    assert_eq!(good[0]["MD5OfMessageBody"], "6e2baaf3b97dbeef01c0043275f9a0e7");
    assert_eq!(good[0]["MD5OfMessageAttributes"], "ae7155c6026991b6d54b11589678bf9c");
    let failed: Vec<(&Value, &Value, &Value)> = answer["Failed"]
        .as_array()
        .expect("two")
        .iter()
        .map(|entry| (&entry["Id"], &entry["Code"], &entry["SenderFault"]))
        .collect();
    assert_eq!(
        failed,
        [
            (&json!("control"), &json!("InvalidMessageContents"), &json!(true)),
            (&json!("late"), &json!("InvalidParameterValue"), &json!(true)),
        ]
    );
    let handle = harness.receive("q").await.remove(0).handle;
    let body = json!({"QueueUrl": url("q"), "Entries": [
        {"Id": "a", "ReceiptHandle": handle, "VisibilityTimeout": 0},
        {"Id": "b", "ReceiptHandle": "x", "VisibilityTimeout": 0},
        {"Id": "c", "ReceiptHandle": handle},
    ]});
    let answer = harness.call("ChangeMessageVisibilityBatch", body).await.expect("valid");
    assert_eq!(answer["Successful"], json!([{"Id": "a"}]));
    assert_eq!(answer["Failed"][0]["Code"], "ReceiptHandleIsInvalid");
    assert_eq!(answer["Failed"][1]["Code"], "MissingParameter");
    let body = json!({"QueueUrl": url("q"), "Entries": [{"Id": "a", "ReceiptHandle": handle}]});
    let answer = harness.call("DeleteMessageBatch", body).await.expect("valid");
    assert_eq!(answer, json!({"Successful": [{"Id": "a"}]}));
    assert_eq!(harness.counts("q").await, (0, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_limited_as_a_whole() {
    let harness = Harness::with_queue("q", json!({})).await;
    let batch = |extra: usize| {
        json!({"QueueUrl": url("q"), "Entries": [
            {"Id": "1", "MessageBody": "x".repeat(1_048_576 - 100)},
            {"Id": "2", "MessageBody": "y".repeat(100 + extra)},
        ]})
    };
    let (code, message) = harness.refusal("SendMessageBatch", batch(1)).await;
    assert_eq!(code, "AWS.SimpleQueueService.BatchRequestTooLong");
    assert_eq!(
        message,
        "Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes."
    );
    harness.call("SendMessageBatch", batch(0)).await.expect("just fits");
    assert_eq!(harness.counts("q").await, (2, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_fifo_batch_keeps_its_order_and_its_numbers() {
    let harness = Harness::with_queue("q.fifo", json!({"FifoQueue": "true"})).await;
    let entries: Vec<Value> = (0..10)
        .map(|n| {
            json!({"Id": n.to_string(), "MessageBody": n.to_string(), "MessageGroupId": "g",
                "MessageDeduplicationId": (n / 2).to_string()})
        })
        .collect();
    let body = json!({"QueueUrl": url("q.fifo"), "Entries": entries});
    let answer = harness.call("SendMessageBatch", body).await.expect("valid");
    let sent = answer["Successful"].as_array().expect("ten");
    assert_eq!(sent.len(), 10);
    assert_eq!(sent[0]["SequenceNumber"], sent[1]["SequenceNumber"]);
    assert!(sent[1]["SequenceNumber"].as_str() < sent[2]["SequenceNumber"].as_str());
    assert_eq!(harness.bodies("q.fifo").await, ["0", "2", "4", "6", "8"]);
}
