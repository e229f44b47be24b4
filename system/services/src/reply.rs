//! Answers, and reading what was asked.

use bytes::Bytes;
use http::{StatusCode, header};
use securecart_domain::api::Problem;
use serde::{Serialize, de::DeserializeOwned};

use crate::{Failure, Request, Response};

/// `value` as JSON.
pub(crate) fn bytes<T: Serialize>(value: &T) -> Bytes {
    Bytes::from(serde_json::to_vec(value).expect("the domain's types are plain data"))
}

/// `value` as JSON with `status`.
pub(crate) fn json<T: Serialize>(status: StatusCode, value: &T) -> Response {
    let mut response = json_bytes(bytes(value));
    *response.status_mut() = status;
    response
}

/// 200 with what is JSON already.
pub(crate) fn json_bytes(body: Bytes) -> Response {
    let mut response = Response::new(body);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    response
}

/// 200 with `value`.
pub(crate) fn ok<T: Serialize>(value: &T) -> Response {
    json(StatusCode::OK, value)
}

/// The answer to a failure: its own status where the service said no, 503 where it could not.
pub(crate) fn failure(failure: &Failure) -> Response {
    let (status, code, message) = match failure {
        Failure::Refused { status, code, message } => {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::BAD_REQUEST);
            (status, *code, message.as_str())
        }
        Failure::Dependency { dependency, code, message } => {
            // What it was is for the log: it names what a shopper can't know and must not see.
            log::warn!("{dependency} ({code}): {message}");
            let sorry = "the shop can't do this at the moment: please try again";
            (StatusCode::SERVICE_UNAVAILABLE, "dependency-failed", sorry)
        }
    };
    json(status, &Problem { code: code.to_owned(), message: message.to_owned() })
}

/// The answer of a handler.
pub(crate) fn answer(outcome: Result<Response, Failure>) -> Response {
    outcome.unwrap_or_else(|error| failure(&error))
}

/// The answer to a path that the service does not have.
pub(crate) fn no_route(request: &Request) -> Failure {
    Failure::not_found(format!("there is no {} {}", request.method(), request.uri().path()))
}

/// The body as JSON.
pub(crate) fn body<T: DeserializeOwned>(request: &Request) -> Result<T, Failure> {
    serde_json::from_slice(request.body())
        .map_err(|error| Failure::bad_request(format!("the body is not what is expected: {error}")))
}

/// The segments of the path.
pub(crate) fn segments(request: &Request) -> Vec<&str> {
    request.uri().path().trim_matches('/').split('/').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_dependency_said_stays_inside() {
        let failed = Failure::Dependency {
            dependency: "UpdateItem",
            code: "ThrottlingException".to_owned(),
            message: "arn:aws:dynamodb:us-east-1:000000000000:table/orders".to_owned(),
        };
        let response = failure(&failed);
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        let problem: Problem = serde_json::from_slice(response.body()).expect("a problem");
        assert_eq!(problem.code, "dependency-failed");
        assert!(!problem.message.contains("arn") && !problem.message.contains("Item"));
    }

    #[test]
    fn a_refusal_says_what_is_refused() {
        let refused = failure(&Failure::not_found("there is no cart c-1"));
        let problem: Problem = serde_json::from_slice(refused.body()).expect("a problem");
        assert_eq!(problem.code, "not-found");
        assert_eq!(problem.message, "there is no cart c-1");
    }
}
