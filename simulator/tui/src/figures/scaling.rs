//! What can scale, what it has and what it needs, and what was decided.

use std::collections::BTreeMap;

use securecart_record::{RunRecord, ScalingActivity, ScalingOutcome};

use super::{
    FunctionRow, Health, ServiceRow, TableRow, functions, services,
    store::{share, tables},
};
use crate::state::Subject;

/// Something that can scale: its capacity in the latest interval, and its activities so far.
#[derive(Debug, Clone)]
pub(crate) struct ScalingRow<'a> {
    pub(crate) subject: Subject,
    /// Its name in activities: `checkout`, `table/carts`, `function/fraud`.
    pub(crate) resource: String,
    /// What `have`, `want` and `need` count.
    pub(crate) unit: &'static str,
    /// In service.
    pub(crate) have: Option<f64>,
    /// Desired, where that is known apart from what is in service.
    pub(crate) want: Option<f64>,
    /// What the load asks for.
    pub(crate) need: Option<f64>,
    /// Activities that were carried out, given up ones included.
    pub(crate) applied: usize,
    /// Decisions that were held back.
    pub(crate) held: usize,
    /// The latest activity that was carried out.
    pub(crate) last: Option<&'a ScalingActivity>,
    pub(crate) health: Health,
}

/// Everything that can scale: services, tables with provisioned capacity, functions.
pub(crate) fn scaled(record: &RunRecord) -> Vec<ScalingRow<'_>> {
    let is_scaled =
        |table: &TableRow<'_>| table.now.read_provisioned.or(table.now.write_provisioned).is_some();
    let mut rows: Vec<_> = services(record)
        .iter()
        .map(service)
        .chain(tables(record).iter().filter(|row| is_scaled(row)).map(table))
        .chain(functions(record).iter().map(function))
        .collect();
    let mut counts = counts(record);
    for row in &mut rows {
        let counts = counts.remove(row.resource.as_str()).unwrap_or_default();
        (row.applied, row.held, row.last) = (counts.applied, counts.held, counts.last);
    }
    rows
}

/// The activities of `resource` with their places in the record, the oldest first.
pub(crate) fn activities<'a>(
    record: &'a RunRecord,
    resource: &str,
) -> Vec<(usize, &'a ScalingActivity)> {
    let all = record.scaling.iter().enumerate();
    all.filter(|(_, activity)| activity.resource == resource).collect()
}

#[derive(Debug, Default)]
struct Counts<'a> {
    applied: usize,
    held: usize,
    last: Option<&'a ScalingActivity>,
}

fn counts(record: &RunRecord) -> BTreeMap<&str, Counts<'_>> {
    let mut counts: BTreeMap<&str, Counts<'_>> = BTreeMap::new();
    for activity in &record.scaling {
        let counts = counts.entry(activity.resource.as_str()).or_default();
        if activity.outcome == ScalingOutcome::Held {
            counts.held += 1;
        } else {
            counts.applied += 1;
            counts.last = Some(activity);
        }
    }
    counts
}

fn row<'a>(subject: Subject, unit: &'static str, health: Health) -> ScalingRow<'a> {
    let resource = subject.resource().unwrap_or_default();
    let (have, want, need) = (None, None, None);
    ScalingRow {
        subject,
        resource,
        unit,
        have,
        want,
        need,
        applied: 0,
        held: 0,
        last: None,
        health,
    }
}

fn service<'a>(service: &ServiceRow<'_>) -> ScalingRow<'a> {
    let now = service.now;
    let moving = now.pending > 0 || (now.desired > 0 && now.desired != now.tasks);
    let health = if moving && service.health.weight == 0.0 {
        Health::watch("scaling", f64::from(now.desired.abs_diff(now.tasks)))
    } else {
        service.health
    };
    let known = |count: u32| (count > 0).then_some(f64::from(count));
    ScalingRow {
        have: Some(f64::from(now.tasks)),
        want: known(now.desired),
        need: known(now.demand),
        ..row(Subject::Service(service.name.to_owned()), "tasks", health)
    }
}

/// A table, by the fuller of its reads and its writes.
fn table<'a>(table: &TableRow<'_>) -> ScalingRow<'a> {
    let reads = (table.read_rate, table.now.read_provisioned, "RCU");
    let writes = (table.write_rate, table.now.write_provisioned, "WCU");
    let fuller = |one: (f64, Option<u32>, _), other: (f64, Option<u32>, _)| {
        other.1.is_none() || share(one.0, one.1) > share(other.0, other.1)
    };
    let (rate, provisioned, unit) =
        if reads.1.is_some() && fuller(reads, writes) { reads } else { writes };
    ScalingRow {
        have: provisioned.map(f64::from),
        need: Some(rate),
        ..row(Subject::Table(table.name.to_owned()), unit, table.health)
    }
}

fn function<'a>(function: &FunctionRow<'_>) -> ScalingRow<'a> {
    ScalingRow {
        have: Some(function.now.environments as f64),
        need: Some(function.now.concurrent as f64),
        ..row(Subject::Function(function.name.to_owned()), "envs", function.health)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn what_can_scale_has_its_capacity_and_its_activities() {
        let record = fixture::scaled(126);
        let rows = scaled(&record);
        let named = |name: &str| rows.iter().find(|row| row.resource == name).expect("a row");
        let checkout = named("checkout");
        assert_eq!((checkout.unit, checkout.have), ("tasks", Some(8.0)));
        assert_eq!((checkout.applied, checkout.held), (3, 2));
        assert_eq!(checkout.last.map(|last| (last.from, last.to)), Some((6, 8)));
        assert_eq!(named("table/carts").unit, "WCU");
        assert_eq!(named("function/fraud").unit, "envs");
        assert!(rows.iter().all(|row| row.resource != "table/orders"), "on demand");
        assert_eq!(activities(&record, "checkout").len(), 5);
    }

    #[test]
    fn a_run_without_scaling_still_has_its_services() {
        let record = fixture::black_friday(20);
        let rows = scaled(&record);
        assert_eq!(rows.len(), 9);
        assert!(rows.iter().all(|row| row.applied + row.held == 0 && row.want.is_none()));
    }
}
