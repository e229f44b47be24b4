use super::*;
use crate::fixture::{PATIENCE, plan};

struct Bench {
    pacer: Arc<Pacer>,
    recorder: Arc<Recorder>,
    thread: std::thread::JoinHandle<Paced>,
}

/// A pacer for `users` that are all ready, with `rate` arrivals a second for `wall_s` seconds.
fn bench(users: usize, rate: f64, wall_s: f64, grace: Duration) -> Bench {
    let recorder = Arc::new(Recorder::new());
    let pacer = Arc::new(Pacer::new(users, Arc::clone(&recorder), watch::Sender::new(None)));
    for _ in 0..users {
        pacer.arrive();
    }
    let timetable = Timetable {
        arrivals: Arrivals::new(&plan(rate, wall_s)),
        window: Duration::from_secs_f64(wall_s),
        grace,
    };
    let run = Arc::clone(&pacer);
    let thread = std::thread::spawn(move || run.run(timetable));
    Bench { pacer, recorder, thread }
}

/// Takes arrivals until there are no more, then leaves.
async fn take_all(pacer: Arc<Pacer>, user: usize) -> Vec<u64> {
    let mut taken = Vec::new();
    while let Some(ticket) = pacer.take(user).await {
        assert!(Instant::now() >= ticket.due, "no arrival is released before its time");
        taken.push(ticket.arrival.number);
    }
    pacer.leave();
    taken
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_arrival_is_taken_once() {
    let bench = bench(50, 4_000.0, 0.5, PATIENCE);
    let users = (0..50).map(|user| tokio::spawn(take_all(Arc::clone(&bench.pacer), user)));
    let mut taken: Vec<u64> =
        futures::future::join_all(users).await.into_iter().flat_map(Result::unwrap).collect();
    taken.sort_unstable();
    let paced = bench.thread.join().expect("the pacer");
    let offered = Arrivals::digest(&plan(4_000.0, 0.5));
    assert_eq!(taken, (0..offered.arrivals()).collect::<Vec<_>>());
    assert_eq!(paced.digest, offered);
    let interval = bench.recorder.drain();
    assert_eq!((interval.arrivals, interval.dropped), (offered.arrivals(), 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn users_that_come_late_find_what_waited_for_them() {
    let bench = bench(1, 1_000.0, 0.2, PATIENCE);
    let offered = Arrivals::digest(&plan(1_000.0, 0.2)).arrivals();
    let mut due = 0;
    while due < offered {
        tokio::task::yield_now().await;
        due += bench.recorder.drain().arrivals;
    }
    let taken = take_all(Arc::clone(&bench.pacer), 0).await;
    assert_eq!(taken, (0..offered).collect::<Vec<_>>(), "the oldest comes first");
    bench.thread.join().expect("the pacer");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_takes_is_dropped_at_the_end_of_the_grace_time() {
    let bench = bench(1, 1_000.0, 0.1, Duration::from_millis(50));
    bench.thread.join().expect("the pacer");
    let interval = bench.recorder.drain();
    assert_eq!(interval.arrivals, Arrivals::digest(&plan(1_000.0, 0.1)).arrivals());
    assert_eq!(interval.dropped, interval.arrivals);
    assert!(bench.pacer.take(0).await.is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_that_is_full_drops_what_comes() {
    let bench = bench(1, 1_000_000.0, 0.3, Duration::ZERO);
    bench.thread.join().expect("the pacer");
    let interval = bench.recorder.drain();
    assert!(interval.arrivals > WAITING_MAX as u64 * 2);
    assert_eq!(interval.dropped, interval.arrivals);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_wakes_who_waits_and_who_thinks() {
    let bench = bench(2, 0.000_1, 3_600.0, PATIENCE);
    let waiting = tokio::spawn(take_all(Arc::clone(&bench.pacer), 0));
    let thinking = {
        let pacer = Arc::clone(&bench.pacer);
        tokio::spawn(async move {
            pacer.sleep_until(1, Instant::now() + Duration::from_secs(3_600)).await
        })
    };
    while bench.pacer.epoch().is_none() || bench.pacer.state.lock().sleepers.is_empty() {
        tokio::task::yield_now().await;
    }
    bench.pacer.close();
    assert!(waiting.await.expect("no panic").is_empty());
    assert!(!thinking.await.expect("no panic"), "the run ended first");
    bench.thread.join().expect("the pacer");
    assert!(!bench.pacer.sleep_until(1, Instant::now() + PATIENCE).await, "it stays closed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sleepers_wake_in_order_and_never_early() {
    let bench = bench(8, 0.000_1, 3_600.0, PATIENCE);
    let start = Instant::now();
    let sleepers = (0..8_u64).map(|user| {
        let pacer = Arc::clone(&bench.pacer);
        let instant = start + Duration::from_millis(80 - 10 * user);
        tokio::spawn(async move {
            assert!(pacer.sleep_until(user as usize, instant).await);
            assert!(Instant::now() >= instant);
            user
        })
    });
    let woken = futures::future::join_all(sleepers).await;
    assert_eq!(woken.into_iter().map(Result::unwrap).sum::<u64>(), 28);
    bench.pacer.close();
    bench.thread.join().expect("the pacer");
}
