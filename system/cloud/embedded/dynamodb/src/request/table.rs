//! Requests about tables: their definition, time to live and tags.

use serde::{Deserialize, Serialize};

use super::{Choice, Text};
use crate::table::Billing;

/// `ProvisionedThroughput`; zero when on demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub(crate) struct Throughput {
    #[serde(rename = "ReadCapacityUnits")]
    pub(crate) read: i64,
    #[serde(rename = "WriteCapacityUnits")]
    pub(crate) write: i64,
}

/// The same as requested.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RequestedThroughput {
    pub(crate) read_capacity_units: Option<i64>,
    pub(crate) write_capacity_units: Option<i64>,
}

impl Choice for Billing {
    const ALL: &'static [(&'static str, Self)] =
        &[("PROVISIONED", Self::Provisioned), ("PAY_PER_REQUEST", Self::OnDemand)];
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AttributeDefinition {
    pub(crate) attribute_name: Option<String>,
    pub(crate) attribute_type: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct KeySchemaElement {
    pub(crate) attribute_name: Option<String>,
    pub(crate) key_type: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct IndexProjection {
    pub(crate) projection_type: Option<String>,
    pub(crate) non_key_attributes: Option<Vec<String>>,
}

/// A secondary index to make; local ones have no throughput.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct IndexRequest {
    pub(crate) index_name: Option<String>,
    pub(crate) key_schema: Option<Vec<KeySchemaElement>>,
    pub(crate) projection: Option<IndexProjection>,
    pub(crate) provisioned_throughput: Option<RequestedThroughput>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StreamSpecification {
    pub(crate) stream_enabled: Option<bool>,
    pub(crate) stream_view_type: Option<String>,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    pub(crate) key: String,
    pub(crate) value: String,
}

/// `CreateTable`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateTable<'a> {
    #[serde(borrow)]
    pub(crate) table_name: Option<Text<'a>>,
    pub(crate) attribute_definitions: Option<Vec<AttributeDefinition>>,
    pub(crate) key_schema: Option<Vec<KeySchemaElement>>,
    pub(crate) local_secondary_indexes: Option<Vec<IndexRequest>>,
    pub(crate) global_secondary_indexes: Option<Vec<IndexRequest>>,
    pub(crate) billing_mode: Option<Text<'a>>,
    pub(crate) provisioned_throughput: Option<RequestedThroughput>,
    pub(crate) stream_specification: Option<StreamSpecification>,
    pub(crate) tags: Option<Vec<Tag>>,
    pub(crate) deletion_protection_enabled: Option<bool>,
    pub(crate) table_class: Option<String>,
}

/// `UpdateTable`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateTable<'a> {
    #[serde(borrow)]
    pub(crate) table_name: Option<Text<'a>>,
    pub(crate) attribute_definitions: Option<Vec<AttributeDefinition>>,
    pub(crate) billing_mode: Option<Text<'a>>,
    pub(crate) provisioned_throughput: Option<RequestedThroughput>,
    pub(crate) global_secondary_index_updates: Option<Vec<IndexUpdate>>,
    pub(crate) stream_specification: Option<StreamSpecification>,
    pub(crate) deletion_protection_enabled: Option<bool>,
    pub(crate) table_class: Option<String>,
}

/// One change of a global index: one of the three.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct IndexUpdate {
    pub(crate) create: Option<IndexRequest>,
    pub(crate) update: Option<IndexThroughputUpdate>,
    pub(crate) delete: Option<IndexName>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct IndexThroughputUpdate {
    pub(crate) index_name: Option<String>,
    pub(crate) provisioned_throughput: Option<RequestedThroughput>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct IndexName {
    pub(crate) index_name: Option<String>,
}

/// `DeleteTable`, `DescribeTable` and `DescribeTimeToLive`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TableOnly<'a> {
    #[serde(borrow)]
    pub(crate) table_name: Option<Text<'a>>,
}

/// `ListTables`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTables<'a> {
    #[serde(borrow)]
    pub(crate) exclusive_start_table_name: Option<Text<'a>>,
    pub(crate) limit: Option<i64>,
}

/// `UpdateTimeToLive`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateTimeToLive<'a> {
    #[serde(borrow)]
    pub(crate) table_name: Option<Text<'a>>,
    pub(crate) time_to_live_specification: Option<TimeToLive>,
}

/// `TimeToLiveSpecification`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TimeToLive {
    pub(crate) attribute_name: Option<String>,
    pub(crate) enabled: Option<bool>,
}

/// `TagResource`, `UntagResource` and `ListTagsOfResource`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tagging<'a> {
    #[serde(borrow)]
    pub(crate) resource_arn: Option<Text<'a>>,
    pub(crate) tags: Option<Vec<Tag>>,
    pub(crate) tag_keys: Option<Vec<String>>,
}
