//! An AWS API that is another process: LocalStack in its container, or whatever answers a URL.
//!
//! ```text
//! SDK ─▶ Shaped ─▶ Remote ─┬─▶ functions: our own engine, which runs them in Rust
//!                          └─▶ everything else: the emulator, over kept connections
//! ```
//!
//! Invariants: what a queue holds is what the emulator says, once a second; what was received and
//! deleted is counted where it is done; a message that is on its way inside the emulator is not
//! taken for none, because a queue counts as empty only when it was so twice in a row.
//!
//! Deliberately absent: the age of the oldest message, which no emulator tells.

mod queues;

use std::sync::Arc;

use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use securecart_embedded::{AwsError, Connector, Engine, RemoteSqs};

use crate::{Endpoint, Service, endpoint::Socket, shaped};

pub(crate) use queues::Queues;

/// Where Lambda's paths begin, those of mappings included.
const LAMBDA_PATHS: &str = "/2015-03-31/";

/// What emulators read a request's service from.
const AUTHORIZATION: &str = "AWS4-HMAC-SHA256 Credential=AKIASECURECARTLAMBDA/20260101/us-east-1/\
                             sqs/aws4_request, SignedHeaders=host, Signature=loopback-only";

/// An emulator.
#[derive(Debug, Clone)]
pub(crate) struct Remote {
    socket: Socket,
    functions: SharedHttpConnector,
    pub(crate) queues: Arc<Queues>,
}

impl Remote {
    /// The emulator at `endpoint`, beside which `engine` runs the functions.
    pub(crate) fn new(endpoint: &Endpoint, engine: &Arc<Engine>) -> Self {
        let (socket, queues) = (endpoint.socket(), Arc::default());
        engine.set_remote_sqs(sqs(&socket, &queues));
        let functions = SharedHttpConnector::new(Connector::new(Arc::clone(engine)));
        Self { socket, functions, queues }
    }

    /// The emulator answers at `authority` from now on.
    pub(crate) fn set_authority(&self, authority: String) {
        self.socket.set_authority(authority);
    }
}

impl HttpConnector for Remote {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if request.uri().contains(LAMBDA_PATHS) {
            return self.functions.call(request);
        }
        let (service, operation) = shaped::service_of(&request);
        if service != Service::Sqs {
            let socket = self.socket.clone();
            return HttpConnectorFuture::new(async move { socket.call(request).await });
        }
        let (operation, body) = (operation.to_owned(), body_of(&request));
        let (socket, queues) = (self.socket.clone(), Arc::clone(&self.queues));
        HttpConnectorFuture::new(async move {
            let (response, answer) = whole(socket.call(request).await?).await?;
            if response.status().is_success() {
                queues.count(&operation, &body, &answer);
            }
            Ok(response)
        })
    }
}

/// What is in a request's body.
fn body_of(request: &HttpRequest) -> Bytes {
    request.body().bytes().map(Bytes::copy_from_slice).unwrap_or_default()
}

/// An answer with all of its body read.
async fn whole(mut response: HttpResponse) -> Result<(HttpResponse, Bytes), ConnectorError> {
    let body = response.take_body();
    let body = body.collect().await.map_err(ConnectorError::io)?.to_bytes();
    *response.body_mut() = SdkBody::from(body.clone());
    Ok((response, body))
}

/// The emulator's SQS, as event source mappings call it.
fn sqs(socket: &Socket, queues: &Arc<Queues>) -> RemoteSqs {
    let (socket, queues) = (socket.clone(), Arc::clone(queues));
    Arc::new(move |operation, body| {
        let (socket, queues) = (socket.clone(), Arc::clone(&queues));
        Box::pin(async move {
            let answered = call(&socket, operation, body.clone()).await;
            let (response, answer) = answered.map_err(|error| unreachable(&error))?;
            if !response.status().is_success() {
                return Err(refused(&answer));
            }
            queues.count(operation, body.as_bytes(), &answer);
            Ok(answer)
        })
    })
}

async fn call(
    socket: &Socket,
    operation: &str,
    body: String,
) -> Result<(HttpResponse, Bytes), ConnectorError> {
    let mut request = HttpRequest::new(SdkBody::from(body));
    let set = request.set_method("POST").and_then(|()| request.set_uri("http://sqs.invalid/"));
    set.map_err(|error| ConnectorError::user(error.into()))?;
    let headers = request.headers_mut();
    headers.insert("content-type", "application/x-amz-json-1.0");
    headers.insert("x-amz-target", format!("AmazonSQS.{operation}"));
    headers.insert("authorization", AUTHORIZATION);
    whole(socket.call(request).await?).await
}

fn unreachable(error: &ConnectorError) -> AwsError {
    AwsError::client("com.amazonaws.sqs", "ServiceUnavailable", error.to_string())
}

fn refused(answer: &Bytes) -> AwsError {
    let answer: serde_json::Value = serde_json::from_slice(answer).unwrap_or_default();
    let text = |name: &str| answer.get(name).and_then(|text| text.as_str());
    let code = text("__type")
        .map_or("InternalFailure", |code| code.rsplit_once('#').map_or(code, |(_, code)| code));
    let message = text("message").or_else(|| text("Message")).unwrap_or_default();
    AwsError::client("com.amazonaws.sqs", code, message)
}
