//! A node on Memcached: kept connections, each for one call at a time.
//!
//! A connection whose call failed or was given up is dropped: its answer would be taken for the next
//! call's.

use std::{net::SocketAddr, time::Duration};

use async_memcached::{AsciiProtocol, Client, Status};
use bytes::Bytes;
use parking_lot::{Mutex, RwLock};
use tokio::sync::Semaphore;

use super::{Failed, Fill};

/// Connections to one server.
const CONNECTIONS: usize = 16;

/// Beyond 30 days Memcached takes a TTL for a date.
const TTL_SECONDS_MAX: u64 = 30 * 86_400;

pub(crate) struct Memcached {
    address: RwLock<String>,
    places: Semaphore,
    /// With the address that each is connected to.
    idle: Mutex<Vec<Connection>>,
}

struct Connection {
    client: Client,
    address: String,
}

impl Memcached {
    /// The server at `address` (`host:port`), which is connected when it is first needed.
    pub(crate) fn new(address: &str) -> Self {
        Self {
            address: RwLock::new(address.to_owned()),
            places: Semaphore::new(CONNECTIONS),
            idle: Mutex::default(),
        }
    }

    pub(crate) fn address(&self) -> String {
        self.address.read().clone()
    }

    pub(crate) fn set_address(&self, address: SocketAddr) {
        *self.address.write() = address.to_string();
        self.idle.lock().clear();
    }

    pub(crate) async fn get(&self, key: &str) -> Result<Option<Bytes>, Failed> {
        let found = self.call(async |client| client.get(key).await).await?;
        Ok(found.and_then(|value| value.data).map(Bytes::from))
    }

    pub(crate) async fn set(&self, key: &str, bytes: &Bytes, ttl: Duration) -> Result<(), Failed> {
        // Whole seconds, and 0 would be for ever.
        let seconds = ttl.as_secs_f64().round().clamp(1.0, TTL_SECONDS_MAX as f64) as i64;
        self.call(async |client| client.set(key, bytes.as_ref(), Some(seconds), None).await).await
    }

    pub(crate) async fn remove(&self, key: &str) -> Result<(), Failed> {
        self.call(async |client| match client.delete(key).await {
            Err(async_memcached::Error::Protocol(Status::NotFound)) => Ok(()),
            outcome => outcome,
        })
        .await
    }

    pub(crate) async fn flush(&self) -> Result<(), Failed> {
        self.call(async |client| client.flush_all().await).await
    }

    pub(crate) async fn fill(&self) -> Result<Fill, Failed> {
        let stats = self.call(async |client| client.stats().await).await?;
        let number =
            |name: &str| stats.get(name).and_then(|number| number.parse().ok()).unwrap_or(0);
        Ok(Fill {
            items: number("curr_items"),
            bytes: number("bytes"),
            capacity_bytes: number("limit_maxbytes"),
            evictions: number("evictions"),
        })
    }

    async fn call<T>(
        &self,
        call: impl AsyncFnOnce(&mut Client) -> Result<T, async_memcached::Error>,
    ) -> Result<T, Failed> {
        let _place = self.places.acquire().await;
        let mut connection = self.connection().await?;
        let outcome = call(&mut connection.client).await;
        match outcome {
            Err(error @ async_memcached::Error::Protocol(_)) => {
                self.give_back(connection);
                Err(Failed::Refused(error.to_string()))
            }
            Err(error) => {
                // What broke one has broken the others.
                self.idle.lock().clear();
                Err(Failed::Away(error.to_string()))
            }
            Ok(answer) => {
                self.give_back(connection);
                Ok(answer)
            }
        }
    }

    async fn connection(&self) -> Result<Connection, Failed> {
        let idle = self.idle.lock().pop();
        if let Some(connection) = idle {
            return Ok(connection);
        }
        let address = self.address.read().clone();
        let client = Client::new(format!("tcp://{address}")).await;
        let client = client.map_err(|error| Failed::Away(error.to_string()))?;
        Ok(Connection { client, address })
    }

    fn give_back(&self, connection: Connection) {
        if !connection.client.is_closed() && connection.address == *self.address.read() {
            self.idle.lock().push(connection);
        }
    }
}

impl std::fmt::Debug for Memcached {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "Memcached({})", self.address.read())
    }
}
