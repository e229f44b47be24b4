//! A run of the load: Goose on threads of its own, from the first user to the last answer.
//!
//! The generator has its own runtime, because in the runtime of the system under test its wake-ups
//! would wait in the run queue behind the very work whose delay they are to measure.
//!
//! It ends by itself when the window is over and the sessions under way have finished, at the latest
//! after a grace time (the longest session and one timeout, a minute at the most). Once `stop` is
//! cancelled it ends within about a second: Goose looks twice a second whether its users have left.

mod limits;

use std::{
    io,
    net::SocketAddr,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use futures::FutureExt;
use goose::goose::GooseUser;
use parking_lot::Mutex;
use securecart_domain::Catalogue;
use securecart_scenario::Plan;
use tokio::{
    runtime::{Builder, Runtime},
    sync::{oneshot, watch},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use crate::{
    Error,
    arrivals::{Arrivals, Digest},
    client::Client,
    flock::{self, Turns},
    orders::{AcceptedOrder, MAX_ORDERS, UnresolvedCheckout},
    pacer::{Paced, Pacer, READY_WITHIN, Timetable},
    recorder::Recorder,
    session::Session,
};

/// A request without a whole answer after this long has failed, unless the settings say otherwise.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// What to run, and against what.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Window, rates, journeys and seed.
    pub plan: Arc<Plan>,
    /// What there is to buy; the shop's own.
    pub catalogue: Arc<Catalogue>,
    /// Where the shop listens.
    pub target: SocketAddr,
    /// Where everything is recorded. One run at a time records into it.
    pub recorder: Arc<Recorder>,
    /// Ends the run early.
    pub stop: CancellationToken,
    /// Sessions that can be under way at once, 1 to 20,000; from the plan where absent.
    pub users: Option<usize>,
    /// How long a request may take; [`REQUEST_TIMEOUT`] where absent.
    pub request_timeout: Option<Duration>,
}

/// A run that is under way. It goes on when this is dropped.
#[derive(Debug)]
pub struct Handle {
    users: usize,
    epoch: watch::Receiver<Option<Instant>>,
    outcome: oneshot::Receiver<Result<Outcome, Error>>,
}

/// What is known only at the end.
#[derive(Debug)]
pub struct Outcome {
    /// Users that were there.
    pub users: usize,
    /// Of all arrivals that were due. Equal for equal plans and seeds that ran to their end.
    pub digest: Digest,
    /// Sessions that ended in a panic of the generator: a bug, and never a figure about the shop.
    pub panics: u64,
    /// Connections that were opened.
    pub connections: u64,
    /// Requests by Goose's own count.
    pub goose_requests: u64,
    /// Orders that shoppers were promised.
    pub accepted: Vec<AcceptedOrder>,
    /// Checkouts that were not settled.
    pub unresolved: Vec<UnresolvedCheckout>,
}

/// Starts a run. It goes on by itself; what happens in it shows at the recorder.
///
/// Call `ctrlc::set_handler` before the first run of the process. Where nobody did, Ctrl-C stops the
/// first run, so that Goose's own handler, which exits the process, is never installed.
///
/// # Errors
///
/// [`Error::Users`] and [`Error::OpenFiles`] for a number of users that can't be; [`Error::Threads`].
pub fn start(settings: Settings) -> Result<Handle, Error> {
    let users = settings.users.unwrap_or_else(|| limits::users_for(&settings.plan));
    if !(1..=limits::MAX_USERS).contains(&users) {
        return Err(Error::Users { users, max: limits::MAX_USERS });
    }
    limits::allow_open_files(users)?;
    let stop = settings.stop.clone();
    // An error means that there is a handler already, which is as it should be.
    let _ = ctrlc::set_handler(move || stop.cancel());

    let (epoch, epoch_seen) = watch::channel(None);
    let (outcome, outcome_seen) = oneshot::channel();
    thread::Builder::new()
        .name("traffic".to_owned())
        .spawn(move || {
            let arrivals = Arrivals::new(&settings.plan);
            let result = Arc::new(Run::new(settings, users, epoch)).conduct(arrivals);
            // Nobody may be waiting any more.
            let _ = outcome.send(result);
        })
        .map_err(Error::Threads)?;
    Ok(Handle { users, epoch: epoch_seen, outcome: outcome_seen })
}

impl Handle {
    /// Sessions that can be under way at once.
    #[must_use]
    pub fn users(&self) -> usize {
        self.users
    }

    /// Waits until every user is ready; returns the first second of the window, which is 50 ms ahead.
    /// `None` when the run ended before that.
    pub async fn started(&self) -> Option<Instant> {
        let mut epoch = self.epoch.clone();
        epoch.wait_for(Option::is_some).await.ok().and_then(|instant| *instant)
    }

    /// Waits for the end of the run.
    ///
    /// # Errors
    ///
    /// [`Error::Goose`], [`Error::NotReady`], [`Error::Threads`] when there was no proper run;
    /// [`Error::TooManyOrders`] when there was one that can't be audited.
    pub async fn wait(self) -> Result<Outcome, Error> {
        let lost = |_| Err(Error::Threads(io::Error::other("the traffic thread panicked")));
        self.outcome.await.unwrap_or_else(lost)
    }
}

/// What all users of a run share.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) plan: Arc<Plan>,
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) pacer: Pacer,
    /// Interrupts what is in flight.
    pub(crate) end: CancellationToken,
    pub(crate) timeout: Duration,
    target: SocketAddr,
    /// The users' connections, each with its user while that plays a session. Empty until the user's
    /// first turn.
    clients: Box<[Mutex<Option<Client>>]>,
    panics: AtomicU64,
}

impl Run {
    fn new(settings: Settings, users: usize, epoch: watch::Sender<Option<Instant>>) -> Self {
        Self {
            pacer: Pacer::new(users, Arc::clone(&settings.recorder), epoch),
            plan: settings.plan,
            catalogue: settings.catalogue,
            recorder: settings.recorder,
            end: settings.stop.child_token(),
            timeout: settings.request_timeout.unwrap_or(REQUEST_TIMEOUT),
            target: settings.target,
            clients: (0..users).map(|_| Mutex::new(None)).collect(),
            panics: AtomicU64::new(0),
        }
    }

    /// The whole run, on the thread that calls it and the runtime's.
    fn conduct(self: &Arc<Self>, arrivals: Arrivals) -> Result<Outcome, Error> {
        let runtime = runtime().map_err(Error::Threads)?;
        let timetable = Timetable {
            arrivals,
            window: Duration::from_secs_f64(self.plan.window.wall_s()),
            grace: limits::grace(&self.plan, self.timeout),
        };
        let pacing = self.pace(timetable).map_err(Error::Threads)?;
        let watcher = Arc::clone(self);
        runtime.spawn(async move {
            watcher.end.cancelled().await;
            watcher.pacer.close();
        });
        let users = self.clients.len();
        let flown = runtime.block_on(flock::fly(users, self.target, Arc::clone(self)));
        // Where Goose failed, the pacer still waits for its users.
        self.end.cancel();
        let paced = pacing.join();
        runtime.shutdown_background();
        let paced = paced.map_err(|_| Error::Threads(io::Error::other("the pacer panicked")))?;
        self.outcome(&paced, flock::counted(&flown?))
    }

    /// Starts the pacer's thread. However that ends, so does the run.
    fn pace(self: &Arc<Self>, timetable: Timetable) -> io::Result<thread::JoinHandle<Paced>> {
        let run = Arc::clone(self);
        thread::Builder::new().name("traffic-pacer".to_owned()).spawn(move || {
            let _end = run.end.clone().drop_guard();
            run.pacer.run(timetable)
        })
    }

    fn outcome(&self, paced: &Paced, goose_requests: u64) -> Result<Outcome, Error> {
        let users = self.clients.len();
        if paced.ready < users && !paced.stopped {
            let waited_s = READY_WITHIN.as_secs();
            return Err(Error::NotReady { ready: paced.ready, users, waited_s });
        }
        let settled = self.recorder.orders.settle();
        if settled.accepted_total > MAX_ORDERS as u64 {
            return Err(Error::TooManyOrders { accepted: settled.accepted_total, max: MAX_ORDERS });
        }
        Ok(Outcome {
            users,
            digest: paced.digest,
            panics: self.panics.load(Relaxed),
            connections: self.recorder.connections(),
            goose_requests,
            accepted: settled.accepted,
            unresolved: settled.unresolved,
        })
    }
}

impl Turns for Run {
    /// One transaction of a Goose user: the next arrival's session, or farewell.
    async fn turn(&self, goose: &mut GooseUser) {
        let user = goose.weighted_users_index;
        let known = self.clients[user].lock().take();
        let mut client = known.unwrap_or_else(|| {
            self.pacer.arrive();
            Client::new(self.target, Arc::clone(&self.recorder))
        });
        let Some(ticket) = self.pacer.take(user).await else {
            flock::leave(goose);
            self.pacer.leave();
            return;
        };
        let mut session = Session { run: self, goose, user, client: &mut client };
        if AssertUnwindSafe(session.play(ticket)).catch_unwind().await.is_err() {
            self.panics.fetch_add(1, Relaxed);
            client.hang_up();
        }
        *self.clients[user].lock() = Some(client);
    }
}

/// The generator's own runtime. Its threads need little processor time, and on a small machine a second
/// one would only take turns with the system under test.
fn runtime() -> io::Result<Runtime> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    Builder::new_multi_thread()
        .worker_threads(if cores >= 4 { 2 } else { 1 })
        .thread_name("traffic-users")
        .enable_all()
        .build()
}

#[cfg(test)]
mod tests;
