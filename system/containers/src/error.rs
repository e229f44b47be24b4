//! What can go wrong with containers, each with its way out. Users see these messages as they are.
//!
//! Deliberately absent: error types of Docker's client. What it said is kept as text, so that a
//! message can be shown again.

use std::{
    error::Error as Cause,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use bollard::errors::Error as DockerError;
use testcontainers::{TestcontainersError, core::error::ClientError};

use crate::recipe::Recipe;

/// Why containers could not be started, watched, broken or removed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// Nothing listens where the engine should.
    #[error(
        "no Docker engine answers at {at} ({cause}): start it (`sudo systemctl start docker`, or Docker Desktop), or \
         point DOCKER_HOST at one that runs (`docker context inspect` shows where), or run without containers: \
         --backend embedded"
    )]
    NoEngine {
        /// Where it was looked for.
        at: String,
        /// What the system said.
        cause: String,
    },
    /// The engine's socket takes connections, and no answer comes.
    #[error(
        "the Docker engine at {at} does not answer within {seconds} s: restart it (`sudo systemctl restart docker`), \
         or run without containers: --backend embedded"
    )]
    Hangs {
        /// Where it was asked.
        at: String,
        /// How long it was waited for.
        seconds: u64,
    },
    /// The socket is there, and not for this user.
    #[error(
        "no permission for the Docker engine at {at}: `sudo usermod -aG docker $USER` and log in again, or use sudo, \
         or run without containers: --backend embedded"
    )]
    Permission {
        /// Where it was asked.
        at: String,
    },
    /// An image is not there, and pulling was not asked for.
    #[error(
        "image {image} is not on this engine and pulling is off: `docker pull {image}`, or build it with \
         compose/images/build where no registry can be reached"
    )]
    ImageMissing {
        /// `name:tag`.
        image: String,
    },
    /// The registry did not give the image.
    #[error(
        "image {image} can't be pulled: {cause}; check name and tag, `docker login` for a private one, or build it \
         with compose/images/build where no registry can be reached"
    )]
    Pull {
        /// `name:tag`.
        image: String,
        /// The registry's words.
        cause: String,
    },
    /// The engine can't run what the image holds.
    #[error("{member}: image {image} can't be started: {cause}; {hint}")]
    WrongImage {
        /// The container.
        member: String,
        /// `name:tag`.
        image: String,
        /// The engine's words.
        cause: String,
        /// What should be in it, and how to name another.
        hint: String,
    },
    /// LocalStack ended because it wants an account.
    #[error(
        "{image} wants an account token: pin localstack/localstack:4.14.0, the last tag that starts without one, or \
         set LOCALSTACK_AUTH_TOKEN to a token of app.localstack.cloud; its last lines:\n{tail}"
    )]
    TokenWanted {
        /// `name:tag`.
        image: String,
        /// The end of its output.
        tail: String,
    },
    /// A container ended that nobody ended.
    #[error("{member} ({image}) ended with exit code {code}{said}")]
    Exited {
        /// The container.
        member: String,
        /// `name:tag`.
        image: String,
        /// Its process's exit code; 128 more than the signal that killed it.
        code: i64,
        /// What the code means, where that is known; of a start what may be wrong; the end of its
        /// output, and where all of it is.
        said: String,
        /// All of its output.
        log: PathBuf,
    },
    /// A container runs and does not answer as it should.
    #[error(
        "{container} was not ready within {} s: asked for {asked}, or is the machine too busy? \
         --ready-within waits longer{said}",
        within.as_secs()
    )]
    NeverReady {
        /// The container and its image.
        container: String,
        /// What it was asked, what came back last, and what may be wrong.
        asked: String,
        /// How long it was waited for.
        within: Duration,
        /// The end of its output, and where all of it is.
        said: String,
        /// All of its output.
        log: PathBuf,
    },
    /// The engine has no port to publish on.
    #[error(
        "{member}: the engine can't publish a port: {cause}; end what holds the ports (`docker ps`), or widen \
         /proc/sys/net/ipv4/ip_local_port_range, from which Docker chooses (it reads that when it starts)"
    )]
    Ports {
        /// The container.
        member: String,
        /// The engine's words.
        cause: String,
    },
    /// The engine's disk is full.
    #[error(
        "no space left on the engine's disk: {what}; free some (`docker system df`, `docker system prune`, `df -h`)"
    )]
    DiskFull {
        /// What was being written, and what the engine said.
        what: String,
    },
    /// The disk of the run's folder is full.
    #[error(
        "no space left for {}; free some on its disk (`df -h` shows which), or keep the run elsewhere: --out DIR",
        file.display()
    )]
    FolderFull {
        /// The file or folder.
        file: PathBuf,
    },
    /// The run's folder can't be written.
    #[error(
        "log {} can't be written: {cause}; make its folder writable, or keep the run elsewhere: --out DIR",
        file.display()
    )]
    Log {
        /// The file or folder.
        file: PathBuf,
        /// What the system said.
        cause: String,
    },
    /// The caller asked to stop; what was started is removed.
    #[error("interrupted while {doing}; {}", gone(*removed))]
    Stopped {
        /// What was being done.
        doing: String,
        /// Containers that were started and are removed; `None` where that failed.
        removed: Option<usize>,
    },
    /// Another run of this id goes on, or nobody can tell that it doesn't.
    #[error(
        "run {run} has containers already: end that run, or remove them with \
         `docker rm -f -v $(docker ps -aq --filter label=securecart.run={run})`"
    )]
    RunTaken {
        /// The run's id.
        run: String,
    },
    /// There is no such container in this run.
    #[error("this run has no {member}")]
    NoMember {
        /// The container that was asked for.
        member: String,
    },
    /// Everything else that the engine refuses.
    #[error("{doing}: the Docker engine says: {cause}")]
    Engine {
        /// What was tried.
        doing: String,
        /// The engine's words.
        cause: String,
    },
}

impl Error {
    /// What Docker's client says about `doing`.
    pub(crate) fn docker(doing: &str, error: &DockerError) -> Self {
        unreachable_engine(error).unwrap_or_else(|| said(doing, &words(error)))
    }

    /// It was stopped in the middle of this; what was started is yet to be removed.
    pub(crate) fn stopped(doing: impl Into<String>) -> Self {
        Self::Stopped { doing: doing.into(), removed: None }
    }

    /// The log that it sends its reader to.
    pub(crate) fn log(&self) -> Option<&Path> {
        match self {
            Self::Exited { log, .. } | Self::NeverReady { log, .. } => Some(log),
            _ => None,
        }
    }

    /// What testcontainers says about starting the container of `recipe`.
    pub(crate) fn starting(recipe: &Recipe, error: &TestcontainersError) -> Self {
        let cause = match error {
            TestcontainersError::Client(error) => match docker_error(error) {
                Some(error) => match unreachable_engine(error) {
                    Some(known) => return known,
                    None => words(error),
                },
                None => error.to_string(),
            },
            other => other.to_string(),
        };
        let (member, image) = (recipe.member.to_string(), recipe.image.clone());
        if is_about_ports(&cause) {
            return Self::Ports { member, cause };
        }
        if ["executable file not found", "exec format error", "no such file or directory: unknown"]
            .iter()
            .any(|sign| cause.contains(sign))
        {
            return Self::WrongImage { member, image, cause, hint: recipe.hint() };
        }
        said(&format!("starting {member} from {image}"), &cause)
    }

    /// What testcontainers says about reaching the engine.
    pub(crate) fn client(error: &ClientError) -> Self {
        match docker_error(error) {
            Some(error) => Self::docker("connecting", error),
            None => said("connecting", &error.to_string()),
        }
    }

    /// What the system says about a file of the run's folder.
    pub(crate) fn file(file: &Path, error: &io::Error) -> Self {
        let (file, cause) = (file.to_owned(), error.to_string());
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::FolderFull { file },
            _ => Self::Log { file, cause },
        }
    }

    /// Whether the engine has no such container, network or image (any more).
    pub(crate) fn is_gone(error: &DockerError) -> bool {
        matches!(error, DockerError::DockerResponseServerError { status_code: 404, .. })
    }
}

/// Where the engine is looked for, for messages. testcontainers itself reads `DOCKER_HOST`; here it
/// is only named.
pub(crate) fn engine_address() -> String {
    std::env::var_os("DOCKER_HOST").map_or_else(
        || "unix:///var/run/docker.sock".into(),
        |value| value.to_string_lossy().into_owned(),
    )
}

fn gone(removed: Option<usize>) -> String {
    match removed {
        None => "what was started may be left: the next start removes it".to_owned(),
        Some(0) => "no container was started".to_owned(),
        Some(1) => "removed 1 container".to_owned(),
        Some(many) => format!("removed {many} containers"),
    }
}

fn said(doing: &str, cause: &str) -> Error {
    if cause.contains("no space left on device") {
        return Error::DiskFull { what: format!("{doing}: {cause}") };
    }
    if cause.contains("non-overlapping IPv4 address pool") {
        return Error::Engine {
            doing: doing.to_owned(),
            cause: format!(
                "{cause}; too many networks: `docker network prune` removes unused ones"
            ),
        };
    }
    Error::Engine { doing: doing.to_owned(), cause: cause.to_owned() }
}

fn is_about_ports(cause: &str) -> bool {
    [
        "port is already allocated",
        "all ports are allocated",
        "address already in use",
        "failed to bind host port",
    ]
    .iter()
    .any(|sign| cause.contains(sign))
}

/// The engine's own words, without the client's frame.
pub(crate) fn words(error: &DockerError) -> String {
    match error {
        DockerError::DockerResponseServerError { status_code, message }
            if message.trim().is_empty() =>
        {
            format!("status {status_code}, without words")
        }
        DockerError::DockerResponseServerError { message, .. } => message.trim().to_owned(),
        DockerError::DockerStreamError { error } => error.trim().to_owned(),
        other => innermost(other).map_or_else(|| other.to_string(), |error| error.to_string()),
    }
}

fn docker_error(error: &ClientError) -> Option<&DockerError> {
    match error {
        ClientError::Init(error)
        | ClientError::PullImage { err: error, .. }
        | ClientError::CreateContainer(error)
        | ClientError::StartContainer(error)
        | ClientError::InspectContainer(error)
        | ClientError::ListNetworks(error)
        | ClientError::InspectNetwork(error)
        | ClientError::UploadToContainerError(error)
        | ClientError::RemoveContainer(error) => Some(error),
        _ => None,
    }
}

/// The pull's failure, in the registry's words.
pub(crate) fn pulling(image: &str, error: &TestcontainersError) -> Error {
    let cause = match error {
        TestcontainersError::Client(error) => match docker_error(error) {
            Some(error) => match unreachable_engine(error) {
                Some(known) => return known,
                None => words(error),
            },
            None => error.to_string(),
        },
        other => other.to_string(),
    };
    if cause.contains("no space left on device") {
        return Error::DiskFull { what: format!("pulling {image}: {cause}") };
    }
    Error::Pull { image: image.to_owned(), cause }
}

/// The errors that say that there is no engine to talk to.
fn unreachable_engine(error: &DockerError) -> Option<Error> {
    let at = engine_address();
    match error {
        DockerError::SocketNotFoundError(path) => {
            return Some(Error::NoEngine {
                at: path.clone(),
                cause: "there is no such socket".into(),
            });
        }
        DockerError::RequestTimeoutError => return Some(Error::Hangs { at, seconds: 120 }),
        DockerError::UnsupportedURISchemeError { .. }
        | DockerError::URLParseError { .. }
        | DockerError::InvalidURIError { .. } => {
            return Some(Error::NoEngine { at, cause: "not an address of an engine".into() });
        }
        _ => {}
    }
    let error = innermost(error)?;
    match error.kind() {
        io::ErrorKind::PermissionDenied => Some(Error::Permission { at }),
        io::ErrorKind::ConnectionRefused
        | io::ErrorKind::NotFound
        | io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::TimedOut => Some(Error::NoEngine { at, cause: error.to_string() }),
        _ => None,
    }
}

/// The system's error at the bottom of the client's.
fn innermost(error: &DockerError) -> Option<&io::Error> {
    // Transparent: it passes itself over as its own cause.
    if let DockerError::IOError { err } = error {
        return Some(err);
    }
    let mut cause: Option<&(dyn Cause + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return Some(error);
        }
        cause = error.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Member, Options};

    fn answer(status_code: u16, message: &str) -> DockerError {
        DockerError::DockerResponseServerError { status_code, message: message.into() }
    }

    fn system(kind: io::ErrorKind) -> DockerError {
        DockerError::IOError { err: io::Error::from(kind) }
    }

    fn started(message: &str) -> Error {
        let error = TestcontainersError::Client(ClientError::StartContainer(answer(500, message)));
        Error::starting(&Recipe::of(Member::Cache, &Options::new("run", "/tmp")), &error)
    }

    #[test]
    fn a_missing_or_closed_socket_names_the_backend_that_needs_none() {
        for error in [
            DockerError::SocketNotFoundError("/nowhere.sock".into()),
            system(io::ErrorKind::ConnectionRefused),
        ] {
            let error = Error::docker("connecting", &error);
            assert!(matches!(error, Error::NoEngine { .. }), "{error:?}");
            assert!(error.to_string().contains("--backend embedded"), "{error}");
        }
    }

    #[test]
    fn an_answer_without_words_has_its_status() {
        let error = Error::docker("asking", &answer(403, ""));
        assert!(error.to_string().ends_with("status 403, without words"), "{error}");
    }

    #[test]
    fn a_start_that_was_stopped_says_what_it_was_at_and_what_is_gone() {
        let text = |removed| {
            let doing = "starting localstack and cache".to_owned();
            Error::Stopped { doing, removed }.to_string()
        };
        assert_eq!(
            text(Some(3)),
            "interrupted while starting localstack and cache; removed 3 containers"
        );
        assert!(text(Some(1)).ends_with("; removed 1 container"));
        assert!(text(Some(0)).ends_with("; no container was started"));
        assert!(text(None).contains("may be left"));
    }

    #[test]
    fn permission_says_what_to_do() {
        let error = Error::docker("connecting", &system(io::ErrorKind::PermissionDenied));
        assert!(error.to_string().contains("usermod -aG docker"), "{error}");
    }

    #[test]
    fn what_the_engine_says_about_ports_disks_and_images_is_told_apart() {
        assert!(matches!(
            started("driver failed programming external connectivity: all ports are allocated"),
            Error::Ports { .. }
        ));
        assert!(matches!(
            started("Bind for 127.0.0.1:5432 failed: port is already allocated"),
            Error::Ports { .. }
        ));
        assert!(matches!(
            started("mkdir /var/lib/docker/overlay2/x: no space left on device"),
            Error::DiskFull { .. }
        ));
        let wrong = started("exec: \"--save\": executable file not found in $PATH: unknown");
        assert!(matches!(&wrong, Error::WrongImage { .. }), "{wrong:?}");
        let hint = "is it an image of Valkey? --cache-image names another";
        assert!(wrong.to_string().ends_with(hint), "{wrong}");
        assert!(matches!(started("something else"), Error::Engine { .. }));
    }

    #[test]
    fn a_disk_that_is_full_below_the_run_is_not_the_engines() {
        let file = Path::new("/runs/1/cache.log");
        let error = |kind: io::ErrorKind| Error::file(file, &io::Error::from(kind)).to_string();
        let full = error(io::ErrorKind::StorageFull);
        assert!(full.contains("/runs/1/cache.log") && full.contains("--out DIR"), "{full}");
        assert!(!full.contains("docker"), "{full}");
        let denied = error(io::ErrorKind::PermissionDenied);
        assert!(denied.contains("/runs/1/cache.log") && denied.contains("--out DIR"), "{denied}");
    }

    #[test]
    fn a_pull_keeps_the_registrys_words() {
        let client = ClientError::PullImage {
            descriptor: "no/such:1".into(),
            err: answer(404, "manifest for no/such:1 not found"),
        };
        let error = pulling("no/such:1", &TestcontainersError::Client(client));
        assert!(error.to_string().contains("manifest for no/such:1 not found"), "{error}");
    }
}
