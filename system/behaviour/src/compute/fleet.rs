//! A fleet: an ECS service or an EC2 Auto Scaling group, driven the same way.
//!
//! Commands take effect at their own `now`, in order, when [`Fleet::step`] gets there; a step plays
//! everything due up to its `now` in time order, so that the cut of the steps changes nothing.
//!
//! Invariants: `desired` is met as far as rates, zones and Spot capacity allow; tasks beyond it are
//! only those that replace ones still running, at most [`MAX_TASKS`] desired and twice that kept;
//! zones differ by at most one task when all are up and nothing moves.

mod advance;
mod reconcile;
mod rules;

use std::collections::VecDeque;
use std::time::Duration;

use rules::Rules;
pub(super) use rules::{Profile, Refusal};

use super::ecs::LaunchBudget;
use super::roster::Roster;
use super::{Capacity, Cause, Event, Hold, TaskId, Zone, ec2, ecs};

/// The highest desired count of a fleet.
pub const MAX_TASKS: u32 = 10_000;

/// An ECS service on Fargate or an EC2 Auto Scaling group.
#[derive(Debug, Clone)]
pub struct Fleet {
    rules: Rules,
    profile: Profile,
    roster: Roster,
    /// The desired count as last commanded, and as far as the steps have got.
    desired: u32,
    target: u32,
    inbox: VecDeque<(Duration, Command)>,
    clock: Duration,
    up: [bool; 3],
    spot_available: bool,
    failing_starts: bool,
    template: u32,
    /// Launches that replace losses, by the cause of the loss.
    owed: [u32; Cause::FailedStart as usize + 1],
    /// Rebalancing tasks that came into service, each to be followed by an end elsewhere.
    moved: u32,
    retry: Option<Duration>,
    refused: Option<(Hold, u32)>,
    holding: Option<Hold>,
}

#[derive(Debug, Clone, Copy)]
enum Command {
    /// Fixes the Spot interruptions of the tasks there from the start.
    Begin,
    Desired(u32),
    Kill(TaskId),
    KillShare(f64),
    LoseZone(Zone),
    RestoreZone(Zone),
    ReclaimSpot(f64),
    SpotAvailable(bool),
    Unhealthy(TaskId),
    Idle(TaskId),
    FailStarts(bool),
    NewTemplate,
}

impl Fleet {
    /// An ECS service on Fargate with `desired` tasks in service.
    #[must_use]
    pub fn ecs(settings: ecs::Settings, desired: u32, now: Duration) -> Self {
        let rules = Rules::Ecs(ecs::Scheduler::new(settings, now));
        Self::new(rules, settings.profile(), desired, now)
    }

    /// An EC2 Auto Scaling group with `desired` instances in service and warmed up, and its warm
    /// pool, if any, full.
    #[must_use]
    pub fn ec2(settings: ec2::Settings, desired: u32, now: Duration) -> Self {
        let rules = Rules::Ec2(ec2::Group::new(settings, desired.min(MAX_TASKS)));
        Self::new(rules, settings.profile(), desired, now)
    }

    fn new(rules: Rules, profile: Profile, desired: u32, now: Duration) -> Self {
        let desired = desired.min(MAX_TASKS);
        let mut roster = Roster::new(profile.choice);
        let spot = profile.spot.wanted(desired);
        for (task, zone) in (0..desired).zip(Zone::ALL.into_iter().cycle()) {
            let capacity = if task < spot { Capacity::Spot } else { Capacity::OnDemand };
            roster.found(now, zone, capacity);
        }
        Self {
            rules,
            profile,
            roster,
            desired,
            target: desired,
            inbox: VecDeque::from([(now, Command::Begin)]),
            clock: now,
            up: [true; 3],
            spot_available: true,
            failing_starts: false,
            template: 0,
            owed: [0; Cause::FailedStart as usize + 1],
            moved: 0,
            retry: None,
            refused: None,
            holding: None,
        }
    }

    /// Plays everything due up to `now` and returns it in time order. `budget` is the account's,
    /// shared by its ECS services; an EC2 group takes nothing from it. `random` yields uniform
    /// numbers in [0, 1).
    pub fn step(
        &mut self,
        now: Duration,
        budget: &mut LaunchBudget,
        random: &mut dyn FnMut() -> f64,
    ) -> Vec<Event> {
        while let Some(at) = self.next_due().filter(|at| *at <= now) {
            self.clock = self.clock.max(at);
            self.advance(self.clock, random);
            self.reconcile(self.clock, budget, random);
        }
        self.clock = self.clock.max(now);
        self.roster.take_events()
    }

    /// When the next step has something to do; `None` when only a command can change anything. Ask
    /// again after each step and each command: due times also vanish.
    #[must_use]
    pub fn next_due(&self) -> Option<Duration> {
        [
            self.inbox.front().map(|(at, _)| *at),
            self.roster.next_due(),
            self.retry,
            self.rules.next_due(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Sets the desired count, at most [`MAX_TASKS`].
    pub fn set_desired(&mut self, now: Duration, desired: u32) {
        self.desired = desired.min(MAX_TASKS);
        self.command(now, Command::Desired(self.desired));
    }

    /// Ends a task at once; work in flight is lost, and it is replaced.
    pub fn kill(&mut self, now: Duration, id: TaskId) {
        self.command(now, Command::Kill(id));
    }

    /// Ends a share (0 to 1) of the tasks that do not drain, drawn at random.
    pub fn kill_share(&mut self, now: Duration, share: f64) {
        self.command(now, Command::KillShare(share));
    }

    /// Takes a zone down: everything in it ends at once, and nothing launches there.
    pub fn lose_zone(&mut self, now: Duration, zone: Zone) {
        self.command(now, Command::LoseZone(zone));
    }

    /// Brings a zone back; the fleet then evens out.
    pub fn restore_zone(&mut self, now: Duration, zone: Zone) {
        self.command(now, Command::RestoreZone(zone));
    }

    /// AWS takes back a share (0 to 1) of the Spot tasks, drawn at random.
    pub fn reclaim_spot(&mut self, now: Duration, share: f64) {
        self.command(now, Command::ReclaimSpot(share));
    }

    /// Whether there is Spot capacity to launch on.
    pub fn spot_available(&mut self, now: Duration, available: bool) {
        self.command(now, Command::SpotAvailable(available));
    }

    /// The load balancer found a task unhealthy: it is replaced, unless it is in its grace period
    /// or not in service. ECS launches the replacement first; EC2 terminates first, a tenth of the
    /// group at a time. Until it drains the task is the driver's to keep work from.
    pub fn mark_unhealthy(&mut self, now: Duration, id: TaskId) {
        self.command(now, Command::Unhealthy(id));
    }

    /// A draining task has no work left: it stops now (the load balancer does not wait for the
    /// deregistration delay then). An interrupted task keeps its two minutes.
    pub fn idle(&mut self, now: Duration, id: TaskId) {
        self.command(now, Command::Idle(id));
    }

    /// From now on tasks do, or do not, go from pending to stopped: a bad image, say.
    pub fn fail_starts(&mut self, now: Duration, failing: bool) {
        self.command(now, Command::FailStarts(failing));
    }

    /// A new task definition or launch template: for launches from now on. It ends an ECS service's
    /// restart delay; EC2 scales instances of older ones in first.
    pub fn new_template(&mut self, now: Duration) {
        self.command(now, Command::NewTemplate);
    }

    /// The desired count as last set.
    #[must_use]
    pub fn desired(&self) -> u32 {
        self.desired
    }

    /// Tasks whose process runs and that do not drain: the base of ECS target tracking.
    #[must_use]
    pub fn running(&self) -> u32 {
        let counts = self.roster.counts();
        counts.active() - counts.starting
    }

    /// Tasks launched and not yet in service; those that run and wait for their check are also
    /// [`running`](Self::running).
    #[must_use]
    pub fn pending(&self) -> u32 {
        self.roster.counts().pending
    }

    /// Tasks healthy behind the load balancer.
    #[must_use]
    pub fn in_service(&self) -> u32 {
        let counts = self.roster.counts();
        counts.serving - counts.unhealthy.iter().sum::<u32>()
    }

    /// Instances in service whose warm-up is not over: capacity that is left out of metrics. ECS
    /// tasks do not warm up.
    #[must_use]
    pub fn warming(&self) -> u32 {
        self.roster.counts().warming
    }

    /// Tasks that take no new work and are not gone.
    #[must_use]
    pub fn draining(&self) -> u32 {
        self.roster.counts().draining
    }

    /// Whether a task's figures are to be left out of metrics.
    #[must_use]
    pub fn is_warming(&self, id: TaskId) -> bool {
        self.roster.get(id).is_some_and(|task| task.warming)
    }

    /// The tasks of each zone that do not drain, in the order of [`Zone::ALL`].
    #[must_use]
    pub fn zones(&self) -> [u32; 3] {
        Zone::ALL.map(|zone| self.roster.counts().active_in(zone))
    }

    /// The tasks of this capacity that do not drain.
    #[must_use]
    pub fn bought_as(&self, capacity: Capacity) -> u32 {
        self.roster.counts().active_of(capacity)
    }

    /// Instances in the warm pool: prepared, and being prepared.
    #[must_use]
    pub fn warm_pool(&self) -> (u32, u32) {
        self.rules.pool().map_or((0, 0), |pool| (pool.ready(), pool.preparing()))
    }

    fn command(&mut self, now: Duration, command: Command) {
        let last = self.inbox.back().map_or(self.clock, |(at, _)| *at);
        self.inbox.push_back((now.max(last), command));
    }
}
