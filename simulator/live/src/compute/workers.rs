//! Tasks that work off queues.
//!
//! Each task has slots for each of its queues; it receives as many messages as it has free ones. A
//! message spends the modelled service time on the task's processor, then whatever the service's
//! real AWS calls take; then it is deleted, or comes again later. The messages of a task that dies
//! come again after their visibility timeout.

use std::{future::Future, pin::Pin, sync::Arc};

use securecart_services::{Failure, Letter, Mailbox};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::{Duration, Instant},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{Group, Task, stats::Busy};

/// Wait after a `ReceiveMessage` that failed after the SDK's own retries.
const RECEIVE_PAUSE: Duration = Duration::from_secs(1);

/// Messages of one `ReceiveMessage` at the most.
const BATCH_MAX: usize = 10;

/// What handling a message comes to.
pub(crate) type Handling = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;

/// What a task does with a message.
pub(crate) type Consumer = Arc<dyn Fn(Arc<Letter>) -> Handling + Send + Sync>;

/// What the tasks of one group do with one queue.
pub(crate) struct Workers {
    group: Arc<Group>,
    queue: String,
    mailbox: Mailbox,
    slots: usize,
    consumer: Consumer,
    paused: watch::Sender<bool>,
    stop: CancellationToken,
    tracker: TaskTracker,
}

impl Workers {
    /// Workers with `slots` slots a task. They end once `stop` is cancelled and the messages in
    /// their slots are done; `tracker` waits for that.
    pub(crate) fn new(
        group: Arc<Group>,
        queue: &str,
        mailbox: Mailbox,
        slots: usize,
        consumer: Consumer,
        stop: CancellationToken,
        tracker: TaskTracker,
    ) -> Arc<Self> {
        let queue = queue.to_owned();
        let paused = watch::Sender::new(false);
        Arc::new(Self { group, queue, mailbox, slots, consumer, paused, stop, tracker })
    }

    /// The queue.
    pub(crate) fn queue(&self) -> &str {
        &self.queue
    }

    /// Stops taking messages, or begins again.
    pub(crate) fn pause(&self, paused: bool) {
        self.paused.send_replace(paused);
    }

    /// `task` works off the queue from now on.
    pub(crate) fn start(self: &Arc<Self>, task: &Arc<Task>) {
        let (workers, task) = (Arc::clone(self), Arc::clone(task));
        self.tracker.spawn(async move { workers.poll(&task).await });
    }

    /// One task's life.
    async fn poll(self: Arc<Self>, task: &Arc<Task>) {
        let slots = Arc::new(Semaphore::new(self.slots));
        let mut paused = self.paused.subscribe();
        loop {
            // A fault that stops the consumers also cuts off the poll that is under way.
            let resumed = async { paused.wait_for(|paused| !paused).await.is_ok() };
            tokio::select! {
                () = self.stop.cancelled() => return,
                () = task.draining.cancelled() => return,
                open = resumed => if !open { return },
            }
            tokio::select! {
                () = self.stop.cancelled() => return,
                () = task.draining.cancelled() => return,
                _ = paused.wait_for(|paused| *paused) => {}
                () = self.round(task, &slots) => {}
            }
        }
    }

    /// Waits for a free slot, receives for all that are free, and starts on what came.
    async fn round(self: &Arc<Self>, task: &Arc<Task>, slots: &Arc<Semaphore>) {
        let Ok(first) = Arc::clone(slots).acquire_owned().await else { return };
        let mut free = vec![first];
        while free.len() < BATCH_MAX
            && let Ok(slot) = Arc::clone(slots).try_acquire_owned()
        {
            free.push(slot);
        }
        match self.mailbox.receive(free.len()).await {
            Ok(letters) => {
                for (letter, slot) in letters.into_iter().zip(free) {
                    let (workers, task) = (Arc::clone(self), Arc::clone(task));
                    self.tracker.spawn(async move { workers.settle(&task, letter, slot).await });
                }
            }
            Err(failure) => {
                log::warn!("receiving from {}: {failure}", self.queue);
                tokio::time::sleep(RECEIVE_PAUSE).await;
            }
        }
    }

    async fn settle(&self, task: &Arc<Task>, letter: Letter, _slot: OwnedSemaphorePermit) {
        let _outstanding = task.enter(usize::MAX);
        tokio::select! {
            biased;
            () = task.dead.cancelled() => self.group.stats.lost(),
            () = self.work(task, letter) => {}
        }
    }

    async fn work(&self, task: &Task, letter: Letter) {
        let arrived = Instant::now();
        let _busy = Busy::enter(&self.group.stats);
        self.group.compute(task).await;
        let letter = Arc::new(letter);
        let outcome = if self.group.fails() {
            Err(Failure::Dependency {
                dependency: self.group.service.as_str(),
                code: "500".to_owned(),
                message: "the scenario makes it fail".to_owned(),
            })
        } else {
            (self.consumer)(Arc::clone(&letter)).await
        };
        self.group.stats.handled(arrived, outcome.is_err());
        let settled = match outcome {
            Ok(()) => self.mailbox.delete(&letter).await,
            Err(failure) => {
                log::warn!("a message comes again: {failure}");
                self.mailbox.retry_later(&letter).await
            }
        };
        // Not settled: its visibility timeout brings it back, and every step can be repeated.
        if let Err(failure) = settled {
            log::warn!("a message was not settled: {failure}");
        }
    }
}
