//! A run from provisioning to verdict.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use parking_lot::Mutex;
use securecart_analysis as analysis;
use securecart_behaviour::{Assumptions, assumptions::QUOTAS_BURST, event_bridge::Invocations};
use securecart_clock::Clock;
use securecart_cloud::{
    Cloud, EventDelays, Resources, Role, Shaping, Stock, TableCapacity, provision, remove,
};
use securecart_domain::Catalogue;
use securecart_embedded::Engine;
use securecart_record::{Environment, Phase, RunInfo, RunRecord};
use securecart_scenario::{self as scenario, Plan};
use securecart_traffic::{Handle, Outcome, Recorder, Settings};
use tokio::{sync::watch, task::JoinHandle, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::{
    Error, Sabotage,
    conditions::Conditions,
    data::Data,
    facts::{self, Offered},
    faults, objective, prices,
    sampler::Sampler,
    shop::Shop,
    tiers::{Machines, Tiers},
    time::ScenarioTime,
};

/// Longest time the queues get to run empty after the traffic has ended: wall time.
const DRAIN_MAX: Duration = Duration::from_secs(90);

/// What to run.
#[derive(Debug)]
pub struct Options {
    /// The plan.
    pub plan: Plan,
    /// What the record says about the run; scenario, clock, seed, window and the like are filled
    /// in from the plan.
    pub info: RunInfo,
    /// Where it is run.
    pub environment: Environment,
    /// Who serves AWS, the database and the cache.
    pub tiers: Tiers,
    /// What the run's clock shows at its start, ms since the Unix epoch.
    pub epoch_ms: u64,
    /// Port on which the AWS API is served during the run, where it is.
    pub aws_port: Option<u16>,
    /// Damage to do right before the audit, to prove that it is found.
    pub sabotage: Option<Sabotage>,
    /// Ends the run early.
    pub stop: CancellationToken,
}

/// A run that goes on.
#[derive(Debug)]
pub struct Live {
    /// The record so far, once a second.
    pub snapshots: watch::Receiver<Arc<RunRecord>>,
    /// Ends with the finished record.
    pub finished: JoinHandle<Result<RunRecord, Error>>,
}

/// Starts a run on the current runtime.
#[must_use]
pub fn start(mut options: Options) -> Live {
    describe(&mut options.info, &options.plan, &options.tiers);
    let mut record = RunRecord::starting(options.info.clone(), options.environment.clone());
    record.skipped_faults = faults::skipped(&options.plan);
    let (snapshots, seen) = watch::channel(Arc::new(record.clone()));
    let finished = tokio::spawn(conduct(options, record, snapshots));
    Live { snapshots: seen, finished }
}

fn describe(info: &mut RunInfo, plan: &Plan, tiers: &Tiers) {
    info.scenario.clone_from(&plan.name);
    info.summary.clone_from(&plan.summary);
    "live".clone_into(&mut info.clock);
    tiers.backend.clone_into(&mut info.backend);
    info.backend_version = tiers.version();
    info.tiers = tiers.described().to_vec();
    info.seed = plan.seed;
    info.settings.clone_from(&plan.overrides);
    info.scale = plan.scale;
    info.speed = plan.window.speed;
    info.window_start_s = plan.window.start_s;
    info.window_end_s = plan.window.end_s;
}

/// What stands before the first shopper comes.
pub(crate) struct Stage {
    pub(crate) plan: Arc<Plan>,
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) cloud: Arc<Cloud>,
    pub(crate) resources: Resources,
    pub(crate) clock: Clock,
    pub(crate) time: ScenarioTime,
    pub(crate) assumptions: Assumptions,
    pub(crate) event_delays: Arc<EventDelays>,
    pub(crate) data: Arc<Data>,
    pub(crate) machines: Option<Arc<Machines>>,
}

impl Stage {
    /// The AWS of `tiers` with SecureCart's resources in it, a database and a cache.
    pub(crate) async fn set(plan: Plan, epoch_ms: u64, tiers: &Tiers) -> Result<Self, Error> {
        let clock = Clock::starting_at(epoch_ms);
        let assumptions = assumptions(&plan)?;
        let engine = Engine::new(clock, plan.seed);
        engine.set_speed(plan.window.speed);
        let shaping = Shaping::Modelled { seed: plan.seed };
        let cloud = match &tiers.endpoint {
            Some(endpoint) => Cloud::at_endpoint(endpoint, engine, shaping),
            None => Cloud::embedded(engine, shaping),
        };
        let cloud = cloud.at_speed(plan.window.speed, &assumptions);
        cloud.set_tables(tables(&plan));
        let cloud = Arc::new(cloud);
        let spec = plan.catalogue;
        let catalogue = Arc::new(Catalogue::generate(plan.seed, spec.products, spec.zipf_exponent));
        let stock = catalogue.products().iter().map(|product| Stock {
            product: product.id,
            pieces: if product.id.0 == 0 { spec.hot_product_stock } else { spec.stock },
        });
        let data = Data::open(&plan, tiers, &assumptions, &catalogue).await?;
        let resources = match resources(&cloud, stock.collect()).await {
            Ok(resources) => resources,
            Err(error) => {
                // What went wrong first is what there is to say.
                let _ = clear(&cloud, tiers.machines.as_deref(), &data).await;
                return Err(error);
            }
        };
        cloud.watch_queues(&resources);
        let time = ScenarioTime::new(plan.window);
        let event_delays = event_delays(plan.seed, &assumptions);
        event_delays.install(&cloud);
        let plan = Arc::new(plan);
        let (data, machines) = (Arc::new(data), tiers.machines.clone());
        Ok(Self {
            plan,
            catalogue,
            cloud,
            resources,
            clock,
            time,
            assumptions,
            event_delays,
            data,
            machines,
        })
    }

    /// Takes what was made for the run out of what goes on after it. Containers go as a whole.
    pub(crate) async fn clear(self) -> Result<(), Error> {
        clear(&self.cloud, self.machines.as_deref(), &self.data).await
    }

    /// Opens the shop on `port` (0: any that is free).
    pub(crate) async fn open(&self, port: u16) -> Result<Shop, Error> {
        Shop::start(self, port).await
    }
}

/// SecureCart's resources in `cloud`, without what a run that was killed has left there.
async fn resources(cloud: &Cloud, stock: Vec<Stock>) -> Result<Resources, Error> {
    let clients = cloud.clients(Role::Harness);
    if cloud.is_remote() {
        remove(&clients).await.map_err(Error::provision)?;
    }
    provision(&clients, stock).await.map_err(Error::provision)
}

/// Both are tried: what can't be removed from one place is no reason to leave something at another.
async fn clear(cloud: &Cloud, machines: Option<&Machines>, data: &Data) -> Result<(), Error> {
    let removed = if cloud.is_remote() && machines.is_none() {
        remove(&cloud.clients(Role::Harness)).await.map(drop).map_err(Error::provision)
    } else {
        Ok(())
    };
    let closed = data.database.clone().close().await.map_err(Error::database);
    removed.and(closed)
}

/// How late EventBridge delivers: what was measured, and the Region's rate of invocations. Wall time.
fn event_delays(seed: u64, assumptions: &Assumptions) -> Arc<EventDelays> {
    let burst = assumptions.duration(&QUOTAS_BURST);
    let invocations = Mutex::new(Invocations::new(burst, Duration::ZERO));
    let since = Instant::now();
    let wait = move || {
        let now = since.elapsed();
        invocations.lock().invoke(now).saturating_sub(now)
    };
    Arc::new(EventDelays::new().modelled(seed).rated(wait))
}

/// The capacity of every table.
fn tables(plan: &Plan) -> BTreeMap<String, TableCapacity> {
    let tables = plan.tables.iter().map(|(name, capacity)| {
        let capacity = match *capacity {
            scenario::TableCapacity::OnDemand { warm_read, warm_write } => {
                TableCapacity::OnDemand { warm_read, warm_write }
            }
            scenario::TableCapacity::Provisioned { read, write, .. } => {
                TableCapacity::Provisioned { read, write }
            }
        };
        (name.clone(), capacity)
    });
    tables.collect()
}

/// What the plan assumes of AWS.
fn assumptions(plan: &Plan) -> Result<Assumptions, Error> {
    let mut assumptions = Assumptions::default();
    for (key, value) in &plan.assumptions {
        assumptions.set(key, *value).map_err(Error::assumption)?;
    }
    Ok(assumptions)
}

async fn conduct(
    options: Options,
    record: RunRecord,
    snapshots: watch::Sender<Arc<RunRecord>>,
) -> Result<RunRecord, Error> {
    let Options { plan, epoch_ms, tiers, aws_port, sabotage, stop, .. } = options;
    let course = Course { plan, epoch_ms, aws_port, sabotage, stop: stop.clone() };
    let played = tokio::select! {
        played = play(course, &tiers, record, snapshots) => played,
        error = tiers.failed() => Err(error),
    };
    let removed = tiers.remove().await;
    // What went wrong first is what there is to say.
    let record = played?;
    match removed {
        Err(error) if !stop.is_cancelled() => Err(error),
        _ => Ok(record),
    }
}

/// What is played, whoever serves it.
struct Course {
    plan: Plan,
    epoch_ms: u64,
    aws_port: Option<u16>,
    sabotage: Option<Sabotage>,
    stop: CancellationToken,
}

/// The run itself, on what `tiers` give it. What was made for it goes, however it ends.
async fn play(
    course: Course,
    tiers: &Tiers,
    record: RunRecord,
    snapshots: watch::Sender<Arc<RunRecord>>,
) -> Result<RunRecord, Error> {
    let stage = Stage::set(course.plan.clone(), course.epoch_ms, tiers).await?;
    let played = perform(&course, &stage, record, snapshots).await;
    let cleared = stage.clear().await;
    // What went wrong first is what there is to say.
    let record = played?;
    cleared.map(|()| record)
}

/// From the shop's opening to the verdict.
async fn perform(
    course: &Course,
    stage: &Stage,
    record: RunRecord,
    snapshots: watch::Sender<Arc<RunRecord>>,
) -> Result<RunRecord, Error> {
    let served = match course.aws_port {
        Some(port) => Some(stage.cloud.engine().serve(port).await.map_err(Error::aws_port)?),
        None => None,
    };
    let shop = Arc::new(stage.open(0).await?);
    let recorder = Arc::new(Recorder::new());
    let conditions = Conditions::start(stage, &shop)?;
    let mut sampler =
        Sampler::new(record, stage, Arc::clone(&shop), Arc::clone(&recorder), snapshots);
    sampler.follow(Arc::clone(&conditions.journal));
    let offered = traffic(stage, &shop, &recorder, &course.stop, &mut sampler).await?;
    let interrupted = course.stop.is_cancelled();
    drain(stage, &course.stop, &mut sampler).await;
    conditions.end().await;
    shop.stop().await;
    sampler.tick();
    if let Some(sabotage) = course.sabotage {
        sabotage.commit(stage, &offered.accepted).await?;
        sampler.mark(format!("sabotage: {sabotage}"));
    }
    audit(stage, &offered, &mut sampler).await?;
    judge(&stage.plan, interrupted, &mut sampler.record);
    sampler.enter(Phase::Finished);
    let record = sampler.record.clone();
    drop(sampler);
    if let Some(shop) = Arc::into_inner(shop) {
        shop.close().await;
    }
    if let Some(served) = served {
        served.close().await;
    }
    Ok(record)
}

/// Drives the load and samples once a second until the last session has ended.
async fn traffic(
    stage: &Stage,
    shop: &Shop,
    recorder: &Arc<Recorder>,
    stop: &CancellationToken,
    sampler: &mut Sampler,
) -> Result<Offered, Error> {
    let handle = securecart_traffic::start(Settings {
        plan: Arc::clone(&stage.plan),
        catalogue: Arc::clone(&stage.catalogue),
        target: shop.address(),
        recorder: Arc::clone(recorder),
        stop: stop.clone(),
        users: None,
        request_timeout: None,
    })
    .map_err(Error::traffic)?;
    let origin = handle.started().await.unwrap_or_else(Instant::now);
    stage.time.begin(origin);
    sampler.enter(Phase::Running);
    let outcome = sample_until_done(handle, origin, sampler).await?;
    let window_s = stage.plan.window.wall_s();
    sampler.record.run.traffic_s = sampler.elapsed_s().min(window_s);
    sampler.record.run.arrivals_digest = outcome.digest.to_string();
    Ok(Offered::from(outcome))
}

async fn sample_until_done(
    handle: Handle,
    origin: Instant,
    sampler: &mut Sampler,
) -> Result<Outcome, Error> {
    let mut ticks = seconds(origin);
    let mut outcome = tokio::spawn(handle.wait());
    loop {
        tokio::select! {
            _ = ticks.tick() => sampler.tick(),
            ended = &mut outcome => {
                let ended = ended.expect("waiting for traffic can't panic");
                return ended.map_err(Error::traffic);
            }
        }
    }
}

/// Waits until every queue is empty: those of a run that was interrupted are left as they are.
async fn drain(stage: &Stage, stop: &CancellationToken, sampler: &mut Sampler) {
    sampler.enter(Phase::Draining);
    let start = Instant::now();
    let mut ticks = seconds(start);
    while !stop.is_cancelled() && !stage.cloud.is_drained() && start.elapsed() < DRAIN_MAX {
        tokio::select! {
            () = stop.cancelled() => {}
            _ = ticks.tick() => sampler.tick(),
        }
    }
    sampler.record.run.drain_s = start.elapsed().as_secs_f64();
}

async fn audit(stage: &Stage, offered: &Offered, sampler: &mut Sampler) -> Result<(), Error> {
    sampler.enter(Phase::Auditing);
    let facts = facts::collect(stage, offered).await?;
    sampler.record.audit = Some(analysis::audit(&facts));
    Ok(())
}

fn judge(plan: &Plan, interrupted: bool, record: &mut RunRecord) {
    record.objectives = objective::evaluate(plan, record);
    record.limited_by = analysis::limits(record);
    record.elasticity = analysis::elasticity(record, &prices::per_task_hour(plan));
    record.bottlenecks = analysis::bottlenecks(record, &maxima(plan));
    record.verdict = analysis::verdict(&record.objectives, record.audit.as_ref(), interrupted);
}

/// The most tasks that each service may have.
fn maxima(plan: &Plan) -> BTreeMap<String, u32> {
    let services = plan.services.iter();
    services.map(|(service, spec)| (service.as_str().to_owned(), spec.tasks.max)).collect()
}

/// Whole seconds after `origin`; a late tick does not make the next one early.
fn seconds(origin: Instant) -> tokio::time::Interval {
    let second = Duration::from_secs(1);
    let mut ticks = tokio::time::interval_at(origin + second, second);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    ticks
}

#[cfg(test)]
mod tests;
