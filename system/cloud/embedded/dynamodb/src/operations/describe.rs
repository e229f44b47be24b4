//! How AWS describes a table.

use serde::Serialize;

use crate::{
    key::{KeySchema, KeyType},
    request::{Choice, table::Throughput},
    table::{Billing, GlobalIndex, Index, Layout, Projected, Stream, Table},
};

/// `TableDescription`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Description<'a> {
    table_name: &'a str,
    table_arn: &'a str,
    table_id: &'a str,
    table_status: &'static str,
    creation_date_time: f64,
    attribute_definitions: Vec<AttributeDescription<'a>>,
    key_schema: Vec<KeyElement<'a>>,
    provisioned_throughput: ThroughputDescription,
    #[serde(skip_serializing_if = "Option::is_none")]
    billing_mode_summary: Option<BillingSummary>,
    item_count: u64,
    table_size_bytes: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    local_secondary_indexes: Vec<IndexDescription<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    global_secondary_indexes: Vec<IndexDescription<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_specification: Option<StreamDescription>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latest_stream_arn: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latest_stream_label: Option<&'a str>,
    deletion_protection_enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    table_class_summary: Option<ClassSummary<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AttributeDescription<'a> {
    attribute_name: &'a str,
    attribute_type: &'static str,
}

/// One element of a `KeySchema`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct KeyElement<'a> {
    attribute_name: &'a str,
    key_type: &'static str,
}

/// `KeySchema` of `schema`.
pub(super) fn key_elements(schema: &KeySchema) -> Vec<KeyElement<'_>> {
    schema
        .attributes()
        .zip(["HASH", "RANGE"])
        .map(|(attribute, key_type)| KeyElement { attribute_name: &attribute.name, key_type })
        .collect()
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ThroughputDescription {
    number_of_decreases_today: u32,
    #[serde(flatten)]
    throughput: Throughput,
}

impl ThroughputDescription {
    const fn new(throughput: Throughput) -> Self {
        Self { number_of_decreases_today: 0, throughput }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct BillingSummary {
    billing_mode: &'static str,
    last_update_to_pay_per_request_date_time: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct StreamDescription {
    stream_enabled: bool,
    stream_view_type: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ClassSummary<'a> {
    table_class: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct IndexDescription<'a> {
    index_name: &'a str,
    index_arn: String,
    key_schema: Vec<KeyElement<'a>>,
    projection: ProjectionDescription<'a>,
    item_count: u64,
    index_size_bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    index_status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provisioned_throughput: Option<ThroughputDescription>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ProjectionDescription<'a> {
    projection_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    non_key_attributes: Option<Vec<&'a str>>,
}

impl<'a> ProjectionDescription<'a> {
    fn new(projected: &'a Projected) -> Self {
        let (projection_type, names) = match projected {
            Projected::All => ("ALL", None),
            Projected::KeysOnly => ("KEYS_ONLY", None),
            Projected::Include(names) => ("INCLUDE", Some(names)),
        };
        let non_key_attributes = names.map(|names| names.iter().map(|name| &**name).collect());
        Self { projection_type, non_key_attributes }
    }
}

impl<'a> IndexDescription<'a> {
    fn local(table: &Table, index: &'a Index) -> Self {
        Self {
            index_name: &index.name,
            index_arn: format!("{}/index/{}", table.arn, index.name),
            key_schema: key_elements(&index.schema),
            projection: ProjectionDescription::new(&index.projected),
            item_count: index.volume.items(),
            index_size_bytes: index.volume.bytes(),
            index_status: None,
            provisioned_throughput: None,
        }
    }

    fn global(table: &Table, global: &'a GlobalIndex) -> Self {
        Self {
            index_status: Some("ACTIVE"),
            provisioned_throughput: Some(ThroughputDescription::new(global.throughput)),
            ..Self::local(table, &global.index)
        }
    }
}

impl<'a> Description<'a> {
    /// The table as it is, under `status`.
    pub(super) fn new(table: &'a Table, layout: &'a Layout, status: &'static str) -> Self {
        let created = seconds(table.created_ms);
        let stream: Option<&Stream> = layout.stream.as_deref();
        let attribute = |(name, kind): (&'a String, &KeyType)| AttributeDescription {
            attribute_name: name,
            attribute_type: kind.name(),
        };
        Self {
            table_name: &table.name,
            table_arn: &table.arn,
            table_id: &table.id,
            table_status: status,
            creation_date_time: created,
            attribute_definitions: layout.attributes.iter().map(attribute).collect(),
            key_schema: key_elements(&table.schema),
            provisioned_throughput: ThroughputDescription::new(layout.throughput),
            billing_mode_summary: (layout.billing == Billing::OnDemand).then(|| BillingSummary {
                billing_mode: Choice::name(layout.billing),
                last_update_to_pay_per_request_date_time: created,
            }),
            item_count: table.volume.items(),
            table_size_bytes: table.volume.bytes(),
            local_secondary_indexes: layout
                .locals
                .iter()
                .map(|index| IndexDescription::local(table, index))
                .collect(),
            global_secondary_indexes: layout
                .globals
                .iter()
                .map(|global| IndexDescription::global(table, global))
                .collect(),
            stream_specification: stream.map(|stream| StreamDescription {
                stream_enabled: true,
                stream_view_type: Choice::name(stream.view),
            }),
            latest_stream_arn: stream.map(|stream| stream.arn.as_str()),
            latest_stream_label: stream.map(|stream| stream.label.as_str()),
            deletion_protection_enabled: layout.deletion_protection,
            table_class_summary: layout
                .class
                .as_deref()
                .map(|table_class| ClassSummary { table_class }),
        }
    }
}

/// Milliseconds as AWS JSON writes times: seconds with a fraction.
#[expect(clippy::cast_precision_loss, reason = "milliseconds stay below 2^52 for 140,000 years")]
pub(super) fn seconds(ms: u64) -> f64 {
    ms as f64 / 1_000.0
}
