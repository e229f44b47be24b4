//! The way in for the service whose bodies stream: S3.

use std::pin::Pin;

use aws_smithy_runtime_api::client::{
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use hyper::body::Body as HttpBody;
use securecart_embedded_s3::{Body as Chunks, Broken, Payload};
use securecart_loopback::Body;

use crate::Engine;

impl Engine {
    /// Answers a request whose body comes in chunks.
    pub(crate) async fn stream<B>(&self, request: Request<B>) -> Response<Payload>
    where
        B: HttpBody<Data = Bytes> + Send,
    {
        let (head, body) = request.into_parts();
        self.s3.call(&head, Frames(Box::pin(body))).await
    }

    /// The same for the SDK.
    pub(crate) async fn stream_sdk(
        &self,
        request: HttpRequest,
    ) -> Result<HttpResponse, ConnectorError> {
        let request =
            request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
        let answer = self.stream(request).await.map(|payload| match payload {
            // What is whole stays so for the SDK, which has a shorter way with it.
            Payload::Whole(bytes) => SdkBody::from(bytes),
            chunks => SdkBody::from_body_1_x(body(chunks)),
        });
        HttpResponse::try_from(answer).map_err(|error| ConnectorError::other(error.into(), None))
    }
}

/// The body of an answer for the loopback server.
pub(crate) fn body(payload: Payload) -> Body {
    let length = payload.remaining();
    match payload {
        Payload::Whole(bytes) => Body::from(bytes),
        Payload::Chunks(chunks) => Body::chunks(length, chunks),
    }
}

/// The frames of a body, of which only data counts.
struct Frames<B>(Pin<Box<B>>);

impl<B: HttpBody<Data = Bytes> + Send> Chunks for Frames<B> {
    async fn chunk(&mut self) -> Option<Result<Bytes, Broken>> {
        while let Some(frame) = self.0.frame().await {
            let Ok(frame) = frame else { return Some(Err(Broken)) };
            if let Ok(data) = frame.into_data() {
                return Some(Ok(data));
            }
        }
        None
    }
}
