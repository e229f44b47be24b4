//! An HTTP/1.1 server on a loopback port: the gateway's, the embedded engine's, the benchmark's.
//!
//! Answers may stream ([`Body`]). Requests are read whole, unless the server is started with
//! [`Server::start_streaming`].
//!
//! Invariants: listens on 127.0.0.1 only; what is read whole is bounded, and what streams is held by
//! nobody; closing waits for calls under way, but not for long. Deliberately absent: TLS, HTTP/2, and
//! any routing.
#![forbid(unsafe_code)]

mod body;

use std::{
    convert::Infallible,
    future::Future,
    io,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use hyper::{body::Body as _, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use body::{Body, BodyError};
pub use hyper::body::Incoming;

/// Largest body that is read whole: DynamoDB's 16 MB of a batch, and room.
pub const BODY_BYTES_MAX: usize = 20 * 1024 * 1024;

/// How long a closing server waits for calls under way.
const CLOSE_GRACE: Duration = Duration::from_secs(1);

/// Wait after a failed accept: out of file descriptors, or a client that left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// The port can't be had.
#[derive(Debug, thiserror::Error)]
#[error(
    "port {port} on 127.0.0.1 can't be used: {source}; name another, or 0 for any that is free"
)]
pub struct BindError {
    /// The port.
    pub port: u16,
    /// What the system said.
    pub source: io::Error,
}

/// A server that runs. Dropping it stops it without grace.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: CancellationToken,
    connections: TaskTracker,
}

impl Server {
    /// Serves `handler` on `port` of 127.0.0.1; port 0 takes any that is free.
    ///
    /// # Errors
    /// When the port can't be bound.
    pub async fn start<H, F, B>(port: u16, handler: H) -> Result<Self, BindError>
    where
        H: Fn(Request<Bytes>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Response<B>> + Send + 'static,
        B: Into<Body> + 'static,
    {
        Self::start_streaming(port, move |request| {
            let handler = handler.clone();
            async move {
                match read(request).await {
                    Ok(request) => handler(request).await.map(Into::into),
                    Err(TooLarge) => too_large(),
                }
            }
        })
        .await
    }

    /// The same for a handler that reads bodies itself, as they come.
    ///
    /// # Errors
    /// When the port can't be bound.
    pub async fn start_streaming<H, F>(port: u16, handler: H) -> Result<Self, BindError>
    where
        H: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Response<Body>> + Send + 'static,
    {
        let failed = |source| BindError { port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let server =
            Self { address, stop: CancellationToken::new(), connections: TaskTracker::new() };
        tokio::spawn(accept(listener, handler, server.stop.clone(), server.connections.clone()));
        Ok(server)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops accepting, and gives calls under way a second to end.
    pub async fn close(self) {
        self.stop.cancel();
        self.connections.close();
        // A call that outlives the grace sees its connection close.
        let _ = tokio::time::timeout(CLOSE_GRACE, self.connections.wait()).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn accept<H, F>(
    listener: TcpListener,
    handler: H,
    stop: CancellationToken,
    connections: TaskTracker,
) where
    H: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                connections.spawn(serve(stream, handler.clone(), stop.clone()));
            }
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
}

async fn serve<H, F>(stream: TcpStream, handler: H, stop: CancellationToken)
where
    H: Fn(Request<Incoming>) -> F + Send + Sync + 'static,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    // Answers are small: without this the kernel holds the last one back for an acknowledgement.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let service = service_fn(|request| {
        let answer = handler(request);
        async move { Ok::<_, Infallible>(answer.await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        // An error is the client's: it spoke no HTTP, or left.
        _ = connection.as_mut() => {}
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            let _ = tokio::time::timeout(CLOSE_GRACE, connection).await;
        }
    }
}

/// A body that is larger than [`BODY_BYTES_MAX`], or broke off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLarge;

/// `request` with its whole body.
///
/// # Errors
/// When the body is too large, or broke off: nobody will read the answer then.
pub async fn read(request: Request<Incoming>) -> Result<Request<Bytes>, TooLarge> {
    let (head, body) = request.into_parts();
    // What announces itself as too large is refused before it is sent.
    if body.size_hint().lower() > BODY_BYTES_MAX as u64 {
        return Err(TooLarge);
    }
    let body = Limited::new(body, BODY_BYTES_MAX).collect().await.map_err(|_| TooLarge)?;
    Ok(Request::from_parts(head, body.to_bytes()))
}

/// The answer to a body that is too large.
#[must_use]
pub fn too_large() -> Response<Body> {
    let mut response = Response::new(Body::default());
    *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
    response
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    async fn echo(request: Request<Bytes>) -> Response<Bytes> {
        Response::new(request.into_body())
    }

    async fn exchange(address: SocketAddr, request: &str) -> String {
        let mut stream = TcpStream::connect(address).await.expect("connects");
        stream.write_all(request.as_bytes()).await.expect("sends");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("reads");
        answer
    }

    #[tokio::test]
    async fn answers_until_it_is_closed() {
        let server = Server::start(0, echo).await.expect("a free port");
        let address = server.address();
        let request =
            "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello";
        let answer = exchange(address, request).await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("hello"), "{answer}");
        server.close().await;
        assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
    }

    #[tokio::test]
    async fn a_taken_port_is_named() {
        let server = Server::start(0, echo).await.expect("a free port");
        let port = server.address().port();
        let error = Server::start(port, echo).await.expect_err("it is taken");
        assert!(error.to_string().contains(&format!("port {port} on 127.0.0.1")), "{error}");
    }

    #[tokio::test]
    async fn a_body_that_is_too_large_is_refused() {
        let server = Server::start(0, echo).await.expect("a free port");
        let request = format!(
            "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            BODY_BYTES_MAX + 1
        );
        let answer = exchange(server.address(), &request).await;
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    }

    /// Chunks are asked for as the socket takes them: a reader that stalls holds up the rest.
    #[tokio::test]
    async fn a_stalled_reader_is_sent_no_more_than_sockets_hold() {
        use std::sync::{
            Arc,
            atomic::{AtomicU64, Ordering},
        };
        const CHUNK: usize = 1 << 18;
        const CHUNKS: u64 = 1 << 12; // a gibibyte
        let pulled = Arc::<AtomicU64>::default();
        let counter = Arc::clone(&pulled);
        let server = Server::start(0, move |_| {
            let counter = Arc::clone(&counter);
            let chunk = Bytes::from(vec![0; CHUNK]);
            let chunks = (0..CHUNKS).map(move |_| {
                counter.fetch_add(1, Ordering::Relaxed);
                chunk.clone()
            });
            std::future::ready(Response::new(Body::chunks(CHUNKS * CHUNK as u64, chunks)))
        });
        let server = server.await.expect("a free port");
        let mut stalled = TcpStream::connect(server.address()).await.expect("connects");
        stalled.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("sends");
        let mut start = [0; 64];
        stalled.read_exact(&mut start).await.expect("it began");
        // Others are served in the meantime: each reads eight chunks.
        for _ in 0..20 {
            let mut other = TcpStream::connect(server.address()).await.expect("connects");
            other.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("sends");
            let mut some = vec![0; CHUNK * 8];
            other.read_exact(&mut some).await.expect("it flows");
        }
        // 21 connections, each of which may have filled its sockets' buffers.
        let pulled = pulled.load(Ordering::Relaxed);
        assert!(pulled < CHUNKS, "{pulled} chunks were asked for");
    }
}
