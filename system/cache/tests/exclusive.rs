//! Flushing servers that are the run's alone. In a binary of its own: it empties them for everybody.

use std::time::Duration;

use bytes::Bytes;
use securecart_cache::{Cache, Settings, Source};

#[expect(clippy::disallowed_methods, reason = "servers for tests are named by the environment")]
fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"))
}

async fn a_flush_empties_the_server(source: Source) {
    let settings = Settings {
        ttl: Duration::from_secs(60),
        jitter: 0.0,
        seed: 1,
        modelled: false,
        assumptions: Default::default(),
        timeout: Duration::from_millis(500),
        exclusive: true,
    };
    let cache = Cache::connect(source, settings).await.expect("a cache");
    for key in ["one", "two"] {
        let load = async { Ok::<_, String>(Some(Bytes::from_static(b"value"))) };
        cache.get_or_load(key, load).await.expect("loaded");
    }
    cache.settle().await;
    assert!(cache.metrics().items >= 2);
    cache.flush().await.expect("flushed");
    cache.settle().await;
    assert_eq!(cache.metrics().items, 0);
}

#[tokio::test]
#[ignore = "needs Valkey: SECURECART_TEST_REDIS_URL"]
async fn valkey() {
    let urls = vec![variable("SECURECART_TEST_REDIS_URL")];
    a_flush_empties_the_server(Source::Redis { urls, run: "exclusive".to_owned() }).await;
}

#[tokio::test]
#[ignore = "needs Memcached: SECURECART_TEST_MEMCACHED_ADDR"]
async fn memcached() {
    let addresses = vec![variable("SECURECART_TEST_MEMCACHED_ADDR")];
    a_flush_empties_the_server(Source::Memcached { addresses, run: "exclusive".to_owned() }).await;
}
