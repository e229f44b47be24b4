//! Whatever answers HTTP requests behind the gateway.

use std::convert::Infallible;

use bytes::Bytes;
use http::{StatusCode, header};
use securecart_domain::api::Problem;
use securecart_loopback::Body;
use tower::util::BoxCloneSyncService;

/// A request whose body has been read.
pub type Request = http::Request<Bytes>;

/// An answer whose body is complete.
pub type Response = http::Response<Bytes>;

/// Something that answers requests and never fails to: what goes wrong is an answer.
pub type Upstream = BoxCloneSyncService<Request, Response, Infallible>;

/// An answer whose body may come in chunks.
pub type Streaming = http::Response<Body>;

/// The same for answers that stream.
pub type StreamingUpstream = BoxCloneSyncService<Request, Streaming, Infallible>;

/// An answer that says what went wrong.
#[must_use]
pub fn problem(status: StatusCode, code: &str, message: &str) -> Response {
    let problem = Problem { code: code.to_owned(), message: message.to_owned() };
    let body = serde_json::to_vec(&problem).expect("a problem is plain data");
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    response
}
