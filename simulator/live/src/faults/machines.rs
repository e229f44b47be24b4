//! Faults of servers: of containers where the run has some, else of what models them.
//!
//! ```text
//! database-failover, replica-loss, cache-node-loss ─┬▶ containers: killed, and started again
//!                                                   └▶ embedded: refuse everything until the end
//! container-pause, -kill, -cut ─────────────────────▶ containers
//! ```
//!
//! A container that was started or connected again may answer at another port: whoever calls it is
//! told.

use std::{net::SocketAddr, sync::Arc};

use securecart_containers::Member;
use securecart_scenario::{Container, FaultKind};

use super::Site;
use crate::tiers::Machines;

/// What happens to a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Harm {
    Pause,
    Kill,
    Cut,
}

/// What a fault does to which container.
fn harm(kind: &FaultKind) -> Option<(Harm, Member)> {
    Some(match *kind {
        FaultKind::DatabaseFailover => (Harm::Kill, Member::Primary),
        FaultKind::ReplicaLoss { replica } => (Harm::Kill, Member::Replica(replica)),
        FaultKind::CacheNodeLoss { .. } => (Harm::Kill, Member::Cache),
        FaultKind::ContainerPause { container } => (Harm::Pause, member(container)),
        FaultKind::ContainerKill { container } => (Harm::Kill, member(container)),
        FaultKind::ContainerCut { container } => (Harm::Cut, member(container)),
        _ => return None,
    })
}

fn member(container: Container) -> Member {
    match container {
        Container::Localstack => Member::LocalStack,
        Container::Primary => Member::Primary,
        Container::Replica => Member::Replica(1),
        Container::Cache => Member::Cache,
    }
}

/// Does what `kind` says, and tells what it did. What models a server leaves in `guard` what ends it.
pub(super) async fn begin(
    site: &Site,
    kind: &FaultKind,
    guard: &mut Option<Box<dyn Send + Sync>>,
) -> String {
    let Some((harm, member, machines)) = target(site, kind) else {
        return model(site, kind, guard);
    };
    let done = match harm {
        Harm::Pause => machines.pause(member, true).await,
        Harm::Kill => machines.kill(member).await,
        Harm::Cut => machines.cut(member).await,
    };
    match done {
        Ok(()) => format!("container {member} was {}", past(harm)),
        Err(error) => format!("container {member} was not {}: {error}", past(harm)),
    }
}

/// Undoes it, and tells what is worth telling.
pub(super) async fn end(site: &Site, kind: &FaultKind) -> Option<String> {
    let (harm, member, machines) = target(site, kind)?;
    let back = match harm {
        Harm::Pause => machines.pause(member, false).await.map(|()| None),
        Harm::Kill => machines.restart(member).await.map(Some),
        Harm::Cut => machines.join(member).await.map(Some),
    };
    match back {
        Ok(address) => {
            if let Some(address) = address {
                tell(site, member, address);
            }
            None
        }
        Err(error) => Some(format!("container {member} did not come back: {error}")),
    }
}

/// The container that a fault is about, where the run has it.
fn target<'a>(site: &'a Site, kind: &FaultKind) -> Option<(Harm, Member, &'a Arc<Machines>)> {
    let (harm, member) = harm(kind)?;
    let machines = site.machines.as_ref()?;
    machines.has(member).then_some((harm, member, machines))
}

/// Tells whoever calls `member` where it is now.
fn tell(site: &Site, member: Member, address: SocketAddr) {
    match member {
        Member::LocalStack => site.cloud.set_address(address),
        Member::Primary => site.data.database.set_address("primary", address),
        Member::Replica(number) => {
            site.data.database.set_address(&format!("replica-{number}"), address);
        }
        Member::Cache => site.data.cache.set_address(0, address),
    }
}

/// The same to a server that is modelled.
fn model(site: &Site, kind: &FaultKind, guard: &mut Option<Box<dyn Send + Sync>>) -> String {
    let outage = |server: &str| {
        let outage = site.data.database.outage(server);
        outage.map(|outage| Box::new(outage) as Box<dyn Send + Sync>)
    };
    let (on, what) = match kind {
        FaultKind::DatabaseFailover => (outage("primary"), "the primary".to_owned()),
        FaultKind::ReplicaLoss { replica } => {
            let server = format!("replica-{replica}");
            (outage(&server), server)
        }
        FaultKind::CacheNodeLoss { node } => {
            let lost = site.data.cache.lose_node(node - 1);
            (lost.map(|lost| Box::new(lost) as _), format!("node {node} of the cache"))
        }
        _ => return "this run has no containers: nothing was broken".to_owned(),
    };
    *guard = on;
    match guard {
        Some(_) => format!("{what} went down"),
        None => format!("there is no {what}: nothing was broken"),
    }
}

fn past(harm: Harm) -> &'static str {
    match harm {
        Harm::Pause => "paused",
        Harm::Kill => "killed",
        Harm::Cut => "cut off",
    }
}
