//! One node: its server, whether it answers, and what it counts.
//!
//! After a call that failed the node is left alone for a second: readers miss at once instead of
//! waiting for a server that does not answer.

mod kind;
mod memcached;
mod memory;
mod redis;

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{
            AtomicU32, AtomicU64,
            Ordering::{Acquire, Relaxed, Release},
        },
    },
    time::Duration,
};

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::time::{Instant, timeout};

use crate::{NodeMetrics, metrics::Count};
use kind::Kind;
pub(crate) use memcached::Memcached;
pub(crate) use memory::Memory;
pub(crate) use redis::Redis;

/// How long a node is left alone after a call that failed.
const REST: Duration = Duration::from_secs(1);

/// Where a node's entries are.
#[derive(Debug)]
pub(crate) enum Server {
    Memory(Memory),
    Redis(Redis),
    Memcached(Memcached),
}

/// Why a call failed.
#[derive(Debug)]
pub(crate) enum Failed {
    /// The server is not to be reached.
    Away(String),
    /// The server refused this one call: what is stored is too large, for instance.
    Refused(String),
}

impl Failed {
    pub(crate) fn text(self) -> String {
        match self {
            Self::Away(text) | Self::Refused(text) => text,
        }
    }
}

/// How full a server is.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Fill {
    pub(crate) items: u64,
    pub(crate) bytes: u64,
    pub(crate) capacity_bytes: u64,
    pub(crate) evictions: u64,
}

#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) server: Server,
    prefix: String,
    timeout: Duration,
    /// Part of every key: entries of earlier generations are as good as gone.
    generation: AtomicU64,
    losses: AtomicU32,
    rests_until: Mutex<Option<Instant>>,
    hits: Count,
    misses: Count,
    errors: Count,
    fill: Mutex<Fill>,
}

impl Node {
    pub(crate) fn new(server: Server, prefix: &str, timeout: Duration) -> Self {
        Self {
            server,
            prefix: prefix.to_owned(),
            timeout,
            generation: AtomicU64::new(0),
            losses: AtomicU32::new(0),
            rests_until: Mutex::new(None),
            hits: Count::default(),
            misses: Count::default(),
            errors: Count::default(),
            fill: Mutex::default(),
        }
    }

    /// The entry of `key`, if the node answers and has it.
    pub(crate) async fn get(&self, key: &str) -> Option<Bytes> {
        let name = self.name(key);
        let call = async {
            match &self.server {
                Server::Memory(memory) => Ok(memory.get(&name).await),
                Server::Redis(redis) => redis.get(&name).await,
                Server::Memcached(memcached) => memcached.get(&name).await,
            }
        };
        let found = self.call(call).await.flatten();
        if found.is_some() {
            self.hits.one();
        } else {
            self.misses.one();
        }
        found
    }

    /// Stores an entry for so long, if the node answers.
    pub(crate) async fn set(&self, key: &str, bytes: &Bytes, ttl: Duration) {
        let name = self.name(key);
        self.call(async {
            match &self.server {
                Server::Memory(memory) => {
                    memory.set(name, bytes.clone(), ttl).await;
                    Ok(())
                }
                Server::Redis(redis) => redis.set(&name, bytes, ttl).await,
                Server::Memcached(memcached) => memcached.set(&name, bytes, ttl).await,
            }
        })
        .await;
    }

    /// Removes an entry, if the node answers.
    pub(crate) async fn remove(&self, key: &str) {
        let name = self.name(key);
        self.call(async {
            match &self.server {
                Server::Memory(memory) => {
                    memory.remove(&name).await;
                    Ok(())
                }
                Server::Redis(redis) => redis.remove(&name).await,
                Server::Memcached(memcached) => memcached.remove(&name).await,
            }
        })
        .await;
    }

    /// Removes every entry of ours; those of others too where the server is `exclusive`ly ours.
    pub(crate) async fn flush(&self, exclusive: bool) -> Result<(), String> {
        self.forget();
        if !exclusive {
            return Ok(());
        }
        let flushed = timeout(self.timeout, async {
            match &self.server {
                Server::Memory(_) => Ok(()),
                Server::Redis(redis) => redis.flush().await,
                Server::Memcached(memcached) => memcached.flush().await,
            }
        });
        match flushed.await {
            Ok(flushed) => flushed.map_err(Failed::text),
            Err(_) => Err(format!("no answer within {} ms", self.timeout.as_millis())),
        }
    }

    /// What is there is as good as gone.
    fn forget(&self) {
        self.generation.fetch_add(1, Release);
        if let Server::Memory(memory) = &self.server {
            memory.clear();
        }
    }

    pub(crate) fn set_address(&self, address: SocketAddr) {
        match &self.server {
            Server::Memory(_) => {}
            Server::Redis(redis) => redis.set_address(address),
            Server::Memcached(memcached) => memcached.set_address(address),
        }
        *self.rests_until.lock() = None;
    }

    /// What a call answers; `None` where the node is lost or rests, and where the call fails.
    async fn call<T>(&self, call: impl Future<Output = Result<T, Failed>>) -> Option<T> {
        if !self.is_up() {
            return None;
        }
        let failed = match timeout(self.timeout, call).await {
            Ok(Ok(_)) if self.losses.load(Acquire) > 0 => return None,
            Ok(Ok(answer)) => return Some(answer),
            Ok(Err(failed)) => failed,
            Err(_) => Failed::Away(format!("no answer within {} ms", self.timeout.as_millis())),
        };
        self.errors.one();
        if let Failed::Away(why) = failed {
            *self.rests_until.lock() = Some(Instant::now() + REST);
            log::debug!("a cache node is left alone: {why}");
        }
        None
    }

    fn is_up(&self) -> bool {
        self.losses.load(Relaxed) == 0
            && self.rests_until.lock().is_none_or(|until| until <= Instant::now())
    }

    fn name(&self, key: &str) -> String {
        match &self.server {
            // Cleared when it forgets: names need no generation.
            Server::Memory(_) => key.to_owned(),
            _ => format!("{}:{}:{key}", self.prefix, self.generation.load(Acquire)),
        }
    }

    /// Asks a server how full it is.
    pub(crate) async fn measure(&self) -> Result<(), Failed> {
        let fill = match &self.server {
            Server::Memory(_) => return Ok(()),
            Server::Redis(redis) => redis.fill().await?,
            Server::Memcached(memcached) => memcached.fill().await?,
        };
        *self.fill.lock() = fill;
        Ok(())
    }

    /// Where it is.
    pub(crate) fn address(&self) -> String {
        match &self.server {
            Server::Memory(_) => "in process".to_owned(),
            Server::Redis(redis) => redis.address(),
            Server::Memcached(memcached) => memcached.address(),
        }
    }

    /// What is wrong with a server that could not be measured, which said `why`.
    pub(crate) async fn trouble(&self, why: String) -> String {
        let wanted = match &self.server {
            Server::Memory(_) => return why,
            Server::Redis(_) => Kind::Redis,
            Server::Memcached(_) => Kind::Memcached,
        };
        let address = self.address();
        match Kind::at(&address).await {
            Some(found) => found.mistaken_for(&wanted, &address).unwrap_or(why),
            None => format!("{why}; start it, or give the URL of one that runs"),
        }
    }

    pub(crate) fn metrics(&self) -> NodeMetrics {
        let fill = match &self.server {
            Server::Memory(memory) => memory.fill(),
            _ => *self.fill.lock(),
        };
        NodeMetrics {
            up: self.is_up(),
            hits: self.hits.get(),
            misses: self.misses.get(),
            errors: self.errors.get(),
            evictions: fill.evictions,
            items: fill.items,
            bytes: fill.bytes,
            capacity_bytes: fill.capacity_bytes,
        }
    }
}

/// A node that answers nothing until this is dropped, and has nothing then.
#[derive(Debug)]
#[must_use = "the node is back when this is dropped"]
pub struct NodeLoss {
    node: Arc<Node>,
}

impl NodeLoss {
    pub(crate) fn of(node: &Arc<Node>) -> Self {
        node.losses.fetch_add(1, Release);
        node.forget();
        Self { node: Arc::clone(node) }
    }
}

impl Drop for NodeLoss {
    fn drop(&mut self) {
        // Once more: what was on its way when the node was lost may have arrived since.
        self.node.forget();
        self.node.losses.fetch_sub(1, Release);
    }
}
