//! Scaling policies, as a scenario names them.

use serde::Serialize;

/// A policy of a scalable target.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Policy {
    /// Holds a metric at a target.
    TargetTracking {
        /// What is tracked.
        metric: ScalingMetric,
        /// The metric's target in its own unit.
        target: f64,
        /// Scenario seconds between scale-outs; the engine's own default where absent.
        scale_out_cooldown_s: Option<f64>,
        /// Scenario seconds between scale-ins; the engine's own default where absent.
        scale_in_cooldown_s: Option<f64>,
        /// Whether it may also scale in.
        scale_in: bool,
    },
    /// Adds or removes capacity by how far a metric is past a threshold.
    Step {
        /// What is watched.
        metric: ScalingMetric,
        /// The alarm's threshold in the metric's own unit.
        threshold: f64,
        /// Whether the alarm is above the threshold (scale out) or below it (scale in).
        above: bool,
        /// Minutes that must breach.
        periods: u32,
        /// Steps by distance from the threshold; at least one.
        steps: Vec<Step>,
        /// Scenario seconds until the next activity.
        cooldown_s: f64,
    },
    /// Sets bounds at a time of the scenario.
    Scheduled {
        /// When, scenario seconds since midnight.
        at_s: f64,
        /// The new minimum, where it changes.
        min: Option<u32>,
        /// The new maximum, where it changes.
        max: Option<u32>,
        /// The new desired count, where it is set.
        desired: Option<u32>,
    },
    /// Launches ahead of a forecast: what the curve without its spikes asks of the service counts
    /// as its history (the days before).
    Predictive {
        /// What is forecast.
        metric: ScalingMetric,
        /// The metric's target in its own unit.
        target: f64,
        /// Scenario seconds that capacity is launched ahead of the hour.
        buffer_s: f64,
        /// Whether it only forecasts.
        forecast_only: bool,
    },
}

/// A metric that a policy watches, averaged over a minute of scenario time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScalingMetric {
    /// Processor utilisation, percent.
    Cpu,
    /// Slots in use, percent.
    Slots,
    /// Requests a minute of wall time that each task got.
    RequestsPerTarget,
    /// Visible messages of the service's queues for each task.
    BacklogPerTask,
}

impl ScalingMetric {
    /// Every metric.
    pub const ALL: [Self; 4] =
        [Self::Cpu, Self::Slots, Self::RequestsPerTarget, Self::BacklogPerTask];

    /// The name in scenarios and records.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Slots => "slots",
            Self::RequestsPerTarget => "requests-per-target",
            Self::BacklogPerTask => "backlog-per-task",
        }
    }
}

/// A step of a step-scaling policy.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Step {
    /// Nearest distance from the threshold.
    pub from: f64,
    /// Farthest distance from the threshold, where there is an end.
    pub to: Option<f64>,
    /// What happens.
    pub change: Change,
}

/// A change of capacity.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// `+2`, `-1`: so many tasks.
    Count(i32),
    /// `+50%`: percent of the capacity.
    Percent(i32),
    /// `=10`: exactly so many.
    Exact(u32),
}
