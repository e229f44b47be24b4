//! A fleet of tasks that answers requests: a load balancer over tasks with slots.
//!
//! A request takes a slot of the task with the fewest outstanding requests, waits for it where all
//! are busy, and is turned away (503) where the task's backlog is full too. In its slot it spends
//! the modelled service time, which stands for the computing this harness does not do, and then
//! whatever the service's real AWS calls take.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use http::StatusCode;
use parking_lot::Mutex;
use rand::RngExt as _;
use securecart_behaviour::Lognormal;
use securecart_domain::random::Stream;
use securecart_edge::{Balancer, Request, Response, Target, problem};
use securecart_scenario::ServiceSpec;
use securecart_services::PeerFuture;
use tokio::{sync::Semaphore, time::Instant};

use crate::stats::Stats;

/// What a task does with a request.
pub(crate) type Handler = Arc<dyn Fn(Request) -> PeerFuture + Send + Sync>;

/// Tasks of one service, behind a load balancer.
pub(crate) struct Fleet {
    balancer: Balancer<Task>,
    time: Lognormal,
    random: Mutex<Stream>,
    stats: Arc<Stats>,
    handler: Handler,
    limit: usize,
}

/// One task: so many requests at once, and a backlog.
#[derive(Debug)]
struct Task {
    slots: Semaphore,
    outstanding: AtomicUsize,
}

impl Target for Task {
    fn outstanding(&self) -> usize {
        self.outstanding.load(Ordering::Relaxed)
    }
}

impl Fleet {
    /// A fleet as `spec` says; service times are drawn with `random`.
    pub(crate) fn new(
        spec: &ServiceSpec,
        random: Stream,
        stats: Arc<Stats>,
        handler: Handler,
    ) -> Self {
        let concurrency = spec.tasks.concurrency as usize;
        let task = || {
            Arc::new(Task { slots: Semaphore::new(concurrency), outstanding: AtomicUsize::new(0) })
        };
        Self {
            balancer: Balancer::new((0..spec.tasks.initial).map(|_| task()).collect()),
            time: Lognormal::from_ms(spec.service_time.p50_ms, spec.service_time.p99_ms),
            random: Mutex::new(random),
            stats,
            handler,
            limit: concurrency + spec.tasks.backlog as usize,
        }
    }

    /// Answers a request.
    pub(crate) async fn serve(&self, request: Request) -> Response {
        let arrived = Instant::now();
        let Some(task) = self.balancer.pick() else { return self.turn_away() };
        let Some(_outstanding) = Outstanding::enter(task, self.limit) else {
            return self.turn_away();
        };
        let waiting = Waiting::enter(&self.stats);
        let Ok(_slot) = task.slots.acquire().await else { return self.turn_away() };
        let _busy = waiting.start();
        let time = self.time.at(self.random.lock().random());
        tokio::time::sleep(time).await;
        let response = (self.handler)(request).await;
        self.stats.handled(arrived, response.status().is_server_error());
        response
    }

    fn turn_away(&self) -> Response {
        self.stats.turned_away();
        let message = "every task is busy and its backlog is full";
        problem(StatusCode::SERVICE_UNAVAILABLE, "overloaded", message)
    }
}

/// A request that a task has; undone on drop, however the request ends.
struct Outstanding<'a>(&'a Task);

impl<'a> Outstanding<'a> {
    fn enter(task: &'a Task, limit: usize) -> Option<Self> {
        let before = task.outstanding.fetch_add(1, Ordering::Relaxed);
        let entered = Self(task);
        (before < limit).then_some(entered)
    }
}

impl Drop for Outstanding<'_> {
    fn drop(&mut self) {
        self.0.outstanding.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A request that waits for a slot; undone on drop.
struct Waiting<'a>(Option<&'a Stats>);

impl<'a> Waiting<'a> {
    fn enter(stats: &'a Stats) -> Self {
        stats.arrived();
        Self(Some(stats))
    }

    fn start(mut self) -> Busy<'a> {
        let stats = self.0.take().expect("it starts once");
        stats.started(true);
        Busy(stats)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if let Some(stats) = self.0 {
            stats.left();
        }
    }
}

/// A slot that is in use; undone on drop.
pub(crate) struct Busy<'a>(&'a Stats);

impl<'a> Busy<'a> {
    /// A slot that was taken without waiting.
    pub(crate) fn enter(stats: &'a Stats) -> Self {
        stats.started(false);
        Self(stats)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.released();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;
    use securecart_domain::random;
    use securecart_scenario::{ServiceTime, TaskSpec, defaults};

    use super::*;

    fn fleet(tasks: u32, concurrency: u32, backlog: u32) -> Arc<Fleet> {
        let service_time = ServiceTime { p50_ms: 100.0, p99_ms: 100.0 };
        let stats = Arc::new(Stats::new(tasks * concurrency));
        let tasks = TaskSpec { initial: tasks, concurrency, backlog, ..defaults::TASKS };
        let spec = ServiceSpec { tasks, service_time, scaling: Vec::new() };
        let handler: Handler =
            Arc::new(|_| Box::pin(async { Response::new(Bytes::from_static(b"ok")) }));
        Arc::new(Fleet::new(&spec, random::stream(1, "test"), stats, handler))
    }

    async fn flood(fleet: &Arc<Fleet>, requests: usize) -> (usize, usize, Duration) {
        let start = Instant::now();
        let calls: Vec<_> = (0..requests)
            .map(|_| {
                let fleet = Arc::clone(fleet);
                tokio::spawn(async move { fleet.serve(Request::new(Bytes::new())).await.status() })
            })
            .collect();
        let mut statuses = Vec::new();
        for call in calls {
            statuses.push(call.await.expect("no panic"));
        }
        let ok = statuses.iter().filter(|status| status.is_success()).count();
        (ok, requests - ok, start.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn requests_wait_for_slots_and_the_rest_is_turned_away() {
        let fleet = fleet(2, 3, 6);
        // 6 slots and a backlog of 12: three rounds of 100 ms.
        let (ok, turned_away, took) = flood(&fleet, 40).await;
        assert_eq!((ok, turned_away), (18, 22));
        assert_eq!(took.as_millis() / 100, 3);
        let sample = fleet.stats.drain("x", 2, 3);
        assert_eq!((sample.handled, sample.turned_away, sample.waiting), (18, 22, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_that_leaves_gives_its_place_back() {
        let fleet = fleet(1, 1, 1);
        let call = fleet.serve(Request::new(Bytes::new()));
        assert!(tokio::time::timeout(Duration::from_millis(10), call).await.is_err());
        let (ok, turned_away, _) = flood(&fleet, 2).await;
        assert_eq!((ok, turned_away), (2, 0));
    }
}
