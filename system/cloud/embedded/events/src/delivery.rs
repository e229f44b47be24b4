//! How a message reaches a queue or a function, whoever sends it.
//!
//! ```text
//! send ─▶ first attempt, inline ─▶ delivered
//!                 │ transient              │ permanent, or out of retries
//!                 ▼                        ▼
//!          background retries ──────▶ dead-letter queue, or counted as failed
//! ```
//!
//! Invariants: every job ends in exactly one of delivered, failed and dead-lettered; at most
//! [`WAITING_MAX`] jobs wait for a retry, what comes on top is given up at once; in a lane (a
//! message group of a FIFO subscription) jobs are handed over in the order in which they entered.
//! The first transient failure needs a tokio runtime, construction does not.
//!
//! Deliberately absent: throttling and latency of the targets (that is `behaviour`).

mod lane;
mod retry;

use std::{sync::Arc, time::Duration};

use securecart_embedded_wire::{FunctionInvocation, Ids, QueueDelivery, TargetError, Targets};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

pub(crate) use lane::{Entry, Lanes};
pub(crate) use retry::{Exhausted, RetryPolicy};

use crate::metrics::{Counter, Counters};

/// Jobs that may wait for a retry at one time, for each service.
pub(crate) const WAITING_MAX: usize = 10_000;

/// Attempts to put a message into its dead-letter queue.
const BURIALS_MAX: u32 = 10;

/// Where a message goes.
#[derive(Debug)]
pub(crate) enum Message {
    Queue(QueueDelivery),
    Function(FunctionInvocation),
}

/// What all messages of one subscription or target share.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) retry: RetryPolicy,
    pub(crate) dead_letters: Option<DeadLetters>,
    pub(crate) counters: Arc<Counters>,
}

/// A dead-letter queue.
#[derive(Debug)]
pub(crate) struct DeadLetters {
    pub(crate) queue_arn: String,
    /// Whose errors are described in the message's attributes; SNS sends messages as they were.
    pub(crate) described: Option<Described>,
}

/// The rule and the target that EventBridge names in the attributes of a dead letter.
#[derive(Debug)]
pub(crate) struct Described {
    pub(crate) rule_arn: String,
    pub(crate) target_arn: String,
}

/// One delivery.
#[derive(Debug)]
pub(crate) struct Job {
    message: Message,
    route: Arc<Route>,
    /// What a dead letter says; without it the message for the queue, as it was.
    original: Option<Arc<str>>,
    accepted: Instant,
    retries: u32,
    burial: Option<Burial>,
}

/// Why a job is given up.
#[derive(Debug)]
struct Burial {
    code: &'static str,
    reason: String,
    exhausted: Option<Exhausted>,
    attempts: u32,
}

impl Job {
    pub(crate) fn new(message: Message, route: Arc<Route>, original: Option<Arc<str>>) -> Self {
        Self { message, route, original, accepted: Instant::now(), retries: 0, burial: None }
    }

    /// The same job, whose age counts from `accepted` on.
    pub(crate) fn since(mut self, accepted: Instant) -> Self {
        self.accepted = accepted;
        self
    }

    /// The same job, given up before the first attempt: no retry can help it.
    pub(crate) fn refused(mut self, reason: String) -> Self {
        self.bury("NO_RESOURCE", reason, None);
        self
    }

    fn bury(&mut self, code: &'static str, reason: String, exhausted: Option<Exhausted>) {
        self.burial = Some(Burial { code, reason, exhausted, attempts: 0 });
    }
}

/// Delivers for one service.
pub(crate) struct Courier {
    targets: Arc<dyn Targets>,
    jitter: Ids,
    waiting: Arc<Semaphore>,
    pending: Arc<Counter>,
}

impl Courier {
    pub(crate) fn new(targets: Arc<dyn Targets>, seed: u64) -> Self {
        Self {
            targets,
            jitter: Ids::new(seed),
            waiting: Arc::new(Semaphore::new(WAITING_MAX)),
            pending: Arc::default(),
        }
    }

    /// Jobs that wait now, on whatever route.
    pub(crate) fn pending(&self) -> u64 {
        self.pending.get()
    }

    /// Counts a job as pending, on its route and in all, while what this returns lives.
    pub(crate) fn hold(&self, route: &Route) -> Pending {
        Pending::new([Arc::clone(&route.counters.pending), Arc::clone(&self.pending)])
    }

    /// Hands the job over, or leaves it to a task that tries again.
    pub(crate) async fn send(self: &Arc<Self>, mut job: Job) {
        let Some(wait) = self.attempt(&mut job).await else { return };
        match self.room() {
            Some(room) => {
                let courier = Arc::clone(self);
                let pending = self.hold(&job.route);
                tokio::spawn(async move { courier.retry(&mut job, wait, (room, pending)).await });
            }
            // Rare, and boxed: every delivery makes room for the future otherwise.
            None => Box::pin(self.give_up(job)).await,
        }
    }

    fn room(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.waiting).try_acquire_owned().ok()
    }

    /// Tries until the job has ended; only then `place` is given back.
    async fn retry(&self, job: &mut Job, mut wait: Duration, place: Place) {
        loop {
            tokio::time::sleep(wait).await;
            match self.attempt(job).await {
                Some(next) => wait = next,
                None => break,
            }
        }
        drop(place);
    }

    /// Ends a job for which there is no room to wait.
    async fn give_up(&self, mut job: Job) {
        if job.burial.is_none() {
            let reason = format!("{WAITING_MAX} deliveries wait for a retry already");
            job.bury("THROTTLING", reason, None);
            if self.bury(&mut job).await.is_none() {
                return;
            }
        }
        job.route.counters.failed.increment();
    }

    /// One step: `None` when the job has ended, else how long to wait before the next.
    async fn attempt(&self, job: &mut Job) -> Option<Duration> {
        if job.burial.is_none() {
            if job.retries > 0 {
                job.route.counters.retried.increment();
            }
            match self.hand_over(&job.message).await {
                Ok(()) => {
                    job.route.counters.delivered.increment();
                    return None;
                }
                Err(TargetError::Permanent(reason)) => job.bury("NO_RESOURCE", reason, None),
                Err(TargetError::Transient(reason)) => {
                    let age = job.accepted.elapsed();
                    match job.route.retry.wait(job.retries, age, self.jitter.next_u64()) {
                        Ok(wait) => {
                            job.retries += 1;
                            return Some(wait);
                        }
                        Err(exhausted) => job.bury("THROTTLING", reason, Some(exhausted)),
                    }
                }
            }
        }
        self.bury(job).await
    }

    async fn hand_over(&self, message: &Message) -> Result<(), TargetError> {
        match message {
            Message::Queue(delivery) => self.targets.deliver(delivery).await,
            Message::Function(invocation) => self.targets.invoke(invocation).await,
        }
    }

    /// Puts the job into its dead-letter queue.
    async fn bury(&self, job: &mut Job) -> Option<Duration> {
        let counters = &job.route.counters;
        let Some(letter) = dead_letter(job) else {
            counters.failed.increment();
            return None;
        };
        match self.targets.deliver(&letter).await {
            Ok(()) => counters.dead_lettered.increment(),
            Err(TargetError::Permanent(_)) => counters.failed.increment(),
            Err(TargetError::Transient(_)) => {
                let burial = job.burial.as_mut()?;
                burial.attempts += 1;
                if burial.attempts < BURIALS_MAX {
                    return Some(retry::backoff(burial.attempts, self.jitter.next_u64()));
                }
                counters.failed.increment();
            }
        }
        None
    }
}

/// What a job that waits for a retry has: room, and its part in the counts.
type Place = (OwnedSemaphorePermit, Pending);

/// Counts a job as pending while it lives, also when its task is cancelled.
#[derive(Debug)]
pub(crate) struct Pending([Arc<Counter>; 2]);

impl Pending {
    fn new(counters: [Arc<Counter>; 2]) -> Self {
        counters.iter().for_each(|counter| counter.increment());
        Self(counters)
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.0.iter().for_each(|counter| counter.decrement());
    }
}

/// What goes into the dead-letter queue, if there is one.
fn dead_letter(job: &Job) -> Option<QueueDelivery> {
    let (letters, burial) = (job.route.dead_letters.as_ref()?, job.burial.as_ref()?);
    let mut letter = match &job.message {
        Message::Queue(delivery) => delivery.clone(),
        Message::Function(invocation) => QueueDelivery {
            queue_arn: String::new(),
            body: invocation.payload.clone(),
            attributes: Vec::new(),
            message_group_id: None,
            message_deduplication_id: None,
        },
    };
    letter.queue_arn.clone_from(&letters.queue_arn);
    if let Some(original) = &job.original {
        letter.body = original.to_string();
    }
    if let Some(described) = &letters.described {
        letter.attributes = description(described, burial, job.retries);
        letter.message_group_id = None;
    }
    Some(letter)
}

/// The attributes that EventBridge documents for dead letters ("Using dead-letter queues").
fn description(
    described: &Described,
    burial: &Burial,
    retries: u32,
) -> Vec<(String, String, String)> {
    let text = |name: &str, value: &str| (name.to_owned(), "String".to_owned(), value.to_owned());
    let mut attributes = vec![
        text("RULE_ARN", &described.rule_arn),
        text("TARGET_ARN", &described.target_arn),
        text("ERROR_CODE", burial.code),
        text("ERROR_MESSAGE", &burial.reason),
    ];
    if let Some(exhausted) = burial.exhausted {
        attributes.push(text("EXHAUSTED_RETRY_CONDITION", exhausted.name()));
        attributes.push(("RETRY_ATTEMPTS".to_owned(), "Number".to_owned(), retries.to_string()));
    }
    attributes
}

#[cfg(test)]
mod tests;
