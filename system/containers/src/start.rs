//! All containers of a run, started beside each other.
//!
//! Order: what crashed runs left goes first; then images, network, containers; a replica comes after
//! the primary answers. A start that fails or is stopped lets the others finish the request that
//! they are in, so that nothing is created behind its back, and removes everything.

use std::{future::Future, path::Path, sync::Arc};

use bollard::{Docker, models::NetworkCreateRequest};
use futures::future::{OptionFuture, join_all};
use parking_lot::Mutex;
use testcontainers::{GenericImage, runners::AsyncRunner as _};
use tokio::{sync::mpsc, task::JoinHandle, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::{
    Containers, Member, Options,
    cleanup::{Guard, is_taken, sweep},
    engine::{Reach, connect, docker, is_present},
    error::{self, Error},
    launch::{Place, launch},
    logs,
    owner::Owner,
    recipe::{Recipe, network_name},
    unit::Unit,
};

/// Failures that are kept until somebody asks; the first one matters.
const FAILURES_MAX: usize = 16;

/// How a start goes on. Times are in seconds since the step began.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress {
    /// What earlier runs left behind when they were killed is removed.
    Swept {
        /// Containers and networks.
        names: Vec<String>,
    },
    /// An image is fetched from its registry.
    Pulling {
        /// `name:tag`.
        image: String,
    },
    /// It is here.
    Pulled {
        /// `name:tag`.
        image: String,
        /// How long it took.
        seconds: f64,
    },
    /// A container is created.
    Starting {
        /// The container.
        name: String,
        /// `name:tag`.
        image: String,
    },
    /// Its process runs.
    Started {
        /// The container.
        name: String,
        /// How long it took.
        seconds: f64,
    },
    /// It answers.
    Ready {
        /// The container.
        name: String,
        /// From the beginning of its start.
        seconds: f64,
        /// The version that its server names.
        version: String,
    },
}

/// What all steps of a start share.
struct Starter<'a, P> {
    docker: Docker,
    options: &'a Options,
    place: Place,
    progress: &'a P,
    halt: CancellationToken,
    failures: mpsc::Sender<Error>,
    logs: Mutex<Vec<JoinHandle<()>>>,
}

impl Containers {
    /// Starts all containers of a run and waits until each answers. `stop` ends the start early.
    ///
    /// # Errors
    /// Each with its way out; whatever was started is removed by then.
    pub async fn start(
        options: Options,
        progress: impl Fn(Progress) + Send + Sync,
        stop: impl Future<Output = ()> + Send,
    ) -> Result<Self, Error> {
        let halt = CancellationToken::new();
        let mut starting = Box::pin(start_all(options, &progress, halt.clone()));
        tokio::select! {
            started = &mut starting => return started,
            () = stop => halt.cancel(),
        }
        match starting.await {
            // Ready in the same instant: stopping was asked for, so it stops.
            Ok(containers) => Err(Box::pin(stopped(containers)).await),
            Err(error) => Err(error),
        }
    }
}

/// Removes containers that nobody wants any more.
async fn stopped(containers: Containers) -> Error {
    let started = containers.describe().len();
    match containers.remove().await {
        Ok(()) => {
            let doing = "starting the containers".to_owned();
            Error::Stopped { doing, removed: Some(started) }
        }
        Err(error) => error,
    }
}

async fn start_all<P: Fn(Progress) + Send + Sync>(
    options: Options,
    progress: &P,
    halt: CancellationToken,
) -> Result<Containers, Error> {
    // First of all, because it answers within two seconds whatever the socket does.
    docker().await?;
    let docker = connect().await?;
    let names = sweep().await?;
    if !names.is_empty() {
        progress(Progress::Swept { names });
    }
    if is_taken(&docker, &options.run).await? {
        return Err(Error::RunTaken { run: options.run });
    }
    fetch_images(&docker, &options, progress, &halt).await?;
    let owner = owner(&docker).await;
    let place = Place {
        network: network_name(&options.run),
        labels: owner.labels(&options.run),
        reach: Reach::find(&docker, owner.container()).await,
    };
    let (failures, failed) = mpsc::channel(FAILURES_MAX);
    let mut guard = Guard::new(docker.clone(), owner, options.run.clone());
    let starter = Starter {
        docker: docker.clone(),
        options: &options,
        place,
        progress,
        halt,
        failures: failures.clone(),
        logs: Mutex::default(),
    };
    let started = starter.all().await;
    let Starter { place, logs, .. } = starter;
    let units = match started {
        Ok(units) => units,
        Err(error) => {
            // What failed first is told; what the removal says is left to the next sweep.
            let removed = guard.remove().await;
            if let Err(left) = &removed {
                log::warn!("containers of run {} may be left: {left}", options.run);
            }
            logs::end(logs.into_inner()).await;
            discard_logs(&options, error.log()).await;
            return Err(match error {
                Error::Stopped { doing, .. } => Error::Stopped { doing, removed: removed.ok() },
                error => error,
            });
        }
    };
    guard.starting = false;
    let channel = (failures, failed);
    Ok(Containers::new(docker, options, place.network, units, guard, logs.into_inner(), channel))
}

/// Removes the logs of a start that came to nothing, but for the one that says why.
async fn discard_logs(options: &Options, but: Option<&Path>) {
    let replicas = (1..=options.replicas).map(Member::Replica);
    for member in [Member::LocalStack, Member::Primary, Member::Cache].into_iter().chain(replicas) {
        let log = options.log(member);
        if but != Some(&*log) {
            // One that was not begun is not there; one that stays does no harm.
            let _ = tokio::fs::remove_file(log).await;
        }
    }
}

/// This process; and its container, where the engine knows it.
async fn owner(docker: &Docker) -> Owner {
    let mut owner = Owner::here();
    if let Some(container) = owner.container() {
        let options = None::<bollard::query_parameters::InspectContainerOptions>;
        if docker.inspect_container(container, options).await.is_err() {
            owner.forget_container();
        }
    }
    owner
}

async fn fetch_images<P: Fn(Progress) + Send + Sync>(
    docker: &Docker,
    options: &Options,
    progress: &P,
    halt: &CancellationToken,
) -> Result<(), Error> {
    for image in options.images.wanted(options.database, options.cache) {
        if is_present(docker, image).await? {
            continue;
        }
        if !options.pull {
            return Err(Error::ImageMissing { image: image.to_owned() });
        }
        progress(Progress::Pulling { image: image.to_owned() });
        let began = Instant::now();
        let (name, tag) = crate::options::name_and_tag(image);
        tokio::select! {
            // The engine ends a pull whose client has gone.
            () = halt.cancelled() => {
                return Err(Error::Stopped { doing: format!("pulling {image}"), removed: Some(0) });
            }
            pulled = GenericImage::new(name, tag).pull_image() => {
                let _request = pulled.map_err(|error| error::pulling(image, &error))?;
            }
        }
        progress(Progress::Pulled { image: image.to_owned(), seconds: seconds(began) });
    }
    Ok(())
}

impl<P: Fn(Progress) + Send + Sync> Starter<'_, P> {
    async fn all(&self) -> Result<Vec<Arc<Unit>>, Error> {
        self.network().await?;
        let (localstack, databases, cache) = tokio::join!(
            self.one(Member::LocalStack),
            Box::pin(self.databases()),
            OptionFuture::from(self.options.cache.then(|| self.one(Member::Cache)))
        );
        let mut units = Vec::new();
        let mut stopped = Vec::new();
        let mut failures = Vec::new();
        for result in [localstack].into_iter().chain(databases).chain(cache) {
            match result {
                Ok(unit) => units.push(unit),
                Err(Error::Stopped { doing, .. }) => stopped.push(doing),
                Err(error) => failures.push(error),
            }
        }
        // The others only stopped because one failed.
        match failures.into_iter().next() {
            Some(failure) => Err(failure),
            None if stopped.is_empty() => Ok(units),
            None => Err(Error::stopped(format!("starting {}", list(&stopped)))),
        }
    }

    async fn network(&self) -> Result<(), Error> {
        let request = NetworkCreateRequest {
            name: self.place.network.clone(),
            labels: Some(self.place.labels.clone()),
            ..Default::default()
        };
        let created = self.docker.create_network(request).await;
        created.map_err(|error| Error::docker("creating the run's network", &error)).map(|_| ())
    }

    async fn databases(&self) -> Vec<Result<Arc<Unit>, Error>> {
        if !self.options.database {
            return Vec::new();
        }
        let primary = self.one(Member::Primary).await;
        let ready = primary.is_ok();
        let mut all = vec![primary];
        if ready {
            all.extend(
                join_all((1..=self.options.replicas).map(|n| self.one(Member::Replica(n)))).await,
            );
        }
        all
    }

    /// One container, until it answers. Its failure stops the others.
    async fn one(&self, member: Member) -> Result<Arc<Unit>, Error> {
        let result = Box::pin(self.until_ready(member)).await;
        if result.is_err() {
            self.halt.cancel();
        }
        result
    }

    async fn until_ready(&self, member: Member) -> Result<Arc<Unit>, Error> {
        if self.halt.is_cancelled() {
            return Err(Error::stopped(member.to_string()));
        }
        let recipe = Recipe::of(member, self.options);
        let (name, image) = (member.to_string(), recipe.image.clone());
        let log = self.options.log(member);
        let file = logs::open(&log).await?;
        (self.progress)(Progress::Starting { name: name.clone(), image });
        let began = Instant::now();
        let launched = launch(&recipe, &self.place).await?;
        let unit = Arc::new(Unit::new(recipe, launched, log));
        let follow =
            logs::follow(self.docker.clone(), Arc::clone(&unit), file, self.failures.clone());
        self.logs.lock().push(tokio::spawn(follow));
        (self.progress)(Progress::Started { name: name.clone(), seconds: seconds(began) });
        unit.read_address_or_end(&self.docker).await?;
        let version = unit.until_ready(&self.docker, self.options.ready_within, &self.halt).await?;
        (self.progress)(Progress::Ready { name, seconds: seconds(began), version });
        Ok(unit)
    }
}

/// `a, b and c`.
fn list(names: &[String]) -> String {
    match names {
        [before @ .., last] if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => names.concat(),
    }
}

fn seconds(began: Instant) -> f64 {
    began.elapsed().as_secs_f64()
}
