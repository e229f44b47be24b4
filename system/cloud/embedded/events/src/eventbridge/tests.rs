//! EventBridge by its calls: rules, targets, routing, retries, errors.

mod delay;

use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::{
    fake::{FakeTargets, Fault},
    metrics::DeliveryMetrics,
};

const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:orders";
const DEAD: &str = "arn:aws:sqs:us-east-1:000000000000:dead";
const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:fraud";

struct Bench {
    targets: Arc<FakeTargets>,
    topics: Arc<Sns>,
    events: EventBridge,
}

fn bench() -> Bench {
    let targets = Arc::new(FakeTargets::default());
    let clock = Clock::starting_at(1_795_737_600_000);
    let topics = Arc::new(Sns::new(clock, 7, Arc::clone(&targets) as _));
    let events = EventBridge::new(clock, 7, Arc::clone(&targets) as _, Arc::clone(&topics));
    Bench { targets, topics, events }
}

impl Bench {
    async fn call(&self, operation: &str, body: Value) -> Result<Value, AwsError> {
        let body = body.to_string();
        let call = Call { operation, body: body.as_bytes(), origin: "http://127.0.0.1:4566" };
        let answer = self.events.call(call).await?;
        assert_eq!((answer.status, answer.content_type), (200, "application/x-amz-json-1.1"));
        Ok(serde_json::from_slice(&answer.body).expect("JSON"))
    }

    async fn ok(&self, operation: &str, body: Value) -> Value {
        self.call(operation, body).await.expect(operation)
    }

    async fn refused(&self, operation: &str, body: Value) -> (String, String) {
        let error = self.call(operation, body).await.expect_err(operation);
        assert_eq!(error.namespace, "com.amazonaws.eventbridge");
        (error.code, error.message)
    }

    /// A rule on `bus` for everything of the source `shop`, with the targets.
    async fn rule(&self, bus: &str, name: &str, targets: Value) {
        let pattern = r#"{"source": ["shop"]}"#;
        let rule = json!({ "Name": name, "EventPattern": pattern, "EventBusName": bus });
        self.ok("PutRule", rule).await;
        let put = json!({ "Rule": name, "EventBusName": bus, "Targets": targets });
        let answer = self.ok("PutTargets", put).await;
        assert_eq!(answer, json!({ "FailedEntryCount": 0, "FailedEntries": [] }));
    }

    async fn put(&self, bus: &str, detail: Value) -> Value {
        let entry = json!({
            "Source": "shop", "DetailType": "order", "Detail": detail.to_string(),
            "EventBusName": bus
        });
        self.ok("PutEvents", json!({ "Entries": [entry] })).await
    }

    fn deliveries(&self, rule: &str) -> DeliveryMetrics {
        let metrics = self.events.metrics();
        metrics.iter().find(|one| one.rule_arn.ends_with(rule)).expect(rule).deliveries
    }

    async fn topic(&self, name: &str, queue: &str) -> String {
        let arn = format!("arn:aws:sns:us-east-1:000000000000:{name}");
        for (operation, body) in [
            ("CreateTopic", format!("Name={name}")),
            (
                "Subscribe",
                format!(
                    "TopicArn={arn}&Protocol=sqs&Endpoint={queue}&Attributes.entry.1.key=\
                     RawMessageDelivery&Attributes.entry.1.value=true"
                ),
            ),
        ] {
            let call = Call { operation, body: body.as_bytes(), origin: "" };
            self.topics.call(call).await.expect(operation);
        }
        arn
    }
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[tokio::test(start_paused = true)]
async fn an_event_reaches_every_kind_of_target() {
    let bench = bench();
    let topic = bench.topic("notices", &format!("{QUEUE}-by-topic")).await;
    bench.ok("CreateEventBus", json!({ "Name": "audit" })).await;
    bench.rule("audit", "all", json!([{ "Id": "q", "Arn": format!("{QUEUE}-by-bus") }])).await;
    bench
        .rule(
            "default",
            "orders",
            json!([
                { "Id": "queue", "Arn": QUEUE },
                { "Id": "fifo", "Arn": format!("{QUEUE}.fifo"),
                  "SqsParameters": { "MessageGroupId": "g" } },
                { "Id": "function", "Arn": FUNCTION, "InputPath": "$.detail" },
                { "Id": "topic", "Arn": topic, "InputTransformer": {
                    "InputPathsMap": { "id": "$.detail.id" }, "InputTemplate": "\"order <id>\"" } },
                { "Id": "bus", "Arn": "arn:aws:events:us-east-1:000000000000:event-bus/audit" },
            ]),
        )
        .await;
    let answer = bench.put("default", json!({ "id": 7 })).await;
    let id = answer["Entries"][0]["EventId"].as_str().expect("an id");
    let event = parsed(&bench.targets.bodies(QUEUE)[0]);
    assert_eq!((&event["id"], &event["source"]), (&json!(id), &json!("shop")));
    assert_eq!(event["time"], "2026-11-27T00:00:00Z");
    let fifo = &bench.targets.queue(&format!("{QUEUE}.fifo"))[0];
    assert_eq!(fifo.message_group_id.as_deref(), Some("g"));
    assert_eq!(bench.targets.payloads(FUNCTION), [r#"{"id":7}"#]);
    assert_eq!(bench.targets.bodies(&format!("{QUEUE}-by-topic")), [r#""order 7""#]);
    assert_eq!(parsed(&bench.targets.bodies(&format!("{QUEUE}-by-bus"))[0]), event);
    let expected = DeliveryMetrics { delivered: 5, ..Default::default() };
    assert_eq!(bench.deliveries("rule/orders"), expected);
    assert_eq!(bench.events.metrics().iter().map(|one| one.matched).sum::<u64>(), 2);
}

#[tokio::test(start_paused = true)]
async fn only_enabled_rules_of_the_events_bus_match() {
    let bench = bench();
    bench.ok("CreateEventBus", json!({ "Name": "shop" })).await;
    bench.rule("shop", "a", json!([{ "Id": "q", "Arn": QUEUE }])).await;
    bench.put("default", json!({})).await;
    assert!(bench.targets.queue(QUEUE).is_empty());
    bench.put("arn:aws:events:us-east-1:000000000000:event-bus/shop", json!({})).await;
    bench.ok("DisableRule", json!({ "Name": "a", "EventBusName": "shop" })).await;
    bench.put("shop", json!({})).await;
    assert_eq!(bench.targets.queue(QUEUE).len(), 1);
    bench.ok("EnableRule", json!({ "Name": "a", "EventBusName": "shop" })).await;
    bench.put("shop", json!({})).await;
    assert_eq!(bench.targets.queue(QUEUE).len(), 2);
    // As on AWS, a bus that isn't there takes the event and loses it.
    let lost = bench.put("missing", json!({})).await;
    assert_eq!(lost["FailedEntryCount"], 0);
}

#[tokio::test(start_paused = true)]
async fn buses_do_not_forward_in_circles() {
    let bench = bench();
    for bus in ["a", "b"] {
        bench.ok("CreateEventBus", json!({ "Name": bus })).await;
    }
    let bus = |name: &str| format!("arn:aws:events:us-east-1:000000000000:event-bus/{name}");
    let dead = json!({ "Arn": DEAD });
    bench
        .rule("a", "ab", json!([{ "Id": "b", "Arn": bus("b") }, { "Id": "q", "Arn": QUEUE }]))
        .await;
    bench.rule("b", "ba", json!([{ "Id": "a", "Arn": bus("a"), "DeadLetterConfig": dead }])).await;
    bench.put("a", json!({})).await;
    assert_eq!(bench.targets.queue(QUEUE).len(), 1);
    assert_eq!(bench.targets.queue(DEAD).len(), 1);
    assert_eq!(bench.deliveries("rule/b/ba").dead_lettered, 1);
}

#[tokio::test(start_paused = true)]
async fn a_failing_target_is_tried_again_by_its_policy() {
    let bench = bench();
    let target = json!([{
        "Id": "q", "Arn": QUEUE, "InputPath": "$.detail",
        "RetryPolicy": { "MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 3600 },
        "DeadLetterConfig": { "Arn": DEAD }
    }]);
    bench.rule("default", "orders", target).await;
    bench.targets.set(QUEUE, Fault::Transient(2));
    bench.put("default", json!({ "n": 1 })).await;
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    assert_eq!(bench.targets.bodies(QUEUE), [r#"{"n":1}"#]);
    bench.targets.set(QUEUE, Fault::Transient(4));
    bench.put("default", json!({ "n": 2 })).await;
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    let dead = &bench.targets.queue(DEAD)[0];
    assert_eq!(parsed(&dead.body)["detail"], json!({ "n": 2 }), "the event, not the input");
    let attribute = |name: &str| {
        let found = dead.attributes.iter().find(|(key, ..)| key == name).expect(name);
        (found.1.clone(), found.2.clone())
    };
    let rule = "arn:aws:events:us-east-1:000000000000:rule/orders";
    assert_eq!(attribute("RULE_ARN"), ("String".to_owned(), rule.to_owned()));
    assert_eq!(attribute("TARGET_ARN").1, QUEUE);
    assert_eq!(attribute("RETRY_ATTEMPTS"), ("Number".to_owned(), "3".to_owned()));
    assert_eq!(attribute("EXHAUSTED_RETRY_CONDITION").1, "MaximumRetryAttempts");
    let expected =
        DeliveryMetrics { delivered: 1, dead_lettered: 1, retried: 5, ..Default::default() };
    assert_eq!(bench.deliveries("rule/orders"), expected);
}

#[tokio::test(start_paused = true)]
async fn targets_that_are_gone_are_not_tried_again() {
    let bench = bench();
    let topic = "arn:aws:sns:us-east-1:000000000000:gone";
    bench
        .rule(
            "default",
            "orders",
            json!([
                { "Id": "t", "Arn": topic, "DeadLetterConfig": { "Arn": DEAD } },
                { "Id": "f", "Arn": FUNCTION },
            ]),
        )
        .await;
    bench.targets.set(FUNCTION, Fault::Permanent);
    bench.put("default", json!({ "n": 1 })).await;
    let dead = &bench.targets.queue(DEAD)[0];
    assert_eq!(parsed(&dead.body)["detail"]["n"], 1);
    assert!(dead.attributes.iter().any(|(_, _, value)| value.contains("Topic does not exist")));
    let expected = DeliveryMetrics { failed: 1, dead_lettered: 1, ..Default::default() };
    assert_eq!(bench.deliveries("rule/orders"), expected);
}

#[tokio::test(start_paused = true)]
async fn entries_fail_one_by_one() {
    let bench = bench();
    bench.rule("default", "orders", json!([{ "Id": "q", "Arn": QUEUE }])).await;
    let good = json!({ "Source": "shop", "DetailType": "t", "Detail": "{}" });
    let answer = bench
        .ok(
            "PutEvents",
            json!({ "Entries": [
                good, { "Source": "shop", "DetailType": "t", "Detail": "{" }, { "Detail": "{}" }
            ]}),
        )
        .await;
    assert_eq!(answer["FailedEntryCount"], 2);
    assert!(answer["Entries"][0]["EventId"].is_string());
    assert_eq!(
        answer["Entries"][1],
        json!({
            "ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."
        })
    );
    assert_eq!(answer["Entries"][2]["ErrorCode"], "InvalidArgument");
    assert_eq!(bench.targets.queue(QUEUE).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn requests_have_limits() {
    let bench = bench();
    let entry = json!({ "Source": "shop", "DetailType": "t", "Detail": "{}" });
    let refused = bench.refused("PutEvents", json!({ "Entries": vec![entry.clone(); 11] })).await;
    assert_eq!(refused.0, "ValidationException");
    assert!(refused.1.contains("Member must have length less than or equal to 10"), "{refused:?}");
    assert_eq!(bench.refused("PutEvents", json!({ "Entries": [] })).await.0, "ValidationException");
    let half = json!({ "x": "y".repeat(600_000) }).to_string();
    let large = json!({ "Source": "shop", "DetailType": "t", "Detail": half });
    let refused = bench.refused("PutEvents", json!({ "Entries": [large, large] })).await;
    assert!(refused.1.contains("Total size of the entries"), "{refused:?}");
    assert_eq!(
        bench.refused("PutEvents", json!({ "Entries": 5 })).await.0,
        "SerializationException"
    );
    assert_eq!(bench.refused("StartReplay", json!({})).await.0, "UnknownOperationException");

    for n in 0..300 {
        let rule = json!({ "Name": format!("r{n}"), "EventPattern": r#"{"source":["a"]}"# });
        bench.ok("PutRule", rule).await;
    }
    let rule = json!({ "Name": "one-more", "EventPattern": r#"{"source":["a"]}"# });
    assert_eq!(bench.refused("PutRule", rule).await.0, "LimitExceededException");
    let targets: Vec<Value> =
        (0..6).map(|n| json!({ "Id": format!("{n}"), "Arn": QUEUE })).collect();
    let put = |targets: &[Value]| json!({ "Rule": "r0", "Targets": targets });
    assert_eq!(bench.refused("PutTargets", put(&targets)).await.0, "LimitExceededException");
    bench.ok("PutTargets", put(&targets[..5])).await;
    assert_eq!(bench.refused("PutTargets", put(&targets[5..])).await.0, "LimitExceededException");
    let many: Vec<Value> =
        (0..101).map(|n| json!({ "Id": format!("{n}"), "Arn": QUEUE })).collect();
    assert_eq!(bench.refused("PutTargets", put(&many)).await.0, "ValidationException");
}

#[tokio::test(start_paused = true)]
async fn rules_are_checked() {
    let bench = bench();
    let pattern = r#"{"source": ["a"]}"#;
    for (rule, code, reason) in [
        (
            json!({ "Name": "r" }),
            "ValidationException",
            "EventPattern or ScheduleExpression must be",
        ),
        (json!({ "Name": "a b", "EventPattern": pattern }), "ValidationException", "'name'"),
        (
            json!({ "Name": "r", "EventPattern": r#"{"source": "a"}"# }),
            "InvalidEventPatternException",
            "Event pattern is not valid. Reason: \"source\" must be an object or an array",
        ),
        (
            json!({ "Name": "r", "EventPattern": pattern, "EventBusName": "none" }),
            "ResourceNotFoundException",
            "Event bus none does not exist.",
        ),
        (
            json!({ "Name": "r", "ScheduleExpression": "rate(5 minutes)" }),
            "ValidationException",
            "runs no schedules",
        ),
        (
            json!({ "Name": "r", "ScheduleExpression": "rate(1 minutes)" }),
            "ValidationException",
            "Parameter ScheduleExpression is not valid.",
        ),
        (
            json!({ "Name": "r", "EventPattern": pattern, "State": "ASLEEP" }),
            "SerializationException",
            "ASLEEP",
        ),
    ] {
        let refused = bench.refused("PutRule", rule.clone()).await;
        assert_eq!(refused.0, code, "{rule}");
        assert!(refused.1.contains(reason), "{rule}: {}", refused.1);
    }
    let missing = json!({ "Name": "none" });
    for operation in ["DescribeRule", "EnableRule", "DisableRule"] {
        let refused = bench.refused(operation, missing.clone()).await;
        assert_eq!(refused.0, "ResourceNotFoundException");
        assert_eq!(refused.1, "Rule none does not exist on EventBus default.");
    }
    bench.ok("DeleteRule", missing).await;
}

#[tokio::test(start_paused = true)]
async fn targets_are_checked() {
    let bench = bench();
    bench.ok("PutRule", json!({ "Name": "r", "EventPattern": r#"{"source":["a"]}"# })).await;
    for (target, reason) in [
        (json!({ "Id": "t", "Arn": "nonsense" }), "Provided Arn is not in correct format."),
        (json!({ "Id": "t", "Arn": "arn:aws:states:us-east-1:0:stateMachine:x" }), "not to states"),
        (json!({ "Id": "t t", "Arn": QUEUE }), "targets.1.member.id"),
        (json!({ "Id": "t", "Arn": format!("{QUEUE}.fifo") }), "SqsParameters must be specified"),
        (json!({ "Id": "t", "Arn": QUEUE, "Input": "{" }), "Input is not JSON"),
        (
            json!({ "Id": "t", "Arn": QUEUE, "InputPath": "detail" }),
            "InputPath detail is not valid",
        ),
        (json!({ "Id": "t", "Arn": QUEUE, "Input": "1", "InputPath": "$.detail" }), "Only one of"),
        (
            json!({ "Id": "t", "Arn": QUEUE, "InputTransformer": { "InputTemplate": "\"<x>\"" } }),
            "invalid placeholder x",
        ),
        (
            json!({ "Id": "t", "Arn": QUEUE, "RetryPolicy": { "MaximumRetryAttempts": 186 } }),
            "between 0 and 185",
        ),
        (
            json!({ "Id": "t", "Arn": QUEUE, "RetryPolicy": { "MaximumEventAgeInSeconds": 59 } }),
            "between 60 and 86400",
        ),
        (
            json!({ "Id": "t", "Arn": QUEUE, "DeadLetterConfig": { "Arn": FUNCTION } }),
            "is not a standard queue",
        ),
        (
            json!({ "Id": "t", "Arn": "arn:aws:events:us-east-1:0:event-bus/b", "Input": "1" }),
            "an event bus gets events as they are",
        ),
    ] {
        let put = json!({ "Rule": "r", "Targets": [target] });
        let refused = bench.refused("PutTargets", put).await;
        assert_eq!(refused.0, "ValidationException", "{target}");
        assert!(refused.1.contains(reason), "{target}: {}", refused.1);
    }
    let twice = json!({ "Rule": "r", "Targets": [{ "Id": "t", "Arn": QUEUE }, { "Id": "t", "Arn": QUEUE }] });
    assert!(bench.refused("PutTargets", twice).await.1.contains("is there twice"));
    let none = json!({ "Rule": "none", "Targets": [{ "Id": "t", "Arn": QUEUE }] });
    assert_eq!(bench.refused("PutTargets", none).await.0, "ResourceNotFoundException");
}

#[tokio::test(start_paused = true)]
async fn what_was_put_is_listed_and_removed() {
    let bench = bench();
    bench.rule("default", "a", json!([{ "Id": "q", "Arn": QUEUE, "Input": "{}" }])).await;
    bench.rule("default", "b", json!([{ "Id": "f", "Arn": FUNCTION }])).await;
    let names = bench.ok("ListRuleNamesByTarget", json!({ "TargetArn": QUEUE })).await;
    assert_eq!(names, json!({ "RuleNames": ["a"] }));
    let targets = bench.ok("ListTargetsByRule", json!({ "Rule": "a" })).await;
    assert_eq!(targets, json!({ "Targets": [{ "Id": "q", "Arn": QUEUE, "Input": "{}" }] }));
    let page = bench.ok("ListRules", json!({ "Limit": 1 })).await;
    assert_eq!(page["Rules"][0]["Name"], "a");
    let token = page["NextToken"].clone();
    let page = bench.ok("ListRules", json!({ "Limit": 1, "NextToken": token })).await;
    assert_eq!((&page["Rules"][0]["Name"], page.get("NextToken")), (&json!("b"), None));
    let described = bench.ok("DescribeRule", json!({ "Name": "a" })).await;
    assert_eq!(described["EventPattern"], r#"{"source": ["shop"]}"#);
    assert_eq!(
        (&described["State"], &described["EventBusName"]),
        (&json!("ENABLED"), &json!("default"))
    );
    let update =
        json!({ "Name": "a", "EventPattern": r#"{"source": ["x"]}"#, "State": "DISABLED" });
    bench.ok("PutRule", update).await;
    let targets = bench.ok("ListTargetsByRule", json!({ "Rule": "a" })).await;
    assert_eq!(targets["Targets"].as_array().map(Vec::len), Some(1), "an update keeps the targets");
    let refused = bench.refused("DeleteRule", json!({ "Name": "a" })).await;
    assert_eq!(refused.1, "Rule can't be deleted since it has targets.");
    let removed = bench.ok("RemoveTargets", json!({ "Rule": "a", "Ids": ["q", "x"] })).await;
    assert_eq!(removed["FailedEntryCount"], 1);
    assert_eq!(removed["FailedEntries"][0]["TargetId"], "x");
    bench.ok("DeleteRule", json!({ "Name": "a" })).await;
    assert_eq!(bench.ok("ListRules", json!({ "NamePrefix": "a" })).await, json!({ "Rules": [] }));
}

#[tokio::test(start_paused = true)]
async fn buses_come_and_go() {
    let bench = bench();
    let tags = json!([{ "Key": "team", "Value": "shop" }]);
    let made = bench.ok("CreateEventBus", json!({ "Name": "shop", "Tags": tags })).await;
    let arn = "arn:aws:events:us-east-1:000000000000:event-bus/shop";
    assert_eq!(made["EventBusArn"], arn);
    assert_eq!(bench.ok("ListTagsForResource", json!({ "ResourceARN": arn })).await["Tags"], tags);
    bench.ok("UntagResource", json!({ "ResourceARN": arn, "TagKeys": ["team"] })).await;
    assert_eq!(
        bench.ok("ListTagsForResource", json!({ "ResourceARN": arn })).await["Tags"],
        json!([])
    );
    for name in ["shop", "default"] {
        let refused = bench.refused("CreateEventBus", json!({ "Name": name })).await;
        assert_eq!(refused.0, "ResourceAlreadyExistsException");
    }
    assert!(bench.refused("CreateEventBus", json!({ "Name": "a/b" })).await.1.contains("'/'"));
    let described = bench.ok("DescribeEventBus", json!({})).await;
    assert_eq!(described["Name"], "default");
    assert_eq!(described["CreationTime"], 1_795_737_600.0);
    let listed = bench.ok("ListEventBuses", json!({ "NamePrefix": "s" })).await;
    assert_eq!(listed["EventBuses"][0]["Arn"], arn);
    bench.rule("shop", "r", json!([{ "Id": "q", "Arn": QUEUE }])).await;
    let rule = "arn:aws:events:us-east-1:000000000000:rule/shop/r";
    bench.ok("TagResource", json!({ "ResourceARN": rule, "Tags": tags })).await;
    assert_eq!(bench.ok("ListTagsForResource", json!({ "ResourceARN": rule })).await["Tags"], tags);
    let refused = bench.refused("DeleteEventBus", json!({ "Name": "shop" })).await;
    assert!(refused.1.contains("since it has rules"), "{refused:?}");
    bench.ok("RemoveTargets", json!({ "Rule": "r", "EventBusName": "shop", "Ids": ["q"] })).await;
    bench.ok("DeleteRule", json!({ "Name": "r", "EventBusName": "shop" })).await;
    bench.ok("DeleteEventBus", json!({ "Name": "shop" })).await;
    let gone = bench.refused("DescribeEventBus", json!({ "Name": "shop" })).await;
    assert_eq!(gone.1, "Event bus shop does not exist.");
    let refused = bench.refused("DeleteEventBus", json!({ "Name": "default" })).await;
    assert_eq!(refused.1, "Cannot delete event bus default.");
    let missing = json!({ "ResourceARN": "arn:aws:events:us-east-1:000000000000:rule/none" });
    assert_eq!(bench.refused("ListTagsForResource", missing).await.0, "ResourceNotFoundException");
}

#[tokio::test(start_paused = true)]
async fn patterns_can_be_tried() {
    let bench = bench();
    let event = json!({
        "id": "1", "account": "0", "source": "shop", "time": "2026-11-27T00:00:00Z",
        "region": "us-east-1", "resources": [], "detail-type": "order", "detail": { "n": 1 }
    });
    let tried = |pattern: Value, event: &Value| json!({ "EventPattern": pattern.to_string(), "Event": event.to_string() });
    let yes = tried(json!({ "detail": { "n": [1] } }), &event);
    assert_eq!(bench.ok("TestEventPattern", yes).await, json!({ "Result": true }));
    let no = tried(json!({ "detail": { "n": [2] } }), &event);
    assert_eq!(bench.ok("TestEventPattern", no).await, json!({ "Result": false }));
    let wrong = tried(json!({ "n": 1 }), &event);
    assert_eq!(bench.refused("TestEventPattern", wrong).await.0, "InvalidEventPatternException");
    let partial = tried(json!({ "detail": { "n": [1] } }), &json!({ "source": "shop" }));
    assert!(bench.refused("TestEventPattern", partial).await.1.contains("id is a required field"));
}
