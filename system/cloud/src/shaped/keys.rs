//! What a DynamoDB request touches: which items of which tables, by the hash of their partition keys.
//!
//! The partition keys of SecureCart's tables are known from `domain`. An item of any other table is
//! known by all attributes that the request names, which is its key where the request has a `Key`.
//! A query goes to the first value that its key condition names; a scan to where it goes on.

use std::sync::Arc;

use memchr::memmem::Finder;
use securecart_behaviour::dynamodb::Operation;
use securecart_domain::random;

use super::{
    json::{self, Search},
    tables::{Entry, Tables},
};

/// An item that a request touches, or a page of them.
#[derive(Debug)]
pub(super) struct Touch {
    pub(super) table: Arc<Entry>,
    pub(super) key_hash: u64,
    pub(super) operation: Operation,
    /// Bytes of the item, as far as the request shows them: its JSON, which is somewhat longer.
    pub(super) bytes: usize,
    /// A strongly consistent read.
    pub(super) consistent: bool,
}

/// What a request is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// One item, or one page of a query or scan.
    Single,
    /// `BatchGetItem`, `BatchWriteItem`: each item for itself.
    Batch,
    /// `TransactGetItems`, `TransactWriteItems`: all or none.
    Transaction,
}

/// The shape of `operation`; `None` where it uses no capacity.
pub(super) fn shape(operation: &str) -> Option<(Shape, Operation)> {
    match operation {
        "GetItem" | "Query" | "Scan" => Some((Shape::Single, Operation::Read)),
        "PutItem" | "UpdateItem" | "DeleteItem" => Some((Shape::Single, Operation::Write)),
        "BatchGetItem" => Some((Shape::Batch, Operation::Read)),
        "BatchWriteItem" => Some((Shape::Batch, Operation::Write)),
        "TransactGetItems" => Some((Shape::Transaction, Operation::Read)),
        "TransactWriteItems" => Some((Shape::Transaction, Operation::Write)),
        _ => None,
    }
}

/// Everything that `body` touches, in its order; nothing at all where a table is not modelled.
pub(super) fn touches(
    tables: &Tables,
    body: &[u8],
    shape: Shape,
    operation: Operation,
) -> Vec<Touch> {
    match shape {
        Shape::Single => single(tables, body, operation).into_iter().collect(),
        Shape::Batch => batch(tables, body, operation),
        Shape::Transaction => json::member(body, "TransactItems")
            .into_iter()
            .flat_map(json::elements)
            // Each is an object with one member, such as `Put`.
            .map(|item| single(tables, json::members(item).next()?.1, operation))
            .collect::<Option<_>>()
            .unwrap_or_default(),
    }
}

fn single(tables: &Tables, request: &[u8], operation: Operation) -> Option<Touch> {
    let (mut table, mut item, mut start, mut values, mut condition) =
        (None, None, None, None, None);
    for (name, rest) in json::names(request) {
        match name {
            b"TableName" => table = json::value(rest).and_then(json::string),
            b"Key" | b"Item" => item = Some(rest),
            b"ExclusiveStartKey" => start = json::value(rest),
            b"KeyConditionExpression" => condition = json::value(rest).and_then(json::string),
            b"ExpressionAttributeValues" => values = json::value(rest),
            _ => continue,
        }
        if table.is_some() && item.is_some() {
            break;
        }
    }
    let table = tables.entry(table?)?;
    let (key_hash, bytes) = match (item, condition, values) {
        (Some(item), ..) => hash_of_item(&table, item),
        (None, Some(condition), Some(values)) => (hash_of_query(condition, values), 0),
        _ => (start.map_or(0, hash), 0),
    };
    let consistent = operation == Operation::Read && is_consistent(request);
    Some(Touch { table, key_hash, operation, bytes, consistent })
}

fn is_consistent(request: &[u8]) -> bool {
    static CONSISTENT_READ: Search = Search::new(|| Finder::new(r#""ConsistentRead":"#));
    CONSISTENT_READ.find(request) == Some(b"true")
}

/// `RequestItems` is `{ TABLE: [{ "PutRequest": { "Item": {} } }] }` for writes and
/// `{ TABLE: { "Keys": [{}] } }` for reads.
fn batch(tables: &Tables, body: &[u8], operation: Operation) -> Vec<Touch> {
    let mut touches = Vec::new();
    for (name, request) in json::member(body, "RequestItems").into_iter().flat_map(json::members) {
        let table = std::str::from_utf8(name).ok().and_then(|name| tables.entry(name));
        let Some(table) = table else { return Vec::new() };
        let consistent = operation == Operation::Read && is_consistent(request);
        for entry in entries(request, operation) {
            let item = match operation {
                Operation::Read => Some(entry),
                Operation::Write => json::members(entry)
                    .next()
                    .and_then(|(_, request)| json::members(request).next())
                    .map(|(_, item)| item),
            };
            let (key_hash, bytes) = hash_of_item(&table, item.unwrap_or_default());
            let table = Arc::clone(&table);
            touches.push(Touch { table, key_hash, operation, bytes, consistent });
        }
    }
    touches
}

/// The entries of one table in a batch.
pub(super) fn entries(request: &[u8], operation: Operation) -> json::Elements<'_> {
    match operation {
        Operation::Read => json::elements(json::member(request, "Keys").unwrap_or_default()),
        Operation::Write => json::elements(request),
    }
}

/// The hash of the item that begins `text`, and its length there.
fn hash_of_item(table: &Entry, text: &[u8]) -> (u64, usize) {
    let mut members = json::members(text);
    let mut key_hash = 0_u64;
    for (name, value) in members.by_ref() {
        match table.partition_key {
            Some(key) if key.as_bytes() == name => key_hash = hash(value),
            Some(_) => {}
            // The SDK writes maps in any order: the sum does not depend on it.
            None => {
                let attribute = hash(name) ^ hash(value).rotate_left(1);
                key_hash = key_hash.wrapping_add(attribute);
            }
        }
    }
    (key_hash, members.len())
}

fn hash_of_query(condition: &str, values: &[u8]) -> u64 {
    let name = condition.find(':').map_or("", |start| {
        let name = &condition[start..];
        let end = |byte: char| !byte.is_ascii_alphanumeric() && !matches!(byte, ':' | '_');
        &name[..name.find(end).unwrap_or(name.len())]
    });
    json::member(values, name).map_or(0, hash)
}

/// FNV-1a, spread over all bits.
fn hash(text: &[u8]) -> u64 {
    let hash = text.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    random::mix(hash)
}

#[cfg(test)]
mod tests {
    use securecart_behaviour::dynamodb::Config;

    use super::*;

    fn of(operation: &str, body: &str) -> Vec<(String, u64, Operation)> {
        let tables = Tables::new(Config::default());
        let (shape, kind) = shape(operation).expect("it uses capacity");
        touches(&tables, body.as_bytes(), shape, kind)
            .into_iter()
            .map(|touch| (touch.table.name.clone(), touch.key_hash, touch.operation))
            .collect()
    }

    #[test]
    fn an_item_is_known_by_its_partition_key_in_every_operation() {
        let cart = hash(br#"{"S":"c-1"}"#);
        let read = [("carts".to_owned(), cart, Operation::Read)];
        let write = [("carts".to_owned(), cart, Operation::Write)];
        assert_eq!(of("GetItem", r#"{"TableName":"carts","Key":{"cart_id":{"S":"c-1"}}}"#), read);
        assert_eq!(
            of("PutItem", r#"{"TableName":"carts","Item":{"n":{"N":"1"},"cart_id":{"S":"c-1"}}}"#),
            write
        );
        assert_eq!(
            of(
                "TransactWriteItems",
                r#"{"TransactItems":[{"Update":{"Key":{"cart_id":{"S":"c-1"}},"TableName":"carts"}}]}"#
            ),
            write
        );
        assert_eq!(
            of(
                "BatchWriteItem",
                r#"{"RequestItems":{"carts":[{"PutRequest":{"Item":{"cart_id":{"S":"c-1"}}}}]}}"#
            ),
            write
        );
        assert_eq!(
            of("BatchGetItem", r#"{"RequestItems":{"carts":{"Keys":[{"cart_id":{"S":"c-1"}}]}}}"#),
            read
        );
        assert_eq!(
            of(
                "Query",
                r#"{"TableName":"carts","KeyConditionExpression":"cart_id = :id AND n > :n","ExpressionAttributeValues":{":n":{"N":"1"},":id":{"S":"c-1"}}}"#
            ),
            read
        );
    }

    #[test]
    fn an_item_of_another_table_is_known_by_its_whole_key_in_any_order() {
        let one = of("GetItem", r#"{"TableName":"other","Key":{"a":{"S":"1"},"b":{"S":"2"}}}"#);
        let same = of("GetItem", r#"{"TableName":"other","Key":{"b":{"S":"2"},"a":{"S":"1"}}}"#);
        let else_ = of("GetItem", r#"{"TableName":"other","Key":{"b":{"S":"1"},"a":{"S":"2"}}}"#);
        assert_eq!(one, same);
        assert_ne!(one, else_);
    }

    #[test]
    fn a_table_may_be_named_by_its_arn() {
        let arn = r#"{"TableName":"arn:aws:dynamodb:us-east-1:000000000000:table/carts","Key":{}}"#;
        assert_eq!(of("DeleteItem", arn)[0].0, "carts");
    }

    #[test]
    fn what_names_no_table_touches_nothing() {
        assert_eq!(of("PutItem", "{}"), []);
        assert_eq!(of("TransactWriteItems", r#"{"TransactItems":[{}]}"#), []);
        assert!(shape("DescribeTable").is_none());
    }
}
