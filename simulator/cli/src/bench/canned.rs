//! A connector that answers at once with what the engine answered before: what the SDK alone costs.
//!
//! Only what is measured is repeated: what is set up before it reaches the engine, each call of it.

use std::sync::Arc;

use aws_smithy_runtime_api::{
    client::{
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings,
            SharedHttpConnector,
        },
        orchestrator::{HttpRequest, HttpResponse},
        runtime_components::RuntimeComponents,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use parking_lot::RwLock;
use securecart_embedded::{Connector, is_s3};

/// The operations that are measured, as `x-amz-target` ends; SNS and S3 have none.
const MEASURED: [&str; 6] =
    [".SendMessage", ".ReceiveMessage", ".DeleteMessage", ".PutItem", ".GetItem", ".UpdateItem"];

/// The name of the answer that `request` gets; `None` where it is not measured.
fn target(request: &HttpRequest) -> Option<&str> {
    let headers = request.headers();
    match headers.get("x-amz-target") {
        Some(target) => MEASURED.iter().any(|name| target.ends_with(name)).then_some(target),
        None if headers.get("authorization").is_some_and(is_s3) => Some("s3"),
        None => {
            let form = request.body().bytes().unwrap_or_default();
            form.starts_with(b"Action=Publish&").then_some("sns")
        }
    }
}

/// The answer to one operation.
#[derive(Debug, Clone)]
struct Answer {
    /// `x-amz-target`; a word for S3 and SNS, of which one operation each is measured.
    target: String,
    status: StatusCode,
    content_type: String,
    body: Bytes,
}

/// Hands calls to the engine until it has an answer to their operation; from then on it repeats
/// that answer, so both connectors answer with the same bytes.
#[derive(Debug, Clone)]
pub(super) struct Canned {
    engine: Connector,
    answers: Arc<RwLock<Vec<Answer>>>,
}

impl Canned {
    /// Without answers yet.
    pub(super) fn new(engine: Connector) -> Self {
        Self { engine, answers: Arc::default() }
    }

    fn repeat(&self, target: &str) -> Option<HttpResponse> {
        let answers = self.answers.read();
        let answer = answers.iter().find(|answer| answer.target == target)?;
        let mut response = HttpResponse::new(answer.status, SdkBody::from(answer.body.clone()));
        response.headers_mut().insert("content-type", answer.content_type.clone());
        Some(response)
    }

    async fn learn(self, target: String, request: HttpRequest) -> HttpConnectorResult {
        let response = self.engine.call(request).await?;
        let body = response.body().bytes().expect("no answer here is large enough to stream");
        let content_type = response.headers().get("content-type").unwrap_or_default();
        self.answers.write().push(Answer {
            target,
            status: response.status(),
            content_type: content_type.to_owned(),
            body: Bytes::copy_from_slice(body),
        });
        Ok(response)
    }
}

type HttpConnectorResult =
    Result<HttpResponse, aws_smithy_runtime_api::client::result::ConnectorError>;

impl HttpConnector for Canned {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Some(target) = target(&request) else { return self.engine.call(request) };
        match self.repeat(target) {
            Some(response) => HttpConnectorFuture::ready(Ok(response)),
            None => {
                let target = target.to_owned();
                HttpConnectorFuture::new(self.clone().learn(target, request))
            }
        }
    }
}

impl HttpClient for Canned {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}
