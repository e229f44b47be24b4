//! The tasks of one service: carries out what the model of ECS or EC2 decides.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use parking_lot::{Mutex, RwLock};
use rand::RngExt as _;
use securecart_behaviour::{
    Assumptions, Lognormal, assumptions,
    compute::{self, Capacity, Cause, Change, TaskId, Zone, ecs::LaunchBudget, load_balancer},
};
use securecart_domain::{ServiceName, random, random::Stream};
use securecart_edge::Target as _;
use securecart_scenario::{Platform, ServiceSpec};
use tokio::time::Instant;

use super::{Reading, Stats, Task, Trouble, meter::Meter};
use crate::time::ScenarioTime;

/// Longest time a load balancer tries to connect to a target that is gone: wall time
/// (Application Load Balancer's connect timeout).
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What a group is made of.
pub(crate) struct GroupOptions<'a> {
    pub(crate) service: ServiceName,
    pub(crate) spec: &'a ServiceSpec,
    pub(crate) assumptions: &'a Assumptions,
    pub(crate) seed: u64,
    pub(crate) time: ScenarioTime,
}

/// The tasks of one service.
pub(crate) struct Group {
    pub(crate) service: ServiceName,
    pub(crate) platform: Platform,
    pub(crate) spec: ServiceSpec,
    pub(crate) stats: Stats,
    pub(crate) trouble: Trouble,
    /// Tasks in service, and those that drain or died and are not yet forgotten.
    tasks: RwLock<Vec<Arc<Task>>>,
    meter: Mutex<Meter>,
    model: Mutex<Model>,
    service_time: Lognormal,
    random: Mutex<Stream>,
    /// Scenario time until ECS takes a task that died out of its target group.
    deregistration: Duration,
    /// Busy share of the processors past which the fleet counts as too small.
    pub(super) full: f64,
    tasks_lost: AtomicU64,
    born: Instant,
    time: ScenarioTime,
}

/// The model that decides, with what it draws from.
struct Model {
    fleet: compute::Fleet,
    random: Stream,
    /// Where tasks that were launched and are not yet in service go.
    places: Vec<(TaskId, Zone, Capacity)>,
    /// What was told last about launches that are held back.
    held: Option<String>,
}

/// What a step of the group came to.
#[derive(Debug, Default)]
pub(crate) struct Step {
    /// Tasks that came into service.
    pub(crate) started: Vec<Arc<Task>>,
    /// Why launches are held back, where that is news.
    pub(crate) held: Option<String>,
}

impl Group {
    pub(crate) fn new(options: &GroupOptions<'_>, fleet: compute::Fleet) -> Arc<Self> {
        let GroupOptions { service, spec, assumptions: assumed, seed, time } = options;
        let stream = |what: &str| random::stream(*seed, &format!("{what}/{service}"));
        let cores = compute::Processor::new(spec.tasks.vcpu).cores();
        let service_time = spec.service_time;
        Arc::new(Self {
            service: *service,
            platform: Platform::of(*service),
            spec: (*spec).clone(),
            stats: Stats::default(),
            trouble: Trouble::default(),
            tasks: RwLock::default(),
            meter: Mutex::new(Meter::new(cores as f64, spec.tasks.concurrency)),
            model: Mutex::new(Model {
                fleet,
                random: stream("fleet"),
                places: Vec::new(),
                held: None,
            }),
            service_time: Lognormal::from_ms(service_time.p50_ms, service_time.p99_ms),
            random: Mutex::new(stream("service-time")),
            deregistration: assumed.duration(&assumptions::ECS_DEREGISTRATION),
            full: assumed.of(&assumptions::FLEET_FULL).max(0.01),
            tasks_lost: AtomicU64::new(0),
            born: Instant::now(),
            time: time.clone(),
        })
    }

    /// Carries out everything that is due by now, and says what came of it.
    pub(crate) fn step(&self, budget: &mut LaunchBudget) -> Step {
        let now = self.time.now();
        let mut model = self.model.lock();
        self.tasks.write().retain(|task| !task.deregistered.is_cancelled());
        for task in self.drained() {
            model.fleet.idle(now, task);
        }
        let Model { fleet, random, .. } = &mut *model;
        let events = fleet.step(now, budget, &mut || random.random());
        let mut step = Step::default();
        for event in events {
            self.apply(&mut model, event.change, &mut step);
        }
        step
    }

    fn apply(&self, model: &mut Model, change: Change, step: &mut Step) {
        match change {
            Change::Launching { id, zone, capacity, .. } => model.places.push((id, zone, capacity)),
            Change::InService { id } => {
                let place = model.places.iter().position(|(other, ..)| *other == id);
                let Some(place) = place else { return };
                let (id, zone, capacity) = model.places.swap_remove(place);
                let spec = &self.spec.tasks;
                let task = Task::new(id, zone, capacity, spec.vcpu, spec.concurrency);
                self.meter.lock().enter(Arc::clone(&task));
                self.tasks.write().push(Arc::clone(&task));
                step.started.push(task);
                model.held = None;
            }
            Change::Draining { id, .. } => {
                if let Some(task) = self.find(id) {
                    task.draining.cancel();
                    self.meter.lock().leave(&task);
                }
            }
            Change::Stopped { id, cause, abrupt } => {
                model.places.retain(|(other, ..)| *other != id);
                let Some(task) = self.find(id) else { return };
                self.meter.lock().leave(&task);
                let in_service = !task.draining.is_cancelled();
                task.draining.cancel();
                task.dead.cancel();
                if abrupt {
                    self.tasks_lost.fetch_add(1, Ordering::Relaxed);
                }
                if abrupt && in_service {
                    self.deregister_later(task, cause);
                } else {
                    task.deregistered.cancel();
                }
            }
            Change::Held { reason, wanted } => {
                let text = format!("{wanted} launches wait: {reason}");
                if model.held.as_deref() != Some(text.as_str()) {
                    model.held = Some(text.clone());
                    step.held = Some(text);
                }
            }
        }
    }

    /// A target that is gone keeps its place at the load balancer until that notices: ECS tells it
    /// when a task dies; of an instance or a zone only the health checks tell.
    fn deregister_later(&self, task: Arc<Task>, cause: Cause) {
        let by_checks = self.platform == Platform::Ec2 || cause == Cause::ZoneLost;
        let scenario = if by_checks {
            load_balancer::Settings::default().time_to_unhealthy(self.random.lock().random())
        } else {
            self.deregistration
        };
        let wall = self.time.wall(scenario);
        tokio::spawn(async move {
            tokio::time::sleep(wall).await;
            task.deregistered.cancel();
        });
    }

    fn find(&self, id: TaskId) -> Option<Arc<Task>> {
        self.tasks.read().iter().find(|task| task.id == id).cloned()
    }

    /// Tasks that drain and have nothing left to do.
    fn drained(&self) -> Vec<TaskId> {
        let tasks = self.tasks.read();
        let drained = tasks.iter().filter(|task| {
            task.draining.is_cancelled() && !task.dead.is_cancelled() && task.outstanding() == 0
        });
        drained.map(|task| task.id).collect()
    }

    /// The task for the next request: the one with the fewest outstanding of those the load
    /// balancer knows.
    pub(super) fn pick(&self) -> Option<Arc<Task>> {
        let tasks = self.tasks.read();
        // One that died in service is known until it is deregistered.
        let known = tasks.iter().filter(|task| {
            !task.deregistered.is_cancelled()
                && (task.dead.is_cancelled() || !task.draining.is_cancelled())
        });
        known.min_by_key(|task| task.outstanding()).cloned()
    }

    /// Spends a request's computing on the processor of `task`: it queues there behind others.
    pub(super) async fn compute(&self, task: &Task) {
        let work = self.service_time.at(self.random.lock().random());
        self.stats.asked(work);
        let done = task.begin(work) + self.trouble.added();
        tokio::time::sleep_until(done).await;
    }

    /// Whether a fault makes this request fail.
    pub(super) fn fails(&self) -> bool {
        self.trouble.hits(|| self.random.lock().random())
    }

    /// Tasks that died with what they had in flight.
    pub(crate) fn tasks_lost(&self) -> u64 {
        self.tasks_lost.load(Ordering::Relaxed)
    }

    /// Wall seconds since the fleet's start.
    pub(crate) fn uptime_s(&self) -> f64 {
        self.born.elapsed().as_secs_f64()
    }

    /// Sums since the start.
    pub(crate) fn reading(&self) -> Reading {
        let mut reading = self.meter.lock().read();
        self.stats.complete(&mut reading);
        reading
    }
}

/// What scaling and faults do to the fleet.
impl Group {
    /// Wants `desired` tasks from now on.
    pub(crate) fn set_desired(&self, desired: u32) {
        self.model.lock().fleet.set_desired(self.time.now(), desired);
    }

    /// What the fleet looks like.
    pub(crate) fn shape(&self) -> Shape {
        let model = self.model.lock();
        let fleet = &model.fleet;
        let spot = self
            .tasks
            .read()
            .iter()
            .filter(|task| task.capacity == Capacity::Spot && !task.draining.is_cancelled())
            .count();
        Shape {
            desired: fleet.desired(),
            running: fleet.running(),
            in_service: fleet.in_service(),
            pending: fleet.pending(),
            warming: fleet.warming(),
            spot: spot as u32,
        }
    }

    /// Kills up to `count` tasks in service; returns how many.
    pub(crate) fn kill(&self, count: u32) -> u32 {
        let now = self.time.now();
        let victims: Vec<TaskId> = {
            let tasks = self.tasks.read();
            let alive = tasks.iter().filter(|task| !task.draining.is_cancelled());
            alive.take(count as usize).map(|task| task.id).collect()
        };
        let mut model = self.model.lock();
        for id in &victims {
            model.fleet.kill(now, *id);
        }
        victims.len() as u32
    }

    /// Loses a zone, or gets it back; returns how many tasks in service were in it.
    pub(crate) fn zone(&self, zone: Zone, up: bool) -> u32 {
        let now = self.time.now();
        let inside = {
            let tasks = self.tasks.read();
            tasks.iter().filter(|t| t.zone == zone && !t.draining.is_cancelled()).count() as u32
        };
        let mut model = self.model.lock();
        if up {
            model.fleet.restore_zone(now, zone);
        } else {
            model.fleet.lose_zone(now, zone);
        }
        inside
    }

    /// Gives `share` of the Spot tasks two minutes' notice; there is no Spot capacity until
    /// [`spot_returns`](Self::spot_returns). Returns how many got notice.
    pub(crate) fn reclaim_spot(&self, share: f64) -> u32 {
        let now = self.time.now();
        let spot = self.shape().spot;
        let mut model = self.model.lock();
        model.fleet.spot_available(now, false);
        model.fleet.reclaim_spot(now, share);
        (f64::from(spot) * share).ceil() as u32
    }

    /// There is Spot capacity again.
    pub(crate) fn spot_returns(&self) {
        let now = self.time.now();
        self.model.lock().fleet.spot_available(now, true);
    }
}

/// What a fleet looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) desired: u32,
    pub(crate) running: u32,
    pub(crate) in_service: u32,
    pub(crate) pending: u32,
    pub(crate) warming: u32,
    pub(crate) spot: u32,
}
