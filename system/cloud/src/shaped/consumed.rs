//! What a call used: as its answer reports it, or by the unit model.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use securecart_behaviour::dynamodb::{self, Consistency, Operation};

use super::{
    json,
    keys::{Shape, Touch},
};

/// What one item of a call used.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Consumed<'a> {
    pub(super) read_units: f64,
    pub(super) write_units: f64,
    /// `GlobalSecondaryIndexes` as the answer has them, for one item of the call.
    indexes: &'a [u8],
}

impl<'a> Consumed<'a> {
    fn of(operation: Operation, units: f64, indexes: &'a [u8]) -> Self {
        match operation {
            Operation::Read => Self { read_units: units, write_units: 0.0, indexes },
            Operation::Write => Self { read_units: 0.0, write_units: units, indexes },
        }
    }

    /// Write units by the name of the index; reads of an index are not modelled.
    pub(super) fn indexes(&self) -> impl Iterator<Item = (&'a [u8], f64)> {
        let indexes = if self.write_units > 0.0 { self.indexes } else { &[] };
        json::members(indexes).filter_map(|(name, used)| {
            Some((name, json::number(json::member(used, "CapacityUnits")?)?))
        })
    }
}

/// Charges every item of `touches` for what `response` says was used, or by size where it says
/// nothing.
pub(super) fn charge(
    now: std::time::Duration,
    touches: &[Touch],
    shape: Shape,
    response: &HttpResponse,
) {
    let body = response.body().bytes().unwrap_or_default();
    let answered = response.status().is_success();
    if !answered && !was_judged(response) {
        // It was refused before it was worked on; the least unit that it took is little.
        return;
    }
    let reported = if answered { json::member(body, "ConsumedCapacity") } else { None };
    for (place, touch) in touches.iter().enumerate() {
        let report = reported.and_then(|report| of_table(report, &touch.table.name));
        let consumed = match report {
            Some(report) => share(report, touch, touches, place),
            None => Consumed::of(touch.operation, by_size(touch, shape, body.len()), &[]),
        };
        touch.table.charge(now, touch.key_hash, &consumed);
    }
}

/// Whether a call that failed was looked into all the same: a condition that fails costs what the
/// write would have cost.
fn was_judged(response: &HttpResponse) -> bool {
    let kind = response.headers().get("x-amzn-errortype").unwrap_or_default();
    kind.contains("ConditionalCheckFailed") || kind.contains("TransactionCanceled")
}

/// The report of `table`: an object, or one of an array for batches and transactions.
fn of_table<'a>(reported: &'a [u8], table: &str) -> Option<&'a [u8]> {
    let is_of_table =
        |report: &&[u8]| json::member(report, "TableName").and_then(json::string) == Some(table);
    match reported.first()? {
        b'[' => json::elements(reported).find(is_of_table),
        _ => Some(reported).filter(is_of_table),
    }
}

/// One item's part: a table's items share its units evenly, and its first has the indexes.
#[expect(clippy::cast_precision_loss, reason = "at most 100 items")]
fn share<'a>(report: &'a [u8], touch: &Touch, touches: &[Touch], place: usize) -> Consumed<'a> {
    let own = |other: &Touch| other.table.name == touch.table.name;
    let items = touches.iter().filter(|other| own(other)).count();
    let units = |of: &[u8]| json::member(of, "CapacityUnits").and_then(json::number);
    // Without `INDEXES`, there is only the sum.
    let table = json::member(report, "Table").and_then(units).or_else(|| units(report));
    let first = touches.iter().position(own) == Some(place);
    let indexes = if first { json::member(report, "GlobalSecondaryIndexes") } else { None };
    let least = touch.operation.least_units();
    let units = table.map_or(least, |units| units / items as f64);
    Consumed::of(touch.operation, units, indexes.unwrap_or_default())
}

fn by_size(touch: &Touch, shape: Shape, answered: usize) -> f64 {
    let transactional = shape == Shape::Transaction;
    match touch.operation {
        Operation::Write => dynamodb::write_units(touch.bytes, transactional),
        Operation::Read => {
            let consistency = match (transactional, touch.consistent) {
                (true, _) => Consistency::Transactional,
                (false, true) => Consistency::Strong,
                (false, false) => Consistency::Eventual,
            };
            // Of several items, nothing tells which were large.
            let bytes = if shape == Shape::Single { answered } else { 0 };
            dynamodb::read_units(bytes, consistency)
        }
    }
}
