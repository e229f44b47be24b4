//! Goose prints nothing, on neither stream, whatever happens in a run.

#[path = "../src/fixture.rs"]
#[expect(dead_code, reason = "shared with the unit tests, which use the rest")]
mod fixture;

use std::{
    process::Command,
    sync::{Arc, atomic::AtomicU64},
};

use fixture::{plan, right_answer, shop};
use securecart_domain::Catalogue;
use securecart_traffic::{Recorder, Settings, start};
use tokio_util::sync::CancellationToken;

/// Plays a short run, when it is started by the test below.
#[test]
#[ignore = "it is the other test's child"]
fn child() {
    let orders = AtomicU64::new(0);
    let plan = plan(200.0, 0.5);
    let settings = Settings {
        catalogue: Arc::new(Catalogue::generate(plan.seed, 100, 0.8)),
        plan: Arc::new(plan),
        // Some requests fail, which Goose would report.
        target: shop(move |request, number| {
            let answer = right_answer(&request, &orders);
            let broken = fixture::answer(500, "");
            std::future::ready(if number % 3 == 0 { broken } else { answer })
        }),
        recorder: Arc::new(Recorder::new()),
        stop: CancellationToken::new(),
        users: None,
        request_timeout: None,
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let outcome = runtime.block_on(start(settings).expect("it starts").wait()).expect("it ends");
    assert!(outcome.goose_requests > 0);
}

#[test]
fn goose_prints_nothing() {
    let output = Command::new(std::env::current_exe().expect("this binary"))
        .args(["--exact", "child", "--ignored", "--nocapture", "--test-threads", "1"])
        .output()
        .expect("it runs");
    let (stdout, stderr) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{stdout}{stderr}");
    assert_eq!(stderr, "");
    // What is left is the test harness's own.
    let rest: Vec<_> = stdout.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(rest.len(), 3, "{stdout}");
    assert_eq!(rest[0], "running 1 test");
    assert_eq!(rest[1], "test child ... ok");
    assert!(rest[2].starts_with("test result: ok. 1 passed"), "{stdout}");
}
