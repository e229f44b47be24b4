//! Scaling: every decision, and how well capacity followed demand.

use serde::{Deserialize, Serialize};

use crate::RunRecord;

/// Scaling activities a record holds at the most; later ones are only counted.
pub const MAX_ACTIVITIES: usize = 5_000;

/// One scaling decision: made, or held back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ScalingActivity {
    /// When it was decided, wall seconds since the first intended arrival.
    pub at_s: f64,
    /// When it was decided, scenario seconds since midnight.
    pub scenario_s: f64,
    /// What scales: `checkout`, `table/carts`, `function/fraud`.
    pub resource: String,
    /// What is set, as AWS names it: `ecs:service:DesiredCount`.
    pub dimension: String,
    /// The policy that decided.
    pub policy: String,
    /// The alarm that called it, where one did.
    pub alarm: Option<String>,
    /// The metric, such as `cpu`; empty for a scheduled action.
    pub metric: String,
    /// The metric's value.
    pub value: Option<f64>,
    /// The metric's target or threshold.
    pub target: Option<f64>,
    /// Capacity before.
    pub from: u32,
    /// Capacity that is wanted from now on; of a decision that was held back, what it would have
    /// been.
    pub to: u32,
    /// Whether it was carried out.
    pub outcome: ScalingOutcome,
    /// Why, or why not, as a sentence with its numbers.
    pub reason: String,
    /// When all of the new capacity was in service (or the surplus gone), wall seconds since the
    /// first intended arrival; absent until then.
    #[serde(default)]
    pub effective_s: Option<f64>,
    /// The same in scenario seconds since midnight.
    #[serde(default)]
    pub effective_scenario_s: Option<f64>,
}

/// What became of a scaling decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScalingOutcome {
    /// Carried out.
    Applied,
    /// Held back, for the reason given.
    Held,
    /// Given up for a later decision before it took effect.
    Superseded,
}

/// How well the capacity of a service followed its demand (SPEC RG; behaviour sheet 9).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Elasticity {
    /// The service.
    pub service: String,
    /// Accuracy under: mean shortfall as a share of demand, 0 to 1.
    pub accuracy_under: f64,
    /// Accuracy over: mean surplus as a share of demand, 0 or more.
    pub accuracy_over: f64,
    /// Share of time with too little, 0 to 1.
    pub time_share_under: f64,
    /// Share of time with too much, 0 to 1.
    pub time_share_over: f64,
    /// Share of time in which capacity and demand moved in different directions, 0 to 1.
    pub instability: f64,
    /// Wall minutes in which the service turned work away or its processors were full.
    pub saturated_minutes: f64,
    /// Task-hours of wall time supplied beyond demand.
    pub surplus_task_hours: f64,
    /// What the surplus costs, USD.
    pub surplus_cost_usd: f64,
}

/// What stood in the way where an objective was missed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Bottleneck {
    /// The service, table, function, queue, database server, cache, emulator or fault.
    pub resource: String,
    /// The evidence, with its numbers, as one sentence.
    pub evidence: String,
    /// The metrics of the missed objectives that it is on the path of, in the scenario's order. Empty in
    /// records of builds that asked for all of them together.
    #[serde(default)]
    pub objectives: Vec<String>,
}

impl Bottleneck {
    /// Whether it stood in the way of the objective that is missed by `metric`.
    #[must_use]
    pub fn is_of(&self, metric: &str) -> bool {
        self.objectives.is_empty() || self.objectives.iter().any(|known| known == metric)
    }
}

/// A fault that was provoked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct FaultRecord {
    /// Its kind, such as `task-kill`.
    pub kind: String,
    /// Its blast radius, in words.
    pub radius: String,
    /// When it began, wall seconds since the first intended arrival.
    pub start_s: f64,
    /// The same in scenario seconds since midnight.
    pub start_scenario_s: f64,
    /// When it ended, or is to end while it lasts.
    pub end_s: Option<f64>,
    /// The same in scenario seconds since midnight.
    pub end_scenario_s: Option<f64>,
    /// What it hit, with numbers: `5 tasks of checkout died with 31 requests in flight`.
    pub effect: String,
}

/// A fault of the scenario that was not provoked: it lies outside of the part that was played.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SkippedFault {
    /// Its kind, such as `task-kill`.
    pub kind: String,
    /// What its blast radius would have been, in words.
    pub radius: String,
    /// When it would have begun, scenario seconds since midnight.
    pub start_scenario_s: f64,
    /// When it would have ended; absent of what happens at once.
    pub end_scenario_s: Option<f64>,
}

impl RunRecord {
    /// Appends a scaling activity, unless there are [`MAX_ACTIVITIES`] already: then it is only
    /// counted.
    pub fn push_activity(&mut self, activity: ScalingActivity) {
        if self.scaling.len() < MAX_ACTIVITIES {
            self.scaling.push(activity);
        } else {
            self.scaling_dropped += 1;
        }
    }
}
