//! Requests that read many items: `Query` and `Scan`.

use securecart_embedded_expressions::Item;
use serde::Deserialize;

use super::{
    Choice, Legacy, Text,
    item::{Names, Values},
    refuse_legacy,
};
use crate::error::Result;

/// `Select`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Select {
    AllAttributes,
    AllProjectedAttributes,
    SpecificAttributes,
    Count,
}

impl Choice for Select {
    const ALL: &'static [(&'static str, Self)] = &[
        ("SPECIFIC_ATTRIBUTES", Self::SpecificAttributes),
        ("COUNT", Self::Count),
        ("ALL_ATTRIBUTES", Self::AllAttributes),
        ("ALL_PROJECTED_ATTRIBUTES", Self::AllProjectedAttributes),
    ];
}

/// `Query` and `Scan`: each uses some of the members.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Read<'a> {
    #[serde(borrow)]
    pub(crate) table_name: Option<Text<'a>>,
    pub(crate) index_name: Option<Text<'a>>,
    pub(crate) select: Option<Text<'a>>,
    pub(crate) limit: Option<i64>,
    pub(crate) consistent_read: Option<bool>,
    pub(crate) scan_index_forward: Option<bool>,
    pub(crate) exclusive_start_key: Option<Item>,
    pub(crate) key_condition_expression: Option<Text<'a>>,
    pub(crate) filter_expression: Option<Text<'a>>,
    pub(crate) projection_expression: Option<Text<'a>>,
    pub(crate) expression_attribute_names: Option<Names>,
    pub(crate) expression_attribute_values: Option<Values>,
    pub(crate) return_consumed_capacity: Option<Text<'a>>,
    pub(crate) segment: Option<i64>,
    pub(crate) total_segments: Option<i64>,
    attributes_to_get: Legacy,
    key_conditions: Legacy,
    query_filter: Legacy,
    scan_filter: Legacy,
    conditional_operator: Legacy,
}

impl Read<'_> {
    /// Refuses legacy parameters.
    pub(crate) fn refuse_legacy(&self) -> Result<()> {
        refuse_legacy(&[
            ("AttributesToGet", &self.attributes_to_get),
            ("KeyConditions", &self.key_conditions),
            ("QueryFilter", &self.query_filter),
            ("ScanFilter", &self.scan_filter),
            ("ConditionalOperator", &self.conditional_operator),
        ])
    }
}
