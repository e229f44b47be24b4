//! One HTTP/1.1 connection, as a shopper's browser keeps it.
//!
//! hyper is used directly: a general client (pools, redirects, cookies) costs more than the request.
//! A connection that was lost is opened again before the next request, and a request that never left
//! is sent again on a new connection; whether it left is hyper's word, so none is sent twice.

use std::{net::SocketAddr, sync::Arc};

use bytes::Bytes;
use http::{HeaderValue, Request, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::{cause::Cause, recorder::Recorder};

/// Largest body that is read. The shop's largest, a page of products, has about 2 kB.
const MAX_BODY: usize = 1 << 20;

/// A keep-alive connection to one server.
#[derive(Debug)]
pub(crate) struct Client {
    target: SocketAddr,
    host: HeaderValue,
    connection: Option<SendRequest<Full<Bytes>>>,
    /// Whether there ever was a connection.
    connected: bool,
    recorder: Arc<Recorder>,
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
        // A kept connection may turn out to be gone; a fresh one that is gone is the server's doing.
        let mut fresh = false;
        let response = loop {
            let sender = match self.kept().await {
                Some(sender) => sender,
                None => {
                    fresh = true;
                    self.connect().await?
                }
            };
            let sender = self.connection.insert(sender);
            match sender.try_send_request(request).await {
                Ok(response) => break response,
                Err(mut error) => {
                    self.connection = None;
                    match error.take_message() {
                        Some(unsent) if !fresh => request = unsent,
                        _ => return Err(Cause::Transport),
                    }
                }
            }
        };
        let status = response.status().as_u16();
        match Limited::new(response.into_body(), MAX_BODY).collect().await {
            Ok(body) => Ok(Reply { status, body: body.to_bytes() }),
            Err(_broken_or_too_long) => {
                self.connection = None;
                Err(Cause::Transport)
            }
        }
    }

    /// The connection there is, if it still takes requests.
    async fn kept(&mut self) -> Option<SendRequest<Full<Bytes>>> {
        let mut sender = self.connection.take()?;
        sender.ready().await.ok().map(|()| sender)
    }

    async fn connect(&mut self) -> Result<SendRequest<Full<Bytes>>, Cause> {
        let stream = TcpStream::connect(self.target).await.map_err(|_| Cause::Connect)?;
        // Requests are whole when they are written; waiting for more only adds delay.
        stream.set_nodelay(true).map_err(|_| Cause::Connect)?;
        let (sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(|_| Cause::Connect)?;
        // It ends with the connection, and whatever broke it is told to the request in flight.
        tokio::spawn(connection);
        self.recorder.connected(self.connected);
        self.connected = true;
        Ok(sender)
    }
}
