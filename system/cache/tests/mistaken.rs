//! A URL of one kind of cache that leads to another: what answered is said.

use std::time::Duration;

use securecart_cache::{Cache, Settings, Source};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

fn settings() -> Settings {
    Settings {
        ttl: Duration::from_secs(60),
        jitter: 0.0,
        seed: 7,
        modelled: false,
        assumptions: Default::default(),
        timeout: Duration::from_millis(500),
        exclusive: false,
    }
}

/// A server that answers `version` to `version` and `other` to everything else; its address.
async fn server(version: &'static str, other: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut asked = [0; 1024];
                while let Ok(bytes) = stream.read(&mut asked).await
                    && bytes > 0
                {
                    let answer = if asked.starts_with(b"version") { version } else { other };
                    if stream.write_all(answer.as_bytes()).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}

/// What is said of a source that can't be connected.
async fn refused(source: Source) -> String {
    Cache::connect(source, settings()).await.expect_err("it is another kind").to_string()
}

fn redis(address: &str) -> Source {
    Source::Redis { urls: vec![format!("redis://{address}")], run: "run".to_owned() }
}

fn memcached(address: &str) -> Source {
    Source::Memcached { addresses: vec![address.to_owned()], run: "run".to_owned() }
}

#[tokio::test]
async fn a_memcached_is_no_redis() {
    let address = server("VERSION 1.6.38\r\n", "ERROR\r\n").await;
    let said = refused(redis(&address)).await;
    let wanted = format!("cache node {address}: it is a Memcached");
    assert!(said.starts_with(&wanted), "{said}");
    assert!(said.ends_with(&format!("memcached://{address}")), "{said}");
}

#[tokio::test]
async fn a_redis_is_no_memcached() {
    let address = server("-ERR unknown command\r\n", "-ERR unknown command\r\n").await;
    let said = refused(memcached(&address)).await;
    let wanted = format!("cache node {address}: it speaks Redis's protocol");
    assert!(said.starts_with(&wanted) && said.contains("redis://"), "{said}");
}

#[tokio::test]
async fn what_is_no_cache_is_shown_by_its_answer() {
    let answer = "HTTP/1.1 400 Bad Request\r\n";
    let address = server(answer, answer).await;
    for source in [redis(&address), memcached(&address)] {
        let said = refused(source).await;
        assert!(said.contains("it is no cache (it answers `HTTP/1.1 400 Bad Request`)"), "{said}");
    }
}

#[tokio::test]
async fn a_cache_that_is_not_there_is_named() {
    let free = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = free.local_addr().expect("an address").to_string();
    drop(free);
    for source in [redis(&address), memcached(&address)] {
        let said = refused(source).await;
        assert!(said.starts_with(&format!("cache node {address}: ")), "{said}");
        assert!(said.ends_with("start it, or give the URL of one that runs"), "{said}");
    }
}
