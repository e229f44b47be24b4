//! The API: which operation a path and a method are, and what each answers.

mod functions;
mod invoke;
mod mappings;

use std::sync::Arc;

use securecart_embedded_wire::{Answer, AwsError, Protocol};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{error, host::Inner, path::decoded};

/// How Lambda's calls look on the wire.
pub const PROTOCOL: Protocol = Protocol::RestJson;

/// A REST call.
#[derive(Debug, Clone, Copy)]
pub struct RestCall<'a> {
    /// The method: `GET`, `POST`, ...
    pub method: &'a str,
    /// The path, with or without a query.
    pub path: &'a str,
    /// `X-Amz-Invocation-Type`, where it is given.
    pub invocation_type: Option<&'a str>,
    /// The body, whole.
    pub body: &'a [u8],
}

pub(crate) async fn call(inner: &Arc<Inner>, call: RestCall<'_>) -> Result<Answer, AwsError> {
    let (path, query) = call.path.split_once('?').unwrap_or((call.path, ""));
    let labels: Vec<String> = path.trim_matches('/').split('/').map(decoded).collect();
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    let body = call.body;
    match (call.method, labels.as_slice()) {
        ("POST", ["2015-03-31", "functions", name, "invocations"]) => {
            invoke::invoke(inner, name, call).await
        }
        ("GET", ["2015-03-31", "functions"]) => Ok(functions::list(inner)),
        ("GET", ["2015-03-31", "functions", name]) => functions::get(inner, name),
        ("GET", ["2019-09-30", "functions", name, "concurrency"]) => {
            functions::concurrency(inner, name)
        }
        ("PUT", ["2017-10-31", "functions", name, "concurrency"]) => {
            functions::put_concurrency(inner, name, body)
        }
        ("DELETE", ["2017-10-31", "functions", name, "concurrency"]) => {
            functions::delete_concurrency(inner, name)
        }
        ("POST", ["2015-03-31", "event-source-mappings"]) => mappings::create(inner, body).await,
        ("GET", ["2015-03-31", "event-source-mappings"]) => Ok(mappings::list(inner, query)),
        ("GET", ["2015-03-31", "event-source-mappings", uuid]) => mappings::get(inner, uuid),
        ("PUT", ["2015-03-31", "event-source-mappings", uuid]) => {
            mappings::update(inner, uuid, body)
        }
        ("DELETE", ["2015-03-31", "event-source-mappings", uuid]) => mappings::delete(inner, uuid),
        (method, _) => {
            let operation = if path.len() > 1 { format!("{method} {path}") } else { String::new() };
            Err(AwsError::unknown_operation(error::NAMESPACE, "lambda", &operation))
        }
    }
}

fn answer(status: u16, body: &Value) -> Answer {
    Answer { status, ..Answer::ok(PROTOCOL, body.to_string()) }
}

/// An answer without a body.
fn nothing(status: u16) -> Answer {
    Answer { status, ..Answer::ok(PROTOCOL, "") }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, AwsError> {
    serde_json::from_slice(body).map_err(|error| error::unreadable(&error))
}
