//! The containers of a run: started, watched, broken, removed.
//!
//! `--backend localstack` runs SecureCart on LocalStack, PostgreSQL with a streaming replica, and
//! Valkey or Memcached, in containers of its own on the Docker engine of this machine:
//!
//! ```text
//!   Options ─▶ Containers::start ─▶ sweep ─▶ images ─▶ network ─┬▶ LocalStack
//!                                                               ├▶ primary ─▶ replicas
//!                                                               └▶ cache
//!   Containers: addresses · stats · failed · pause/kill/disconnect and back · promote · remove
//! ```
//!
//! Start them in the run's folder, hand on what `Progress` says, and remove them at the end:
//!
//! ```no_run
//! # async fn run(stop: impl Future<Output = ()> + Send) -> Result<(), securecart_containers::Error> {
//! use securecart_containers::{Containers, Member, Options};
//!
//! let options = Options::new("black-friday-0001", "reports/runs/0001/containers");
//! let containers = Containers::start(options, |progress| log::info!("{progress:?}"), stop).await?;
//! let endpoint = format!("http://{}", containers.aws());
//! containers.kill(Member::Primary).await?;
//! let moved_to = containers.start_again(Member::Primary).await?;
//! containers.ready(Member::Primary).await?;
//! containers.remove().await
//! # }
//! ```
//!
//! # Invariants
//!
//! - Nothing is left. [`Containers::remove`] removes containers, volumes and network; a drop does the
//!   same from a thread of its own, also in a panic; after `kill -9` the next start does ([`sweep`]).
//!   What is removed carries our labels, and its owner is known to be gone.
//! - A start that fails keeps one log at the most: that of the container that it failed by.
//! - Ready means that the shop's own question was answered over the published port.
//! - Ports are chosen by Docker and published on loopback. They *change* when a container is started
//!   again or put back on the network: [`Containers::start_again`] and [`Containers::reconnect`] give
//!   the new address, and the accessors know it.
//! - An [`Error`] is one message for the user, with the way out.
//!
//! # What testcontainers does, and what not
//!
//! testcontainers (0.28) finds the engine (`DOCKER_HOST`, else the usual sockets; contexts of the
//! `docker` command are not read), pulls with the user's credentials, creates and starts. Its client
//! is used for everything else, so there is one bollard. Removal is ours: it works without a runtime,
//! and `TESTCONTAINERS_COMMAND=keep` does not keep containers of a run. There is no reaper container.
//!
//! # Deliberately absent
//!
//! Limits of CPU and memory; keeping containers from run to run (compose/ is for that); LocalStack's
//! Lambda executor, which would need the engine's socket inside of the container.
#![forbid(unsafe_code)]

mod cleanup;
mod containers;
mod engine;
mod error;
mod launch;
mod logs;
mod member;
mod options;
mod owner;
mod postgres;
mod ready;
mod recipe;
mod start;
mod stats;
mod unit;

pub use cleanup::sweep;
pub use containers::{Containers, Described};
pub use engine::{Engine, docker, images_present};
pub use error::Error;
pub use member::Member;
pub use options::{
    CacheEngine, Images, LOCALSTACK, MEMCACHED, Options, POSTGRES, SERVICES, VALKEY,
};
pub use owner::{MEMBER, OWNER, RUN};
pub use start::Progress;
pub use stats::ContainerStats;
