//! The engine on a loopback port, for the AWS CLI and any other SDK.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Request as HttpRequest, Response, StatusCode, header};
use securecart_loopback::{BindError, Body, Incoming, Server, read, too_large};

use crate::{Engine, Request, route::is_s3};

impl Engine {
    /// Serves the engine on `port` of 127.0.0.1; port 0 takes any that is free.
    ///
    /// # Errors
    /// When the port can't be bound.
    pub async fn serve(self: &Arc<Self>, port: u16) -> Result<Server, BindError> {
        let engine = Arc::clone(self);
        Server::start_streaming(port, move |request: HttpRequest<Incoming>| {
            let engine = Arc::clone(&engine);
            async move {
                if text(request.headers(), header::AUTHORIZATION.as_str()).is_some_and(is_s3) {
                    return engine.stream(request).await.map(crate::streaming::body);
                }
                match read(request).await {
                    Ok(request) => answer(&engine, request).await.map(Body::from),
                    Err(_) => too_large(),
                }
            }
        })
        .await
    }
}

async fn answer(engine: &Engine, request: HttpRequest<Bytes>) -> Response<Bytes> {
    let headers = request.headers();
    let origin = format!("http://{}", text(headers, header::HOST.as_str()).unwrap_or("127.0.0.1"));
    let answer = engine
        .handle(Request {
            method: request.method().as_str(),
            path: request.uri().path_and_query().map_or("/", |path| path.as_str()),
            invocation_type: text(headers, "x-amz-invocation-type"),
            target: text(headers, "x-amz-target"),
            authorization: text(headers, header::AUTHORIZATION.as_str()),
            origin: &origin,
            body: request.body(),
        })
        .await;
    let mut response = Response::builder()
        .status(answer.status)
        .header(header::CONTENT_TYPE, answer.content_type)
        .header("x-amzn-requestid", engine.ids.uuid());
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    response.body(answer.body).unwrap_or_else(|_| {
        // A header value that HTTP can't carry, such as a code with a line break.
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
