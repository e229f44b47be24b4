//! One server: the gate in front of it, its counts, and how to connect to it.

use std::{
    fmt,
    sync::{
        Arc, Weak,
        atomic::{
            AtomicBool, AtomicU32, AtomicU64,
            Ordering::{Acquire, Relaxed, Release},
        },
    },
};

use parking_lot::Mutex;
use sqlx::PgConnection;
use tokio::sync::Notify;

use crate::{
    Error, Kind, ServerMetrics,
    gauges::Gauges,
    pool::Idle,
    postgres, sqlite,
    statement::{Outcome, Work},
};

/// What a server is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Takes the writes.
    Primary,
    /// Follows the primary and serves reads.
    Replica,
}

impl Role {
    /// The name in records and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Replica => "replica",
        }
    }
}

#[derive(Debug)]
pub(crate) enum Backend {
    Sqlite(sqlite::Files),
    Postgres(postgres::Endpoint),
}

/// What [`Server::lag_us`] holds where the lag can't be told.
const UNKNOWN: u64 = u64::MAX;

#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) gauges: Gauges,
    pub(crate) backend: Backend,
    /// Told when an outage begins, modelled or real.
    pub(crate) outage: Notify,
    /// The pools' idle connections, to close them when they are of no use any more.
    pub(crate) idle: Mutex<Vec<Weak<Idle>>>,
    /// Position of the last write: the primary's last commit, the last one a replica applied.
    pub(crate) position: AtomicU64,
    /// Whether it answered when it was last looked at.
    pub(crate) answers: AtomicBool,
    lag_us: AtomicU64,
    max_connections: u32,
    outages: AtomicU32,
    /// Connections of an earlier generation are broken.
    generation: AtomicU64,
}

impl Server {
    pub(crate) fn new(name: String, role: Role, max_connections: u32, backend: Backend) -> Self {
        Self {
            name,
            role,
            gauges: Gauges::default(),
            backend,
            outage: Notify::new(),
            idle: Mutex::default(),
            position: AtomicU64::new(0),
            answers: AtomicBool::new(true),
            lag_us: AtomicU64::new(UNKNOWN),
            max_connections,
            outages: AtomicU32::new(0),
            generation: AtomicU64::new(0),
        }
    }

    pub(crate) fn is_down(&self) -> bool {
        self.outages.load(Acquire) > 0
    }

    pub(crate) fn is_available(&self) -> bool {
        !self.is_down() && self.answers.load(Relaxed)
    }

    /// Why a connection is refused at once, where it is.
    pub(crate) fn refusal(&self) -> Option<Error> {
        if self.is_down() {
            return Some(self.unavailable("connection refused"));
        }
        // Whoever tried would wait for a server that the watch is waiting for already.
        (!self.answers.load(Relaxed)).then(|| self.unavailable("it does not answer"))
    }

    pub(crate) fn unavailable(&self, why: &str) -> Error {
        Error::new(Kind::Unavailable(why.to_owned()), self.name.clone())
    }

    /// A new connection, if the server takes one more.
    pub(crate) async fn connect(server: &Arc<Self>) -> Result<Open, Error> {
        let generation = server.generation();
        let Some(counted) = Counted::one_more(server) else {
            return Err(Error::new(Kind::TooManyConnections, server.name.clone()));
        };
        let line = match &server.backend {
            Backend::Sqlite(_) => Line::Sqlite,
            Backend::Postgres(endpoint) => {
                Line::Postgres(Box::new(endpoint.connect(&server.name).await?))
            }
        };
        Ok(Open { line, generation, counted })
    }

    /// Which connections are not broken: those of this number.
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Acquire)
    }

    /// Breaks every connection there is: idle ones at once, others when they are given back.
    pub(crate) fn disconnect(&self) {
        self.generation.fetch_add(1, Release);
        self.idle.lock().retain(|pool| {
            let Some(pool) = pool.upgrade() else { return false };
            // Closed outside of the lock.
            let closed = std::mem::take(&mut *pool.lock());
            drop(closed);
            true
        });
    }

    pub(crate) fn set_lag(&self, lag: Option<std::time::Duration>) {
        let us = lag.map_or(UNKNOWN, |lag| u64::try_from(lag.as_micros()).unwrap_or(UNKNOWN - 1));
        self.lag_us.store(us, Relaxed);
    }

    pub(crate) fn metrics(&self) -> ServerMetrics {
        let mut metrics = self.gauges.metrics(&self.name, self.role, self.max_connections);
        metrics.available = self.is_available();
        match &self.backend {
            Backend::Sqlite(files) => {
                if let Some(follower) = &files.follower {
                    metrics.log_full = follower.log_full();
                    metrics.lag_ms = Some(follower.lag().as_secs_f64() * 1e3);
                }
            }
            Backend::Postgres(_) => {
                let us = self.lag_us.load(Relaxed);
                metrics.lag_ms = (us != UNKNOWN).then(|| us as f64 / 1e3);
            }
        }
        metrics
    }
}

/// A connection that is open and counted.
#[derive(Debug)]
pub(crate) struct Open {
    line: Line,
    generation: u64,
    counted: Counted,
}

enum Line {
    /// SQLite's files are open already: the connection is a place at the server and nothing else.
    Sqlite,
    Postgres(Box<PgConnection>),
}

impl fmt::Debug for Line {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::Sqlite => "Sqlite",
            Self::Postgres(_) => "Postgres",
        })
    }
}

impl Open {
    pub(crate) fn is_current(&self) -> bool {
        let server = &self.counted.0;
        !server.is_down() && self.generation == server.generation()
    }

    pub(crate) async fn run(&mut self, work: &Work) -> Result<Outcome, Error> {
        let server = &self.counted.0;
        match (&mut self.line, &server.backend) {
            (Line::Postgres(connection), Backend::Postgres(endpoint)) => {
                endpoint.run(connection, work, server).await
            }
            (_, Backend::Sqlite(files)) => files.run(work, server).await,
            (Line::Sqlite, Backend::Postgres(_)) => {
                unreachable!("a connection is of its server's kind")
            }
        }
    }
}

/// A connection's place among those that its server takes.
#[derive(Debug)]
struct Counted(Arc<Server>);

impl Counted {
    fn one_more(server: &Arc<Server>) -> Option<Self> {
        server.gauges.try_open(server.max_connections).then(|| Self(Arc::clone(server)))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.gauges.open.fetch_sub(1, Relaxed);
    }
}

/// A server that refuses connections, and has broken those it had, until this is dropped.
#[derive(Debug)]
#[must_use = "the outage ends when this is dropped"]
pub struct Outage {
    server: Arc<Server>,
}

impl Outage {
    pub(crate) fn of(server: &Arc<Server>) -> Self {
        server.outages.fetch_add(1, Release);
        server.disconnect();
        server.outage.notify_waiters();
        Self { server: Arc::clone(server) }
    }
}

impl Drop for Outage {
    fn drop(&mut self) {
        self.server.outages.fetch_sub(1, Release);
        if let Backend::Sqlite(files) = &self.server.backend
            && let Some(follower) = &files.follower
        {
            follower.wake();
        }
    }
}
