//! Tables for cases, and items written as JSON.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    operation::create_table::builders::CreateTableFluentBuilder,
    primitives::Blob,
    types::{
        AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement,
        KeyType, Projection, ProjectionType, ScalarAttributeType, TableStatus,
    },
};
use serde_json::Value;

use crate::{
    case::{Checked, Mismatch},
    check::{Answered as _, built, eventually, same},
    context::{Context, Made},
};

pub(super) type Item = HashMap<String, AttributeValue>;

/// A table of a case.
#[derive(Debug, Clone)]
pub(super) struct Table {
    pub(super) cx: Context,
    pub(super) name: String,
}

impl Table {
    /// A table with the partition key `id`, a string.
    pub(super) async fn new(cx: &Context) -> Result<Self, Mismatch> {
        let create =
            keyed(cx.dynamodb().create_table(), "id", ScalarAttributeType::S, KeyType::Hash)?;
        Self::create(cx, create).await
    }

    /// A table with the partition key `customer`, a string, and the sort key `number`, a number.
    pub(super) async fn sorted(cx: &Context) -> Result<Self, Mismatch> {
        let create = cx.dynamodb().create_table();
        let create = keyed(create, "customer", ScalarAttributeType::S, KeyType::Hash)?;
        let create = keyed(create, "number", ScalarAttributeType::N, KeyType::Range)?;
        Self::create(cx, create).await
    }

    /// The same with the sort key `name`, a string.
    pub(super) async fn sorted_by_text(cx: &Context) -> Result<Self, Mismatch> {
        let create = cx.dynamodb().create_table();
        let create = keyed(create, "customer", ScalarAttributeType::S, KeyType::Hash)?;
        let create = keyed(create, "name", ScalarAttributeType::S, KeyType::Range)?;
        Self::create(cx, create).await
    }

    /// A table with the key `id` and the index `by-state` of `state` (a string) and `at` (a number),
    /// which has the attributes of `projection`.
    pub(super) async fn indexed(cx: &Context, projection: Projection) -> Result<Self, Mismatch> {
        let create =
            keyed(cx.dynamodb().create_table(), "id", ScalarAttributeType::S, KeyType::Hash)?;
        let index = GlobalSecondaryIndex::builder()
            .index_name("by-state")
            .key_schema(element("state", KeyType::Hash)?)
            .key_schema(element("at", KeyType::Range)?)
            .projection(projection);
        let create = create
            .attribute_definitions(definition("state", ScalarAttributeType::S)?)
            .attribute_definitions(definition("at", ScalarAttributeType::N)?)
            .global_secondary_indexes(built(index.build())?);
        Self::create(cx, create).await
    }

    pub(super) async fn create(
        cx: &Context,
        create: CreateTableFluentBuilder,
    ) -> Result<Self, Mismatch> {
        let name = cx.name("table");
        let create = create.table_name(&name).billing_mode(BillingMode::PayPerRequest);
        create.send().await.answer("CreateTable")?;
        cx.made(Made::Table(name.clone()));
        let table = Self { cx: cx.clone(), name };
        table.becomes_active().await?;
        Ok(table)
    }

    async fn becomes_active(&self) -> Checked {
        eventually(|| async {
            let described = self.cx.dynamodb().describe_table().table_name(&self.name).send().await;
            let status =
                described.answer("DescribeTable")?.table.and_then(|table| table.table_status);
            same("TableStatus", status, Some(TableStatus::Active))
        })
        .await
    }

    pub(super) async fn put(&self, item: Value) -> Checked {
        let put = self.cx.dynamodb().put_item().table_name(&self.name);
        put.set_item(Some(to_item(&item))).send().await.answer("PutItem").map(drop)
    }

    /// The item of this key, read consistently.
    pub(super) async fn get(&self, key: Value) -> Result<Option<Item>, Mismatch> {
        let get = self.cx.dynamodb().get_item().table_name(&self.name).consistent_read(true);
        Ok(get.set_key(Some(to_item(&key))).send().await.answer("GetItem")?.item)
    }

    /// The item of this key is `expected`.
    pub(super) async fn has(&self, key: Value, expected: Value) -> Checked {
        let got = self.get(key).await?.map(sorted_sets);
        same("item", got, Some(sorted_sets(to_item(&expected))))
    }

    /// There is no item of this key.
    pub(super) async fn lacks(&self, key: Value) -> Checked {
        same("item", self.get(key).await?, None)
    }
}

fn element(name: &str, kind: KeyType) -> Result<KeySchemaElement, Mismatch> {
    built(KeySchemaElement::builder().attribute_name(name).key_type(kind).build())
}

pub(super) fn definition(
    name: &str,
    kind: ScalarAttributeType,
) -> Result<AttributeDefinition, Mismatch> {
    built(AttributeDefinition::builder().attribute_name(name).attribute_type(kind).build())
}

/// `create` with one more key attribute.
pub(super) fn keyed(
    create: CreateTableFluentBuilder,
    name: &str,
    kind: ScalarAttributeType,
    key: KeyType,
) -> Result<CreateTableFluentBuilder, Mismatch> {
    Ok(create.attribute_definitions(definition(name, kind)?).key_schema(element(name, key)?))
}

pub(super) fn all_attributes() -> Projection {
    Projection::builder().projection_type(ProjectionType::All).build()
}

/// An item from JSON: strings, numbers, booleans, null, lists and maps are what they look like;
/// `{"SS": [..]}`, `{"NS": [..]}`, `{"BS": [..]}` and `{"B": ".."}` are sets and bytes.
pub(super) fn to_item(value: &Value) -> Item {
    let members = value.as_object().into_iter().flatten();
    members.map(|(name, value)| (name.clone(), to_attribute(value))).collect()
}

pub(super) fn to_attribute(value: &Value) -> AttributeValue {
    match value {
        Value::Null => AttributeValue::Null(true),
        Value::Bool(flag) => AttributeValue::Bool(*flag),
        Value::Number(number) => AttributeValue::N(number.to_string()),
        Value::String(text) => AttributeValue::S(text.clone()),
        Value::Array(values) => AttributeValue::L(values.iter().map(to_attribute).collect()),
        Value::Object(members) => match members.iter().next() {
            Some((kind, value)) if members.len() == 1 => tagged(kind, value)
                .unwrap_or_else(|| AttributeValue::M(to_item(&Value::Object(members.clone())))),
            _ => AttributeValue::M(to_item(value)),
        },
    }
}

fn tagged(kind: &str, value: &Value) -> Option<AttributeValue> {
    let texts = || -> Vec<String> {
        let values = value.as_array().into_iter().flatten();
        values
            .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            .collect()
    };
    Some(match kind {
        "SS" => AttributeValue::Ss(texts()),
        "NS" => AttributeValue::Ns(texts()),
        "BS" => AttributeValue::Bs(texts().into_iter().map(Blob::new).collect()),
        "B" => AttributeValue::B(Blob::new(value.as_str().unwrap_or_default())),
        "N" => AttributeValue::N(value.as_str().unwrap_or_default().to_owned()),
        _ => return None,
    })
}

/// Sets have no order.
pub(super) fn sorted_sets(mut item: Item) -> Item {
    for value in item.values_mut() {
        match value {
            AttributeValue::Ss(texts) | AttributeValue::Ns(texts) => texts.sort_unstable(),
            AttributeValue::Bs(blobs) => blobs.sort_by(|a, b| a.as_ref().cmp(b.as_ref())),
            _ => {}
        }
    }
    item
}

/// Values of an expression, none for an empty object.
pub(super) fn values(values: &Value) -> Option<Item> {
    let item = to_item(values);
    (!item.is_empty()).then_some(item)
}

/// Names of an expression, none for an empty object.
pub(super) fn names(names: &Value) -> Option<HashMap<String, String>> {
    let members = names.as_object().into_iter().flatten();
    let names: HashMap<String, String> = members
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .collect();
    (!names.is_empty()).then_some(names)
}
