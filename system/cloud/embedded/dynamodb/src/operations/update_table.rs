//! `UpdateTable`: billing, throughput, global indexes, the stream, protection.
//!
//! One index can be made or removed at a time, as in AWS; it is filled and `ACTIVE` when the call
//! returns. While a table changes, calls on its items wait.

use std::sync::Arc;

use securecart_embedded_wire::Answer;

use super::{
    definition::{
        Attributes, MAX_GLOBAL_INDEXES, attributes, check_indexes, global_index, throughput,
        too_many_globals,
    },
    describe::Description,
    tables::{Described, new_stream, stream_view},
};
use crate::{
    DynamoDb,
    error::{Result, invalid_values, service, validation},
    request::{
        Choice, decode, required,
        table::{
            AttributeDefinition, IndexRequest, IndexUpdate, StreamSpecification, Throughput,
            UpdateTable,
        },
        table_name,
    },
    service::answer,
    table::{Billing, GlobalIndex, Layout, Table, ViewType},
};

/// A change of one global index, checked.
enum IndexChange {
    /// The index, and the table's attributes with those it needs.
    Create(Box<GlobalIndex>, Attributes),
    Update(usize, Throughput),
    Delete(usize),
}

/// A change of the stream, checked.
enum StreamChange {
    Keep,
    Open(ViewType),
    Close,
}

impl DynamoDb {
    pub(crate) fn update_table(&self, body: &[u8]) -> Result<Answer> {
        let request: UpdateTable<'_> = decode(body)?;
        let table = self.table_named(table_name(request.table_name.as_ref())?)?;
        if is_empty(&request) {
            return Err(validation(
                "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, \
                 GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required",
            ));
        }
        let mut layout = table.layout.write();
        // Everything is checked before anything changes.
        let (billing, units) = billing(&layout, &request)?;
        let stream = stream_change(&layout, request.stream_specification.as_ref())?;
        let defined = request.attribute_definitions.as_deref().unwrap_or_default();
        let updates = request.global_secondary_index_updates.as_deref().unwrap_or_default();
        let indexes = index_changes(&layout, updates, defined, billing)?;

        change_billing(&mut layout, billing, units);
        for change in indexes {
            change_index(&table, &mut layout, change);
        }
        self.change_stream(&table, &mut layout, &stream);
        if let Some(protected) = request.deletion_protection_enabled {
            layout.deletion_protection = protected;
        }
        if request.table_class.is_some() {
            layout.class.clone_from(&request.table_class);
        }
        let table_description = Some(Description::new(&table, &layout, "UPDATING"));
        answer(&Described { table: None, table_description })
    }

    fn change_stream(&self, table: &Table, layout: &mut Layout, change: &StreamChange) {
        let now_ms = self.clock.now_ms();
        match change {
            StreamChange::Keep => {}
            StreamChange::Open(view) => {
                let stream = new_stream(&table.name, &table.arn, &table.schema, now_ms, *view);
                let stream = Arc::new(stream);
                self.add_stream(&stream, now_ms);
                layout.stream = Some(stream);
            }
            StreamChange::Close => {
                if let Some(stream) = layout.stream.take() {
                    stream.close(now_ms);
                }
            }
        }
    }
}

const fn is_empty(request: &UpdateTable<'_>) -> bool {
    request.billing_mode.is_none()
        && request.provisioned_throughput.is_none()
        && request.global_secondary_index_updates.is_none()
        && request.stream_specification.is_none()
        && request.deletion_protection_enabled.is_none()
        && request.table_class.is_none()
}

fn stream_change(
    layout: &Layout,
    specification: Option<&StreamSpecification>,
) -> Result<StreamChange> {
    if specification.is_none() {
        return Ok(StreamChange::Keep);
    }
    match (stream_view(specification)?, &layout.stream) {
        (Some(_), Some(_)) => Err(validation("Table already has an enabled stream")),
        (None, None) => Err(validation("Table has no stream to disable")),
        (Some(view), None) => Ok(StreamChange::Open(view)),
        (None, Some(_)) => Ok(StreamChange::Close),
    }
}

/// Billing and throughput after the update.
fn billing(layout: &Layout, request: &UpdateTable<'_>) -> Result<(Billing, Throughput)> {
    let billing = match &request.billing_mode {
        Some(mode) => Billing::parse(mode, "billingMode")?,
        None => layout.billing,
    };
    let changes = billing != layout.billing;
    if !changes && request.provisioned_throughput.is_none() {
        return Ok((billing, layout.throughput));
    }
    let units = throughput(request.provisioned_throughput, billing)?;
    if !changes && units == layout.throughput {
        return Err(validation(format!(
            "The provisioned throughput for the table will not change. The requested value equals \
             the current value. Current ReadCapacityUnits provisioned for the table: {}. Requested \
             ReadCapacityUnits: {}. Current WriteCapacityUnits provisioned for the table: {}. \
             Requested WriteCapacityUnits: {}. Refer to the Amazon DynamoDB Developer Guide for \
             current limits and how to request higher limits.",
            layout.throughput.read, units.read, layout.throughput.write, units.write
        )));
    }
    Ok((billing, units))
}

fn change_billing(layout: &mut Layout, billing: Billing, units: Throughput) {
    if billing != layout.billing {
        for global in &mut layout.globals {
            // An index without figures of its own takes the table's.
            global.throughput = units;
        }
    }
    layout.billing = billing;
    layout.throughput = units;
}

fn index_changes(
    layout: &Layout,
    updates: &[IndexUpdate],
    defined: &[AttributeDefinition],
    billing: Billing,
) -> Result<Vec<IndexChange>> {
    let structural =
        updates.iter().filter(|update| update.create.is_some() || update.delete.is_some()).count();
    if structural > 1 {
        return Err(service(
            "LimitExceededException",
            "Subscriber limit exceeded: Only 1 online index can be created or deleted \
             simultaneously per table",
        ));
    }
    let change = |update: &IndexUpdate| match (&update.create, &update.update, &update.delete) {
        (Some(create), None, None) => created_index(layout, create, defined, billing),
        (None, Some(update), None) => {
            let number = position(layout, update.index_name.as_deref())?;
            let units = throughput(update.provisioned_throughput, billing)?;
            Ok(IndexChange::Update(number, units))
        }
        (None, None, Some(delete)) => {
            position(layout, delete.index_name.as_deref()).map(IndexChange::Delete)
        }
        _ => Err(invalid_values(
            "One of GlobalSecondaryIndexUpdate, GlobalSecondaryIndexCreate or \
             GlobalSecondaryIndexDelete must be given, and only one",
        )),
    };
    let mut changes = updates.iter().map(change).collect::<Result<Vec<_>>>()?;
    // Removing an index moves the numbers of those behind it, so it comes last.
    changes.sort_by_key(|change| matches!(change, IndexChange::Delete(_)));
    Ok(changes)
}

fn created_index(
    layout: &Layout,
    request: &IndexRequest,
    defined: &[AttributeDefinition],
    billing: Billing,
) -> Result<IndexChange> {
    let mut merged = layout.attributes.clone();
    for (name, kind) in attributes(defined)? {
        if merged.get(&name).is_some_and(|known| *known != kind) {
            return Err(invalid_values(format!(
                "Attribute {name} is already defined with another type"
            )));
        }
        merged.insert(name, kind);
    }
    let global = global_index(request, &merged, billing)?;
    if layout.indexes().any(|index| index.name == global.index.name) {
        return Err(validation(format!(
            "Attempting to create an index which already exists: {}",
            global.index.name
        )));
    }
    if layout.globals.len() >= MAX_GLOBAL_INDEXES {
        return Err(too_many_globals());
    }
    check_indexes(layout.indexes().chain([&global.index]))?;
    Ok(IndexChange::Create(Box::new(global), merged))
}

fn change_index(table: &Table, layout: &mut Layout, change: IndexChange) {
    match change {
        IndexChange::Create(global, attributes) => {
            layout.attributes = attributes;
            table.add_global(layout, *global);
        }
        IndexChange::Update(number, units) => layout.globals[number].throughput = units,
        IndexChange::Delete(number) => {
            layout.globals.remove(number);
        }
    }
    forget_unused_attributes(table, layout);
}

fn position(layout: &Layout, name: Option<&str>) -> Result<usize> {
    let name = required(name, "indexName")?;
    layout.globals.iter().position(|global| &*global.index.name == name).ok_or_else(|| {
        service(
            "ResourceNotFoundException",
            format!("Requested resource not found: index {name} does not exist"),
        )
    })
}

/// Drops definitions that no key uses any more.
fn forget_unused_attributes(table: &Table, layout: &mut Layout) {
    let mut attributes = std::mem::take(&mut layout.attributes);
    attributes.retain(|name, _| {
        table.schema.contains(name) || layout.indexes().any(|index| index.schema.contains(name))
    });
    layout.attributes = attributes;
}
