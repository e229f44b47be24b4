//! Who serves each tier of a run: the AWS API, the functions, the database, the cache.
//!
//! ```text
//! Choice ─▶ prepare (start containers, look at the emulator) ─▶ Tiers ─▶ a run ─▶ remove
//! ```
//!
//! | | embedded | localstack | endpoint |
//! |---|---|---|---|
//! | AWS | the engine in process | a container | a URL |
//! | functions | the engine in process, always: no free emulator runs them in Rust | | |
//! | database | a URL, else SQLite | a URL, else PostgreSQL in containers: primary and replica | a URL, else SQLite |
//! | cache | a URL, else in process | a URL, else Valkey or Memcached in a container | a URL, else in process |
//!
//! Invariants: what was started here is removed here, also when the run fails or is interrupted;
//! a URL that was given goes before everything else, and is looked at before anything is started;
//! what it names is never broken by a fault: its server is modelled as down.

mod containers;
mod data;
mod folder;

use std::{path::PathBuf, sync::Arc, time::Duration};

use securecart_cloud::Endpoint;
use securecart_containers::{CacheEngine, Images};
use securecart_record::Tier;
use securecart_scenario::Plan;
use tokio_util::sync::CancellationToken;

use crate::{Carried, Error, probe};
use data::Given;
use folder::Folder;

pub(crate) use containers::Machines;

/// Where the AWS API is.
#[derive(Debug, Clone)]
pub enum Backend {
    /// The engine in process.
    Embedded,
    /// Containers that are started for the run.
    LocalStack(LocalStack),
    /// What answers a URL.
    Endpoint(Endpoint),
}

impl Backend {
    /// The name in records and on the command line.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::LocalStack(_) => "localstack",
            Self::Endpoint(_) => "endpoint",
        }
    }
}

/// What containers to start, and how.
#[derive(Debug, Clone)]
pub struct LocalStack {
    /// The images.
    pub images: Images,
    /// What the cache speaks.
    pub cache_engine: CacheEngine,
    /// Handed to LocalStack; tags after 4.14.0 want one.
    pub auth_token: Option<String>,
    /// How long a container may take until it answers.
    pub ready_within: Duration,
    /// Whether images that are not there are pulled.
    pub pull: bool,
}

/// Who is to serve the tiers.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Where the AWS API is.
    pub backend: Backend,
    /// PostgreSQL's primary, where it is not the backend's own.
    pub database_url: Option<String>,
    /// Its read replicas.
    pub replica_urls: Vec<String>,
    /// Nodes of the cache, where they are not the backend's own: `redis://`, `valkey://` or
    /// `memcached://`.
    pub cache_urls: Vec<String>,
}

/// Where the parts of a run are, ready to be used.
#[derive(Debug)]
pub struct Tiers {
    /// `embedded`, `localstack` or `endpoint`.
    pub(crate) backend: &'static str,
    pub(crate) endpoint: Option<Endpoint>,
    pub(crate) database: securecart_database::Source,
    pub(crate) cache: data::CacheSource,
    pub(crate) machines: Option<Arc<Machines>>,
    described: Vec<Tier>,
    /// What holds SQLite's files; they go when it does.
    _folder: Option<Folder>,
}

impl Tiers {
    /// Starts what `choice` asks for, and tells `narrate` how it goes. `run` is the run's id, `logs`
    /// the folder that keeps the containers' output.
    ///
    /// # Errors
    /// When something can't be started or does not answer; what was started is removed again. Also
    /// when `stop` ends it.
    pub async fn prepare(
        choice: Choice,
        plan: &Plan,
        (run, logs): (&str, PathBuf),
        narrate: impl Fn(&str) + Send + Sync + 'static,
        stop: CancellationToken,
    ) -> Result<Self, Error> {
        let given = Given::read(&choice, run)?;
        let mut endpoint = None;
        let mut machines = None;
        let aws = match &choice.backend {
            Backend::Embedded => data::embedded(),
            Backend::LocalStack(localstack) => {
                let start = containers::start(localstack, plan, &given, (run, logs), narrate, stop);
                let started = start.await?;
                endpoint = Some(Endpoint::at(started.aws()));
                let image = &localstack.images.localstack;
                machines = Some(Arc::new(Machines::new(started)));
                format!("LocalStack ({image})")
            }
            Backend::Endpoint(url) => {
                endpoint = Some(url.clone());
                format!("{url}")
            }
        };
        let backend = choice.backend.as_str();
        Self::assemble(backend, plan, run, (aws, endpoint, machines), given)
    }

    /// Everything in process, for what needs no choice.
    ///
    /// # Errors
    /// When there is no room for the database's files.
    pub fn embedded(plan: &Plan, run: &str) -> Result<Self, Error> {
        let given = Given { database: None, cache: None };
        let backend = Backend::Embedded.as_str();
        Self::assemble(backend, plan, run, (data::embedded(), None, None), given)
    }

    /// The tiers of `backend`, whose AWS API is served by `aws`.
    fn assemble(
        backend: &'static str,
        plan: &Plan,
        run: &str,
        (aws, endpoint, machines): (String, Option<Endpoint>, Option<Arc<Machines>>),
        given: Given,
    ) -> Result<Self, Error> {
        let mut folder = None;
        let (database, database_by) = match given.database {
            Some(given) => given,
            None => data::database(machines.as_deref(), run, &mut folder)?,
        };
        let (cache, cache_by) =
            given.cache.unwrap_or_else(|| data::cache(machines.as_deref(), plan, run));
        let described = vec![
            tier("aws", aws),
            tier("functions", data::embedded()),
            tier("database", database_by),
            tier("cache", cache_by),
        ];
        Ok(Self { backend, endpoint, database, cache, machines, described, _folder: folder })
    }

    /// Who serves each tier.
    #[must_use]
    pub fn described(&self) -> &[Tier] {
        &self.described
    }

    /// Measures what the emulator carries; `None` where the AWS API is ours.
    ///
    /// # Errors
    /// When it does not answer, or not as AWS does.
    pub async fn measure(&self) -> Result<Option<Carried>, Error> {
        match &self.endpoint {
            Some(endpoint) => probe::measure(endpoint).await.map(Some),
            None => Ok(None),
        }
    }

    /// The version of what serves the AWS API, where it tells one.
    pub(crate) fn version(&self) -> String {
        match (&self.machines, &self.endpoint) {
            (Some(machines), _) => machines.aws_version(),
            (None, Some(_)) => "unknown".to_owned(),
            (None, None) => securecart_embedded::VERSION.to_owned(),
        }
    }

    /// Waits until a container fails by itself; for ever where there is none.
    pub(crate) async fn failed(&self) -> Error {
        match &self.machines {
            Some(machines) => machines.failed().await,
            None => std::future::pending().await,
        }
    }

    /// Removes what was started.
    ///
    /// # Errors
    /// When a container can't be removed; the next start removes it.
    pub async fn remove(self) -> Result<(), Error> {
        match self.machines.and_then(Arc::into_inner) {
            Some(machines) => machines.remove().await,
            // None were started; or somebody holds them still, and they go with the last one.
            None => Ok(()),
        }
    }
}

fn tier(tier: &str, served_by: String) -> Tier {
    Tier { tier: tier.to_owned(), served_by }
}
