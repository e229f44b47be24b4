//! Nothing is left: containers, their volumes, the run's network; by label, so that what a crashed
//! run left is found as well.

use std::{collections::HashMap, future::Future, sync::mpsc, thread, time::Duration};

use bollard::{
    Docker,
    models::{ContainerSummary, Network},
    query_parameters::{
        InspectContainerOptions, ListContainersOptionsBuilder, ListNetworksOptionsBuilder,
        RemoveContainerOptionsBuilder,
    },
};
use futures::future::join_all;
use tokio::time::{sleep, timeout};

use crate::{
    engine::connect,
    error::Error,
    owner::{Fate, OWNER, Owner, RUN, start_of},
};

/// Longest wait of a drop for the engine, which on a machine that is overloaded takes half a minute
/// for what is a second's work; what is left then is for the next sweep.
const DROP_WITHIN: Duration = Duration::from_secs(60);
/// How often and how many times a network is tried that still has containers on their way out.
const NETWORK_AGAIN: Duration = Duration::from_millis(100);
const NETWORK_TRIES: u32 = 50;

/// Removes containers and networks that carry our label and whose owner is gone: what a run left
/// that was killed. What it can't decide it leaves alone, and always what belongs to a run that goes
/// on. Gives the names of what it removed.
///
/// # Errors
/// When the engine can't be reached or refuses to list; a container that can't be removed is left
/// for the next time.
pub async fn sweep() -> Result<Vec<String>, Error> {
    let docker = connect().await?;
    let here = Owner::here();
    let found = Found::with(&docker, vec![OWNER.into()]).await?;
    let mut fates: HashMap<String, bool> = HashMap::new();
    for owner in found.owners() {
        let gone = match owner.parse::<Owner>() {
            Ok(owner) => is_gone(&docker, &owner, &here).await,
            Err(()) => false,
        };
        fates.insert(owner, gone);
    }
    let left = found.only(|owner| fates.get(owner) == Some(&true));
    Ok(left.remove(&docker).await.0)
}

async fn is_gone(docker: &Docker, owner: &Owner, here: &Owner) -> bool {
    match owner.fate(here, start_of) {
        Fate::Lives => false,
        Fate::Gone => true,
        Fate::Asks(container) => {
            match docker.inspect_container(&container, None::<InspectContainerOptions>).await {
                Ok(answer) => answer.state.and_then(|state| state.running) == Some(false),
                Err(error) => Error::is_gone(&error),
            }
        }
    }
}

/// Removes what `owner` started for `run`; how many containers that were.
pub(crate) async fn remove_run(docker: &Docker, owner: &Owner, run: &str) -> Result<usize, Error> {
    let labels = vec![format!("{RUN}={run}"), format!("{OWNER}={owner}")];
    let found = Found::with(docker, labels).await?;
    let containers = found.containers.len();
    let (_, failed) = found.remove(docker).await;
    failed.map_or(Ok(containers), Err)
}

/// Whether `run` has containers on the engine, or a network.
pub(crate) async fn is_taken(docker: &Docker, run: &str) -> Result<bool, Error> {
    let found = Found::with(docker, vec![format!("{RUN}={run}")]).await?;
    Ok(!found.containers.is_empty() || !found.networks.is_empty())
}

/// Containers and networks that carry a label.
struct Found {
    containers: Vec<ContainerSummary>,
    networks: Vec<Network>,
}

impl Found {
    async fn with(docker: &Docker, labels: Vec<String>) -> Result<Self, Error> {
        let filters = HashMap::from([("label", labels)]);
        let of_containers = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
        let of_networks = ListNetworksOptionsBuilder::new().filters(&filters).build();
        let error = |error| Error::docker("looking for what is left", &error);
        Ok(Self {
            containers: docker.list_containers(Some(of_containers)).await.map_err(error)?,
            networks: docker.list_networks(Some(of_networks)).await.map_err(error)?,
        })
    }

    fn owners(&self) -> Vec<String> {
        let of_containers = self.containers.iter().map(|container| &container.labels);
        let of_networks = self.networks.iter().map(|network| &network.labels);
        let mut owners: Vec<String> = of_containers
            .chain(of_networks)
            .filter_map(|labels| labels.as_ref()?.get(OWNER).cloned())
            .collect();
        owners.sort();
        owners.dedup();
        owners
    }

    fn only(self, keep: impl Fn(&str) -> bool) -> Self {
        let owned = |labels: &Option<HashMap<String, String>>| {
            labels.as_ref().and_then(|labels| labels.get(OWNER)).is_some_and(|owner| keep(owner))
        };
        Self {
            containers: self
                .containers
                .into_iter()
                .filter(|container| owned(&container.labels))
                .collect(),
            networks: self.networks.into_iter().filter(|network| owned(&network.labels)).collect(),
        }
    }

    /// The names of what was removed, and the first failure.
    async fn remove(self, docker: &Docker) -> (Vec<String>, Option<Error>) {
        let containers = self.containers.into_iter().filter_map(|container| {
            let id = container.id?;
            let name = container.names.and_then(|names| names.into_iter().next());
            let name =
                name.map_or_else(|| id.clone(), |name| name.trim_start_matches('/').to_owned());
            Some(async move { (remove_container(docker, &id).await, name) })
        });
        let mut done = join_all(containers).await;
        for network in self.networks {
            if let (Some(id), Some(name)) = (network.id, network.name) {
                done.push((remove_network(docker, &id).await, name));
            }
        }
        let mut removed = Vec::new();
        let mut failed = None;
        for (result, name) in done {
            match result {
                Ok(()) => removed.push(name),
                Err(error) => {
                    failed
                        .get_or_insert_with(|| Error::docker(&format!("removing {name}"), &error));
                }
            }
        }
        (removed, failed)
    }
}

/// With its anonymous volumes, in whatever state it is.
async fn remove_container(docker: &Docker, id: &str) -> Result<(), bollard::errors::Error> {
    let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
    match docker.remove_container(id, Some(options)).await {
        Err(error) if Error::is_gone(&error) || is_in_progress(&error) => Ok(()),
        result => result,
    }
}

/// Another one removes it already.
fn is_in_progress(error: &bollard::errors::Error) -> bool {
    matches!(error, bollard::errors::Error::DockerResponseServerError { status_code: 409, message }
        if message.contains("already in progress"))
}

async fn remove_network(docker: &Docker, id: &str) -> Result<(), bollard::errors::Error> {
    let mut tries = 1;
    loop {
        match docker.remove_network(id).await {
            Ok(()) => return Ok(()),
            Err(error) if Error::is_gone(&error) => return Ok(()),
            Err(error) if tries == NETWORK_TRIES => return Err(error),
            Err(_) => {}
        }
        tries += 1;
        sleep(NETWORK_AGAIN).await;
    }
}

/// Removes a run's containers when it is dropped: on an error, a panic, or a start that is given up.
#[derive(Debug)]
pub(crate) struct Guard {
    docker: Docker,
    owner: Owner,
    run: String,
    armed: bool,
    /// Whether containers may be on their way that are not listed yet.
    pub(crate) starting: bool,
}

impl Guard {
    pub(crate) fn new(docker: Docker, owner: Owner, run: String) -> Self {
        Self { docker, owner, run, armed: true, starting: true }
    }

    /// Removes now, and says how many containers there were; nothing is left to do at the drop,
    /// unless it fails.
    pub(crate) async fn remove(mut self) -> Result<usize, Error> {
        let containers = remove_run(&self.docker, &self.owner, &self.run).await?;
        self.armed = false;
        Ok(containers)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if !self.armed {
            return;
        }
        let (docker, owner, run) = (self.docker.clone(), self.owner.clone(), self.run.clone());
        let starting = self.starting;
        let removed = blocking(async move {
            remove_run(&docker, &owner, &run).await?;
            if starting {
                // A request that was given up may still be carried out.
                sleep(Duration::from_millis(500)).await;
                remove_run(&docker, &owner, &run).await?;
            }
            Ok(())
        });
        if let Err(cause) = removed {
            log::warn!(
                "containers of run {} may be left, the next start removes them: {cause}",
                self.run
            );
        }
    }
}

/// Runs `work` to its end on a thread and a runtime of its own: a drop happens anywhere, also on a
/// runtime that is being shut down. Waits for it, but not for ever.
fn blocking(work: impl Future<Output = Result<(), Error>> + Send + 'static) -> Result<(), String> {
    let (done, result) = mpsc::channel();
    let thread = thread::Builder::new().name("securecart-cleanup".into()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let result = match runtime {
            Ok(runtime) => match runtime.block_on(async { timeout(DROP_WITHIN, work).await }) {
                Ok(result) => result.map_err(|error| error.to_string()),
                Err(_) => Err("the engine took too long".into()),
            },
            Err(error) => Err(error.to_string()),
        };
        let _ = done.send(result);
    });
    thread.map_err(|error| error.to_string())?;
    result
        .recv_timeout(DROP_WITHIN + Duration::from_secs(1))
        .unwrap_or_else(|_| Err("the engine took too long".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drop_waits_for_its_work_and_tells_what_failed() {
        assert_eq!(blocking(async { Ok(()) }), Ok(()));
        let error = Error::stopped("starting cache");
        let text = error.to_string();
        assert_eq!(blocking(async { Err(error) }), Err(text));
    }

    #[tokio::test]
    async fn a_drop_works_on_a_thread_that_belongs_to_a_runtime() {
        assert_eq!(blocking(async { Ok(()) }), Ok(()));
    }

    #[test]
    fn only_what_is_chosen_is_kept() {
        let owned = |owner: &str| Some(HashMap::from([(OWNER.to_owned(), owner.to_owned())]));
        let container = |owner| ContainerSummary { labels: owned(owner), ..Default::default() };
        let found = Found {
            containers: vec![container("a"), container("b"), ContainerSummary::default()],
            networks: vec![Network { labels: owned("b"), ..Default::default() }],
        };
        assert_eq!(found.owners(), ["a", "b"]);
        let left = found.only(|owner| owner == "b");
        assert_eq!((left.containers.len(), left.networks.len()), (1, 1));
    }
}
