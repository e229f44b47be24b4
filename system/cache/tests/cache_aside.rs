//! The cache as its readers see it: in process always, on Valkey and Memcached where they are given.
//!
//! ```text
//! SECURECART_TEST_REDIS_URL=redis://… SECURECART_TEST_MEMCACHED_ADDR=host:port \
//!     cargo test -p securecart-cache -- --ignored
//! ```

use std::{
    sync::atomic::{AtomicU32, Ordering::SeqCst},
    time::Duration,
};

use bytes::Bytes;
use futures::future::join_all;
use securecart_cache::{Cache, Error, Settings, Source};
use tokio::time::{Instant, advance, sleep};

const TTL: Duration = Duration::from_secs(60);

fn settings() -> Settings {
    Settings {
        ttl: TTL,
        jitter: 0.2,
        seed: 7,
        modelled: false,
        assumptions: Default::default(),
        timeout: Duration::from_millis(500),
        exclusive: false,
    }
}

async fn in_process(nodes: u32, capacity_bytes: u64) -> Cache {
    let source = Source::InProcess { nodes, capacity_bytes };
    Cache::connect(source, settings()).await.expect("a cache")
}

/// A variable that names a server.
#[expect(clippy::disallowed_methods, reason = "servers for tests are named by the environment")]
fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"))
}

/// A run's name that no other test has.
fn run(test: &str) -> String {
    format!("{test}-{}", std::process::id())
}

async fn redis(test: &str) -> Cache {
    let url = variable("SECURECART_TEST_REDIS_URL");
    let source = Source::Redis { urls: vec![url], run: run(test) };
    Cache::connect(source, settings()).await.expect("a cache")
}

async fn memcached(test: &str) -> Cache {
    let address = variable("SECURECART_TEST_MEMCACHED_ADDR");
    let source = Source::Memcached { addresses: vec![address], run: run(test) };
    Cache::connect(source, settings()).await.expect("a cache")
}

/// What a reader gets, and whether it had to load it.
async fn read(cache: &Cache, key: &str) -> (Option<Bytes>, bool) {
    let loaded = AtomicU32::new(0);
    let found = cache
        .get_or_load(key, async {
            loaded.fetch_add(1, SeqCst);
            Ok::<_, String>(Some(Bytes::from(format!("value of {key}"))))
        })
        .await;
    (found.expect("no load fails"), loaded.load(SeqCst) > 0)
}

/// Whether a reader finds `key` in the cache; it loads and stores it otherwise.
async fn is_warm(cache: &Cache, key: &str) -> bool {
    let (value, loaded) = read(cache, key).await;
    assert_eq!(value, Some(Bytes::from(format!("value of {key}"))));
    !loaded
}

async fn a_key_is_loaded_once_and_then_found(cache: &Cache) {
    for key in ["product/1", "", "with spaces\r\nand lines", &"long".repeat(100), "ümläut"] {
        assert!(!is_warm(cache, key).await, "{key}");
        assert!(is_warm(cache, key).await, "{key}");
        cache.remove(key).await;
        assert!(!is_warm(cache, key).await, "{key} was removed");
    }
    let metrics = cache.metrics();
    assert_eq!((metrics.hits, metrics.misses, metrics.loads, metrics.errors), (5, 10, 10, 0));
    assert_eq!(metrics.hit_ratio(), Some(5.0 / 15.0));
}

async fn a_hundred_readers_of_a_cold_key_load_it_once(cache: &Cache) {
    let loads = AtomicU32::new(0);
    let reader = |_| {
        cache.get_or_load("hot", async {
            loads.fetch_add(1, SeqCst);
            sleep(Duration::from_millis(50)).await;
            Ok::<_, String>(Some(Bytes::from_static(b"hot")))
        })
    };
    let found = join_all((0..100).map(reader)).await;
    assert!(found.iter().all(|found| *found == Ok(Some(Bytes::from_static(b"hot")))));
    assert_eq!(loads.load(SeqCst), 1);
    let metrics = cache.metrics();
    assert_eq!((metrics.loads, metrics.hits + metrics.misses), (1, 100));
}

async fn an_empty_and_a_large_value_are_values(cache: &Cache) {
    for (key, size) in [("empty", 0), ("large", 300_000)] {
        let value = Bytes::from(vec![7_u8; size]);
        for _ in 0..2 {
            let found = cache.get_or_load(key, async { Ok::<_, String>(Some(value.clone())) });
            assert_eq!(found.await, Ok(Some(value.clone())));
        }
    }
    assert_eq!(cache.metrics().loads, 2);
}

async fn a_flush_forgets_everything(cache: &Cache) {
    for key in ["one", "two"] {
        assert!(!is_warm(cache, key).await);
    }
    cache.flush().await.expect("flushed");
    for key in ["one", "two"] {
        assert!(!is_warm(cache, key).await, "{key} is gone");
        assert!(is_warm(cache, key).await, "{key} is stored again");
    }
}

async fn a_lost_node_is_a_miss_and_comes_back_empty(cache: &Cache) {
    assert!(!is_warm(cache, "key").await);
    let loss = cache.lose_node(0).expect("a node");
    assert_eq!(cache.metrics().nodes_up, 0);
    for _ in 0..3 {
        assert!(!is_warm(cache, "key").await, "it answers nothing and stores nothing");
    }
    drop(loss);
    assert_eq!(cache.metrics().nodes_up, 1);
    assert!(!is_warm(cache, "key").await, "it is empty");
    assert!(is_warm(cache, "key").await);
    assert!(cache.lose_node(1).is_none());
}

async fn fill_is_measured(cache: &Cache) {
    for key in 0..10 {
        is_warm(cache, &format!("key/{key}")).await;
    }
    cache.settle().await;
    let metrics = cache.metrics();
    assert!(metrics.items >= 10 && metrics.bytes > 0, "{metrics:?}");
    assert_eq!((metrics.nodes, metrics.nodes_up, metrics.by_node.len()), (1, 1, 1));
}

macro_rules! suite {
    ($($case:ident),* $(,)?) => {
        mod process {
            $(
                #[tokio::test(start_paused = true)]
                async fn $case() {
                    super::$case(&super::in_process(1, 10_000_000).await).await;
                }
            )*
        }

        mod valkey {
            $(
                #[tokio::test]
                #[ignore = "needs Valkey: SECURECART_TEST_REDIS_URL"]
                async fn $case() {
                    super::$case(&super::redis(stringify!($case)).await).await;
                }
            )*
        }

        mod memcached {
            $(
                #[tokio::test]
                #[ignore = "needs Memcached: SECURECART_TEST_MEMCACHED_ADDR"]
                async fn $case() {
                    super::$case(&super::memcached(stringify!($case)).await).await;
                }
            )*
        }
    };
}

suite! {
    a_key_is_loaded_once_and_then_found,
    a_hundred_readers_of_a_cold_key_load_it_once,
    an_empty_and_a_large_value_are_values,
    a_flush_forgets_everything,
    a_lost_node_is_a_miss_and_comes_back_empty,
    fill_is_measured,
}

#[tokio::test(start_paused = true)]
async fn entries_live_for_their_ttl_less_the_jitter() {
    let cache = in_process(1, 10_000_000).await;
    let keys: Vec<String> = (0..200).map(|key| format!("key/{key}")).collect();
    for key in &keys {
        assert!(!is_warm(&cache, key).await);
    }
    advance(TTL.mul_f64(0.8) - Duration::from_millis(10)).await;
    for key in &keys {
        assert!(is_warm(&cache, key).await, "at most a fifth is taken off");
    }
    advance(TTL.mul_f64(0.1)).await;
    let mut warm = 0;
    for key in &keys {
        // Looks without loading anything.
        let found = cache.get_or_load(key, async { Ok::<_, String>(None) }).await;
        warm += u32::from(found.expect("no load fails").is_some());
    }
    assert!((60..140).contains(&warm), "about half of them are jittered away: {warm}");
    advance(TTL.mul_f64(0.1) + Duration::from_millis(20)).await;
    for key in &keys {
        assert!(!is_warm(&cache, key).await, "never longer than the TTL");
    }
}

#[tokio::test(start_paused = true)]
async fn who_waits_gets_the_error_too_and_the_next_one_tries_again() {
    let cache = in_process(1, 10_000_000).await;
    let loads = AtomicU32::new(0);
    let reader = |_| {
        cache.get_or_load("key", async {
            loads.fetch_add(1, SeqCst);
            sleep(Duration::from_millis(5)).await;
            Err::<Option<Bytes>, _>("the database is down".to_owned())
        })
    };
    let outcomes = join_all((0..10).map(reader)).await;
    assert!(outcomes.iter().all(|outcome| *outcome == Err("the database is down".to_owned())));
    assert_eq!(loads.load(SeqCst), 1);
    assert_eq!(cache.metrics().coalesced, 9);
    assert!(!is_warm(&cache, "key").await);
    assert!(is_warm(&cache, "key").await);
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_is_cut_off_leaves_the_load_to_another() {
    let cache = in_process(1, 10_000_000).await;
    let never = cache.get_or_load("key", std::future::pending::<Result<Option<Bytes>, String>>());
    let cut_off = tokio::time::timeout(Duration::from_millis(10), never);
    let (cut_off, (value, loaded)) = tokio::join!(cut_off, read(&cache, "key"));
    assert!(cut_off.is_err());
    assert!(loaded && value.is_some());
}

#[tokio::test(start_paused = true)]
async fn what_was_removed_while_it_was_loaded_is_not_stored() {
    for flush in [false, true] {
        let cache = in_process(1, 10_000_000).await;
        let old = cache.get_or_load("key", async {
            sleep(Duration::from_millis(20)).await;
            Ok::<_, String>(Some(Bytes::from_static(b"old")))
        });
        let change = async {
            sleep(Duration::from_millis(10)).await;
            if flush {
                cache.flush().await.expect("flushed");
            } else {
                cache.remove("key").await;
            }
        };
        let (old, ()) = tokio::join!(old, change);
        assert_eq!(old, Ok(Some(Bytes::from_static(b"old"))));
        assert!(!is_warm(&cache, "key").await, "what was read before the change is not kept");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_not_stored() {
    let cache = in_process(1, 10_000_000).await;
    for _ in 0..2 {
        assert_eq!(cache.get_or_load("key", async { Ok::<_, String>(None) }).await, Ok(None));
    }
    assert_eq!(cache.metrics().loads, 2);
}

#[tokio::test(start_paused = true)]
async fn readers_with_errors_of_other_kinds_do_not_wait_for_each_other() {
    let cache = in_process(1, 10_000_000).await;
    let slow = async {
        sleep(Duration::from_millis(20)).await;
        Err::<Option<Bytes>, String>("text".to_owned())
    };
    let other = async { Err::<Option<Bytes>, u8>(4) };
    let (slow, other) =
        tokio::join!(cache.get_or_load("key", slow), cache.get_or_load("key", other));
    assert_eq!((slow, other), (Err("text".to_owned()), Err(4)));
}

#[tokio::test(start_paused = true)]
async fn the_least_recently_used_entry_goes_first() {
    // Each entry takes 64 bytes, its key 7 and its value 16.
    let cache = in_process(1, 87 * 100).await;
    for key in 0..100 {
        assert!(!is_warm(&cache, &format!("key/{key:03}")).await);
        cache.settle().await;
    }
    assert!(is_warm(&cache, "key/000").await, "used again");
    for key in 100..150 {
        assert!(!is_warm(&cache, &format!("key/{key:03}")).await);
        cache.settle().await;
    }
    let metrics = cache.metrics();
    assert!(metrics.bytes <= metrics.capacity_bytes, "{metrics:?}");
    assert_eq!((metrics.evictions, metrics.items), (50, 100));
    assert!(is_warm(&cache, "key/000").await);
    assert!(is_warm(&cache, "key/149").await);
    assert!(!is_warm(&cache, "key/001").await);
}

#[tokio::test(start_paused = true)]
async fn a_lost_node_of_four_leaves_a_quarter_cold() {
    let cache = in_process(4, 10_000_000).await;
    let keys: Vec<String> = (0..2_000).map(|key| format!("product/{key}")).collect();
    for key in &keys {
        assert!(!is_warm(&cache, key).await);
    }
    drop(cache.lose_node(2).expect("a node"));
    let mut cold = 0;
    for key in &keys {
        cold += u32::from(!is_warm(&cache, key).await);
    }
    // Five standard deviations around 500.
    assert!((403..597).contains(&cold), "{cold} of 2,000");
    let by_node = cache.metrics().by_node;
    assert_eq!(by_node[2].hits, 0);
    assert!(by_node.iter().all(|node| node.misses > 0));
}

#[tokio::test(start_paused = true)]
async fn a_call_takes_its_modelled_time() {
    let source = Source::InProcess { nodes: 1, capacity_bytes: 1_000_000 };
    let mut settings = Settings { modelled: true, ..settings() };
    settings.assumptions.set("elasticache.latency-p50", 20.0).expect("a key");
    settings.assumptions.set("elasticache.latency-p99", 20.0).expect("a key");
    let cache = Cache::connect(source, settings).await.expect("a cache");
    is_warm(&cache, "key").await;
    let since = Instant::now();
    assert!(is_warm(&cache, "key").await);
    assert!((20..=22).contains(&since.elapsed().as_millis()), "{:?}", since.elapsed());
}

#[tokio::test]
async fn what_is_no_cache_is_refused() {
    let connect = |source| Cache::connect(source, settings());
    let none = Source::InProcess { nodes: 0, capacity_bytes: 1 };
    assert_eq!(connect(none).await.err(), Some(Error::NoNodes));
    let wrong = Source::Redis { urls: vec!["http://x".to_owned()], run: String::new() };
    let error = connect(wrong).await.expect_err("not Redis");
    assert!(error.to_string().starts_with("`http://x` is not the address of a cache"), "{error}");
    // Nothing listens on port 1.
    let redis = Source::Redis { urls: vec!["redis://127.0.0.1:1".to_owned()], run: String::new() };
    let memcached =
        Source::Memcached { addresses: vec!["127.0.0.1:1".to_owned()], run: String::new() };
    for source in [redis, memcached] {
        let error = connect(source).await.expect_err("nobody is there");
        assert!(error.to_string().starts_with("cache node 127.0.0.1:"), "{error}");
    }
}

async fn a_server_that_goes_away_is_a_miss(cache: Cache, address: &str) {
    assert!(!is_warm(&cache, "key").await);
    cache.set_address(0, "127.0.0.1:1".parse().expect("an address"));
    for _ in 0..20 {
        assert!(!is_warm(&cache, "key").await);
    }
    let metrics = cache.metrics();
    assert!((1..=2).contains(&metrics.errors), "the node is left alone: {metrics:?}");
    assert_eq!(metrics.nodes_up, 0);
    cache.set_address(0, address.parse().expect("an address"));
    assert!(is_warm(&cache, "key").await, "it is back, and has what it had");
}

#[tokio::test]
#[ignore = "needs Valkey: SECURECART_TEST_REDIS_URL"]
async fn a_valkey_that_goes_away_is_a_miss() {
    let url = variable("SECURECART_TEST_REDIS_URL");
    let address = url.split("//").nth(1).expect("an address").trim_end_matches('/');
    a_server_that_goes_away_is_a_miss(redis("goes-away").await, address).await;
}

#[tokio::test]
#[ignore = "needs Memcached: SECURECART_TEST_MEMCACHED_ADDR"]
async fn a_memcached_that_goes_away_is_a_miss() {
    let address = variable("SECURECART_TEST_MEMCACHED_ADDR");
    a_server_that_goes_away_is_a_miss(memcached("goes-away").await, &address).await;
}

#[tokio::test]
#[ignore = "needs Valkey: SECURECART_TEST_REDIS_URL"]
async fn a_ttl_ends_on_the_server_too() {
    let url = variable("SECURECART_TEST_REDIS_URL").replace("redis://", "valkey://");
    let source = Source::Redis { urls: vec![url], run: run("ttl") };
    let short = Settings { ttl: Duration::from_millis(30), jitter: 0.0, ..settings() };
    let cache = Cache::connect(source, short).await.expect("a cache");
    assert!(!is_warm(&cache, "key").await);
    let gone = async {
        while is_warm(&cache, "key").await {
            sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), gone).await.expect("it ends");
}
