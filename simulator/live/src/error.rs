//! Why a run could not be had. What a run finds out is in its record, never here.

use std::{io, path::PathBuf};

use securecart_behaviour::{assumptions::Refused, lambda::Runtime};
use securecart_cloud::{Endpoint, innermost};
use securecart_edge::BindError;

/// What to do where the folder for temporary files has no room.
const ROOM: &str = "free some room there, or point TMPDIR at a folder on a disk that has some";

/// An error of this crate: what was being done, and why it failed.
#[derive(Debug, thiserror::Error)]
#[error("{context}: {kind}")]
pub struct Error {
    /// Why it failed.
    pub kind: ErrorKind,
    /// What was being done.
    pub context: &'static str,
}

/// Why something failed.
#[derive(Debug, thiserror::Error)]
pub enum ErrorKind {
    /// A port can't be had: the environment's doing.
    #[error(transparent)]
    Port(#[from] BindError),
    /// The AWS API failed.
    #[error(transparent)]
    Cloud(#[from] securecart_cloud::Error),
    /// The load generator failed.
    #[error(transparent)]
    Traffic(#[from] securecart_traffic::Error),
    /// The plan assumes something that can't be.
    #[error(transparent)]
    Assumption(#[from] Refused),
    /// A scaling policy can't work.
    #[error(transparent)]
    Scaling(#[from] securecart_behaviour::scaling::Error),
    /// A function can't be set up.
    #[error("{0}")]
    Function(String),
    /// Containers could not be started, broken or removed: the environment's doing.
    #[error("{0}")]
    Containers(Box<securecart_containers::Error>),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] securecart_database::Error),
    /// The cache can't be had.
    #[error(transparent)]
    Cache(#[from] securecart_cache::Error),
    /// A URL of a database or a cache that is none.
    #[error("{0}")]
    Url(String),
    /// The folder for temporary files can't take the database's.
    #[error("its files go to `{}`: {cause}; {way_out}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system or the database said.
        cause: String,
        /// What to do about it.
        way_out: &'static str,
    },
    /// The emulator does not answer as AWS does.
    #[error("{0}")]
    Emulator(String),
    /// The facts for the audit could not be read.
    #[error("{0}")]
    Facts(String),
}

impl Error {
    pub(crate) fn gateway(error: BindError) -> Self {
        Self { kind: error.into(), context: "start the gateway" }
    }

    pub(crate) fn aws_port(error: BindError) -> Self {
        Self { kind: error.into(), context: "serve the AWS API" }
    }

    pub(crate) fn provision(error: securecart_cloud::Error) -> Self {
        Self { kind: error.into(), context: "provision SecureCart" }
    }

    pub(crate) fn traffic(error: securecart_traffic::Error) -> Self {
        Self { kind: error.into(), context: "drive the load" }
    }

    pub(crate) fn assumption(error: Refused) -> Self {
        Self { kind: error.into(), context: "take the scenario's assumptions" }
    }

    pub(crate) fn function(name: &str, error: impl std::fmt::Display) -> Self {
        let kind = ErrorKind::Function(format!("`{name}`: {error}"));
        Self { kind, context: "set up a function" }
    }

    pub(crate) fn runtime(runtime: &str) -> Self {
        let known = Runtime::ALL.map(Runtime::identifier).join(", ");
        let message = format!("there is no runtime `{runtime}`; there are {known}");
        Self { kind: ErrorKind::Function(message), context: "set up a function" }
    }

    pub(crate) fn containers(error: securecart_containers::Error) -> Self {
        Self { kind: ErrorKind::Containers(Box::new(error)), context: "containers" }
    }

    pub(crate) fn database(error: securecart_database::Error) -> Self {
        match error.kind {
            securecart_database::Kind::Disk(cause) => Self::disk(cause, ROOM),
            _ => Self { kind: error.into(), context: "open the database" },
        }
    }

    pub(crate) fn cache(error: securecart_cache::Error) -> Self {
        Self { kind: error.into(), context: "connect to the cache" }
    }

    pub(crate) fn url(url: &str, why: &str) -> Self {
        Self { kind: ErrorKind::Url(format!("`{url}`: {why}")), context: "read a URL" }
    }

    /// The folder for temporary files takes no folder of ours.
    pub(crate) fn folder(error: &io::Error) -> Self {
        let (cause, way_out) = match error.kind() {
            io::ErrorKind::NotFound => (
                "it does not exist".to_owned(),
                "make it, or point TMPDIR at a folder that is there",
            ),
            io::ErrorKind::NotADirectory => ("it is no folder".to_owned(), "point TMPDIR at one"),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                (error.kind().to_string(), ROOM)
            }
            // The kind, and not the name of the folder that was to be made: nobody knows that one.
            kind => (kind.to_string(), "make it writable, or point TMPDIR at a folder that is"),
        };
        Self::disk(cause, way_out)
    }

    fn disk(cause: String, way_out: &'static str) -> Self {
        let folder = std::env::temp_dir();
        Self { kind: ErrorKind::Folder { folder, cause, way_out }, context: "open the database" }
    }

    pub(crate) fn probe(error: impl std::error::Error) -> Self {
        let mut causes = vec![error.to_string()];
        let mut source = error.source();
        while let Some(cause) = source {
            causes.push(cause.to_string());
            source = cause.source();
        }
        causes.dedup();
        let message = format!(
            "{}; is it an AWS emulator, and does it have SQS, DynamoDB, SNS and EventBridge?",
            causes.join(": ")
        );
        Self { kind: ErrorKind::Emulator(message), context: "look at the AWS API" }
    }

    pub(crate) fn unanswered(
        endpoint: &Endpoint,
        error: &(dyn std::error::Error + 'static),
    ) -> Self {
        let why = innermost(error);
        let message = format!(
            "nothing answers at {endpoint} ({why}): start the emulator, or run without one: \
             --backend embedded"
        );
        Self { kind: ErrorKind::Emulator(message), context: "look at the AWS API" }
    }

    pub(crate) fn scaling(error: securecart_behaviour::scaling::Error) -> Self {
        Self { kind: error.into(), context: "set up scaling" }
    }

    pub(crate) fn facts(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Facts(message.into()), context: "read the facts for the audit" }
    }

    /// Whether another environment (a free port, a higher limit) would do.
    #[must_use]
    pub fn is_environment(&self) -> bool {
        match &self.kind {
            ErrorKind::Port(_)
            | ErrorKind::Containers(_)
            | ErrorKind::Cache(_)
            | ErrorKind::Folder { .. }
            | ErrorKind::Emulator(_) => true,
            ErrorKind::Database(error) => {
                !matches!(error.kind, securecart_database::Kind::Broken(_))
            }
            ErrorKind::Traffic(error) => {
                matches!(error, securecart_traffic::Error::OpenFiles { .. })
            }
            ErrorKind::Cloud(error) => {
                matches!(error.kind, securecart_cloud::ErrorKind::Unreachable(_))
            }
            ErrorKind::Assumption(_)
            | ErrorKind::Url(_)
            | ErrorKind::Scaling(_)
            | ErrorKind::Function(_)
            | ErrorKind::Facts(_) => false,
        }
    }
}
