//! From a plan to the settings of the models.

use std::time::Duration;

use securecart_behaviour::{
    Assumptions, assumptions,
    cloudwatch::{AlarmSettings, Comparison},
    compute::{self, ec2, ecs, spot},
    scaling::{
        AdjustmentType, Engine, Policy, PredictiveMode, PredictiveScaling, ScalableTarget,
        ScheduledAction, StepAdjustment, StepScaling, TargetTracking,
    },
};
use securecart_domain::ServiceName;
use securecart_scenario::{
    Change, Platform, Policy as Asked, ScalingMetric, ScalingStep, ServiceSpec, TableScaling,
};

fn seconds(s: f64) -> Duration {
    Duration::from_secs_f64(s.max(0.0))
}

/// The fleet of `service`, with its first tasks in service at `now`.
pub(crate) fn fleet(
    service: ServiceName,
    spec: &ServiceSpec,
    assumed: &Assumptions,
    now: Duration,
) -> compute::Fleet {
    let tasks = &spec.tasks;
    let spot = spot::Settings { share: tasks.spot_share, ..spot::Settings::default() };
    match Platform::of(service) {
        Platform::Ec2 => {
            let pool = ec2::WarmPool {
                state: ec2::PoolState::Stopped,
                min_size: tasks.warm_pool,
                max_prepared: Some(tasks.initial),
            };
            let settings = ec2::Settings {
                boot_median: assumed.duration(&assumptions::EC2_BOOT_MEDIAN),
                boot_sigma: assumed.of(&assumptions::EC2_BOOT_SIGMA),
                user_data: seconds(tasks.user_data_s),
                spot,
                warm_up: Some(seconds(tasks.warmup_s)),
                max: tasks.max,
                warm_pool: (tasks.warm_pool > 0).then_some(pool),
                ..ec2::Settings::default()
            };
            compute::Fleet::ec2(settings, tasks.initial, now)
        }
        Platform::Ecs | Platform::Lambda => {
            let settings = ecs::Settings {
                image_mb: tasks.image_mb,
                start_base: assumed.duration(&assumptions::FARGATE_START_BASE),
                start_per_mb: seconds(assumed.of(&assumptions::FARGATE_START_PER_MB)),
                start_sigma: assumed.of(&assumptions::FARGATE_START_SIGMA),
                spot,
                ..ecs::Settings::default()
            };
            compute::Fleet::ecs(settings, tasks.initial, now)
        }
    }
}

/// The engine that scales `platform`.
fn engine(platform: Platform) -> Engine {
    match platform {
        Platform::Ecs => Engine::Ecs,
        Platform::Ec2 => Engine::Ec2,
        Platform::Lambda => Engine::Lambda,
    }
}

/// What the scaler of `service` is told.
pub(super) fn target(
    service: ServiceName,
    spec: &ServiceSpec,
    assumed: &Assumptions,
    history: &dyn Fn(ScalingMetric) -> Vec<f64>,
) -> ScalableTarget {
    let engine = engine(Platform::of(service));
    let name = format!("service/securecart/{service}");
    let mut target = ScalableTarget::new(engine, name, spec.tasks.min, spec.tasks.max);
    target.metric_lag = assumed.duration(&assumptions::CLOUDWATCH_METRIC_LAG);
    for (index, asked) in spec.scaling.iter().enumerate() {
        match asked {
            Asked::Scheduled { at_s, min, max, desired } => {
                let name = format!("scheduled-{index}");
                let mut action = ScheduledAction::at(name, seconds(*at_s));
                // An ECS service has no desired count of a schedule: its minimum lifts it.
                (action.min, action.max) = (*min, *max);
                if engine == Engine::Ec2 {
                    action.desired = *desired;
                } else if action.min.is_none() {
                    action.min = *desired;
                }
                target.schedule.push(action);
            }
            _ => target.policies.push(policy(engine, asked, index, history)),
        }
    }
    target
}

fn policy(
    engine: Engine,
    asked: &Asked,
    index: usize,
    history: &dyn Fn(ScalingMetric) -> Vec<f64>,
) -> Policy {
    match asked {
        Asked::TargetTracking {
            metric,
            target,
            scale_out_cooldown_s,
            scale_in_cooldown_s,
            scale_in,
        } => {
            let mut tracking = TargetTracking::new(engine, metric.as_str(), *target);
            if let Some(s) = scale_out_cooldown_s {
                tracking.scale_out_cooldown = seconds(*s);
            }
            if let Some(s) = scale_in_cooldown_s {
                tracking.scale_in_cooldown = seconds(*s);
            }
            tracking.disable_scale_in = !scale_in;
            Policy::tracking(format!("{}-{target}", metric.as_str()), tracking)
        }
        Asked::Step { metric, threshold, above, periods, steps, cooldown_s } => {
            let name = format!("{}-step-{index}", metric.as_str());
            let comparison =
                if *above { Comparison::GreaterThanOrEqual } else { Comparison::LessThanOrEqual };
            let alarm = AlarmSettings::new(
                format!("{name}-{}", if *above { "high" } else { "low" }),
                metric.as_str(),
                comparison,
                *threshold,
            )
            .consecutive(*periods);
            let (kind, steps) = adjustments(steps, *above);
            let mut step = StepScaling::new(engine, alarm, kind, steps);
            step.cooldown = seconds(*cooldown_s);
            Policy::step(name, step)
        }
        Asked::Predictive { metric, target, buffer_s, forecast_only } => {
            let mode = if *forecast_only {
                PredictiveMode::ForecastOnly
            } else {
                PredictiveMode::ForecastAndScale
            };
            let mut predictive = PredictiveScaling::new(metric.as_str(), *target, mode);
            predictive.scheduling_buffer = seconds(*buffer_s);
            predictive.history = history(*metric);
            Policy::predictive(format!("predictive-{}", metric.as_str()), predictive)
        }
        Asked::Scheduled { .. } => unreachable!("scheduled actions are no policies"),
    }
}

/// Steps as AWS has them: bounds relative to the threshold, negative below it, one kind of change.
/// Validation has seen to it that all steps of a policy are of one kind.
fn adjustments(steps: &[ScalingStep], above: bool) -> (AdjustmentType, Vec<StepAdjustment>) {
    let kind = match steps.first().map(|step| step.change) {
        Some(Change::Percent(_)) => AdjustmentType::PercentChangeInCapacity,
        Some(Change::Exact(_)) => AdjustmentType::ExactCapacity,
        Some(Change::Count(_)) | None => AdjustmentType::ChangeInCapacity,
    };
    let steps = steps.iter().map(|step| {
        let adjustment = match step.change {
            Change::Count(by) | Change::Percent(by) => by,
            Change::Exact(to) => i32::try_from(to).unwrap_or(i32::MAX),
        };
        let (lower, upper) = if above {
            (Some(step.from), step.to)
        } else {
            (step.to.map(|to| -to), Some(-step.from))
        };
        StepAdjustment { lower, upper, adjustment }
    });
    (kind, steps.collect())
}

/// What the scaler of a table's reads or writes is told.
pub(super) fn table_target(
    name: &str,
    scaling: &TableScaling,
    assumed: &Assumptions,
    metric: &str,
) -> ScalableTarget {
    let mut target =
        ScalableTarget::new(Engine::DynamoDb, format!("table/{name}"), scaling.min, scaling.max);
    target.metric_lag = assumed.duration(&assumptions::CLOUDWATCH_DYNAMODB_LAG);
    let tracking = TargetTracking::new(Engine::DynamoDb, metric, scaling.target);
    target.policies.push(Policy::tracking(format!("{metric}-{}", scaling.target), tracking));
    target
}
