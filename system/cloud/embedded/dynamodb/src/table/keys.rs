//! From the attributes of a request to a key, with AWS's checks.

use securecart_embedded_expressions::{AttributeValue, Item};

use super::{Index, Layout, Table};
use crate::{
    error::{Result, invalid_values, key_mismatch, validation},
    key::{Key, KeyAttribute, KeySchema, KeyValue},
};

const PARTITION_KEY_BYTES: usize = 2_048;
const SORT_KEY_BYTES: usize = 1_024;

impl Table {
    /// The key that `attributes`, a request's `Key`, names: the key attributes and no others.
    pub(crate) fn key_of(&self, attributes: &Item) -> Result<Key> {
        if attributes.len() != self.schema.len() {
            return Err(key_mismatch());
        }
        let value = |attribute: &KeyAttribute| {
            attributes
                .get(&attribute.name)
                .and_then(|value| KeyValue::from_value(value, attribute.kind))
                .ok_or_else(key_mismatch)
        };
        table_key(&self.schema, value)
    }

    /// The key of a whole `item`.
    pub(crate) fn key_in(&self, item: &Item) -> Result<Key> {
        let value = |attribute: &KeyAttribute| {
            let name = &attribute.name;
            let value = item
                .get(name)
                .ok_or_else(|| invalid_values(format!("Missing the key {name} in the item")))?;
            KeyValue::from_value(value, attribute.kind).ok_or_else(|| {
                invalid_values(format!(
                    "Type mismatch for key {name} expected: {} actual: {}",
                    attribute.kind.name(),
                    value.type_name()
                ))
            })
        };
        table_key(&self.schema, value)
    }

    /// Refuses an item whose attributes can't be keys of the indexes that they are keys of.
    pub(crate) fn check_index_keys(&self, layout: &Layout, item: &Item) -> Result<()> {
        for index in layout.indexes() {
            for (place, attribute) in index.schema.attributes().enumerate() {
                if let Some(value) = item.get(&attribute.name) {
                    check_index_key(index, attribute, value, place == 0)?;
                }
            }
        }
        Ok(())
    }
}

fn check_index_key(
    index: &Index,
    attribute: &KeyAttribute,
    value: &AttributeValue,
    partition: bool,
) -> Result<()> {
    let (index_name, name) = (&index.name, &attribute.name);
    let Some(value) = KeyValue::from_value(value, attribute.kind) else {
        return Err(invalid_values(format!(
            "Type mismatch for Index Key {name} Expected: {} Actual: {} IndexName: {index_name}",
            attribute.kind.name(),
            value.type_name()
        )));
    };
    if let Some(kind) = empty_kind(&value) {
        return Err(validation(format!(
            "One or more parameter values are not valid. A value specified for a secondary index \
             key is not supported. The AttributeValue for a key attribute cannot contain an empty \
             {kind} value. IndexName: {index_name}, IndexKey: {name}"
        )));
    }
    let limit = if partition { PARTITION_KEY_BYTES } else { SORT_KEY_BYTES };
    if value.len() > limit {
        return Err(invalid_values(format!(
            "Size of {} has exceeded the maximum size limit of {limit} bytes. IndexName: \
             {index_name}, IndexKey: {name}",
            if partition { "hashkey" } else { "rangekey" }
        )));
    }
    Ok(())
}

fn table_key(schema: &KeySchema, value: impl Fn(&KeyAttribute) -> Result<KeyValue>) -> Result<Key> {
    let partition = value(&schema.partition)?;
    let sort = schema.sort.as_ref().map(&value).transpose()?;
    check_key_value(&schema.partition, &partition)?;
    if partition.len() > PARTITION_KEY_BYTES {
        // The missing space is AWS's.
        return Err(invalid_values(
            "Size of hashkey has exceeded the maximum size limit of2048 bytes",
        ));
    }
    if let (Some(attribute), Some(sort)) = (&schema.sort, &sort) {
        check_key_value(attribute, sort)?;
        if sort.len() > SORT_KEY_BYTES {
            return Err(invalid_values(
                "Aggregated size of all range keys has exceeded the size limit of 1024 bytes",
            ));
        }
    }
    Ok(Key::of_table(partition, sort))
}

fn check_key_value(attribute: &KeyAttribute, value: &KeyValue) -> Result<()> {
    match empty_kind(value) {
        Some(kind) => Err(validation(format!(
            "One or more parameter values are not valid. The AttributeValue for a key attribute \
             cannot contain an empty {kind} value. Key: {}",
            attribute.name
        ))),
        None => Ok(()),
    }
}

/// What an empty value is called; `None` when it is not empty.
fn empty_kind(value: &KeyValue) -> Option<&'static str> {
    match value {
        KeyValue::S(text) if text.is_empty() => Some("string"),
        KeyValue::B(bytes) if bytes.is_empty() => Some("binary"),
        _ => None,
    }
}
