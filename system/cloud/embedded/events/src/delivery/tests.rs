//! Retries, dead letters and lanes, under paused time.

use super::*;
use crate::{
    fake::{FakeTargets, Fault},
    metrics::DeliveryMetrics,
};

const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:orders";
const DEAD: &str = "arn:aws:sqs:us-east-1:000000000000:dead";

struct Bench {
    targets: Arc<FakeTargets>,
    courier: Arc<Courier>,
    route: Arc<Route>,
}

fn bench(retry: RetryPolicy, dead_letters: bool) -> Bench {
    let targets = Arc::new(FakeTargets::default());
    let courier = Arc::new(Courier::new(Arc::clone(&targets) as _, 7));
    let described = Some(Described { rule_arn: "rule".to_owned(), target_arn: QUEUE.to_owned() });
    let dead_letters = dead_letters.then(|| DeadLetters { queue_arn: DEAD.to_owned(), described });
    let route = Arc::new(Route { retry, dead_letters, counters: Arc::default() });
    Bench { targets, courier, route }
}

impl Bench {
    fn job(&self, body: &str) -> Job {
        let delivery = QueueDelivery {
            queue_arn: QUEUE.to_owned(),
            body: body.to_owned(),
            attributes: Vec::new(),
            message_group_id: None,
            message_deduplication_id: None,
        };
        Job::new(Message::Queue(delivery), Arc::clone(&self.route), Some(Arc::from("original")))
    }

    fn metrics(&self) -> DeliveryMetrics {
        self.route.counters.deliveries()
    }

    fn dead_attribute(&self, name: &str) -> Option<String> {
        let dead = self.targets.queue(DEAD);
        let attributes = &dead.first().expect("a dead letter").attributes;
        attributes.iter().find(|(key, ..)| key == name).map(|(.., value)| value.clone())
    }
}

/// Longer than any policy here lasts; paused time skips it.
async fn long_after() {
    tokio::time::sleep(Duration::from_secs(30 * 86_400)).await;
}

#[tokio::test(start_paused = true)]
async fn a_healthy_target_is_served_inline() {
    let bench = bench(RetryPolicy::EVENTBRIDGE, true);
    bench.courier.send(bench.job("a")).await;
    assert_eq!(bench.targets.bodies(QUEUE), ["a"]);
    assert_eq!(bench.metrics(), DeliveryMetrics { delivered: 1, ..Default::default() });
}

#[tokio::test(start_paused = true)]
async fn a_transient_failure_is_tried_again() {
    let bench = bench(RetryPolicy::EVENTBRIDGE, true);
    bench.targets.set(QUEUE, Fault::Transient(4));
    bench.courier.send(bench.job("a")).await;
    assert_eq!(bench.targets.bodies(QUEUE), [""; 0]);
    tokio::task::yield_now().await;
    assert_eq!(bench.metrics().pending, 1);
    long_after().await;
    assert_eq!(bench.targets.bodies(QUEUE), ["a"]);
    let expected = DeliveryMetrics { delivered: 1, retried: 4, ..Default::default() };
    assert_eq!(bench.metrics(), expected);
}

#[tokio::test(start_paused = true)]
async fn the_attempts_run_out() {
    let policy = RetryPolicy::EventBridge { attempts_max: 2, age_max: Duration::from_secs(86_400) };
    let bench = bench(policy, true);
    bench.targets.set(QUEUE, Fault::Transient(usize::MAX));
    bench.courier.send(bench.job("a")).await;
    long_after().await;
    assert_eq!(bench.targets.bodies(DEAD), ["original"]);
    for (name, value) in [
        ("RULE_ARN", "rule"),
        ("TARGET_ARN", QUEUE),
        ("ERROR_CODE", "THROTTLING"),
        ("EXHAUSTED_RETRY_CONDITION", "MaximumRetryAttempts"),
        ("RETRY_ATTEMPTS", "2"),
    ] {
        assert_eq!(bench.dead_attribute(name).as_deref(), Some(value), "{name}");
    }
    let message = bench.dead_attribute("ERROR_MESSAGE").expect("set");
    assert!(message.contains("throttled"), "{message}");
    let expected = DeliveryMetrics { dead_lettered: 1, retried: 2, ..Default::default() };
    assert_eq!(bench.metrics(), expected);
}

#[tokio::test(start_paused = true)]
async fn the_event_grows_too_old() {
    let policy = RetryPolicy::EventBridge { attempts_max: 185, age_max: Duration::from_secs(60) };
    let bench = bench(policy, true);
    bench.targets.set(QUEUE, Fault::Transient(usize::MAX));
    let started = Instant::now();
    bench.courier.send(bench.job("a")).await;
    while bench.metrics().dead_lettered == 0 {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert!(started.elapsed() <= Duration::from_secs(61), "{:?}", started.elapsed());
    assert_eq!(
        bench.dead_attribute("EXHAUSTED_RETRY_CONDITION").as_deref(),
        Some("MaximumEventAgeInSeconds")
    );
}

#[tokio::test(start_paused = true)]
async fn the_default_policy_takes_about_a_day() {
    let bench = bench(RetryPolicy::EVENTBRIDGE, true);
    bench.targets.set(QUEUE, Fault::Transient(usize::MAX));
    let started = Instant::now();
    bench.courier.send(bench.job("a")).await;
    while bench.metrics().dead_lettered == 0 {
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    let hours = started.elapsed().as_secs() / 3_600;
    assert!((18..=24).contains(&hours), "{hours} h");
}

#[tokio::test(start_paused = true)]
async fn a_permanent_failure_is_buried_at_once() {
    let bench = bench(RetryPolicy::EVENTBRIDGE, true);
    bench.targets.set(QUEUE, Fault::Permanent);
    bench.courier.send(bench.job("a")).await;
    assert_eq!(bench.targets.bodies(DEAD), ["original"]);
    assert_eq!(bench.dead_attribute("ERROR_CODE").as_deref(), Some("NO_RESOURCE"));
    assert_eq!(bench.dead_attribute("EXHAUSTED_RETRY_CONDITION"), None);
    let expected = DeliveryMetrics { dead_lettered: 1, ..Default::default() };
    assert_eq!(bench.metrics(), expected);
}

#[tokio::test(start_paused = true)]
async fn without_a_dead_letter_queue_it_is_counted_as_failed() {
    let bench = bench(RetryPolicy::EVENTBRIDGE, false);
    bench.targets.set(QUEUE, Fault::Permanent);
    bench.courier.send(bench.job("a")).await;
    assert_eq!(bench.metrics(), DeliveryMetrics { failed: 1, ..Default::default() });
}

#[tokio::test(start_paused = true)]
async fn a_throttled_dead_letter_queue_is_tried_again() {
    let bench = bench(RetryPolicy::EVENTBRIDGE, true);
    bench.targets.set(QUEUE, Fault::Permanent);
    bench.targets.set(DEAD, Fault::Transient(3));
    bench.courier.send(bench.job("a")).await;
    long_after().await;
    assert_eq!(bench.targets.bodies(DEAD), ["original"]);
    bench.targets.set(DEAD, Fault::Transient(usize::MAX));
    bench.courier.send(bench.job("b")).await;
    long_after().await;
    let expected = DeliveryMetrics { dead_lettered: 1, failed: 1, ..Default::default() };
    assert_eq!(bench.metrics(), expected);
}

#[tokio::test(start_paused = true)]
async fn past_the_limit_deliveries_are_given_up_and_none_is_lost_from_the_count() {
    let bench = bench(RetryPolicy::Sns, true);
    bench.targets.set(QUEUE, Fault::Transient(usize::MAX));
    for _ in 0..WAITING_MAX + 5 {
        bench.courier.send(bench.job("a")).await;
    }
    assert_eq!(bench.targets.queue(DEAD).len(), 5);
    bench.targets.heal(QUEUE);
    long_after().await;
    let metrics = bench.metrics();
    let limit = u64::try_from(WAITING_MAX).expect("fits");
    assert_eq!((metrics.delivered, metrics.dead_lettered, metrics.pending), (limit, 5, 0));
    bench.courier.send(bench.job("b")).await;
    assert_eq!(bench.metrics().delivered, limit + 1);
}

#[tokio::test(start_paused = true)]
async fn a_lane_keeps_its_order_and_holds_up_no_other() {
    let bench = bench(RetryPolicy::Sns, true);
    let lanes = Arc::new(Lanes::default());
    bench.targets.set(QUEUE, Fault::Transient(6));
    for body in ["1", "2", "3"] {
        let entry = bench.courier.enter(&lanes, "group", bench.job(body));
        bench.courier.proceed(&lanes, "group", entry).await;
    }
    assert_eq!(bench.metrics().pending, 3);
    bench.targets.heal(QUEUE);
    let entry = bench.courier.enter(&lanes, "other", bench.job("x"));
    bench.courier.proceed(&lanes, "other", entry).await;
    assert_eq!(bench.targets.bodies(QUEUE).first().map(String::as_str), Some("x"));
    long_after().await;
    assert_eq!(bench.targets.bodies(QUEUE), ["x", "1", "2", "3"]);
    assert_eq!(bench.metrics().pending, 0);
    let entry = bench.courier.enter(&lanes, "group", bench.job("4"));
    assert!(matches!(entry, Entry::First(_)), "an empty lane is gone");
}
