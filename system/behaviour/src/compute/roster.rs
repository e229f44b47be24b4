//! The tasks of a fleet: who is where, in which phase, and what falls due next.
//!
//! Shared by ECS and EC2: all bookkeeping is here, all decisions are in `fleet`. Every change of a
//! task goes through [`Roster::alter`], which takes it out of counts, order and timetable and puts
//! it back.
//!
//! Invariants: counts, order and timetable hold what the table of tasks says; a task has at most two
//! entries in the timetable (its phase, and its Spot interruption), so memory is bounded by the
//! tasks that exist; every operation is O(log n).

mod counts;
mod order;
mod task;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

pub(super) use counts::Counts;
pub(super) use order::Choice;
use order::Order;
pub(super) use task::{Due, Phase, Purpose, Task};

use super::{Capacity, Cause, Change, Event, TaskId, Zone};

/// What a launch is to be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Launch {
    pub(super) zone: Zone,
    pub(super) capacity: Capacity,
    pub(super) cause: Cause,
    pub(super) purpose: Purpose,
    pub(super) template: u32,
    /// From the launch to a process that runs.
    pub(super) start: Duration,
    /// From the launch to its Spot interruption.
    pub(super) interruption: Option<Duration>,
}

/// The table of tasks.
#[derive(Debug, Clone)]
pub(super) struct Roster {
    tasks: BTreeMap<TaskId, Task>,
    counts: Counts,
    order: Order,
    timetable: BTreeSet<(Duration, TaskId, Due)>,
    next: u64,
    events: Vec<Event>,
}

impl Roster {
    pub(super) fn new(choice: Choice) -> Self {
        Self {
            tasks: BTreeMap::new(),
            counts: Counts::default(),
            order: Order::new(choice),
            timetable: BTreeSet::new(),
            next: 0,
            events: Vec::new(),
        }
    }

    /// A task that already does work at `at`.
    pub(super) fn found(&mut self, at: Duration, zone: Zone, capacity: Capacity) {
        let id = self.next_id();
        self.insert(id, Task::found(at, zone, capacity));
        self.tell(at, Change::Launching { id, zone, capacity, cause: Cause::Initial });
        self.tell(at, Change::InService { id });
    }

    pub(super) fn launch(&mut self, at: Duration, launch: Launch) {
        let id = self.next_id();
        let Launch { zone, capacity, cause, .. } = launch;
        self.insert(id, Task::launched(at, launch));
        self.tell(at, Change::Launching { id, zone, capacity, cause });
    }

    /// Its process runs and is registered with the load balancer; its check passes at `checked`.
    pub(super) fn start(&mut self, id: TaskId, checked: Duration, health_from: Duration) {
        self.alter(id, |task| {
            task.phase = Phase::Checking;
            task.timer = Some((checked, Due::Checked));
            task.health_from = health_from;
        });
    }

    /// It passed its check; its own figures count from `warm`.
    pub(super) fn enter(
        &mut self,
        at: Duration,
        id: TaskId,
        warm: Duration,
        health_from: Duration,
    ) {
        self.alter(id, |task| {
            task.phase = Phase::InService;
            task.purpose = Purpose::Wanted;
            task.warming = warm > at;
            task.timer = task.warming.then_some((warm, Due::Warmed));
            task.health_from = health_from;
        });
        self.tell(at, Change::InService { id });
    }

    /// No new work from now on, and gone at `until`. `counted`: the group still takes it for one of
    /// its own.
    pub(super) fn drain(
        &mut self,
        at: Duration,
        id: TaskId,
        until: Duration,
        cause: Cause,
        counted: bool,
    ) {
        self.alter(id, |task| {
            task.phase = Phase::Draining { cause, counted };
            task.timer = Some((until, Due::Ended));
            task.interruption = None;
            task.warming = false;
        });
        self.tell(at, Change::Draining { id, until, cause });
    }

    pub(super) fn stop(&mut self, at: Duration, id: TaskId, cause: Cause, abrupt: bool) {
        if self.remove(id).is_some() {
            self.tell(at, Change::Stopped { id, cause, abrupt });
        }
    }

    /// Changes a task, if it is there.
    pub(super) fn alter(&mut self, id: TaskId, change: impl FnOnce(&mut Task)) {
        if let Some(mut task) = self.remove(id) {
            change(&mut task);
            self.insert(id, task);
        }
    }

    pub(super) fn tell(&mut self, at: Duration, change: Change) {
        self.events.push(Event { at, change });
    }

    pub(super) fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    pub(super) fn get(&self, id: TaskId) -> Option<&Task> {
        self.tasks.get(&id)
    }

    pub(super) fn len(&self) -> usize {
        self.tasks.len()
    }

    pub(super) fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The tasks, in launch order: O(n), for faults only.
    pub(super) fn iter(&self) -> impl Iterator<Item = (TaskId, &Task)> {
        self.tasks.iter().map(|(id, task)| (*id, task))
    }

    pub(super) fn next_due(&self) -> Option<Duration> {
        self.timetable.first().map(|(at, ..)| *at)
    }

    /// The first entry due at or before `at`; it stays in the timetable until the task changes.
    pub(super) fn due(&self, at: Duration) -> Option<(TaskId, Due)> {
        self.timetable.first().filter(|(due, ..)| *due <= at).map(|(_, id, due)| (*id, *due))
    }

    /// Which task to let go of in `zone`, one of `preferred` capacity where there is one.
    pub(super) fn choose(&self, at: Duration, zone: Zone, preferred: Capacity) -> Option<TaskId> {
        self.order.choose(at, zone, preferred)
    }

    /// The task that waits longest for its replacement: unhealthy ones first, then ones at risk.
    pub(super) fn condemned(&self) -> Option<TaskId> {
        self.order.unhealthy().or_else(|| self.order.at_risk())
    }

    pub(super) fn unhealthy(&self) -> Option<TaskId> {
        self.order.unhealthy()
    }

    fn next_id(&mut self) -> TaskId {
        self.next += 1;
        TaskId(self.next - 1)
    }

    fn insert(&mut self, id: TaskId, task: Task) {
        self.counts.add(&task);
        self.order.add(id, &task);
        for (at, due) in task.entries() {
            self.timetable.insert((at, id, due));
        }
        self.tasks.insert(id, task);
    }

    fn remove(&mut self, id: TaskId) -> Option<Task> {
        let task = self.tasks.remove(&id)?;
        self.counts.remove(&task);
        self.order.remove(id, &task);
        for (at, due) in task.entries() {
            self.timetable.remove(&(at, id, due));
        }
        Some(task)
    }
}
