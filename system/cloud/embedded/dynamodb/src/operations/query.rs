//! `Query`.

use std::ops::Bound;

use securecart_embedded_expressions::{KeyRange, SortRange};
use securecart_embedded_wire::{Answer, AwsError};

use super::read::Plan;
use crate::{
    DynamoDb,
    error::{Result, invalid_values, validation},
    expression::{check_filter, invalid},
    key::{Edge, Key, KeyAttribute, KeySchema, KeyValue},
    request::{decode, query::Read, table_name},
    table::Span,
};

impl DynamoDb {
    pub(crate) fn query(&self, body: &[u8]) -> Result<Answer> {
        let request: Read<'_> = decode(body)?;
        request.refuse_legacy()?;
        let name = table_name(request.table_name.as_ref())?;
        let Some(key_text) = request.key_condition_expression.as_deref() else {
            return Err(validation(
                "Either the KeyConditions or KeyConditionExpression parameter must be specified \
                 in the request.",
            ));
        };
        let key_condition = self.expressions.key_condition(key_text)?;
        let expressions = self.expressions.of_read(&request, Some(&key_condition))?;

        let table = self.table(name)?;
        let layout = table.layout.read();
        let source = layout.source(request.index_name.as_deref())?;
        let schema = source.schema(&table);
        let sort_name = schema.sort.as_ref().map(|attribute| attribute.name.as_str());
        let range = key_condition
            .resolve(&schema.partition.name, sort_name, &expressions.substitutions)
            .map_err(invalid)?;
        check_filter(&expressions, schema)?;

        let plan = Plan::new(&request, &table, source, &expressions)?;
        let forward = request.scan_index_forward.unwrap_or(true);
        let (hash, mut span) = span(schema, range, forward)?;
        if let Some(start) = &request.exclusive_start_key {
            start_after(&mut span, plan.start_key(start)?, hash)?;
        }
        let mut page = plan.page();
        table.read_partition(source, hash, &span, &mut page);
        let answer = plan.finish(&page);
        table.sweep(&layout, self.clock.now_ms());
        answer
    }
}

/// The rows that `range` names: the hash of their partition and their bounds.
fn span(schema: &KeySchema, range: KeyRange, forward: bool) -> Result<(u64, Span)> {
    let partition = key_value(&schema.partition, &range.partition)?;
    let place = Key::of_table(partition, None);
    let below = || Bound::Included(place.bound(Edge::Below, false));
    let above = || Bound::Included(place.bound(Edge::Above, true));
    let at = |value: KeyValue, after: bool| Bound::Included(place.bound(Edge::At(value), after));
    // A bound below a value stands where the row of a table itself stands, so it is left out.
    let before = |value: KeyValue| Bound::Excluded(place.bound(Edge::At(value), false));
    let (from, to) = match (range.sort, &schema.sort) {
        (None, _) | (_, None) => (below(), above()),
        (Some(sort), Some(attribute)) => {
            let value = |value| key_value(attribute, value);
            match &sort {
                SortRange::Equal(v) => (at(value(v)?, false), at(value(v)?, true)),
                SortRange::Less(v) => (below(), before(value(v)?)),
                SortRange::LessOrEqual(v) => (below(), at(value(v)?, true)),
                SortRange::Greater(v) => (at(value(v)?, true), above()),
                SortRange::GreaterOrEqual(v) => (at(value(v)?, false), above()),
                SortRange::Between(low, high) => (at(value(low)?, false), at(value(high)?, true)),
                SortRange::BeginsWith(v) => {
                    let prefix = value(v)?;
                    let end = prefix.after_prefix();
                    (at(prefix, false), end.map_or_else(above, before))
                }
            }
        }
    };
    Ok((place.hash, Span { from, to, forward }))
}

fn key_value(
    attribute: &KeyAttribute,
    value: &securecart_embedded_expressions::AttributeValue,
) -> Result<KeyValue> {
    KeyValue::from_value(value, attribute.kind).ok_or_else(type_mismatch)
}

fn type_mismatch() -> AwsError {
    invalid_values("Condition parameter type does not match schema type")
}

/// Lets `span` begin after `start`, in its direction.
fn start_after(span: &mut Span, start: Key, hash: u64) -> Result<()> {
    let partition = |bound: &Bound<Key>| match bound {
        Bound::Included(key) | Bound::Excluded(key) => Some(key.partition.clone()),
        Bound::Unbounded => None,
    };
    if start.hash != hash || partition(&span.from).is_some_and(|key| key != start.partition) {
        return Err(validation(
            "The provided starting key is outside query boundaries based on provided conditions",
        ));
    }
    let above = match &span.from {
        Bound::Included(from) => start >= *from,
        Bound::Excluded(from) => start > *from,
        Bound::Unbounded => true,
    };
    let below = match &span.to {
        Bound::Included(to) => start <= *to,
        Bound::Excluded(to) => start < *to,
        Bound::Unbounded => true,
    };
    if !(above && below) {
        return Err(validation("The provided starting key does not match the range key predicate"));
    }
    if span.forward {
        span.from = Bound::Excluded(start);
    } else {
        span.to = Bound::Excluded(start);
    }
    Ok(())
}
