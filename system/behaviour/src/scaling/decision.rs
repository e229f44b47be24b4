//! What a scaler says.

use std::time::Duration;

use serde::Serialize;

/// One decision: a change of capacity, or one that was held back.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Decision {
    /// When it fell due.
    pub at: Duration,
    /// The policy or scheduled action; `min-max` where the limits themselves asked for it.
    pub policy: String,
    /// The alarm that fired, if one did.
    pub alarm: Option<String>,
    /// The metric it looked at, if it looked at one.
    pub metric: Option<String>,
    /// The metric's value; of DynamoDB's target tracking the utilisation in percent.
    pub value: Option<f64>,
    /// What the metric should be: the target, or the alarm's threshold.
    pub target: Option<f64>,
    /// The capacity desired before.
    pub from: u32,
    /// The capacity desired from now on; where it was held back, what was asked for.
    pub to: u32,
    /// Whether it took effect.
    pub outcome: Outcome,
    /// Why, in one sentence with its numbers, as an activity's `Cause`.
    pub reason: String,
}

/// Whether a decision took effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The capacity, or a limit, is what it says.
    Applied,
    /// It is not, and why.
    Held(Hold),
}

/// Why nothing changed. Application Auto Scaling reports the like as `NotScaledReasons`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hold {
    /// A cooldown lasts.
    Cooldown {
        /// Until then.
        until: Duration,
    },
    /// At the maximum (`AlreadyAtMaxCapacity`).
    AtMaximum,
    /// At the minimum (`AlreadyAtMinCapacity`).
    AtMinimum,
    /// As much is desired already, and some of it may be on its way.
    NotLarger,
    /// The adjustment rounds to nothing, or is nothing (`AlreadyAtDesiredCapacity`).
    AlreadyAtDesired,
    /// Another policy wants more than this one, or does not want less.
    OtherPolicies,
    /// A deployment is in progress, or instances warm up.
    ScaleInSuspended,
    /// An earlier change is still being made: simple scaling, or a table that is updating.
    ActivityInProgress,
    /// No further decrease of a DynamoDB table today, or within the hour.
    DecreaseLimit,
    /// A predictive policy's forecast asks for as much as there is.
    Forecast,
    /// A predictive policy that only forecasts.
    ForecastOnly,
    /// No step covers the metric's value.
    NoStep,
    /// A scheduled action whose minimum would exceed the maximum.
    InvalidLimits,
}
