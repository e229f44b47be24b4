//! Functions written in Rust are what topics and rules call as Lambda functions.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use aws_sdk_eventbridge::types::{PutEventsRequestEntry, Target};
use securecart_embedded::FunctionError;
use tokio::{sync::mpsc, time::Instant};

use crate::support::{Stage, config};

const ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function:fraud";

impl Stage {
    /// Sends every event of the default bus's source `shop` to the function.
    async fn watch(&self) {
        let rule = self.eventbridge.put_rule().name("deep").event_pattern(r#"{"source":["shop"]}"#);
        rule.send().await.expect("put");
        let target = Target::builder().id("fraud").arn(ARN).build().expect("complete");
        let put = self.eventbridge.put_targets().rule("deep").targets(target).send().await;
        assert_eq!(put.expect("put").failed_entry_count(), 0);
    }

    async fn order(&self, id: &str) {
        let detail = format!(r#"{{"order":"{id}"}}"#);
        let entry = PutEventsRequestEntry::builder().source("shop").detail_type("OrderPlaced");
        let entry = entry.detail(detail).build();
        let put = self.eventbridge.put_events().entries(entry).send().await.expect("put");
        assert_eq!(put.failed_entry_count(), 0);
    }
}

fn failed(why: &impl ToString) -> FunctionError {
    FunctionError::new("Shop.Failed", why.to_string())
}

fn order_of(event: &str) -> String {
    let event: serde_json::Value = serde_json::from_str(event).expect("JSON");
    event["detail"]["order"].as_str().expect("an order").to_owned()
}

#[tokio::test]
async fn a_rule_calls_a_function() {
    let stage = Stage::new();
    let (tell, mut called) = mpsc::channel(8);
    stage.function("fraud", config(), move |event| {
        let tell = tell.clone();
        async move { tell.send(event).await.map(|()| "null".to_owned()).map_err(|error| failed(&error)) }
    });
    stage.watch().await;
    stage.order("o-1").await;
    assert_eq!(order_of(&called.recv().await.expect("a call")), "o-1");
}

#[tokio::test]
async fn a_topic_calls_a_function_with_its_records() {
    let stage = Stage::new();
    let (tell, mut called) = mpsc::channel(8);
    stage.function("fraud", config(), move |event| {
        let tell = tell.clone();
        async move { tell.send(event).await.map(|()| "null".to_owned()).map_err(|error| failed(&error)) }
    });
    let topic = stage.sns.create_topic().name("placed").send().await.expect("created");
    let topic = topic.topic_arn.expect("an ARN");
    let subscribe = stage.sns.subscribe().topic_arn(&topic).protocol("lambda").endpoint(ARN);
    subscribe.send().await.expect("subscribed");
    stage.sns.publish().topic_arn(&topic).message("o-1").send().await.expect("published");
    let event = called.recv().await.expect("a call");
    let event: serde_json::Value = serde_json::from_str(&event).expect("JSON");
    assert_eq!(event["Records"][0]["Sns"]["Message"], "o-1");
    assert_eq!(event["Records"][0]["EventSource"], "aws:sns");
}

#[tokio::test(start_paused = true)]
async fn a_function_that_fails_is_called_again() {
    let stage = Stage::new();
    let (tell, mut called) = mpsc::channel(8);
    let calls = Arc::new(AtomicU32::new(0));
    stage.function("fraud", config(), move |event| {
        let (tell, calls) = (tell.clone(), Arc::clone(&calls));
        async move {
            match calls.fetch_add(1, Ordering::Relaxed) {
                0 | 1 => Err(failed(&"not yet")),
                _ => tell
                    .send(event)
                    .await
                    .map(|()| "null".to_owned())
                    .map_err(|error| failed(&error)),
            }
        }
    });
    stage.watch().await;
    let sent = Instant::now();
    stage.order("o-2").await;
    assert_eq!(order_of(&called.recv().await.expect("the third call")), "o-2");
    assert_eq!(sent.elapsed().as_secs(), 180, "a minute, then two");
}
