//! `CreateTable`, `DeleteTable`, `DescribeTable` and `ListTables`.
//!
//! A table takes items as soon as `CreateTable` has answered `CREATING`; the next look at it says
//! `ACTIVE`. A deleted table is gone at once.

use std::{collections::btree_map::Entry, ops::Bound, sync::Arc};

use parking_lot::RwLockReadGuard;
use securecart_embedded_wire::{Answer, Arn};
use serde::Serialize;

use super::{
    definition::{
        attributes, check_all_used, check_indexes, global_indexes, key_schema, local_indexes,
        throughput,
    },
    describe::Description,
    tags::tag_map,
};
use crate::{
    DynamoDb,
    error::{Result, constraint, service, validation},
    key::KeySchema,
    request::{
        Choice, decode, required,
        table::{CreateTable, ListTables, StreamSpecification, TableOnly},
        table_name,
    },
    service::answer,
    table::{Billing, Identity, Layout, RETENTION_MS, Stream, Table, ViewType},
};

/// Names in a list.
const MAX_LISTED: i64 = 100;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Described<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) table: Option<Description<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) table_description: Option<Description<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    table_names: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_evaluated_table_name: Option<String>,
}

impl DynamoDb {
    pub(crate) fn create_table(&self, body: &[u8]) -> Result<Answer> {
        let request: CreateTable<'_> = decode(body)?;
        let name = table_name(request.table_name.as_ref())?;
        let created_ms = self.clock.now_ms();
        let table = self.new_table(name, &request, created_ms)?;
        let described;
        {
            let layout: RwLockReadGuard<'_, Layout> = table.layout.read();
            let table_description = Some(Description::new(&table, &layout, "CREATING"));
            described = answer(&Described { table: None, table_description })?;
            let mut tables = self.tables.write();
            match tables.entry(name.to_owned()) {
                Entry::Occupied(_) => {
                    return Err(service(
                        "ResourceInUseException",
                        format!("Table already exists: {name}"),
                    ));
                }
                Entry::Vacant(place) => place.insert(Arc::clone(&table)),
            };
            if let Some(stream) = &layout.stream {
                self.add_stream(stream, created_ms);
            }
        }
        Ok(described)
    }

    fn new_table(
        &self,
        name: &str,
        request: &CreateTable<'_>,
        created_ms: u64,
    ) -> Result<Arc<Table>> {
        let defined = required(request.attribute_definitions.as_deref(), "attributeDefinitions")?;
        let attributes = attributes(defined)?;
        let schema = key_schema(request.key_schema.as_deref(), &attributes)?;
        let billing = match &request.billing_mode {
            Some(mode) => Billing::parse(mode, "billingMode")?,
            None => Billing::Provisioned,
        };
        let throughput = throughput(request.provisioned_throughput, billing)?;
        let locals =
            local_indexes(request.local_secondary_indexes.as_deref(), &schema, &attributes)?;
        let globals =
            global_indexes(request.global_secondary_indexes.as_deref(), &attributes, billing)?;
        let mut layout = Layout {
            attributes,
            billing,
            throughput,
            locals,
            globals,
            time_to_live: None,
            stream: None,
            tags: tag_map(request.tags.as_deref().unwrap_or_default())?,
            deletion_protection: request.deletion_protection_enabled.unwrap_or(false),
            class: request.table_class.clone(),
        };
        check_indexes(layout.indexes())?;
        let schemas: Vec<&KeySchema> =
            std::iter::once(&schema).chain(layout.indexes().map(|index| &index.schema)).collect();
        check_all_used(&layout.attributes, &schemas)?;
        let arn = Arn::new("dynamodb", format!("table/{name}")).to_string();
        if let Some(view) = stream_view(request.stream_specification.as_ref())? {
            layout.stream = Some(Arc::new(new_stream(name, &arn, &schema, created_ms, view)));
        }
        let identity = Identity {
            order: self.next_order(),
            id: self.ids.uuid(),
            name: name.to_owned(),
            arn,
            created_ms,
        };
        Ok(Arc::new(Table::new(identity, schema, layout)))
    }

    pub(crate) fn delete_table(&self, body: &[u8]) -> Result<Answer> {
        let request: TableOnly<'_> = decode(body)?;
        let name = table_name(request.table_name.as_ref())?;
        let table = self.table_named(name)?;
        let layout = table.layout.read();
        if layout.deletion_protection {
            return Err(validation(format!(
                "Resource cannot be deleted as it is currently protected against deletion. Disable \
                 deletion protection first: {name}"
            )));
        }
        let table_description = Some(Description::new(&table, &layout, "DELETING"));
        let described = answer(&Described { table: None, table_description })?;
        if let Some(stream) = &layout.stream {
            stream.close(self.clock.now_ms());
        }
        let mut tables = self.tables.write();
        if tables.get(name).is_some_and(|current| Arc::ptr_eq(current, &table)) {
            tables.remove(name);
        }
        Ok(described)
    }

    pub(crate) fn describe_table(&self, body: &[u8]) -> Result<Answer> {
        let request: TableOnly<'_> = decode(body)?;
        let table = self.table_named(table_name(request.table_name.as_ref())?)?;
        let layout = table.layout.read();
        let table = Some(Description::new(&table, &layout, "ACTIVE"));
        answer(&Described { table, table_description: None })
    }

    pub(crate) fn list_tables(&self, body: &[u8]) -> Result<Answer> {
        let request: ListTables<'_> = decode(body)?;
        let limit = list_limit(request.limit)?;
        let from = match request.exclusive_start_table_name.as_deref() {
            Some(name) => Bound::Excluded(name),
            None => Bound::Unbounded,
        };
        let tables = self.tables.read();
        let mut names = tables.range::<str, _>((from, Bound::Unbounded)).map(|(name, _)| name);
        let table_names: Vec<String> = names.by_ref().take(limit).cloned().collect();
        let last_evaluated_table_name = names.next().and(table_names.last().cloned());
        answer(&Listed { table_names, last_evaluated_table_name })
    }

    /// Makes `stream` known, and forgets streams whose records are all too old.
    pub(super) fn add_stream(&self, stream: &Arc<Stream>, now_ms: u64) {
        let mut streams = self.streams.write();
        streams.retain(|_, stream| {
            stream.closed_ms().is_none_or(|closed| now_ms.saturating_sub(closed) <= RETENTION_MS)
        });
        streams.insert(stream.arn.clone(), Arc::clone(stream));
    }
}

/// A limit of a list: 1 to 100.
pub(super) fn list_limit(limit: Option<i64>) -> Result<usize> {
    let limit = limit.unwrap_or(MAX_LISTED);
    let rule = match limit {
        ..1 => "Member must have value greater than or equal to 1",
        1..=MAX_LISTED => return Ok(usize::try_from(limit).unwrap_or(usize::MAX)),
        _ => "Member must have value less than or equal to 100",
    };
    Err(constraint(format_args!("'{limit}'"), "limit", rule))
}

/// The view of a `StreamSpecification`; `None` when it asks for no stream.
pub(super) fn stream_view(request: Option<&StreamSpecification>) -> Result<Option<ViewType>> {
    let Some(request) = request else { return Ok(None) };
    let enabled = required(request.stream_enabled, "streamSpecification.streamEnabled")?;
    match (enabled, request.stream_view_type.as_deref()) {
        (true, Some(view)) => ViewType::parse(view, "streamSpecification.streamViewType").map(Some),
        (true, None) => Err(validation(
            "One or more parameter values were invalid: StreamViewType is required when \
             StreamEnabled is true",
        )),
        (false, None) => Ok(None),
        (false, Some(_)) => Err(validation(
            "One or more parameter values were invalid: Table is being created or updated with \
             StreamEnabled false, so StreamViewType must not be specified",
        )),
    }
}

/// A stream of the table `name`, labelled with the time at which it was made.
pub(super) fn new_stream(
    name: &str,
    table_arn: &str,
    schema: &KeySchema,
    created_ms: u64,
    view: ViewType,
) -> Stream {
    let label = i64::try_from(created_ms)
        .ok()
        .and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok())
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .strftime("%Y-%m-%dT%H:%M:%S.%3f")
        .to_string();
    let arn = format!("{table_arn}/stream/{label}");
    Stream::new((name, schema), (arn, label), created_ms, view)
}
