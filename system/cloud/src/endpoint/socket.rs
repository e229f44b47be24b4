//! HTTP/1.1 below the SDK: a connection for each call, which is enough for an operator's few.
//!
//! Invariants: a call ends within [`CALL_MAX`]; an answer is bounded; only the address it was made
//! for is called, whatever the request says.

use std::{io, net::SocketAddr, time::Duration};

use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings,
            SharedHttpConnector,
        },
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, Uri, header, uri::PathAndQuery};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time::timeout};

/// Longest time of a call, answer included: nothing here polls a queue.
const CALL_MAX: Duration = Duration::from_secs(10);

/// Largest answer that is read.
const ANSWER_MAX: usize = 16 << 20;

/// Calls one address.
#[derive(Debug, Clone)]
pub(super) struct Socket {
    address: SocketAddr,
}

impl Socket {
    pub(super) fn new(address: SocketAddr) -> Self {
        Self { address }
    }

    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let request = self.request(request).map_err(ConnectorError::user)?;
        let connecting = timeout(CALL_MAX, TcpStream::connect(self.address));
        let stream = connecting.await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        let stream = stream.map_err(|error| ConnectorError::io(error.into()).never_connected())?;
        match timeout(CALL_MAX, exchange(stream, request)).await {
            Ok(Ok(response)) => {
                let response = HttpResponse::try_from(response.map(SdkBody::from));
                response.map_err(|error| ConnectorError::other(error.into(), None))
            }
            Ok(Err(error)) => Err(ConnectorError::io(error)),
            Err(elapsed) => Err(ConnectorError::timeout(elapsed.into())),
        }
    }

    /// The request as this address is to see it.
    fn request(&self, request: HttpRequest) -> Result<Request<Full<Bytes>>, BoxError> {
        let (mut parts, body) = request.try_into_http1x()?.into_parts();
        let path = parts.uri.path_and_query().cloned();
        parts.uri = Uri::from(path.unwrap_or_else(|| PathAndQuery::from_static("/")));
        // Queue URLs are made of it. What was signed is another name, and nothing on loopback looks.
        parts.headers.insert(header::HOST, HeaderValue::try_from(self.address.to_string())?);
        let body = body.bytes().ok_or("a body that streams")?;
        Ok(Request::from_parts(parts, Full::new(Bytes::copy_from_slice(body))))
    }
}

async fn exchange(
    stream: TcpStream,
    request: Request<Full<Bytes>>,
) -> Result<Response<Bytes>, BoxError> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let answered = async {
        let (parts, body) = sender.send_request(request).await?.into_parts();
        let body = Limited::new(body, ANSWER_MAX).collect().await?.to_bytes();
        Ok(Response::from_parts(parts, body))
    };
    tokio::pin!(answered);
    // The connection moves only while somebody asks it to.
    tokio::select! {
        answer = &mut answered => answer,
        ended = connection => {
            ended?;
            answered.await
        }
    }
}

impl HttpConnector for Socket {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let socket = self.clone();
        HttpConnectorFuture::new(async move { socket.call(request).await })
    }
}

impl HttpClient for Socket {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}
