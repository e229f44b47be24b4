//! The engine on a loopback port, for the AWS CLI and any other SDK.

use std::{
    convert::Infallible,
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, Request as HttpRequest, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{Engine, Request};

/// Largest body the server takes: DynamoDB's 16 MB of a batch, and room.
const BODY_BYTES_MAX: usize = 20 * 1024 * 1024;

/// How long a closing server waits for calls under way; a long poll lasts up to 20 s.
const CLOSE_GRACE: Duration = Duration::from_secs(1);

/// Why the engine could not be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The port is taken or not allowed.
    #[error("port {port} on 127.0.0.1 cannot be used: {source}; choose another with `--port N`, or 0 for any")]
    Bind {
        /// The port.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
}

/// An engine that is being served. Dropping it stops the server without grace.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: CancellationToken,
    connections: TaskTracker,
}

impl Server {
    /// Serves `engine` on 127.0.0.1; port 0 takes any that is free.
    ///
    /// # Errors
    /// When the port can't be bound.
    pub async fn start(engine: Arc<Engine>, port: u16) -> Result<Self, ServeError> {
        let bind = |source| ServeError::Bind { port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(bind)?;
        let address = listener.local_addr().map_err(bind)?;
        let stop = CancellationToken::new();
        let connections = TaskTracker::new();
        tokio::spawn(accept(listener, engine, stop.clone(), connections.clone()));
        Ok(Self { address, stop, connections })
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
        // A call that outlives the grace is a long poll: its client sees the connection close.
        let _ = tokio::time::timeout(CLOSE_GRACE, self.connections.wait()).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn accept(
    listener: TcpListener,
    engine: Arc<Engine>,
    stop: CancellationToken,
    connections: TaskTracker,
) {
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                let connection = serve(stream, Arc::clone(&engine), stop.clone());
                connections.spawn(connection);
            }
            // Out of file descriptors or a client that left: neither ends the server.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn serve(stream: TcpStream, engine: Arc<Engine>, stop: CancellationToken) {
    let service = service_fn(move |request| {
        let engine = Arc::clone(&engine);
        async move { Ok::<_, Infallible>(answer(&engine, request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        // An error is the client's: it sent no HTTP, or left.
        _ = connection.as_mut() => {}
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            let _ = tokio::time::timeout(CLOSE_GRACE, connection).await;
        }
    }
}

async fn answer(engine: &Engine, request: HttpRequest<Incoming>) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, BODY_BYTES_MAX).collect().await else {
        let mut response = Response::new(Full::default());
        *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
        return response;
    };
    let body = body.to_bytes();
    let origin = origin(&head.headers);
    let answer = engine
        .handle(Request {
            target: text(&head.headers, "x-amz-target"),
            authorization: text(&head.headers, header::AUTHORIZATION.as_str()),
            origin: &origin,
            body: &body,
        })
        .await;
    let mut response = Response::builder()
        .status(answer.status)
        .header(header::CONTENT_TYPE, answer.content_type)
        .header("x-amzn-requestid", engine.ids.uuid());
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    response.body(Full::new(answer.body)).unwrap_or_else(|_| {
        // A header value that is no HTTP: the error's own text. The status still tells.
        let mut response = Response::new(Full::default());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}

fn origin(headers: &HeaderMap) -> String {
    format!("http://{}", text(headers, header::HOST.as_str()).unwrap_or("127.0.0.1"))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
