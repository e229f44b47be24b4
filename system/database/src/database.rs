//! The database of a run: its servers, and what is done to them from outside.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use parking_lot::Mutex;
use securecart_behaviour::rds::{REPLICAS_MAX, ReplicaLag};
use tokio::{sync::mpsc, task::JoinHandle};

use crate::{
    Connections, Error, Kind, LagGuard, Outage, Role, ServerMetrics, Settings, Source,
    lag::AddedLag,
    pool::Pool,
    postgres,
    recent::Recent,
    server::{Backend, Server},
    sqlite::{self, Follower, Hold, Times},
};

/// The database of a run. Clones are the same database; it ends with the last of them, or when one
/// of them is [closed](Self::close).
#[derive(Debug, Clone)]
pub struct Database {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    primary: Arc<Server>,
    replicas: Vec<Arc<Server>>,
    settings: Settings,
    connections: Mutex<BTreeMap<&'static str, Connections>>,
    recent: Arc<Recent>,
    lag: Arc<AddedLag>,
    /// Writer and followers of SQLite.
    tasks: Mutex<Vec<JoinHandle<()>>>,
    /// The watch over PostgreSQL, which ends by itself when the lag does.
    watch: Mutex<Option<JoinHandle<()>>>,
    schema: Option<String>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        for task in self.tasks.get_mut() {
            task.abort();
        }
        self.lag.end();
    }
}

impl Database {
    /// Connects to the servers of `source` and brings their tables up to date.
    ///
    /// # Errors
    /// When a server can't be reached, when a migration fails (the error names it), and when
    /// PostgreSQL has the run's schema already or a replica does not follow the primary.
    pub async fn open(source: Source, settings: Settings) -> Result<Self, Error> {
        let inner = match source {
            Source::Sqlite { folder } => {
                files(&folder, settings).await.map_err(|error| error.of_files(&folder))?
            }
            Source::Postgres { primary, replicas, run } => {
                servers(&primary, &replicas, &run, settings).await?
            }
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The connections of `service`: the same ones whenever it asks.
    pub fn connections(&self, service: &'static str) -> Connections {
        let mut connections = self.inner.connections.lock();
        connections.entry(service).or_insert_with(|| self.inner.pools()).clone()
    }

    /// Every server, the primary first.
    #[must_use]
    pub fn metrics(&self) -> Vec<ServerMetrics> {
        self.inner.servers().map(|server| server.metrics()).collect()
    }

    /// Breaks the connections to `server`, which refuses new ones until the guard is dropped: the
    /// failover of the primary, the loss of a replica. `None` where there is no such server.
    #[must_use]
    pub fn outage(&self, server: &str) -> Option<Outage> {
        self.inner.server(server).map(Outage::of)
    }

    /// Has every replica lag so much more until the guard is dropped. On PostgreSQL by
    /// `recovery_min_apply_delay`, which the user must be allowed to set; a replica that refuses is
    /// named in the log.
    pub fn fall_behind(&self, added: Duration) -> LagGuard {
        LagGuard::new(&self.inner.lag, added)
    }

    /// `server` of PostgreSQL is at `address` from now on: a container that was started again has
    /// another port. Connections to where it was are broken. Nothing happens on SQLite, or where
    /// there is no such server.
    pub fn set_address(&self, server: &str, address: SocketAddr) {
        if let Some(server) = self.inner.server(server)
            && let Backend::Postgres(endpoint) = &server.backend
        {
            endpoint.set_address(address);
            server.disconnect();
            server.answers.store(true, std::sync::atomic::Ordering::Relaxed);
        }
    }

    /// Waits until the replicas have what was written so far, and at most `within`; whether they
    /// have.
    pub async fn catch_up(&self, within: Duration) -> bool {
        use std::sync::atomic::Ordering::Acquire;
        let written = self.inner.primary.position.load(Acquire);
        let caught_up = || self.inner.replicas.iter().all(|r| r.position.load(Acquire) >= written);
        let waiting = async {
            while !caught_up() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(within, waiting).await.is_ok()
    }

    /// Ends the database: connections are closed, and PostgreSQL's schema is dropped with all that
    /// is in it.
    ///
    /// # Errors
    /// When the schema can't be dropped.
    pub async fn close(self) -> Result<(), Error> {
        let tasks = std::mem::take(&mut *self.inner.tasks.lock());
        for task in &tasks {
            task.abort();
        }
        for task in tasks {
            // Aborted, which is what was asked for.
            let _ = task.await;
        }
        self.inner.lag.end();
        let watch = self.inner.watch.lock().take();
        if let Some(watch) = watch {
            // It only fails where it panicked, and then it has ended too.
            let _ = watch.await;
        }
        self.inner.connections.lock().clear();
        for server in self.inner.servers() {
            server.disconnect();
        }
        match (&self.inner.schema, &self.inner.primary.backend) {
            (Some(schema), Backend::Postgres(endpoint)) => {
                postgres::remove(&self.inner.primary, endpoint, schema).await
            }
            _ => Ok(()),
        }
    }
}

impl Inner {
    fn new(primary: Server, replicas: Vec<Server>, settings: Settings) -> Self {
        Self {
            primary: Arc::new(primary),
            replicas: replicas.into_iter().map(Arc::new).collect(),
            settings,
            connections: Mutex::default(),
            recent: Arc::default(),
            lag: Arc::default(),
            tasks: Mutex::default(),
            watch: Mutex::default(),
            schema: None,
        }
    }

    fn servers(&self) -> impl Iterator<Item = &Arc<Server>> {
        std::iter::once(&self.primary).chain(&self.replicas)
    }

    fn server(&self, name: &str) -> Option<&Arc<Server>> {
        self.servers().find(|server| server.name == name)
    }

    fn pools(&self) -> Connections {
        let Settings { pool_size, acquire_timeout, .. } = self.settings;
        let pool = |server: &Arc<Server>| Pool::new(Arc::clone(server), pool_size, acquire_timeout);
        let replicas = self.replicas.iter().map(pool).collect();
        Connections::new(pool(&self.primary), replicas, Arc::clone(&self.recent))
    }
}

fn replica_name(place: usize) -> String {
    format!("replica-{}", place + 1)
}

/// The servers of SQLite: files in `folder`.
async fn files(folder: &Path, settings: Settings) -> Result<Inner, Error> {
    std::fs::create_dir_all(folder)
        .map_err(|error| Error::new(Kind::Disk(error.to_string()), String::new()))?;
    let hold = Hold(settings.hold_clock);
    let file = |name: &str| -> PathBuf { folder.join(format!("{name}.sqlite")) };
    let times = |name: &str| {
        settings.modelled.then(|| Times::new(&settings.assumptions, settings.seed, name))
    };
    let max = settings.max_connections;

    let writing = sqlite::create(&file("primary"), "primary", hold).await?;
    let (jobs, todo) = mpsc::unbounded_channel();
    let files =
        sqlite::Files::open(&file("primary"), Some(jobs), None, times("primary"), hold).await?;
    let primary = Server::new("primary".to_owned(), Role::Primary, max, Backend::Sqlite(files));
    let (mut replicas, mut following) = (Vec::new(), Vec::new());
    for place in 0..settings.replicas.min(REPLICAS_MAX) as usize {
        let name = replica_name(place);
        let follower = Arc::new(Follower::default());
        let applying = sqlite::create(&file(&name), &name, hold).await?;
        let times = times(&name);
        let files =
            sqlite::Files::open(&file(&name), None, Some(Arc::clone(&follower)), times, hold)
                .await?;
        replicas.push(Server::new(name, Role::Replica, max, Backend::Sqlite(files)));
        following.push((applying, follower));
    }

    let inner = Inner::new(primary, replicas, settings);
    let settings = &inner.settings;
    let followers = following.iter().map(|(_, follower)| Arc::clone(follower)).collect();
    let writer = sqlite::write(writing, todo, Arc::clone(&inner.primary), followers, hold);
    let mut tasks = vec![tokio::spawn(writer)];
    for (replica, (applying, follower)) in inner.replicas.iter().zip(following) {
        inner.lag.wake(Arc::clone(&follower));
        let model = if settings.modelled {
            ReplicaLag::new(&settings.assumptions)
        } else {
            ReplicaLag::none()
        };
        tasks.push(tokio::spawn(sqlite::follow(
            applying,
            Arc::clone(replica),
            follower,
            model,
            settings.seed,
            Arc::clone(&inner.lag),
            hold,
        )));
    }
    *inner.tasks.lock() = tasks;
    Ok(inner)
}

/// The servers of PostgreSQL.
async fn servers(
    primary: &str,
    replicas: &[String],
    run: &str,
    settings: Settings,
) -> Result<Inner, Error> {
    let schema = postgres::schema(run);
    let max = settings.max_connections;
    let server = |name: String, role, url: &str| {
        let endpoint = postgres::Endpoint::new(url, &schema)?;
        Ok(Server::new(name, role, max, Backend::Postgres(endpoint)))
    };
    let primary = server("primary".to_owned(), Role::Primary, primary)?;
    let named = replicas.iter().enumerate();
    let replicas: Result<Vec<Server>, Error> =
        named.map(|(place, url)| server(replica_name(place), Role::Replica, url)).collect();
    let mut inner = Inner::new(primary, replicas?, settings);
    if let Backend::Postgres(endpoint) = &inner.primary.backend {
        postgres::create(&inner.primary, endpoint, &schema).await?;
        if let Err(error) = postgres::await_replicas(&inner.primary, &inner.replicas).await {
            // Nothing is left behind; the first error is what matters.
            let _ = postgres::remove(&inner.primary, endpoint, &schema).await;
            return Err(error);
        }
    }
    inner.schema = Some(schema);
    let (primary, replicas) = (Arc::clone(&inner.primary), inner.replicas.clone());
    let watch = postgres::watch(primary, replicas, inner.lag.watch());
    *inner.watch.lock() = Some(tokio::spawn(watch));
    Ok(inner)
}
