//! Fleets and modelled times; what a scenario does not say has its default.

use std::collections::BTreeMap;

use securecart_domain::ServiceName;

use crate::{
    defaults,
    document::{ServiceTable, ServiceTimeTable, Services, Tasks},
    limits,
    located::Field,
    plan::{ServiceSpec, ServiceTime, TaskSpec},
    problem::Problems,
    suggest,
    units::Duration,
};

use super::bounds;

pub(super) fn read(
    field: &Field<Services>,
    problems: &mut Problems,
) -> BTreeMap<ServiceName, ServiceSpec> {
    let mut specs: BTreeMap<_, _> =
        ServiceName::ALL.into_iter().map(|name| (name, defaults::service(name))).collect();
    let services = field.value().map_or(&[][..], |services| services.0.as_slice());
    for (name, table) in services {
        let known = ServiceName::ALL.into_iter().find(|known| known.as_str() == name.value);
        let standard = defaults::service(known.unwrap_or(ServiceName::Catalog));
        let spec = spec(table, standard, problems);
        if let Some(known) = known {
            specs.insert(known, spec);
        } else {
            let help =
                suggest::help(&name.value, ServiceName::ALL.iter().map(|known| known.as_str()));
            problems.add(name.span, format!("there is no service `{}`", name.value), help);
        }
    }
    specs
}

fn spec(table: &ServiceTable, standard: ServiceSpec, problems: &mut Problems) -> ServiceSpec {
    let tasks =
        table.tasks.value().map_or(standard.tasks, |tasks| fleet(tasks, standard.tasks, problems));
    let service_time = table.service_time.value().and_then(|time| service_time(time, problems));
    ServiceSpec {
        tasks,
        service_time: service_time.unwrap_or(standard.service_time),
        scaling: standard.scaling,
    }
}

fn fleet(tasks: &Tasks, standard: TaskSpec, problems: &mut Problems) -> TaskSpec {
    let mut whole = |field, key, standard, least, most| {
        bounds::whole(field, key, (least, most), problems).unwrap_or(standard)
    };
    let count = whole(&tasks.count, "count", standard.min, 1, limits::TASKS);
    TaskSpec {
        min: count,
        max: count,
        initial: count,
        concurrency: whole(
            &tasks.concurrency,
            "concurrency",
            standard.concurrency,
            1,
            limits::CONCURRENCY,
        ),
        backlog: whole(&tasks.backlog, "backlog", standard.backlog, 0, limits::BACKLOG),
        ..standard
    }
}

fn service_time(table: &ServiceTimeTable, problems: &mut Problems) -> Option<ServiceTime> {
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
