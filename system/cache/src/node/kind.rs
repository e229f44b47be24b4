//! What listens where a node should, for the message that says so.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

/// How long it has to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// Bytes of its answer that are looked at: a line.
const ANSWER_BYTES_MAX: u64 = 160;

/// A server, by its answer to `version`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Valkey, Redis, and whatever else speaks Redis's protocol.
    Redis,
    /// Memcached.
    Memcached,
    /// Something else, which answered this.
    Other(String),
    /// It takes connections and answers nothing.
    Silent,
}

impl Kind {
    /// The kind of what listens at `address`; `None` where nothing does.
    pub(crate) async fn at(address: &str) -> Option<Self> {
        let stream = timeout(ANSWER_WITHIN, TcpStream::connect(address)).await.ok()?.ok()?;
        let answer = match timeout(ANSWER_WITHIN, ask(stream)).await {
            Ok(Ok(answer)) => answer,
            _ => String::new(),
        };
        Some(answer.lines().next().map_or(Self::Silent, Self::of))
    }

    fn of(line: &str) -> Self {
        // Memcached alone has this command; Redis's protocol begins an error with a minus.
        if line.starts_with("VERSION ") {
            Self::Memcached
        } else if line.starts_with("-") {
            Self::Redis
        } else {
            Self::Other(line.chars().filter(|letter| !letter.is_control()).collect())
        }
    }

    /// What is wrong with a server of this kind at `address` where `wanted` should be.
    pub(crate) fn mistaken_for(&self, wanted: &Self, address: &str) -> Option<String> {
        if self == wanted {
            return None;
        }
        Some(match self {
            Self::Redis => format!(
                "it speaks Redis's protocol and not Memcached's: its URL is redis://{address} or \
                 valkey://{address}"
            ),
            Self::Memcached => {
                format!(
                    "it is a Memcached, and no Valkey or Redis: its URL is memcached://{address}"
                )
            }
            Self::Other(answer) => format!(
                "it is no cache (it answers `{answer}`): give the URL of a Valkey, a Redis or a \
                 Memcached"
            ),
            Self::Silent => "it takes connections and does not answer: is it a cache?".to_owned(),
        })
    }
}

/// The beginning of its answer to `version`.
async fn ask(mut stream: TcpStream) -> std::io::Result<String> {
    stream.write_all(b"version\r\n").await?;
    let mut stream = stream.take(ANSWER_BYTES_MAX);
    let mut answer = Vec::new();
    while !answer.contains(&b'\n') && stream.read_buf(&mut answer).await? > 0 {}
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_known_by_its_answer() {
        assert_eq!(Kind::of("VERSION 1.6.38"), Kind::Memcached);
        assert_eq!(Kind::of("-ERR unknown command 'version'"), Kind::Redis);
        assert_eq!(Kind::of("-NOAUTH Authentication required."), Kind::Redis);
        assert_eq!(Kind::of("\u{1b}HTTP/1.1 400"), Kind::Other("HTTP/1.1 400".to_owned()));
    }
}
