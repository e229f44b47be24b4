//! Who serves the tiers, as the command line has it: what is refused, and what a run on an endpoint
//! leaves there.

use std::path::Path;

use securecart_clock::Clock;
use securecart_cloud::Endpoint;
use securecart_embedded::Engine;
use securecart_tests::{Bench, Ran};

/// Runs `arguments`, which end with `code` and a message that has all of `parts`.
fn refused(arguments: &[&str], code: i32, parts: &[&str]) -> Ran {
    let bench = Bench::new();
    let ran = bench.run(arguments);
    assert_eq!(ran.code, Some(code), "{arguments:?}: {}", ran.stderr);
    for part in parts {
        assert!(ran.stderr.contains(part), "{arguments:?} lacks `{part}`: {}", ran.stderr);
    }
    let left = std::fs::read_dir(bench.path()).expect("a folder").flatten();
    let runs =
        left.flat_map(|entry| std::fs::read_dir(entry.path().join("runs")).into_iter().flatten());
    assert_eq!(runs.count(), 0, "{arguments:?} leaves a run");
    ran
}

#[test]
fn options_that_contradict_each_other_are_refused() {
    let smoke = |options: &[&'static str]| [&["scenario", "smoke"][..], options].concat();
    let url = "http://127.0.0.1:9";
    for (options, part) in [
        (smoke(&["--backend", "endpoint"]), "needs `--endpoint-url URL`"),
        (smoke(&["--backend", "embedded", "--endpoint-url", url]), "needs `--backend endpoint`"),
        (smoke(&["--allow-remote-endpoint"]), "does nothing without `--endpoint-url`"),
        (smoke(&["--backend", "embedded", "--cache-image", "x"]), "starts no containers"),
        (
            smoke(&["--backend", "localstack", "--postgres-image", "x", "--database-url", "y"]),
            "no PostgreSQL is started",
        ),
        (
            smoke(&["--backend", "localstack", "--cache-image", "x", "--cache-url", "y"]),
            "no cache is started",
        ),
        (smoke(&["--replica-url", "postgres://db/shop"]), "--database-url <URL>"),
    ] {
        refused(&options, 2, &[part]);
    }
}

#[test]
fn real_aws_and_other_machines_are_not_called() {
    for (url, allow, part) in [
        ("http://192.0.2.1:4566", false, "--allow-remote-endpoint"),
        ("https://sqs.eu-central-1.amazonaws.com", false, "is real AWS"),
        ("https://dynamodb.eu-central-1.amazonaws.com", true, "is real AWS"),
    ] {
        let allow = if allow { &["--allow-remote-endpoint"][..] } else { &[] };
        refused(&[&["scenario", "smoke", "--endpoint-url", url], allow].concat(), 2, &[part]);
    }
}

#[test]
fn urls_that_are_none_are_refused_without_their_password() {
    for (option, url) in [
        ("--database-url", "mysql://me:hunter2@127.0.0.1/shop"),
        ("--cache-url", "http://me:hunter2@127.0.0.1"),
    ] {
        let ran = refused(&["scenario", "smoke", option, url], 2, &["127.0.0.1", "it takes"]);
        assert!(!ran.stderr.contains("hunter2"), "{}", ran.stderr);
    }
}

#[test]
fn servers_that_do_not_answer_are_named() {
    // Nobody listens at the discard port.
    for (option, url) in [
        ("--endpoint-url", "http://127.0.0.1:9"),
        ("--database-url", "postgres://me:hunter2@127.0.0.1:9/shop"),
        ("--cache-url", "redis://127.0.0.1:9"),
        ("--cache-url", "memcached://127.0.0.1:9"),
    ] {
        let ran = refused(&["scenario", "smoke", option, url], 4, &["127.0.0.1:9", "refused"]);
        assert!(!ran.stderr.contains("hunter2"), "{}", ran.stderr);
        let error = ran.stderr.lines().last().expect("a message");
        assert!(error.contains("127.0.0.1:9"), "the message names the server: {error}");
    }
}

#[test]
fn containers_need_an_engine() {
    refused(&["scenario", "smoke", "--backend", "localstack"], 4, &["--backend embedded"]);
}

#[test]
fn faults_of_containers_need_the_runs_own() {
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("container-faults.toml");
    let scenario = scenario.to_str().expect("text");
    for (options, part) in [
        (&["--backend", "embedded"][..], "has no containers"),
        (
            &["--backend", "localstack", "--database-url", "postgres://db/shop"],
            "the database is elsewhere",
        ),
        (
            &["--backend", "localstack", "--cache-url", "redis://127.0.0.1:9"],
            "the cache is elsewhere",
        ),
    ] {
        refused(&[&["scenario", scenario], options].concat(), 2, &[part, "fault=[]"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_on_an_endpoint_is_probed_audited_and_leaves_nothing_there() {
    let emulator = Engine::new(Clock::starting_at(1_795_737_600_000), 1);
    let served = emulator.serve(0).await.expect("a port");
    let url = format!("http://{}", served.address());
    let run = {
        let url = url.clone();
        move || {
            Bench::new().run(&[
                "scenario",
                "smoke",
                "--endpoint-url",
                &url,
                "--duration",
                "3s",
                "--json",
            ])
        }
    };
    let ran = tokio::task::spawn_blocking(run).await.expect("it ends");
    assert!(matches!(ran.code, Some(0 | 5 | 7)), "{}", ran.stderr);
    let record = ran.json();
    assert_eq!(record["run"]["backend"], "endpoint");
    assert_eq!(record["run"]["tier-options"], serde_json::json!(["--endpoint-url", url]));
    assert!(record["run"]["probe"]["carried-per-second"].as_f64() > Some(0.0), "{record}");
    assert_eq!(record["audit"]["findings"], serde_json::json!([]));
    let clients = Endpoint::at(served.address()).clients("test");
    let queues = clients.sqs.list_queues().send().await.expect("listed");
    assert_eq!(queues.queue_urls(), [] as [String; 0]);
    let tables = clients.dynamodb.list_tables().send().await.expect("listed");
    assert_eq!(tables.table_names(), [] as [String; 0]);
    served.close().await;
}
