//! Faults that are switched on and off.

use std::time::Duration;

use aws_sdk_dynamodb::{error::ProvideErrorMetadata as _, operation::get_item::GetItemError};
use securecart_cloud::{Service, Target};
use securecart_domain::resources::{CARTS_TABLE, STOCK_TABLE};
use tokio::time::Instant;

use crate::stage::{ROLE, Stage, cart, once};

async fn get(stage: &Stage) -> Result<(), GetItemError> {
    let get = stage.service.dynamodb.get_item().table_name(CARTS_TABLE).key("cart_id", cart(1));
    let outcome = get.customize().config_override(once()).send().await;
    outcome.map(|_| ()).map_err(|error| error.into_service_error())
}

#[tokio::test(start_paused = true)]
async fn a_table_on_demand_answers_throttling_exception_until_the_guard_is_dropped() {
    let stage = Stage::new().await;
    let guard = stage.cloud.throttle_table(CARTS_TABLE, 1.0);
    let error = get(&stage).await.expect_err("every call is throttled");
    let GetItemError::ThrottlingException(error) = error else { panic!("another: {error:?}") };
    let reason = &error.throttling_reasons()[0];
    assert_eq!(reason.reason(), Some("TableReadKeyRangeThroughputExceeded"));
    assert!(error.message().is_some_and(|text| text.contains("please try again shortly")));
    let other = stage.service.dynamodb.get_item().table_name(STOCK_TABLE);
    let other = other.key("product_id", cart(1)).send().await;
    assert!(other.is_ok(), "the other table works: {other:?}");
    drop(guard);
    get(&stage).await.expect("it is over");
    assert_eq!(stage.table(CARTS_TABLE).throttled_reads, 1);
}

#[tokio::test(start_paused = true)]
async fn a_provisioned_table_answers_its_own_exception() {
    let stage = Stage::with(1.0, &[(CARTS_TABLE, 100, 100)], &[]).await;
    let _guard = stage.cloud.throttle_table(CARTS_TABLE, 1.0);
    let error = get(&stage).await.expect_err("every call is throttled");
    assert!(error.is_provisioned_throughput_exceeded_exception(), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn about_the_share_is_throttled() {
    let stage = Stage::new().await;
    let _guard = stage.cloud.throttle_table(CARTS_TABLE, 0.3);
    let mut throttled = 0;
    for _ in 0..500 {
        throttled += u32::from(get(&stage).await.is_err());
    }
    assert!((110..=190).contains(&throttled), "{throttled}");
}

#[tokio::test(start_paused = true)]
async fn failures_are_500_and_503_and_the_sdk_retries_them() {
    let stage = Stage::new().await;
    let guard = stage.cloud.fail(Target::service(Service::DynamoDb), 1.0);
    let mut codes: Vec<String> = Vec::new();
    for _ in 0..20 {
        let error = get(&stage).await.expect_err("every call fails");
        codes.push(error.code().expect("a code").to_owned());
    }
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes, ["InternalServerError", "ServiceUnavailable"]);
    let get_again =
        || stage.service.dynamodb.get_item().table_name(CARTS_TABLE).key("cart_id", cart(1)).send();
    get_again().await.expect_err("three attempts fail");
    assert_eq!(stage.cloud.retries(ROLE), 2);
    drop(guard);
    get_again().await.expect("it is over");
    assert_eq!(stage.cloud.throttled(ROLE), 0, "a failure is no throttle");
}

#[tokio::test(start_paused = true)]
async fn every_service_fails_in_its_own_words() {
    let stage = Stage::new().await;
    let clients = &stage.service;
    let targets: [Target; 4] = ["sqs", "sns:ListTopics", "events:ListRules", "s3:HeadBucket"]
        .map(|target| target.parse().expect("a target"));
    let _guards = targets.map(|target| stage.cloud.fail(target, 1.0));
    let sqs = clients.sqs.list_queues().send().await.expect_err("it fails");
    let sns = clients.sns.list_topics().send().await.expect_err("it fails");
    let bucket = clients.s3.head_bucket().bucket("b").send().await.expect_err("it fails");
    // An answer to HEAD has no body to say more.
    let status = bucket.raw_response().map(|raw| raw.status().as_u16());
    assert!(matches!(status, Some(500 | 503)), "{status:?}");
    let events = clients.eventbridge.list_rules().send().await.expect_err("it fails");
    for (code, own) in [
        (sqs.code(), "InternalFailure"),
        (sns.code(), "InternalError"),
        (events.code(), "InternalException"),
    ] {
        assert!(code == Some(own) || code == Some("ServiceUnavailable"), "{code:?} for {own}");
    }
    assert_eq!(stage.cloud.retries(ROLE), 8, "two for each");
    clients.sns.list_subscriptions().send().await.expect("only topics fail");
}

#[tokio::test(start_paused = true)]
async fn a_slow_call_takes_its_time() {
    let level = [("dynamodb.latency-read-p50", 10.0), ("dynamodb.latency-read-p99", 10.0)];
    let stage = Stage::with(1.0, &[], &level).await;
    let started = Instant::now();
    let time = || async {
        let started = Instant::now();
        get(&stage).await.expect("read");
        started.elapsed().as_millis()
    };
    assert!((10..=12).contains(&time().await));
    let guard = stage.cloud.slow(
        "dynamodb:GetItem".parse().expect("a target"),
        5.0,
        Duration::from_millis(100),
    );
    assert!((150..=152).contains(&time().await));
    drop(guard);
    assert!((10..=12).contains(&time().await));
    let _forgotten = stage.cloud.slow(Target::service(Service::DynamoDb), 2.0, Duration::ZERO);
    stage.cloud.clear_faults();
    assert!((10..=12).contains(&time().await));
    assert!(started.elapsed() < Duration::from_secs(1));
}
