//! The containers of a run, as a run sees them.

use std::{collections::HashMap, net::SocketAddr, path::PathBuf};

use parking_lot::Mutex;
use securecart_containers::{CacheEngine, Containers, Error as Failure, Member, Options, Progress};
use securecart_record::{ContainerSample, ContainerTotals};
use securecart_scenario::Plan;
use tokio_util::sync::CancellationToken;

use super::{LocalStack, data::Given};
use crate::Error;

/// Starts the containers that `localstack` names, with the database and the cache that `plan` asks
/// for where they are not elsewhere.
pub(super) async fn start(
    localstack: &LocalStack,
    plan: &Plan,
    given: &Given,
    (run, logs): (&str, PathBuf),
    narrate: impl Fn(&str) + Send + Sync,
    stop: CancellationToken,
) -> Result<Started, Error> {
    let options = Options {
        images: localstack.images.clone(),
        database: given.database.is_none(),
        cache: given.cache.is_none(),
        cache_engine: localstack.cache_engine,
        cache_megabytes: plan.cache.memory_mib,
        replicas: plan.database.replicas,
        max_connections: plan.database.max_connections,
        localstack_auth_token: localstack.auth_token.clone(),
        ready_within: localstack.ready_within,
        pull: localstack.pull,
        ..Options::new(run, logs)
    };
    let (images, engine) = (localstack.images.clone(), localstack.cache_engine);
    let progress = |progress| {
        if let Some(text) = text(progress) {
            narrate(&text);
        }
    };
    let started = Containers::start(options, progress, stop.cancelled_owned()).await;
    let containers = started.map_err(Error::containers)?;
    Ok(Started { containers, postgres: images.postgres, cache: images.cache, engine })
}

/// How a start goes on, in a line; `None` for what need not be said.
fn text(progress: Progress) -> Option<String> {
    Some(match progress {
        Progress::Swept { names } => {
            format!("removed what an earlier run left behind: {}", names.join(", "))
        }
        Progress::Pulling { image } => format!("pulling {image} ..."),
        Progress::Pulled { image, seconds } => format!("pulled {image} in {seconds:.1} s"),
        Progress::Starting { name, image } => format!("starting {name} ({image}) ..."),
        Progress::Started { .. } => return None,
        Progress::Ready { name, seconds, version } => {
            format!("{name} is ready after {seconds:.1} s (version {version})")
        }
    })
}

/// Containers that were started, and what they were started from.
#[derive(Debug)]
pub(super) struct Started {
    containers: Containers,
    postgres: String,
    cache: String,
    engine: CacheEngine,
}

impl Started {
    pub(super) fn aws(&self) -> SocketAddr {
        self.containers.aws()
    }
}

/// The containers of a run.
#[derive(Debug)]
pub(crate) struct Machines {
    started: Started,
    totals: Mutex<HashMap<String, ContainerTotals>>,
}

impl Machines {
    pub(super) fn new(started: Started) -> Self {
        Self { started, totals: Mutex::default() }
    }

    /// URLs of the primary and of its replicas, where the run has its own.
    pub(super) fn postgres(&self) -> Option<(String, Vec<String>)> {
        let containers = &self.started.containers;
        Some((containers.postgres_primary()?, containers.postgres_replicas()))
    }

    pub(super) fn postgres_image(&self) -> &str {
        &self.started.postgres
    }

    /// What the run's own cache speaks, and where it is.
    pub(super) fn cache(&self) -> Option<(CacheEngine, SocketAddr)> {
        Some((self.started.engine, self.started.containers.cache()?))
    }

    pub(super) fn cache_image(&self) -> &str {
        &self.started.cache
    }

    /// The version that LocalStack names.
    pub(super) fn aws_version(&self) -> String {
        let mut described = self.started.containers.describe().into_iter();
        let aws = described.find(|described| described.member == Member::LocalStack);
        aws.map_or_else(String::new, |aws| aws.version)
    }

    /// What each container uses; also counted into the totals.
    pub(crate) fn sample(&self) -> Vec<ContainerSample> {
        let mut totals = self.totals.lock();
        let described = self.started.containers.describe();
        let samples = self.started.containers.stats().into_iter().map(|stats| {
            let container = stats.member.to_string();
            let sum = totals.entry(container.clone()).or_default();
            sum.container.clone_from(&container);
            let of = described.iter().find(|described| described.member == stats.member);
            sum.image = of.map_or_else(String::new, |described| described.image.clone());
            sum.cpu_s = stats.cpu_s;
            sum.cores_max = sum.cores_max.max(stats.cpu_share);
            sum.memory_bytes_max = sum.memory_bytes_max.max(stats.memory_bytes);
            ContainerSample { container, cores: stats.cpu_share, memory_bytes: stats.memory_bytes }
        });
        samples.collect()
    }

    /// What each container used up to the last sample.
    pub(crate) fn totals(&self) -> Vec<ContainerTotals> {
        let mut totals: Vec<_> = self.totals.lock().values().cloned().collect();
        totals.sort_by(|a, b| a.container.cmp(&b.container));
        totals
    }

    /// Whether the run has this container.
    pub(crate) fn has(&self, which: Member) -> bool {
        self.started.containers.address(which).is_ok()
    }

    /// Waits until something goes wrong by itself.
    pub(crate) async fn failed(&self) -> Error {
        Error::containers(self.started.containers.failed().await)
    }

    /// Makes a container's processes stand still, or go on.
    pub(crate) async fn pause(&self, which: Member, paused: bool) -> Result<(), Failure> {
        let containers = &self.started.containers;
        if paused { containers.pause(which).await } else { containers.unpause(which).await }
    }

    /// Kills a container.
    pub(crate) async fn kill(&self, which: Member) -> Result<(), Failure> {
        self.started.containers.kill(which).await
    }

    /// Starts a container that was killed; gives back where it answers now.
    pub(crate) async fn restart(&self, which: Member) -> Result<SocketAddr, Failure> {
        let containers = &self.started.containers;
        let address = containers.start_again(which).await?;
        containers.ready(which).await?;
        Ok(address)
    }

    /// Cuts a container off from its network.
    pub(crate) async fn cut(&self, which: Member) -> Result<(), Failure> {
        self.started.containers.disconnect(which).await
    }

    /// Connects a container that was cut off; gives back where it answers now.
    pub(crate) async fn join(&self, which: Member) -> Result<SocketAddr, Failure> {
        self.started.containers.reconnect(which).await
    }

    /// Removes all of them.
    pub(super) async fn remove(self) -> Result<(), Error> {
        self.started.containers.remove().await.map_err(Error::containers)
    }
}
