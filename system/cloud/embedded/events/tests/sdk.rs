//! The wire, judged by the official SDK: requests as it writes them, answers and errors as it reads
//! them.
#![forbid(unsafe_code)]

use std::sync::{Arc, Mutex};

use aws_credential_types::Credentials;
use aws_sdk_eventbridge::types::{InputTransformer, PutEventsRequestEntry, Target};
use aws_sdk_sns::{
    error::ProvideErrorMetadata,
    types::{MessageAttributeValue, PublishBatchRequestEntry, Tag},
};
use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
    },
    orchestrator::{HttpRequest, HttpResponse},
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::{Blob, body::SdkBody};
use securecart_clock::Clock;
use securecart_embedded_events::{EVENTBRIDGE_PROTOCOL, EventBridge, SNS_PROTOCOL, Sns};
use securecart_embedded_wire::{
    Answer, Call, FunctionInvocation, QueueDelivery, TargetFuture, Targets,
};

const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:email";

/// Keeps what it is given.
#[derive(Debug, Default)]
struct Kept(Mutex<Vec<QueueDelivery>>);

impl Targets for Kept {
    fn deliver<'a>(&'a self, delivery: &'a QueueDelivery) -> TargetFuture<'a> {
        self.0.lock().expect("no test panics while it holds this").push(delivery.clone());
        Box::pin(async { Ok(()) })
    }

    fn invoke<'a>(&'a self, _invocation: &'a FunctionInvocation) -> TargetFuture<'a> {
        Box::pin(async { Ok(()) })
    }
}

/// Both services as the SDK's HTTP client.
#[derive(Clone)]
struct Wire {
    sns: Arc<Sns>,
    events: Arc<EventBridge>,
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wire")
    }
}

impl Wire {
    async fn answer(&self, target: Option<&str>, body: &[u8]) -> Answer {
        let origin = "http://127.0.0.1:4566";
        if let Some((_, operation)) = target.and_then(|target| target.split_once('.')) {
            let result = self.events.call(Call { operation, body, origin }).await;
            return result.unwrap_or_else(|error| Answer::error(EVENTBRIDGE_PROTOCOL, &error, "r"));
        }
        let text = std::str::from_utf8(body).expect("a form");
        let action = text.split('&').find_map(|pair| pair.strip_prefix("Action="));
        let operation = action.expect("an action");
        let result = self.sns.call(Call { operation, body, origin }).await;
        result.unwrap_or_else(|error| Answer::error(SNS_PROTOCOL, &error, "r"))
    }
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let wire = self.clone();
        HttpConnectorFuture::new(async move {
            let body = request.body().bytes().unwrap_or_default();
            let answer = wire.answer(request.headers().get("x-amz-target"), body).await;
            let status = answer.status.try_into().expect("a status");
            let mut response = HttpResponse::new(status, SdkBody::from(answer.body));
            for (name, value) in answer.headers {
                response.headers_mut().insert(name, value);
            }
            Ok(response)
        })
    }
}

impl HttpClient for Wire {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

struct Clients {
    kept: Arc<Kept>,
    sns: aws_sdk_sns::Client,
    events: aws_sdk_eventbridge::Client,
}

fn clients() -> Clients {
    let kept = Arc::new(Kept::default());
    let clock = Clock::starting_at(1_795_737_600_000);
    let sns = Arc::new(Sns::new(clock, 7, Arc::clone(&kept) as _));
    let events = Arc::new(EventBridge::new(clock, 7, Arc::clone(&kept) as _, Arc::clone(&sns)));
    let wire = Wire { sns, events };
    let credentials = Credentials::from_keys("key", "secret", None);
    let sns = aws_sdk_sns::Config::builder()
        .region(aws_sdk_sns::config::Region::new("us-east-1"))
        .credentials_provider(credentials.clone())
        .endpoint_url("http://127.0.0.1:4566")
        .http_client(wire.clone())
        .build();
    let events = aws_sdk_eventbridge::Config::builder()
        .region(aws_sdk_eventbridge::config::Region::new("us-east-1"))
        .credentials_provider(credentials)
        .endpoint_url("http://127.0.0.1:4566")
        .http_client(wire)
        .build();
    Clients {
        kept,
        sns: aws_sdk_sns::Client::from_conf(sns),
        events: aws_sdk_eventbridge::Client::from_conf(events),
    }
}

impl Clients {
    /// A topic with a queue that gets its messages raw; both ARNs.
    async fn topic(&self) -> (String, String) {
        let tag = Tag::builder().key("team").value("shop & co").build().expect("complete");
        let made = self.sns.create_topic().name("notices").tags(tag).send().await.expect("made");
        let topic = made.topic_arn.expect("an ARN");
        let subscribed = self
            .sns
            .subscribe()
            .topic_arn(&topic)
            .protocol("sqs")
            .endpoint(QUEUE)
            .attributes("RawMessageDelivery", "true")
            .attributes("FilterPolicy", r#"{"kind": [{"anything-but": "secret"}]}"#)
            .send()
            .await
            .expect("subscribed");
        (topic, subscribed.subscription_arn.expect("an ARN"))
    }
}

fn typed(data_type: &str) -> aws_sdk_sns::types::builders::MessageAttributeValueBuilder {
    MessageAttributeValue::builder().data_type(data_type)
}

#[tokio::test]
async fn the_sdk_publishes() {
    let clients = clients();
    let (topic, _) = clients.topic().await;
    let kind = typed("String").string_value("a+b & ü").build().expect("complete");
    let bytes = typed("Binary").binary_value(Blob::new([0, 255])).build().expect("complete");
    let published = clients
        .sns
        .publish()
        .topic_arn(&topic)
        .message("100 % <ü> & more")
        .message_attributes("kind", kind.clone())
        .message_attributes("bytes", bytes)
        .send()
        .await
        .expect("published");
    assert_eq!(published.message_id().map(str::len), Some(36));
    let entry = |id: &str, message: &str| {
        let entry = PublishBatchRequestEntry::builder().id(id).message(message);
        entry.message_attributes("kind", kind.clone()).build().expect("complete")
    };
    let batch = clients
        .sns
        .publish_batch()
        .topic_arn(&topic)
        .publish_batch_request_entries(entry("good", "m"))
        .publish_batch_request_entries(entry("bad", ""))
        .send()
        .await
        .expect("answered");
    assert_eq!(batch.successful()[0].id(), Some("good"));
    assert_eq!((batch.failed()[0].id(), batch.failed()[0].code()), ("bad", "InvalidParameter"));
    assert!(batch.failed()[0].sender_fault());
    let kept = clients.kept.0.lock().expect("not poisoned");
    assert_eq!(kept[0].body, "100 % <ü> & more");
    let mut attributes = kept[0].attributes.clone();
    attributes.sort();
    let attribute = |name: &str, data_type: &str, value: &str| {
        (name.to_owned(), data_type.to_owned(), value.to_owned())
    };
    assert_eq!(
        attributes,
        [attribute("bytes", "Binary", "AP8="), attribute("kind", "String", "a+b & ü")]
    );
}

#[tokio::test]
async fn the_sdk_reads_topics_and_errors() {
    let clients = clients();
    let (topic, subscription) = clients.topic().await;
    let listed = clients.sns.list_topics().send().await.expect("listed");
    assert_eq!(listed.topics()[0].topic_arn(), Some(&*topic));
    let got = clients.sns.get_subscription_attributes().subscription_arn(&subscription);
    let got = got.send().await.expect("attributes").attributes.expect("a map");
    assert_eq!(got["FilterPolicy"], r#"{"kind": [{"anything-but": "secret"}]}"#);
    let listed = clients.sns.list_subscriptions_by_topic().topic_arn(&topic).send().await;
    assert_eq!(listed.expect("listed").subscriptions()[0].endpoint(), Some(QUEUE));
    let tags = clients.sns.list_tags_for_resource().resource_arn(&topic).send().await;
    assert_eq!(tags.expect("tags").tags()[0].value(), "shop & co");
    clients.sns.untag_resource().resource_arn(&topic).tag_keys("team").send().await.expect("done");
    clients.sns.unsubscribe().subscription_arn(&subscription).send().await.expect("done");
    clients.sns.delete_topic().topic_arn(&topic).send().await.expect("done");
    let gone = clients.sns.publish().topic_arn(&topic).message("m").send().await;
    let gone = gone.expect_err("the topic is gone").into_service_error();
    assert!(gone.is_not_found_exception(), "{gone:?}");
    let empty = clients.sns.publish_batch().topic_arn(&topic).send().await;
    assert_eq!(empty.expect_err("gone").into_service_error().code(), Some("NotFound"));
}

#[tokio::test]
async fn the_sdk_routes_events() {
    let clients = clients();
    let (topic, _) = clients.topic().await;
    clients.events.create_event_bus().name("shop").send().await.expect("made");
    let pattern = r#"{"source": ["shop"], "detail": {"total": [{"numeric": [">", 10]}]}}"#;
    let rule = clients.events.put_rule().name("big").event_bus_name("shop");
    rule.event_pattern(pattern).send().await.expect("put");
    let template = InputTransformer::builder()
        .input_paths_map("id", "$.detail.id")
        .input_template(r#"{"order": <id>}"#)
        .build()
        .expect("complete");
    let target = |id: &str, arn: &str| Target::builder().id(id).arn(arn);
    let put = clients
        .events
        .put_targets()
        .rule("big")
        .event_bus_name("shop")
        .targets(target("queue", QUEUE).build().expect("complete"))
        .targets(target("topic", &topic).input_transformer(template).build().expect("complete"))
        .send()
        .await
        .expect("put");
    assert_eq!(put.failed_entry_count(), 0);
    let entry = |detail: &str| {
        let entry = PutEventsRequestEntry::builder().source("shop").detail_type("order");
        entry.event_bus_name("shop").detail(detail).build()
    };
    let answer = clients
        .events
        .put_events()
        .entries(entry(r#"{"id": "o-1", "total": 11}"#))
        .entries(entry(r#"{"id": "o-2", "total": 9}"#))
        .entries(entry("nonsense"))
        .send()
        .await
        .expect("answered");
    assert_eq!(answer.failed_entry_count(), 1);
    assert_eq!(answer.entries()[2].error_code(), Some("MalformedDetail"));
    let bodies: Vec<String> =
        clients.kept.0.lock().expect("not poisoned").iter().map(|kept| kept.body.clone()).collect();
    assert_eq!(bodies.len(), 1, "the topic's filter asks for an attribute that rules don't send");
    assert!(bodies[0].contains(r#""detail":{"id": "o-1", "total": 11}"#), "{bodies:?}");
    let described = clients.events.describe_event_bus().name("shop").send().await.expect("there");
    assert_eq!(described.creation_time().map(|time| time.secs()), Some(1_795_737_600));
    let listed = clients.events.list_targets_by_rule().rule("big").event_bus_name("shop");
    assert_eq!(listed.send().await.expect("listed").targets().len(), 2);
    let wrong = clients.events.put_rule().name("x").event_pattern("{").send().await;
    let wrong = wrong.expect_err("no pattern").into_service_error();
    assert!(wrong.is_invalid_event_pattern_exception(), "{wrong:?}");
}
