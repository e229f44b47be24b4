//! From a recipe to a container, with testcontainers.
//!
//! testcontainers creates and starts; from then on the container is ours: its own removal at a drop
//! needs a runtime and heeds `TESTCONTAINERS_COMMAND=keep`, and ours must work without the one and
//! despite the other. Its wait strategies are not used, because they can't be stopped.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

use bollard::models::PortBinding;
use testcontainers::{
    ContainerRequest, CopyTargetOptions, GenericImage, Healthcheck, ImageExt as _,
    core::IntoContainerPort as _, runners::AsyncRunner as _,
};

use crate::{engine::Reach, error::Error, options::name_and_tag, recipe::Recipe};

/// Longest time for creating and starting, without getting ready: a busy disk takes seconds.
const START_WITHIN: Duration = Duration::from_secs(60);

/// PostgreSQL's shared memory for parallel queries; Docker's default of 64 MB is too small for them.
const SHARED_MEMORY_BYTES: u64 = 256 * 1024 * 1024;

/// A container that was started.
pub(crate) struct Launched {
    pub(crate) id: String,
    /// The engine's host, as it is reached from here.
    pub(crate) host: IpAddr,
}

/// Where containers of a run go, and what they carry.
pub(crate) struct Place {
    pub(crate) network: String,
    pub(crate) labels: HashMap<String, String>,
    pub(crate) reach: Reach,
}

/// Creates and starts the container of `recipe`.
pub(crate) async fn launch(recipe: &Recipe, place: &Place) -> Result<Launched, Error> {
    let failed = |error| Error::starting(recipe, &error);
    let container = request(recipe, place).start().await.map_err(failed)?;
    let id = container.id().to_owned();
    let host = container.get_host().await.map_err(failed).map(|host| host.to_string());
    // Ours from here on; see above.
    std::mem::forget(container);
    let host = match place.reach.host {
        Some(host) => host,
        None => resolve(&host?).await?,
    };
    Ok(Launched { id, host })
}

fn request(recipe: &Recipe, place: &Place) -> ContainerRequest<GenericImage> {
    let (name, tag) = name_and_tag(&recipe.image);
    let image = GenericImage::new(name, tag).with_exposed_port(recipe.port.tcp());
    // Only the port that is asked for, and on one address: testcontainers would publish every port
    // that the image exposes (LocalStack has 52) on every interface.
    let key = recipe.port.tcp().to_string();
    let publish_on = place.reach.publish_on.clone();
    let mut request = image
        .with_container_name(&recipe.name)
        .with_network(&place.network)
        .with_labels(&place.labels)
        .with_label(recipe.label().0, recipe.label().1)
        // The images' own checks start a program every few seconds, LocalStack's a whole Python: that
        // would be part of what is measured. Whether a container answers is asked from outside.
        .with_health_check(Healthcheck::none())
        .with_shm_size(SHARED_MEMORY_BYTES)
        .with_startup_timeout(START_WITHIN)
        .with_host_config_modifier(move |config| {
            config.publish_all_ports = Some(false);
            let binding =
                PortBinding { host_ip: Some(publish_on.clone()), host_port: Some(String::new()) };
            config.port_bindings = Some(HashMap::from([(key.clone(), Some(vec![binding]))]));
        })
        .with_cmd(recipe.command.iter().cloned());
    for (name, value) in &recipe.environment {
        request = request.with_env_var(name, value);
    }
    if let Some((path, content)) = recipe.file {
        let target = CopyTargetOptions::new(path).with_mode(0o755);
        request = request.with_copy_to(target, content.as_bytes().to_vec());
    }
    request
}

/// The address of the engine's host.
async fn resolve(host: &str) -> Result<IpAddr, Error> {
    // Ports are published on IPv4's loopback, and `localhost` may mean IPv6's first.
    if host == "localhost" {
        return Ok(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    let failed = |cause: String| Error::Engine {
        doing: format!("resolving the engine's host {host}"),
        cause,
    };
    let mut addresses =
        tokio::net::lookup_host((host, 0)).await.map_err(|error| failed(error.to_string()))?;
    addresses.next().map(|address| address.ip()).ok_or_else(|| failed("it has no address".into()))
}
