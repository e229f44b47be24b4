//! Sending, receiving, visibility, delay, retention, handles.

use serde_json::json;

use crate::harness::{EPOCH_MS, Harness, pass, url};

#[tokio::test(start_paused = true)]
async fn a_message_goes_through_its_life() {
    let harness = Harness::with_queue("q", json!({"VisibilityTimeout": "10"})).await;
    let sent = harness.send("q", "msg").await;
    assert_eq!(sent["MD5OfMessageBody"], "6e2baaf3b97dbeef01c0043275f9a0e7");
    assert!(sent.get("MD5OfMessageAttributes").is_none() && sent.get("SequenceNumber").is_none());
    assert_eq!(harness.counts("q").await, (1, 0, 0));

    let first = harness.receive("q").await;
    assert_eq!((first.len(), &*first[0].body), (1, "msg"));
    assert_eq!(first[0].all["MD5OfBody"], sent["MD5OfMessageBody"]);
    assert!(first[0].all.get("Attributes").is_none());
    assert_eq!(harness.counts("q").await, (0, 1, 0));
    assert!(harness.receive("q").await.is_empty());

    pass(9).await;
    assert!(harness.receive("q").await.is_empty());
    pass(1).await;
    assert_eq!(harness.counts("q").await, (1, 0, 0));
    let second = harness.receive("q").await;
    assert_eq!(second[0].id, first[0].id);
    assert_ne!(second[0].handle, first[0].handle);

    harness.delete("q", &first[0].handle).await.expect("an older handle is accepted");
    assert_eq!(harness.counts("q").await, (0, 1, 0));
    harness.delete("q", &second[0].handle).await.expect("deleted");
    harness.delete("q", &second[0].handle).await.expect("deleting twice is fine");
    assert_eq!(harness.counts("q").await, (0, 0, 0));
    let metrics = harness.metrics("q");
    assert_eq!((metrics.sent, metrics.received, metrics.deleted), (1, 2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_latest_handle_deletes_after_its_timeout_on_a_standard_queue() {
    let harness = Harness::with_queue("q", json!({"VisibilityTimeout": "1"})).await;
    harness.send("q", "m").await;
    let handle = harness.receive("q").await.remove(0).handle;
    pass(2).await;
    harness.delete("q", &handle).await.expect("deleted");
    assert_eq!(harness.counts("q").await, (0, 0, 0));
    assert!(harness.receive("q").await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn delays_come_from_the_message_or_the_queue() {
    let harness = Harness::with_queue("q", json!({"DelaySeconds": "5"})).await;
    harness.send("q", "queue").await;
    for (body, delay) in [("none", 0), ("long", 900)] {
        let request = json!({"QueueUrl": url("q"), "MessageBody": body, "DelaySeconds": delay});
        harness.call("SendMessage", request).await.expect("sent");
    }
    assert_eq!(harness.counts("q").await, (1, 0, 2));
    assert_eq!(harness.bodies("q").await, ["none"]);
    pass(5).await;
    assert_eq!(harness.counts("q").await, (1, 1, 1));
    assert_eq!(harness.bodies("q").await, ["queue"]);
    // Not retroactive on a standard queue.
    harness.set("q", json!({"DelaySeconds": "0"})).await;
    assert_eq!(harness.counts("q").await.2, 1);
    pass(895).await;
    assert_eq!(harness.counts("q").await.2, 0);
}

#[tokio::test(start_paused = true)]
async fn retention_takes_messages_wherever_they_are() {
    let harness = Harness::with_queue("q", json!({"MessageRetentionPeriod": "60"})).await;
    for body in ["a", "b"] {
        harness.send("q", body).await;
    }
    let request = json!({"MaxNumberOfMessages": 1, "VisibilityTimeout": 600});
    let taken = harness.receive_with("q", request).await;
    pass(30).await;
    harness.send("q", "late").await;
    assert_eq!(harness.metrics("q").oldest_age_ms, 30_000);
    pass(30).await;
    assert_eq!(harness.counts("q").await, (1, 0, 0));
    assert_eq!(harness.metrics("q").oldest_age_ms, 30_000);
    harness.delete("q", &taken[0].handle).await.expect("gone already");
    assert_eq!(harness.bodies("q").await, ["late"]);
    // Longer retention holds at once for what is still there.
    harness.set("q", json!({"MessageRetentionPeriod": "3600"})).await;
    pass(120).await;
    assert_eq!(harness.counts("q").await, (1, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn visibility_can_be_prolonged_shortened_and_ended() {
    let harness = Harness::with_queue("q", json!({})).await;
    harness.send("q", "m").await;
    let handle = harness.receive("q").await.remove(0).handle;
    harness.change("q", &handle, 100).await.expect("prolonged");
    pass(99).await;
    assert_eq!(harness.counts("q").await, (0, 1, 0));
    harness.change("q", &handle, 5).await.expect("shortened");
    pass(4).await;
    assert_eq!(harness.counts("q").await, (0, 1, 0));
    harness.change("q", &handle, 0).await.expect("ended");
    assert_eq!(harness.counts("q").await, (1, 0, 0));
    let error = harness.change("q", &handle, 5).await.expect_err("not in flight");
    assert_eq!(error.code, "MessageNotInflight");
    let again = harness.receive("q").await.remove(0).handle;
    let stale = harness.change("q", &handle, 5).await.expect_err("an older handle");
    assert!(stale.message.contains("Message does not exist or is not available"), "{stale}");
    pass(1).await;
    let error = harness.change("q", &again, 43_200).await.expect_err("over 12 hours in total");
    assert!(error.message.contains("Total VisibilityTimeout"), "{error}");
    for seconds in [-1, 43_201] {
        assert!(harness.change("q", &again, seconds).await.is_err());
    }
    harness.delete("q", &again).await.expect("deleted");
    assert!(harness.change("q", &again, 5).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_receive_without_visibility_hides_nothing_and_repeats_nothing() {
    let harness = Harness::with_queue("q", json!({})).await;
    for body in ["a", "b"] {
        harness.send("q", body).await;
    }
    for _ in 0..2 {
        let got = harness.receive_with("q", json!({"VisibilityTimeout": 0})).await;
        assert_eq!(got.len(), 2);
        assert_eq!(harness.counts("q").await, (2, 0, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn handles_of_others_are_refused() {
    let harness = Harness::with_queue("a", json!({})).await;
    harness.create("b", json!({})).await;
    harness.send("a", "m").await;
    let handle = harness.receive("a").await.remove(0).handle;
    for (queue, handle) in [("b", &*handle), ("a", "garbage"), ("a", "")] {
        let error = harness.delete(queue, handle).await.expect_err("not of this queue");
        assert_eq!(error.code, "ReceiptHandleIsInvalid");
        assert!(harness.change(queue, handle, 1).await.is_err());
    }
}

#[tokio::test(start_paused = true)]
async fn system_attributes_are_shown_when_asked_for() {
    let harness = Harness::with_queue("q", json!({"VisibilityTimeout": "0"})).await;
    let request = json!({
        "QueueUrl": url("q"), "MessageBody": "m", "MessageGroupId": "tenant-1",
        "MessageAttributes": {"Foo": {"DataType": "String", "StringValue": "Bar"}},
        "MessageSystemAttributes":
            {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-5759e988"}},
    });
    let sent = harness.call("SendMessage", request).await.expect("sent");
    assert_eq!(sent["MD5OfMessageAttributes"], "ae7155c6026991b6d54b11589678bf9c");
    assert!(sent["MD5OfMessageSystemAttributes"].is_string());
    pass(3).await;
    let shown = |members| async {
        harness.receive_with("q", members).await.remove(0).all.get("Attributes").cloned()
    };
    let (sent_ms, received_ms) = (EPOCH_MS.to_string(), (EPOCH_MS + 3_000).to_string());
    assert_eq!(
        shown(json!({"MessageSystemAttributeNames": ["All"]})).await,
        Some(json!({
            "SenderId": "000000000000", "SentTimestamp": sent_ms,
            "ApproximateReceiveCount": "1", "ApproximateFirstReceiveTimestamp": received_ms,
            "MessageGroupId": "tenant-1", "AWSTraceHeader": "Root=1-5759e988",
        }))
    );
    pass(1).await;
    let older = json!({"AttributeNames": ["ApproximateReceiveCount", "SequenceNumber", "Policy"]});
    assert_eq!(shown(older).await, Some(json!({"ApproximateReceiveCount": "2"})));
    let first = json!({"AttributeNames": ["ApproximateFirstReceiveTimestamp"]});
    assert_eq!(shown(first).await, Some(json!({"ApproximateFirstReceiveTimestamp": received_ms})));
    assert_eq!(shown(json!({"MessageSystemAttributeNames": ["SequenceNumber"]})).await, None);
    let message = harness.receive_with("q", json!({"MessageAttributeNames": ["F.*"]})).await;
    assert_eq!(
        message[0].all["MessageAttributes"]["Foo"],
        json!({"DataType": "String", "StringValue": "Bar"})
    );
    let body = json!({"QueueUrl": url("q"), "AttributeNames": ["Nonsense"]});
    assert_eq!(harness.refusal("ReceiveMessage", body).await.0, "InvalidAttributeName");
}

#[tokio::test(start_paused = true)]
async fn wrong_messages_are_refused_with_the_service_s_words() {
    let harness = Harness::with_queue("q", json!({"MaximumMessageSize": "1024"})).await;
    let refusal = |members: serde_json::Value| {
        let mut request = json!({"QueueUrl": url("q")});
        request.as_object_mut().expect("object").extend(members.as_object().expect("o").clone());
        harness.refusal("SendMessage", request)
    };
    let (code, message) = refusal(json!({})).await;
    assert_eq!(code, "MissingParameter");
    assert_eq!(message, "The request must contain the parameter MessageBody.");
    assert_eq!(refusal(json!({"MessageBody": ""})).await.0, "MissingParameter");
    assert_eq!(refusal(json!({"MessageBody": "\u{1}"})).await.0, "InvalidMessageContents");
    assert_eq!(refusal(json!({"MessageBody": "\u{ffff}"})).await.0, "InvalidMessageContents");
    assert_eq!(
        refusal(json!({"MessageBody": "x".repeat(1_025)})).await,
        (
            "InvalidParameterValue".to_owned(),
            "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes."
                .to_owned()
        )
    );
    // Attributes count: 1 + 6 bytes of name and type leave 1,017 for body and value.
    let sized = |body: usize| {
        json!({
            "MessageBody": "x".repeat(body),
            "MessageAttributes": {"a": {"DataType": "String", "StringValue": "v"}},
        })
    };
    assert_eq!(refusal(sized(1_017)).await.0, "InvalidParameterValue");
    for wrong in [
        json!({"MessageBody": "m", "DelaySeconds": 901}),
        json!({"MessageBody": "m", "DelaySeconds": -1}),
        json!({"MessageBody": "m", "MessageDeduplicationId": "d"}),
        json!({"MessageBody": "m", "MessageGroupId": "a b"}),
        json!({"MessageBody": "m", "MessageGroupId": "g".repeat(129)}),
        json!({"MessageBody": "m", "MessageSystemAttributes":
            {"Other": {"DataType": "String", "StringValue": "v"}}}),
    ] {
        assert_eq!(refusal(wrong.clone()).await.0, "InvalidParameterValue", "{wrong}");
    }
    let wrong_type = harness.call("SendMessage", json!({"QueueUrl": url("q"), "MessageBody": 1}));
    assert_eq!(wrong_type.await.expect_err("a number").code, "SerializationException");
    assert_eq!(harness.metrics("q").sent, 0);
}

#[tokio::test(start_paused = true)]
async fn wrong_receives_are_refused() {
    let harness = Harness::with_queue("q", json!({})).await;
    for (member, value, reason) in [
        ("MaxNumberOfMessages", json!(11), "Must be between 1 and 10, if provided."),
        ("MaxNumberOfMessages", json!(0), "Must be between 1 and 10, if provided."),
        ("WaitTimeSeconds", json!(21), "Must be >= 0 and <= 20, if provided."),
        ("VisibilityTimeout", json!(43_201), "Must be between 0 and 43200, if provided."),
        (
            "ReceiveRequestAttemptId",
            json!("a"),
            "The request include parameter that is not valid for this queue type.",
        ),
    ] {
        let (code, message) =
            harness.refusal("ReceiveMessage", json!({"QueueUrl": url("q"), member: value})).await;
        let shown = value.to_string();
        let shown = shown.trim_matches('"');
        assert_eq!(code, "InvalidParameterValue");
        assert_eq!(
            message,
            format!("Value {shown} for parameter {member} is invalid. Reason: {reason}")
        );
    }
}
