//! A DynamoDB call: admitted by table and partition, made, and charged with what it used.

use std::collections::BTreeSet;

use aws_smithy_runtime_api::client::{
    http::{HttpConnector as _, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use aws_smithy_types::body::SdkBody;
use securecart_behaviour::dynamodb::{Operation, Throttle};

use super::{
    Model, batch, consumed,
    keys::{self, Shape, Touch},
    refusal::Refusal,
};

/// What becomes of a call.
enum Verdict {
    /// It goes on as it is.
    Pass,
    /// It goes on without what was refused.
    Part(batch::Parts),
    /// It is refused.
    Refuse(Refusal),
}

/// Makes the call `request`, or refuses it.
pub(super) async fn call(
    model: &Model,
    operation: (Shape, Operation),
    mut request: HttpRequest,
    backend: SharedHttpConnector,
) -> Result<HttpResponse, ConnectorError> {
    let (shape, kind) = operation;
    let tables = &model.shared.tables;
    let body = request.body().bytes().unwrap_or_default();
    let mut touches = keys::touches(tables, body, shape, kind);
    let refused = admit(model, &touches);
    let parts = match verdict(shape, kind, body, &touches, &refused) {
        Verdict::Pass => None,
        Verdict::Part(parts) => Some(parts),
        Verdict::Refuse(refusal) => return model.refuse(refusal),
    };
    if let Some(parts) = &parts {
        model.counters.count_throttle();
        // What the SDK signed was the whole; no backend of a local run checks the signature.
        *request.body_mut() = SdkBody::from(parts.request.clone());
        request.headers_mut().insert("content-length", parts.request.len().to_string());
        let mut place = 0;
        let refused: BTreeSet<usize> = refused.iter().map(|(place, _)| *place).collect();
        touches.retain(|_| {
            place += 1;
            !refused.contains(&(place - 1))
        });
    }
    let mut response = backend.call(request).await?;
    consumed::charge(tables.now(), &touches, shape, &response);
    let merged = parts.and_then(|parts| parts.merge(response.body().bytes()?));
    if let Some(merged) = merged {
        response.headers_mut().remove("content-length");
        *response.body_mut() = SdkBody::from(merged);
    }
    Ok(response)
}

/// The items that are refused, by their places.
fn admit(model: &Model, touches: &[Touch]) -> Vec<(usize, Throttle)> {
    let now = model.shared.tables.now();
    let faults = &model.shared.faults;
    let admitted = |touch: &Touch| {
        let struck = faults.throttles(&touch.table.name, || model.uniform());
        touch.table.with(|table| {
            if struck {
                Err(table.refuse(now, touch.operation))
            } else {
                table.admit(now, touch.key_hash, touch.operation)
            }
        })
    };
    touches
        .iter()
        .enumerate()
        .filter_map(|(place, touch)| Some((place, admitted(touch).err()?)))
        .collect()
}

fn verdict(
    shape: Shape,
    operation: Operation,
    body: &[u8],
    touches: &[Touch],
    refused: &[(usize, Throttle)],
) -> Verdict {
    let Some((place, throttle)) = refused.first() else { return Verdict::Pass };
    if shape == Shape::Transaction {
        return Verdict::Refuse(Refusal::of_transaction(touches.len(), refused));
    }
    if shape == Shape::Batch && refused.len() < touches.len() {
        let places = refused.iter().map(|(place, _)| *place).collect();
        if let Some(parts) = batch::split(body, operation, &places) {
            return Verdict::Part(parts);
        }
    }
    Verdict::Refuse(Refusal::of_item(&touches[*place], throttle))
}
