//! Batches of which some items are throttled: the others go on, and the answer names those as
//! `UnprocessedItems` or `UnprocessedKeys`, as AWS does.
//!
//! Items count in the order of the request's text, as in [`super::keys`].

use std::collections::BTreeSet;

use securecart_behaviour::dynamodb::Operation;
use serde_json::{Map, Value};

use super::{json, keys::entries};

/// A batch in two parts.
#[derive(Debug)]
pub(super) struct Parts {
    /// The request without what was refused.
    pub(super) request: Vec<u8>,
    /// What was refused, by table, as the answer shows it.
    refused: Map<String, Value>,
    operation: Operation,
}

/// Takes the items in the places `refused` out of the request `body`; `None` when it is none.
pub(super) fn split(body: &[u8], operation: Operation, refused: &BTreeSet<usize>) -> Option<Parts> {
    let mut request: Map<String, Value> = serde_json::from_slice(body).ok()?;
    let tables = request.get_mut("RequestItems")?.as_object_mut()?;
    let mut left = Map::new();
    let mut place = 0;
    for (name, items) in json::members(json::member(body, "RequestItems")?) {
        let name = std::str::from_utf8(name).ok()?;
        let (mut out, mut kept) = (Vec::new(), Vec::new());
        for entry in entries(items, operation) {
            let part = if refused.contains(&place) { &mut out } else { &mut kept };
            part.push(serde_json::from_slice(entry).ok()?);
            place += 1;
        }
        let whole = tables.remove(name)?;
        if !kept.is_empty() {
            tables.insert(name.to_owned(), with_entries(&whole, kept, operation));
        }
        if !out.is_empty() {
            left.insert(name.to_owned(), with_entries(&whole, out, operation));
        }
    }
    let request = serde_json::to_vec(&request).ok()?;
    Some(Parts { request, refused: left, operation })
}

/// A table's part of a batch with other entries: reads have settings beside their keys.
fn with_entries(whole: &Value, entries: Vec<Value>, operation: Operation) -> Value {
    match operation {
        Operation::Write => entries.into(),
        Operation::Read => {
            let mut part = whole.as_object().cloned().unwrap_or_default();
            part.insert("Keys".to_owned(), entries.into());
            part.into()
        }
    }
}

impl Parts {
    /// The answer to the rest, with what was refused as unprocessed; `None` when it is no answer
    /// to a batch.
    pub(super) fn merge(self, answer: &[u8]) -> Option<Vec<u8>> {
        let mut answer: Map<String, Value> = serde_json::from_slice(answer).ok()?;
        let name = match self.operation {
            Operation::Read => "UnprocessedKeys",
            Operation::Write => "UnprocessedItems",
        };
        let unprocessed = answer.entry(name).or_insert_with(|| Map::new().into());
        let unprocessed = unprocessed.as_object_mut()?;
        for (table, mut part) in self.refused {
            if let Some(before) = unprocessed.get_mut(&table) {
                list(&mut part, self.operation)?.append(list(before, self.operation)?);
            }
            unprocessed.insert(table, part);
        }
        serde_json::to_vec(&answer).ok()
    }
}

fn list(part: &mut Value, operation: Operation) -> Option<&mut Vec<Value>> {
    match operation {
        Operation::Write => part.as_array_mut(),
        Operation::Read => part.get_mut("Keys")?.as_array_mut(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(bytes: &[u8]) -> Value {
        serde_json::from_slice(bytes).expect("JSON")
    }

    #[test]
    fn writes_are_split_in_the_order_of_the_text() {
        let body = br#"{"RequestItems":{"z":[{"PutRequest":{"Item":{"k":1}}},{"PutRequest":{"Item":{"k":2}}}],"a":[{"DeleteRequest":{"Key":{"k":3}}}]},"ReturnConsumedCapacity":"INDEXES"}"#;
        let parts = split(body, Operation::Write, &BTreeSet::from([0, 2])).expect("a batch");
        assert_eq!(
            read(&parts.request),
            json!({
                "RequestItems": { "z": [{ "PutRequest": { "Item": { "k": 2 } } }] },
                "ReturnConsumedCapacity": "INDEXES"
            })
        );
        let answer = br#"{"UnprocessedItems":{"z":[{"PutRequest":{"Item":{"k":9}}}]}}"#;
        let merged = parts.merge(answer).expect("an answer");
        assert_eq!(
            read(&merged),
            json!({ "UnprocessedItems": {
                "z": [{ "PutRequest": { "Item": { "k": 1 } } }, { "PutRequest": { "Item": { "k": 9 } } }],
                "a": [{ "DeleteRequest": { "Key": { "k": 3 } } }]
            } })
        );
    }

    #[test]
    fn reads_keep_their_settings() {
        let body = br#"{"RequestItems":{"t":{"Keys":[{"k":1},{"k":2}],"ConsistentRead":true}}}"#;
        let parts = split(body, Operation::Read, &BTreeSet::from([1])).expect("a batch");
        assert_eq!(
            read(&parts.request),
            json!({ "RequestItems": { "t": { "Keys": [{ "k": 1 }], "ConsistentRead": true } } })
        );
        let merged = parts.merge(br#"{"Responses":{"t":[{"k":1}]}}"#).expect("an answer");
        assert_eq!(
            read(&merged),
            json!({
                "Responses": { "t": [{ "k": 1 }] },
                "UnprocessedKeys": { "t": { "Keys": [{ "k": 2 }], "ConsistentRead": true } }
            })
        );
    }

    #[test]
    fn what_is_no_batch_is_not_split() {
        assert!(split(b"{}", Operation::Write, &BTreeSet::new()).is_none());
        assert!(split(b"[]", Operation::Write, &BTreeSet::new()).is_none());
    }
}
