//! What a call used: as its answer reports it, or by the unit model.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use memchr::memmem::Finder;
use securecart_behaviour::dynamodb::{self, Consistency, Operation};

use super::{
    json::{self, Search},
    keys::{Shape, Touch},
};

static CONSUMED_CAPACITY: Search = Search::new(|| Finder::new(r#""ConsumedCapacity":"#));

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
    let reported = if answered { CONSUMED_CAPACITY.find(body) } else { None };
    let reports = reports(reported.unwrap_or_default());
    for (place, touch) in touches.iter().enumerate() {
        let name = touch.table.name.as_str();
        let consumed = match reports.iter().find(|report| report.table_name == Some(name)) {
            Some(report) => report.share(touch, touches, place),
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

/// What an answer reports of one table.
#[derive(Debug, Default)]
struct Report<'a> {
    table_name: Option<&'a str>,
    /// Units of the table, or of everything where the request did not ask for `INDEXES`.
    units: Option<f64>,
    indexes: &'a [u8],
}

/// The reports in an answer: an object, or an array of them for batches and transactions.
fn reports(reported: &[u8]) -> Vec<Report<'_>> {
    match reported.first() {
        Some(b'[') => json::elements(reported).map(Report::read).collect(),
        Some(_) => vec![Report::read(reported)],
        None => Vec::new(),
    }
}

impl<'a> Report<'a> {
    fn read(text: &'a [u8]) -> Self {
        let mut report = Self::default();
        let (mut all, mut table) = (None, None);
        for (name, value) in json::members(text) {
            match name {
                b"TableName" => report.table_name = json::string(value),
                b"CapacityUnits" => all = json::number(value),
                b"Table" => table = json::member(value, "CapacityUnits").and_then(json::number),
                b"GlobalSecondaryIndexes" => report.indexes = value,
                _ => {}
            }
        }
        report.units = table.or(all);
        report
    }

    /// One item's part: a table's items share its units evenly, and its first has the indexes.
    #[expect(clippy::cast_precision_loss, reason = "at most 100 items")]
    fn share(&self, touch: &Touch, touches: &[Touch], place: usize) -> Consumed<'a> {
        let own = |other: &Touch| other.table.name == touch.table.name;
        let items = touches.iter().filter(|other| own(other)).count();
        let first = touches.iter().position(own) == Some(place);
        let indexes = if first { self.indexes } else { &[] };
        let units = self.units.map_or(touch.operation.least_units(), |all| all / items as f64);
        Consumed::of(touch.operation, units, indexes)
    }
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

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use aws_smithy_types::body::SdkBody;
    use securecart_behaviour::dynamodb::Config;

    use super::*;
    use crate::{TableCapacity, shaped::tables::Tables};

    const NOW: Duration = Duration::from_secs(1);

    fn answer(status: u16, body: &'static str) -> HttpResponse {
        HttpResponse::new(status.try_into().expect("a status"), SdkBody::from(body))
    }

    fn touch(tables: &Tables, name: &str, key_hash: u64) -> Touch {
        let table = tables.entry(name).expect("there is room");
        Touch { table, key_hash, operation: Operation::Write, bytes: 2_000, consistent: false }
    }

    fn write_units(tables: &Tables) -> Vec<(String, f64)> {
        let metrics = tables.metrics().into_iter();
        metrics.map(|table| (table.table, table.write_units)).collect()
    }

    #[test]
    fn the_report_of_each_table_is_shared_by_its_items() {
        let tables = Tables::new(Config::default());
        let touches = [touch(&tables, "a", 1), touch(&tables, "b", 2), touch(&tables, "a", 3)];
        let body = r#"{"ConsumedCapacity":[{"TableName":"a","CapacityUnits":6.0},{"TableName":"b","CapacityUnits":9.0,"Table":{"CapacityUnits":2.0}}]}"#;
        charge(NOW, &touches, Shape::Transaction, &answer(200, body));
        assert_eq!(write_units(&tables), [("a".to_owned(), 6.0), ("b".to_owned(), 2.0)]);
    }

    #[test]
    fn an_index_short_of_units_throttles_the_next_write() {
        let tables = Tables::new(Config::default().compressed(300.0));
        tables.set("a", TableCapacity::Provisioned { read: 5, write: 5 });
        let touches = [touch(&tables, "a", 1)];
        let body = r#"{"ConsumedCapacity":{"TableName":"a","CapacityUnits":7.0,"Table":{"CapacityUnits":1.0},"GlobalSecondaryIndexes":{"by-sku":{"CapacityUnits":6.0}}}}"#;
        charge(NOW, &touches, Shape::Single, &answer(200, body));
        let table = Arc::clone(&touches[0].table);
        let throttle = table.with(|table| table.admit(NOW, 2, Operation::Write));
        let throttle = throttle.expect_err("the index has used six of five");
        assert_eq!(throttle.reason(), "IndexWriteProvisionedThroughputExceeded");
        assert!(table.arn(throttle.index).ends_with(":table/a/index/by-sku"));
        assert_eq!(write_units(&tables), [("a".to_owned(), 1.0)]);
    }

    #[test]
    fn what_is_not_reported_follows_from_size() {
        let tables = Tables::new(Config::default());
        let touches = [touch(&tables, "a", 1)];
        charge(NOW, &touches, Shape::Single, &answer(200, "{}"));
        assert_eq!(write_units(&tables)[0].1, 2.0);
        charge(NOW, &touches, Shape::Transaction, &answer(200, "{}"));
        assert_eq!(write_units(&tables)[0].1, 6.0);
        charge(NOW, &touches, Shape::Single, &answer(400, r#"{"__type":"ValidationException"}"#));
        assert_eq!(write_units(&tables)[0].1, 6.0, "a call that is not valid costs nothing");
    }
}
