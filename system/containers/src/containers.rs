//! The containers of a run while it goes on: where they are, what they use, whether they live.

mod faults;

use std::{net::SocketAddr, sync::Arc};

use bollard::Docker;
use parking_lot::Mutex;
use tokio::{sync::mpsc, task::JoinHandle};

use crate::{
    ContainerStats, Member, Options, cleanup::Guard, error::Error, logs, recipe::Login, stats,
    unit::Unit,
};

/// All containers of a run. Dropping it removes them, as well as it can from where it is.
#[derive(Debug)]
pub struct Containers {
    docker: Docker,
    options: Options,
    network: String,
    units: Vec<Arc<Unit>>,
    /// The writers of the logs; each ends with its container.
    logs: Mutex<Vec<JoinHandle<()>>>,
    stats: Vec<JoinHandle<()>>,
    failures: mpsc::Sender<Error>,
    failed: tokio::sync::Mutex<mpsc::Receiver<Error>>,
    /// Last: the tasks end before the containers go.
    guard: Option<Guard>,
}

/// What a container is, for the record of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// Which one.
    pub member: Member,
    /// `name:tag`.
    pub image: String,
    /// The version that its server names.
    pub version: String,
    /// Its name on the engine.
    pub container: String,
}

impl Containers {
    pub(crate) fn new(
        docker: Docker,
        options: Options,
        network: String,
        units: Vec<Arc<Unit>>,
        guard: Guard,
        logs: Vec<JoinHandle<()>>,
        (failures, failed): (mpsc::Sender<Error>, mpsc::Receiver<Error>),
    ) -> Self {
        let watch = |unit: &Arc<Unit>| tokio::spawn(stats::watch(docker.clone(), Arc::clone(unit)));
        let stats = units.iter().map(watch).collect();
        Self {
            docker,
            options,
            network,
            units,
            logs: Mutex::new(logs),
            stats,
            failures,
            failed: tokio::sync::Mutex::new(failed),
            guard: Some(guard),
        }
    }

    /// LocalStack's address: the endpoint of the AWS API.
    #[must_use]
    pub fn aws(&self) -> SocketAddr {
        self.known(Member::LocalStack)
    }

    /// The cache's address, where one was started.
    #[must_use]
    pub fn cache(&self) -> Option<SocketAddr> {
        self.address(Member::Cache).ok()
    }

    /// The URL of PostgreSQL's primary, where one was started.
    #[must_use]
    pub fn postgres_primary(&self) -> Option<String> {
        self.address(Member::Primary).ok().map(|address| self.url(address))
    }

    /// The URLs of its read replicas.
    #[must_use]
    pub fn postgres_replicas(&self) -> Vec<String> {
        let replicas = (1..=self.options.replicas).map(Member::Replica);
        replicas.filter_map(|replica| Some(self.url(self.address(replica).ok()?))).collect()
    }

    /// The URL of a PostgreSQL server of this run at `address`, for one that has moved.
    #[must_use]
    pub fn url(&self, address: SocketAddr) -> String {
        Login::of(&self.options.run).url(address)
    }

    /// Where `member` is, or was last while it is down or cut off.
    ///
    /// # Errors
    /// When the run has no such member.
    pub fn address(&self, member: Member) -> Result<SocketAddr, Error> {
        Ok(self.unit(member)?.address())
    }

    /// What was started.
    #[must_use]
    pub fn describe(&self) -> Vec<Described> {
        self.units
            .iter()
            .map(|unit| Described {
                member: unit.recipe.member,
                image: unit.recipe.image.clone(),
                version: unit.version.lock().clone(),
                container: unit.recipe.name.clone(),
            })
            .collect()
    }

    /// What each container uses. Costs nothing, and is at most a second or so old.
    #[must_use]
    pub fn stats(&self) -> Vec<ContainerStats> {
        self.units
            .iter()
            .map(|unit| unit.usage.lock().report(unit.recipe.member, unit.is_down()))
            .collect()
    }

    /// Waits for the next thing that goes wrong by itself: a container that ended though nobody
    /// killed it, an engine that went away, a log that can't be written any more.
    pub async fn failed(&self) -> Error {
        let next = self.failed.lock().await.recv().await;
        // `failures` is kept, so the channel stays open.
        match next {
            Some(error) => error,
            None => std::future::pending().await,
        }
    }

    /// Removes the containers with their volumes, and the run's network.
    ///
    /// # Errors
    /// When the engine does not remove them; the next start tries again.
    pub async fn remove(mut self) -> Result<(), Error> {
        for unit in &self.units {
            unit.set_down(true);
        }
        let Some(guard) = self.guard.take() else { return Ok(()) };
        let removed = guard.remove().await;
        let logs = std::mem::take(&mut *self.logs.lock());
        logs::end(logs).await;
        removed.map(drop)
    }

    fn known(&self, member: Member) -> SocketAddr {
        // A start gives all members or none.
        self.unit(member)
            .map_or_else(|_| SocketAddr::from(([127, 0, 0, 1], 0)), |unit| unit.address())
    }

    fn unit(&self, member: Member) -> Result<&Arc<Unit>, Error> {
        let found = self.units.iter().find(|unit| unit.recipe.member == member);
        found.ok_or_else(|| Error::NoMember { member: member.to_string() })
    }
}

impl Drop for Containers {
    fn drop(&mut self) {
        for task in self.stats.iter().chain(&*self.logs.lock()) {
            task.abort();
        }
    }
}
