//! Message move tasks: what brings messages of a dead-letter queue back.
//!
//! A task moves visible messages one after another until there are none, at most so many a second.
//! A message moved is a new message with the old content; it leaves its queue only when there is a
//! queue to take it.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;
use securecart_embedded_wire::AwsError;
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

use crate::{error, queue::Queue, service::Inner};

/// Tasks that may run at once, and how long one may run, as documented.
const MAX_RUNNING: usize = 100;
const MAX_RUN: Duration = Duration::from_secs(36 * 3_600);
/// Tasks remembered for each queue, which is as many as can be listed.
const REMEMBERED: usize = 10;
/// Messages moved before others get their turn.
const BURST: u64 = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Running,
    Cancelling,
    Completed,
    Cancelled,
    Failed(&'static str),
}

impl Status {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Cancelling => "CANCELLING",
            Self::Completed => "COMPLETED",
            Self::Cancelled => "CANCELLED",
            Self::Failed(_) => "FAILED",
        }
    }

    const fn is_active(self) -> bool {
        matches!(self, Self::Running | Self::Cancelling)
    }
}

/// A task.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) id: String,
    pub(crate) source_arn: Arc<str>,
    pub(crate) destination_arn: Option<String>,
    /// Messages a second.
    pub(crate) rate: Option<u32>,
    pub(crate) started_ms: u64,
    pub(crate) to_move: u64,
    moved: AtomicU64,
    status: Mutex<Status>,
    cancelled: Notify,
}

impl Task {
    pub(crate) fn moved(&self) -> u64 {
        self.moved.load(Ordering::Relaxed)
    }

    pub(crate) fn status(&self) -> Status {
        *self.status.lock()
    }

    fn end(&self, status: Status) {
        *self.status.lock() = status;
    }
}

/// What a new task is to do.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) destination_arn: Option<String>,
    pub(crate) rate: Option<u32>,
    pub(crate) to_move: u64,
}

/// The tasks by ARN of the queue they empty, newest first.
#[derive(Debug, Default)]
pub(crate) struct Moves {
    by_source: Mutex<HashMap<Arc<str>, VecDeque<Arc<Task>>>>,
}

impl Moves {
    /// Starts a task on `source`.
    pub(crate) fn start(
        &self,
        inner: &Arc<Inner>,
        source: &Queue,
        plan: Plan,
    ) -> Result<Arc<Task>, AwsError> {
        let mut by_source = self.by_source.lock();
        let is_active = |task: &&Arc<Task>| task.status().is_active();
        if by_source.values().flatten().filter(is_active).count() >= MAX_RUNNING {
            return Err(error::unsupported(format!(
                "Only {MAX_RUNNING} message move tasks can be active at a given time."
            )));
        }
        let tasks = by_source.entry(source.arn.clone()).or_default();
        if tasks.iter().any(|task| task.status().is_active()) {
            return Err(error::invalid(
                "There is already a task running. Only one active task is allowed for a source \
                 queue arn at a given time.",
            ));
        }
        let task = Arc::new(Task {
            id: inner.ids.uuid(),
            source_arn: source.arn.clone(),
            destination_arn: plan.destination_arn,
            rate: plan.rate,
            started_ms: inner.now_ms(),
            to_move: plan.to_move,
            moved: AtomicU64::new(0),
            status: Mutex::new(Status::Running),
            cancelled: Notify::new(),
        });
        tasks.push_front(task.clone());
        tasks.truncate(REMEMBERED);
        tokio::spawn(run(Arc::downgrade(inner), task.clone()));
        Ok(task)
    }

    /// The latest tasks on the queue with `source_arn`, newest first.
    pub(crate) fn latest(&self, source_arn: &str, most: usize) -> Vec<Arc<Task>> {
        let by_source = self.by_source.lock();
        by_source.get(source_arn).into_iter().flatten().take(most).cloned().collect()
    }

    /// Tells a running task to stop.
    pub(crate) fn cancel(&self, source_arn: &str, id: &str) -> Result<Arc<Task>, AwsError> {
        let tasks = self.latest(source_arn, REMEMBERED);
        let task = tasks
            .into_iter()
            .find(|task| task.id == id)
            .ok_or_else(|| error::no_such_resource("Task does not exist."))?;
        let mut status = task.status.lock();
        if *status != Status::Running {
            return Err(error::invalid("Only active tasks can be cancelled."));
        }
        *status = Status::Cancelling;
        drop(status);
        task.cancelled.notify_one();
        Ok(task)
    }

    /// Forgets the tasks of a queue that was deleted; one that runs fails by itself.
    pub(crate) fn forget(&self, source_arn: &str) {
        self.by_source.lock().remove(source_arn);
    }
}

async fn run(inner: Weak<Inner>, task: Arc<Task>) {
    let started = Instant::now();
    loop {
        if task.status() == Status::Cancelling {
            return task.end(Status::Cancelled);
        }
        if started.elapsed() >= MAX_RUN {
            return task.end(Status::Failed("TimedOut"));
        }
        // Nobody can look at the task once the service is gone.
        let Some(strong) = inner.upgrade() else { return };
        match step(&strong, &task) {
            Step::Moved => {
                task.moved.fetch_add(1, Ordering::Relaxed);
            }
            Step::Empty => return task.end(Status::Completed),
            Step::Failed(reason) => return task.end(Status::Failed(reason)),
        }
        drop(strong);
        let moved = task.moved();
        match task.rate {
            Some(rate) => {
                // The n-th message moves n periods after the start: the pace does not drift.
                let due = started + Duration::from_secs(moved) / rate;
                tokio::select! {
                    () = sleep_until(due) => {}
                    () = task.cancelled.notified() => {}
                }
            }
            None if moved.is_multiple_of(BURST) => tokio::task::yield_now().await,
            None => {}
        }
    }
}

enum Step {
    Moved,
    Empty,
    Failed(&'static str),
}

/// Moves one message.
fn step(inner: &Inner, task: &Task) -> Step {
    const NO_QUEUE: &str = "AWS.SimpleQueueService.NonExistentQueue";
    let Some(source) = inner.registry.by_arn(&task.source_arn) else {
        return Step::Failed(NO_QUEUE);
    };
    let now_ms = inner.now_ms();
    let taken = source.access(now_ms, |state| {
        state.take_for_move(|dead_letter_source| {
            let arn = task.destination_arn.as_deref().or(dead_letter_source);
            let arn = arn.ok_or("CouldNotDetermineMessageSource")?;
            inner.registry.by_arn(arn).ok_or(NO_QUEUE)
        })
    });
    match taken {
        Ok(None) => Step::Empty,
        Err(_) => Step::Failed(NO_QUEUE),
        Ok(Some(Err(reason))) => Step::Failed(reason),
        Ok(Some(Ok((content, target)))) => {
            let id = inner.ids.uuid().into();
            match target.access(now_ms, |state| state.take_moved(id, content, now_ms)) {
                Ok(()) => Step::Moved,
                // Deleted just now, and the message with it.
                Err(_) => Step::Failed(NO_QUEUE),
            }
        }
    }
}
