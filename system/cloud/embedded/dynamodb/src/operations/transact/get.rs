//! `TransactGetItems`: all items as they were at one moment.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use parking_lot::RwLockReadGuard;
use securecart_embedded_expressions::Item;
use securecart_embedded_wire::Answer;
use serde::Serialize;

use super::{MAX_BYTES, ONE_OPERATION_EACH, ShardPlace, all_or_cancelled, check_count, consumed};
use crate::{
    DynamoDb,
    capacity::{ConsumedCapacity, Kind, Report, Strength, Usage, read_units},
    error::{Result, validation},
    expression::View,
    operations::tokens::TableUsages,
    request::{Choice, decode, required, table_name, transact::TransactGet},
    service::answer,
    table::{Record, Shard, shard_of},
};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct TransactGetAnswer<'a> {
    responses: Vec<ItemResponse<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    consumed_capacity: Vec<ConsumedCapacity<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ItemResponse<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<Cow<'a, Item>>,
}

impl DynamoDb {
    pub(crate) fn transact_get_items(&self, body: &[u8]) -> Result<Answer> {
        let request: TransactGet<'_> = decode(body)?;
        let report = Report::parse_or_default(
            request.return_consumed_capacity.as_ref(),
            "returnConsumedCapacity",
        )?;
        let items = required(request.transact_items.as_ref(), "transactItems")?;
        check_count(items.len())?;
        let mut names = Vec::with_capacity(items.len());
        let mut gets: Vec<(&Item, View)> = Vec::with_capacity(items.len());
        for item in items {
            let get = required(item.get.as_ref(), "transactItems.member.get")?;
            names.push(table_name(get.table_name.as_ref())?);
            let key = required(get.key.as_ref(), "transactItems.member.get.key")?;
            let view = self.expressions.view(
                get.projection_expression.as_deref(),
                get.expression_attribute_names.as_ref(),
            )?;
            gets.push((key, view));
        }
        let (tables, places) = self.tables_of(&names)?;
        let keys = gets.iter().zip(&places).map(|((key, _), table)| tables[*table].key_of(key));
        let keys = all_or_cancelled(keys.collect())?;
        let mut seen = BTreeSet::new();
        if !keys.iter().zip(&places).all(|place| seen.insert(place)) {
            return Err(validation(ONE_OPERATION_EACH));
        }

        let wanted: BTreeSet<ShardPlace> =
            keys.iter().zip(&places).map(|(key, table)| (*table, shard_of(key.hash))).collect();
        let shards: BTreeMap<ShardPlace, RwLockReadGuard<'_, Shard>> = wanted
            .into_iter()
            .map(|(table, shard)| ((table, shard), tables[table].shards[shard].read()))
            .collect();
        let records: Vec<Option<Arc<Record>>> = keys
            .iter()
            .zip(&places)
            .map(|(key, table)| shards[&(*table, shard_of(key.hash))].rows.get(key).cloned())
            .collect();
        drop(shards);

        let bytes: usize = records.iter().flatten().map(|record| record.size).sum();
        if bytes > MAX_BYTES {
            return Err(validation(
                "The aggregate size of the items in the transaction cannot exceed 4 MB",
            ));
        }
        let mut usages = vec![Usage::default(); tables.len()];
        for (record, table) in records.iter().zip(&places) {
            let size = record.as_ref().map_or(0, |record| record.size);
            usages[*table].table += read_units(size) * Strength::Transactional.factor();
        }
        let usages: TableUsages =
            tables.iter().map(|table| table.name.clone()).zip(usages).collect();
        for (table, (_, usage)) in tables.iter().zip(&usages) {
            table.reads.add(usage.total());
        }
        let responses = records.iter().zip(&gets).map(|(record, (_, view))| ItemResponse {
            item: record.as_ref().map(|record| view.of(&record.item)),
        });
        let responses = responses.collect();
        answer(&TransactGetAnswer {
            responses,
            consumed_capacity: consumed(&usages, report, Kind::Reads),
        })
    }
}
