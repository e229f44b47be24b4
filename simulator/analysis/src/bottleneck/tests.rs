use std::sync::Arc;

use proptest::prelude::*;
use securecart_record::{
    Environment, FaultRecord, FunctionSample, FunctionTotals, Objective, QueueSample, QueueTotals,
    RunInfo, Sample, ServiceSample, ServiceTotals, TableSample, TableTotals,
};

use super::*;

mod data;
mod emulator;

/// Ten wall seconds at speed 30 that missed the objective `metric`.
fn missed(metric: &str) -> RunRecord {
    let info = RunInfo { backend: "embedded".to_owned(), ..RunInfo::default() };
    let mut record = RunRecord::starting(info, Environment::default());
    record.objectives.push(missed_by(metric));
    for second in 1..=10_u32 {
        let at_s = f64::from(second);
        record.samples.push(Arc::new(Sample {
            at_s,
            scenario_s: at_s * 30.0,
            ..Sample::default()
        }));
    }
    record
}

fn missed_by(metric: &str) -> Objective {
    Objective {
        metric: metric.to_owned(),
        bound: "< 800ms".to_owned(),
        measured: "2s".to_owned(),
        share_of_bound: Some(2.5),
        held: Some(false),
    }
}

/// Makes a change to every sample, by its second.
fn each(record: &mut RunRecord, change: impl Fn(u32, &mut Sample)) {
    for (second, sample) in (1..).zip(&mut record.samples) {
        change(second, Arc::make_mut(sample));
    }
}

fn service(tasks: u32, demand: u32, cpu: f64) -> ServiceSample {
    ServiceSample { service: "checkout".to_owned(), tasks, demand, cpu, ..Default::default() }
}

fn full_checkout(metric: &str) -> RunRecord {
    let mut record = missed(metric);
    each(&mut record, |second, sample| {
        let demand = if second == 4 { 14 } else { 9 };
        let full = (3..=8).contains(&second);
        sample.services.push(if full { service(8, demand, 0.98) } else { service(8, 4, 0.4) });
    });
    record
}

fn evidence(record: &RunRecord, maximum: u32) -> Vec<String> {
    let maxima = BTreeMap::from([("checkout".to_owned(), maximum)]);
    bottlenecks(record, &maxima).into_iter().map(|bottleneck| bottleneck.evidence).collect()
}

#[test]
fn a_service_at_its_maximum_is_named_with_its_numbers() {
    let found = evidence(&full_checkout("checkout.latency.p99"), 8);
    let expected = "checkout was at its maximum of 8 tasks for 6.00 s (wall) with CPU at 98 %; 14 \
                    were needed at 00:02:00 (scenario)";
    assert_eq!(found, [expected]);
}

#[test]
fn below_its_maximum_it_scaled_too_late() {
    let found = evidence(&full_checkout("latency.p99"), 20);
    let expected = "checkout was short of tasks for 6.00 s (wall) with CPU at 98 %: 8 in service \
                    and 14 needed at 00:02:00 (scenario)";
    assert_eq!(found, [expected]);
}

#[test]
fn only_the_path_of_a_missed_objective_is_asked() {
    assert!(evidence(&full_checkout("orders.queue.drain"), 8).is_empty());
    let mut held = full_checkout("checkout.latency.p99");
    held.objectives[0].held = Some(true);
    assert!(evidence(&held, 8).is_empty());
}

#[test]
fn more_demand_than_tasks_is_no_trouble_while_there_is_room() {
    let mut record = missed("checkout.latency.p99");
    each(&mut record, |_, sample| sample.services.push(service(2, 3, 0.6)));
    assert!(evidence(&record, 2).is_empty());
    each(&mut record, |_, sample| sample.services[0].waiting = 5);
    assert_eq!(evidence(&record, 2).len(), 1);
}

#[test]
fn a_fixed_fleet_that_turns_work_away_is_named() {
    let mut record = missed("availability");
    each(&mut record, |second, sample| {
        sample.services.push(service(2, 0, 0.0));
        sample.services[0].turned_away = u64::from(second > 8) * 10;
    });
    let expected = "checkout turned 20 requests away within 2.00 s (wall): no slot was free";
    assert_eq!(evidence(&record, 2), [expected]);
}

#[test]
fn tables_and_functions_that_throttle_are_named_longest_first() {
    let mut record = missed("checkout.latency.p99");
    let (table, function) = ("carts".to_owned(), "fraud".to_owned());
    record.totals.tables.push(TableTotals {
        table: table.clone(),
        throttled_writes: 30,
        ..Default::default()
    });
    record.totals.functions.push(FunctionTotals {
        function: function.clone(),
        concurrent_max: 10,
        throttles: 4,
        ..Default::default()
    });
    each(&mut record, |second, sample| {
        let throttled_writes = if second > 7 { u64::from(second) } else { 0 };
        let table = table.clone();
        sample.tables.push(TableSample { table, throttled_writes, ..Default::default() });
        let (function, throttles) = (function.clone(), u64::from(second < 5));
        sample.functions.push(FunctionSample { function, throttles, ..Default::default() });
    });
    let expected = [
        "function fraud was throttled 4 times within 4.00 s (wall), most of them at 00:00:30 \
         (scenario); at most 10 ran at once",
        "table carts throttled 0 reads and 30 writes within 3.00 s (wall), most of them at \
         00:05:00 (scenario)",
    ];
    assert_eq!(evidence(&record, 8), expected);
    record.objectives[0].metric = "orders.queue.drain".to_owned();
    assert!(evidence(&record, 8).is_empty(), "an order on its way touches neither");
}

fn with_backlog(metric: &str, a_second: u64) -> RunRecord {
    let mut record = missed(metric);
    let queue = "orders".to_owned();
    record.totals.queues.push(QueueTotals {
        queue: queue.clone(),
        sent: 100,
        received: 0,
        deleted: 0,
        dead_lettered: 0,
        visible_max: 0,
        oldest_age_ms_max: 0,
    });
    each(&mut record, |second, sample| {
        sample.queues.push(QueueSample {
            queue: queue.clone(),
            sent: 10,
            visible: u64::from(second) * a_second,
            oldest_age_ms: 4_000,
            ..Default::default()
        });
    });
    record
}

#[test]
fn a_backlog_comes_after_who_left_it() {
    let mut record = with_backlog("orders.queue.drain", 30);
    each(&mut record, |_, sample| {
        sample.services.push(service(2, 5, 1.0));
        sample.services[0].service = "fulfilment".to_owned();
    });
    let found = bottlenecks(&record, &BTreeMap::new());
    let named: Vec<_> = found.iter().map(|bottleneck| bottleneck.resource.as_str()).collect();
    assert_eq!(named, ["fulfilment", "queue/orders"]);
    assert_eq!(
        found[1].evidence,
        "the backlog of queue orders grew to 300 messages at 00:05:00 (scenario), the oldest 4.00 \
         s old (wall)"
    );
}

#[test]
fn a_backlog_of_a_few_seconds_is_work_under_way() {
    assert!(evidence(&with_backlog("orders.queue.drain", 9), 8).is_empty());
}

#[test]
fn a_provider_that_refuses_is_named() {
    let mut record = missed("notifications-sms.queue.age");
    record.totals.services.push(ServiceTotals {
        service: "notifications".to_owned(),
        handled: 200,
        failed: 50,
        ..Default::default()
    });
    let expected =
        "the provider of e-mail and SMS failed 50 of 200 attempts of notifications (25.0 %)";
    assert_eq!(evidence(&record, 8), [expected]);
    record.totals.services[0].failed = 2;
    assert!(evidence(&record, 8).is_empty());
}

fn zone_loss() -> FaultRecord {
    FaultRecord {
        kind: "availability-zone-loss".to_owned(),
        radius: "zone a".to_owned(),
        start_s: 2.0,
        start_scenario_s: 60.0,
        end_s: Some(8.0),
        end_scenario_s: Some(240.0),
        effect: "3 tasks of checkout died with 31 requests in flight".to_owned(),
    }
}

#[test]
fn a_hole_during_a_fault_names_the_fault_before_anything_else() {
    let mut record = full_checkout("availability");
    record.faults.push(zone_loss());
    each(&mut record, |second, sample| {
        sample.traffic.failed = if (3..=8).contains(&second) { 20 } else { 1 };
    });
    let found = evidence(&record, 8);
    assert_eq!(
        found[0],
        "120 of 124 failed requests fell into the fault availability-zone-loss (zone a) from \
         00:01:00 to 00:04:00 (scenario): 3 tasks of checkout died with 31 requests in flight"
    );
    assert!(found[1].starts_with("checkout was at its maximum"), "{found:?}");
    each(&mut record, |_, sample| sample.traffic.failed = 10);
    record.faults[0].end_s = Some(3.0);
    record.faults[0].start_s = 6.0;
    assert!(evidence(&record, 8)[0].starts_with("checkout"), "failures are everywhere");
}

#[test]
fn failures_that_fall_into_two_faults_are_counted_for_both_and_say_so() {
    let mut record = missed("availability");
    record.faults.push(zone_loss());
    let mut errors = zone_loss();
    (errors.kind, errors.radius, errors.effect) =
        ("service-errors".to_owned(), "20% of the requests to cart".to_owned(), String::new());
    (errors.start_s, errors.start_scenario_s) = (6.0, 180.0);
    record.faults.push(errors);
    each(&mut record, |second, sample| {
        sample.traffic.failed = if (3..=8).contains(&second) { 20 } else { 0 };
    });
    record.faults[0].effect.clear();
    let expected = "120 of 120 failed requests fell into the fault availability-zone-loss (zone a) from \
                    00:01:00 to 00:04:00 (scenario), 40 of them into other faults too";
    assert_eq!(evidence(&record, 8), [expected], "a third explains no miss");
    record.faults[1].start_s = 4.0;
    let found = evidence(&record, 8);
    assert!(found[0].ends_with(", 80 of them into other faults too"), "{found:?}");
    assert!(found[1].starts_with("80 of 120 failed requests fell into the fault service-errors"));
}

#[test]
fn latency_that_rises_with_a_fault_names_it() {
    let mut record = missed("latency.p99");
    record.faults.push(zone_loss());
    each(&mut record, |second, sample| {
        sample.traffic.requests = 100;
        let slow = (3..=8).contains(&second);
        sample.traffic.latency.p99_us = if slow { 900_000 } else { 100_000 };
    });
    let found = evidence(&record, 8);
    assert!(found[0].starts_with("the p99 of requests was 900 ms during the fault"), "{found:?}");
    each(&mut record, |_, sample| sample.traffic.latency.p99_us = 500_000);
    assert!(evidence(&record, 8).is_empty());
}

#[test]
fn each_missed_objective_has_its_own_gravest() {
    let mut record = full_checkout("checkout.latency.p99");
    record.objectives.push(missed_by("dead-letters"));
    record.objectives.push(missed_by("checkout.latency.p50"));
    let mut poison = zone_loss();
    (poison.kind, poison.radius) =
        ("poison-messages".to_owned(), "40 messages in orders".to_owned());
    record.faults.push(poison);
    each(&mut record, |second, sample| {
        let visible = if second > 6 { 40 } else { 1 };
        let queue = "orders-dlq".to_owned();
        sample.queues.push(QueueSample { queue, visible, ..Default::default() });
    });
    let found = bottlenecks(&record, &BTreeMap::new());
    let of: Vec<_> =
        found.iter().map(|one| (one.resource.as_str(), one.objectives.join(" "))).collect();
    let latencies = "checkout.latency.p99 checkout.latency.p50".to_owned();
    assert_eq!(of, [("poison-messages", "dead-letters".to_owned()), ("checkout", latencies)]);
    assert!(found[0].evidence.starts_with("39 of 40 dead letters came after the fault poison"));
    assert!(found[0].is_of("dead-letters") && !found[0].is_of("checkout.latency.p99"));
}

#[test]
fn faults_of_one_kind_explain_together_what_none_does_alone() {
    let mut record = missed("availability");
    for start_s in [1.0, 3.0, 8.5] {
        record.faults.push(FaultRecord {
            kind: "task-kill".to_owned(),
            radius: "one task of checkout".to_owned(),
            start_s,
            start_scenario_s: start_s * 30.0,
            end_s: Some(start_s),
            end_scenario_s: Some(start_s * 30.0),
            effect: format!("1 task of checkout died at {start_s}"),
        });
    }
    each(&mut record, |_, sample| sample.traffic.failed = 10);
    let found = evidence(&record, 8);
    assert_eq!(
        found,
        ["90 of 100 failed requests fell into 3 faults task-kill between 00:00:30 and 00:04:15 \
          (scenario): 1 task of checkout died at 1; 1 task of checkout died at 3; and 1 more"]
    );
}

#[test]
fn consumers_that_stop_are_named_by_the_backlog_that_grew_meanwhile() {
    let mut record = with_backlog("orders.queue.drain", 9);
    let mut stop = zone_loss();
    (stop.kind, stop.radius) = ("consumer-stop".to_owned(), "every consumer of orders".to_owned());
    stop.effect.clear();
    record.faults.push(stop);
    let expected = "the backlog of queue orders grew from 27 to 72 messages during the fault \
                    consumer-stop (every consumer of orders) from 00:01:00 to 00:04:00 (scenario)";
    assert_eq!(evidence(&record, 8), [expected]);
    record.faults[0].kind = "cache-flush".to_owned();
    assert!(evidence(&record, 8).is_empty(), "no consumer reads the cache");
}

#[test]
fn an_emulators_queue_has_no_age() {
    let mut record = with_backlog("orders.queue.drain", 30);
    record.run.backend = "localstack".to_owned();
    let expected = "the backlog of queue orders grew to 300 messages at 00:05:00 (scenario)";
    assert_eq!(evidence(&record, 8), [expected]);
}

proptest! {
    #[test]
    fn whatever_happened_each_resource_is_named_once(
        seconds in prop::collection::vec((0_u32..20, 0_u32..20, 0.0_f64..1.2, 0_u64..3), 0..40),
        maximum in 0_u32..20,
    ) {
        let mut record = missed("latency.p99");
        record.samples.clear();
        for (second, (tasks, demand, cpu, turned_away)) in (1_u32..).zip(seconds) {
            let mut now = service(tasks, demand, cpu);
            now.turned_away = turned_away;
            let at_s = f64::from(second);
            let sample = Sample { at_s, services: vec![now], ..Sample::default() };
            record.samples.push(Arc::new(sample));
        }
        let found = bottlenecks(&record, &BTreeMap::from([("checkout".to_owned(), maximum)]));
        prop_assert!(found.len() <= 1);
        let short = record.samples.iter().any(|sample| {
            let now = &sample.services[0];
            now.turned_away > 0 || (now.demand > now.tasks && now.cpu >= 0.95)
        });
        prop_assert_eq!(found.len() == 1, short);
    }
}
