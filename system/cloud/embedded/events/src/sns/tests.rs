//! SNS by its calls: management, fan-out, filters, FIFO order, dead letters, errors.

use std::time::Duration;

use serde_json::Value;

use super::*;
use crate::{
    fake::{FakeTargets, Fault},
    metrics::DeliveryMetrics,
};

const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:email";
const OTHER: &str = "arn:aws:sqs:us-east-1:000000000000:sms";
const FIFO_QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:orders.fifo";
const DEAD: &str = "arn:aws:sqs:us-east-1:000000000000:dead";
const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:notify";

struct Bench {
    targets: Arc<FakeTargets>,
    sns: Sns,
}

fn bench() -> Bench {
    let targets = Arc::new(FakeTargets::default());
    let sns = Sns::new(Clock::starting_at(1_795_737_600_000), 7, Arc::clone(&targets) as _);
    Bench { targets, sns }
}

impl Bench {
    async fn call(&self, operation: &str, fields: &[(&str, &str)]) -> Result<String, AwsError> {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.append_pair("Action", operation).append_pair("Version", "2010-03-31");
        body.extend_pairs(fields);
        let body = body.finish();
        let call = Call { operation, body: body.as_bytes(), origin: "http://127.0.0.1:4566" };
        let answer = self.sns.call(call).await?;
        assert_eq!((answer.status, answer.content_type), (200, "text/xml"));
        let text = String::from_utf8(answer.body.to_vec()).expect("text");
        assert!(text.starts_with(&format!("<{operation}Response xmlns=")), "{text}");
        assert!(text.contains("<ResponseMetadata><RequestId>"), "{text}");
        Ok(text)
    }

    async fn ok(&self, operation: &str, fields: &[(&str, &str)]) -> String {
        self.call(operation, fields).await.expect(operation)
    }

    async fn refused(&self, operation: &str, fields: &[(&str, &str)]) -> (String, String) {
        let error = self.call(operation, fields).await.expect_err(operation);
        (error.code, error.message)
    }

    async fn topic(&self, name: &str) -> String {
        element(&self.ok("CreateTopic", &[("Name", name)]).await, "TopicArn")
    }

    async fn fifo_topic(&self, content_based: &str) -> String {
        let fields = [
            ("Name", "orders.fifo"),
            ("Attributes.entry.1.key", "FifoTopic"),
            ("Attributes.entry.1.value", "true"),
            ("Attributes.entry.2.key", "ContentBasedDeduplication"),
            ("Attributes.entry.2.value", content_based),
        ];
        element(&self.ok("CreateTopic", &fields).await, "TopicArn")
    }

    async fn subscribe(&self, topic: &str, endpoint: &str, attributes: &[(&str, &str)]) -> String {
        let protocol = if endpoint.contains(":lambda:") { "lambda" } else { "sqs" };
        let names: Vec<(String, String)> = (1..=attributes.len())
            .map(|n| (format!("Attributes.entry.{n}.key"), format!("Attributes.entry.{n}.value")))
            .collect();
        let mut fields = vec![("TopicArn", topic), ("Protocol", protocol), ("Endpoint", endpoint)];
        for ((key, value), (name, text)) in names.iter().zip(attributes) {
            fields.extend([(key.as_str(), *name), (value.as_str(), *text)]);
        }
        element(&self.ok("Subscribe", &fields).await, "SubscriptionArn")
    }

    async fn publish(&self, topic: &str, message: &str, more: &[(&str, &str)]) -> String {
        let fields = [&[("TopicArn", topic), ("Message", message)], more].concat();
        self.ok("Publish", &fields).await
    }

    fn deliveries(&self) -> DeliveryMetrics {
        self.sns.metrics()[0].deliveries
    }
}

fn element(text: &str, name: &str) -> String {
    let (_, rest) = text.split_once(&format!("<{name}>")).expect(name);
    rest.split_once('<').expect("closed").0.to_owned()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// A message attribute's three fields.
fn attribute(
    name: &'static str,
    data_type: &'static str,
    value: &'static str,
) -> [(&'static str, &'static str); 3] {
    [
        ("MessageAttributes.entry.1.Name", name),
        ("MessageAttributes.entry.1.Value.DataType", data_type),
        ("MessageAttributes.entry.1.Value.StringValue", value),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_queue_gets_the_envelope() {
    let bench = bench();
    let topic = bench.topic("notices").await;
    assert_eq!(topic, "arn:aws:sns:us-east-1:000000000000:notices");
    let subscription = bench.subscribe(&topic, QUEUE, &[]).await;
    let more = [&[("Subject", "Hello")][..], &attribute("kind", "String", "shipped")].concat();
    let answer = bench.publish(&topic, "your <order>", &more).await;
    let delivery = &bench.targets.queue(QUEUE)[0];
    assert_eq!((delivery.attributes.len(), &delivery.message_group_id), (0, &None));
    let envelope = json(&delivery.body);
    for (name, value) in [
        ("Type", "Notification"),
        ("MessageId", &element(&answer, "MessageId")),
        ("TopicArn", &topic),
        ("Subject", "Hello"),
        ("Message", "your <order>"),
        ("Timestamp", "2026-11-27T00:00:00.000Z"),
        ("SignatureVersion", "1"),
    ] {
        assert_eq!(envelope[name], value, "{name}");
    }
    assert!(envelope["UnsubscribeURL"].as_str().expect("text").ends_with(&subscription));
    assert_eq!(envelope["MessageAttributes"]["kind"]["Type"], "String");
    assert_eq!(envelope["MessageAttributes"]["kind"]["Value"], "shipped");
    assert!(envelope["SigningCertURL"].is_string() && envelope["Signature"].is_string());
}

#[tokio::test(start_paused = true)]
async fn raw_delivery_passes_the_attributes_on() {
    let bench = bench();
    let topic = bench.topic("notices").await;
    bench.subscribe(&topic, QUEUE, &[("RawMessageDelivery", "true")]).await;
    bench.publish(&topic, "text", &attribute("price", "Number", "1.50")).await;
    let delivery = &bench.targets.queue(QUEUE)[0];
    assert_eq!(delivery.body, "text");
    let expected = ("price".to_owned(), "Number".to_owned(), "1.50".to_owned());
    assert_eq!(delivery.attributes, [expected]);
}

#[tokio::test(start_paused = true)]
async fn a_raw_message_with_eleven_attributes_is_a_clients_error() {
    let bench = bench();
    let topic = bench.topic("notices").await;
    let redrive = format!(r#"{{"deadLetterTargetArn":"{DEAD}"}}"#);
    bench
        .subscribe(&topic, QUEUE, &[("RawMessageDelivery", "true"), ("RedrivePolicy", &redrive)])
        .await;
    let names: Vec<(String, String)> = (1..=11)
        .flat_map(|n| {
            let at = format!("MessageAttributes.entry.{n}");
            [
                (format!("{at}.Name"), format!("a{n}")),
                (format!("{at}.Value.DataType"), "String".to_owned()),
                (format!("{at}.Value.StringValue"), "v".to_owned()),
            ]
        })
        .collect();
    let fields: Vec<(&str, &str)> =
        names.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    bench.publish(&topic, "text", &fields).await;
    assert!(bench.targets.queue(QUEUE).is_empty());
    assert_eq!(json(&bench.targets.bodies(DEAD)[0])["Message"], "text");
}

#[tokio::test(start_paused = true)]
async fn a_function_gets_a_record() {
    let bench = bench();
    let topic = bench.topic("notices").await;
    let subscription = bench.subscribe(&topic, FUNCTION, &[]).await;
    let message = r#"{"default": "d", "lambda": "for functions", "sqs": "for queues"}"#;
    bench.subscribe(&topic, QUEUE, &[("RawMessageDelivery", "true")]).await;
    bench.publish(&topic, message, &[("MessageStructure", "json")]).await;
    let event = json(&bench.targets.payloads(FUNCTION)[0]);
    let record = &event["Records"][0];
    assert_eq!(record["EventSource"], "aws:sns");
    assert_eq!(record["EventVersion"], "1.0");
    assert_eq!(record["EventSubscriptionArn"], subscription);
    assert_eq!(record["Sns"]["Message"], "for functions");
    assert_eq!(record["Sns"]["Subject"], Value::Null);
    assert_eq!(bench.targets.bodies(QUEUE), ["for queues"]);
}

#[tokio::test(start_paused = true)]
async fn filter_policies_choose() {
    let bench = bench();
    let topic = bench.topic("notices").await;
    let raw = ("RawMessageDelivery", "true");
    let policy = ("FilterPolicy", r#"{"channel": ["email", {"prefix": "mail"}]}"#);
    bench.subscribe(&topic, QUEUE, &[raw, policy]).await;
    let body = ("FilterPolicy", r#"{"detail": {"channels": ["sms"]}}"#);
    let subscription =
        bench.subscribe(&topic, OTHER, &[raw, body, ("FilterPolicyScope", "MessageBody")]).await;
    bench.publish(&topic, "1", &attribute("channel", "String", "email")).await;
    bench.publish(&topic, "2", &attribute("channel", "String.Array", r#"["x", "mailing"]"#)).await;
    bench.publish(&topic, r#"{"detail": {"channels": ["sms", "email"]}}"#, &[]).await;
    bench.publish(&topic, "not JSON", &attribute("channel", "Number", "1")).await;
    assert_eq!(bench.targets.bodies(QUEUE), ["1", "2"]);
    assert_eq!(bench.targets.queue(OTHER).len(), 1);
    let metrics = &bench.sns.metrics()[0];
    assert_eq!((metrics.published, metrics.filtered_out), (4, 5));
    assert_eq!(metrics.deliveries.delivered, 3);
    let set = [
        ("SubscriptionArn", &*subscription),
        ("AttributeName", "FilterPolicy"),
        ("AttributeValue", "{}"),
    ];
    bench.ok("SetSubscriptionAttributes", &set).await;
    bench.publish(&topic, "everything", &[]).await;
    assert_eq!(bench.targets.bodies(OTHER)[1], "everything");
}

#[tokio::test(start_paused = true)]
async fn a_failing_subscriber_holds_up_no_other() {
    let bench = bench();
    let topic = bench.topic("notices").await;
    bench.subscribe(&topic, QUEUE, &[]).await;
    bench.subscribe(&topic, OTHER, &[("RawMessageDelivery", "true")]).await;
    bench.targets.set(QUEUE, Fault::Transient(7));
    bench.publish(&topic, "m", &[]).await;
    assert_eq!(bench.targets.bodies(OTHER), ["m"]);
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(bench.targets.queue(QUEUE).len(), 1);
    let expected = DeliveryMetrics { delivered: 2, retried: 7, ..Default::default() };
    assert_eq!(bench.deliveries(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_is_gone_leaves_its_messages_to_the_dead_letter_queue() {
    let bench = bench();
    let topic = bench.topic("notices").await;
    let redrive = format!(r#"{{"deadLetterTargetArn":"{DEAD}"}}"#);
    bench.subscribe(&topic, QUEUE, &[("RedrivePolicy", &redrive)]).await;
    bench.subscribe(&topic, FUNCTION, &[("RedrivePolicy", &redrive)]).await;
    bench.targets.set(QUEUE, Fault::Permanent);
    bench.targets.set(FUNCTION, Fault::Permanent);
    bench.publish(&topic, "m", &[]).await;
    let dead = bench.targets.bodies(DEAD);
    assert_eq!(dead.len(), 2);
    assert!(dead.iter().all(|body| json(body)["Message"] == "m"), "{dead:?}");
    assert_eq!(bench.deliveries(), DeliveryMetrics { dead_lettered: 2, ..Default::default() });
}

#[tokio::test(start_paused = true)]
async fn fifo_topics_number_order_and_deduplicate() {
    let bench = bench();
    let topic = bench.fifo_topic("true").await;
    bench.subscribe(&topic, FIFO_QUEUE, &[("RawMessageDelivery", "true")]).await;
    let group = [("MessageGroupId", "g")];
    let first = bench.publish(&topic, "a", &group).await;
    let again = bench.publish(&topic, "a", &group).await;
    assert_eq!(element(&first, "MessageId"), element(&again, "MessageId"));
    assert_eq!(element(&first, "SequenceNumber"), element(&again, "SequenceNumber"));
    bench.targets.set(FIFO_QUEUE, Fault::Transient(5));
    let second = bench.publish(&topic, "b", &group).await;
    assert!(element(&first, "SequenceNumber") < element(&second, "SequenceNumber"));
    bench.publish(&topic, "c", &group).await;
    tokio::time::sleep(Duration::from_secs(301)).await;
    bench.publish(&topic, "a", &group).await;
    assert_eq!(bench.targets.bodies(FIFO_QUEUE), ["a", "b", "c", "a"]);
    let delivery = &bench.targets.queue(FIFO_QUEUE)[0];
    assert_eq!(delivery.message_group_id.as_deref(), Some("g"));
    assert_eq!(delivery.message_deduplication_id, Some(fifo::content_id("a")));
    assert_eq!(bench.sns.metrics()[0].published, 4);
}

#[tokio::test(start_paused = true)]
async fn deduplication_may_be_by_group() {
    let bench = bench();
    let topic = bench.fifo_topic("true").await;
    bench.subscribe(&topic, FIFO_QUEUE, &[("RawMessageDelivery", "true")]).await;
    let set = [
        ("TopicArn", &*topic),
        ("AttributeName", "FifoThroughputScope"),
        ("AttributeValue", "MessageGroup"),
    ];
    bench.ok("SetTopicAttributes", &set).await;
    for group in ["g", "h", "g"] {
        bench.publish(&topic, "a", &[("MessageGroupId", group)]).await;
    }
    assert_eq!(bench.targets.queue(FIFO_QUEUE).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn batches_fail_by_entry() {
    let bench = bench();
    let topic = bench.topic("notices").await;
    bench.subscribe(&topic, QUEUE, &[("RawMessageDelivery", "true")]).await;
    let answer = bench
        .ok("PublishBatch", &[
            ("TopicArn", &topic),
            ("PublishBatchRequestEntries.member.1.Id", "one"),
            ("PublishBatchRequestEntries.member.1.Message", "1"),
            ("PublishBatchRequestEntries.member.2.Id", "two"),
            ("PublishBatchRequestEntries.member.2.Message", ""),
            ("PublishBatchRequestEntries.member.3.Id", "three"),
            ("PublishBatchRequestEntries.member.3.Message", "3"),
            ("PublishBatchRequestEntries.member.3.MessageAttributes.entry.1.Name", "n"),
            ("PublishBatchRequestEntries.member.3.MessageAttributes.entry.1.Value.DataType", "String"),
            ("PublishBatchRequestEntries.member.3.MessageAttributes.entry.1.Value.StringValue", "v"),
        ])
        .await;
    assert_eq!(bench.targets.bodies(QUEUE), ["1", "3"]);
    assert_eq!(bench.targets.queue(QUEUE)[1].attributes.len(), 1);
    let (successful, failed) = answer.split_once("<Failed>").expect("both lists");
    assert!(successful.contains("<member><Id>one</Id><MessageId>"), "{answer}");
    assert!(
        failed.starts_with(
            "<member><Id>two</Id><Code>InvalidParameter</Code><Message>Invalid parameter: Empty \
             message</Message><SenderFault>true</SenderFault></member></Failed>"
        ),
        "{answer}"
    );
}

#[tokio::test(start_paused = true)]
async fn batches_are_checked_as_a_whole() {
    let bench = bench();
    let topic = bench.topic("notices").await;
    let refused = async |entries: &[(&str, &str)]| {
        let names: Vec<[String; 2]> = (1..=entries.len())
            .map(|n| {
                ["Id", "Message"]
                    .map(|field| format!("PublishBatchRequestEntries.member.{n}.{field}"))
            })
            .collect();
        let mut fields = vec![("TopicArn", &*topic)];
        for ([id, message], (id_value, message_value)) in names.iter().zip(entries) {
            fields.extend([(id.as_str(), *id_value), (message.as_str(), *message_value)]);
        }
        bench.refused("PublishBatch", &fields).await.0
    };
    assert_eq!(refused(&[]).await, "EmptyBatchRequest");
    assert_eq!(refused(&[("a", "1"); 11]).await, "TooManyEntriesInBatchRequest");
    assert_eq!(refused(&[("a", "1"), ("a", "2")]).await, "BatchEntryIdsNotDistinct");
    assert_eq!(refused(&[("a b", "1")]).await, "InvalidBatchEntryId");
    let half = "x".repeat(131_073);
    assert_eq!(refused(&[("a", &half), ("b", &half)]).await, "BatchRequestTooLong");
}

#[tokio::test(start_paused = true)]
async fn bad_messages_are_refused() {
    let bench = bench();
    let topic = bench.topic("notices").await;
    let fifo = bench.fifo_topic("false").await;
    let long = "x".repeat(262_145);
    for (topic, message, more, reason) in [
        (&topic, "", vec![], "Empty message"),
        (&topic, &*long, vec![], "Message too long"),
        (&topic, "{", vec![("MessageStructure", "json")], "failed to parse"),
        (&topic, "{}", vec![("MessageStructure", "json")], "No default entry"),
        (&topic, "m", vec![("MessageStructure", "xml")], "Invalid parameter: MessageStructure"),
        (&topic, "m", vec![("Subject", "a\nb")], "Invalid parameter: Subject"),
        (&topic, "m", vec![("MessageDeduplicationId", "d")], "not valid for this topic type"),
        (&fifo, "m", vec![], "The MessageGroupId parameter is required for FIFO topics"),
        (&fifo, "m", vec![("MessageGroupId", "g")], "ContentBasedDeduplication enabled"),
        (&fifo, "m", vec![("MessageGroupId", "g h")], "MessageGroupId Reason"),
    ] {
        let fields = [&[("TopicArn", topic.as_str()), ("Message", message)], &more[..]].concat();
        let (code, text) = bench.refused("Publish", &fields).await;
        assert_eq!(code, "InvalidParameter");
        assert!(text.contains(reason), "{text}");
    }
    let set = [
        ("TopicArn", &*topic),
        ("AttributeName", "MaximumMessageSize"),
        ("AttributeValue", "1048576"),
    ];
    bench.ok("SetTopicAttributes", &set).await;
    bench.publish(&topic, &long, &[]).await;
}

#[tokio::test(start_paused = true)]
async fn what_is_missing_is_not_found() {
    let bench = bench();
    let missing = "arn:aws:sns:us-east-1:000000000000:missing";
    let subscription = format!("{missing}:1");
    for (operation, fields) in [
        ("Publish", vec![("TopicArn", missing), ("Message", "m")]),
        ("GetTopicAttributes", vec![("TopicArn", missing)]),
        ("Subscribe", vec![("TopicArn", missing), ("Protocol", "sqs"), ("Endpoint", QUEUE)]),
        ("GetSubscriptionAttributes", vec![("SubscriptionArn", &*subscription)]),
    ] {
        let error = bench.call(operation, &fields).await.expect_err(operation);
        assert_eq!((error.code.as_str(), error.status), ("NotFound", 404), "{operation}");
    }
    let tags = bench.refused("ListTagsForResource", &[("ResourceArn", missing)]).await;
    assert_eq!(tags.0, "ResourceNotFound");
    bench.ok("DeleteTopic", &[("TopicArn", missing)]).await;
    bench.ok("Unsubscribe", &[("SubscriptionArn", &subscription)]).await;
    let (code, text) = bench.refused("Publish", &[("TopicArn", "x"), ("Message", "m")]).await;
    assert_eq!(code, "InvalidParameter");
    assert!(
        text.ends_with("TopicArn Reason: An ARN must have at least 6 elements, not 1"),
        "{text}"
    );
    assert_eq!(bench.refused("OptInPhoneNumber", &[]).await.0, "UnknownOperationException");
}

#[tokio::test(start_paused = true)]
async fn subscriptions_are_checked() {
    let bench = bench();
    let topic = bench.topic("notices").await;
    let fifo = bench.fifo_topic("true").await;
    for (topic, protocol, endpoint, attribute, reason) in [
        (&topic, "email", "a@b.c", None, "not to email"),
        (&topic, "pigeon", "x", None, "does not support this protocol string: pigeon"),
        (&topic, "sqs", "http://queue", None, "SQS endpoint ARN"),
        (&topic, "sqs", FIFO_QUEUE, None, "FIFO SQS Queues can not be subscribed"),
        (&fifo, "lambda", FUNCTION, None, "FIFO topics deliver to SQS queues"),
        (&topic, "lambda", FUNCTION, Some(("RawMessageDelivery", "true")), "does not support raw"),
        (&topic, "sqs", QUEUE, Some(("RawMessageDelivery", "maybe")), "Must be true or false."),
        (&topic, "sqs", QUEUE, Some(("FilterPolicy", "[")), "FilterPolicy: failed to parse JSON."),
        (&topic, "sqs", QUEUE, Some(("FilterPolicy", r#"{"a":[{"x":1}]}"#)), "match type x"),
        (&topic, "sqs", QUEUE, Some(("FilterPolicyScope", "Everything")), "Invalid value"),
        (
            &topic,
            "sqs",
            QUEUE,
            Some(("RedrivePolicy", r#"{"deadLetterTargetArn":"x"}"#)),
            "invalid arn",
        ),
        (&topic, "sqs", QUEUE, Some(("Colour", "red")), "AttributeName"),
    ] {
        let mut fields =
            vec![("TopicArn", topic.as_str()), ("Protocol", protocol), ("Endpoint", endpoint)];
        if let Some((name, value)) = attribute {
            fields.extend([("Attributes.entry.1.key", name), ("Attributes.entry.1.value", value)]);
        }
        let (code, text) = bench.refused("Subscribe", &fields).await;
        assert_eq!(code, "InvalidParameter", "{text}");
        assert!(text.contains(reason), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn topics_and_subscriptions_are_idempotent() {
    let bench = bench();
    let topic = bench.topic("notices").await;
    assert_eq!(bench.topic("notices").await, topic);
    let other = [
        ("Name", "notices"),
        ("Attributes.entry.1.key", "DisplayName"),
        ("Attributes.entry.1.value", "x"),
    ];
    let (code, text) = bench.refused("CreateTopic", &other).await;
    assert_eq!(code, "InvalidParameter");
    assert!(text.contains("already exists with different attributes"), "{text}");
    let first = bench.subscribe(&topic, QUEUE, &[("RawMessageDelivery", "true")]).await;
    assert_eq!(bench.subscribe(&topic, QUEUE, &[]).await, first);
    assert_eq!(bench.subscribe(&topic, QUEUE, &[("RawMessageDelivery", "True")]).await, first);
    let fields = [
        ("TopicArn", &*topic),
        ("Protocol", "sqs"),
        ("Endpoint", QUEUE),
        ("Attributes.entry.1.key", "RawMessageDelivery"),
        ("Attributes.entry.1.value", "false"),
    ];
    assert!(bench.refused("Subscribe", &fields).await.1.contains("different attributes"));
    bench.ok("Unsubscribe", &[("SubscriptionArn", &first)]).await;
    bench.publish(&topic, "m", &[]).await;
    assert!(bench.targets.queue(QUEUE).is_empty());
    for name in ["", "a b", "orders.fifo", &"x".repeat(257)] {
        assert_eq!(bench.refused("CreateTopic", &[("Name", name)]).await.0, "InvalidParameter");
    }
}

#[tokio::test(start_paused = true)]
async fn lists_come_in_pages() {
    let bench = bench();
    for n in 0..101 {
        bench.topic(&format!("t-{n:03}")).await;
    }
    let first = bench.ok("ListTopics", &[]).await;
    assert_eq!(first.matches("<TopicArn>").count(), 100);
    let token = element(&first, "NextToken");
    let second = bench.ok("ListTopics", &[("NextToken", &token)]).await;
    assert!(second.contains(":t-100</TopicArn>"), "{second}");
    assert!(!second.contains("NextToken"), "{second}");
    assert_eq!(second.matches("<TopicArn>").count(), 1);
    assert_eq!(bench.refused("ListTopics", &[("NextToken", "!")]).await.0, "InvalidParameter");

    let topic = bench.topic("t-000").await;
    for n in 0..100 {
        bench.subscribe(&topic, &format!("{QUEUE}-{n}"), &[]).await;
    }
    bench.subscribe(&bench.topic("t-001").await, QUEUE, &[]).await;
    let of_topic = bench.ok("ListSubscriptionsByTopic", &[("TopicArn", &topic)]).await;
    assert_eq!(of_topic.matches("<SubscriptionArn>").count(), 100);
    assert!(!of_topic.contains("NextToken"));
    let all = bench.ok("ListSubscriptions", &[]).await;
    let rest = bench.ok("ListSubscriptions", &[("NextToken", &element(&all, "NextToken"))]).await;
    assert_eq!(element(&rest, "Endpoint"), QUEUE);
    assert_eq!(rest.matches("<SubscriptionArn>").count(), 1);
}

#[tokio::test(start_paused = true)]
async fn attributes_and_tags_are_given_back() {
    let bench = bench();
    let topic = bench.topic("notices").await;
    let subscription = bench.subscribe(&topic, QUEUE, &[("FilterPolicy", r#"{"a":["b"]}"#)]).await;
    let attributes =
        bench.ok("GetSubscriptionAttributes", &[("SubscriptionArn", &subscription)]).await;
    for (name, value) in [
        ("FilterPolicyScope", "MessageAttributes"),
        ("FilterPolicy", "{&quot;a&quot;:[&quot;b&quot;]}"),
        ("RawMessageDelivery", "false"),
        ("PendingConfirmation", "false"),
        ("Endpoint", QUEUE),
    ] {
        let entry = format!("<entry><key>{name}</key><value>{value}</value></entry>");
        assert!(attributes.contains(&entry), "{attributes}");
    }
    let attributes = bench.ok("GetTopicAttributes", &[("TopicArn", &topic)]).await;
    assert!(
        attributes.contains("<key>SubscriptionsConfirmed</key><value>1</value>"),
        "{attributes}"
    );
    let set = [("TopicArn", &*topic), ("AttributeName", "Colour"), ("AttributeValue", "red")];
    assert_eq!(bench.refused("SetTopicAttributes", &set).await.0, "InvalidParameter");
    let tag =
        [("ResourceArn", &*topic), ("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "shop")];
    bench.ok("TagResource", &tag).await;
    let tags = bench.ok("ListTagsForResource", &[("ResourceArn", &topic)]).await;
    assert!(tags.contains("<member><Key>team</Key><Value>shop</Value></member>"), "{tags}");
    bench.ok("UntagResource", &[("ResourceArn", &topic), ("TagKeys.member.1", "team")]).await;
    assert!(
        bench.ok("ListTagsForResource", &[("ResourceArn", &topic)]).await.contains("<Tags></Tags>")
    );
    let confirm = [("TopicArn", &*topic), ("Token", "x")];
    assert_eq!(bench.refused("ConfirmSubscription", &confirm).await.0, "InvalidParameter");
}
