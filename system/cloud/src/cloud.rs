//! The AWS that services see: clients, limits, faults, metrics.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use parking_lot::Mutex;
use securecart_behaviour::Assumptions;
use securecart_domain::resources::QUEUES;
use securecart_embedded::{Connector, Engine, QueueMetrics};

use crate::{
    CallTimes, Clients, Endpoint, Error, FaultGuard, Resources, Role, Shaping, TableCapacity,
    TableMetrics, Target,
    remote::Remote,
    shaped::{Counters, Shaped, Throttles},
    times::{Timed, Times},
};

/// The AWS that services see.
#[derive(Debug)]
pub struct Cloud {
    engine: Arc<Engine>,
    counters: Vec<Arc<Counters>>,
    /// How long an emulator took to answer each role.
    times: Vec<Arc<Times>>,
    clients: Mutex<Vec<Option<Clients>>>,
    shaping: Shaping,
    throttles: Arc<Throttles>,
    /// The emulator that answers for everything but functions, where there is one.
    remote: Option<Remote>,
}

impl Cloud {
    /// The embedded engine, with `shaping` over it, at speed 1 and with the listed assumptions.
    #[must_use]
    pub fn embedded(engine: Arc<Engine>, shaping: Shaping) -> Self {
        let roles = Role::all().count();
        Self {
            engine,
            counters: (0..roles).map(|_| Arc::default()).collect(),
            times: (0..roles).map(|_| Arc::default()).collect(),
            clients: Mutex::new(vec![None; roles]),
            shaping,
            throttles: Arc::new(throttles(shaping, 1.0, &Assumptions::default())),
            remote: None,
        }
    }

    /// The emulator at `endpoint`, with AWS's limits over it, at speed 1 and with the listed
    /// assumptions. Calls take the emulator's own time, which is longer than AWS's. Functions run in
    /// `engine`, which serves nothing else.
    #[must_use]
    pub fn at_endpoint(endpoint: &Endpoint, engine: Arc<Engine>, shaping: Shaping) -> Self {
        let remote = Remote::new(endpoint, &engine);
        let cloud = Self::embedded(engine, shaping);
        Self { remote: Some(remote), ..cloud }
    }

    /// The same for a run that plays `speed` seconds of scenario time in a wall second, with
    /// `assumptions`. To be called before clients and tables are set up.
    ///
    /// Rates are wall time at any speed: calls a second, units a second. What takes minutes on AWS
    /// is scenario time and passes `speed` times faster: DynamoDB's 300 s of burst capacity (a table
    /// stores `300 / speed` seconds' worth, at least one), the 30 minutes until a peak of an
    /// on-demand table counts as previous, the delay of a partition's split, and `UpdateTable`.
    #[must_use]
    pub fn at_speed(self, speed: f64, assumptions: &Assumptions) -> Self {
        let clients = Mutex::new(vec![None; self.counters.len()]);
        let mut throttles = throttles(self.shaping, speed, assumptions);
        if self.remote.is_some() {
            throttles = throttles.with_times_of_the_backend();
        }
        Self { throttles: Arc::new(throttles), clients, ..self }
    }

    /// The clients of `role`. The harness's own are never shaped: its calls are not SecureCart's.
    #[must_use]
    pub fn clients(&self, role: Role) -> Clients {
        let mut clients = self.clients.lock();
        clients[role.index()].get_or_insert_with(|| self.connect(role)).clone()
    }

    /// Calls that `role` has made so far, retries included.
    #[must_use]
    pub fn calls(&self, role: Role) -> u64 {
        self.counters[role.index()].calls()
    }

    /// Calls of `role` that AWS throttled, a batch of which a part was throttled included.
    #[must_use]
    pub fn throttled(&self, role: Role) -> u64 {
        self.counters[role.index()].throttled()
    }

    /// Calls of `role` that were the SDK's own retries.
    #[must_use]
    pub fn retries(&self, role: Role) -> u64 {
        self.counters[role.index()].retries()
    }

    /// How long an emulator took to answer the services so far, by who called what; nothing of the
    /// embedded engine, whose time is modelled.
    #[must_use]
    pub fn call_times(&self) -> Vec<CallTimes> {
        let roles = Role::all().filter(|&role| role != Role::Harness);
        roles.flat_map(|role| self.times[role.index()].of(role)).collect()
    }

    /// Depths, ages and counters of every queue.
    #[must_use]
    pub fn queue_metrics(&self) -> Vec<QueueMetrics> {
        match &self.remote {
            Some(remote) => remote.queues.metrics(),
            None => self.engine.queue_metrics(),
        }
    }

    /// Looks at the queues of an emulator once a second from now on. Without it their metrics stay
    /// empty. The embedded engine needs no looking.
    pub fn watch_queues(&self, resources: &Resources) {
        if let Some(remote) = &self.remote {
            remote.queues.watch(self.clients(Role::Harness), resources);
        }
    }

    /// Whether no queue but the dead-letter queues holds a message, and none is on its way.
    #[must_use]
    pub fn is_drained(&self) -> bool {
        if let Some(remote) = &self.remote {
            return remote.queues.are_empty();
        }
        // In the order in which messages move, so that none is missed between the two.
        let on_their_way = self.pending_deliveries();
        let queues = self.queue_metrics();
        let mut queues = queues.iter().filter(|queue| QUEUES.contains(&queue.name.as_str()));
        queues.all(|queue| queue.visible + queue.in_flight + queue.delayed == 0)
            && on_their_way == 0
    }

    /// Whether another process is the AWS API.
    #[must_use]
    pub fn is_remote(&self) -> bool {
        self.remote.is_some()
    }

    /// The emulator answers at `address` from now on: its container was started again.
    pub fn set_address(&self, address: SocketAddr) {
        if let Some(remote) = &self.remote {
            remote.set_authority(address.to_string());
        }
    }

    /// Gives tables their capacity, as if they had always had it. A table that is not named is on
    /// demand and new.
    pub fn set_tables(&self, tables: BTreeMap<String, TableCapacity>) {
        for (name, capacity) in tables {
            self.throttles.tables().set(&name, capacity);
        }
    }

    /// `UpdateTable`: provisioned units from some wall time on, which is given back. Until then the
    /// old capacity holds.
    ///
    /// # Errors
    /// When there is no such table, when it is being updated already, and over AWS's quotas.
    pub fn update_table(&self, table: &str, read: u32, write: u32) -> Result<Duration, Error> {
        self.throttles.update_table(table, read, write)
    }

    /// What each table has used since the start, by name: those that were given a capacity, and
    /// those that shaped clients have called.
    #[must_use]
    pub fn tables(&self) -> Vec<TableMetrics> {
        self.throttles.tables().metrics()
    }

    /// Throttles `share` (0 to 1) of the accesses to `table`, until the guard is dropped.
    pub fn throttle_table(&self, table: &str, share: f64) -> FaultGuard {
        self.throttles.faults().throttle(table, share)
    }

    /// Makes each call to `target` take `factor` times its modelled time and `added` more, until
    /// the guard is dropped.
    pub fn slow(&self, target: Target, factor: f64, added: Duration) -> FaultGuard {
        self.throttles.faults().slow(target, factor, added)
    }

    /// Fails `share` (0 to 1) of the calls to `target`, half of them with 500 and half with 503,
    /// until the guard is dropped.
    pub fn fail(&self, target: Target, share: f64) -> FaultGuard {
        self.throttles.faults().fail(target, share)
    }

    /// Ends every fault.
    pub fn clear_faults(&self) {
        self.throttles.faults().clear();
    }

    /// The engine, to serve it on a port.
    #[must_use]
    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    fn connect(&self, role: Role) -> Clients {
        let backend = match &self.remote {
            Some(remote) => {
                let backend = SharedHttpConnector::new(remote.clone());
                let times = Arc::clone(&self.times[role.index()]);
                SharedHttpConnector::new(Timed { backend, times })
            }
            None => SharedHttpConnector::new(Connector::new(Arc::clone(&self.engine))),
        };
        let counters = Arc::clone(&self.counters[role.index()]);
        let http_client = match self.shaping {
            Shaping::Modelled { seed } if role != Role::Harness => {
                let throttles = Arc::clone(&self.throttles);
                Shaped::modelled(backend, counters, throttles, seed, role.name())
            }
            _ => Shaped::plain(backend, counters),
        };
        Clients::over(role.name(), http_client)
    }
}

fn throttles(shaping: Shaping, speed: f64, assumptions: &Assumptions) -> Throttles {
    let seed = match shaping {
        Shaping::None => 0,
        Shaping::Modelled { seed } => seed,
    };
    Throttles::new(seed, speed, assumptions)
}
