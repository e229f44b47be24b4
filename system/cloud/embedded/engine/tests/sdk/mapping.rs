//! Event source mappings: queues whose messages a function works off.

use std::{
    future::ready,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use aws_sdk_lambda::types::{FunctionResponseType, ScalingConfig};
use aws_sdk_sqs::types::{QueueAttributeName, SendMessageBatchRequestEntry};
use parking_lot::Mutex;
use securecart_embedded::{FunctionError, MappingMetrics, QueueMetrics};
use serde_json::{Value, json};

use crate::support::{Stage, config};

/// A queue with a dead-letter queue after two receives, and a function that works it off.
struct Shop {
    stage: Stage,
    url: String,
    arn: String,
    letters: String,
}

/// Bodies by event.
type Batches = Arc<Mutex<Vec<Vec<String>>>>;

impl Shop {
    async fn open() -> Self {
        let stage = Stage::new();
        let (letters, letters_arn) = stage.queue("orders-dlq", &[]).await;
        let redrive = json!({ "deadLetterTargetArn": letters_arn, "maxReceiveCount": 2 });
        let redrive = redrive.to_string();
        let attributes = [
            (QueueAttributeName::RedrivePolicy, redrive.as_str()),
            (QueueAttributeName::VisibilityTimeout, "30"),
        ];
        let (url, arn) = stage.queue("orders", &attributes).await;
        Self { stage, url, arn, letters }
    }

    /// The function `work`: remembers its batches and answers with `answer`.
    fn function(
        &self,
        answer: impl Fn(&Value) -> Result<String, FunctionError> + Send + Sync + 'static,
    ) -> Batches {
        let batches = Batches::default();
        let seen = Arc::clone(&batches);
        self.stage.function("work", config(), move |event| {
            let event: Value = serde_json::from_str(&event).expect("JSON");
            seen.lock().push(bodies(&event));
            ready(answer(&event))
        });
        batches
    }

    /// The function `work`: takes `time`.
    fn slow_function(&self, time: Duration) {
        self.stage.function("work", config(), move |event| async move {
            tokio::time::sleep(time).await;
            Ok(event)
        });
    }

    async fn map(&self) -> String {
        self.map_with(|create| create).await
    }

    async fn map_with(&self, with: impl FnOnce(Create) -> Create) -> String {
        let create = self.stage.lambda.create_event_source_mapping();
        let create = create.function_name("work").event_source_arn(&self.arn);
        let created = with(create).send().await.expect("created");
        assert_eq!(created.state(), Some("Enabled"));
        created.uuid.expect("an identifier")
    }

    async fn send(&self, count: usize) {
        let entry = |n: usize| {
            let entry = SendMessageBatchRequestEntry::builder();
            entry.id(n.to_string()).message_body(format!("m-{n}")).build().expect("complete")
        };
        for start in (0..count).step_by(10) {
            let entries = (start..count.min(start + 10)).map(entry).collect();
            let send = self.stage.sqs.send_message_batch().queue_url(&self.url);
            send.set_entries(Some(entries)).send().await.expect("sent");
        }
    }

    fn queue(&self) -> QueueMetrics {
        let metrics = self.stage.engine.queue_metrics();
        metrics.into_iter().find(|queue| queue.name == "orders").expect("there")
    }

    fn mapping(&self) -> MappingMetrics {
        self.stage.engine.mapping_metrics().remove(0)
    }

    fn is_empty(&self) -> bool {
        let queue = self.queue();
        queue.visible + queue.in_flight + queue.delayed == 0
    }
}

type Create = aws_sdk_lambda::operation::create_event_source_mapping::builders::CreateEventSourceMappingFluentBuilder;

fn bodies(event: &Value) -> Vec<String> {
    let records = event["Records"].as_array().expect("records");
    records.iter().map(|record| record["body"].as_str().expect("a body").to_owned()).collect()
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[tokio::test(start_paused = true)]
async fn a_mapping_drains_its_queue_and_deletes_what_was_done() {
    let shop = Shop::open().await;
    let batches = shop.function(|_| Ok("null".to_owned()));
    shop.send(25).await;
    shop.map().await;
    tokio::time::sleep(seconds(1)).await;
    assert!(shop.is_empty(), "{:?}", shop.queue());
    assert_eq!((shop.queue().deleted, shop.queue().received), (25, 25));
    let mut seen: Vec<String> = batches.lock().iter().flatten().cloned().collect();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 25);
    assert!(batches.lock().iter().all(|batch| batch.len() <= 10));
    // What comes later is taken at once.
    shop.send(1).await;
    tokio::time::sleep(seconds(1)).await;
    assert!(shop.is_empty());
    let metrics = shop.mapping();
    assert_eq!((metrics.deleted, metrics.returned, metrics.running), (26, 0, 0));
    assert_eq!((metrics.queue.as_str(), metrics.function.as_str()), ("orders", "work"));
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_fails_comes_again_and_ends_in_the_dead_letter_queue() {
    let shop = Shop::open().await;
    let batches = shop.function(|_| Err(FunctionError::new("Shop.Odd", "no")));
    shop.send(3).await;
    shop.map().await;
    tokio::time::sleep(seconds(29)).await;
    assert_eq!(shop.queue().in_flight, 3, "until its visibility timeout");
    tokio::time::sleep(seconds(120)).await;
    assert!(shop.is_empty(), "{:?}", shop.queue());
    assert_eq!(shop.stage.bodies(&shop.letters).await, ["m-0", "m-1", "m-2"]);
    let seen: usize = batches.lock().iter().map(Vec::len).sum();
    assert_eq!((seen, shop.mapping().returned), (6, 6), "each message twice");
}

#[tokio::test(start_paused = true)]
async fn only_what_the_function_reports_comes_again() {
    let shop = Shop::open().await;
    shop.function(|event| {
        let failed = event["Records"].as_array().expect("records").iter();
        let failed = failed
            .filter(|record| record["body"] == "m-1")
            .map(|record| json!({ "itemIdentifier": record["messageId"] }));
        Ok(json!({ "batchItemFailures": failed.collect::<Vec<_>>() }).to_string())
    });
    shop.send(3).await;
    let report = FunctionResponseType::ReportBatchItemFailures;
    shop.map_with(|create| create.function_response_types(report)).await;
    tokio::time::sleep(seconds(1)).await;
    assert_eq!((shop.queue().deleted, shop.queue().in_flight), (2, 1));
    tokio::time::sleep(seconds(120)).await;
    assert_eq!(shop.stage.bodies(&shop.letters).await, ["m-1"]);
}

#[tokio::test(start_paused = true)]
async fn a_throttled_batch_waits_and_then_goes_back() {
    let shop = Shop::open().await;
    let batches = shop.function(|_| Ok("null".to_owned()));
    shop.stage.engine.throttle_function("work", Some(0)).expect("there");
    shop.map().await;
    shop.send(1).await;
    tokio::time::sleep(seconds(10)).await;
    assert_eq!((shop.queue().in_flight, shop.queue().received), (1, 1), "Lambda tries again");
    tokio::time::sleep(seconds(30)).await;
    assert_eq!(shop.queue().received, 2, "it went back and was taken again");
    shop.stage.engine.throttle_function("work", None).expect("there");
    tokio::time::sleep(seconds(20)).await;
    assert!(shop.is_empty());
    assert_eq!((batches.lock().len(), shop.mapping().returned), (1, 1));
    assert!(shop.stage.metrics("work").throttles > 4);
    // Throttled for good, a message ends among the dead letters.
    shop.stage.engine.throttle_function("work", Some(0)).expect("there");
    shop.send(1).await;
    tokio::time::sleep(seconds(120)).await;
    assert_eq!(shop.stage.bodies(&shop.letters).await, ["m-0"]);
}

#[tokio::test(start_paused = true)]
async fn a_deep_queue_gets_300_more_batches_a_minute_up_to_the_accounts_concurrency() {
    let shop = Shop::open().await;
    shop.slow_function(seconds(2));
    shop.send(20_000).await;
    shop.map_with(|create| create.batch_size(1)).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!((shop.mapping().concurrency, shop.mapping().running), (5, 5));
    tokio::time::sleep(seconds(60)).await;
    let metrics = shop.mapping();
    assert!((295..=310).contains(&metrics.concurrency), "{metrics:?}");
    assert_eq!(metrics.running, metrics.concurrency);
}

#[tokio::test(start_paused = true)]
async fn a_mapping_grows_by_the_shops_clock_and_no_further_than_its_maximum() {
    let shop = Shop::open().await;
    shop.stage.engine.set_speed(30.0);
    shop.slow_function(seconds(2));
    shop.send(2_000).await;
    let scaling = ScalingConfig::builder().maximum_concurrency(100).build();
    shop.map_with(|create| create.batch_size(1).scaling_config(scaling)).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let metrics = shop.mapping();
    assert!((40..=55).contains(&metrics.concurrency), "9 s of the shop's: {metrics:?}");
    tokio::time::sleep(seconds(4)).await;
    assert_eq!((shop.mapping().concurrency, shop.mapping().running), (100, 100));
    tokio::time::sleep(seconds(90)).await;
    assert!(shop.is_empty());
    assert_eq!(shop.mapping().concurrency, 5, "idle");
}

#[tokio::test(start_paused = true)]
async fn a_window_gathers_a_large_batch() {
    let shop = Shop::open().await;
    let batches = shop.function(|_| Ok("null".to_owned()));
    let create = |create: Create| create.batch_size(40).maximum_batching_window_in_seconds(5);
    shop.map_with(create).await;
    shop.send(15).await;
    tokio::time::sleep(seconds(3)).await;
    shop.send(10).await;
    assert!(batches.lock().is_empty(), "the window is open");
    tokio::time::sleep(seconds(3)).await;
    assert_eq!(batches.lock().iter().map(Vec::len).collect::<Vec<_>>(), [25]);
    shop.send(60).await;
    tokio::time::sleep(seconds(1)).await;
    assert_eq!(batches.lock()[1].len(), 40, "full before its window is over");
}

#[tokio::test(start_paused = true)]
async fn a_mapping_can_be_changed_stopped_and_deleted() {
    let shop = Shop::open().await;
    let batches = shop.function(|_| Ok("null".to_owned()));
    let uuid = shop.map().await;
    let update = shop.stage.lambda.update_event_source_mapping().uuid(&uuid);
    let updated = update.enabled(false).batch_size(2).send().await.expect("updated");
    assert_eq!((updated.state(), updated.batch_size()), (Some("Disabled"), Some(2)));
    shop.send(4).await;
    tokio::time::sleep(seconds(60)).await;
    assert_eq!(shop.queue().visible, 4);
    let update = shop.stage.lambda.update_event_source_mapping().uuid(&uuid);
    update.enabled(true).send().await.expect("updated");
    tokio::time::sleep(seconds(1)).await;
    assert_eq!(batches.lock().iter().map(Vec::len).collect::<Vec<_>>(), [2, 2]);
    let listed = shop.stage.lambda.list_event_source_mappings().event_source_arn(&shop.arn);
    let listed = listed.send().await.expect("listed");
    assert_eq!(listed.event_source_mappings().len(), 1);
    shop.stage.lambda.delete_event_source_mapping().uuid(&uuid).send().await.expect("deleted");
    shop.send(1).await;
    tokio::time::sleep(seconds(60)).await;
    assert_eq!(shop.queue().visible, 1);
    let get = shop.stage.lambda.get_event_source_mapping().uuid(&uuid).send().await;
    assert!(get.expect_err("gone").into_service_error().is_resource_not_found_exception());
}

#[tokio::test(start_paused = true)]
async fn stopping_waits_for_what_is_under_way() {
    let shop = Shop::open().await;
    let done = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&done);
    shop.stage.function("work", config(), move |event| {
        let count = Arc::clone(&count);
        async move {
            tokio::time::sleep(seconds(2)).await;
            count.fetch_add(1, Ordering::Relaxed);
            Ok(event)
        }
    });
    shop.map().await;
    shop.send(10).await;
    tokio::time::sleep(seconds(1)).await;
    shop.stage.engine.stop_mappings().await;
    assert_eq!(
        (done.load(Ordering::Relaxed), shop.mapping().running),
        (shop.mapping().batches as u32, 0)
    );
    shop.send(10).await;
    tokio::time::sleep(seconds(60)).await;
    assert_eq!(shop.queue().visible, 10);
}

#[tokio::test(start_paused = true)]
async fn what_a_mapping_must_not_be() {
    let shop = Shop::open().await;
    let create = || shop.stage.lambda.create_event_source_mapping().event_source_arn(&shop.arn);
    let refused =
        async |create: Create| create.send().await.expect_err("refused").into_service_error();
    let error = refused(create().function_name("work")).await;
    assert!(error.is_invalid_parameter_value_exception(), "no function: {error:?}");
    shop.function(|_| Ok("null".to_owned()));
    let gone = format!("{}-gone", shop.arn);
    for create in [
        create().function_name("work").batch_size(0),
        create().function_name("work").batch_size(11),
        create().function_name("work").maximum_batching_window_in_seconds(301),
        create()
            .function_name("work")
            .scaling_config(ScalingConfig::builder().maximum_concurrency(1).build()),
        create().function_name("work").event_source_arn(gone),
        create().function_name("work").event_source_arn("arn:aws:kinesis:::s"),
    ] {
        let error = refused(create).await;
        assert!(error.is_invalid_parameter_value_exception(), "{error:?}");
    }
    create().function_name("work").send().await.expect("created");
    let error = refused(create().function_name("work")).await;
    assert!(error.is_resource_conflict_exception(), "{error:?}");
    let slow = securecart_embedded::FunctionConfig { timeout: seconds(31), ..config() };
    shop.stage.function("slow", slow, |event| ready(Ok(event)));
    let error = refused(create().function_name("slow")).await;
    assert!(error.is_invalid_parameter_value_exception(), "longer than the visibility: {error:?}");
}
