//! How capacity followed demand: what scaled, how far and how late, and how well it fitted. Nothing
//! of a run in which nothing scaled.

use std::collections::BTreeSet;

use securecart_record::{Elasticity, RunRecord, Sample, ScalingActivity, ScalingOutcome, format};

use super::{paint::Paint, prose::facts};
use crate::{
    number::exact,
    table::{self, Column, left, right},
};

const RESOURCES: [Column; 5] = [
    left("what scaled"),
    right("in service").spare(1),
    right("scaled"),
    right("held back").spare(2),
    right("slowest effect").spare(3),
];

const ELASTICITY: [Column; 9] = [
    left("service"),
    right("too few"),
    right("missing").spare(4),
    right("too many"),
    right("surplus").spare(5),
    right("unstable").spare(7),
    right("full").spare(2),
    right("task-hours").spare(6),
    right("USD").spare(3),
];

pub(super) fn section(record: &RunRecord, paint: Paint, width: usize) -> String {
    if record.scaling.is_empty() {
        return String::new();
    }
    let rows: Vec<_> = resources(record).iter().map(|one| resource(record, one)).collect();
    let mut text = paint.titles(&table::render(&RESOURCES, &rows, width));
    let mut lines = vec![(
        "scaling",
        "least and most in service; slowest effect in scenario time, from the decision until all of \
         it was in service or gone"
            .to_owned(),
    )];
    if record.scaling_dropped > 0 {
        let dropped = exact(record.scaling_dropped);
        lines.push(("", format!("{dropped} later decisions were not kept")));
    }
    text += &facts(&lines, paint, width);
    text + &elasticity(record, paint, width)
}

/// A dimension of something that scales.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Resource<'a> {
    name: &'a str,
    dimension: &'a str,
}

/// What has activities, in the order of the first of each.
fn resources(record: &RunRecord) -> Vec<Resource<'_>> {
    let mut resources: Vec<Resource<'_>> = Vec::new();
    for ScalingActivity { resource, dimension, .. } in &record.scaling {
        let one = Resource { name: resource, dimension };
        if !resources.contains(&one) {
            resources.push(one);
        }
    }
    resources
}

fn resource(record: &RunRecord, one: &Resource<'_>) -> Vec<String> {
    let mine = record
        .scaling
        .iter()
        .filter(|activity| activity.resource == one.name && activity.dimension == one.dimension);
    let held = mine.clone().filter(|activity| activity.outcome == ScalingOutcome::Held).count();
    let delays = mine.clone().filter_map(|activity| {
        let effective_s = activity.effective_scenario_s?;
        (activity.outcome == ScalingOutcome::Applied)
            .then_some((effective_s - activity.scenario_s).max(0.0))
    });
    let what = match one.dimension.rsplit(':').next() {
        Some("ReadCapacityUnits") => " reads",
        Some("WriteCapacityUnits") => " writes",
        _ => "",
    };
    vec![
        format!("{}{what}", one.name),
        range(record, one),
        (mine.count() - held).to_string(),
        held.to_string(),
        delays.reduce(f64::max).map_or_else(|| format::NONE.to_owned(), format::duration_s),
    ]
}

/// The least and the most that was in service: `2..16`.
fn range(record: &RunRecord, one: &Resource<'_>) -> String {
    let seen = record.samples.iter().filter_map(|sample| in_service(sample, one));
    match (seen.clone().min(), seen.max()) {
        (Some(least), Some(most)) => {
            format!("{}..{}", format::count(least), format::count(most))
        }
        _ => format::NONE.to_owned(),
    }
}

fn in_service(sample: &Sample, one: &Resource<'_>) -> Option<u64> {
    if let Some(name) = one.name.strip_prefix("table/") {
        let table = sample.tables.iter().find(|table| table.table == name)?;
        return if one.dimension.ends_with("ReadCapacityUnits") {
            table.read_provisioned.map(u64::from)
        } else {
            table.write_provisioned.map(u64::from)
        };
    }
    if let Some(name) = one.name.strip_prefix("function/") {
        let function = sample.functions.iter().find(|function| function.function == name)?;
        return Some(function.environments);
    }
    let service = sample.services.iter().find(|service| service.service == one.name)?;
    Some(u64::from(service.tasks))
}

/// Of every service that scaled or had too little.
fn elasticity(record: &RunRecord, paint: Paint, width: usize) -> String {
    let scaled: BTreeSet<&str> = record.scaling.iter().map(|one| one.resource.as_str()).collect();
    let shown = record.elasticity.iter().filter(|elasticity| {
        scaled.contains(elasticity.service.as_str()) || elasticity.time_share_under > 0.0
    });
    let rows: Vec<_> = shown.map(row).collect();
    if rows.is_empty() {
        return String::new();
    }
    let meaning = "too few, too many, unstable: shares of wall time; missing, surplus: means of the \
                   tasks needed; full: wall minutes without room; task-hours (wall) and USD beyond \
                   need";
    let table = paint.titles(&table::render(&ELASTICITY, &rows, width));
    format!("\n{table}{}", facts(&[("elasticity", meaning.to_owned())], paint, width))
}

fn row(elasticity: &Elasticity) -> Vec<String> {
    vec![
        elasticity.service.clone(),
        format::share(elasticity.time_share_under),
        format::share(elasticity.accuracy_under),
        format::share(elasticity.time_share_over),
        format::share(elasticity.accuracy_over),
        format::share(elasticity.instability),
        format!("{:.1} min", elasticity.saturated_minutes),
        format!("{:.2}", elasticity.surplus_task_hours),
        format!("{:.4}", elasticity.surplus_cost_usd),
    ]
}
