//! `BatchGetItem` and `BatchWriteItem`: many single reads or writes, each on its own.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use securecart_embedded_expressions::{Item, Substitutions};
use securecart_embedded_wire::Answer;
use serde::Serialize;

use super::{
    intent::{Action, Decision, Intent, put_record},
    write::CollectionMetrics,
};
use crate::{
    DynamoDb,
    capacity::{ConsumedCapacity, Kind, Report, Strength, Usage, read_units},
    error::{Result, constraint, missing, validation},
    expression::View,
    key::Key,
    request::{
        Choice, CollectionReport, Text,
        batch::{BatchGet, BatchWrite, KeysAndAttributes, WriteRequest},
        decode,
        item::Names,
        required, table_name,
    },
    service::answer,
    table::{Record, Table},
};

/// Writes of a batch.
const MAX_WRITES: usize = 25;
/// Reads of a batch.
const MAX_READS: usize = 100;
/// Bytes of a batch's answer; keys beyond are returned unprocessed.
const MAX_ANSWER_BYTES: usize = 16 * 1_048_576;

fn check_count(count: usize, most: usize, operation: &str) -> Result<()> {
    if count == 0 {
        return Err(constraint(
            "'{}'",
            "requestItems",
            "Member must have length greater than or equal to 1",
        ));
    }
    if count > most {
        return Err(validation(format!("Too many items requested for the {operation} call")));
    }
    Ok(())
}

fn check_unique<'k>(keys: impl Iterator<Item = &'k Key>) -> Result<()> {
    let mut seen = BTreeSet::new();
    for key in keys {
        if !seen.insert(key) {
            return Err(validation("Provided list of item keys contains duplicates"));
        }
    }
    Ok(())
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct BatchGetAnswer<'a> {
    responses: BTreeMap<&'a str, Vec<Cow<'a, Item>>>,
    unprocessed_keys: BTreeMap<&'a str, Unprocessed<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    consumed_capacity: Vec<ConsumedCapacity<'a>>,
}

/// Keys that a batch had no room for, with all that is needed to ask again.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Unprocessed<'a> {
    keys: Vec<&'a Item>,
    #[serde(skip_serializing_if = "Option::is_none")]
    projection_expression: Option<&'a Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expression_attribute_names: Option<&'a Names>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consistent_read: Option<bool>,
}

/// The reads of one table.
struct TableReads<'r> {
    table: Arc<Table>,
    request: &'r KeysAndAttributes<'r>,
    keys: Vec<(&'r Item, Key)>,
    view: View,
    strength: Strength,
}

/// What the reads of one table gave.
struct TableRead<'r> {
    found: Vec<Arc<Record>>,
    unread: Vec<&'r Item>,
    usage: Usage,
}

impl DynamoDb {
    pub(crate) fn batch_get_item(&self, body: &[u8]) -> Result<Answer> {
        let request: BatchGet<'_> = decode(body)?;
        let report = Report::parse_or_default(
            request.return_consumed_capacity.as_ref(),
            "returnConsumedCapacity",
        )?;
        let tables = required(request.request_items.as_ref(), "requestItems")?;
        let keys = |reads: &KeysAndAttributes<'_>| reads.keys.as_ref().map_or(0, Vec::len);
        check_count(tables.values().map(keys).sum(), MAX_READS, "BatchGetItem")?;
        let reads = tables
            .iter()
            .map(|(name, request)| self.table_reads(name, request))
            .collect::<Result<Vec<_>>>()?;

        let mut room = MAX_ANSWER_BYTES;
        let done: Vec<TableRead<'_>> =
            reads.iter().map(|reads| reads.carry_out(&mut room)).collect();
        let mut shown = BatchGetAnswer {
            responses: BTreeMap::new(),
            unprocessed_keys: BTreeMap::new(),
            consumed_capacity: Vec::new(),
        };
        for (reads, done) in reads.iter().zip(&done) {
            let name = reads.table.name.as_str();
            reads.table.reads.add(done.usage.total());
            let items = done.found.iter().map(|record| reads.view.of(&record.item)).collect();
            shown.responses.insert(name, items);
            if !done.unread.is_empty() {
                shown.unprocessed_keys.insert(name, reads.unprocessed(&done.unread));
            }
            shown.consumed_capacity.extend(ConsumedCapacity::of(
                name,
                &done.usage,
                report,
                Kind::Plain,
            ));
        }
        answer(&shown)
    }

    fn table_reads<'r>(
        &self,
        name: &'r Text<'r>,
        request: &'r KeysAndAttributes<'r>,
    ) -> Result<TableReads<'r>> {
        request.refuse_legacy()?;
        let name = table_name(Some(name))?;
        let view = self.expressions.view(
            request.projection_expression.as_deref(),
            request.expression_attribute_names.as_ref(),
        )?;
        let keys = required(request.keys.as_ref(), "requestItems.member.keys")?;
        if keys.is_empty() {
            return Err(constraint(
                "'[]'",
                "requestItems.member.keys",
                "Member must have length greater than or equal to 1",
            ));
        }
        let table = self.table(name)?;
        let keys = keys
            .iter()
            .map(|attributes| Ok((attributes, table.key_of(attributes)?)))
            .collect::<Result<Vec<_>>>()?;
        check_unique(keys.iter().map(|(_, key)| key))?;
        let strength = Strength::of_read(request.consistent_read.unwrap_or(false));
        Ok(TableReads { table, request, keys, view, strength })
    }
}

impl<'r> TableReads<'r> {
    /// Reads until `room`, in bytes, is used up.
    fn carry_out(&self, room: &mut usize) -> TableRead<'r> {
        let mut done = TableRead { found: Vec::new(), unread: Vec::new(), usage: Usage::default() };
        for (attributes, key) in &self.keys {
            let record = self.table.get(key);
            let size = record.as_ref().map_or(0, |record| record.size);
            if size > *room {
                *room = 0;
                done.unread.push(attributes);
                continue;
            }
            *room -= size;
            done.usage.table += read_units(size) * self.strength.factor();
            done.found.extend(record);
        }
        done
    }

    fn unprocessed(&self, keys: &[&'r Item]) -> Unprocessed<'r> {
        Unprocessed {
            keys: keys.to_vec(),
            projection_expression: self.request.projection_expression.as_ref(),
            expression_attribute_names: self.request.expression_attribute_names.as_ref(),
            consistent_read: self.request.consistent_read,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct BatchWriteAnswer<'a> {
    /// Always empty: 25 items of 400 KB stay below the 16 MB of a request.
    unprocessed_items: BTreeMap<&'a str, Vec<WriteRequest>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    consumed_capacity: Vec<ConsumedCapacity<'a>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    item_collection_metrics: BTreeMap<&'a str, Vec<CollectionMetrics>>,
}

/// The writes of one table.
struct TableWrites {
    table: Arc<Table>,
    writes: Vec<(Item, Intent<'static>)>,
}

impl DynamoDb {
    pub(crate) fn batch_write_item(&self, body: &[u8]) -> Result<Answer> {
        let mut request: BatchWrite<'_> = decode(body)?;
        let report = Report::parse_or_default(
            request.return_consumed_capacity.as_ref(),
            "returnConsumedCapacity",
        )?;
        let collection = CollectionReport::parse_or_default(
            request.return_item_collection_metrics.as_ref(),
            "returnItemCollectionMetrics",
        )?;
        let tables = required(request.request_items.take(), "requestItems")?;
        check_count(tables.values().map(Vec::len).sum(), MAX_WRITES, "BatchWriteItem")?;
        // All writes are checked before the first is made.
        let writes = tables
            .into_iter()
            .map(|(name, writes)| self.table_writes(&name, writes))
            .collect::<Result<Vec<_>>>()?;

        let mut shown = BatchWriteAnswer {
            unprocessed_items: BTreeMap::new(),
            consumed_capacity: Vec::new(),
            item_collection_metrics: BTreeMap::new(),
        };
        for TableWrites { table, writes } in &writes {
            let (usage, metrics) = self.write_all(table, writes, collection);
            table.writes.add(usage.total());
            shown.consumed_capacity.extend(ConsumedCapacity::of(
                &table.name,
                &usage,
                report,
                Kind::Plain,
            ));
            if !metrics.is_empty() {
                shown.item_collection_metrics.insert(&table.name, metrics);
            }
        }
        answer(&shown)
    }

    fn table_writes(&self, name: &Text<'_>, requests: Vec<WriteRequest>) -> Result<TableWrites> {
        let table = self.table(table_name(Some(name))?)?;
        let layout = table.layout.read();
        let mut writes = Vec::with_capacity(requests.len());
        for request in requests {
            let (named, key, action) = match (request.put_request, request.delete_request) {
                (Some(put), None) => {
                    let (key, record) = put_record(&table, &layout, put.item)?;
                    let mut named = Item::new();
                    table.schema.copy_into(&record.item, &mut named);
                    (named, key, Action::Put(record))
                }
                (None, Some(delete)) => {
                    let key = table.key_of(&delete.key)?;
                    (delete.key, key, Action::Delete)
                }
                (None, None) => return Err(missing("requestItems.member.putRequest")),
                (Some(_), Some(_)) => {
                    return Err(validation(
                        "Supplied WriteRequest has both a PutRequest and a DeleteRequest, must \
                         contain exactly one of the two",
                    ));
                }
            };
            let intent = Intent {
                key,
                action,
                condition: None,
                substitutions: Substitutions::default(),
                key_attributes: None,
            };
            writes.push((named, intent));
        }
        check_unique(writes.iter().map(|(_, intent)| &intent.key))?;
        drop(layout);
        Ok(TableWrites { table, writes })
    }

    fn write_all(
        &self,
        table: &Table,
        writes: &[(Item, Intent<'_>)],
        collection: CollectionReport,
    ) -> (Usage, Vec<CollectionMetrics>) {
        let layout = table.layout.read();
        let now_ms = self.clock.now_ms();
        let mut usage = Usage::default();
        let mut metrics = Vec::new();
        for (named, intent) in writes {
            let mut shard = table.shard(&intent.key).write();
            let old = shard.rows.get(&intent.key).cloned();
            let decision = match &intent.action {
                Action::Put(record) => Decision::Replace(Some(Arc::clone(record))),
                _ => Decision::Replace(None),
            };
            let change = (old.as_ref(), &decision);
            usage.add(&intent.commit(table, &layout, &mut shard, change, now_ms));
            drop(shard);
            metrics.extend(CollectionMetrics::of(table, &layout, named, collection));
        }
        table.sweep(&layout, now_ms);
        (usage, metrics)
    }
}
