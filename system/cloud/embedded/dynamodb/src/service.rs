//! The service: its tables, and which operation answers a call.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use parking_lot::{Mutex, RwLock};
use securecart_clock::Clock;
use securecart_embedded_wire::{Answer, AwsError, Call, Ids, Protocol};
use serde::Serialize;

use crate::{
    PROTOCOL,
    error::{self, Result},
    expression::Expressions,
    operations::Tokens,
    table::{Stream, Table},
};

/// DynamoDB and its streams, in process. Share one with `Arc`; every call takes `&self`.
#[derive(Debug)]
pub struct DynamoDb {
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) tables: RwLock<BTreeMap<String, Arc<Table>>>,
    /// Streams by ARN, those of tables that are gone included until their records are too old.
    pub(crate) streams: RwLock<BTreeMap<String, Arc<Stream>>>,
    pub(crate) expressions: Expressions,
    /// Tokens of past transactions.
    pub(crate) tokens: Mutex<Tokens>,
    created: AtomicU64,
}

/// What a table holds and has used.
#[derive(Debug, Clone, PartialEq)]
pub struct TableMetrics {
    /// The table's name.
    pub name: String,
    /// Items now.
    pub items: u64,
    /// Read units used since the table was made, its indexes included.
    pub read_units_consumed: f64,
    /// Write units used since the table was made, its indexes included.
    pub write_units_consumed: f64,
}

impl DynamoDb {
    /// A service without tables. Identifiers come from `seed`, the time from `clock`.
    #[must_use]
    pub fn new(clock: Clock, seed: u64) -> Self {
        Self {
            clock,
            ids: Ids::new(seed),
            tables: RwLock::default(),
            streams: RwLock::default(),
            expressions: Expressions::default(),
            tokens: Mutex::default(),
            created: AtomicU64::new(0),
        }
    }

    /// Answers a call of `DynamoDB_20120810`.
    ///
    /// # Errors
    ///
    /// AWS's error for the operation; `UnknownOperationException` for operations not offered.
    #[expect(clippy::unused_async, reason = "every service answers calls in this form")]
    pub async fn call(&self, call: Call<'_>) -> Result<Answer> {
        let body = call.body;
        match call.operation {
            "GetItem" => self.get_item(body),
            "PutItem" => self.put_item(body),
            "UpdateItem" => self.update_item(body),
            "DeleteItem" => self.delete_item(body),
            "Query" => self.query(body),
            "Scan" => self.scan(body),
            "BatchGetItem" => self.batch_get_item(body),
            "BatchWriteItem" => self.batch_write_item(body),
            "TransactGetItems" => self.transact_get_items(body),
            "TransactWriteItems" => self.transact_write_items(body),
            "CreateTable" => self.create_table(body),
            "DeleteTable" => self.delete_table(body),
            "DescribeTable" => self.describe_table(body),
            "ListTables" => self.list_tables(body),
            "UpdateTable" => self.update_table(body),
            "UpdateTimeToLive" => self.update_time_to_live(body),
            "DescribeTimeToLive" => self.describe_time_to_live(body),
            "TagResource" => self.tag_resource(body),
            "UntagResource" => self.untag_resource(body),
            "ListTagsOfResource" => self.list_tags_of_resource(body),
            "DescribeLimits" => describe_limits(),
            "DescribeEndpoints" => describe_endpoints(call.origin),
            other => Err(error::unknown_operation("dynamodb", other)),
        }
    }

    /// Answers a call of `DynamoDBStreams_20120810`.
    ///
    /// # Errors
    ///
    /// AWS's error for the operation; `UnknownOperationException` for operations not offered.
    #[expect(clippy::unused_async, reason = "every service answers calls in this form")]
    pub async fn call_streams(&self, call: Call<'_>) -> Result<Answer> {
        match call.operation {
            "ListStreams" => self.list_streams(call.body),
            "DescribeStream" => self.describe_stream(call.body),
            "GetShardIterator" => self.get_shard_iterator(call.body),
            "GetRecords" => self.get_records(call.body),
            other => Err(error::unknown_operation("dynamodb-streams", other)),
        }
    }

    /// Every table's items and consumption, by name.
    #[must_use]
    pub fn metrics(&self) -> Vec<TableMetrics> {
        self.tables
            .read()
            .values()
            .map(|table| TableMetrics {
                name: table.name.clone(),
                items: table.volume.items(),
                read_units_consumed: table.reads.total(),
                write_units_consumed: table.writes.total(),
            })
            .collect()
    }

    /// The table `name`, for an operation on its items.
    pub(crate) fn table(&self, name: &str) -> Result<Arc<Table>> {
        self.tables.read().get(name).cloned().ok_or_else(error::no_table)
    }

    /// The table `name`, for an operation on the table.
    pub(crate) fn table_named(&self, name: &str) -> Result<Arc<Table>> {
        self.tables.read().get(name).cloned().ok_or_else(|| error::no_table_named(name))
    }

    /// A number above those of all tables made before.
    pub(crate) fn next_order(&self) -> u64 {
        self.created.fetch_add(1, Ordering::Relaxed)
    }
}

/// 200 with `value` as JSON.
pub(crate) fn answer(value: &impl Serialize) -> Result<Answer> {
    let body = serde_json::to_vec(value).map_err(|error| {
        AwsError::client(error::NAMESPACE, "InternalServerError", error.to_string())
            .with_status(500)
    })?;
    Ok(Answer::ok(PROTOCOL, body))
}

/// Quotas of an account (AWS developer guide, "Quotas").
fn describe_limits() -> Result<Answer> {
    answer(&serde_json::json!({
        "AccountMaxReadCapacityUnits": 80_000,
        "AccountMaxWriteCapacityUnits": 80_000,
        "TableMaxReadCapacityUnits": 40_000,
        "TableMaxWriteCapacityUnits": 40_000,
    }))
}

fn describe_endpoints(origin: &str) -> Result<Answer> {
    let address = origin.split_once("://").map_or(origin, |(_, address)| address);
    answer(&serde_json::json!({
        "Endpoints": [{ "Address": address, "CachePeriodInMinutes": 1_440 }],
    }))
}

const _: () = assert!(matches!(PROTOCOL, Protocol::Json10), "answers are written as JSON 1.0");
