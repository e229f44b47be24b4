//! The test that closed loops fail: while a shop stalls, shoppers keep coming, and each of them waits
//! for what is left of the stall. In a binary of its own, so that no other test competes with it.

#[path = "../src/fixture.rs"]
#[expect(dead_code, reason = "shared with the unit tests, which use the rest")]
mod fixture;

use std::{
    sync::{Arc, Mutex, atomic::AtomicU64},
    time::Duration,
};

use fixture::{PATIENCE, plan, right_answer, shop};
use securecart_domain::{Catalogue, api::Operation};
use securecart_traffic::{Interval, Recorder, Settings, start};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

const STALL: Duration = Duration::from_secs(2);

/// A shop that answers at once, but for two seconds from its 2,000th request on not at all.
fn stalling_shop() -> std::net::SocketAddr {
    let end = Arc::new(Mutex::new(None::<Instant>));
    let orders = Arc::new(AtomicU64::new(0));
    shop(move |request, number| {
        let mut end = end.lock().expect("no panic");
        if number >= 2_000 {
            end.get_or_insert_with(|| Instant::now() + STALL);
        }
        let (end, orders) = (*end, Arc::clone(&orders));
        async move {
            if let Some(end) = end {
                sleep_until(end).await;
            }
            right_answer(&request, &orders)
        }
    })
}

async fn run(users: usize) -> Interval {
    let plan = plan(2_000.0, 5.0);
    let recorder = Arc::new(Recorder::new());
    let handle = start(Settings {
        catalogue: Arc::new(Catalogue::generate(plan.seed, 100, 0.8)),
        plan: Arc::new(plan),
        target: stalling_shop(),
        recorder: Arc::clone(&recorder),
        stop: CancellationToken::new(),
        users: Some(users),
        request_timeout: None,
    })
    .expect("it starts");
    timeout(PATIENCE, handle.wait()).await.expect("it ends").expect("it ends well");
    recorder.drain()
}

#[tokio::test]
async fn a_stall_of_two_seconds_shows_where_it_belongs() {
    // Far fewer users than the stall's 4,000 arrivals: shoppers wait for a user, and that counts.
    let seen = run(64).await;
    assert_eq!((seen.failed(), seen.dropped), (0, 0));
    let product = &seen.operations[Operation::Product.index()];
    let (response, service) =
        (product.response.quantile_us(0.99), product.service.quantile_us(0.99));
    assert!((1_500_000..2_100_000).contains(&response), "response p99 {response} µs");
    // 64 of 10,000 requests were on their way when the shop stalled: fewer than one in a hundred.
    assert!(service < 500_000, "service p99 {service} µs");
    assert!(seen.late > 2_000, "{} late", seen.late);
    // The stall is two of five seconds.
    let slow = 1.0 - product.response.share_within(20_000);
    assert!((0.3..0.7).contains(&slow), "share of slow requests {slow}");
}
