//! The engine as an HTTP client of the SDK: no socket, no copy of the request.

use std::sync::Arc;

use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
    },
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::body::SdkBody;
use securecart_embedded_wire::Answer;

use crate::{Engine, IN_PROCESS_ORIGIN, Request, route::is_s3};

/// Hands what the SDK would send over a socket to the engine.
#[derive(Debug, Clone)]
pub struct Connector {
    engine: Arc<Engine>,
}

impl Connector {
    /// A connector to `engine`.
    #[must_use]
    pub fn new(engine: Arc<Engine>) -> Self {
        Self { engine }
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let engine = Arc::clone(&self.engine);
        HttpConnectorFuture::new(async move {
            let headers = request.headers();
            let target = headers.get("x-amz-target");
            // Most calls have a target, which says all: nothing else is looked up for them.
            let header = |name| if target.is_none() { headers.get(name) } else { None };
            let authorization = header("authorization");
            if authorization.is_some_and(is_s3) {
                // Boxed, so that the others' future stays small.
                return Box::pin(engine.stream_sdk(request)).await;
            }
            // Only streaming bodies have no bytes, and no operation of these services streams.
            let body = request.body().bytes().unwrap_or_default();
            let answer = engine
                .handle(Request {
                    method: request.method(),
                    path: path(request.uri()),
                    invocation_type: header("x-amz-invocation-type"),
                    target,
                    authorization,
                    origin: IN_PROCESS_ORIGIN,
                    body,
                })
                .await;
            response(answer)
        })
    }
}

impl HttpClient for Connector {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

/// What follows scheme and host.
fn path(uri: &str) -> &str {
    // One character is found faster than three.
    let rest = uri.split_once(':').and_then(|(_, rest)| rest.strip_prefix("//")).unwrap_or(uri);
    rest.find('/').map_or("/", |at| &rest[at..])
}

fn response(answer: Answer) -> Result<HttpResponse, ConnectorError> {
    let status =
        answer.status.try_into().map_err(|error| ConnectorError::other(Box::new(error), None))?;
    let mut response = HttpResponse::new(status, SdkBody::from(answer.body));
    response.headers_mut().insert("content-type", answer.content_type);
    for (name, value) in answer.headers {
        response.headers_mut().insert(name, value);
    }
    Ok(response)
}
