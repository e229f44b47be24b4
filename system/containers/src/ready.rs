//! Whether a container answers as the shop will ask it.
//!
//! Asked over the published port, not inside of the container: what counts is what the shop reaches.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    postgres,
    recipe::{Login, Question},
};

/// Longest answer that is read.
const ANSWER_BYTES_MAX: u64 = 1 << 20;

impl Question {
    /// What is asked, for messages.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::LocalStack { services } => {
                format!("GET /_localstack/health with {} running", services.join(", "))
            }
            Self::Postgres { replica: false, .. } => "a query".into(),
            Self::Postgres { replica: true, .. } => {
                "a query, while it streams from the primary".into()
            }
            Self::Valkey => "PING".into(),
            Self::Memcached => "version".into(),
        }
    }

    /// Asks once: the server's version when it is ready, else what it said.
    pub(crate) async fn ask(&self, address: SocketAddr) -> Result<String, String> {
        match self {
            Self::LocalStack { services } => localstack(address, services).await,
            Self::Postgres { login, replica } => postgres(address, login, *replica).await,
            Self::Valkey => valkey(address).await,
            Self::Memcached => memcached(address).await,
        }
    }
}

async fn localstack(address: SocketAddr, services: &[String]) -> Result<String, String> {
    // HTTP/1.0: the answer ends with the connection and has no chunks.
    let request = "GET /_localstack/health HTTP/1.0\r\nHost: localhost\r\n\r\n";
    let answer = exchange(address, request, |_| false).await?;
    health(&answer, services)
}

/// The version in an answer of `/_localstack/health`, when each service runs.
fn health(answer: &str, services: &[String]) -> Result<String, String> {
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("no HTTP answer")?;
    let status = head.lines().next().unwrap_or_default();
    if status.split(' ').nth(1) != Some("200") {
        return Err(status.to_owned());
    }
    let body: Value = serde_json::from_str(body).map_err(|_| "no JSON")?;
    for service in services {
        match body["services"][service].as_str() {
            // Loaded already, or loaded by its first call where the user's image loads lazily.
            Some("running" | "available") => {}
            state => return Err(format!("{service} is {}", state.unwrap_or("not there"))),
        }
    }
    Ok(body["version"].as_str().unwrap_or("unknown").to_owned())
}

async fn postgres(address: SocketAddr, login: &Login, replica: bool) -> Result<String, String> {
    let sql = "select current_setting('server_version'), pg_is_in_recovery(), \
               (select count(*) from pg_stat_wal_receiver where status = 'streaming')";
    let row = postgres::query(address, login, sql).await?;
    let [version, recovering, streams] = &row[..] else { return Err("no row".into()) };
    match (replica, recovering.as_str(), streams.as_str()) {
        (false, "f", _) | (true, "t", "1") => {
            Ok(version.split(' ').next().unwrap_or_default().to_owned())
        }
        (false, ..) => Err("it is a replica".into()),
        (true, "f", _) => Err("it is no replica".into()),
        (true, ..) => Err("it does not stream from the primary yet".into()),
    }
}

async fn valkey(address: SocketAddr) -> Result<String, String> {
    let answer = exchange(address, "PING\r\nINFO server\r\n", |text| {
        !text.starts_with('+') || text.contains("os:")
    })
    .await?;
    let (first, info) = answer.split_once("\r\n").unwrap_or((&answer, ""));
    if first != "+PONG" {
        return Err(first.trim_start_matches('-').to_owned());
    }
    let of = |name: &str| info.lines().find_map(|line| line.strip_prefix(name)).map(String::from);
    Ok(of("valkey_version:").or_else(|| of("redis_version:")).unwrap_or_else(|| "unknown".into()))
}

async fn memcached(address: SocketAddr) -> Result<String, String> {
    let answer = exchange(address, "version\r\n", |text| text.contains("\r\n")).await?;
    let line = answer.lines().next().unwrap_or_default();
    line.strip_prefix("VERSION ").map(String::from).ok_or_else(|| line.to_owned())
}

/// Sends `request` and reads until the connection ends or `enough`.
async fn exchange(
    address: SocketAddr,
    request: &str,
    enough: impl Fn(&str) -> bool,
) -> Result<String, String> {
    let failed = |error: std::io::Error| error.to_string();
    let mut stream = TcpStream::connect(address).await.map_err(failed)?;
    stream.write_all(request.as_bytes()).await.map_err(failed)?;
    let mut stream = stream.take(ANSWER_BYTES_MAX);
    let mut answer = Vec::new();
    loop {
        let bytes = stream.read_buf(&mut answer).await.map_err(failed)?;
        let text = String::from_utf8_lossy(&answer);
        if bytes == 0 && text.is_empty() {
            return Err("the connection ended without an answer".into());
        }
        if bytes == 0 || enough(&text) {
            return Ok(text.into_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    fn answer(body: &str) -> String {
        format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{body}")
    }

    #[test]
    fn localstack_is_ready_when_each_service_runs() {
        let wanted = ["sqs".to_owned(), "dynamodb".to_owned()];
        let text = |dynamodb: &str| {
            answer(&format!(
                r#"{{"services":{{"sqs":"running","dynamodb":"{dynamodb}"}},"version":"4.14.0"}}"#
            ))
        };
        assert_eq!(health(&text("running"), &wanted), Ok("4.14.0".into()));
        assert_eq!(health(&text("available"), &wanted), Ok("4.14.0".into()));
        for state in ["starting", "error", "disabled"] {
            assert_eq!(health(&text(state), &wanted), Err(format!("dynamodb is {state}")));
        }
        let lacks = answer(r#"{"services":{"sqs":"running"}}"#);
        assert_eq!(health(&lacks, &wanted), Err("dynamodb is not there".into()));
    }

    #[test]
    fn what_is_not_localstack_is_not_ready() {
        let refused = health("HTTP/1.1 503 Service Unavailable\r\n\r\n", &[]);
        assert_eq!(refused, Err("HTTP/1.1 503 Service Unavailable".into()));
        assert_eq!(health(&answer("<html>"), &[]), Err("no JSON".into()));
        assert_eq!(health("", &[]), Err("no HTTP answer".into()));
    }

    /// A server that says `text` once it was asked, and hangs up.
    async fn says(text: &'static str) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 1024]).await.unwrap();
            stream.write_all(text.as_bytes()).await.unwrap();
        });
        address
    }

    #[tokio::test]
    async fn caches_say_their_version_or_why_not() {
        let valkey =
            says("+PONG\r\n$60\r\nredis_version:7.2.4\r\nvalkey_version:8.1.1\r\nos:Linux\r\n")
                .await;
        assert_eq!(Question::Valkey.ask(valkey).await, Ok("8.1.1".into()));
        let loading = says("-LOADING Valkey is loading the dataset in memory\r\n").await;
        let answer = Question::Valkey.ask(loading).await;
        assert_eq!(answer, Err("LOADING Valkey is loading the dataset in memory".into()));
        let memcached = says("VERSION 1.6.38\r\n").await;
        assert_eq!(Question::Memcached.ask(memcached).await, Ok("1.6.38".into()));
        let other = says("-ERR unknown command\r\n").await;
        assert_eq!(Question::Memcached.ask(other).await, Err("-ERR unknown command".into()));
    }
}
