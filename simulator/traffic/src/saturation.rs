//! A closed loop: as many requests as connections and machine allow. For benchmarks only, where the
//! question is what the generator itself costs; it says nothing about how a shop meets a crowd.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, OnceLock},
    thread::{self, ScopedJoinHandle},
    time::Duration,
};

use bytes::Bytes;
use goose::goose::GooseUser;
use http::{Request, Uri};
use http_body_util::Full;
use parking_lot::Mutex;
use securecart_record::Histogram;
use tokio::{runtime::Builder, sync::Barrier, time::Instant};

use crate::{
    Error,
    attack::REQUEST_TIMEOUT,
    cause::Cause,
    client::Client,
    flock::{self, Turns},
    pacer::READY_WITHIN,
    recorder::Recorder,
};

/// Threads that make requests: as many as wrk uses unless told otherwise.
const WORKERS: usize = 2;

/// Requests of one Goose transaction: about as many as a shopper's session makes.
const REQUESTS_A_TURN: usize = 10;

/// Connections at the most.
const MAX_CONNECTIONS: usize = 1_000;

/// What a closed loop reached.
#[derive(Debug, Clone, Default)]
pub struct Saturation {
    /// Requests that were answered with 200.
    pub requests: u64,
    /// Requests that were not.
    pub failed: u64,
    /// From the first request to the end of the last one.
    pub elapsed: Duration,
    /// From sending to the last byte.
    pub latency: Histogram,
}

impl Saturation {
    /// Answered requests a second.
    #[must_use]
    pub fn requests_per_second(&self) -> f64 {
        self.requests as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }

    fn count(&mut self, answered: bool, latency: Duration) {
        if answered {
            self.requests += 1;
            self.latency.record_us(u64::try_from(latency.as_micros()).unwrap_or(u64::MAX));
        } else {
            self.failed += 1;
        }
    }

    fn merge(&mut self, other: &Self) {
        self.requests += other.requests;
        self.failed += other.failed;
        self.elapsed = self.elapsed.max(other.elapsed);
        self.latency.merge(&other.latency);
    }
}

/// What all workers share.
struct Shared {
    target: SocketAddr,
    uri: Uri,
    duration: Duration,
    all_ready: Barrier,
    started: OnceLock<Instant>,
    recorder: Arc<Recorder>,
}

/// One worker: a thread with a runtime and a flock of its own, so that no request crosses threads.
struct Worker {
    shared: Arc<Shared>,
    /// The users' connections, each with its user during a turn. Empty until the first.
    clients: Box<[Mutex<Option<Client>>]>,
    seen: Mutex<Saturation>,
}

/// Asks `target` for `path` on `connections` connections (1 to 1,000) for `duration`.
///
/// It blocks; call it where that does no harm.
///
/// # Errors
///
/// [`Error::Users`] for a number of connections that can't be, [`Error::Threads`], [`Error::Goose`],
/// and [`Error::NothingAnswered`].
pub fn saturate(
    target: SocketAddr,
    path: &Uri,
    connections: usize,
    duration: Duration,
) -> Result<Saturation, Error> {
    if !(1..=MAX_CONNECTIONS).contains(&connections) {
        return Err(Error::Users { users: connections, max: MAX_CONNECTIONS });
    }
    let shared = Arc::new(Shared {
        target,
        uri: path.clone(),
        duration,
        all_ready: Barrier::new(connections),
        started: OnceLock::new(),
        recorder: Arc::new(Recorder::new()),
    });
    let workers = WORKERS.min(connections);
    let results: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..workers)
            .map(|worker| {
                let users = connections / workers + usize::from(worker < connections % workers);
                let shared = Arc::clone(&shared);
                scope.spawn(move || Worker::new(shared, users).run())
            })
            .collect();
        threads.into_iter().map(ScopedJoinHandle::join).collect()
    });
    let mut total = Saturation::default();
    for result in results {
        let panicked = |_| Err(Error::Threads(io::Error::other("a worker panicked")));
        total.merge(&result.unwrap_or_else(panicked)?);
    }
    if total.requests == 0 {
        return Err(Error::NothingAnswered { requests: total.failed, target });
    }
    Ok(total)
}

impl Worker {
    fn new(shared: Arc<Shared>, users: usize) -> Self {
        let clients = (0..users).map(|_| Mutex::new(None)).collect();
        Self { shared, clients, seen: Mutex::default() }
    }

    fn run(self) -> Result<Saturation, Error> {
        let runtime = Builder::new_current_thread().enable_all().build().map_err(Error::Threads)?;
        let (users, target) = (self.clients.len(), self.shared.target);
        let worker = Arc::new(self);
        runtime.block_on(flock::fly(users, target, Arc::clone(&worker)))?;
        let seen = worker.seen.lock().clone();
        Ok(seen)
    }

    /// A new user waits for all others, so that no connection has a head start.
    async fn enter(&self) -> Client {
        // Where another worker could not start, nobody waits for it for ever.
        let _ = tokio::time::timeout(READY_WITHIN, self.shared.all_ready.wait()).await;
        Client::new(self.shared.target, Arc::clone(&self.shared.recorder))
    }

    async fn request(&self, goose: &mut GooseUser, client: &mut Client, sent: Instant) {
        let mut request = Request::new(Full::<Bytes>::default());
        *request.uri_mut() = self.shared.uri.clone();
        let exchange = tokio::time::timeout(REQUEST_TIMEOUT, client.exchange(request));
        let reply = exchange.await.unwrap_or(Err(Cause::Timeout));
        let latency = sent.elapsed();
        let answered = reply.is_ok_and(|reply| reply.status == 200);
        if !answered {
            client.hang_up();
        }
        self.seen.lock().count(answered, latency);
        let error = (!answered).then_some("failed");
        // It can only fail once Goose has stopped listening.
        let _ = goose
            .record_custom_request_duration("GET", "saturate", latency, answered, None, error)
            .await;
    }
}

impl Turns for Worker {
    /// A few requests, or farewell.
    async fn turn(&self, goose: &mut GooseUser) {
        let slot = &self.clients[goose.weighted_users_index];
        let known = slot.lock().take();
        let mut client = match known {
            Some(client) => client,
            None => self.enter().await,
        };
        for _ in 0..REQUESTS_A_TURN {
            let sent = Instant::now();
            let since_start = sent - *self.shared.started.get_or_init(|| sent);
            if since_start >= self.shared.duration {
                let mut seen = self.seen.lock();
                seen.elapsed = since_start.max(seen.elapsed);
                flock::leave(goose);
                return;
            }
            self.request(goose, &mut client, sent).await;
        }
        *slot.lock() = Some(client);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{answer, shop};

    #[test]
    fn a_closed_loop_counts_what_was_answered_and_what_was_not() {
        let target = shop(|_, number| {
            std::future::ready(answer(if number % 4 == 0 { 500 } else { 200 }, "hello"))
        });
        let length = Duration::from_millis(200);
        let seen = saturate(target, &Uri::from_static("/"), 8, length).expect("it is answered");
        assert!(seen.elapsed >= length && seen.requests > 0);
        assert_eq!(seen.latency.count(), seen.requests);
        let share = seen.failed as f64 / (seen.failed + seen.requests) as f64;
        assert!((share - 0.25).abs() < 0.05, "every fourth fails: {share}");
    }

    #[test]
    fn nobody_listening_and_no_connections_are_errors() {
        let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let target = port.local_addr().expect("an address");
        drop(port);
        let try_it = |connections| {
            saturate(target, &Uri::from_static("/"), connections, Duration::from_millis(20))
        };
        assert!(matches!(try_it(1), Err(Error::NothingAnswered { .. })));
        assert!(matches!(try_it(0), Err(Error::Users { .. })));
    }
}
