//! How much of a fleet was used: sums since its start, so that each reader takes differences over
//! an interval of its own.

use std::sync::Arc;

use tokio::time::Instant;

use super::Task;

/// Sums since the fleet's start.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Reading {
    /// Core-seconds that the processors in service were busy.
    pub(crate) cpu_busy_s: f64,
    /// Core-seconds that they were there.
    pub(crate) cpu_s: f64,
    /// Slot-seconds that were in use.
    pub(crate) slot_busy_s: f64,
    /// Slot-seconds that were there.
    pub(crate) slot_s: f64,
    /// Task-seconds in service.
    pub(crate) task_s: f64,
    /// Requests and messages that came, those turned away included.
    pub(crate) offered: u64,
    /// Requests and messages handled.
    pub(crate) handled: u64,
    /// Requests and messages that got to a processor.
    pub(crate) asked: u64,
    /// Processor seconds (of whole vCPUs) that they asked for.
    pub(crate) work_s: f64,
}

impl Reading {
    /// What happened since `earlier`.
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        Self {
            cpu_busy_s: self.cpu_busy_s - earlier.cpu_busy_s,
            cpu_s: self.cpu_s - earlier.cpu_s,
            slot_busy_s: self.slot_busy_s - earlier.slot_busy_s,
            slot_s: self.slot_s - earlier.slot_s,
            task_s: self.task_s - earlier.task_s,
            offered: self.offered - earlier.offered,
            handled: self.handled - earlier.handled,
            asked: self.asked - earlier.asked,
            work_s: self.work_s - earlier.work_s,
        }
    }

    /// Processor utilisation, 0 to 1; `None` where nothing was in service.
    pub(crate) fn cpu(&self) -> Option<f64> {
        share(self.cpu_busy_s, self.cpu_s)
    }

    /// Slots in use, 0 to 1; `None` where nothing was in service.
    pub(crate) fn slots(&self) -> Option<f64> {
        share(self.slot_busy_s, self.slot_s)
    }
}

fn share(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| (part / whole).clamp(0.0, 1.0))
}

/// Integrates what is in service over time.
#[derive(Debug)]
pub(crate) struct Meter {
    cores: f64,
    slots: f64,
    tasks: Vec<(Arc<Task>, f64)>,
    /// Core-seconds of tasks that left.
    retired_busy_s: f64,
    cpu_s: f64,
    slot_s: f64,
    task_s: f64,
    changed: Instant,
}

impl Meter {
    /// A fleet whose tasks have `cores` and `slots` each.
    pub(crate) fn new(cores: f64, slots: u32) -> Self {
        Self {
            cores,
            slots: f64::from(slots),
            tasks: Vec::new(),
            retired_busy_s: 0.0,
            cpu_s: 0.0,
            slot_s: 0.0,
            task_s: 0.0,
            changed: Instant::now(),
        }
    }

    /// `task` counts from now on.
    pub(crate) fn enter(&mut self, task: Arc<Task>) {
        self.integrate();
        let before_s = task.busy_s();
        self.tasks.push((task, before_s));
    }

    /// `task` no longer counts.
    pub(crate) fn leave(&mut self, task: &Arc<Task>) {
        self.integrate();
        if let Some(at) = self.tasks.iter().position(|(other, _)| Arc::ptr_eq(other, task)) {
            let (task, before_s) = self.tasks.swap_remove(at);
            self.retired_busy_s += task.busy_s() - before_s;
        }
    }

    /// The sums up to now; those of requests are the caller's.
    pub(crate) fn read(&mut self) -> Reading {
        self.integrate();
        let busy_s: f64 = self.tasks.iter().map(|(task, before_s)| task.busy_s() - before_s).sum();
        Reading {
            cpu_busy_s: self.retired_busy_s + busy_s,
            cpu_s: self.cpu_s,
            slot_s: self.slot_s,
            task_s: self.task_s,
            ..Reading::default()
        }
    }

    fn integrate(&mut self) {
        let now = Instant::now();
        let task_s = self.tasks.len() as f64 * (now - self.changed).as_secs_f64();
        self.task_s += task_s;
        self.cpu_s += task_s * self.cores;
        self.slot_s += task_s * self.slots;
        self.changed = now;
    }
}

#[cfg(test)]
mod tests {
    use securecart_behaviour::compute::{Capacity, TaskId, Zone};
    use tokio::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn utilisation_counts_tasks_while_they_are_in_service() {
        let mut meter = Meter::new(2.0, 8);
        let task = Task::new(TaskId(1), Zone::A, Capacity::OnDemand, 2.0, 8);
        let other = Task::new(TaskId(2), Zone::B, Capacity::OnDemand, 2.0, 8);
        meter.enter(Arc::clone(&task));
        meter.enter(Arc::clone(&other));
        let start = meter.read();
        task.begin(Duration::from_secs(1));
        tokio::time::advance(Duration::from_secs(1)).await;
        let first = meter.read();
        // One of four cores was busy for a second.
        assert_eq!(first.since(&start).cpu(), Some(0.25));
        meter.leave(&other);
        task.begin(Duration::from_secs(4));
        task.begin(Duration::from_secs(4));
        tokio::time::advance(Duration::from_secs(1)).await;
        let second = meter.read();
        assert_eq!(second.since(&first).cpu(), Some(1.0));
        meter.leave(&task);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(meter.read().since(&second).cpu(), None, "nothing was in service");
        assert!((meter.read().cpu_busy_s - 3.0).abs() < 1e-9);
    }
}
