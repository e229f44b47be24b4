//! Policies and scheduled actions, as plain data.

use std::time::Duration;

use serde::Serialize;

use super::Engine;
use crate::cloudwatch::AlarmSettings;

/// A named scaling policy.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Policy {
    /// Its name, distinct within its target.
    pub name: String,
    /// What it does.
    pub kind: PolicyKind,
}

impl Policy {
    /// A target tracking policy.
    #[must_use]
    pub fn tracking(name: impl Into<String>, policy: TargetTracking) -> Self {
        Self { name: name.into(), kind: PolicyKind::TargetTracking(policy) }
    }

    /// A step scaling policy.
    #[must_use]
    pub fn step(name: impl Into<String>, policy: StepScaling) -> Self {
        Self { name: name.into(), kind: PolicyKind::Step(policy) }
    }

    /// A simple scaling policy.
    #[must_use]
    pub fn simple(name: impl Into<String>, policy: SimpleScaling) -> Self {
        Self { name: name.into(), kind: PolicyKind::Simple(policy) }
    }

    /// A predictive scaling policy.
    #[must_use]
    pub fn predictive(name: impl Into<String>, policy: PredictiveScaling) -> Self {
        Self { name: name.into(), kind: PolicyKind::Predictive(policy) }
    }
}

/// The kinds of policies.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PolicyKind {
    /// Keeps a metric near a target.
    TargetTracking(TargetTracking),
    /// Adjusts by how far a metric is beyond a threshold.
    Step(StepScaling),
    /// One adjustment, then a pause. EC2 only.
    Simple(SimpleScaling),
    /// Scales ahead of a forecast. EC2 and ECS.
    Predictive(PredictiveScaling),
}

/// Keeps a metric near a target. The service makes and owns the two alarms.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TargetTracking {
    /// A metric that falls as capacity rises.
    pub metric: String,
    /// What to keep it near, in its unit; for DynamoDB a utilisation of 20 to 90 %.
    pub target: f64,
    /// For this long after scaling out, only a larger scale-out follows. No use on EC2.
    pub scale_out_cooldown: Duration,
    /// For this long after scaling in, no scale-in follows. No use on EC2.
    pub scale_in_cooldown: Duration,
    /// Never scales in, and has no say when others do.
    pub disable_scale_in: bool,
    /// Length of a datapoint: a minute, or 10, 20, 30 s of a high-resolution metric (EC2). That the
    /// numbers of datapoints then stay the same is assumed.
    pub period: Duration,
}

impl TargetTracking {
    /// With the engine's default cooldowns and datapoints of a minute.
    #[must_use]
    pub fn new(engine: Engine, metric: impl Into<String>, target: f64) -> Self {
        Self {
            metric: metric.into(),
            target,
            scale_out_cooldown: engine.tracking_cooldown(),
            scale_in_cooldown: engine.tracking_cooldown(),
            disable_scale_in: false,
            period: Duration::from_secs(60),
        }
    }
}

/// What an adjustment's number means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AdjustmentType {
    /// So much more, or less.
    ChangeInCapacity,
    /// So much, exactly.
    ExactCapacity,
    /// So many percent more, or less: rounded toward zero, but at least by one.
    PercentChangeInCapacity,
}

/// How to change a capacity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Adjustment {
    /// What the number means.
    pub kind: AdjustmentType,
    /// The number.
    pub by: i32,
    /// The least change of a percentage (`MinAdjustmentMagnitude`); zero for none.
    pub min_magnitude: u32,
}

/// A step: how much to adjust while the metric is within its bounds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct StepAdjustment {
    /// From here, relative to the threshold; none for minus infinity.
    pub lower: Option<f64>,
    /// To here, relative to the threshold; none for infinity.
    pub upper: Option<f64>,
    /// By how much.
    pub adjustment: i32,
}

/// Adjusts by how far a metric is beyond a threshold (sheet 0.3, "step scaling").
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepScaling {
    /// What starts it. Bounds are relative to its threshold.
    pub alarm: AlarmSettings,
    /// What the steps' numbers mean.
    pub adjustment_type: AdjustmentType,
    /// At most 20 steps without gap or overlap.
    pub steps: Vec<StepAdjustment>,
    /// The least change of a percentage; zero for none.
    pub min_adjustment_magnitude: u32,
    /// After a change, only a larger scale-out follows and no scale-in. No use on EC2, where
    /// warm-ups do that.
    pub cooldown: Duration,
}

impl StepScaling {
    /// With the engine's default cooldown.
    #[must_use]
    pub fn new(
        engine: Engine,
        alarm: AlarmSettings,
        adjustment_type: AdjustmentType,
        steps: Vec<StepAdjustment>,
    ) -> Self {
        let cooldown = engine.step_cooldown();
        Self { alarm, adjustment_type, steps, min_adjustment_magnitude: 0, cooldown }
    }
}

/// One adjustment, then nothing until the activity and the cooldown are over.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SimpleScaling {
    /// What starts it.
    pub alarm: AlarmSettings,
    /// What it does.
    pub adjustment: Adjustment,
    /// From the end of the activity: 300 s unless set (sheet 3.2, "default cooldown").
    pub cooldown: Duration,
}

impl SimpleScaling {
    /// With the default cooldown.
    #[must_use]
    pub fn new(alarm: AlarmSettings, adjustment: Adjustment) -> Self {
        Self { alarm, adjustment, cooldown: Duration::from_secs(300) }
    }
}

/// Whether a forecast is acted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PredictiveMode {
    /// Only made. The default of AWS.
    ForecastOnly,
    /// Made, and scaled to.
    ForecastAndScale,
}

/// Scales out at the start of an hour to what its forecast asks for (sheet 0.3, "predictive
/// scaling"). Never scales in.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PredictiveScaling {
    /// A metric that falls as capacity rises; times the capacity in service it is the load.
    pub metric: String,
    /// What the metric should be.
    pub target: f64,
    /// Whether to act.
    pub mode: PredictiveMode,
    /// How long before the hour it acts: 300 s unless set, below an hour.
    pub scheduling_buffer: Duration,
    /// The mean load of each hour before the scaler started, oldest first, ending where the hour
    /// it starts in begins: metric times capacity. Empty where nothing is known.
    pub history: Vec<f64>,
}

impl PredictiveScaling {
    /// With the default buffer, without history.
    #[must_use]
    pub fn new(metric: impl Into<String>, target: f64, mode: PredictiveMode) -> Self {
        Self {
            metric: metric.into(),
            target,
            mode,
            scheduling_buffer: Duration::from_secs(300),
            history: Vec::new(),
        }
    }
}

/// New limits at an instant. Cooldowns don't matter to it (sheet 0.3, "scheduled action").
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScheduledAction {
    /// Its name.
    pub name: String,
    /// When.
    pub at: Duration,
    /// And again after this long, for ever.
    pub every: Option<Duration>,
    /// The new least capacity.
    pub min: Option<u32>,
    /// The new most capacity.
    pub max: Option<u32>,
    /// The new desired capacity, which only EC2 has; within the limits.
    pub desired: Option<u32>,
}

impl ScheduledAction {
    /// An action that changes nothing yet: set the fields it should have.
    #[must_use]
    pub fn at(name: impl Into<String>, at: Duration) -> Self {
        Self { name: name.into(), at, every: None, min: None, max: None, desired: None }
    }
}
