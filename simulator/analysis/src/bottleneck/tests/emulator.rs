//! An emulator of AWS in the way.

use securecart_record::{EmulatedCalls, LatencySample, LimitedBy, OperationTotals, Probe, Tier};

use super::*;
use crate::limits;

/// A run on LocalStack that missed `metric`, whose checkouts took 2 s where 800 ms are allowed.
fn on_localstack(metric: &str) -> RunRecord {
    let mut record = missed(metric);
    record.run.backend = "localstack".to_owned();
    let served_by = "LocalStack 4.14.0".to_owned();
    record.run.tiers = vec![Tier { tier: "aws".to_owned(), served_by }];
    let mut checkout = OperationTotals::new("checkout");
    checkout.response.record_us(2_000_000);
    record.totals.operations.push(checkout);
    record.totals.emulated = vec![calls("checkout", "dynamodb:PutItem", 11, 20)];
    record
}

/// Calls that AWS answers in 5 ms and 10 ms.
fn calls(service: &str, call: &str, p50_ms: u64, p99_ms: u64) -> EmulatedCalls {
    let latency = LatencySample {
        p50_us: p50_ms * 1_000,
        p99_us: p99_ms * 1_000,
        ..LatencySample::default()
    };
    EmulatedCalls {
        service: service.to_owned(),
        call: call.to_owned(),
        calls: 1_203,
        failed: 0,
        latency,
        aws_p50_us: 5_000,
        aws_p99_us: 10_000,
    }
}

fn limited(record: &RunRecord) -> Vec<String> {
    let limits = limits(record).into_iter();
    limits.filter(|one| one.by == LimitedBy::Emulator).map(|one| one.evidence).collect()
}

#[test]
fn an_emulator_with_room_is_in_nobodys_way() {
    for metric in ["checkout.latency.p99", "availability", "orders.queue.drain"] {
        assert!(evidence(&on_localstack(metric), 8).is_empty(), "{metric}");
    }
}

#[test]
fn slow_answers_that_use_up_what_a_latency_may_take_name_the_emulator() {
    let mut record = on_localstack("checkout.latency.p99");
    record.totals.emulated = vec![
        calls("cart", "dynamodb:GetItem", 30, 90),
        calls("checkout", "dynamodb:PutItem", 40, 195),
        calls("inventory", "dynamodb:UpdateItem", 400, 900),
    ];
    let expected = "the emulator, LocalStack 4.14.0, and not SecureCart: it answered dynamodb:PutItem of \
                    checkout in 40.0 ms at p50 and 195 ms at p99 (1.20k calls), AWS takes about 5.00 ms \
                    and 10.0 ms, and other calls were slow too";
    assert_eq!(evidence(&record, 8), [expected]);
    assert_eq!(limited(&record), ["its own answers were in the way of checkout.latency.p99"]);
    record.totals.emulated[1].latency.p99_us = 95_000;
    assert!(evidence(&record, 8).is_empty(), "165 ms are less than a quarter of 800 ms");
    record.totals.emulated[1] = calls("checkout", "dynamodb:PutItem", 40, 500);
    record.totals.emulated[1].calls = 3;
    assert!(evidence(&record, 8).is_empty(), "three calls make no percentile");
    assert!(limited(&record).is_empty());
}

#[test]
fn consumers_are_slow_by_the_usual_answer() {
    let mut record = on_localstack("orders.queue.drain");
    record.totals.emulated = vec![calls("fulfilment", "sqs:DeleteMessage", 6, 300)];
    assert!(evidence(&record, 8).is_empty(), "one in a hundred keeps nobody busy");
    record.totals.emulated = vec![calls("fulfilment", "sqs:DeleteMessage", 60, 300)];
    let call = "dynamodb:PutItem".to_owned();
    let (carried_per_second, asked_per_second) = (150.0, 105.0);
    record.run.probe =
        Some(Probe { call, carried_per_second, asked_per_second, scale_asked: None });
    let found = evidence(&record, 8);
    assert!(
        found[0].contains("it answered sqs:DeleteMessage of fulfilment in 60.0 ms"),
        "{found:?}"
    );
    assert!(found[0].ends_with("; the plan asked for 70.0 % of what it carried in the probe"));
}

#[test]
fn a_plan_that_asks_for_nearly_all_that_it_carries_names_it_before_a_full_service() {
    let mut record = full_checkout("checkout.latency.p99");
    record.run.backend = "endpoint".to_owned();
    record.run.backend_version = "1.5".to_owned();
    let call = "dynamodb:PutItem".to_owned();
    let (carried_per_second, asked_per_second) = (150.0, 120.0);
    record.run.probe =
        Some(Probe { call, carried_per_second, asked_per_second, scale_asked: None });
    let found = evidence(&record, 8);
    let expected = "the emulator, endpoint 1.5, and not SecureCart: the plan asked for 120/s \
                    dynamodb:PutItem at its peak, 80.0 % of the 150/s that it carried in the probe";
    assert_eq!(found[0], expected);
    assert!(found[1].starts_with("checkout was at its maximum"), "{found:?}");
    let metrics = [
        ("search.latency.p99", true),
        ("database.lag", false),
        ("cold-starts", false),
        ("orders.rate", false),
    ];
    for (metric, named) in metrics {
        record.objectives = vec![missed_by(metric)];
        let found = evidence(&record, 8);
        assert_eq!(found.iter().any(|one| one.starts_with("the emulator")), named, "{metric}");
    }
    record.totals.emulated = vec![calls("cart", "dynamodb:GetItem", 3, 9)];
    record.objectives = vec![missed_by("search.latency.p99")];
    assert!(evidence(&record, 8).is_empty(), "who searches calls no AWS");
}

#[test]
fn calls_that_failed_explain_requests_that_failed() {
    let mut record = on_localstack("availability");
    record.totals.emulated[0].failed = 30;
    record.totals.failed_requests = 40;
    let expected =
        "the emulator, LocalStack 4.14.0, and not SecureCart: 30 of 1.20k calls to it failed";
    assert_eq!(evidence(&record, 8), [expected]);
    record.totals.failed_requests = 400;
    assert!(evidence(&record, 8).is_empty(), "most failures had another cause");
}
