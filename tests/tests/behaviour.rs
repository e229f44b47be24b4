//! AWS's behaviour in whole runs: what scales, what throttles, what breaks, and what is left.

use std::{fs, path::PathBuf};

use securecart_tests::{Bench, Ran};
use serde_json::Value;

/// Smoke, at a speed at which a minute of the shop is half a second, with only the objective that no
/// message is dead at the end.
fn run(bench: &Bench, seconds: u32, settings: &[&str]) -> Ran {
    let text = include_str!("../../scenarios/smoke.toml");
    let (body, _) = text.split_once("[objectives]").expect("it has objectives");
    let minutes = seconds * 2;
    let window = format!("00:00..00:{minutes:02}\", speed = 120");
    let body =
        body.replace("00:00..00:00:20\"", &window).replace("length = \"10m\"", "length = \"1h\"");
    let path: PathBuf = bench.path().join("fast.toml");
    let text = format!("{body}[objectives]\n\"throughput\" = \"> 1/s\"\n");
    fs::write(&path, text).expect("written");
    let path = path.to_str().expect("a path").to_owned();
    let mut arguments = vec!["scenario", &path, "--json"];
    for setting in settings {
        arguments.extend(["--set", setting]);
    }
    bench.run(&arguments)
}

fn list<'a>(record: &'a Value, key: &str) -> &'a Vec<Value> {
    record[key].as_array().unwrap_or_else(|| panic!("no list {key} in the record"))
}

#[test]
fn a_service_that_is_too_small_scales_out_and_says_why() {
    let bench = Bench::new();
    let ran = run(
        &bench,
        8,
        &[
            "services.cart.tasks={min=1,max=6,initial=1,vcpu=0.25}",
            "services.cart.scaling=[{kind='target-tracking',metric='cpu',target=30,scale-out-cooldown='60s'}]",
        ],
    );
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    let record = ran.json();
    let out = list(&record, "scaling")
        .iter()
        .find(|activity| activity["outcome"] == "applied" && activity["resource"] == "cart")
        .expect("it scales");
    assert_eq!(out["dimension"], "ecs:service:DesiredCount");
    assert!(out["to"].as_u64() > out["from"].as_u64(), "{out}");
    let alarm = out["alarm"].as_str().expect("an alarm called it");
    assert!(alarm.contains("AlarmHigh"), "{alarm}");
    // Three minutes above the target, and not before.
    assert!(out["scenario-s"].as_f64() >= Some(180.0), "{out}");
    assert!(
        out["effective-scenario-s"].as_f64() > out["scenario-s"].as_f64(),
        "a task starts: {out}"
    );
    // Once the load has gone it may scale in again, so not the last second counts.
    let cart = list(&record["totals"], "services").iter().find(|one| one["service"] == "cart");
    let most = cart.and_then(|cart| cart["tasks-max"].as_u64());
    assert!(most > Some(1), "more tasks serve: {most:?}");
    assert_eq!(record["audit"]["findings-total"], 0);

    let told = bench.run(&["scaling"]);
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert!(told.stdout.contains("cart") && told.stdout.contains("AlarmHigh"), "{}", told.stdout);
    let json = bench.run(&["scaling", "--json"]).json();
    assert!(!list(&json, "ScalingActivities").is_empty());
    let none = bench.run(&["scaling", "--resource", "orders"]);
    assert_eq!(none.code, Some(0), "{}", none.stderr);
    assert!(none.stdout.starts_with("no scaling decisions of orders in run"), "{}", none.stdout);
    let unknown = bench.run(&["scaling", "--resource", "ordres"]);
    assert_eq!(unknown.code, Some(2), "{}", unknown.stdout);
    assert!(unknown.stderr.contains("has no resource `ordres`; it has "), "{}", unknown.stderr);
}

#[test]
fn a_table_that_is_too_small_throttles_and_the_sdk_tries_again() {
    let bench = Bench::new();
    let ran = run(&bench, 6, &["tables.carts.capacity={read=400,write=10}"]);
    let record = ran.json();
    let carts = list(&record["totals"], "tables")
        .iter()
        .find(|table| table["table"] == "carts")
        .expect("it is there")
        .clone();
    assert!(carts["throttled-writes"].as_u64() > Some(0), "{carts}");
    assert_eq!(carts["throttled-reads"], 0, "{carts}");
    // 300 scenario seconds of burst are 2.5 wall seconds of capacity; on top the rate of the run's time.
    let wall_s = list(&record, "samples").last().and_then(|last| last["at-s"].as_f64());
    let most = 10.0 * (2.5 + wall_s.expect("a sample") + 1.0);
    assert!(carts["write-units"].as_f64() <= Some(most), "{carts}");
    assert!(record["totals"]["throttled"].as_u64() > Some(0));
    assert_eq!(record["audit"]["findings-total"], 0, "{}", record["audit"]);
}

/// Every kind of fault in one run: each begins, ends, says what it did, and nothing is lost.
#[test]
fn every_fault_ends_and_the_audit_is_clean() {
    let faults = [
        "{at='00:01',kind='task-kill',service='checkout',count=1}",
        "{at='00:01',kind='instance-loss',service='catalog',count=1}",
        "{at='00:02',length='2m',kind='table-throttle',table='carts',share=0.3}",
        "{at='00:02',length='2m',kind='function-throttle',function='fraud',concurrency=1}",
        "{at='00:03',length='2m',kind='slow-dependency',service='payment',added='200ms'}",
        "{at='00:03',length='2m',kind='service-errors',service='catalog',share=0.2}",
        "{at='00:04',length='2m',kind='duplicate-messages',queue='orders',share=0.5}",
        "{at='00:04',length='1m',kind='poison-messages',queue='inventory',count=2}",
        "{at='00:05',length='2m',kind='consumer-stop',queue='orders'}",
        "{at='00:06',length='2m',kind='event-bus-delay',added='1s'}",
        "{at='00:06',length='2m',kind='notification-outage'}",
        "{at='00:07',length='2m',kind='availability-zone-loss',zone='a'}",
        "{at='00:08',length='2m',kind='spot-storm',share=1.0}",
    ];
    let bench = Bench::new();
    let all = format!("fault=[{}]", faults.join(","));
    let spot = "services.cart.tasks={count=6,spot-share=0.5}";
    let ran = run(&bench, 8, &[&all, spot]);
    assert!(!ran.stdout.is_empty(), "{}", ran.stderr);
    let record = ran.json();
    let begun = list(&record, "faults");
    assert_eq!(begun.len(), faults.len(), "{begun:#?}");
    for fault in begun {
        assert!(fault["end-s"].is_f64(), "{fault}");
        assert!(!fault["effect"].as_str().expect("an effect").is_empty(), "{fault}");
    }
    assert_eq!(record["audit"]["findings-total"], 0, "{}", record["audit"]);
}

#[test]
fn what_is_assumed_is_listed_and_can_be_changed() {
    let bench = Bench::new();
    let listed = bench.run(&["assumptions"]);
    assert_eq!(listed.code, Some(0), "{}", listed.stderr);
    assert!(listed.stdout.contains("fargate.start-base"), "{}", listed.stdout);
    let change = "assumptions.\"fargate.start-base\"=\"90s\"";
    let changed = bench.run(&["assumptions", "smoke", "--set", change, "--json"]);
    let changed = changed.json();
    let start = changed.as_array().expect("a list").iter();
    let start = start.clone().find(|one| one["name"] == "fargate.start-base").expect("listed");
    assert_eq!((start["value"].as_f64(), start["default"].as_f64()), (Some(90.0), Some(20.0)));
    let unknown = bench.run(&[
        "scenario",
        "smoke",
        "--check",
        "--set",
        "assumptions.\"fargate.start-bse\"=3",
    ]);
    assert_eq!(unknown.code, Some(2), "{}", unknown.stderr);
    assert!(unknown.stderr.contains("fargate.start-base"), "{}", unknown.stderr);
}
