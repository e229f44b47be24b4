//! A node on Valkey or Redis: one kept connection that all share, which reconnects by itself.

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use parking_lot::RwLock;
use redis::{
    Client, ConnectionAddr, ConnectionInfo, FromRedisValue, IntoConnectionInfo,
    aio::{ConnectionManager, ConnectionManagerConfig},
};

use super::{Failed, Fill};
use crate::Error;

pub(crate) struct Redis {
    info: ConnectionInfo,
    timeout: Duration,
    connection: RwLock<ConnectionManager>,
}

impl Redis {
    /// The server at `url`, which is connected when it is first needed.
    pub(crate) fn new(url: &str, timeout: Duration) -> Result<Self, Error> {
        let wrong = |error: redis::RedisError| Error::Address {
            address: url.to_owned(),
            why: error.to_string(),
        };
        // Valkey's scheme is Redis's by another name.
        let known = url.replacen("valkey://", "redis://", 1);
        let info = known.into_connection_info().map_err(wrong)?;
        let connection = RwLock::new(manage(info.clone(), timeout).map_err(wrong)?);
        Ok(Self { info, timeout, connection })
    }

    /// Host and port of the URL.
    pub(crate) fn address(&self) -> String {
        self.info.addr().to_string()
    }

    pub(crate) fn set_address(&self, address: SocketAddr) {
        let place = ConnectionAddr::Tcp(address.ip().to_string(), address.port());
        match manage(self.info.clone().set_addr(place), self.timeout) {
            Ok(connection) => *self.connection.write() = connection,
            Err(error) => log::warn!("a cache node can't be at {address}: {error}"),
        }
    }

    pub(crate) async fn get(&self, key: &str) -> Result<Option<Bytes>, Failed> {
        let found: Option<Vec<u8>> = self.ask(redis::cmd("GET").arg(key)).await?;
        Ok(found.map(Bytes::from))
    }

    pub(crate) async fn set(&self, key: &str, bytes: &Bytes, ttl: Duration) -> Result<(), Failed> {
        let ms = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).max(1);
        self.ask(redis::cmd("SET").arg(key).arg(bytes.as_ref()).arg("PX").arg(ms)).await
    }

    pub(crate) async fn remove(&self, key: &str) -> Result<(), Failed> {
        self.ask(redis::cmd("DEL").arg(key)).await
    }

    pub(crate) async fn flush(&self) -> Result<(), Failed> {
        self.ask(&redis::cmd("FLUSHALL")).await
    }

    pub(crate) async fn fill(&self) -> Result<Fill, Failed> {
        let items: u64 = self.ask(&redis::cmd("DBSIZE")).await?;
        let info: String = self.ask(&redis::cmd("INFO")).await?;
        let number = |name: &str| {
            let line = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            line.and_then(|number| number.trim().parse().ok()).unwrap_or(0)
        };
        Ok(Fill {
            items,
            bytes: number("used_memory"),
            capacity_bytes: number("maxmemory"),
            evictions: number("evicted_keys"),
        })
    }

    async fn ask<T: FromRedisValue>(&self, command: &redis::Cmd) -> Result<T, Failed> {
        let mut connection = self.connection.read().clone();
        command.query_async(&mut connection).await.map_err(|error| {
            let text = error.to_string();
            if error.code().is_some() && !error.is_unrecoverable_error() {
                Failed::Refused(text)
            } else {
                Failed::Away(text)
            }
        })
    }
}

fn manage(info: ConnectionInfo, timeout: Duration) -> redis::RedisResult<ConnectionManager> {
    let config = ConnectionManagerConfig::new()
        .set_number_of_retries(1)
        .set_min_delay(Duration::from_millis(10))
        .set_max_delay(Duration::from_millis(100))
        .set_connection_timeout(Some(timeout))
        .set_response_timeout(Some(timeout));
    ConnectionManager::new_lazy_with_config(Client::open(info)?, config)
}

impl std::fmt::Debug for Redis {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "Redis({})", self.info.addr())
    }
}
