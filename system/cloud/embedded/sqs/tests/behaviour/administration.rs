//! Queues themselves: creating, finding, listing, attributes, tags, purging, deleting.

use serde_json::{Value, json};

use crate::harness::{Harness, arn, pass, redrive, url};

const MISSING: &str = "AWS.SimpleQueueService.NonExistentQueue";

#[tokio::test(start_paused = true)]
async fn creating_again_needs_the_same_attributes() {
    let harness = Harness::new();
    let made = harness.create("q", json!({"DelaySeconds": "1"})).await;
    assert_eq!(made, url("q"));
    assert_eq!(harness.create("q", json!({"DelaySeconds": "1"})).await, made);
    assert_eq!(harness.create("q", json!({})).await, made);
    let body = json!({"QueueName": "q", "Attributes": {"DelaySeconds": "2"}});
    let (code, message) = harness.refusal("CreateQueue", body).await;
    assert_eq!(code, "QueueAlreadyExists");
    assert_eq!(
        message,
        "A queue already exists with the same name and a different value for attribute DelaySeconds"
    );
}

#[tokio::test(start_paused = true)]
async fn names_and_types_fit_each_other() {
    let harness = Harness::new();
    harness.create(&"n".repeat(80), json!({})).await;
    harness.create("q.fifo", json!({"FifoQueue": "true"})).await;
    for (name, attributes, code) in [
        ("", json!({}), "InvalidParameterValue"),
        ("a b", json!({}), "InvalidParameterValue"),
        (&*"n".repeat(81), json!({}), "InvalidParameterValue"),
        ("q.fifo", json!({}), "InvalidParameterValue"),
        ("q", json!({"FifoQueue": "true"}), "InvalidParameterValue"),
        (".fifo", json!({"FifoQueue": "true"}), "InvalidParameterValue"),
        ("q", json!({"FifoQueue": "false"}), "InvalidAttributeName"),
        ("q", json!({"Nonsense": "1"}), "InvalidAttributeName"),
        ("q", json!({"DelaySeconds": "901"}), "InvalidAttributeValue"),
    ] {
        let body = json!({"QueueName": name, "Attributes": attributes});
        assert_eq!(harness.refusal("CreateQueue", body.clone()).await.0, code, "{body}");
    }
    assert_eq!(harness.refusal("CreateQueue", json!({})).await.0, "MissingParameter");
}

#[tokio::test(start_paused = true)]
async fn every_operation_on_a_missing_queue_says_so() {
    let harness = Harness::new();
    let entry = json!([{"Id": "a", "MessageBody": "m", "ReceiptHandle": "r"}]);
    for operation in [
        "DeleteQueue",
        "PurgeQueue",
        "GetQueueAttributes",
        "SetQueueAttributes",
        "TagQueue",
        "UntagQueue",
        "ListQueueTags",
        "SendMessage",
        "SendMessageBatch",
        "ReceiveMessage",
        "DeleteMessage",
        "DeleteMessageBatch",
        "ChangeMessageVisibility",
        "ChangeMessageVisibilityBatch",
        "ListDeadLetterSourceQueues",
    ] {
        let body = json!({"QueueUrl": url("none"), "Entries": entry});
        let (code, message) = harness.refusal(operation, body).await;
        assert_eq!((&*code, &*message), (MISSING, "The specified queue does not exist."));
        assert_eq!(harness.refusal(operation, json!({})).await.0, "MissingParameter");
    }
    let body = json!({"QueueUrl": "nonsense"});
    assert_eq!(harness.refusal("PurgeQueue", body).await.0, "InvalidAddress");
    let body = json!({"QueueUrl": "http://x/111111111111/q"});
    assert_eq!(harness.refusal("PurgeQueue", body).await.0, MISSING);
    assert_eq!(harness.refusal("GetQueueUrl", json!({"QueueName": "none"})).await.0, MISSING);
    let unknown = harness.call("AddPermission", json!({})).await.expect_err("not offered");
    assert_eq!(unknown.code, "UnknownOperationException");
}

#[tokio::test(start_paused = true)]
async fn a_queue_is_found_by_its_name_and_owner() {
    let harness = Harness::with_queue("q", json!({})).await;
    let body = json!({"QueueName": "q", "QueueOwnerAWSAccountId": "000000000000"});
    let answer = harness.call("GetQueueUrl", body).await.expect("found");
    assert_eq!(answer["QueueUrl"], url("q"));
    let body = json!({"QueueName": "q", "QueueOwnerAWSAccountId": "111111111111"});
    assert_eq!(harness.refusal("GetQueueUrl", body).await.0, MISSING);
}

#[tokio::test(start_paused = true)]
async fn lists_go_by_prefix_and_page() {
    let harness = Harness::new();
    assert_eq!(harness.call("ListQueues", json!({})).await, Ok(json!({})));
    for name in ["b-1", "a-2", "a-1", "a-3"] {
        harness.create(name, json!({})).await;
    }
    let all = harness.call("ListQueues", json!({})).await.expect("listed");
    assert_eq!(all, json!({"QueueUrls": [url("a-1"), url("a-2"), url("a-3"), url("b-1")]}));
    let request = json!({"QueueNamePrefix": "a", "MaxResults": 2});
    let page = harness.call("ListQueues", request).await.expect("listed");
    assert_eq!(page["QueueUrls"], json!([url("a-1"), url("a-2")]));
    let request = json!({"QueueNamePrefix": "a", "MaxResults": 2, "NextToken": page["NextToken"]});
    let rest = harness.call("ListQueues", request).await.expect("listed");
    assert_eq!(rest, json!({"QueueUrls": [url("a-3")]}));
    for wrong in [json!({"MaxResults": 0}), json!({"MaxResults": 1_001}), json!({"NextToken": "?"})]
    {
        assert_eq!(harness.refusal("ListQueues", wrong).await.0, "InvalidParameterValue");
    }
}

#[tokio::test(start_paused = true)]
async fn attributes_have_the_documented_defaults_and_change() {
    let harness = Harness::with_queue("q", json!({})).await;
    let expected = json!({
        "QueueArn": arn("q"),
        "ApproximateNumberOfMessages": "0",
        "ApproximateNumberOfMessagesNotVisible": "0",
        "ApproximateNumberOfMessagesDelayed": "0",
        "CreatedTimestamp": "1800000000",
        "LastModifiedTimestamp": "1800000000",
        "VisibilityTimeout": "30",
        "MaximumMessageSize": "1048576",
        "MessageRetentionPeriod": "345600",
        "DelaySeconds": "0",
        "ReceiveMessageWaitTimeSeconds": "0",
        "SqsManagedSseEnabled": "true",
    });
    assert_eq!(harness.attributes("q").await, expected);
    pass(5).await;
    harness.set("q", json!({"VisibilityTimeout": "69", "Policy": "{\"Version\":\"1\"}"})).await;
    let changed = harness.attributes("q").await;
    assert_eq!(changed["VisibilityTimeout"], "69");
    assert_eq!(changed["LastModifiedTimestamp"], "1800000005");
    assert_eq!(changed["Policy"], "{\"Version\":\"1\"}");
    let ask = |names: Value| {
        let body = json!({"QueueUrl": url("q"), "AttributeNames": names});
        harness.call("GetQueueAttributes", body)
    };
    assert_eq!(ask(json!([])).await, Ok(json!({})));
    assert_eq!(
        ask(json!(["DelaySeconds", "RedrivePolicy"])).await,
        Ok(json!({"Attributes": {"DelaySeconds": "0"}}))
    );
    assert_eq!(ask(json!(["Nope"])).await.expect_err("unknown").message, "Unknown Attribute Nope.");
    // A wrong attribute leaves all others as they were.
    let body = json!({"QueueUrl": url("q"),
        "Attributes": {"DelaySeconds": "5", "VisibilityTimeout": "-1"}});
    assert_eq!(harness.refusal("SetQueueAttributes", body).await.0, "InvalidAttributeValue");
    assert_eq!(harness.attributes("q").await, changed);
    let body = json!({"QueueUrl": url("q"), "Attributes": {"FifoQueue": "true"}});
    assert_eq!(harness.refusal("SetQueueAttributes", body).await.0, "InvalidAttributeName");
}

#[tokio::test(start_paused = true)]
async fn tags_are_merged_and_removed() {
    let harness = Harness::new();
    let body = json!({"QueueName": "q", "tags": {"team": "shop"}});
    harness.call("CreateQueue", body).await.expect("created");
    let tag = |tags: Value| harness.call("TagQueue", json!({"QueueUrl": url("q"), "Tags": tags}));
    tag(json!({"tier": "1", "team": "orders"})).await.expect("tagged");
    let tags = || harness.call("ListQueueTags", json!({"QueueUrl": url("q")}));
    assert_eq!(tags().await, Ok(json!({"Tags": {"team": "orders", "tier": "1"}})));
    let body = json!({"QueueUrl": url("q"), "TagKeys": ["team", "tier", "none"]});
    harness.call("UntagQueue", body).await.expect("untagged");
    assert_eq!(tags().await, Ok(json!({})));
    let many: serde_json::Map<String, Value> =
        (0..51).map(|n| (format!("k{n}"), json!("v"))).collect();
    assert!(tag(Value::Object(many)).await.is_err());
    assert!(tag(json!({"": "v"})).await.is_err());
    assert_eq!(tags().await, Ok(json!({})));
}

#[tokio::test(start_paused = true)]
async fn purging_spares_nothing_and_rests_a_minute() {
    let harness = Harness::with_queue("q", json!({})).await;
    harness.send("q", "taken").await;
    let handle = harness.receive("q").await.remove(0).handle;
    harness.send("q", "visible").await;
    let delayed = json!({"QueueUrl": url("q"), "MessageBody": "m", "DelaySeconds": 9});
    harness.call("SendMessage", delayed).await.expect("sent");
    assert_eq!(harness.counts("q").await, (1, 1, 1));
    let purge = || harness.call("PurgeQueue", json!({"QueueUrl": url("q")}));
    purge().await.expect("purged");
    assert_eq!(harness.counts("q").await, (0, 0, 0));
    harness.send("q", "after").await;
    harness.delete("q", &handle).await.expect("gone already");
    pass(30).await;
    assert_eq!(harness.counts("q").await, (1, 0, 0));
    let error = purge().await.expect_err("too soon");
    assert_eq!(error.status, 403);
    assert_eq!(error.message, "Only one PurgeQueue operation on q is allowed every 60 seconds.");
    pass(30).await;
    purge().await.expect("purged again");
}

#[tokio::test(start_paused = true)]
async fn a_deleted_queue_takes_its_messages_and_its_name_for_a_minute() {
    let harness = Harness::with_queue("q", json!({})).await;
    harness.send("q", "m").await;
    let handle = harness.receive("q").await.remove(0).handle;
    harness.call("DeleteQueue", json!({"QueueUrl": url("q")})).await.expect("deleted");
    assert!(harness.sqs.metrics().is_empty());
    pass(59).await;
    assert_eq!(
        harness.refusal("CreateQueue", json!({"QueueName": "q"})).await.0,
        "AWS.SimpleQueueService.QueueDeletedRecently"
    );
    pass(1).await;
    harness.create("q", json!({})).await;
    assert_eq!(harness.counts("q").await, (0, 0, 0));
    // A handle of the old queue is not one of the new.
    let error = harness.delete("q", &handle).await.expect_err("another queue");
    assert_eq!(error.code, "ReceiptHandleIsInvalid");
}

#[tokio::test(start_paused = true)]
async fn redrive_policies_need_a_fitting_and_willing_target() {
    let harness = Harness::with_queue("dlq", json!({})).await;
    harness.create("dlq.fifo", json!({"FifoQueue": "true"})).await;
    for (target, reason) in [
        ("none", "Reason: Dead letter target does not exist."),
        ("dlq.fifo", "Reason: Dead-letter queue must be same type of queue as the source."),
    ] {
        let body = json!({"QueueName": "q", "Attributes": {"RedrivePolicy": redrive(target, 3)}});
        let (code, message) = harness.refusal("CreateQueue", body).await;
        assert_eq!(code, "InvalidParameterValue");
        assert!(message.ends_with(reason), "{message}");
    }
    let allow = |permission: &str| {
        json!({"RedriveAllowPolicy":
        json!({"redrivePermission": permission}).to_string()})
    };
    harness.set("dlq", allow("denyAll")).await;
    let body = json!({"QueueName": "q", "Attributes": {"RedrivePolicy": redrive("dlq", 3)}});
    assert_eq!(harness.refusal("CreateQueue", body).await.0, "InvalidParameterValue");
    let by_queue = json!({"redrivePermission": "byQueue", "sourceQueueArns": [arn("q")]});
    harness.set("dlq", json!({"RedriveAllowPolicy": by_queue.to_string()})).await;
    harness.create("q", json!({"RedrivePolicy": redrive("dlq", 3)})).await;
    harness.create("other", json!({})).await;
    let body =
        json!({"QueueUrl": url("other"), "Attributes": {"RedrivePolicy": redrive("dlq", 3)}});
    assert_eq!(harness.refusal("SetQueueAttributes", body).await.0, "InvalidParameterValue");
    let sources = harness.call("ListDeadLetterSourceQueues", json!({"QueueUrl": url("dlq")})).await;
    assert_eq!(sources, Ok(json!({"queueUrls": [url("q")]})));
    harness.set("q", json!({"RedrivePolicy": ""})).await;
    let sources = harness.call("ListDeadLetterSourceQueues", json!({"QueueUrl": url("dlq")})).await;
    assert_eq!(sources, Ok(json!({})));
}
