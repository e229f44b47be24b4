//! A whole life: started, used, broken in every way, mended, removed.

use std::{io::ErrorKind, net::SocketAddr, sync::Mutex, time::Duration};

use securecart_containers::{CacheEngine, Containers, Error, Images, Member, Progress};

use crate::rig::{alone, ask, docker, left, options, until};

const REPLICA: Member = Member::Replica(1);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Docker and the images"]
async fn containers_start_break_recover_and_go() {
    alone(async {
        let (options, folder) = options("life");
        let run = options.run.clone();
        let seen = Mutex::new(Vec::new());
        let note = |progress: Progress| {
            println!("{progress:?}");
            seen.lock().unwrap().push(progress);
        };
        let containers = Containers::start(options, note, std::future::pending()).await.unwrap();
        let ready = |progress: &&Progress| matches!(progress, Progress::Ready { .. });
        assert_eq!(seen.lock().unwrap().iter().filter(ready).count(), 4);
        assert_eq!(left(&run).await.len(), 5);
        let versions: Vec<String> =
            containers.describe().into_iter().map(|described| described.version).collect();
        assert!(
            versions.iter().all(|version| version.starts_with(|c: char| c.is_ascii_digit())),
            "{versions:?}"
        );
        // From inside of a container they are found at the engine's host.
        let is_inside = std::path::Path::new("/.dockerenv").exists();
        for address in [containers.aws(), containers.cache().unwrap()] {
            assert!(is_inside || address.ip().is_loopback(), "{address}");
        }

        uses_the_machine(&containers).await;
        pauses(&containers).await;
        the_primary_survives_a_kill(&containers).await;
        a_cut_heals(&containers).await;
        a_killed_emulator_forgets(&containers).await;
        a_replica_catches_up(&containers).await;
        faults_on_faults_are_undone_in_any_order(&containers).await;
        a_replica_is_promoted(&containers).await;
        an_end_that_nobody_asked_for_is_told(&containers).await;

        let log = std::fs::read_to_string(folder.path().join("postgres-primary.log")).unwrap();
        let recoveries = log.matches("automatic recovery in progress").count();
        assert_eq!(recoveries, 1, "killed and started once, each line once: {log}");
        containers.remove().await.unwrap();
        assert_eq!(left(&run).await, Vec::<String>::new());
    })
    .await;
}

async fn uses_the_machine(containers: &Containers) {
    until("all have statistics", async || {
        let stats = containers.stats();
        stats.len() == 4 && stats.iter().all(|one| one.memory_bytes > 0 && one.cpu_s > 0.0)
    })
    .await;
    let before = cpu_s(containers);
    // Ends after a second of CPU time, however busy the machine is.
    let burn = "(ulimit -t 1; while :; do :; done) || true";
    docker(&["exec", &container(containers, Member::Cache), "bash", "-c", burn]);
    until("its CPU time is counted", async || cpu_s(containers) - before > 0.9).await;
    assert!(cpu_s(containers) - before < 5.0, "{before} to {}", cpu_s(containers));
}

fn cpu_s(containers: &Containers) -> f64 {
    let stats = containers.stats();
    stats.into_iter().find(|one| one.member == Member::Cache).unwrap().cpu_s
}

/// The name of a member's container on the engine.
fn container(containers: &Containers, member: Member) -> String {
    let described = containers.describe();
    described.into_iter().find(|described| described.member == member).unwrap().container
}

async fn pauses(containers: &Containers) {
    let cache = containers.cache().unwrap();
    assert_eq!(ask(cache, "PING\r\n").await.unwrap(), "+PONG\r\n");
    containers.pause(Member::Cache).await.unwrap();
    assert_eq!(ask(cache, "PING\r\n").await.unwrap_err().kind(), ErrorKind::TimedOut);
    assert!(containers.pause(Member::Cache).await.is_err(), "it is paused already");
    containers.unpause(Member::Cache).await.unwrap();
    containers.ready(Member::Cache).await.unwrap();
    assert_eq!(containers.cache(), Some(cache));
}

/// What `psql` prints inside of a member's container.
fn sql(containers: &Containers, member: Member, text: &str) -> String {
    docker(&["exec", &container(containers, member), "psql", "-U", "securecart", "-tA", "-c", text])
}

async fn refuses(address: SocketAddr) {
    let refused = ask(address, "\r\n").await.unwrap_err().kind();
    assert_eq!(refused, ErrorKind::ConnectionRefused);
}

async fn the_primary_survives_a_kill(containers: &Containers) {
    sql(containers, Member::Primary, "create table orders(id int)");
    sql(containers, Member::Primary, "insert into orders values (1)");
    let before = containers.address(Member::Primary).unwrap();
    containers.kill(Member::Primary).await.unwrap();
    refuses(before).await;
    assert!(containers.kill(Member::Primary).await.is_err(), "it is down already");
    let after = containers.start_again(Member::Primary).await.unwrap();
    assert_eq!(containers.address(Member::Primary).unwrap(), after);
    assert!(containers.postgres_primary().unwrap().contains(&format!("@{after}/")));
    println!(
        "primary: {before} is {after} now, ready in {:?}",
        containers.ready(Member::Primary).await.unwrap()
    );
    assert_eq!(sql(containers, Member::Primary, "select count(*) from orders"), "1");
    println!("its replica streams again after {:?}", containers.ready(REPLICA).await.unwrap());
}

async fn a_cut_heals(containers: &Containers) {
    containers.disconnect(Member::Primary).await.unwrap();
    refuses(containers.address(Member::Primary).unwrap()).await;
    // Longer than a replica waits for its primary's word.
    tokio::time::sleep(Duration::from_secs(7)).await;
    containers.reconnect(Member::Primary).await.unwrap();
    containers.ready(Member::Primary).await.unwrap();
    println!("its replica streams again after {:?}", containers.ready(REPLICA).await.unwrap());

    let before = containers.aws();
    containers.disconnect(Member::LocalStack).await.unwrap();
    refuses(before).await;
    let after = containers.reconnect(Member::LocalStack).await.unwrap();
    assert_eq!(containers.aws(), after);
    println!(
        "localstack: {before} is {after} now, {:?}",
        containers.ready(Member::LocalStack).await.unwrap()
    );
}

/// The number of queues, asked without an SDK.
async fn queues(address: SocketAddr, action: &str, body: &str) -> String {
    let request = format!(
        "POST / HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.0\r\nX-Amz-Target: AmazonSQS.{action}\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential=test/20261127/us-east-1/sqs/aws4_request, SignedHeaders=host, \
         Signature=0\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    ask(address, &request).await.unwrap()
}

async fn a_killed_emulator_forgets(containers: &Containers) {
    let created = queues(containers.aws(), "CreateQueue", r#"{"QueueName":"kept"}"#).await;
    assert!(created.contains(" 200 "), "{created}");
    containers.kill(Member::LocalStack).await.unwrap();
    containers.start_again(Member::LocalStack).await.unwrap();
    println!(
        "localstack ready again after {:?}",
        containers.ready(Member::LocalStack).await.unwrap()
    );
    let url = queues(containers.aws(), "GetQueueUrl", r#"{"QueueName":"kept"}"#).await;
    assert!(url.contains(" 400 "), "its queues are gone: {url}");
}

async fn faults_on_faults_are_undone_in_any_order(containers: &Containers) {
    // Killed while it is cut off; put back on the network before it runs, and after.
    for starts_first in [true, false] {
        containers.disconnect(Member::Cache).await.unwrap();
        containers.kill(Member::Cache).await.unwrap();
        if starts_first {
            assert!(containers.start_again(Member::Cache).await.is_err(), "it has no port yet");
            containers.reconnect(Member::Cache).await.unwrap();
        } else {
            assert!(containers.reconnect(Member::Cache).await.is_err(), "it has no port yet");
            containers.start_again(Member::Cache).await.unwrap();
        }
        containers.ready(Member::Cache).await.unwrap();
    }
    // Killed while it is paused.
    containers.pause(Member::Cache).await.unwrap();
    containers.kill(Member::Cache).await.unwrap();
    containers.start_again(Member::Cache).await.unwrap();
    containers.ready(Member::Cache).await.unwrap();
    // Cut off while it is paused.
    containers.pause(Member::Cache).await.unwrap();
    containers.disconnect(Member::Cache).await.unwrap();
    containers.unpause(Member::Cache).await.unwrap();
    containers.reconnect(Member::Cache).await.unwrap();
    containers.ready(Member::Cache).await.unwrap();
}

async fn a_replica_catches_up(containers: &Containers) {
    containers.disconnect(REPLICA).await.unwrap();
    sql(containers, Member::Primary, "insert into orders values (2)");
    assert_eq!(sql(containers, REPLICA, "select count(*) from orders"), "1", "it is cut off");
    containers.reconnect(REPLICA).await.unwrap();
    println!("replica streams again after {:?}", containers.ready(REPLICA).await.unwrap());
    until("the replica has the row", async || {
        sql(containers, REPLICA, "select count(*) from orders") == "2"
    })
    .await;
}

async fn a_replica_is_promoted(containers: &Containers) {
    assert!(containers.promote(Member::Primary).await.is_err(), "it is none");
    containers.kill(Member::Primary).await.unwrap();
    containers.promote(REPLICA).await.unwrap();
    sql(containers, REPLICA, "insert into orders values (3)");
    assert_eq!(sql(containers, REPLICA, "select count(*) from orders"), "3");
}

async fn an_end_that_nobody_asked_for_is_told(containers: &Containers) {
    let silence = tokio::time::timeout(Duration::from_millis(200), containers.failed()).await;
    assert!(silence.is_err(), "what was killed on purpose is no failure: {silence:?}");
    docker(&["kill", &container(containers, Member::Cache)]);
    let error = tokio::time::timeout(Duration::from_secs(10), containers.failed()).await.unwrap();
    assert!(
        matches!(&error, Error::Exited { member, code: 137, .. } if member == "cache"),
        "{error}"
    );
    containers.start_again(Member::Cache).await.unwrap();
    containers.ready(Member::Cache).await.unwrap();
}

/// On one thread, which a drop blocks.
#[tokio::test]
#[ignore = "needs Docker and the images"]
async fn memcached_and_two_replicas_or_none() {
    alone(async {
        let (mut options, folder) = options("memcached");
        options.cache_engine = CacheEngine::Memcached;
        options.images = Images::pinned(CacheEngine::Memcached);
        options.replicas = 2;
        options.services = vec!["sqs".into()];
        let run = options.run.clone();
        let start = Containers::start(options.clone(), |_| (), std::future::pending());
        let containers = start.await.unwrap();
        assert_eq!(containers.postgres_replicas().len(), 2);
        assert!(
            ask(containers.cache().unwrap(), "version\r\n")
                .await
                .unwrap()
                .starts_with("VERSION 1.6")
        );
        // A paused container goes as well.
        containers.pause(Member::Cache).await.unwrap();
        containers.remove().await.unwrap();
        assert_eq!(left(&run).await, Vec::<String>::new());

        // A disk that is full does not end the run.
        std::os::unix::fs::symlink("/dev/full", folder.path().join("full.log")).unwrap();
        std::fs::rename(folder.path().join("full.log"), folder.path().join("localstack.log"))
            .unwrap();
        options.replicas = 0;
        let start = Containers::start(options.clone(), |_| (), std::future::pending());
        let containers = start.await.unwrap();
        let full = containers.failed().await;
        assert!(matches!(full, Error::FolderFull { .. }), "{full}");
        let twice = Containers::start(options, |_| (), std::future::pending()).await;
        assert!(matches!(twice, Err(Error::RunTaken { .. })), "{twice:?}");
        assert!(containers.postgres_replicas().is_empty());
        assert!(matches!(containers.kill(REPLICA).await, Err(Error::NoMember { .. })));
        drop(containers);
        assert_eq!(left(&run).await, Vec::<String>::new());
    })
    .await;
}
