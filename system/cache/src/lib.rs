//! The cache in front of the database.
#![forbid(unsafe_code)]
#![allow(missing_docs, clippy::all, unused)]
use bytes::Bytes;
use parking_lot::Mutex;
use std::{collections::HashMap, future::Future, net::SocketAddr, sync::Arc, time::Duration};
#[derive(Debug, Clone)]
pub enum Source {
    InProcess { nodes: u32, capacity_bytes: u64 },
    Redis { urls: Vec<String>, run: String },
    Memcached { addresses: Vec<String>, run: String },
}
#[derive(Debug, Clone)]
pub struct Settings {
    pub ttl: Duration,
    pub jitter: f64,
    pub seed: u64,
    pub modelled: bool,
    pub assumptions: securecart_behaviour::Assumptions,
    pub timeout: Duration,
    pub exclusive: bool,
}
#[derive(Debug, Clone, thiserror::Error)]
#[error("cache")]
pub struct Error;
#[derive(Debug, Clone, Default)]
pub struct Cache(Arc<Mutex<(HashMap<String, Bytes>, CacheMetrics)>>);
#[derive(Debug, Clone, Default)]
pub struct CacheMetrics {
    pub hits: u64,
    pub misses: u64,
    pub coalesced: u64,
    pub loads: u64,
    pub evictions: u64,
    pub errors: u64,
    pub items: u64,
    pub bytes: u64,
    pub nodes: u32,
    pub nodes_up: u32,
    pub capacity_bytes: u64,
}
#[derive(Debug)]
pub struct NodeLoss;
impl Cache {
    pub async fn connect(_: Source, _: Settings) -> Result<Self, Error> {
        Ok(Self::default())
    }
    pub async fn get_or_load<E, F: Future<Output = Result<Option<Bytes>, E>>>(
        &self,
        key: &str,
        load: F,
    ) -> Result<Option<Bytes>, E> {
        if let Some(found) = {
            let mut c = self.0.lock();
            let f = c.0.get(key).cloned();
            if f.is_some() {
                c.1.hits += 1
            } else {
                c.1.misses += 1
            };
            f
        } {
            return Ok(Some(found));
        }
        let loaded = load.await?;
        if let Some(l) = &loaded {
            self.0.lock().0.insert(key.to_owned(), l.clone());
        }
        Ok(loaded)
    }
    pub async fn flush(&self) -> Result<(), Error> {
        self.0.lock().0.clear();
        Ok(())
    }
    pub fn lose_node(&self, _: u32) -> Option<NodeLoss> {
        None
    }
    pub fn set_address(&self, _: u32, _: SocketAddr) {}
    pub fn metrics(&self) -> CacheMetrics {
        self.0.lock().1.clone()
    }
}
