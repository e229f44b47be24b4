//! The call rates of SQS, SNS, EventBridge and S3: the SDK reads each refusal as what it is, and retries
//! it.

use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_sdk_sqs::{error::ProvideErrorMetadata as _, types::QueueAttributeName};
use aws_smithy_types::retry::RetryConfig;
use futures::future::join_all;
use securecart_domain::resources::{INDEX_KEY, PLACEHOLDER_IMAGE_KEY, STOREFRONT_BUCKET};

use crate::stage::{ROLE, Stage};

/// Buckets of a hundredth of a second.
const SMALL_BUCKETS: (&str, f64) = ("quotas.burst", 0.01);

fn once() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(1)
}

#[tokio::test(start_paused = true)]
async fn a_fifo_queue_answers_request_throttled() {
    let assumptions = [SMALL_BUCKETS, ("sqs.latency-p50", 5.0), ("sqs.latency-p99", 5.0)];
    let stage = Stage::with(1.0, &[], &assumptions).await;
    let created = stage
        .harness
        .sqs
        .create_queue()
        .queue_name("orders.fifo")
        .attributes(QueueAttributeName::FifoQueue, "true")
        .send()
        .await;
    let url = created.expect("created").queue_url.expect("a URL");
    let send = |number: usize| {
        stage
            .service
            .sqs
            .send_message()
            .queue_url(&url)
            .message_body("m")
            .message_group_id("g")
            .message_deduplication_id(number.to_string())
    };
    let config = aws_sdk_sqs::config::Builder::new().retry_config(once());
    let sends = (0..10).map(|number| {
        let send = send(number).customize().config_override(config.clone());
        async move { send.send().await }
    });
    let outcomes = join_all(sends).await;
    let errors: Vec<_> = outcomes.into_iter().filter_map(Result::err).collect();
    assert_eq!(errors.len(), 7, "three in a hundredth of a second");
    for error in errors {
        let error = error.into_service_error();
        assert!(error.is_request_throttled(), "{error:?}");
        assert_eq!(error.code(), Some("RequestThrottled"));
    }
    let before = stage.cloud.retries(ROLE);
    join_all((10..20).map(|number| send(number).send())).await;
    assert!(stage.cloud.retries(ROLE) > before, "the SDK takes it for throttling");
}

#[tokio::test(start_paused = true)]
async fn sns_answers_throttling() {
    let assumptions = [SMALL_BUCKETS, ("sns.latency-p50", 12.0), ("sns.latency-p99", 12.0)];
    let stage = Stage::with(1.0, &[], &assumptions).await;
    let topics = stage.harness.sns.list_topics().send().await.expect("a topic");
    let topic = topics.topics()[0].topic_arn().expect("an ARN").to_owned();
    let config = aws_sdk_sns::config::Builder::new().retry_config(once());
    let publishes = (0..310).map(|_| {
        let publish = stage.service.sns.publish().topic_arn(&topic).message("{}");
        let publish = publish.customize().config_override(config.clone());
        async move { publish.send().await }
    });
    let outcomes = join_all(publishes).await;
    let errors: Vec<_> = outcomes.into_iter().filter_map(Result::err).collect();
    assert_eq!(errors.len(), 10, "300 in a hundredth of a second");
    for error in errors {
        let error = error.into_service_error();
        assert_eq!((error.code(), error.message()), (Some("Throttling"), Some("Rate exceeded")));
    }
    assert_eq!(stage.cloud.throttled(ROLE), 10);
    let publishes = (0..400).map(|_| stage.service.sns.publish().topic_arn(&topic).message("{}"));
    join_all(publishes.map(|publish| publish.send())).await;
    assert!(stage.cloud.retries(ROLE) > 0, "the SDK takes it for throttling");
}

#[tokio::test(start_paused = true)]
async fn eventbridge_answers_throttling_exception() {
    let assumptions =
        [SMALL_BUCKETS, ("eventbridge.latency-p50", 12.0), ("eventbridge.latency-p99", 12.0)];
    let stage = Stage::with(1.0, &[], &assumptions).await;
    let put = || {
        let entry = PutEventsRequestEntry::builder()
            .source("test")
            .detail_type("t")
            .detail("{}")
            .event_bus_name("securecart")
            .build();
        stage.service.eventbridge.put_events().entries(entry)
    };
    let config = aws_sdk_eventbridge::config::Builder::new().retry_config(once());
    let puts = (0..105).map(|_| {
        let put = put().customize().config_override(config.clone());
        async move { put.send().await }
    });
    let outcomes = join_all(puts).await;
    let errors: Vec<_> = outcomes.into_iter().filter_map(Result::err).collect();
    assert_eq!(errors.len(), 5, "100 in a hundredth of a second");
    for error in errors {
        let error = error.into_service_error();
        assert_eq!(error.code(), Some("ThrottlingException"));
        assert_eq!(error.message(), Some("Rate exceeded"));
    }
    let before = stage.cloud.retries(ROLE);
    join_all((0..200).map(|_| put().send())).await;
    assert!(stage.cloud.retries(ROLE) > before, "the SDK takes it for throttling");
}

#[tokio::test(start_paused = true)]
async fn s3_answers_slow_down_for_each_folder() {
    let assumptions = [SMALL_BUCKETS, ("s3.latency-p50", 12.0), ("s3.latency-p99", 12.0)];
    let stage = Stage::with(1.0, &[], &assumptions).await;
    let get = |key: &str| stage.service.s3.get_object().bucket(STOREFRONT_BUCKET).key(key);
    let config = aws_sdk_s3::config::Builder::new().retry_config(once());
    let gets = (0..60).map(|_| {
        let get = get(PLACEHOLDER_IMAGE_KEY).customize().config_override(config.clone());
        async move { get.send().await }
    });
    let outcomes = join_all(gets).await;
    let errors: Vec<_> = outcomes.into_iter().filter_map(Result::err).collect();
    assert_eq!(errors.len(), 5, "55 in a hundredth of a second");
    for error in errors {
        assert_eq!(error.raw_response().map(|raw| raw.status().as_u16()), Some(503));
        let error = error.into_service_error();
        let expected = (Some("SlowDown"), Some("Please reduce your request rate."));
        assert_eq!((error.code(), error.message()), expected);
    }
    assert_eq!(stage.cloud.throttled(ROLE), 5);
    let page = get(INDEX_KEY).send().await.expect("another folder");
    assert_eq!(page.content_type(), Some("text/html; charset=utf-8"));
    join_all((0..100).map(|_| get(PLACEHOLDER_IMAGE_KEY).send())).await;
    assert!(stage.cloud.retries(ROLE) > 0, "the SDK takes it for throttling");
}
