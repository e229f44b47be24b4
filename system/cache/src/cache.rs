//! The cache: hit, or one load for all who miss.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use parking_lot::Mutex;
use rand::RngExt;
use securecart_behaviour::{
    elasticache::{hash, jittered_ttl, node_of},
    latency,
};
use securecart_domain::random;
use tokio::{
    task::JoinHandle,
    time::{MissedTickBehavior, interval, timeout},
};

use crate::{
    CacheMetrics, Error, NodeLoss, Settings, Source,
    flights::{Flights, Lead, Turn},
    key,
    metrics::Count,
    node::{Failed, Memcached, Memory, Node, Redis, Server},
};

/// How often servers are asked how full they are.
const MEASURE_EVERY: Duration = Duration::from_secs(2);

/// How long a server has to answer when it is first asked.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// The cache. Clones are the same cache.
#[derive(Debug, Clone)]
pub struct Cache {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    nodes: Vec<Arc<Node>>,
    settings: Settings,
    stream: Mutex<random::Stream>,
    flights: Flights,
    coalesced: Count,
    loads: Count,
    measuring: Option<JoinHandle<()>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(measuring) = &self.measuring {
            measuring.abort();
        }
    }
}

impl Cache {
    /// Connects to every node of `source`.
    ///
    /// # Errors
    /// When an address is none, when there is no node, and when one does not answer.
    pub async fn connect(source: Source, settings: Settings) -> Result<Self, Error> {
        let is_remote = !matches!(source, Source::InProcess { .. });
        let nodes = nodes(source, &settings)?;
        if nodes.is_empty() {
            return Err(Error::NoNodes);
        }
        for (number, node) in (0..).zip(&nodes) {
            let why = match timeout(CONNECT_WITHIN, node.measure()).await {
                Ok(Ok(())) => continue,
                Ok(Err(failed)) => failed.text(),
                Err(_) => format!("no answer within {} s", CONNECT_WITHIN.as_secs()),
            };
            let why = node.trouble(why).await;
            return Err(Error::Node { node: number, at: node.address(), why });
        }
        let measuring = is_remote.then(|| tokio::spawn(measure(nodes.clone())));
        let stream = Mutex::new(random::stream(settings.seed, "cache jitter"));
        let (flights, coalesced, loads) = Default::default();
        let inner = Inner { nodes, settings, stream, flights, coalesced, loads, measuring };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// What is stored under `key`; or else what `load` brings, which is stored for the next reader
    /// unless there is nothing. One reader at a time loads; the others wait, and get its error too.
    ///
    /// # Errors
    /// Those of `load`. A cache that fails is a miss.
    pub async fn get_or_load<E, F>(&self, key: &str, load: F) -> Result<Option<Bytes>, E>
    where
        E: Clone + Send + Sync + 'static,
        F: Future<Output = Result<Option<Bytes>, E>>,
    {
        let key = key::plain(key);
        let node = self.inner.node(&key);
        let landed = self.inner.flights.landed();
        if let Some(bytes) = node.get(&key).await {
            return Ok(Some(bytes));
        }
        loop {
            match self.inner.flights.join::<E>(&key) {
                Turn::Lead(lead) => {
                    // A load that ended since this reader missed may have brought it.
                    if landed != self.inner.flights.landed()
                        && let Some(bytes) = node.get(&key).await
                    {
                        lead.land(Ok(Some(bytes.clone())));
                        return Ok(Some(bytes));
                    }
                    return self.inner.load(&key, node, load, lead).await;
                }
                Turn::Wait(mut outcome) => {
                    self.inner.coalesced.one();
                    let brought = outcome.wait_for(Option::is_some).await;
                    // Without an outcome the leader gave up: somebody else leads now.
                    if let Ok(Some(outcome)) = brought.map(|outcome| outcome.clone()) {
                        return outcome;
                    }
                }
                Turn::Alone => {
                    self.inner.loads.one();
                    return load.await;
                }
            }
        }
    }

    /// Forgets `key`: the next reader loads it, also when it is being loaded right now.
    pub async fn remove(&self, key: &str) {
        let key = key::plain(key);
        self.inner.flights.outdate(&key);
        self.inner.node(&key).remove(&key).await;
    }

    /// Forgets everything.
    ///
    /// # Errors
    /// When a node does not answer; the others are empty all the same.
    pub async fn flush(&self) -> Result<(), Error> {
        self.inner.flights.outdate_all();
        let mut flushed = Ok(());
        for (number, node) in (0..).zip(&self.inner.nodes) {
            if let Err(why) = node.flush(self.inner.settings.exclusive).await {
                let at = node.address();
                flushed = flushed.and(Err(Error::Node { node: number, at, why }));
            }
        }
        flushed
    }

    /// Loses `node` (from 0) until the guard is dropped; then it is back, and empty. `None` where
    /// there is no such node.
    #[must_use]
    pub fn lose_node(&self, node: u32) -> Option<NodeLoss> {
        self.inner.nodes.get(node as usize).map(NodeLoss::of)
    }

    /// `node` is at `address` from now on: a container that was started again has another port.
    /// Nothing happens in process, or where there is no such node.
    pub fn set_address(&self, node: u32, address: SocketAddr) {
        if let Some(node) = self.inner.nodes.get(node as usize) {
            node.set_address(address);
        }
    }

    /// The counts.
    #[must_use]
    pub fn metrics(&self) -> CacheMetrics {
        let nodes = self.inner.nodes.iter().map(|node| node.metrics()).collect();
        CacheMetrics {
            coalesced: self.inner.coalesced.get(),
            loads: self.inner.loads.get(),
            ..CacheMetrics::of(nodes)
        }
    }

    /// Brings the counts of entries, bytes and evictions up to date, which follow by themselves a
    /// little later.
    pub async fn settle(&self) {
        for node in &self.inner.nodes {
            if let Server::Memory(memory) = &node.server {
                memory.settle().await;
            } else if let Err(failed) = node.measure().await {
                log::debug!("a cache node does not say how full it is: {}", failed.text());
            }
        }
    }
}

impl Inner {
    fn node(&self, key: &str) -> &Arc<Node> {
        &self.nodes[node_of(hash(key.as_bytes()), self.nodes.len() as u32) as usize]
    }

    async fn load<E: Clone>(
        &self,
        key: &str,
        node: &Node,
        load: impl Future<Output = Result<Option<Bytes>, E>>,
        lead: Lead<'_, E>,
    ) -> Result<Option<Bytes>, E> {
        self.loads.one();
        let outcome = load.await;
        if let Ok(Some(bytes)) = &outcome
            && !lead.is_outdated()
        {
            let uniform: f64 = self.stream.lock().random();
            let ttl = jittered_ttl(self.settings.ttl, self.settings.jitter, uniform);
            node.set(key, bytes, ttl).await;
            // Removed while it was being stored: whichever came first, it does not stay.
            if lead.is_outdated() {
                node.remove(key).await;
            }
        }
        lead.land(outcome.clone());
        outcome
    }
}

fn nodes(source: Source, settings: &Settings) -> Result<Vec<Arc<Node>>, Error> {
    let (servers, prefix): (Vec<Server>, String) = match source {
        Source::InProcess { nodes, capacity_bytes } => {
            let memory = |node: u32| {
                let times = settings.modelled.then(|| {
                    let stream = random::stream(settings.seed, &format!("cache node {node}"));
                    (latency::cache_node(&settings.assumptions), stream)
                });
                Server::Memory(Memory::new(capacity_bytes, times))
            };
            ((0..nodes).map(memory).collect(), String::new())
        }
        Source::Redis { urls, run } => {
            let redis = |url: &String| Redis::new(url, settings.timeout).map(Server::Redis);
            (urls.iter().map(redis).collect::<Result<_, _>>()?, key::prefix(&run))
        }
        Source::Memcached { addresses, run } => {
            let memcached = |address: &String| Server::Memcached(Memcached::new(address));
            (addresses.iter().map(memcached).collect(), key::prefix(&run))
        }
    };
    let node = |server| Arc::new(Node::new(server, &prefix, settings.timeout));
    Ok(servers.into_iter().map(node).collect())
}

/// Asks servers how full they are, until it is aborted.
async fn measure(nodes: Vec<Arc<Node>>) {
    let mut ticks = interval(MEASURE_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        for node in &nodes {
            let late = |_| Failed::Away("no answer".to_owned());
            let measured = timeout(MEASURE_EVERY, node.measure()).await.map_err(late);
            if let Err(failed) = measured.and_then(|measured| measured) {
                log::debug!("a cache node does not say how full it is: {}", failed.text());
            }
        }
    }
}
