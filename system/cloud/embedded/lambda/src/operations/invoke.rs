//! `Invoke`.

use std::sync::Arc;

use bytes::Bytes;
use securecart_behaviour::lambda::Invocation;
use securecart_embedded_wire::{Answer, AwsError};
use serde::de::IgnoredAny;

use super::{PROTOCOL, RestCall, nothing};
use crate::{asynchronous, error, host::Inner, invocation};

/// Largest payload of a synchronous call, bytes (Lambda quotas).
const PAYLOAD_BYTES_MAX: usize = 6 * 1024 * 1024;

/// Largest payload of an asynchronous call, bytes (Lambda quotas).
const EVENT_BYTES_MAX: usize = 1024 * 1024;

pub(super) async fn invoke(
    inner: &Arc<Inner>,
    name: &str,
    call: RestCall<'_>,
) -> Result<Answer, AwsError> {
    let kind = call.invocation_type.unwrap_or("RequestResponse");
    let most = if kind == "Event" { EVENT_BYTES_MAX } else { PAYLOAD_BYTES_MAX };
    if call.body.len() > most {
        return Err(error::too_large(most));
    }
    let function = inner.function(name)?;
    let payload = payload(call.body)?;
    match kind {
        "DryRun" => Ok(nothing(204)),
        "Event" => {
            asynchronous::accept(inner, function, payload);
            Ok(nothing(202))
        }
        "RequestResponse" => {
            let call = invocation::run(inner, &function, payload, Invocation::Synchronous);
            let outcome = call.await.map_err(error::throttled)?;
            let mut headers = vec![("x-amz-executed-version", "$LATEST".to_owned())];
            let body = outcome.unwrap_or_else(|error| {
                headers.push(("x-amz-function-error", "Unhandled".to_owned()));
                error.payload()
            });
            Ok(Answer { headers, ..Answer::ok(PROTOCOL, body) })
        }
        other => Err(error::invalid(format!("Unsupported invocation type: {other}"))),
    }
}

/// The event, which must be JSON; none is an empty one.
fn payload(body: &[u8]) -> Result<Bytes, AwsError> {
    if body.is_empty() {
        return Ok(Bytes::from_static(b"{}"));
    }
    serde_json::from_slice::<IgnoredAny>(body).map_err(|error| error::unreadable(&error))?;
    Ok(Bytes::copy_from_slice(body))
}
