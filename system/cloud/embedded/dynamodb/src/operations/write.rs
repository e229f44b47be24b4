//! `PutItem`, `UpdateItem` and `DeleteItem`.

use std::sync::Arc;

use securecart_embedded_expressions::Item;
use securecart_embedded_wire::Answer;
use serde::Serialize;

use super::intent::{Action, Decision, Intent, Refusal, check_update, put_record, refused_units};
use crate::{
    DynamoDb, PROTOCOL,
    capacity::{ConsumedCapacity, Kind, Report, Usage},
    error::{Result, condition_failed, validation},
    expression::WriteExpressions,
    request::{
        Choice, CollectionReport, decode,
        item::{OnFailure, ReturnValues, Write},
        required, table_name,
    },
    service::answer,
    table::{Layout, Record, Table},
};

/// What an answer to a write shows.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    values: ReturnValues,
    on_failure: OnFailure,
    capacity: Report,
    collection: CollectionReport,
}

impl Wanted {
    fn of(request: &Write<'_>) -> Result<Self> {
        Ok(Self {
            values: ReturnValues::parse_or_default(request.return_values.as_ref(), "returnValues")?,
            on_failure: OnFailure::parse_or_default(
                request.return_values_on_condition_check_failure.as_ref(),
                "returnValuesOnConditionCheckFailure",
            )?,
            capacity: Report::parse_or_default(
                request.return_consumed_capacity.as_ref(),
                "returnConsumedCapacity",
            )?,
            collection: CollectionReport::parse_or_default(
                request.return_item_collection_metrics.as_ref(),
                "returnItemCollectionMetrics",
            )?,
        })
    }

    /// Whether the answer is empty, as most are.
    const fn nothing(self) -> bool {
        matches!(
            (self.values, self.capacity, self.collection),
            (ReturnValues::None, Report::None, CollectionReport::None)
        )
    }

    /// The same, for operations that only know the item as it was.
    fn old_only(self) -> Result<Self> {
        match self.values {
            ReturnValues::None | ReturnValues::AllOld => Ok(self),
            _ => Err(validation("ReturnValues can only be ALL_OLD or NONE")),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct WriteAnswer<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<&'a Item>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consumed_capacity: Option<ConsumedCapacity<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    item_collection_metrics: Option<CollectionMetrics>,
}

/// `ItemCollectionMetrics`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CollectionMetrics {
    item_collection_key: Item,
    #[serde(rename = "SizeEstimateRangeGB")]
    size_estimate_range_gb: [f64; 2],
}

const GIB: u64 = 1 << 30;

impl CollectionMetrics {
    /// The collection of `item`, where the table has local indexes. The estimate is AWS's kind of
    /// range: from nothing up to all that the table and its local indexes hold, in whole GB.
    #[expect(clippy::cast_precision_loss, reason = "a number of GB")]
    pub(crate) fn of(
        table: &Table,
        layout: &Layout,
        item: &Item,
        report: CollectionReport,
    ) -> Option<Self> {
        if report == CollectionReport::None || layout.locals.is_empty() {
            return None;
        }
        let name = &table.schema.partition.name;
        let value = item.get(name)?.clone();
        let locals: u64 = layout.locals.iter().map(|index| index.volume.bytes()).sum();
        let most = (table.volume.bytes() + locals).div_ceil(GIB).max(1);
        Some(Self {
            item_collection_key: Item::from([(name.clone(), value)]),
            size_estimate_range_gb: [0.0, most as f64],
        })
    }
}

/// A write that was made.
struct Done<'a> {
    old: Option<Arc<Record>>,
    decision: Decision<'a>,
    usage: Usage,
}

impl DynamoDb {
    pub(crate) fn put_item(&self, body: &[u8]) -> Result<Answer> {
        let mut request: Write<'_> = decode(body)?;
        let wanted = Wanted::of(&request)?.old_only()?;
        request.refuse_legacy()?;
        let name = table_name(request.table_name.as_ref())?;
        let item = required(request.item.take(), "item")?;
        let expressions = self.write_expressions(&request, None)?;

        let table = self.table(name)?;
        let layout = table.layout.read();
        let (key, record) = put_record(&table, &layout, item)?;
        let action = Action::Put(Arc::clone(&record));
        let intent = Intent::new(key, action, expressions, None);
        let done = self.make(&table, &layout, &intent, wanted.on_failure)?;
        show(&table, &layout, &done, wanted, &record.item)
    }

    pub(crate) fn delete_item(&self, body: &[u8]) -> Result<Answer> {
        let request: Write<'_> = decode(body)?;
        let wanted = Wanted::of(&request)?.old_only()?;
        request.refuse_legacy()?;
        let name = table_name(request.table_name.as_ref())?;
        let attributes = required(request.key.as_ref(), "key")?;
        let expressions = self.write_expressions(&request, None)?;

        let table = self.table(name)?;
        let layout = table.layout.read();
        let key = table.key_of(attributes)?;
        let intent = Intent::new(key, Action::Delete, expressions, None);
        let done = self.make(&table, &layout, &intent, wanted.on_failure)?;
        show(&table, &layout, &done, wanted, attributes)
    }

    pub(crate) fn update_item(&self, body: &[u8]) -> Result<Answer> {
        let request: Write<'_> = decode(body)?;
        let wanted = Wanted::of(&request)?;
        request.refuse_legacy()?;
        let name = table_name(request.table_name.as_ref())?;
        let attributes = required(request.key.as_ref(), "key")?;
        let expressions = self.write_expressions(&request, request.update_expression.as_deref())?;

        let table = self.table(name)?;
        let layout = table.layout.read();
        let key = table.key_of(attributes)?;
        check_update(&table, &expressions)?;
        let action = Action::Update(expressions.update.clone());
        let intent = Intent::new(key, action, expressions, Some(attributes));
        let done = self.make(&table, &layout, &intent, wanted.on_failure)?;
        show(&table, &layout, &done, wanted, attributes)
    }

    fn write_expressions<'r>(
        &self,
        request: &'r Write<'_>,
        update: Option<&str>,
    ) -> Result<WriteExpressions<'r>> {
        self.expressions.of_write(
            update,
            request.condition_expression.as_deref(),
            request.expression_attribute_names.as_ref(),
            request.expression_attribute_values.as_ref(),
        )
    }

    /// Decides and makes a write under the lock of one shard.
    fn make<'a>(
        &self,
        table: &Table,
        layout: &Layout,
        intent: &'a Intent<'_>,
        on_failure: OnFailure,
    ) -> Result<Done<'a>> {
        let now_ms = self.clock.now_ms();
        let mut shard = table.shard(&intent.key).write();
        let old = shard.rows.get(&intent.key).cloned();
        let decided = intent.decide(table, layout, old.as_ref());
        let made = match decided {
            Ok(decision) => {
                let change = (old.as_ref(), &decision);
                let usage = intent.commit(table, layout, &mut shard, change, now_ms);
                drop(shard);
                table.writes.add(usage.total());
                Ok(Done { old, decision, usage })
            }
            Err(Refusal::Condition) => {
                drop(shard);
                table.writes.add(refused_units(old.as_ref()));
                let shown = old.as_ref().filter(|_| on_failure == OnFailure::AllOld);
                Err(condition_failed(shown.map(|record| &record.item)))
            }
            Err(Refusal::Invalid(error)) => {
                drop(shard);
                Err(error)
            }
        };
        table.sweep(layout, now_ms);
        made
    }
}

fn show(
    table: &Table,
    layout: &Layout,
    done: &Done<'_>,
    wanted: Wanted,
    named: &Item,
) -> Result<Answer> {
    if wanted.nothing() {
        return Ok(Answer::ok(PROTOCOL, b"{}".as_slice()));
    }
    let old = done.old.as_ref();
    let new = done.decision.record(old);
    let part = match (wanted.values, &done.decision) {
        (ReturnValues::UpdatedOld, Decision::Update(_, updated)) => {
            old.map(|record| updated.updated_old(&record.item))
        }
        (ReturnValues::UpdatedNew, Decision::Update(record, updated)) => {
            Some(updated.updated_new(&record.item))
        }
        _ => None,
    };
    let attributes = match wanted.values {
        ReturnValues::None => None,
        ReturnValues::AllOld => old.map(|record| &record.item),
        ReturnValues::AllNew => new.map(|record| &record.item),
        ReturnValues::UpdatedOld | ReturnValues::UpdatedNew => {
            part.as_ref().filter(|item| !item.is_empty())
        }
    };
    answer(&WriteAnswer {
        attributes,
        consumed_capacity: ConsumedCapacity::of(
            &table.name,
            &done.usage,
            wanted.capacity,
            Kind::Plain,
        ),
        item_collection_metrics: CollectionMetrics::of(table, layout, named, wanted.collection),
    })
}
