//! Rules and topics reach queues: the wiring that `securecart-cloud` provisions.

use aws_sdk_eventbridge::types::{InputTransformer, PutEventsRequestEntry, Target};
use aws_sdk_sns::types::MessageAttributeValue;
use aws_sdk_sqs::types::MessageSystemAttributeName;

use crate::support::Stage;

const BUS: &str = "securecart";

impl Stage {
    async fn topic(&self, name: &str) -> String {
        let created = self.sns.create_topic().name(name).send().await.expect("created");
        created.topic_arn.expect("an ARN")
    }

    async fn subscribe(&self, topic: &str, queue_arn: &str, attributes: &[(&str, &str)]) {
        let mut subscribe =
            self.sns.subscribe().topic_arn(topic).protocol("sqs").endpoint(queue_arn);
        for (name, value) in attributes {
            subscribe = subscribe.attributes(*name, *value);
        }
        subscribe.send().await.expect("subscribed");
    }

    async fn rule(&self, name: &str, pattern: &str, target: Target) {
        let rule = self.eventbridge.put_rule().name(name).event_bus_name(BUS);
        rule.event_pattern(pattern).send().await.expect("put");
        let targets = self.eventbridge.put_targets().rule(name).event_bus_name(BUS);
        let put = targets.targets(target).send().await.expect("put");
        assert_eq!(put.failed_entry_count(), 0, "{put:?}");
    }

    async fn event(&self, detail_type: &str, detail: &str) {
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(BUS)
            .source("securecart")
            .detail_type(detail_type)
            .detail(detail)
            .build();
        let put = self.eventbridge.put_events().entries(entry).send().await.expect("put");
        assert_eq!(put.failed_entry_count(), 0, "{put:?}");
    }
}

#[tokio::test]
async fn a_topic_delivers_raw_to_those_whose_filter_the_body_meets() {
    let stage = Stage::new();
    let topic = stage.topic("notices").await;
    let (email, email_arn) = stage.queue("email", &[]).await;
    let (sms, sms_arn) = stage.queue("sms", &[]).await;
    for (arn, channel) in [(&email_arn, "email"), (&sms_arn, "sms")] {
        let policy = format!(r#"{{"detail":{{"channels":["{channel}"]}}}}"#);
        let attributes = [
            ("RawMessageDelivery", "true"),
            ("FilterPolicyScope", "MessageBody"),
            ("FilterPolicy", &*policy),
        ];
        stage.subscribe(&topic, arn, &attributes).await;
    }
    let both = r#"{"detail":{"channels":["email","sms"]}}"#;
    let one = r#"{"detail":{"channels":["sms"]}}"#;
    for message in [both, one, r#"{"detail":{}}"#, "no JSON"] {
        stage.sns.publish().topic_arn(&topic).message(message).send().await.expect("published");
    }
    assert_eq!(stage.bodies(&email).await, [both]);
    assert_eq!(stage.bodies(&sms).await, [both, one]);
}

#[tokio::test]
async fn a_topic_wraps_what_is_not_raw_and_keeps_attributes_of_what_is() {
    let stage = Stage::new();
    let topic = stage.topic("notices").await;
    let (wrapped, wrapped_arn) = stage.queue("wrapped", &[]).await;
    let (raw, raw_arn) = stage.queue("raw", &[]).await;
    stage.subscribe(&topic, &wrapped_arn, &[]).await;
    stage.subscribe(&topic, &raw_arn, &[("RawMessageDelivery", "true")]).await;
    let kind = MessageAttributeValue::builder().data_type("String").string_value("shipped");
    let publish = stage.sns.publish().topic_arn(&topic).message("it's \"here\"");
    let publish = publish.message_attributes("kind", kind.build().expect("complete"));
    let published = publish.send().await.expect("published");

    let bodies = stage.bodies(&wrapped).await;
    let envelope: serde_json::Value = serde_json::from_str(&bodies[0]).expect("JSON");
    assert_eq!(envelope["Type"], "Notification");
    assert_eq!(envelope["Message"], "it's \"here\"");
    assert_eq!(envelope["MessageId"].as_str(), published.message_id());
    assert_eq!(envelope["MessageAttributes"]["kind"]["Value"], "shipped");

    let received = stage.sqs.receive_message().queue_url(&raw).message_attribute_names("All");
    let received = received.send().await.expect("received");
    let message = &received.messages()[0];
    assert_eq!(message.body(), Some("it's \"here\""));
    let attributes = message.message_attributes().expect("attributes");
    assert_eq!(attributes["kind"].string_value(), Some("shipped"));
}

#[tokio::test]
async fn a_rule_transforms_what_a_queue_gets() {
    let stage = Stage::new();
    let (url, arn) = stage.queue("orders", &[]).await;
    stage.eventbridge.create_event_bus().name(BUS).send().await.expect("created");
    let transformer = InputTransformer::builder()
        .input_paths_map("outcome", "$.detail-type")
        .input_paths_map("detail", "$.detail")
        .input_template(r#"{"kind":"stock","outcome":"<outcome>","detail":<detail>}"#)
        .build()
        .expect("complete");
    let target = Target::builder().id("orders").arn(arn).input_transformer(transformer);
    let pattern = r#"{"source":["securecart"],"detail-type":["StockReserved","StockRejected"]}"#;
    stage.rule("stock", pattern, target.build().expect("complete")).await;

    stage.event("StockReserved", r#"{"order":"o-1","lines":[1,2]}"#).await;
    stage.event("OrderShipped", r#"{"order":"o-2"}"#).await;
    let bodies = stage.bodies(&url).await;
    let [body] = &*bodies else { panic!("one event matches: {bodies:?}") };
    let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
    let expected = r#"{"kind":"stock","outcome":"StockReserved",
                       "detail":{"order":"o-1","lines":[1,2]}}"#;
    assert_eq!(body, serde_json::from_str::<serde_json::Value>(expected).expect("JSON"));
}

#[tokio::test]
async fn a_rule_reaches_queues_through_a_topic() {
    let stage = Stage::new();
    let (url, arn) = stage.queue("email", &[]).await;
    let topic = stage.topic("notices").await;
    let attributes = [
        ("RawMessageDelivery", "true"),
        ("FilterPolicyScope", "MessageBody"),
        ("FilterPolicy", r#"{"detail":{"channels":["email"]}}"#),
    ];
    stage.subscribe(&topic, &arn, &attributes).await;
    stage.eventbridge.create_event_bus().name(BUS).send().await.expect("created");
    let target = Target::builder().id("topic").arn(topic).build().expect("complete");
    let pattern = r#"{"source":["securecart"],"detail-type":["OrderShipped"]}"#;
    stage.rule("notify", pattern, target).await;

    stage.event("OrderShipped", r#"{"order":"o-1","channels":["email"]}"#).await;
    stage.event("OrderShipped", r#"{"order":"o-2","channels":["sms"]}"#).await;
    let bodies = stage.bodies(&url).await;
    let [body] = &*bodies else { panic!("one shopper wants e-mail: {bodies:?}") };
    let event: serde_json::Value = serde_json::from_str(body).expect("JSON");
    assert_eq!(event["detail-type"], "OrderShipped");
    assert_eq!(event["detail"]["order"], "o-1");
    assert_eq!(event["account"], "000000000000");
}

#[tokio::test]
async fn what_cannot_be_delivered_goes_to_the_dead_letter_queue() {
    let stage = Stage::new();
    let (letters, letters_arn) = stage.queue("letters", &[]).await;
    let (gone, gone_arn) = stage.queue("gone", &[]).await;
    let topic = stage.topic("notices").await;
    let redrive = format!(r#"{{"deadLetterTargetArn":"{letters_arn}"}}"#);
    let attributes = [("RawMessageDelivery", "true"), ("RedrivePolicy", &*redrive)];
    stage.subscribe(&topic, &gone_arn, &attributes).await;
    stage.sqs.delete_queue().queue_url(&gone).send().await.expect("deleted");
    stage.sns.publish().topic_arn(&topic).message("lost?").send().await.expect("published");
    let received = stage.sqs.receive_message().queue_url(&letters).wait_time_seconds(1);
    let received = received.message_system_attribute_names(MessageSystemAttributeName::All);
    let received = received.send().await.expect("received");
    assert_eq!(received.messages()[0].body(), Some("lost?"));
}
