//! What `Query` and `Scan` share: selecting, filtering, projecting, paging and counting.

use std::borrow::Cow;

use securecart_embedded_expressions::Item;
use securecart_embedded_wire::Answer;
use serde::Serialize;

use crate::{
    capacity::{ConsumedCapacity, Kind, Report, Strength, Usage, read_units},
    error::{Result, constraint, invalid_values, validation},
    expression::{ReadExpressions, View, invalid},
    key::Key,
    request::{
        Choice,
        query::{Read, Select},
    },
    service::answer,
    table::{Index, Page, Place, Source, Table},
};

/// Rows of a page when the request sets no limit: more than a page of the smallest items holds.
const NO_LIMIT: usize = usize::MAX;

/// A read whose members have been checked against the table.
pub(crate) struct Plan<'r> {
    pub(crate) table: &'r Table,
    pub(crate) source: Source<'r>,
    select: Select,
    /// Rows of a local index bring the whole item along.
    whole: bool,
    limit: usize,
    strength: Strength,
    report: Report,
    expressions: &'r ReadExpressions<'r>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ReadAnswer<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    items: Option<Vec<Cow<'a, Item>>>,
    count: usize,
    scanned_count: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_evaluated_key: Option<Item>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consumed_capacity: Option<ConsumedCapacity<'a>>,
}

impl<'r> Plan<'r> {
    /// Checks `request` against the table and its index.
    pub(crate) fn new(
        request: &Read<'_>,
        table: &'r Table,
        source: Source<'r>,
        expressions: &'r ReadExpressions<'r>,
    ) -> Result<Self> {
        let consistent = request.consistent_read.unwrap_or(false);
        if consistent && matches!(source, Source::Global(_)) {
            return Err(validation(
                "Consistent reads are not supported on global secondary indexes",
            ));
        }
        let select = select(request, source)?;
        let whole = covers(table, source, select, &expressions.view)?;
        Ok(Self {
            table,
            source,
            select,
            whole,
            limit: limit(request.limit)?,
            strength: Strength::of_read(consistent),
            report: Report::parse_or_default(
                request.return_consumed_capacity.as_ref(),
                "returnConsumedCapacity",
            )?,
            expressions,
        })
    }

    /// An empty page for this read.
    pub(crate) const fn page(&self) -> Page {
        Page::new(self.limit, self.whole)
    }

    /// The place that `start`, an `ExclusiveStartKey`, names.
    pub(crate) fn start_key(&self, start: &Item) -> Result<Key> {
        let invalid = || {
            validation(
                "The provided starting key is invalid: The provided key element does not match \
                 the schema",
            )
        };
        let mut attributes = Item::new();
        self.table.schema.copy_into(start, &mut attributes);
        let base = self.table.key_of(&attributes).map_err(|_| invalid())?;
        let Some(index) = self.source.index() else {
            return if start.len() == attributes.len() { Ok(base) } else { Err(invalid()) };
        };
        index.schema.copy_into(start, &mut attributes);
        if start.len() != attributes.len() {
            return Err(validation("The provided starting key is invalid"));
        }
        index
            .schema
            .index_key(start, &base)
            .ok_or_else(|| validation("The provided starting key is invalid"))
    }

    /// Filters, projects and answers; counts the units.
    pub(crate) fn finish(&self, page: &Page) -> Result<Answer> {
        let mut kept = Vec::with_capacity(page.places.len());
        for place in &page.places {
            let item = &place.whole.as_ref().unwrap_or(&place.record).item;
            if let Some(filter) = &self.expressions.filter
                && !filter.evaluate(item, &self.expressions.substitutions).map_err(invalid)?
            {
                continue;
            }
            kept.push(item);
        }
        let usage = self.usage(page);
        self.table.reads.add(usage.total());
        let last = page.places.last().filter(|_| page.is_full());
        let count = kept.len();
        let items = (self.select != Select::Count)
            .then(|| kept.into_iter().map(|item| self.expressions.view.of(item)).collect());
        answer(&ReadAnswer {
            count,
            scanned_count: page.places.len(),
            items,
            last_evaluated_key: last.map(|place| self.key_attributes(place)),
            consumed_capacity: ConsumedCapacity::of(
                &self.table.name,
                &usage,
                self.report,
                Kind::Plain,
            ),
        })
    }

    fn key_attributes(&self, place: &Place) -> Item {
        let mut key = Item::new();
        self.table.schema.copy_into(&place.record.item, &mut key);
        if let Some(index) = self.source.index() {
            index.schema.copy_into(&place.record.item, &mut key);
        }
        key
    }

    fn usage(&self, page: &Page) -> Usage {
        let factor = self.strength.factor();
        let units = read_units(page.bytes) * factor;
        let mut usage = Usage::default();
        match self.source {
            Source::Table => usage.table = units,
            Source::Local(_, index) => usage.add_index(&index.name, true, units),
            Source::Global(global) => usage.add_index(&global.index.name, false, units),
        }
        for whole in page.places.iter().filter_map(|place| place.whole.as_ref()) {
            usage.table += read_units(whole.size) * factor;
        }
        usage
    }
}

fn limit(limit: Option<i64>) -> Result<usize> {
    let Some(limit) = limit else { return Ok(NO_LIMIT) };
    match usize::try_from(limit) {
        Ok(limit) if limit > 0 => Ok(limit),
        _ => Err(constraint(
            format_args!("'{limit}'"),
            "limit",
            "Member must have value greater than or equal to 1",
        )),
    }
}

fn select(request: &Read<'_>, source: Source<'_>) -> Result<Select> {
    let projected = request.projection_expression.is_some();
    let given = request.select.as_ref().map(|text| Select::parse(text, "select")).transpose()?;
    match given {
        None if projected => Ok(Select::SpecificAttributes),
        None if source.index().is_some() => Ok(Select::AllProjectedAttributes),
        None => Ok(Select::AllAttributes),
        Some(Select::SpecificAttributes) if !projected => Err(validation(
            "Must specify the AttributesToGet or ProjectionExpression when choosing to get \
             SPECIFIC_ATTRIBUTES",
        )),
        Some(Select::AllProjectedAttributes) if source.index().is_none() => Err(invalid_values(
            "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName",
        )),
        Some(select) if projected && select != Select::SpecificAttributes => {
            let what = if select == Select::Count { "only the Count" } else { select.name() };
            Err(validation(format!(
                "Cannot specify the ProjectionExpression when choosing to get {what}"
            )))
        }
        Some(select) => Ok(select),
    }
}

/// Whether rows must bring the whole item along, because a local index lacks attributes that the
/// request asks for; a global index can't, and is refused.
fn covers(table: &Table, source: Source<'_>, select: Select, view: &View) -> Result<bool> {
    let Some(index) = source.index() else { return Ok(false) };
    let lacking = match select {
        Select::AllAttributes => lacks_any(index).then_some("ALL_ATTRIBUTES"),
        Select::SpecificAttributes => {
            view.attributes().find(|name| !index.holds(&table.schema, name))
        }
        Select::AllProjectedAttributes | Select::Count => None,
    };
    match (lacking, source) {
        (None, _) => Ok(false),
        (Some(_), Source::Local(..) | Source::Table) => Ok(true),
        (Some(_), Source::Global(_)) if select == Select::AllAttributes => {
            Err(invalid_values(format!(
                "Select type ALL_ATTRIBUTES is not supported for global secondary index {} because \
                 its projection type is not ALL",
                index.name
            )))
        }
        (Some(name), Source::Global(_)) => Err(invalid_values(format!(
            "Global secondary index {} does not project {name}",
            index.name
        ))),
    }
}

fn lacks_any(index: &Index) -> bool {
    index.projected != crate::table::Projected::All
}
