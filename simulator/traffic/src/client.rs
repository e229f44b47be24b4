//! One HTTP/1.1 connection, as a shopper's browser keeps it.
//!
//! hyper is used directly: a general client (pools, redirects, cookies) costs more than the request.
//! A connection that was lost is opened again before the next request, and a request that never left
//! is sent again on a new connection; whether it left is hyper's word, so none is sent twice.

use std::{
    future::poll_fn,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::Poll,
};

use bytes::Bytes;
use http::{HeaderValue, Request, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::{cause::Cause, recorder::Recorder};

/// Largest body that is read. The shop's largest, a page of products, has about 2 kB.
const MAX_BODY: usize = 1 << 20;

/// A shopper's way to one server.
#[derive(Debug)]
pub(crate) struct Client {
    target: SocketAddr,
    host: HeaderValue,
    connection: Option<Connection>,
    /// Whether there ever was a connection.
    connected: bool,
    recorder: Arc<Recorder>,
}

/// A keep-alive connection. It is driven by the task that waits for the answer: a task of its own would
/// cost two more switches for each request.
#[derive(Debug)]
struct Connection {
    sender: SendRequest<Full<Bytes>>,
    io: Pin<Box<http1::Connection<TokioIo<TcpStream>, Full<Bytes>>>>,
}

/// A request without an answer.
struct Lost {
    /// The request, if it surely never left.
    unsent: Option<Request<Full<Bytes>>>,
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Bytes,
}

impl Client {
    pub(crate) fn new(target: SocketAddr, recorder: Arc<Recorder>) -> Self {
        let host = HeaderValue::from_str(&target.to_string())
            .expect("digits, dots, colons and brackets are a header value");
        Self { target, host, connection: None, connected: false, recorder }
    }

    /// Forgets the connection: an answer that is still on its way must not meet the next request.
    pub(crate) fn hang_up(&mut self) {
        self.connection = None;
    }

    /// Sends `request` and reads the whole answer.
    pub(crate) async fn exchange(
        &mut self,
        mut request: Request<Full<Bytes>>,
    ) -> Result<Reply, Cause> {
        request.headers_mut().insert(header::HOST, self.host.clone());
        if let Some(connection) = &mut self.connection
            && connection.is_open().await
        {
            match connection.exchange(request).await {
                Ok(reply) => return Ok(reply),
                Err(Lost { unsent: None }) => return Err(self.lost()),
                // The server hung up at the same moment: not the request's fault.
                Err(Lost { unsent: Some(unsent) }) => request = unsent,
            }
        }
        self.connection = None;
        let connection = self.connect().await?;
        match self.connection.insert(connection).exchange(request).await {
            Ok(reply) => Ok(reply),
            Err(Lost { .. }) => Err(self.lost()),
        }
    }

    fn lost(&mut self) -> Cause {
        self.hang_up();
        Cause::Transport
    }

    async fn connect(&mut self) -> Result<Connection, Cause> {
        let stream = TcpStream::connect(self.target).await.map_err(|_| Cause::Connect)?;
        // Requests are whole when they are written; waiting for more only adds delay.
        stream.set_nodelay(true).map_err(|_| Cause::Connect)?;
        let (sender, io) =
            http1::handshake(TokioIo::new(stream)).await.map_err(|_| Cause::Connect)?;
        self.recorder.connected(self.connected);
        self.connected = true;
        Ok(Connection { sender, io: Box::pin(io) })
    }
}

impl Connection {
    /// Whether it still takes requests, as far as this end knows by now.
    async fn is_open(&mut self) -> bool {
        poll_fn(|context| Poll::Ready(self.io.as_mut().poll(context).is_pending())).await
    }

    async fn exchange(&mut self, request: Request<Full<Bytes>>) -> Result<Reply, Lost> {
        let Self { sender, io } = self;
        let has_head = AtomicBool::new(false);
        let mut answer = pin!(ask(sender, request, &has_head));
        poll_fn(|context| {
            loop {
                // First the answer, which hands the request over; then the connection, which sends it
                // or reads; then again for what was read.
                if let Poll::Ready(answer) = answer.as_mut().poll(context) {
                    return Poll::Ready(answer);
                }
                let had_head = has_head.load(Relaxed);
                let is_over = io.as_mut().poll(context).is_ready();
                if let Poll::Ready(answer) = answer.as_mut().poll(context) {
                    return Poll::Ready(answer);
                }
                if is_over {
                    return Poll::Ready(Err(Lost { unsent: None }));
                }
                // Behind a head there is often the whole body; otherwise nothing more can be done now.
                if had_head == has_head.load(Relaxed) {
                    return Poll::Pending;
                }
            }
        })
        .await
    }
}

/// Makes a request on a connection that somebody else drives.
async fn ask(
    sender: &mut SendRequest<Full<Bytes>>,
    request: Request<Full<Bytes>>,
    has_head: &AtomicBool,
) -> Result<Reply, Lost> {
    if sender.ready().await.is_err() {
        return Err(Lost { unsent: Some(request) });
    }
    let sent = sender.try_send_request(request).await;
    let response = sent.map_err(|mut error| Lost { unsent: error.take_message() })?;
    has_head.store(true, Relaxed);
    let status = response.status().as_u16();
    let body = Limited::new(response.into_body(), MAX_BODY).collect().await;
    // It broke off or is too long.
    let body = body.map_err(|_| Lost { unsent: None })?.to_bytes();
    Ok(Reply { status, body })
}
