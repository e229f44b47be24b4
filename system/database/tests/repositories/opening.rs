//! What opens, what does not, and what is said about it.

use std::time::Duration;

use securecart_database::{Database, Kind, Orders, Source};
use securecart_domain::{OrderId, OrderState};
use sqlx::{ConnectOptions, Connection, PgConnection, sqlite::SqliteConnectOptions};

use super::bench::{Bench, order, settings, variable};

fn postgres(primary: &str) -> Source {
    let (primary, run) = (primary.to_owned(), "opening".to_owned());
    Source::Postgres { primary, replicas: Vec::new(), run }
}

#[tokio::test]
async fn a_migration_that_fails_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("primary.sqlite");
    let options = SqliteConnectOptions::new().filename(&file).create_if_missing(true);
    let mut connection = options.connect().await.expect("a file");
    sqlx::query("CREATE TABLE orders (id TEXT)").execute(&mut connection).await.expect("a table");
    connection.close().await.expect("closed");
    let source = Source::Sqlite { folder: folder.path().to_owned() };
    let error = Database::open(source, settings()).await.expect_err("the table is there");
    assert_eq!(error.to_string(), "migration 0002_orders on primary: table orders already exists");
    assert_eq!(error.code(), "migration");
}

#[tokio::test]
async fn a_folder_that_can_not_be_is_refused() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let source = Source::Sqlite { folder: file.path().join("database") };
    let error = Database::open(source, settings()).await.expect_err("not a folder");
    assert!(matches!(error.kind, Kind::Disk(_)), "{error}");
    assert!(error.context.ends_with("/database"), "{error}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    // Nothing listens on port 1.
    let error = Database::open(postgres("postgres://shop@127.0.0.1:1/shop"), settings()).await;
    let error = error.expect_err("nobody is there");
    assert!(matches!(error.kind, Kind::Unavailable(_)), "{error}");
    assert_eq!(error.context, "primary at 127.0.0.1:1");
    let error = Database::open(postgres("127.0.0.1"), settings()).await.expect_err("no URL");
    assert!(error.to_string().starts_with("the URL of a PostgreSQL server"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn who_waits_too_long_for_a_connection_gives_up() {
    let bench = Bench::sqlite(|settings| {
        settings.pool_size = 1;
        settings.acquire_timeout = Duration::from_millis(30);
        settings.assumptions.set("rds.latency-read-p50", 20.0).expect("a key");
        settings.assumptions.set("rds.latency-read-p99", 20.0).expect("a key");
    })
    .await;
    let reads = (0..5).map(|_| bench.orders.find(OrderId(1)));
    let outcomes = futures::future::join_all(reads).await;
    // One is served at once, the next after 20 ms; the others wait more than 30.
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 2);
    assert!(outcomes[..2].iter().all(Result::is_ok), "first come, first served");
    for outcome in &outcomes[2..] {
        let error = outcome.as_ref().expect_err("it gave up");
        assert!(matches!(error.kind, Kind::AcquireTimeout { waited } if waited.as_millis() >= 30));
        assert_eq!(error.code(), "acquire-timeout");
    }
    assert_eq!(bench.primary().timed_out, 3);
}

#[tokio::test(start_paused = true)]
async fn without_replicas_the_primary_answers() {
    let bench = Bench::sqlite(|settings| settings.replicas = 0).await;
    bench.insert(&order(1)).await;
    assert!(bench.orders.view(OrderId(1)).await.expect("an answer").is_some());
    assert_eq!(bench.database.metrics().len(), 1);
    assert_eq!(bench.primary().own_write_reads, 0, "no replica would have answered");
}

#[tokio::test(start_paused = true)]
async fn fifteen_replicas_follow() {
    let bench = Bench::sqlite(|settings| settings.replicas = 99).await;
    assert_eq!(bench.database.metrics().len(), 16, "RDS has no more than fifteen");
    bench.insert(&order(1)).await;
    assert!(bench.database.catch_up(Duration::from_secs(5)).await);
    for _ in 0..15 {
        assert!(bench.orders.view(OrderId(1)).await.expect("an answer").is_some());
    }
    assert_eq!(bench.primary().own_write_reads, 0);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: SECURECART_TEST_POSTGRES_URL"]
async fn a_run_has_its_schema_to_itself_and_leaves_nothing() {
    let source = Source::Postgres {
        primary: variable("SECURECART_TEST_POSTGRES_URL"),
        replicas: Vec::new(),
        run: "one-and-only".to_owned(),
    };
    let first = Database::open(source.clone(), settings()).await.expect("a database");
    let second = Database::open(source.clone(), settings()).await.expect_err("it is taken");
    assert!(second.to_string().contains("already exists"), "{second}");
    first.close().await.expect("closed");
    let again = Database::open(source, settings()).await.expect("it is free again");
    again.close().await.expect("closed");
}

#[tokio::test]
#[ignore = "needs PostgreSQL: SECURECART_TEST_POSTGRES_URL"]
async fn a_replica_that_follows_nobody_is_refused() {
    let primary = variable("SECURECART_TEST_POSTGRES_URL");
    let (replicas, run) = (vec![primary.clone()], "no-standby".to_owned());
    let source = Source::Postgres { primary, replicas, run };
    let error = Database::open(source, settings()).await.expect_err("it is the primary");
    assert!(matches!(error.kind, Kind::Role(_)), "{error}");
    assert!(error.to_string().contains("no standby"), "{error}");
}

#[tokio::test]
#[ignore = "needs PostgreSQL with a replica: SECURECART_TEST_POSTGRES_REPLICA_URL"]
async fn a_replica_is_not_taken_for_the_primary() {
    let replica = postgres(&variable("SECURECART_TEST_POSTGRES_REPLICA_URL"));
    let error = Database::open(replica, settings()).await.expect_err("it is a replica");
    assert!(matches!(error.kind, Kind::Role(_)), "{error}");
    assert!(error.to_string().contains("it is a replica"), "{error}");
}

#[tokio::test]
#[ignore = "needs PostgreSQL: SECURECART_TEST_POSTGRES_URL"]
async fn a_server_that_moved_is_found() {
    let bench = Bench::postgres(|_| ()).await;
    bench.insert(&order(1)).await;
    bench.database.set_address("primary", "127.0.0.1:1".parse().expect("an address"));
    let lost = bench.orders.insert(order(2), OrderState::Paid).await.expect_err("nobody there");
    assert!(matches!(lost.kind, Kind::Unavailable(_)), "{lost}");
    let url = variable("SECURECART_TEST_POSTGRES_URL");
    let address = url.rsplit('@').next().and_then(|rest| rest.split('/').next());
    let address = address.expect("a host").parse().expect("an IP address and a port");
    bench.database.set_address("primary", address);
    let orders = Orders::new(bench.connections.clone());
    assert_eq!(orders.find(OrderId(1)).await, Ok(Some(order(1))));
    bench.close().await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: SECURECART_TEST_POSTGRES_URL"]
async fn a_refusal_by_the_server_itself_is_told_apart() {
    let url = variable("SECURECART_TEST_POSTGRES_URL");
    let mut connection = PgConnection::connect(&url).await.expect("connected");
    // The run, its watch and three more: the role takes four connections.
    for command in [
        "DROP OWNED BY securecart_few",
        "DROP ROLE IF EXISTS securecart_few",
        "CREATE ROLE securecart_few LOGIN PASSWORD 'few' CONNECTION LIMIT 4",
        "DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO securecart_few', \
         current_database()); END $$",
    ] {
        let done = sqlx::raw_sql(command).execute(&mut connection).await;
        assert!(done.is_ok() || command.starts_with("DROP OWNED"), "{command}: {done:?}");
    }
    let host = url.split_once('@').expect("a host").1;
    let primary = format!("postgres://securecart_few:few@{host}");
    let source = Source::Postgres { primary, replicas: Vec::new(), run: "few".to_owned() };
    let database = Database::open(source, settings()).await.expect("a database");
    let orders = Orders::new(database.connections("tests"));
    let reads = (0..5).map(|_| orders.find(OrderId(1)));
    let outcomes = futures::future::join_all(reads).await;
    let refused = outcomes.iter().filter_map(|outcome| outcome.as_ref().err());
    let kinds: Vec<&Kind> = refused.map(|error| &error.kind).collect();
    assert!(!kinds.is_empty() && kinds.iter().all(|kind| **kind == Kind::TooManyConnections));
    assert_eq!(database.metrics()[0].refused, kinds.len() as u64);
    drop(orders);
    database.close().await.expect("closed");
}
