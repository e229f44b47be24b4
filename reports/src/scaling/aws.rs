//! AWS's shape of a scaling activity (Application Auto Scaling API, `ScalingActivity` and
//! `NotScaledReason`), and its wording.
//!
//! The API has no EC2 Auto Scaling groups; they get a namespace, an id and a dimension of the same
//! form (`autoscaling`, as AWS Auto Scaling plans name them).

use jiff::Timestamp;
use securecart_record::{RunInfo, ScalingActivity, ScalingOutcome, format};
use serde::Serialize;

/// The cluster in the ids of ECS services.
const CLUSTER: &str = "securecart";

/// What `DescribeScalingActivities` answers.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Activities<'a> {
    pub(super) scaling_activities: Vec<Activity<'a>>,
}

/// One activity.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Activity<'a> {
    activity_id: String,
    service_namespace: &'a str,
    resource_id: String,
    scalable_dimension: &'a str,
    description: String,
    cause: String,
    /// Seconds since the Unix epoch: wall time of the run's start and what had passed since the
    /// first intended arrival, so early by the time the run took to start.
    start_time: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_time: Option<f64>,
    status_code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_message: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_scaled_reasons: Vec<NotScaledReason>,
    secure_cart: Own<'a>,
}

/// Why a decision was held back, where AWS has a code for it.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NotScaledReason {
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_capacity: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    min_capacity: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    current_capacity: Option<u32>,
}

/// What AWS has no field for. Times since midnight of the scenario (`ScenarioTime`) and wall seconds
/// since the first intended arrival.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Own<'a> {
    scenario_time: String,
    wall_seconds: f64,
    effective_scenario_time: Option<String>,
    effective_wall_seconds: Option<f64>,
    policy: &'a str,
    alarm: Option<&'a str>,
    metric: &'a str,
    value: Option<f64>,
    target: Option<f64>,
    from_capacity: u32,
    to_capacity: u32,
    outcome: ScalingOutcome,
    reason: &'a str,
}

impl<'a> Activity<'a> {
    /// The activity at `index` of the run's record.
    pub(super) fn new(run: &RunInfo, index: usize, activity: &'a ScalingActivity) -> Self {
        let started: Option<Timestamp> = run.started_at.parse().ok();
        let started_s = started.map_or(0.0, |started| started.as_millisecond() as f64 / 1e3);
        let time = |wall_s: f64| ((started_s + wall_s) * 1e3).round() / 1e3;
        Self {
            activity_id: format!("{}-{index:05}", run.id),
            service_namespace: namespace(activity),
            resource_id: resource_id(activity),
            scalable_dimension: &activity.dimension,
            description: description(activity),
            cause: cause(activity),
            start_time: time(activity.at_s),
            end_time: activity.effective_s.map(time),
            status_code: status(activity),
            status_message: status_message(activity),
            not_scaled_reasons: not_scaled(activity).into_iter().collect(),
            secure_cart: Own::new(activity),
        }
    }
}

impl<'a> Own<'a> {
    fn new(activity: &'a ScalingActivity) -> Self {
        Self {
            scenario_time: format::clock_s(activity.scenario_s),
            wall_seconds: activity.at_s,
            effective_scenario_time: activity.effective_scenario_s.map(format::clock_s),
            effective_wall_seconds: activity.effective_s,
            policy: &activity.policy,
            alarm: activity.alarm.as_deref(),
            metric: &activity.metric,
            value: activity.value,
            target: activity.target,
            from_capacity: activity.from,
            to_capacity: activity.to,
            outcome: activity.outcome,
            reason: &activity.reason,
        }
    }
}

/// `ecs` of `ecs:service:DesiredCount`.
fn namespace(activity: &ScalingActivity) -> &str {
    activity.dimension.split(':').next().unwrap_or_default()
}

/// The resource as AWS names it: `service/securecart/checkout`, `table/carts`, `function:fraud`.
pub(super) fn resource_id(activity: &ScalingActivity) -> String {
    let resource = &activity.resource;
    let bare = resource.split_once('/').map_or(resource.as_str(), |(_, bare)| bare);
    match namespace(activity) {
        "ecs" => format!("service/{CLUSTER}/{bare}"),
        "dynamodb" => format!("table/{bare}"),
        "lambda" => format!("function:{bare}"),
        "autoscaling" => format!("autoScalingGroup/{bare}"),
        _ => resource.clone(),
    }
}

/// What is set, in AWS's words.
fn capacity(activity: &ScalingActivity) -> &'static str {
    match activity.dimension.rsplit(':').next() {
        Some("DesiredCount") => "desired count",
        Some("ReadCapacityUnits") => "read capacity units",
        Some("WriteCapacityUnits") => "write capacity units",
        Some("ProvisionedConcurrency") => "provisioned concurrency",
        Some("DesiredCapacity") => "desired capacity",
        _ => "capacity",
    }
}

/// What was done or tried.
pub(super) fn description(activity: &ScalingActivity) -> String {
    match activity.outcome {
        ScalingOutcome::Held if activity.alarm.is_some() => {
            "Attempting to scale due to alarm triggered".to_owned()
        }
        ScalingOutcome::Held => {
            format!("Attempting to set {} to {}", capacity(activity), activity.to)
        }
        _ => format!("Setting {} to {}.", capacity(activity), activity.to),
    }
}

/// Who asked for it, in AWS's words where it has some.
pub(super) fn cause(activity: &ScalingActivity) -> String {
    let policy = &activity.policy;
    match &activity.alarm {
        Some(alarm) => format!("monitor alarm {alarm} in state ALARM triggered policy {policy}"),
        None if activity.metric.is_empty() && activity.outcome != ScalingOutcome::Held => {
            format!("scheduled action name {policy} was triggered")
        }
        None => format!("policy {policy}"),
    }
}

/// AWS's status of an activity.
pub(super) fn status(activity: &ScalingActivity) -> &'static str {
    match activity.outcome {
        ScalingOutcome::Applied if activity.effective_s.is_some() => "Successful",
        ScalingOutcome::Applied => "InProgress",
        ScalingOutcome::Superseded => "Overridden",
        ScalingOutcome::Held => "Failed",
    }
}

fn status_message(activity: &ScalingActivity) -> Option<String> {
    let by = namespace(activity);
    let fulfilled = match status(activity) {
        "Successful" => format!("Change successfully fulfilled by {by}."),
        "InProgress" => format!("Waiting for change to be fulfilled by {by}."),
        _ => return None,
    };
    Some(format!("Successfully set {} to {}. {fulfilled}", capacity(activity), activity.to))
}

/// AWS's code for why a decision was held back: what the record says in its sentence
/// (`behaviour`, scaling). Cooldowns and the like leave no activity at AWS, so they have no code.
fn not_scaled(activity: &ScalingActivity) -> Option<NotScaledReason> {
    if activity.outcome != ScalingOutcome::Held {
        return None;
    }
    let none = NotScaledReason {
        code: "AlreadyAtDesiredCapacity",
        max_capacity: None,
        min_capacity: None,
        current_capacity: None,
    };
    if let Some(maximum) = number_after(&activity.reason, "the maximum is ") {
        let max_capacity = Some(maximum);
        return Some(NotScaledReason { code: "AlreadyAtMaxCapacity", max_capacity, ..none });
    }
    if let Some(minimum) = number_after(&activity.reason, "the minimum is ") {
        let min_capacity = Some(minimum);
        return Some(NotScaledReason { code: "AlreadyAtMinCapacity", min_capacity, ..none });
    }
    let current_capacity = Some(activity.from);
    (activity.from == activity.to).then_some(NotScaledReason { current_capacity, ..none })
}

/// The whole number that follows `words` in `text`.
fn number_after(text: &str, words: &str) -> Option<u32> {
    let (_, rest) = text.split_once(words)?;
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}
