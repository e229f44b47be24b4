//! The data tiers of a run: the database and the cache, opened and filled, and what they did.

use std::{collections::HashMap, sync::Arc, time::Duration};

use securecart_behaviour::Assumptions;
use securecart_cache::{Cache, CacheMetrics};
use securecart_database::{Connections, Database, Orders, Payments, Products, ServerMetrics};
use securecart_domain::{Catalogue, ServiceName};
use securecart_record::{CacheSample, CacheTotals, DatabaseSample, DatabaseTotals};
use securecart_scenario::Plan;

use crate::{Error, tiers::Tiers};

/// How long one call to a node of the cache may take: beyond that the database is faster.
const CACHE_TIMEOUT: Duration = Duration::from_millis(250);

/// How long replicas get to have the catalogue: wall time.
const CATCH_UP_MAX: Duration = Duration::from_secs(30);

/// The database and the cache of a run.
#[derive(Clone)]
pub(crate) struct Data {
    pub(crate) database: Database,
    pub(crate) cache: Cache,
}

impl Data {
    /// Opens both and puts the catalogue into the database.
    pub(crate) async fn open(
        plan: &Plan,
        tiers: &Tiers,
        assumptions: &Assumptions,
        catalogue: &Catalogue,
    ) -> Result<Self, Error> {
        let spec = plan.database;
        let settings = securecart_database::Settings {
            replicas: spec.replicas,
            max_connections: spec.max_connections,
            pool_size: spec.pool_size,
            acquire_timeout: Duration::from_secs_f64(spec.acquire_timeout_s),
            seed: plan.seed,
            modelled: true,
            assumptions: assumptions.clone(),
            hold_clock: false,
        };
        let database = Database::open(tiers.database.clone(), settings).await;
        let database = database.map_err(Error::database)?;
        match Self::fill(database.clone(), plan, tiers, assumptions, catalogue).await {
            Ok(data) => Ok(data),
            Err(error) => {
                // What went wrong first is what there is to say.
                let _ = database.close().await;
                Err(error)
            }
        }
    }

    /// Puts the catalogue into `database`, and a cache beside it.
    async fn fill(
        database: Database,
        plan: &Plan,
        tiers: &Tiers,
        assumptions: &Assumptions,
        catalogue: &Catalogue,
    ) -> Result<Self, Error> {
        let products = Products::new(database.connections("harness"));
        products.insert_all(catalogue.products()).await.map_err(Error::database)?;
        // Shoppers come to a shop whose replicas have its products.
        database.catch_up(CATCH_UP_MAX).await;
        let spec = plan.cache;
        let settings = securecart_cache::Settings {
            ttl: Duration::from_secs_f64(spec.ttl_s),
            jitter: spec.jitter,
            seed: plan.seed,
            modelled: true,
            assumptions: assumptions.clone(),
            timeout: CACHE_TIMEOUT,
            exclusive: tiers.cache.is_exclusive,
        };
        let cache = Cache::connect(tiers.cache.source.clone(), settings).await;
        Ok(Self { database, cache: cache.map_err(Error::cache)? })
    }

    /// The products, as the catalogue service reads them.
    pub(crate) fn products(&self) -> Products {
        Products::new(self.of(ServiceName::Catalog))
    }

    /// The orders, over the connections of `service`.
    pub(crate) fn orders(&self, service: ServiceName) -> Orders {
        Orders::new(self.of(service))
    }

    /// The payments, over the connections of the payment service.
    pub(crate) fn payments(&self) -> Payments {
        Payments::new(self.of(ServiceName::Payment))
    }

    /// The harness's own connections.
    pub(crate) fn harness(&self) -> Connections {
        self.database.connections("harness")
    }

    fn of(&self, service: ServiceName) -> Connections {
        self.database.connections(service.as_str())
    }
}

/// What the data tiers did, for samples and sums.
pub(crate) struct DataMeter {
    data: Arc<Data>,
    servers: HashMap<String, ServerMetrics>,
    cache: CacheMetrics,
    totals: HashMap<String, DatabaseTotals>,
    cache_bytes_max: u64,
}

impl DataMeter {
    pub(crate) fn new(data: Arc<Data>) -> Self {
        let cache = data.cache.metrics();
        let servers = HashMap::new();
        let mut meter = Self { data, servers, cache, totals: HashMap::new(), cache_bytes_max: 0 };
        // What the harness did before the run is not the run's.
        meter.databases();
        meter.totals.clear();
        meter
    }

    /// What each server did since the last call.
    pub(crate) fn databases(&mut self) -> Vec<DatabaseSample> {
        let metrics = self.data.database.metrics();
        metrics.iter().map(|now| self.database(now)).collect()
    }

    fn database(&mut self, now: &ServerMetrics) -> DatabaseSample {
        let before = self.servers.insert(now.name.clone(), now.clone());
        let since = |of: fn(&ServerMetrics) -> u64| of(now) - before.as_ref().map_or(0, of);
        let sample = DatabaseSample {
            available: now.available,
            in_use: now.in_use.into(),
            connections: now.connections_open.into(),
            max_connections: now.max_connections.into(),
            waiting: now.waiting.into(),
            reads: since(|server| server.reads),
            writes: since(|server| server.writes),
            failed: since(|server| server.failed),
            refused: since(|server| server.refused),
            timed_out: since(|server| server.timed_out),
            lag_ms: now.lag_ms,
            server: now.name.clone(),
        };
        let second = DatabaseTotals {
            server: sample.server.clone(),
            reads: sample.reads,
            writes: sample.writes,
            failed: sample.failed,
            refused: sample.refused,
            timed_out: sample.timed_out,
            in_use_max: sample.in_use,
            waiting_max: sample.waiting,
            lag_ms_max: sample.lag_ms,
            unavailable_s: u64::from(!sample.available),
            read_your_writes: since(|server| server.own_write_reads),
        };
        let name = sample.server.clone();
        self.totals.entry(name).or_insert_with(|| empty(&sample.server)).merge(&second);
        sample
    }

    /// What each server did up to the last sample, the primary first.
    pub(crate) fn database_totals(&self) -> Vec<DatabaseTotals> {
        let mut totals: Vec<_> = self.totals.values().cloned().collect();
        totals.sort_by(|a, b| a.server.cmp(&b.server));
        totals
    }

    /// What the cache did since the last call.
    pub(crate) fn cache(&mut self) -> CacheSample {
        let now = self.data.cache.metrics();
        let before = std::mem::replace(&mut self.cache, now.clone());
        self.cache_bytes_max = self.cache_bytes_max.max(now.bytes);
        CacheSample {
            nodes_up: now.nodes_up,
            nodes: now.nodes,
            hits: now.hits - before.hits,
            misses: now.misses - before.misses,
            coalesced: now.coalesced - before.coalesced,
            evictions: now.evictions - before.evictions,
            errors: now.errors - before.errors,
            items: now.items,
            bytes: now.bytes,
        }
    }

    /// What the cache did up to the last sample.
    pub(crate) fn cache_totals(&self) -> CacheTotals {
        let CacheMetrics { hits, misses, coalesced, evictions, errors, .. } = self.cache;
        let bytes_max = self.cache_bytes_max;
        CacheTotals { hits, misses, coalesced, evictions, errors, bytes_max }
    }
}

fn empty(server: &str) -> DatabaseTotals {
    DatabaseTotals { server: server.to_owned(), ..DatabaseTotals::default() }
}
