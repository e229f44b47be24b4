//! The Docker engine: whether there is one, what it is, which images it has.
//!
//! It is found as testcontainers finds it: `DOCKER_HOST`, else the usual sockets. Contexts of the
//! `docker` command are not read, as testcontainers doesn't read them.

use std::{
    future::Future,
    net::{IpAddr, Ipv4Addr},
    path::Path,
    time::Duration,
};

use bollard::{Docker, query_parameters::InspectContainerOptions};

use crate::error::{Error, engine_address};

/// How long an engine may take to say what it is. A socket that hangs is as good as none.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// A Docker engine that answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Engine {
    /// Where it was found.
    pub at: String,
    /// Its version, for example `20.10.24`.
    pub version: String,
    /// The newest API that it speaks, for example `1.41`.
    pub api_version: String,
    /// Processors that its containers may use.
    pub cpus: u32,
    /// Memory that its containers may use.
    pub memory_bytes: u64,
    /// Operating system and architecture.
    pub os: String,
    /// Whether it runs without root.
    pub rootless: bool,
    /// Where it keeps images and containers, on its own host.
    pub root_folder: String,
}

/// testcontainers' connection. Each request opens one of its own, so that a clone works on any
/// runtime.
pub(crate) async fn connect() -> Result<Docker, Error> {
    testcontainers::core::client::docker_client_instance()
        .await
        .map_err(|error| Error::client(&error))
}

/// Asks the engine what it is; answers within two seconds, also when the engine does not.
///
/// # Errors
/// When there is no engine, it does not answer, or this user may not use it.
pub async fn docker() -> Result<Engine, Error> {
    in_time(async {
        let docker = connect().await?;
        let error = |error| Error::docker("asking for its version", &error);
        let (version, info) = tokio::join!(docker.version(), docker.info());
        let (version, info) = (version.map_err(error)?, info.map_err(error)?);
        Ok(Engine {
            at: engine_address(),
            version: version.version.unwrap_or_default(),
            api_version: version.api_version.unwrap_or_default(),
            cpus: info.ncpu.and_then(|count| u32::try_from(count).ok()).unwrap_or_default(),
            memory_bytes: info
                .mem_total
                .and_then(|bytes| bytes.try_into().ok())
                .unwrap_or_default(),
            os: [info.operating_system, info.architecture]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(", "),
            rootless: info
                .security_options
                .unwrap_or_default()
                .iter()
                .any(|option| option.contains("name=rootless")),
            root_folder: info.docker_root_dir.unwrap_or_default(),
        })
    })
    .await
}

/// Which of the images the engine has; never pulls.
///
/// # Errors
/// As [`docker`].
pub async fn images_present(images: &[&str]) -> Result<Vec<(String, bool)>, Error> {
    in_time(async {
        let docker = connect().await?;
        let mut answers = Vec::new();
        for &image in images {
            answers.push((image.to_owned(), is_present(&docker, image).await?));
        }
        Ok(answers)
    })
    .await
}

pub(crate) async fn is_present(docker: &Docker, image: &str) -> Result<bool, Error> {
    match docker.inspect_image(image).await {
        Ok(_) => Ok(true),
        Err(error) if Error::is_gone(&error) => Ok(false),
        Err(error) => Err(Error::docker(&format!("looking for image {image}"), &error)),
    }
}

async fn in_time<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    tokio::time::timeout(ANSWER_WITHIN, work).await.unwrap_or_else(|_| {
        Err(Error::Hangs { at: engine_address(), seconds: ANSWER_WITHIN.as_secs() })
    })
}

/// How this process and the containers find each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reach {
    /// The address on which ports are published: as few can reach as possible.
    pub(crate) publish_on: String,
    /// Where they are found from here; none where testcontainers knows better.
    pub(crate) host: Option<IpAddr>,
}

impl Reach {
    fn at(address: IpAddr) -> Self {
        Self { publish_on: address.to_string(), host: Some(address) }
    }

    /// Asks the engine where the process's own `container` is, if it runs in one.
    pub(crate) async fn find(docker: &Docker, container: Option<&str>) -> Self {
        let loopback = Self::at(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let everywhere = Self { publish_on: "0.0.0.0".into(), host: None };
        if !is_local(&engine_address()) {
            return everywhere;
        }
        let Some(container) = container else {
            let contained = Path::new("/.dockerenv").exists();
            return if contained { everywhere } else { loopback };
        };
        let options = None::<InspectContainerOptions>;
        let Ok(this) = docker.inspect_container(container, options).await else {
            return everywhere;
        };
        if this.host_config.and_then(|config| config.network_mode).as_deref() == Some("host") {
            return loopback;
        }
        // Its network's gateway is the engine's host; nobody outside of that host reaches it.
        let networks =
            this.network_settings.and_then(|settings| settings.networks).unwrap_or_default();
        let gateway = networks.into_values().find_map(|network| network.gateway?.parse().ok());
        gateway.map_or(everywhere, Self::at)
    }
}

/// Whether an engine's address means this machine.
fn is_local(address: &str) -> bool {
    let host = address.split_once("://").map_or(address, |(scheme, rest)| match scheme {
        "unix" | "npipe" => "localhost",
        _ => rest,
    });
    ["localhost", "127.0.0.1", "[::1]"].iter().any(|name| {
        host.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_on_this_machine_is_told_from_another() {
        for address in ["unix:///var/run/docker.sock", "tcp://localhost:2375", "tcp://127.0.0.1"] {
            assert!(is_local(address), "{address}");
        }
        for address in ["tcp://10.0.0.1:2375", "tcp://localhost.example.com:2375", "ssh://box"] {
            assert!(!is_local(address), "{address}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_socket_that_hangs_is_given_up_after_two_seconds() {
        let began = tokio::time::Instant::now();
        let answer = in_time(std::future::pending::<Result<(), Error>>()).await;
        assert!(matches!(answer, Err(Error::Hangs { seconds: 2, .. })), "{answer:?}");
        assert_eq!(began.elapsed(), ANSWER_WITHIN);
    }
}
