//! `UpdateTable`: billing, throughput, global indexes, the stream, protection.
//!
//! One index can be made or removed at a time, as in AWS; it is filled and `ACTIVE` when the call
//! returns. While a table changes, calls on its items wait.

use std::sync::Arc;

use securecart_embedded_wire::Answer;

use super::{
    definition::{
        MAX_GLOBAL_INDEXES, attributes, check_indexes, global_index, throughput, too_many_globals,
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
            AttributeDefinition, IndexRequest, IndexThroughputUpdate, IndexUpdate,
            StreamSpecification, Throughput, UpdateTable,
        },
        table_name,
    },
    service::answer,
    table::{Billing, Layout, Table},
};

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
        update_billing(&mut layout, &request)?;
        if let Some(updates) = &request.global_secondary_index_updates {
            let defined = request.attribute_definitions.as_deref().unwrap_or_default();
            update_indexes(&table, &mut layout, updates, defined)?;
        }
        if let Some(specification) = &request.stream_specification {
            self.update_stream(&table, &mut layout, specification)?;
        }
        if let Some(protected) = request.deletion_protection_enabled {
            layout.deletion_protection = protected;
        }
        if request.table_class.is_some() {
            layout.class.clone_from(&request.table_class);
        }
        let table_description = Some(Description::new(&table, &layout, "UPDATING"));
        answer(&Described { table: None, table_description })
    }

    fn update_stream(
        &self,
        table: &Table,
        layout: &mut Layout,
        specification: &StreamSpecification,
    ) -> Result<()> {
        let now_ms = self.clock.now_ms();
        match (stream_view(Some(specification))?, &layout.stream) {
            (Some(_), Some(_)) => Err(validation("Table already has an enabled stream")),
            (None, None) => Err(validation("Table has no stream to disable")),
            (Some(view), None) => {
                let stream = new_stream(&table.name, &table.arn, &table.schema, now_ms, view);
                let stream = Arc::new(stream);
                self.add_stream(&stream, now_ms);
                layout.stream = Some(stream);
                Ok(())
            }
            (None, Some(stream)) => {
                stream.close(now_ms);
                layout.stream = None;
                Ok(())
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

fn update_billing(layout: &mut Layout, request: &UpdateTable<'_>) -> Result<()> {
    let billing = match &request.billing_mode {
        Some(mode) => Billing::parse(mode, "billingMode")?,
        None => layout.billing,
    };
    let changes = billing != layout.billing;
    if !changes && request.provisioned_throughput.is_none() {
        return Ok(());
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
    layout.billing = billing;
    layout.throughput = units;
    if changes {
        for global in &mut layout.globals {
            // An index without figures of its own takes the table's.
            global.throughput = units;
        }
    }
    Ok(())
}

fn update_indexes(
    table: &Table,
    layout: &mut Layout,
    updates: &[IndexUpdate],
    defined: &[AttributeDefinition],
) -> Result<()> {
    let structural =
        updates.iter().filter(|update| update.create.is_some() || update.delete.is_some()).count();
    if structural > 1 {
        return Err(service(
            "LimitExceededException",
            "Subscriber limit exceeded: Only 1 online index can be created or deleted \
             simultaneously per table",
        ));
    }
    for update in updates {
        match (&update.create, &update.update, &update.delete) {
            (Some(create), None, None) => create_index(table, layout, create, defined)?,
            (None, Some(update), None) => update_index(layout, update)?,
            (None, None, Some(delete)) => {
                let name = required(delete.index_name.as_deref(), "indexName")?;
                let number = position(layout, name)?;
                layout.globals.remove(number);
                forget_unused_attributes(table, layout);
            }
            _ => {
                return Err(invalid_values(
                    "One of GlobalSecondaryIndexUpdate, GlobalSecondaryIndexCreate or \
                     GlobalSecondaryIndexDelete must be given, and only one",
                ));
            }
        }
    }
    Ok(())
}

fn create_index(
    table: &Table,
    layout: &mut Layout,
    request: &IndexRequest,
    defined: &[AttributeDefinition],
) -> Result<()> {
    let mut merged = layout.attributes.clone();
    for (name, kind) in attributes(defined)? {
        if merged.get(&name).is_some_and(|known| *known != kind) {
            return Err(invalid_values(format!(
                "Attribute {name} is already defined with another type"
            )));
        }
        merged.insert(name, kind);
    }
    let global = global_index(request, &merged, layout.billing)?;
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
    layout.attributes = merged;
    table.add_global(layout, global);
    forget_unused_attributes(table, layout);
    Ok(())
}

fn update_index(layout: &mut Layout, update: &IndexThroughputUpdate) -> Result<()> {
    let name = required(update.index_name.as_deref(), "indexName")?;
    let number = position(layout, name)?;
    let units: Throughput = throughput(update.provisioned_throughput, layout.billing)?;
    layout.globals[number].throughput = units;
    Ok(())
}

fn position(layout: &Layout, name: &str) -> Result<usize> {
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
