//! What is scaled, by which engine, and how much of it there is.

use std::time::Duration;

use serde::Serialize;

use super::{Policy, ScheduledAction};

/// Which service scales, and with whose rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    /// Application Auto Scaling of an ECS service's desired count.
    Ecs,
    /// EC2 Auto Scaling of a group's desired capacity.
    Ec2,
    /// Application Auto Scaling of a table's or an index's read or write capacity units. Metrics
    /// are consumed units a second; a policy's target is a utilisation in percent.
    DynamoDb,
    /// Application Auto Scaling of a function's provisioned concurrency.
    Lambda,
}

impl Engine {
    /// Datapoints to `AlarmHigh`, a minute each: sheet 0.3, "`AlarmHigh`"; DynamoDB: "`AlarmLow`,
    /// DynamoDB". That Lambda has those of ECS is assumed.
    #[must_use]
    pub fn high_datapoints(self) -> u32 {
        if self == Self::DynamoDb { 2 } else { 3 }
    }

    /// Datapoints to `AlarmLow`: sheet 0.3, all three rows.
    #[must_use]
    pub fn low_datapoints(self) -> u32 {
        15
    }

    /// The metric's value below which `AlarmLow` breaches, from a target in the same unit: sheet
    /// 0.3, "`AlarmLow`". DynamoDB takes 20 points of utilisation off; Lambda as ECS (assumed).
    #[must_use]
    pub fn low_threshold(self, target: f64) -> f64 {
        match self {
            Self::Ecs | Self::Lambda => 0.9 * target,
            Self::Ec2 => 0.7 * target,
            Self::DynamoDb => target - 20.0,
        }
    }

    /// The cooldown of a target tracking policy that names none: sheet 0.3, "cooldown default".
    /// EC2 target tracking has none; it waits for warm-ups instead.
    #[must_use]
    pub fn tracking_cooldown(self) -> Duration {
        if self == Self::Ecs { Duration::from_secs(300) } else { Duration::ZERO }
    }

    /// The cooldown of a step policy that names none: 300 s in Application Auto Scaling (sheet
    /// 0.3); EC2 step policies wait for warm-ups instead.
    #[must_use]
    pub fn step_cooldown(self) -> Duration {
        if self == Self::Ec2 { Duration::ZERO } else { Duration::from_secs(300) }
    }

    /// What its capacity is counted in.
    pub(super) fn unit(self) -> &'static str {
        match self {
            Self::Ecs => "tasks",
            Self::Ec2 => "instances",
            Self::DynamoDb => "capacity units",
            Self::Lambda => "provisioned environments",
        }
    }
}

/// Something whose capacity Auto Scaling sets.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScalableTarget {
    /// Who scales it.
    pub engine: Engine,
    /// Its resource id or group name: `service/securecart/checkout`, `catalog`, `table/carts`.
    pub name: String,
    /// Least capacity.
    pub min: u32,
    /// Most capacity.
    pub max: u32,
    /// Its policies, by distinct names.
    pub policies: Vec<Policy>,
    /// Its scheduled actions.
    pub schedule: Vec<ScheduledAction>,
    /// From the end of a datapoint's period until alarms see it. AWS publishes none: sheet 0.2,
    /// "metric delivery lag", is an assumption beyond ECS' and EC2's one minute.
    pub metric_lag: Duration,
}

impl ScalableTarget {
    /// A target without policies, whose metrics are delivered at once.
    #[must_use]
    pub fn new(engine: Engine, name: impl Into<String>, min: u32, max: u32) -> Self {
        Self {
            engine,
            name: name.into(),
            min,
            max,
            policies: Vec::new(),
            schedule: Vec::new(),
            metric_lag: Duration::ZERO,
        }
    }
}

/// How much there is of a target, as its owner sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Capacity {
    /// What was asked for: desired count, desired capacity, requested units.
    pub desired: u32,
    /// What runs: running tasks or instances; for DynamoDB the units in effect.
    pub running: u32,
    /// What serves and is counted in metrics.
    pub in_service: u32,
    /// EC2: instances that are launching or warming up. They count as capacity asked for, not as
    /// capacity measured, and block scale-in.
    pub warming: u32,
    /// ECS: whether a deployment is in progress, which suspends scale-in (sheet 0.3).
    pub deployment: bool,
}

impl Capacity {
    /// All that was asked for runs and serves.
    #[must_use]
    pub fn steady(capacity: u32) -> Self {
        Self {
            desired: capacity,
            running: capacity,
            in_service: capacity,
            warming: 0,
            deployment: false,
        }
    }

    /// Whether what was asked for is not there yet, or not gone yet.
    pub(super) fn is_changing(self) -> bool {
        self.running != self.desired || self.warming > 0
    }

    /// The capacity that a metric is measured over, which scale-out starts from. ECS: what runs
    /// (sheet 0.3, "starting point"); DynamoDB and Lambda likewise (assumed). EC2: what has warmed up; instances that warm up count as
    /// already added, because only what exceeds the desired capacity is launched (the EC2 guide's
    /// example: 10 instances, one more warming, a step of +30 %: 13, not 14).
    pub(super) fn measured(self, engine: Engine) -> u32 {
        match engine {
            Engine::Ec2 => self.desired.saturating_sub(self.warming),
            Engine::Ecs | Engine::DynamoDb | Engine::Lambda => self.running,
        }
    }

    /// The capacity that scale-in starts from. EC2: what is desired; what terminates still counts.
    pub(super) fn removable(self, engine: Engine) -> u32 {
        if engine == Engine::Ec2 { self.desired } else { self.running }
    }
}
