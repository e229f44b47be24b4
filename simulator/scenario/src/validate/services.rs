//! Services: fleets, modelled times and policies; what a scenario does not say has its default.

use std::collections::BTreeMap;

use securecart_domain::ServiceName;

use crate::{
    defaults,
    document::{ServiceTable, ServiceTimeTable},
    limits,
    located::Field,
    names::{self, ByName, Fleets},
    plan::{Platform, ServiceSpec, ServiceTime},
    problem::Problems,
    units::Duration,
};

use super::{Frame, fleet, scaling};

pub(super) fn read(
    field: &Field<ByName<Fleets, ServiceTable>>,
    frame: &Frame,
    problems: &mut Problems,
) -> BTreeMap<ServiceName, ServiceSpec> {
    let mut specs: BTreeMap<_, _> =
        ServiceName::ALL.into_iter().map(|name| (name, defaults::service(name))).collect();
    for (name, table) in ByName::of(field) {
        let known = ServiceName::ALL.into_iter().find(|known| known.as_str() == name.value);
        let Some(known) = known else {
            names::unknown::<Fleets>(&name.value, Some(name.span), problems);
            // Its numbers are looked at all the same.
            let fleet = if table.instances.value().is_some() {
                ServiceName::Catalog
            } else {
                ServiceName::Checkout
            };
            spec(fleet, table, frame, problems);
            continue;
        };
        if Platform::of(known) == Platform::Lambda {
            let help = format!("its keys are those of `[functions.{known}]`");
            problems.add(name.span, format!("`{known}` is a function"), help);
            continue;
        }
        specs.insert(known, spec(known, table, frame, problems));
    }
    // What else is wrong may be why there is no policy.
    if problems.is_empty() {
        for (name, table) in ByName::of(field) {
            idle(&name.value, table, problems);
        }
    }
    specs
}

/// Reports bounds of a fleet that nothing moves within. An empty list of policies is how a variant
/// takes them away, and leaves the bounds over.
fn idle(name: &str, table: &ServiceTable, problems: &mut Problems) {
    let known = ServiceName::ALL.into_iter().find(|known| known.as_str() == name);
    let Some(known) = known.filter(|_| table.scaling.value().is_none()) else { return };
    let standard = defaults::service(known).tasks;
    if let Some(tasks) = table.tasks.value() {
        fleet::idle_tasks(tasks, standard, problems);
    }
    if let Some(instances) = table.instances.value() {
        fleet::idle_instances(instances, standard, problems);
    }
}

fn spec(
    service: ServiceName,
    table: &ServiceTable,
    frame: &Frame,
    problems: &mut Problems,
) -> ServiceSpec {
    let mut spec = defaults::service(service);
    if let Some(tasks) = table.tasks.value() {
        if Platform::of(service) == Platform::Ecs {
            spec.tasks = fleet::tasks(tasks, spec.tasks, problems);
        } else {
            let message = format!("`{service}` runs on EC2 and has no `tasks`");
            problems.add(table.tasks.span(), message, "write `instances`");
        }
    }
    if let Some(instances) = table.instances.value() {
        if Platform::of(service) == Platform::Ec2 {
            spec.tasks = fleet::instances(instances, spec.tasks, problems);
        } else {
            let message = format!("`{service}` runs on Fargate and has no `instances`");
            problems.add(table.instances.span(), message, "write `tasks`");
        }
    }
    if let Some(time) = service_time(&table.service_time, problems) {
        spec.service_time = time;
    }
    spec.scaling = scaling::read(&table.scaling, service, spec.tasks, frame, problems);
    spec
}

/// A modelled time; `None` where it is absent.
pub(super) fn service_time(
    field: &Field<ServiceTimeTable>,
    problems: &mut Problems,
) -> Option<ServiceTime> {
    let table = field.value()?;
    let mut ms = |field: &Field<Duration>, key: &str| {
        let ms = field.value()?.0 * 1_000.0;
        if ms <= 0.0 || ms > limits::SERVICE_TIME_MS {
            let help = format!("give more than 0ms and at most {}ms", limits::SERVICE_TIME_MS);
            problems.add(field.span(), format!("`{key}` is {ms}ms"), help);
        }
        Some(ms)
    };
    let (p50_ms, p99_ms) = (ms(&table.p50, "p50"), ms(&table.p99, "p99"));
    let time = ServiceTime { p50_ms: p50_ms?, p99_ms: p99_ms? };
    if time.p99_ms < time.p50_ms {
        problems.add(
            table.p99.span(),
            format!("`p99` of {}ms is below `p50` of {}ms", time.p99_ms, time.p50_ms),
            "the 99th percentile is at least the median",
        );
    }
    Some(time)
}
