//! Deliveries that take their time, under paused time.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::time::{Instant, sleep};

use super::*;

/// A delay that tests set, ms; and how often it was asked for.
#[derive(Default)]
struct Lag {
    ms: AtomicU64,
    asked: AtomicU64,
}

fn lagging(bench: &Bench, ms: u64) -> Arc<Lag> {
    let lag = Arc::new(Lag::default());
    lag.ms.store(ms, Ordering::Relaxed);
    let asked = Arc::clone(&lag);
    bench.events.set_delay(Arc::new(move || {
        asked.asked.fetch_add(1, Ordering::Relaxed);
        Duration::from_millis(asked.ms.load(Ordering::Relaxed))
    }));
    lag
}

async fn pass(ms: u64) {
    sleep(Duration::from_millis(ms)).await;
}

#[tokio::test(start_paused = true)]
async fn a_delivery_waits_out_its_delay_and_is_pending_meanwhile() {
    let bench = bench();
    let lag = lagging(&bench, 100);
    let targets = json!([{ "Id": "q", "Arn": QUEUE }, { "Id": "f", "Arn": FUNCTION }]);
    bench.rule("default", "orders", targets).await;
    bench.put("default", json!({ "n": 1 })).await;
    assert_eq!(lag.asked.load(Ordering::Relaxed), 2, "once for each target");
    let waiting = DeliveryMetrics { pending: 2, ..Default::default() };
    assert_eq!((bench.deliveries("orders"), bench.events.pending()), (waiting, 2));
    pass(99).await;
    assert!(bench.targets.queue(QUEUE).is_empty() && bench.targets.payloads(FUNCTION).is_empty());
    pass(2).await;
    assert_eq!((bench.targets.queue(QUEUE).len(), bench.targets.payloads(FUNCTION).len()), (1, 1));
    let done = DeliveryMetrics { delivered: 2, ..Default::default() };
    assert_eq!((bench.deliveries("orders"), bench.events.pending()), (done, 0));

    // Without lag the call delivers, as it does without a delay.
    lag.ms.store(0, Ordering::Relaxed);
    bench.put("default", json!({ "n": 2 })).await;
    assert_eq!(bench.targets.queue(QUEUE).len(), 2);
    assert_eq!(lag.asked.load(Ordering::Relaxed), 4);
}

#[tokio::test(start_paused = true)]
async fn what_is_due_sooner_overtakes() {
    let bench = bench();
    bench.rule("default", "orders", json!([{ "Id": "q", "Arn": QUEUE }])).await;
    let lag = lagging(&bench, 10_000);
    bench.put("default", json!({ "n": "late" })).await;
    pass(100).await;
    lag.ms.store(1_000, Ordering::Relaxed);
    bench.put("default", json!({ "n": "soon" })).await;
    pass(1_001).await;
    let bodies = bench.targets.bodies(QUEUE);
    assert!(bodies.len() == 1 && bodies[0].contains("soon"), "{bodies:?}");
    assert_eq!(bench.events.pending(), 1);
    pass(9_000).await;
    assert_eq!((bench.targets.queue(QUEUE).len(), bench.events.pending()), (2, 0));
    // The task has ended with the last of them, and the next delivery starts another.
    bench.put("default", json!({ "n": "later" })).await;
    pass(1_001).await;
    assert_eq!(bench.targets.queue(QUEUE).len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_that_are_due_at_once_all_arrive_in_order() {
    let bench = bench();
    bench.rule("default", "orders", json!([{ "Id": "q", "Arn": QUEUE }])).await;
    lagging(&bench, 500);
    for n in 0..1_000 {
        bench.put("default", json!({ "n": n })).await;
    }
    assert_eq!(bench.events.pending(), 1_000);
    pass(501).await;
    let bodies = bench.targets.bodies(QUEUE);
    assert_eq!((bodies.len(), bench.events.pending()), (1_000, 0));
    let in_order = bodies.iter().zip(0..).all(|(body, n)| body.contains(&format!("{{\"n\":{n}}}")));
    assert!(in_order, "{bodies:?}");
}

#[tokio::test(start_paused = true)]
async fn every_hop_of_a_delivery_takes_its_delay() {
    let bench = bench();
    bench.ok("CreateEventBus", json!({ "Name": "second" })).await;
    let topic = bench.topic("notices", QUEUE).await;
    bench.rule("second", "notify", json!([{ "Id": "t", "Arn": topic }])).await;
    let second = "arn:aws:events:us-east-1:000000000000:event-bus/second";
    let target =
        json!([{ "Id": "b", "Arn": second, "RoleArn": "arn:aws:iam::000000000000:role/r" }]);
    bench.rule("default", "forward", target).await;
    let lag = lagging(&bench, 100);
    let started = Instant::now();
    bench.put("default", json!({})).await;
    while bench.targets.queue(QUEUE).is_empty() {
        pass(1).await;
        assert!(bench.events.pending() == 1 || !bench.targets.queue(QUEUE).is_empty());
    }
    let took = started.elapsed();
    assert!((200..=203).contains(&took.as_millis()), "{took:?}");
    pass(1).await;
    assert_eq!((lag.asked.load(Ordering::Relaxed), bench.events.pending()), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn the_age_of_an_event_counts_its_delay() {
    let bench = bench();
    let target = json!([{
        "Id": "q", "Arn": QUEUE, "DeadLetterConfig": { "Arn": DEAD },
        "RetryPolicy": { "MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 185 },
    }]);
    bench.rule("default", "orders", target).await;
    bench.targets.set(QUEUE, Fault::Transient(usize::MAX));
    lagging(&bench, 59_500);
    bench.put("default", json!({})).await;
    // A first attempt at 59.5 s, a retry within a second of it, and then it is too old.
    pass(61_000).await;
    assert_eq!(bench.targets.queue(DEAD).len(), 1);
    assert_eq!((bench.deliveries("orders").dead_lettered, bench.events.pending()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_delivery_that_fails_after_its_delay_stays_pending() {
    let bench = bench();
    bench.rule("default", "orders", json!([{ "Id": "q", "Arn": QUEUE }])).await;
    bench.targets.set(QUEUE, Fault::Transient(1));
    lagging(&bench, 100);
    bench.put("default", json!({})).await;
    pass(101).await;
    assert_eq!((bench.targets.queue(QUEUE).len(), bench.events.pending()), (0, 1));
    pass(1_000).await;
    assert_eq!((bench.targets.queue(QUEUE).len(), bench.events.pending()), (1, 0));
}
