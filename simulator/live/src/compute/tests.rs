//! Fleets under paused time.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::StatusCode;
use securecart_behaviour::{
    Assumptions,
    compute::{Zone, ecs::LaunchBudget},
};
use securecart_domain::ServiceName;
use securecart_edge::{Request, Response};
use securecart_scenario::{ServiceSpec, ServiceTime, TaskSpec, Window, defaults};
use tokio::time::Instant;

use super::{Group, GroupOptions, Handler, Requests};
use crate::{scaling, time::ScenarioTime};

struct Rig {
    group: Arc<Group>,
    requests: Arc<Requests>,
    budget: LaunchBudget,
}

/// Tasks of `vcpu` whose requests take 100 ms of a vCPU, at 60 times the speed of the wall.
fn rig(tasks: u32, vcpu: f64, concurrency: u32, backlog: u32) -> Rig {
    let fleet = TaskSpec {
        min: 1,
        max: 100,
        initial: tasks,
        vcpu,
        concurrency,
        backlog,
        ..defaults::TASKS
    };
    let service_time = ServiceTime { p50_ms: 100.0, p99_ms: 100.0 };
    let spec = ServiceSpec { tasks: fleet, service_time, scaling: Vec::new() };
    let time = ScenarioTime::new(Window { start_s: 0.0, end_s: 3_600.0, speed: 60.0 });
    time.begin(Instant::now());
    let service = ServiceName::Cart;
    let assumptions = &Assumptions::default();
    let model = scaling::fleet(service, &spec, assumptions, time.now());
    let options = GroupOptions { service, spec: &spec, assumptions, seed: 1, time };
    let group = Group::new(&options, model);
    let handler: Handler =
        Arc::new(|_| Box::pin(async { Response::new(Bytes::from_static(b"ok")) }));
    let requests = Arc::new(Requests::new(Arc::clone(&group), handler));
    let mut rig = Rig { group, requests, budget: LaunchBudget::new(Duration::ZERO) };
    rig.group.step(&mut rig.budget);
    rig
}

fn request() -> Request {
    Request::new(Bytes::new())
}

async fn flood(rig: &Rig, requests: usize) -> (usize, usize, Duration) {
    let start = Instant::now();
    let calls: Vec<_> = (0..requests)
        .map(|_| {
            let requests = Arc::clone(&rig.requests);
            tokio::spawn(async move { requests.serve(request()).await.status() })
        })
        .collect();
    let mut ok = 0;
    for call in calls {
        ok += usize::from(call.await.expect("no panic").is_success());
    }
    (ok, requests - ok, start.elapsed())
}

#[tokio::test(start_paused = true)]
async fn requests_queue_for_processors_and_the_rest_is_turned_away() {
    let rig = rig(2, 1.0, 3, 6);
    // Two processors, nine places each: nine rounds of 100 ms.
    let (ok, turned_away, took) = flood(&rig, 40).await;
    assert_eq!((ok, turned_away), (18, 22));
    assert_eq!(took.as_millis() / 100, 9);
    let counts = rig.group.stats.counts();
    assert_eq!((counts.handled, counts.turned_away, counts.offered), (18, 22, 40));
    assert_eq!(rig.group.stats.waiting(), 0);
}

#[tokio::test(start_paused = true)]
async fn half_a_vcpu_takes_twice_as_long() {
    let rig = rig(1, 0.5, 8, 8);
    let (ok, _, took) = flood(&rig, 4).await;
    assert_eq!((ok, took.as_millis() / 100), (4, 8));
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_leaves_gives_its_place_back() {
    let rig = rig(1, 1.0, 1, 1);
    let call = rig.requests.serve(request());
    assert!(tokio::time::timeout(Duration::from_millis(10), call).await.is_err());
    let (ok, turned_away, _) = flood(&rig, 2).await;
    assert_eq!((ok, turned_away), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn a_task_that_dies_loses_its_requests_and_is_replaced() {
    let mut rig = rig(2, 1.0, 8, 8);
    let requests = Arc::clone(&rig.requests);
    let call = tokio::spawn(async move { requests.serve(request()).await.status() });
    tokio::task::yield_now().await;
    assert_eq!(rig.group.kill(2), 2);
    rig.group.step(&mut rig.budget);
    assert_eq!(call.await.expect("no panic"), StatusCode::BAD_GATEWAY);
    let counts = rig.group.stats.counts();
    assert_eq!((counts.lost, counts.handled, rig.group.tasks_lost()), (1, 0, 2));
    assert_eq!(rig.group.shape().in_service, 0);
    // Until the load balancer knows, requests go to tasks that are not there.
    let status = rig.requests.serve(request()).await.status();
    assert_eq!(status, StatusCode::BAD_GATEWAY);
    // A task starts within two minutes of scenario time: two seconds.
    for _ in 0..40 {
        tokio::time::advance(Duration::from_millis(100)).await;
        rig.group.step(&mut rig.budget);
    }
    assert_eq!(rig.group.shape().in_service, 2);
    let (ok, ..) = flood(&rig, 2).await;
    assert_eq!(ok, 2);
}

#[tokio::test(start_paused = true)]
async fn a_task_that_drains_finishes_what_it_has_and_takes_nothing_new() {
    let mut rig = rig(2, 1.0, 8, 8);
    let requests = Arc::clone(&rig.requests);
    let calls: Vec<_> = (0..2)
        .map(|_| {
            let requests = Arc::clone(&requests);
            tokio::spawn(async move { requests.serve(request()).await.status() })
        })
        .collect();
    tokio::task::yield_now().await;
    rig.group.set_desired(1);
    rig.group.step(&mut rig.budget);
    for call in calls {
        assert_eq!(call.await.expect("no panic"), StatusCode::OK);
    }
    assert_eq!(rig.group.shape().in_service, 1);
    let (ok, _, took) = flood(&rig, 2).await;
    assert_eq!((ok, took.as_millis() / 100), (2, 2), "one task does both");
    assert_eq!(rig.group.stats.counts().lost, 0);
}

#[tokio::test(start_paused = true)]
async fn a_lost_zone_takes_its_tasks_and_they_start_elsewhere() {
    let mut rig = rig(6, 1.0, 8, 8);
    assert_eq!(rig.group.zone(Zone::A, false), 2);
    rig.group.step(&mut rig.budget);
    assert_eq!(rig.group.shape().in_service, 4);
    for _ in 0..40 {
        tokio::time::advance(Duration::from_millis(100)).await;
        rig.group.step(&mut rig.budget);
    }
    assert_eq!(rig.group.shape().in_service, 6, "two zones carry all of them");
    rig.group.zone(Zone::A, true);
    rig.group.step(&mut rig.budget);
    assert_eq!(rig.group.tasks_lost(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_fault_makes_requests_fail_or_slow_until_it_ends() {
    let rig = rig(1, 1.0, 8, 8);
    rig.group.trouble.fail(1.0);
    assert_eq!(rig.requests.serve(request()).await.status(), StatusCode::INTERNAL_SERVER_ERROR);
    rig.group.trouble.fail(0.0);
    rig.group.trouble.slow(Duration::from_secs(2));
    let (ok, _, took) = flood(&rig, 1).await;
    assert_eq!((ok, took.as_millis() / 100), (1, 21));
    rig.group.trouble.slow(Duration::ZERO);
    let (_, _, took) = flood(&rig, 1).await;
    assert_eq!(took.as_millis() / 100, 1);
}
