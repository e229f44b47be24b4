//! Faults and redrives: within the scenario, of things that exist, and not without effect.

use std::collections::BTreeMap;

use securecart_domain::ServiceName;

use crate::{
    document::{FaultTable, RedriveTable},
    limits,
    located::{Field, Located},
    names::{AllServices, Containers, Name},
    plan::{
        CacheSpec, Container, DatabaseSpec, Fault, FaultKind, FunctionSpec, Platform, Policy,
        Redrive, ServiceSpec,
    },
    problem::Problems,
    units::{Clock, Duration},
};

use super::{Frame, bounds, frame, length, serves};

/// What faults break.
pub(super) struct Shop<'a> {
    pub(super) services: &'a BTreeMap<ServiceName, ServiceSpec>,
    pub(super) functions: &'a BTreeMap<String, FunctionSpec>,
    pub(super) database: DatabaseSpec,
    pub(super) cache: CacheSpec,
    pub(super) frame: &'a Frame,
}

impl Shop<'_> {
    /// The faults in the order of their beginning.
    pub(super) fn faults(
        &self,
        field: &Field<Vec<Located<FaultTable>>>,
        problems: &mut Problems,
    ) -> Vec<Fault> {
        let tables = field.value().map_or(&[][..], Vec::as_slice);
        if tables.len() > limits::FAULTS {
            length(tables.len(), limits::FAULTS, "fault", field.span(), problems);
        }
        let mut faults: Vec<_> =
            tables.iter().filter_map(|table| self.fault(table, problems)).collect();
        faults.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
        faults
    }

    /// The redrives in order.
    pub(super) fn redrives(
        &self,
        field: &Field<Vec<Located<RedriveTable>>>,
        problems: &mut Problems,
    ) -> Vec<Redrive> {
        let tables = field.value().map_or(&[][..], Vec::as_slice);
        if tables.len() > limits::REDRIVES {
            length(tables.len(), limits::REDRIVES, "redrive", field.span(), problems);
        }
        let mut redrives: Vec<_> = tables
            .iter()
            .filter_map(|Located { value: table, .. }| {
                let at_s = frame::time(&table.at, "the redrive", self.frame, problems);
                let queue = Name::known(&table.queue, problems);
                Some(Redrive { at_s: at_s?, queue: queue?.to_owned() })
            })
            .collect();
        redrives.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
        redrives
    }

    fn fault(&self, table: &Located<FaultTable>, problems: &mut Problems) -> Option<Fault> {
        let (at, lasts) = when(&table.value);
        let at_s = frame::time(at, "the fault", self.frame, problems);
        let length_s = match lasts {
            Some(field) => frame::length(field, at_s, self.frame, problems),
            None => Some(0.0),
        };
        let kind = self.kind(table, problems);
        Some(Fault { at_s: at_s?, length_s: length_s?, kind: kind? })
    }

    fn kind(&self, table: &Located<FaultTable>, problems: &mut Problems) -> Option<FaultKind> {
        let share =
            |field, problems: &mut Problems| bounds::above_zero(field, "share", 1.0, problems);
        let added_ms = |field, problems: &mut Problems| {
            let range = (0.001, limits::ADDED_S);
            bounds::seconds(field, "added", range, problems).map(|added_s| added_s * 1_000.0)
        };
        Some(match &table.value {
            FaultTable::TaskKill(loss) => {
                let (service, count) =
                    self.lost(&loss.service, &loss.count, Platform::Ecs, problems)?;
                FaultKind::TaskKill { service, count }
            }
            FaultTable::InstanceLoss(loss) => {
                let (service, count) =
                    self.lost(&loss.service, &loss.count, Platform::Ec2, problems)?;
                FaultKind::InstanceLoss { service, count }
            }
            FaultTable::AvailabilityZoneLoss(loss) => {
                let zone = Name::known(&loss.zone, problems)?.chars().next()?;
                FaultKind::AvailabilityZoneLoss { zone }
            }
            FaultTable::SpotStorm(storm) => {
                if self.services.values().all(|service| service.tasks.spot_share <= 0.0) {
                    let help = "no service has Spot capacity: give one a `spot-share`";
                    problems.add(table.span, "the storm does nothing", help);
                }
                FaultKind::SpotStorm { share: share(&storm.share, problems)? }
            }
            FaultTable::TableThrottle(throttle) => {
                let share = share(&throttle.share, problems);
                let table = Name::known(&throttle.table, problems)?.to_owned();
                FaultKind::TableThrottle { table, share: share? }
            }
            FaultTable::FunctionThrottle(throttle) => {
                let concurrency = self.cut(&throttle.function, &throttle.concurrency, problems);
                let function = Name::known(&throttle.function, problems)?.to_owned();
                FaultKind::FunctionThrottle { function, concurrency: concurrency? }
            }
            FaultTable::SlowDependency(slow) => {
                let added_ms = added_ms(&slow.added, problems);
                let service = asked(&slow.service, problems)?;
                FaultKind::SlowDependency { service, added_ms: added_ms? }
            }
            FaultTable::ServiceErrors(errors) => {
                let share = share(&errors.share, problems);
                let service = asked(&errors.service, problems)?;
                FaultKind::ServiceErrors { service, share: share? }
            }
            FaultTable::DuplicateMessages(twice) => {
                let share = share(&twice.share, problems);
                let queue = Name::known(&twice.queue, problems)?.to_owned();
                FaultKind::DuplicateMessages { queue, share: share? }
            }
            FaultTable::PoisonMessages(poison) => {
                let range = (1, limits::POISON_MESSAGES);
                let count = bounds::whole(&poison.count, "count", range, problems);
                let queue = Name::known(&poison.queue, problems)?.to_owned();
                FaultKind::PoisonMessages { queue, count: count? }
            }
            FaultTable::ConsumerStop(stop) => {
                FaultKind::ConsumerStop { queue: Name::known(&stop.queue, problems)?.to_owned() }
            }
            FaultTable::EventBusDelay(delay) => {
                FaultKind::EventBusDelay { added_ms: added_ms(&delay.added, problems)? }
            }
            FaultTable::NotificationOutage(_) => FaultKind::NotificationOutage,
            FaultTable::DatabaseFailover(_) => FaultKind::DatabaseFailover,
            FaultTable::ReplicaLoss(loss) => {
                let (field, most) = (&loss.replica, self.database.replicas);
                let replica =
                    numbered(field, table.span, "replica", most, "read replicas", problems)?;
                FaultKind::ReplicaLoss { replica }
            }
            FaultTable::ReplicaLag(lag) => {
                if self.database.replicas == 0 {
                    let help = "give `database.replicas`";
                    problems.add(table.span, "there is no read replica to fall behind", help);
                }
                FaultKind::ReplicaLag { added_ms: added_ms(&lag.added, problems)? }
            }
            FaultTable::CacheFlush(_) => FaultKind::CacheFlush,
            FaultTable::CacheNodeLoss(loss) => {
                let (field, most) = (&loss.node, self.cache.nodes);
                let node = numbered(field, table.span, "node", most, "nodes", problems)?;
                FaultKind::CacheNodeLoss { node }
            }
            FaultTable::ContainerPause(fault) => {
                FaultKind::ContainerPause { container: container(&fault.container, problems)? }
            }
            FaultTable::ContainerKill(fault) => {
                let container = container(&fault.container, problems)?;
                if container == Container::Localstack {
                    let help = "it keeps its queues and tables in memory, and a kill loses them all: \
                                pause it or cut it off";
                    let message = "LocalStack can't be killed and go on";
                    problems.add(fault.container.span(), message, help);
                }
                FaultKind::ContainerKill { container }
            }
            FaultTable::ContainerCut(fault) => {
                FaultKind::ContainerCut { container: container(&fault.container, problems)? }
            }
        })
    }

    /// A service on this platform, and how many of it are lost.
    fn lost(
        &self,
        service: &Field<Name<AllServices>>,
        count: &Field<u32>,
        platform: Platform,
        problems: &mut Problems,
    ) -> Option<(ServiceName, u32)> {
        let number = bounds::whole(count, "count", (1, limits::TASKS), problems);
        let known = named(service, problems)?;
        if Platform::of(known) != platform {
            let (what, help) = match Platform::of(known) {
                Platform::Ecs => ("tasks", "use `task-kill`"),
                Platform::Ec2 => ("instances", "use `instance-loss`"),
                Platform::Lambda => ("a function", "use `function-throttle`"),
            };
            problems.add(service.span(), format!("`{known}` runs as {what}"), help);
            return None;
        }
        let number = number?;
        let most = self.services.get(&known).map_or(limits::TASKS, most);
        if number > most {
            let help = format!("there are at most {most}");
            problems.add(count.span(), format!("`{known}` can't lose {number}"), help);
        }
        Some((known, number))
    }

    /// The concurrency a function is cut to, which has to be below what it has.
    fn cut(
        &self,
        function: &Field<Name<crate::names::Functions>>,
        field: &Field<u32>,
        problems: &mut Problems,
    ) -> Option<u32> {
        let range = (0, limits::RESERVED_CONCURRENCY);
        let concurrency = bounds::whole(field, "concurrency", range, problems)?;
        let spec = self.functions.get(&function.value()?.text);
        let reserved = spec.and_then(|spec| spec.reserved_concurrency);
        if let Some(reserved) = reserved.filter(|reserved| *reserved <= concurrency) {
            let message = format!("a cut to {concurrency} does nothing");
            let help = format!("its `reserved-concurrency` is {reserved}");
            problems.add(field.span(), message, help);
        }
        Some(concurrency)
    }
}

/// When a fault begins, and where it says how long it lasts, if it lasts.
fn when(table: &FaultTable) -> (&Field<Clock>, Option<&Field<Duration>>) {
    match table {
        FaultTable::TaskKill(fault) | FaultTable::InstanceLoss(fault) => (&fault.at, None),
        FaultTable::AvailabilityZoneLoss(fault) => (&fault.at, Some(&fault.length)),
        FaultTable::SpotStorm(fault) => (&fault.at, Some(&fault.length)),
        FaultTable::TableThrottle(fault) => (&fault.at, Some(&fault.length)),
        FaultTable::FunctionThrottle(fault) => (&fault.at, Some(&fault.length)),
        FaultTable::SlowDependency(fault) => (&fault.at, Some(&fault.length)),
        FaultTable::ServiceErrors(fault) => (&fault.at, Some(&fault.length)),
        FaultTable::DuplicateMessages(fault) => (&fault.at, Some(&fault.length)),
        FaultTable::PoisonMessages(fault) => (&fault.at, Some(&fault.length)),
        FaultTable::ConsumerStop(fault) => (&fault.at, Some(&fault.length)),
        FaultTable::EventBusDelay(fault) => (&fault.at, Some(&fault.length)),
        FaultTable::NotificationOutage(fault) | FaultTable::DatabaseFailover(fault) => {
            (&fault.at, Some(&fault.length))
        }
        FaultTable::ReplicaLoss(fault) => (&fault.at, Some(&fault.length)),
        FaultTable::ReplicaLag(fault) => (&fault.at, Some(&fault.length)),
        FaultTable::CacheFlush(fault) => (&fault.at, None),
        FaultTable::CacheNodeLoss(fault) => (&fault.at, Some(&fault.length)),
        FaultTable::ContainerPause(fault)
        | FaultTable::ContainerKill(fault)
        | FaultTable::ContainerCut(fault) => (&fault.at, Some(&fault.length)),
    }
}

/// Which of `most` things a fault is about, counted from 1; the first unless it says.
fn numbered(
    field: &Field<u32>,
    fault: miette::SourceSpan,
    key: &str,
    most: u32,
    what: &str,
    problems: &mut Problems,
) -> Option<u32> {
    if most == 0 {
        problems.add(fault, "the fault does nothing", format!("there are no {what}"));
        return None;
    }
    Some(bounds::whole(field, key, (1, most), problems).unwrap_or(1))
}

fn container(field: &Field<Name<Containers>>, problems: &mut Problems) -> Option<Container> {
    let name = Name::known(field, problems)?;
    Container::ALL.into_iter().find(|container| container.as_str() == name)
}

fn named(field: &Field<Name<AllServices>>, problems: &mut Problems) -> Option<ServiceName> {
    Name::known(field, problems)?.parse().ok()
}

/// A service that answers requests.
fn asked(field: &Field<Name<AllServices>>, problems: &mut Problems) -> Option<ServiceName> {
    let service = named(field, problems)?;
    if !serves(service) {
        let help = "it works off queues: use `consumer-stop` or `poison-messages`";
        problems.add(field.span(), format!("`{service}` answers no requests"), help);
        return None;
    }
    Some(service)
}

/// Most tasks or instances that `service` can have, scheduled bounds included.
fn most(service: &ServiceSpec) -> u32 {
    let scheduled = service.scaling.iter().filter_map(|policy| match policy {
        Policy::Scheduled { max, .. } => *max,
        _ => None,
    });
    scheduled.fold(service.tasks.max, u32::max)
}
