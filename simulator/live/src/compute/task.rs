//! One task, or one instance.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use parking_lot::Mutex;
use securecart_behaviour::compute::{Capacity, Processor, TaskId, Zone};
use securecart_edge::Target;
use tokio::{
    sync::Semaphore,
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

/// A task: a processor, and slots for the requests it works on at once.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) id: TaskId,
    pub(crate) zone: Zone,
    pub(crate) capacity: Capacity,
    pub(crate) slots: Arc<Semaphore>,
    /// It takes nothing new.
    pub(crate) draining: CancellationToken,
    /// It is gone, and what it worked on with it.
    pub(crate) dead: CancellationToken,
    /// The load balancer knows that it is gone.
    pub(crate) deregistered: CancellationToken,
    outstanding: AtomicUsize,
    processor: Mutex<Processor>,
    born: Instant,
}

impl Task {
    pub(crate) fn new(
        id: TaskId,
        zone: Zone,
        capacity: Capacity,
        vcpu: f64,
        concurrency: u32,
    ) -> Arc<Self> {
        Arc::new(Self {
            id,
            zone,
            capacity,
            slots: Arc::new(Semaphore::new(concurrency as usize)),
            draining: CancellationToken::new(),
            dead: CancellationToken::new(),
            deregistered: CancellationToken::new(),
            outstanding: AtomicUsize::new(0),
            processor: Mutex::new(Processor::new(vcpu)),
            born: Instant::now(),
        })
    }

    /// Puts `work` (time on a whole vCPU) on the processor; it is done at the instant returned.
    pub(crate) fn begin(&self, work: Duration) -> Instant {
        let now = self.born.elapsed();
        self.born + self.processor.lock().begin(now, work)
    }

    /// Processor seconds used so far, over all cores.
    pub(crate) fn busy_s(&self) -> f64 {
        self.processor.lock().busy_up_to(self.born.elapsed()).as_secs_f64()
    }

    /// A request that it has from now on; `None` where it has `limit` already.
    pub(crate) fn enter(self: &Arc<Self>, limit: usize) -> Option<Outstanding> {
        let before = self.outstanding.fetch_add(1, Ordering::Relaxed);
        let entered = Outstanding(Arc::clone(self));
        (before < limit).then_some(entered)
    }
}

impl Target for Task {
    fn outstanding(&self) -> usize {
        self.outstanding.load(Ordering::Relaxed)
    }
}

/// A request that a task has; undone on drop, however the request ends.
pub(crate) struct Outstanding(Arc<Task>);

impl Drop for Outstanding {
    fn drop(&mut self) {
        self.0.outstanding.fetch_sub(1, Ordering::Relaxed);
    }
}
