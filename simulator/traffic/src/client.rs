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

use bytes::{Bytes, BytesMut};
use http::{HeaderValue, Request, header};
use http_body_util::{BodyExt, Full};
use hyper::{
    body::Incoming,
    client::conn::http1::{self, SendRequest},
};
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
        // Requests are a few hundred bytes: one buffer is cheaper than a list of its parts.
        let handshake = http1::Builder::new().writev(false).handshake(TokioIo::new(stream));
        let (sender, io) = handshake.await.map_err(|_| Cause::Connect)?;
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
    // It broke off or is too long.
    let body = read(response.into_body()).await.ok_or(Lost { unsent: None })?;
    Ok(Reply { status, body })
}

/// The whole body; `None` when it breaks off or is too long. Most come in one piece, which is not
/// copied.
async fn read(mut body: Incoming) -> Option<Bytes> {
    let mut first = Bytes::new();
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        // Trailers are not looked at.
        let Ok(piece) = frame.ok()?.into_data() else { continue };
        if first.len() + whole.len() + piece.len() > MAX_BODY {
            return None;
        }
        if first.is_empty() && whole.is_empty() {
            first = piece;
        } else {
            whole.extend_from_slice(&std::mem::take(&mut first));
            whole.extend_from_slice(&piece);
        }
    }
    Some(if whole.is_empty() { first } else { whole.freeze() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{answer, garbage_shop, shop};

    fn get() -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::default());
        *request.uri_mut() = http::Uri::from_static("/");
        request
    }

    #[tokio::test]
    async fn a_body_in_pieces_is_put_together() {
        let target = garbage_shop(
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\
              1\r\nh\r\n3\r\nell\r\n1\r\no\r\n0\r\n\r\n",
        );
        let mut client = Client::new(target, Arc::new(Recorder::new()));
        let reply = client.exchange(get()).await.expect("an answer");
        assert_eq!((reply.status, &reply.body[..]), (200, &b"hello"[..]));
    }

    #[tokio::test]
    async fn a_body_without_end_is_refused_and_the_next_request_is_well() {
        let target = shop(|_, number| {
            let length = if number == 0 { MAX_BODY + 1 } else { MAX_BODY };
            std::future::ready(answer(200, vec![b'x'; length]))
        });
        let recorder = Arc::new(Recorder::new());
        let mut client = Client::new(target, Arc::clone(&recorder));
        assert_eq!(client.exchange(get()).await.expect_err("too long"), Cause::Transport);
        let reply = client.exchange(get()).await.expect("an answer");
        assert_eq!(reply.body.len(), MAX_BODY);
        client.exchange(get()).await.expect("another");
        assert_eq!(recorder.connections(), 2, "a kept connection is used again");
    }
}
