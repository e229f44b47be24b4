//! A closed loop: as many requests as connections and machine allow. For benchmarks only, where the
//! question is what the generator itself costs; it says nothing about how a shop meets a crowd.

use std::{
    net::SocketAddr,
    sync::{Arc, OnceLock},
    time::Duration,
};

use bytes::Bytes;
use goose::goose::GooseUser;
use http::{Request, Uri};
use http_body_util::Full;
use parking_lot::Mutex;
use securecart_record::Histogram;
use tokio::{sync::Barrier, time::Instant};

use crate::{
    Error,
    attack::{REQUEST_TIMEOUT, runtime},
    cause::Cause,
    client::Client,
    flock::{self, Turns},
    recorder::Recorder,
};

/// Threads that make requests: as many as wrk uses unless told otherwise.
const WORKERS: usize = 2;

/// Connections at the most.
const MAX_CONNECTIONS: usize = 1_000;

/// What a closed loop reached.
#[derive(Debug, Clone)]
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
}

struct Loop {
    target: SocketAddr,
    uri: Uri,
    duration: Duration,
    all_ready: Barrier,
    started: OnceLock<Instant>,
    members: Box<[Mutex<Option<Member>>]>,
    recorder: Arc<Recorder>,
    /// Of all users that have left, and the time until the last of them did.
    total: Mutex<(Member, Duration)>,
}

/// One user's connection and counts.
#[derive(Debug, Default)]
struct Member {
    client: Option<Client>,
    requests: u64,
    failed: u64,
    latency: Histogram,
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
    let shared = Arc::new(Loop {
        target,
        uri: path.clone(),
        duration,
        all_ready: Barrier::new(connections),
        started: OnceLock::new(),
        members: (0..connections).map(|_| Mutex::new(None)).collect(),
        recorder: Arc::new(Recorder::new()),
        total: Mutex::default(),
    });
    let runtime = runtime(WORKERS.min(connections)).map_err(Error::Threads)?;
    runtime.block_on(flock::fly(connections, target, Arc::clone(&shared)))?;
    runtime.shutdown_background();
    let (total, elapsed) = std::mem::take(&mut *shared.total.lock());
    if total.requests == 0 {
        return Err(Error::NothingAnswered { requests: total.failed, target });
    }
    Ok(Saturation {
        requests: total.requests,
        failed: total.failed,
        elapsed,
        latency: total.latency,
    })
}

impl Turns for Loop {
    /// One request, or farewell.
    async fn turn(&self, goose: &mut GooseUser) {
        let slot = &self.members[goose.weighted_users_index];
        let known = slot.lock().take();
        let mut member = match known {
            Some(member) => member,
            None => self.enter().await,
        };
        let sent = Instant::now();
        let since_start = sent - *self.started.get_or_init(|| sent);
        if since_start >= self.duration {
            flock::leave(goose);
            self.add(&member, since_start);
            return;
        }
        let client = member
            .client
            .get_or_insert_with(|| Client::new(self.target, Arc::clone(&self.recorder)));
        let mut request = Request::new(Full::<Bytes>::default());
        *request.uri_mut() = self.uri.clone();
        let exchange = tokio::time::timeout(REQUEST_TIMEOUT, client.exchange(request));
        let reply = exchange.await.unwrap_or(Err(Cause::Timeout));
        let latency = sent.elapsed();
        let answered = reply.is_ok_and(|reply| reply.status == 200);
        if answered {
            member.requests += 1;
            member.latency.record_us(u64::try_from(latency.as_micros()).unwrap_or(u64::MAX));
        } else {
            member.failed += 1;
            client.hang_up();
        }
        let error = (!answered).then_some("failed");
        // It can only fail once Goose has stopped listening.
        let _ = goose
            .record_custom_request_duration("GET", "saturate", latency, answered, None, error)
            .await;
        *slot.lock() = Some(member);
    }
}

impl Loop {
    /// A new user waits for all others, so that no connection has a head start.
    async fn enter(&self) -> Member {
        self.all_ready.wait().await;
        Member::default()
    }

    fn add(&self, member: &Member, elapsed: Duration) {
        let (total, longest) = &mut *self.total.lock();
        *longest = elapsed.max(*longest);
        total.requests += member.requests;
        total.failed += member.failed;
        total.latency.merge(&member.latency);
    }
}
