//! Whole runs against small shops.

use std::sync::atomic::AtomicBool;

use securecart_domain::api::{IDEMPOTENCY_KEY, Operation};

use super::*;
use crate::{
    arrivals::Arrivals,
    fixture::{PATIENCE, answer, garbage_shop, journey, plan, right_answer, shop},
    recorder::Interval,
};

struct Setup {
    plan: Plan,
    target: SocketAddr,
    users: Option<usize>,
    timeout: Option<Duration>,
}

impl Setup {
    fn new(plan: Plan, target: SocketAddr) -> Self {
        Self { plan, target, users: None, timeout: None }
    }

    fn settings(self) -> Settings {
        Settings {
            catalogue: Arc::new(Catalogue::generate(self.plan.seed, 100, 0.8)),
            plan: Arc::new(self.plan),
            target: self.target,
            recorder: Arc::new(Recorder::new()),
            stop: CancellationToken::new(),
            users: self.users,
            request_timeout: self.timeout,
        }
    }

    fn start(self) -> (Handle, Arc<Recorder>, CancellationToken) {
        let settings = self.settings();
        let (recorder, stop) = (Arc::clone(&settings.recorder), settings.stop.clone());
        (start(settings).expect("it starts"), recorder, stop)
    }

    /// The whole run and everything that was recorded.
    async fn run(self) -> (Outcome, Interval) {
        let (handle, recorder, _) = self.start();
        let outcome = within(handle.wait()).await.expect("it ends well");
        (outcome, recorder.drain())
    }
}

async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("it does not hang")
}

fn right_shop() -> SocketAddr {
    let orders = AtomicU64::new(0);
    shop(move |request, _| std::future::ready(right_answer(&request, &orders)))
}

fn buying(rate: f64, wall_s: f64, think_ms: (u32, u32)) -> Plan {
    let mut plan = plan(rate, wall_s);
    plan.journeys = vec![journey(&Operation::ALL, think_ms)];
    plan
}

#[tokio::test]
async fn a_whole_run_accounts_for_every_session_and_request() {
    let plan = buying(200.0, 1.0, (1, 5));
    let offered = Arrivals::digest(&plan);
    let (outcome, seen) = Setup::new(plan, right_shop()).run().await;
    let sessions = offered.arrivals();
    assert_eq!(outcome.digest, offered);
    assert_eq!((seen.arrivals, seen.dropped, seen.failed()), (sessions, 0, 0));
    assert_eq!((seen.lag.count(), seen.sessions, seen.in_flight), (sessions, 0, 0));
    for operation in &seen.operations {
        assert_eq!(operation.requests, sessions, "{}", operation.operation);
        assert_eq!(operation.response.count(), sessions);
        assert!(operation.errors.is_empty(), "{:?}", operation.errors);
    }
    assert_eq!((seen.orders, outcome.accepted.len() as u64), (sessions, sessions));
    assert!(outcome.accepted.iter().all(|order| order.intended_us <= order.accepted_us));
    assert!(outcome.unresolved.is_empty());
    assert_eq!(outcome.panics, 0);
    assert!(outcome.connections <= outcome.users as u64, "connections are kept");
    assert!(outcome.goose_requests > 0 && outcome.goose_requests <= seen.requests());
}

#[tokio::test]
async fn one_seed_asks_for_the_same() {
    let heard = || {
        let paths = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&paths);
        let orders = AtomicU64::new(0);
        let target = shop(move |request, _| {
            // Orders are numbered as they come, so their status is the one path that may differ.
            if !request.uri().path().starts_with("/orders") {
                paths.lock().push(request.uri().to_string());
            }
            std::future::ready(right_answer(&request, &orders))
        });
        (target, kept)
    };
    let mut all = Vec::new();
    for _ in 0..2 {
        let (target, paths) = heard();
        let (outcome, _) = Setup::new(buying(200.0, 0.5, (0, 3)), target).run().await;
        let mut paths = std::mem::take(&mut *paths.lock());
        paths.sort();
        all.push((outcome.digest, paths));
    }
    assert!(!all[0].1.is_empty());
    assert_eq!(all[0], all[1]);
}

#[tokio::test]
async fn too_few_users_make_arrivals_late_and_then_dropped() {
    let orders = Arc::new(AtomicU64::new(0));
    let target = shop(move |request, _| {
        let orders = Arc::clone(&orders);
        async move {
            tokio::time::sleep(Duration::from_millis(100)).await;
            right_answer(&request, &orders)
        }
    });
    let mut setup = Setup::new(plan(400.0, 1.0), target);
    setup.users = Some(2);
    // The grace time of a session without thinking is its timeout.
    setup.timeout = Some(Duration::from_millis(900));
    let (_, seen) = setup.run().await;
    assert!(seen.dropped > 300, "two users do 20 sessions a second: {} dropped", seen.dropped);
    assert_eq!(seen.lag.count() + seen.dropped, seen.arrivals);
    assert!(seen.late > 0 && seen.late <= seen.lag.count());
}

#[tokio::test]
async fn stop_ends_a_run_and_forgets_no_request() {
    let target = shop(|_, _| std::future::pending());
    let (handle, recorder, stop) = Setup::new(plan(500.0, 3_600.0), target).start();
    within(handle.started()).await.expect("it starts");
    let mut seen = Interval::default();
    while seen.in_flight < 50 {
        tokio::task::yield_now().await;
        seen.merge(&recorder.drain());
    }
    stop.cancel();
    within(handle.wait()).await.expect("it ends well");
    seen.merge(&recorder.drain());
    assert_eq!(seen.lag.count() + seen.dropped, seen.arrivals);
    let product = &seen.operations[Operation::Product.index()];
    assert_eq!((product.requests, product.failed), (0, 0), "none was answered, none failed");
    let [cut_off] = &product.errors[..] else { panic!("{:?}", product.errors) };
    assert_eq!(cut_off.cause, "interrupted");
    assert_eq!(cut_off.count, seen.lag.count(), "every session made its one request");
    assert_eq!((seen.in_flight, seen.sessions), (0, 0));
}

#[tokio::test]
async fn a_run_that_is_stopped_before_it_starts_ends() {
    let (handle, recorder, stop) = Setup::new(plan(500.0, 3_600.0), right_shop()).start();
    stop.cancel();
    let outcome = within(handle.wait()).await.expect("a stopped run is no error");
    assert_eq!(outcome.accepted.len() as u64, recorder.drain().orders);
}

#[tokio::test]
async fn a_shop_that_closes_its_connections_costs_connections_only() {
    let orders = AtomicU64::new(0);
    let target = shop(move |request, _| {
        let mut response = right_answer(&request, &orders);
        let close = http::HeaderValue::from_static("close");
        response.headers_mut().insert(http::header::CONNECTION, close);
        std::future::ready(response)
    });
    let (outcome, seen) = Setup::new(buying(100.0, 0.5, (0, 2)), target).run().await;
    assert_eq!(seen.failed(), 0, "{:?}", seen.operations);
    assert_eq!(outcome.connections, seen.requests());
    assert!(seen.reconnects > 0);
}

#[tokio::test]
async fn garbage_is_a_failure_with_a_cause() {
    for (bytes, cause) in [
        (&b"SSH-2.0-OpenSSH_9.6\r\n"[..], "transport"),
        (b"", "transport"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{", "transport"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", "malformed-body"),
        (b"HTTP/1.1 418 Teapot\r\ncontent-length: 0\r\n\r\n", "418"),
    ] {
        let (outcome, seen) = Setup::new(plan(100.0, 0.2), garbage_shop(bytes)).run().await;
        let product = &seen.operations[Operation::Product.index()];
        assert!(product.requests > 0);
        assert_eq!(product.failed, product.requests, "{cause}");
        let causes: Vec<_> = product.errors.iter().map(|error| error.cause.as_str()).collect();
        assert_eq!((causes, outcome.panics), (vec![cause], 0));
    }
}

#[tokio::test]
async fn nobody_listening_is_a_failure_to_connect() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let target = port.local_addr().expect("an address");
    drop(port);
    let (outcome, seen) = Setup::new(plan(100.0, 0.2), target).run().await;
    assert_eq!(seen.failed(), seen.arrivals);
    assert_eq!(seen.operations[Operation::Product.index()].errors[0].cause, "connect");
    assert_eq!(outcome.connections, 0);
}

fn checkouts_only(rate: f64, wall_s: f64) -> Plan {
    let mut plan = plan(rate, wall_s);
    plan.journeys = vec![journey(&[Operation::Checkout], (0, 0))];
    plan
}

#[tokio::test]
async fn a_checkout_is_asked_again_with_its_own_key() {
    let asked = Arc::new(Mutex::new(std::collections::HashMap::<String, u32>::new()));
    let orders = AtomicU64::new(0);
    let target = shop(move |request, _| {
        let key = request.headers()[IDEMPOTENCY_KEY].to_str().expect("ASCII").to_owned();
        let mut asked = asked.lock();
        let times = asked.entry(key).or_default();
        *times += 1;
        let failed = answer(503, r#"{"code":"overloaded","message":"later"}"#);
        std::future::ready(if *times < 3 { failed } else { right_answer(&request, &orders) })
    });
    let (outcome, seen) = Setup::new(checkouts_only(50.0, 0.3), target).run().await;
    let checkout = &seen.operations[Operation::Checkout.index()];
    assert!(checkout.requests > 0);
    assert_eq!((checkout.requests, checkout.failed), (seen.arrivals, 0));
    assert_eq!((seen.orders, seen.retries), (seen.arrivals, 2 * seen.arrivals));
    assert_eq!(checkout.errors[0].cause, "503 overloaded");
    assert_eq!(checkout.errors[0].count, seen.retries);
    // The pauses of 200 and 800 ms are in the response time and not in the service time.
    assert!(checkout.response.quantile_us(0.0) >= 999_000);
    assert!(outcome.unresolved.is_empty());
}

#[tokio::test]
async fn checkouts_without_an_answer_are_kept_for_the_audit_and_refusals_are_not() {
    let silent = shop(|_, _| std::future::pending());
    let mut setup = Setup::new(checkouts_only(50.0, 0.2), silent);
    setup.timeout = Some(Duration::from_millis(50));
    let (outcome, seen) = setup.run().await;
    let checkout = &seen.operations[Operation::Checkout.index()];
    // The grace time ends before the last attempt of some.
    let cut_off = checkout.errors.iter().find(|error| error.cause == "interrupted");
    let cut_off = cut_off.map_or(0, |error| error.count);
    assert_eq!((checkout.failed + cut_off, seen.retries > 0), (seen.arrivals, true));
    assert_eq!(outcome.unresolved.len() as u64, seen.arrivals);
    let keys: std::collections::HashSet<_> = outcome.unresolved.iter().map(|c| &c.key).collect();
    assert_eq!(keys.len(), outcome.unresolved.len());

    // Here the first attempt may have been an order; the refusal of the same key says it was not.
    let refused = AtomicBool::new(false);
    let target = shop(move |_, _| {
        let first = !refused.swap(true, Relaxed);
        let refusal = answer(402, r#"{"code":"payment-refused","message":"no"}"#);
        std::future::ready(if first { answer(500, "") } else { refusal })
    });
    let (outcome, seen) = Setup::new(checkouts_only(50.0, 0.2), target).run().await;
    assert_eq!((seen.failed(), seen.orders, outcome.unresolved.len()), (0, 0, 0));
}

#[test]
fn a_session_that_panics_is_counted_and_its_user_goes_on() {
    let full = plan(100.0, 0.2);
    let arrivals = Arrivals::new(&full);
    let sessions = Arrivals::digest(&full).arrivals();
    // The arrivals are of a plan with a journey, the run's plan has none: every session is a bug.
    let mut settings = Setup::new(full, right_shop()).settings();
    Arc::make_mut(&mut settings.plan).journeys.clear();
    let recorder = Arc::clone(&settings.recorder);
    let run = Arc::new(Run::new(settings, 3, watch::Sender::new(None)));
    let outcome = run.conduct(arrivals).expect("it ends all the same");
    assert_eq!(outcome.panics, sessions);
    assert!(sessions > 3, "users went on after their first panic");
    let seen = recorder.drain();
    assert_eq!((seen.sessions, seen.in_flight, seen.arrivals), (0, 0, sessions));
}

#[tokio::test]
async fn numbers_of_users_that_cannot_be_are_refused() {
    for users in [0, limits::MAX_USERS + 1] {
        let mut setup = Setup::new(plan(1.0, 1.0), ([127, 0, 0, 1], 1).into());
        setup.users = Some(users);
        let error = start(setup.settings()).expect_err("no such number");
        assert!(error.to_string().starts_with(&format!("{users} users: expected 1 to")), "{error}");
    }
}

#[test]
fn users_follow_the_peak_and_the_length_of_sessions() {
    let mut long = buying(100.0, 10.0, (1_000, 3_000));
    // 9 steps of 2.1 s at 100/s are 1,890 sessions under way; half as many again and 50.
    assert_eq!(limits::users_for(&long), 2_884);
    long.traffic.sessions_per_second = 1e9;
    assert_eq!(limits::users_for(&long), limits::MAX_USERS);
    long.traffic.sessions_per_second = 0.0;
    assert_eq!(limits::users_for(&long), 50);
}
