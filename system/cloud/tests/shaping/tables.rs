//! DynamoDB's capacity.

use std::time::Duration;

use aws_sdk_dynamodb::{
    operation::put_item::PutItemError,
    types::{
        AttributeValue, Put, PutRequest, ReturnConsumedCapacity, TransactWriteItem, WriteRequest,
    },
};
use futures::future::join_all;
use securecart_cloud::{Cloud, ErrorKind, Role, Shaping};
use securecart_domain::resources::{CARTS_TABLE, RESERVATIONS_TABLE, STOCK_TABLE};
use tokio::time::Instant;

use crate::stage::{ROLE, Stage, attempts, cart, once};

/// Puts cart `number` with one attempt.
async fn put(stage: &Stage, number: usize) -> Result<(), PutItemError> {
    let put =
        stage.service.dynamodb.put_item().table_name(CARTS_TABLE).item("cart_id", cart(number));
    let outcome = put.customize().config_override(once()).send().await;
    outcome.map(|_| ()).map_err(|error| error.into_service_error())
}

#[tokio::test(start_paused = true)]
async fn a_small_table_throttles_and_the_sdk_retries_and_recovers() {
    // At speed 300 a second's worth of burst is left: 10 units.
    let stage = Stage::with(300.0, &[(CARTS_TABLE, 10, 10)], &[]).await;
    let puts = (0..40).map(|number| {
        let put = stage.service.dynamodb.put_item().table_name(CARTS_TABLE);
        let put = put.item("cart_id", cart(number)).customize().config_override(attempts(20));
        async move { put.send().await }
    });
    let started = Instant::now();
    let outcomes = join_all(puts).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    // 10 at once, 30 at 10 a second.
    assert!(started.elapsed() >= Duration::from_millis(2_900), "{:?}", started.elapsed());
    let table = stage.table(CARTS_TABLE);
    assert_eq!(table.write_units, 40.0);
    assert!(table.throttled_writes >= 30, "{table:?}");
    assert_eq!(stage.cloud.throttled(ROLE), table.throttled_writes);
    assert_eq!(stage.cloud.retries(ROLE), table.throttled_writes, "each throttle was retried");
    assert_eq!(stage.cloud.calls(ROLE), 40 + table.throttled_writes);
}

#[tokio::test(start_paused = true)]
async fn what_reaches_the_caller_is_the_modelled_exception_with_its_reasons() {
    let stage = Stage::with(300.0, &[(CARTS_TABLE, 10, 1)], &[]).await;
    let outcomes = join_all((0..5).map(|number| put(&stage, number))).await;
    let errors: Vec<PutItemError> = outcomes.into_iter().filter_map(Result::err).collect();
    assert_eq!(errors.len(), 4, "one unit, five writes");
    for error in errors {
        let PutItemError::ProvisionedThroughputExceededException(error) = error else {
            panic!("another error: {error:?}");
        };
        assert!(error.message().is_some_and(|text| text.contains("UpdateTable API")), "{error}");
        let reasons = error.throttling_reasons();
        assert_eq!(reasons[0].reason(), Some("TableWriteProvisionedThroughputExceeded"));
        assert_eq!(
            reasons[0].resource(),
            Some("arn:aws:dynamodb:us-east-1:000000000000:table/carts")
        );
    }
}

/// Vector 7 of the sheet at speed 30: 100 WCU have 1,000 units stored, and 500 writes a second use
/// them up in 2.5 s.
#[tokio::test(start_paused = true)]
async fn stored_capacity_lasts_as_long_as_predicted() {
    let level = [("dynamodb.latency-write-p50", 5.0), ("dynamodb.latency-write-p99", 5.0)];
    let stage = Stage::with(30.0, &[(CARTS_TABLE, 10, 100)], &level).await;
    let started = Instant::now();
    let writes = (0..2_000_u32).map(|number| {
        let stage = &stage;
        async move {
            let at = Duration::from_millis(u64::from(number) * 2);
            tokio::time::sleep_until(started + at).await;
            put(stage, number as usize).await.is_err().then_some(at)
        }
    });
    let throttled: Vec<Duration> = join_all(writes).await.into_iter().flatten().collect();
    let first = throttled.first().expect("it throttles").as_secs_f64();
    assert!((2.4..=2.6).contains(&first), "{first}");
    let fourth_second = throttled.iter().filter(|at| at.as_secs() == 3).count();
    assert!((395..=405).contains(&fourth_second), "{fourth_second}");
}

#[tokio::test(start_paused = true)]
async fn a_hot_item_gets_no_more_than_a_partition() {
    let stage = Stage::with(1.0, &[(CARTS_TABLE, 10, 10_000)], &[]).await;
    let started = Instant::now();
    let writes = (0..4_500_u32).map(|number| {
        let stage = &stage;
        async move {
            tokio::time::sleep_until(started + Duration::from_micros(u64::from(number) * 667))
                .await;
            put(stage, 1).await
        }
    });
    let outcomes = join_all(writes).await;
    let throttled: Vec<&PutItemError> =
        outcomes.iter().filter_map(|put| put.as_ref().err()).collect();
    // 1,500 a second for 3 s: the partition's 1,000 at once, and 1,000 a second.
    assert!((400..=600).contains(&throttled.len()), "{}", throttled.len());
    let PutItemError::ProvisionedThroughputExceededException(error) = throttled[0] else {
        panic!("another error: {:?}", throttled[0]);
    };
    let reason = error.throttling_reasons()[0].reason();
    assert_eq!(reason, Some("TableWriteKeyRangeThroughputExceeded"));
}

#[tokio::test(start_paused = true)]
async fn a_transaction_is_cancelled_with_a_reason_for_each_item() {
    let stage = Stage::with(300.0, &[(STOCK_TABLE, 1, 1), (CARTS_TABLE, 10, 10)], &[]).await;
    let item = |table: &str, key: &str, value: &str| {
        let put = Put::builder().table_name(table).item(key, AttributeValue::S(value.to_owned()));
        TransactWriteItem::builder().put(put.build().expect("complete")).build()
    };
    let outcome = stage
        .service
        .dynamodb
        .transact_write_items()
        .transact_items(item(CARTS_TABLE, "cart_id", "a"))
        .transact_items(item(STOCK_TABLE, "product_id", "b"))
        .transact_items(item(STOCK_TABLE, "product_id", "c"))
        .send()
        .await;
    let error = outcome.expect_err("a unit for two items").into_service_error();
    let reasons = match error {
        aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError::TransactionCanceledException(error) => error,
        other => panic!("another error: {other:?}"),
    };
    let codes: Vec<&str> =
        reasons.cancellation_reasons().iter().filter_map(|reason| reason.code()).collect();
    assert_eq!(codes, ["None", "None", "ProvisionedThroughputExceeded"]);
    let written = stage.harness.dynamodb.scan().table_name(CARTS_TABLE).send().await;
    assert_eq!(written.expect("a scan").count(), 0, "it never reached the backend");
}

#[tokio::test(start_paused = true)]
async fn a_batch_comes_back_with_what_was_throttled() {
    let stage = Stage::with(300.0, &[(CARTS_TABLE, 10, 2)], &[]).await;
    let requests: Vec<WriteRequest> = (0..5)
        .map(|number| {
            let put = PutRequest::builder().item("cart_id", cart(number)).build();
            WriteRequest::builder().put_request(put.expect("complete")).build()
        })
        .collect();
    let write =
        stage.service.dynamodb.batch_write_item().request_items(CARTS_TABLE, requests.clone());
    let answer = write.send().await.expect("two of five are written");
    let left = &answer.unprocessed_items().expect("three are left")[CARTS_TABLE];
    assert_eq!(left, &requests[2..]);
    let written = stage.harness.dynamodb.scan().table_name(CARTS_TABLE).send().await;
    assert_eq!(written.expect("a scan").count(), 2);
    // Nothing left at all: the whole call is refused.
    let write = stage.service.dynamodb.batch_write_item().request_items(CARTS_TABLE, requests);
    let outcome = write.customize().config_override(once()).send().await;
    let error = outcome.expect_err("no units").into_service_error();
    assert!(error.is_provisioned_throughput_exceeded_exception(), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn units_are_those_of_the_answer_or_follow_from_size() {
    let stage =
        Stage::with(1.0, &[(CARTS_TABLE, 100, 100), (RESERVATIONS_TABLE, 100, 100)], &[]).await;
    let dynamodb = &stage.service.dynamodb;
    let large = AttributeValue::S("x".repeat(3_500));
    for (table, key, report) in [
        (CARTS_TABLE, "cart_id", Some(ReturnConsumedCapacity::Indexes)),
        (RESERVATIONS_TABLE, "order_id", None),
    ] {
        let put = dynamodb.put_item().table_name(table).item(key, cart(1)).item("x", large.clone());
        put.set_return_consumed_capacity(report.clone()).send().await.expect("written");
        for consistent in [false, true] {
            let get = dynamodb.get_item().table_name(table).key(key, cart(1));
            let get = get.consistent_read(consistent);
            get.set_return_consumed_capacity(report.clone()).send().await.expect("read");
        }
        let metrics = stage.table(table);
        assert_eq!((metrics.read_units, metrics.write_units), (1.5, 4.0), "{table}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_condition_that_fails_costs_a_write() {
    let stage = Stage::with(1.0, &[(CARTS_TABLE, 100, 100)], &[]).await;
    for _ in 0..2 {
        let put = stage.service.dynamodb.put_item().table_name(CARTS_TABLE);
        let put = put.item("cart_id", cart(1));
        let put = put.condition_expression("attribute_not_exists(cart_id)");
        put.return_consumed_capacity(ReturnConsumedCapacity::Indexes).send().await.ok();
    }
    assert_eq!(stage.table(CARTS_TABLE).write_units, 2.0);
}

#[tokio::test(start_paused = true)]
async fn an_update_of_capacity_takes_its_time() {
    let stage = Stage::with(60.0, &[(CARTS_TABLE, 5, 5)], &[]).await;
    let ready = stage.cloud.update_table(CARTS_TABLE, 5, 50).expect("within the quota");
    assert_eq!(ready, Duration::from_secs(3), "180 s at speed 60");
    let again = stage.cloud.update_table(CARTS_TABLE, 5, 60).expect_err("one at a time");
    assert!(matches!(again.kind, ErrorKind::TableInUse { .. }), "{again}");
    assert_eq!(stage.table(CARTS_TABLE).write_provisioned, Some(5));
    tokio::time::sleep(ready).await;
    assert_eq!(stage.table(CARTS_TABLE).write_provisioned, Some(50));
}

#[tokio::test(start_paused = true)]
async fn capacity_stays_within_the_quotas() {
    let tables = [(CARTS_TABLE, 5, 40_000), (STOCK_TABLE, 5, 30_000), (RESERVATIONS_TABLE, 5, 5)];
    let stage = Stage::with(1.0, &tables, &[]).await;
    let error = |table, write| {
        let outcome = stage.cloud.update_table(table, 5, write);
        outcome.expect_err("over a quota").to_string()
    };
    assert_eq!(
        error(RESERVATIONS_TABLE, 10_001),
        "update table `reservations`: 10001 units: the account's quota of 80000 leaves 10000"
    );
    assert_eq!(
        error(RESERVATIONS_TABLE, 0),
        "update table `reservations`: 5 read and 0 write units: a table has 1 to 40000 of each"
    );
    assert_eq!(error("none", 1), "update table `none`: there is no such table");
    assert!(stage.cloud.update_table(RESERVATIONS_TABLE, 5, 10_000).is_ok());
}

#[tokio::test(start_paused = true)]
async fn neither_the_harness_nor_a_plain_cloud_is_throttled() {
    let stage = Stage::with(300.0, &[(CARTS_TABLE, 1, 1)], &[]).await;
    let plain = Cloud::embedded(std::sync::Arc::clone(stage.cloud.engine()), Shaping::None);
    for clients in [plain.clients(ROLE), stage.cloud.clients(Role::Harness)] {
        for number in 0..50 {
            let put = clients.dynamodb.put_item().table_name(CARTS_TABLE);
            put.item("cart_id", cart(number)).send().await.expect("written");
        }
    }
    assert_eq!(stage.table(CARTS_TABLE).write_units, 0.0);
    assert_eq!(stage.cloud.throttled(Role::Harness), 0);
    assert!(plain.tables().is_empty());
}
