//! A fleet of tasks that works off a queue.
//!
//! Each task has slots; it receives as many messages as it has free ones. A message spends the
//! modelled service time in its slot, then whatever the service's real AWS calls take; then it is
//! deleted, or comes again later.

use std::{future::Future, pin::Pin, sync::Arc};

use parking_lot::Mutex;
use rand::RngExt as _;
use securecart_behaviour::Lognormal;
use securecart_domain::random::Stream;
use securecart_scenario::ServiceSpec;
use securecart_services::{Failure, Letter, Mailbox};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Duration, Instant},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{fleet::Busy, stats::Stats};

/// Wait after a `ReceiveMessage` that failed after the SDK's own retries.
const RECEIVE_PAUSE: Duration = Duration::from_secs(1);

/// Messages of one `ReceiveMessage` at the most.
const BATCH_MAX: usize = 10;

/// What handling a message comes to.
pub(crate) type Handling = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;

/// What a task does with a message.
pub(crate) type Consumer = Arc<dyn Fn(Arc<Letter>) -> Handling + Send + Sync>;

/// Tasks of one service that work off one queue.
pub(crate) struct Workers {
    mailbox: Mailbox,
    time: Lognormal,
    random: Mutex<Stream>,
    stats: Arc<Stats>,
    consumer: Consumer,
}

impl Workers {
    pub(crate) fn new(
        mailbox: Mailbox,
        spec: &ServiceSpec,
        random: Stream,
        stats: Arc<Stats>,
        consumer: Consumer,
    ) -> Arc<Self> {
        let time = Lognormal::from_ms(spec.service_time.p50_ms, spec.service_time.p99_ms);
        Arc::new(Self { mailbox, time, random: Mutex::new(random), stats, consumer })
    }

    /// Starts `tasks` tasks of `concurrency` slots. They end once `stop` is cancelled and the
    /// messages in their slots are done; `tracker` waits for that.
    pub(crate) fn start(
        self: &Arc<Self>,
        tasks: u32,
        concurrency: u32,
        stop: &CancellationToken,
        tracker: &TaskTracker,
    ) {
        for _ in 0..tasks {
            let workers = Arc::clone(self);
            let (stop, messages) = (stop.clone(), tracker.clone());
            tracker.spawn(async move { workers.poll(concurrency as usize, stop, messages).await });
        }
    }

    /// One task's life.
    async fn poll(
        self: Arc<Self>,
        concurrency: usize,
        stop: CancellationToken,
        messages: TaskTracker,
    ) {
        let slots = Arc::new(Semaphore::new(concurrency));
        loop {
            let round = self.round(&slots, &messages);
            tokio::select! {
                () = stop.cancelled() => return,
                () = round => {}
            }
        }
    }

    /// Waits for a free slot, receives for all that are free, and starts on what came.
    async fn round(self: &Arc<Self>, slots: &Arc<Semaphore>, messages: &TaskTracker) {
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
                    let workers = Arc::clone(self);
                    messages.spawn(async move { workers.work(letter, slot).await });
                }
            }
            Err(failure) => {
                log::warn!("receiving: {failure}");
                tokio::time::sleep(RECEIVE_PAUSE).await;
            }
        }
    }

    async fn work(&self, letter: Letter, _slot: OwnedSemaphorePermit) {
        let arrived = Instant::now();
        let _busy = Busy::enter(&self.stats);
        let time = self.time.at(self.random.lock().random());
        tokio::time::sleep(time).await;
        let letter = Arc::new(letter);
        let outcome = (self.consumer)(Arc::clone(&letter)).await;
        self.stats.handled(arrived, outcome.is_err());
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
