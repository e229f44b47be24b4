//! One fault: what it does at its beginning, and how that is undone.

use std::{sync::Arc, time::Duration};

use securecart_behaviour::compute::Zone;
use securecart_domain::ServiceName;
use securecart_scenario::FaultKind;
use tokio_util::task::AbortOnDropHandle;

use super::{Site, machines, poison};
use crate::compute::{Group, Trouble};

/// A fault that is on, or was.
pub(super) struct Injected {
    site: Site,
    kind: FaultKind,
    /// What it hit at once, in words.
    hit: String,
    /// What was lost and had failed when it began.
    before: Damage,
    /// Ends what is laid over calls to AWS, over the database and over the cache.
    guard: Option<Box<dyn Send + Sync>>,
    /// Ends the sending of poison.
    sending: Option<AbortOnDropHandle<()>>,
}

/// What services have lost so far.
#[derive(Debug, Clone, Copy, Default)]
struct Damage {
    throttled: u64,
    tasks: u64,
    requests: u64,
    failed: u64,
}

impl Injected {
    /// Breaks what `kind` names, for `wall`.
    pub(super) async fn begin(site: Site, kind: FaultKind, wall: Duration) -> Self {
        let before = Damage::of(&site);
        let mut guard: Option<Box<dyn Send + Sync>> = None;
        let mut sending = None;
        let hit = match &kind {
            FaultKind::TaskKill { service, count } | FaultKind::InstanceLoss { service, count } => {
                let killed = group(&site, *service).map_or(0, |group| group.kill(*count));
                format!("{killed} of {service} died")
            }
            FaultKind::AvailabilityZoneLoss { zone } => {
                let died: u32 =
                    site.shop.groups().iter().map(|group| group.zone(zone_of(*zone), false)).sum();
                format!("{died} tasks and instances were in zone {zone}")
            }
            FaultKind::SpotStorm { share } => {
                let noticed: u32 =
                    site.shop.groups().iter().map(|group| group.reclaim_spot(*share)).sum();
                format!("{noticed} Spot tasks got two minutes' notice")
            }
            FaultKind::SlowDependency { service, added_ms } => {
                let added = Duration::from_secs_f64(added_ms / 1_000.0);
                trouble(&site, *service, |trouble| trouble.slow(added));
                String::new()
            }
            FaultKind::ServiceErrors { service, share } => {
                trouble(&site, *service, |trouble| trouble.fail(*share));
                String::new()
            }
            FaultKind::ConsumerStop { queue } => match pause(&site, queue, true) {
                0 => format!("nothing stopped: a function works off {queue}"),
                _ => format!("the consumers of {queue} stopped"),
            },
            FaultKind::NotificationOutage => {
                site.shop.provider().fail(true);
                String::new()
            }
            FaultKind::PoisonMessages { queue, count } => {
                sending = Some(poison::spread(&site, queue, *count, wall));
                String::new()
            }
            FaultKind::TableThrottle { table, share } => {
                guard = Some(Box::new(site.cloud.throttle_table(table, *share)));
                String::new()
            }
            FaultKind::FunctionThrottle { function, concurrency } => {
                site.cloud.throttle_function(function, Some(*concurrency));
                String::new()
            }
            FaultKind::DuplicateMessages { queue, share } => {
                site.cloud.set_duplicates(queue, *share);
                String::new()
            }
            FaultKind::EventBusDelay { added_ms } => {
                site.event_delays.set_lag(Duration::from_secs_f64(added_ms / 1_000.0));
                String::new()
            }
            FaultKind::DatabaseFailover
            | FaultKind::ReplicaLoss { .. }
            | FaultKind::CacheNodeLoss { .. }
            | FaultKind::ContainerPause { .. }
            | FaultKind::ContainerKill { .. }
            | FaultKind::ContainerCut { .. } => machines::begin(&site, &kind, &mut guard).await,
            FaultKind::ReplicaLag { added_ms } => {
                let added = Duration::from_secs_f64(added_ms / 1_000.0);
                guard = Some(Box::new(site.data.database.fall_behind(added)));
                String::new()
            }
            FaultKind::CacheFlush => match site.data.cache.flush().await {
                Ok(()) => "the cache was emptied".to_owned(),
                Err(error) => format!("the cache was not emptied: {error}"),
            },
        };
        Self { site, kind, hit, before, guard, sending }
    }

    /// Makes whole what it broke, and says what it did.
    pub(super) async fn end(mut self) -> String {
        drop((self.guard.take(), self.sending.take()));
        let site = &self.site;
        match &self.kind {
            FaultKind::AvailabilityZoneLoss { zone } => {
                for group in site.shop.groups() {
                    group.zone(zone_of(*zone), true);
                }
            }
            FaultKind::SpotStorm { .. } => {
                site.shop.groups().iter().for_each(|group| group.spot_returns());
            }
            FaultKind::SlowDependency { service, .. } => {
                trouble(site, *service, |trouble| trouble.slow(Duration::ZERO));
            }
            FaultKind::ServiceErrors { service, .. } => {
                trouble(site, *service, |trouble| trouble.fail(0.0));
            }
            FaultKind::ConsumerStop { queue } => {
                pause(site, queue, false);
            }
            FaultKind::NotificationOutage => site.shop.provider().fail(false),
            FaultKind::FunctionThrottle { function, .. } => {
                site.cloud.throttle_function(function, None);
            }
            FaultKind::DuplicateMessages { queue, .. } => {
                site.cloud.set_duplicates(queue, 0.0);
            }
            FaultKind::EventBusDelay { .. } => site.event_delays.set_lag(Duration::ZERO),
            // What was killed is replaced by its fleet; what was sent is in the queue; the guard ends
            // the rest.
            FaultKind::DatabaseFailover
            | FaultKind::ReplicaLoss { .. }
            | FaultKind::CacheNodeLoss { .. }
            | FaultKind::ContainerPause { .. }
            | FaultKind::ContainerKill { .. }
            | FaultKind::ContainerCut { .. } => {
                if let Some(what) = machines::end(site, &self.kind).await {
                    self.hit = format!("{}; {what}", self.hit);
                }
            }
            FaultKind::ReplicaLag { .. }
            | FaultKind::CacheFlush
            | FaultKind::TaskKill { .. }
            | FaultKind::InstanceLoss { .. }
            | FaultKind::PoisonMessages { .. }
            | FaultKind::TableThrottle { .. } => {}
        }
        self.effect()
    }

    /// What it has done so far.
    pub(super) fn effect(&self) -> String {
        let now = Damage::of(&self.site);
        let (tasks, requests) =
            (now.tasks - self.before.tasks, now.requests - self.before.requests);
        let failed = now.failed - self.before.failed;
        let mut parts = Vec::new();
        if !self.hit.is_empty() {
            parts.push(self.hit.clone());
        }
        if tasks > 0 {
            parts.push(format!("{tasks} tasks were lost with {requests} requests in flight"));
        }
        let throttled = now.throttled - self.before.throttled;
        if throttled > 0 {
            parts.push(format!("{throttled} calls were throttled while it lasted"));
        }
        if failed > 0 {
            parts.push(format!(
                "{failed} requests and messages failed while it lasted, for whatever reason"
            ));
        }
        if parts.is_empty() { "nothing failed so far".to_owned() } else { parts.join("; ") }
    }
}

impl Damage {
    fn of(site: &Site) -> Self {
        let tables = site.cloud.tables().into_iter();
        let tables = tables.map(|table| table.throttled_reads + table.throttled_writes);
        let functions = site.cloud.functions().into_iter().map(|function| function.throttles);
        let mut damage = Self { throttled: tables.chain(functions).sum(), ..Self::default() };
        for group in site.shop.groups() {
            let counts = group.stats.counts();
            damage.tasks += group.tasks_lost();
            damage.requests += counts.lost;
            damage.failed += counts.failed;
        }
        damage
    }
}

fn group(site: &Site, service: ServiceName) -> Option<&Arc<Group>> {
    site.shop.group(service)
}

/// Makes or ends trouble for a service: for its tasks, or for the functions of the fraud service.
fn trouble(site: &Site, service: ServiceName, make: impl Fn(&Trouble)) {
    match group(site, service) {
        Some(group) => make(&group.trouble),
        None => make(&site.shop.functions().trouble),
    }
}

/// Stops or resumes the consumers of `queue`; returns how many services work it off.
fn pause(site: &Site, queue: &str, paused: bool) -> usize {
    let consumers = site.shop.workers().iter().filter(|(_, workers)| workers.queue() == queue);
    consumers.map(|(_, workers)| workers.pause(paused)).count()
}

/// The zone that a scenario calls `a`, `b` or `c`.
fn zone_of(letter: char) -> Zone {
    match letter {
        'a' => Zone::A,
        'b' => Zone::B,
        _ => Zone::C,
    }
}
