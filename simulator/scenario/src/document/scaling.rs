//! Scaling policies of a service.

use schemars::JsonSchema;

use crate::{
    located::{Field, Located},
    names::{Name, ScalingMetrics},
    reader::{read_as_table, read_by_kind},
    units::{ChangeText, Clock, Duration},
};

/// A scaling policy.
#[derive(Debug, Clone)]
pub(crate) enum PolicyTable {
    TargetTracking(TargetTracking),
    Step(StepScaling),
    Scheduled(Scheduled),
    Predictive(Predictive),
}

read_by_kind!(PolicyTable as "Policy" {
    TargetTracking(TargetTracking) = "target-tracking",
    Step(StepScaling) = "step",
    Scheduled(Scheduled) = "scheduled",
    Predictive(Predictive) = "predictive",
});

/// Holds a metric at a target.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct TargetTracking {
    /// What is tracked.
    pub(crate) metric: Field<Name<ScalingMetrics>>,
    /// Its target: percent, requests a minute, or messages for each task.
    pub(crate) target: Field<f64>,
    /// Scenario time between scale-outs (tasks only); 5m unless given.
    #[schemars(default)]
    pub(crate) scale_out_cooldown: Field<Duration>,
    /// Scenario time between scale-ins (tasks only); 5m unless given.
    #[schemars(default)]
    pub(crate) scale_in_cooldown: Field<Duration>,
    /// Whether it may also scale in; `true` unless given.
    #[schemars(default)]
    pub(crate) scale_in: Field<bool>,
}

read_as_table!(TargetTracking {
    metric: required "metric",
    target: required "target",
    scale_out_cooldown: optional "scale-out-cooldown",
    scale_in_cooldown: optional "scale-in-cooldown",
    scale_in: optional "scale-in",
});

/// Adds or removes capacity by how far a metric is past a threshold.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct StepScaling {
    /// What is watched.
    pub(crate) metric: Field<Name<ScalingMetrics>>,
    /// The threshold of an alarm that fires above it; either this or `below`.
    #[schemars(default)]
    pub(crate) above: Field<f64>,
    /// The threshold of an alarm that fires below it; either this or `above`.
    #[schemars(default)]
    pub(crate) below: Field<f64>,
    /// Scenario minutes that must breach; 1 unless given.
    #[schemars(default)]
    pub(crate) periods: Field<u32>,
    /// Scenario time until the next activity (tasks only); 5m unless given.
    #[schemars(default)]
    pub(crate) cooldown: Field<Duration>,
    /// What happens at which distance from the threshold, in order and without gaps.
    pub(crate) steps: Field<Vec<Located<ChangeTable>>>,
}

read_as_table!(StepScaling {
    metric: required "metric",
    above: optional "above",
    below: optional "below",
    periods: optional "periods",
    cooldown: optional "cooldown",
    steps: required "steps",
});

/// A change of capacity by distance from the threshold.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename = "ScalingStep", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct ChangeTable {
    /// Nearest distance from the threshold; 0 unless given.
    #[schemars(default)]
    pub(crate) from: Field<f64>,
    /// Farthest distance from the threshold; only the last step has none.
    #[schemars(default)]
    pub(crate) to: Field<f64>,
    /// What happens: `+2`, `-1`, `+50%` or `=10`, one sort for all steps of a policy.
    pub(crate) change: Field<ChangeText>,
}

read_as_table!(ChangeTable { from: optional "from", to: optional "to", change: required "change" });

/// Sets bounds at a time of the scenario.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Scheduled {
    /// When.
    pub(crate) at: Field<Clock>,
    /// The new minimum.
    #[schemars(default)]
    pub(crate) min: Field<u32>,
    /// The new maximum.
    #[schemars(default)]
    pub(crate) max: Field<u32>,
    /// The new desired count (instances only).
    #[schemars(default)]
    pub(crate) desired: Field<u32>,
}

read_as_table!(Scheduled {
    at: required "at",
    min: optional "min",
    max: optional "max",
    desired: optional "desired",
});

/// Launches ahead of a forecast; the curve without its spikes counts as the days before.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Predictive {
    /// What is forecast.
    pub(crate) metric: Field<Name<ScalingMetrics>>,
    /// Its target: percent, or requests a minute.
    pub(crate) target: Field<f64>,
    /// Scenario time that capacity is launched ahead of the hour; 5m unless given.
    #[schemars(default)]
    pub(crate) buffer: Field<Duration>,
    /// Whether it only forecasts; `false` unless given.
    #[schemars(default)]
    pub(crate) forecast_only: Field<bool>,
}

read_as_table!(Predictive {
    metric: required "metric",
    target: required "target",
    buffer: optional "buffer",
    forecast_only: optional "forecast-only",
});
