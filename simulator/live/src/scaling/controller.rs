//! The loop itself.

use std::{sync::Arc, time::Duration};

use securecart_behaviour::{compute::ecs::LaunchBudget, scaling::Scaler};
use securecart_cloud::Cloud;
use securecart_domain::ServiceName;
use securecart_scenario::{Plan, Policy, ScalingMetric, TableCapacity};
use tokio_util::sync::CancellationToken;

use super::{
    Journal, settings,
    table::Dimension,
    target::{MINUTE, Target, Tasks, What},
};
use crate::{
    Error,
    compute::{Group, Reading},
    run::Stage,
    shop::Shop,
    time::ScenarioTime,
};

/// Steps of the loop in a scenario minute, so that starts and notices are seen in time.
const STEPS_A_MINUTE: f64 = 30.0;

/// Shortest and longest wait between two steps: wall time.
const WAIT: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(200));

/// Moves fleets along and scales them.
pub(crate) struct Controller {
    time: ScenarioTime,
    cloud: Arc<Cloud>,
    shop: Arc<Shop>,
    journal: Arc<Journal>,
    budget: LaunchBudget,
    targets: Vec<Target>,
    /// End of the last minute whose datapoints were given.
    minute: Duration,
}

impl Controller {
    pub(crate) fn new(
        stage: &Stage,
        shop: Arc<Shop>,
        journal: Arc<Journal>,
    ) -> Result<Self, Error> {
        let Stage { plan, cloud, time, .. } = stage;
        let now = time.now();
        let mut targets = Vec::new();
        for group in shop.groups() {
            if !group.spec.scaling.is_empty() {
                targets.push(tasks(stage, group, &shop, now)?);
            }
        }
        for (name, capacity) in &plan.tables {
            if let TableCapacity::Provisioned { read, write, scaling: Some(scaling) } = *capacity {
                for dimension in Dimension::both(name, read, write) {
                    let metric = dimension.metric();
                    let target = settings::table_target(name, &scaling, &stage.assumptions, metric);
                    let scaler = Scaler::new(target, now).map_err(Error::scaling)?;
                    targets.push(Target::new(scaler, What::Table(dimension)));
                }
            }
        }
        let budget = LaunchBudget::new(now);
        let minute = Duration::from_secs(now.as_secs() / 60 * 60);
        let (time, cloud) = (time.clone(), Arc::clone(cloud));
        Ok(Self { time, cloud, shop, journal, budget, targets, minute })
    }

    /// Goes on until `stop`.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let wait = Duration::from_secs_f64(60.0 / self.time.speed() / STEPS_A_MINUTE);
        let mut ticks = tokio::time::interval(wait.clamp(WAIT.0, WAIT.1));
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = ticks.tick() => self.step(),
            }
        }
    }

    /// Everything that is due by now.
    fn step(&mut self) {
        let now = self.time.now();
        self.shop.step_groups(&mut self.budget, &self.journal);
        while self.minute + MINUTE <= now {
            self.minute += MINUTE;
            for target in &mut self.targets {
                target.observe(self.minute, &self.time, &self.cloud);
            }
        }
        for target in &mut self.targets {
            target.step(now, &self.time, &self.cloud, &self.journal);
        }
    }
}

fn tasks(stage: &Stage, group: &Arc<Group>, shop: &Shop, now: Duration) -> Result<Target, Error> {
    let history = |metric: ScalingMetric| history(&stage.plan, group, metric);
    let target = settings::target(group.service, &group.spec, &stage.assumptions, &history);
    let scaler = Scaler::new(target, now).map_err(Error::scaling)?;
    let metrics = group.spec.scaling.iter().filter_map(|policy| match policy {
        Policy::TargetTracking { metric, .. }
        | Policy::Step { metric, .. }
        | Policy::Predictive { metric, .. } => Some(*metric),
        Policy::Scheduled { .. } => None,
    });
    let mut watched: Vec<ScalingMetric> = metrics.collect();
    watched.sort_by_key(|metric| metric.as_str());
    watched.dedup();
    let tasks = Tasks {
        group: Arc::clone(group),
        metrics: watched,
        queues: shop.queues_of(group.service),
        before: Reading::default(),
    };
    Ok(Target::new(scaler, What::Group(Box::new(tasks))))
}

/// Hourly load of the day before, as the curve without its spikes asks it of the service: metric
/// times tasks.
fn history(plan: &Plan, group: &Group, metric: ScalingMetric) -> Vec<f64> {
    let requests = requests_a_session(plan, group.service);
    let tasks = &group.spec.tasks;
    let time = group.spec.service_time;
    let work_ms = securecart_behaviour::Lognormal::from_ms(time.p50_ms, time.p99_ms).mean_ms();
    (0..24)
        .map(|hour| {
            let curve = plan.traffic.curve_at(f64::from(hour) * 3_600.0 + 1_800.0);
            let rate = plan.scale * plan.traffic.sessions_per_second * curve * requests;
            match metric {
                ScalingMetric::RequestsPerTarget => rate * 60.0,
                _ => rate * work_ms / 1_000.0 / tasks.vcpu * 100.0,
            }
        })
        .collect()
}

/// Requests a session makes of `service` at the gateway, on average: none of a service that only
/// other services call, whose forecast is therefore empty.
fn requests_a_session(plan: &Plan, service: ServiceName) -> f64 {
    use securecart_domain::api::Operation;
    Operation::ALL
        .into_iter()
        .filter(|operation| operation.service() == Some(service))
        .map(|operation| plan.operations_per_session(operation))
        .sum()
}
