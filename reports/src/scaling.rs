//! A run's scaling activities, as `aws application-autoscaling describe-scaling-activities` shows
//! them: as text in the order in which they happened, or as JSON in AWS's shape.
//!
//! AWS leaves out what was not scaled unless it is asked (`--include-not-scaled-activities`). Here it
//! is shown unless it is [asked not to be](Selection::scaled_only): a run is short, and why something
//! did not scale is what people come to ask.

mod aws;

use std::collections::BTreeSet;

use securecart_record::{RunRecord, ScalingActivity, ScalingOutcome, format};

use crate::{number::so_many, summary::prose::wrap};
use aws::{Activities, Activity};

/// Columns below which text is not wrapped.
const WIDTH_MIN: u16 = 20;

/// Which activities are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Only those of this resource: its name (`checkout`, `carts`), its name in the record
    /// (`table/carts`) or its AWS resource id (`service/securecart/checkout`).
    pub resource: Option<String>,
    /// Without the decisions that were held back.
    pub scaled_only: bool,
}

/// The run has nothing of the name that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("run `{run}` has no resource `{resource}`{hint}")]
pub struct Unknown {
    run: String,
    resource: String,
    hint: String,
}

/// The activities as text, no wider than `width` where that can be had; the oldest first.
///
/// # Errors
/// When the selection names a resource that the run has not.
pub fn scaling(record: &RunRecord, selection: &Selection, width: u16) -> Result<String, Unknown> {
    let activities = selected(record, selection)?;
    let width = usize::from(width.max(WIDTH_MIN));
    let mut text = wrap(&heading(record, &activities, selection), width, "");
    for (_, activity) in activities {
        text += "\n";
        text += &block(activity, width);
    }
    Ok(text)
}

/// The activities as JSON in the shape of AWS's answer, the newest first as there; with what AWS has
/// no field for under `SecureCart`.
///
/// # Errors
/// When the selection names a resource that the run has not.
pub fn scaling_json(record: &RunRecord, selection: &Selection) -> Result<String, Unknown> {
    let mut activities = selected(record, selection)?;
    activities.reverse();
    let scaling_activities = activities
        .into_iter()
        .map(|(index, activity)| Activity::new(&record.run, index, activity))
        .collect();
    // Text and numbers that are written into memory: nothing there can fail.
    let json = serde_json::to_string_pretty(&Activities { scaling_activities });
    Ok(json.expect("activities are JSON") + "\n")
}

/// The activities that `selection` leaves, with their places in the record.
fn selected<'a>(
    record: &'a RunRecord,
    selection: &Selection,
) -> Result<Vec<(usize, &'a ScalingActivity)>, Unknown> {
    let all = record.scaling.iter().enumerate();
    let named = |activity: &ScalingActivity| {
        selection.resource.as_ref().is_none_or(|name| is_named(activity, name))
    };
    let mut activities: Vec<_> = all.filter(|(_, activity)| named(activity)).collect();
    if let Some(resource) = &selection.resource
        && activities.is_empty()
        && !resources(record).iter().any(|known| is_resource(known, resource))
    {
        let (run, resource) = (record.run.id.clone(), resource.clone());
        return Err(Unknown { run, resource, hint: hint(record) });
    }
    if selection.scaled_only {
        activities.retain(|(_, activity)| activity.outcome != ScalingOutcome::Held);
    }
    Ok(activities)
}

fn is_named(activity: &ScalingActivity, name: &str) -> bool {
    let resource = &activity.resource;
    let bare = resource.split_once('/').map_or(resource.as_str(), |(_, bare)| bare);
    resource == name || bare == name || aws::resource_id(activity) == name
}

/// Everything that could have scaled, as the record names it.
fn resources(record: &RunRecord) -> BTreeSet<String> {
    let totals = &record.totals;
    let services = totals.services.iter().map(|service| service.service.clone());
    let tables = totals.tables.iter().map(|table| format!("table/{}", table.table));
    let functions =
        totals.functions.iter().map(|function| format!("function/{}", function.function));
    let scaled = record.scaling.iter().map(|activity| activity.resource.clone());
    services.chain(tables).chain(functions).chain(scaled).collect()
}

/// Whether `name` is the record's name of a resource, the last part of it, or AWS's id.
fn is_resource(resource: &str, name: &str) -> bool {
    let bare = resource.split_once('/').map_or(resource, |(_, bare)| bare);
    let aws = ["service/securecart/", "autoScalingGroup/", "function:"];
    let id = aws.iter().find_map(|prefix| name.strip_prefix(prefix));
    resource == name || bare == name || id == Some(bare)
}

fn hint(record: &RunRecord) -> String {
    let names: Vec<String> = resources(record).into_iter().collect();
    if names.is_empty() { String::new() } else { format!("; it has {}", names.join(", ")) }
}

fn heading(
    record: &RunRecord,
    activities: &[(usize, &ScalingActivity)],
    selection: &Selection,
) -> String {
    let run = &record.run.id;
    if record.scaling.is_empty() {
        return format!("nothing scaled in run {run}");
    }
    if let (Some(resource), true) = (&selection.resource, activities.is_empty()) {
        let kind = if selection.scaled_only { "scaling activities" } else { "scaling decisions" };
        return format!("no {kind} of {resource} in run {run}");
    }
    let held =
        activities.iter().filter(|(_, one)| one.outcome == ScalingOutcome::Held).count() as u64;
    let scaled = so_many(activities.len() as u64 - held, "scaling activity");
    let scaled = scaled.replace("activitys", "activities");
    let held = match (selection.scaled_only, held) {
        (true, _) => "; decisions that were held back are left out".to_owned(),
        (false, held) => format!(" and {} held back", so_many(held, "decision")),
    };
    let dropped = match record.scaling_dropped {
        0 => String::new(),
        dropped => format!("; {} were not kept", so_many(dropped, "later decision")),
    };
    format!("{scaled}{held} in run {run}{dropped}")
}

/// One activity: when and what in the first line, then what AWS calls description and cause.
fn block(activity: &ScalingActivity, width: usize) -> String {
    let status = match activity.outcome {
        ScalingOutcome::Held => "not scaled",
        _ => aws::status(activity),
    };
    let head = format!(
        "{} (scenario) {} (wall)  {}  {status}",
        format::clock_s(activity.scenario_s),
        minutes(activity.at_s),
        activity.resource,
    );
    let description = aws::description(activity);
    let description = description.trim_end_matches('.');
    let change = format!("{description}; capacity was {}.", activity.from);
    let head = if head.chars().count() > width { wrap(&head, width, "") } else { head + "\n" };
    let mut text = head + &wrap(&change, width, "  ");
    text += &wrap(&format!("cause: {}", aws::cause(activity)), width, "  ");
    if let Some(metric) = metric(activity) {
        text += &wrap(&format!("metric: {metric}"), width, "  ");
    }
    // A reason begins with its cause, which stands above.
    let cause = format!("{}: ", aws::cause(activity));
    let reason = activity.reason.strip_prefix(&cause).unwrap_or(&activity.reason);
    text += &wrap(&format!("reason: {reason}"), width, "  ");
    text + &wrap(&format!("effect: {}", effect(activity)), width, "  ")
}

fn metric(activity: &ScalingActivity) -> Option<String> {
    let value = activity.value?;
    let name = &activity.metric;
    let target = activity.target.map(|target| format!(" against {}", number(target)));
    Some(format!("{name} {}{}", number(value), target.unwrap_or_default()))
}

/// A metric's value without digits that say nothing.
fn number(value: f64) -> String {
    if value.abs() >= 100.0 || value.fract() == 0.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.1}")
    }
}

fn effect(activity: &ScalingActivity) -> String {
    match (activity.outcome, activity.effective_s, activity.effective_scenario_s) {
        (ScalingOutcome::Applied, Some(wall_s), Some(scenario_s)) => format!(
            "at {} (scenario), {} after the decision; {} (wall)",
            format::clock_s(scenario_s),
            format::duration_s((scenario_s - activity.scenario_s).max(0.0)),
            format::duration_s((wall_s - activity.at_s).max(0.0)),
        ),
        (ScalingOutcome::Applied, ..) => "none before the run ended".to_owned(),
        (ScalingOutcome::Superseded, ..) => "none: a later decision took its place".to_owned(),
        (ScalingOutcome::Held, ..) => "none: held back".to_owned(),
    }
}

/// Minutes and seconds of wall time: `0:07`, `125:00`.
fn minutes(seconds: f64) -> String {
    let whole = seconds.max(0.0) as u64;
    format!("{}:{:02}", whole / 60, whole % 60)
}

#[cfg(test)]
mod tests;
