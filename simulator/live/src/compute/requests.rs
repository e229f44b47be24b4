//! Tasks that answer requests, behind a load balancer.
//!
//! A request goes to the task with the fewest outstanding requests, waits there for a slot, and is
//! turned away (503) where the task's backlog is full too. In its slot it spends the modelled
//! service time on the task's processor, which stands for the computing this harness does not do,
//! and then whatever the service's real AWS calls take. A request to a task that is gone waits for
//! a connection until the load balancer gives up (504) or learns of it (502).

use std::sync::Arc;

use http::StatusCode;
use securecart_edge::{Request, Response, problem};
use securecart_services::PeerFuture;
use tokio::time::Instant;

use super::{Group, Task, group::CONNECT_TIMEOUT, stats::Waiting};

/// What a task does with a request.
pub(crate) type Handler = Arc<dyn Fn(Request) -> PeerFuture + Send + Sync>;

/// A group that answers requests.
pub(crate) struct Requests {
    group: Arc<Group>,
    handler: Handler,
    limit: usize,
}

impl Requests {
    pub(crate) fn new(group: Arc<Group>, handler: Handler) -> Self {
        let limit = (group.spec.tasks.concurrency + group.spec.tasks.backlog) as usize;
        Self { group, handler, limit }
    }

    /// Answers a request.
    pub(crate) async fn serve(&self, request: Request) -> Response {
        let arrived = Instant::now();
        let stats = &self.group.stats;
        let Some(task) = self.group.pick() else {
            stats.turned_away();
            return unavailable("no-targets", "no task is in service");
        };
        let Some(_outstanding) = task.enter(self.limit) else {
            stats.turned_away();
            return unavailable("overloaded", "every task is busy and its backlog is full");
        };
        if task.dead.is_cancelled() {
            return unreachable(&task).await;
        }
        tokio::select! {
            biased;
            () = task.dead.cancelled() => {
                stats.lost();
                problem(StatusCode::BAD_GATEWAY, "target-gone", "the task died with the request")
            }
            response = self.work(&task, request, arrived) => response,
        }
    }

    async fn work(&self, task: &Task, request: Request, arrived: Instant) -> Response {
        let group = &self.group;
        let waiting = Waiting::enter(&group.stats);
        let Ok(_slot) = task.slots.acquire().await else {
            return unavailable("no-targets", "the task takes no requests");
        };
        let _busy = waiting.start();
        group.compute(task).await;
        let response = if group.fails() {
            problem(StatusCode::INTERNAL_SERVER_ERROR, "fault", "the scenario makes it fail")
        } else {
            (self.handler)(request).await
        };
        group.stats.handled(arrived, response.status().is_server_error());
        response
    }
}

fn unavailable(code: &str, message: &str) -> Response {
    problem(StatusCode::SERVICE_UNAVAILABLE, code, message)
}

/// The load balancer tries to connect to a task that is gone.
async fn unreachable(task: &Task) -> Response {
    tokio::select! {
        () = task.deregistered.cancelled() => {
            problem(StatusCode::BAD_GATEWAY, "target-gone", "the task is gone")
        }
        () = tokio::time::sleep(CONNECT_TIMEOUT) => {
            problem(StatusCode::GATEWAY_TIMEOUT, "connect-timeout", "the task does not answer")
        }
    }
}
