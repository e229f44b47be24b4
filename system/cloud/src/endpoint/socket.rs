//! HTTP/1.1 below the SDK: kept connections to one address, bodies streamed in both directions.
//!
//! Invariants: a call's head comes within [`HEAD_MAX`]; only the address it was made for is called,
//! whatever the request says; the address may change (a container that was started again has another
//! port), and calls from then on go to the new one.

use std::{sync::Arc, time::Duration};

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
use http::{HeaderValue, Request, Uri, header};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector as Tcp},
    rt::{TokioExecutor, TokioTimer},
};
use parking_lot::RwLock;
use tokio::time::timeout;

/// Longest time until an answer's head: the longest poll of a queue takes 20 s.
const HEAD_MAX: Duration = Duration::from_secs(40);

/// Longest time until a connection stands: on loopback it stands at once or never.
const CONNECT_MAX: Duration = Duration::from_secs(3);

/// How long a connection that nobody uses is kept.
const IDLE_MAX: Duration = Duration::from_secs(20);

/// Calls one address.
#[derive(Debug, Clone)]
pub(crate) struct Socket {
    /// Host and port.
    authority: Arc<RwLock<String>>,
    client: Client<Tcp, SdkBody>,
}

impl Socket {
    pub(crate) fn new(authority: String) -> Self {
        let mut tcp = Tcp::new();
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(CONNECT_MAX));
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE_MAX)
            .pool_timer(TokioTimer::new())
            .build(tcp);
        Self { authority: Arc::new(RwLock::new(authority)), client }
    }

    /// Where calls go from now on.
    pub(crate) fn set_authority(&self, authority: String) {
        *self.authority.write() = authority;
    }

    pub(crate) async fn call(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let request = self.request(request).map_err(ConnectorError::user)?;
        match timeout(HEAD_MAX, self.client.request(request)).await {
            Ok(Ok(response)) => {
                let response = HttpResponse::try_from(response.map(SdkBody::from_body_1_x));
                response.map_err(|error| ConnectorError::other(error.into(), None))
            }
            Ok(Err(error)) if error.is_connect() => {
                Err(ConnectorError::io(error.into()).never_connected())
            }
            Ok(Err(error)) => Err(ConnectorError::io(error.into())),
            Err(elapsed) => Err(ConnectorError::timeout(elapsed.into())),
        }
    }

    /// The request as this address is to see it.
    fn request(&self, request: HttpRequest) -> Result<Request<SdkBody>, BoxError> {
        let mut request = request.try_into_http1x()?;
        let authority = self.authority.read().clone();
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        *request.uri_mut() = Uri::builder()
            .scheme("http")
            .authority(authority.as_str())
            .path_and_query(path)
            .build()?;
        // Queue URLs are made of it. What was signed is another name, and no emulator looks.
        request.headers_mut().insert(header::HOST, HeaderValue::try_from(authority)?);
        Ok(request)
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
