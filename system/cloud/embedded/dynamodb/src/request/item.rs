//! Requests that touch one item.

use std::collections::BTreeMap;

use securecart_embedded_expressions::{AttributeValue, Item};
use serde::Deserialize;

use super::{Choice, Legacy, Text, refuse_legacy};
use crate::error::Result;

/// `ExpressionAttributeNames`.
pub(crate) type Names = BTreeMap<String, String>;
/// `ExpressionAttributeValues`.
pub(crate) type Values = BTreeMap<String, AttributeValue>;

/// `ReturnValues`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum ReturnValues {
    #[default]
    None,
    AllOld,
    AllNew,
    UpdatedOld,
    UpdatedNew,
}

impl Choice for ReturnValues {
    const ALL: &'static [(&'static str, Self)] = &[
        ("ALL_NEW", Self::AllNew),
        ("UPDATED_OLD", Self::UpdatedOld),
        ("ALL_OLD", Self::AllOld),
        ("NONE", Self::None),
        ("UPDATED_NEW", Self::UpdatedNew),
    ];
}

/// `ReturnValuesOnConditionCheckFailure`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum OnFailure {
    #[default]
    None,
    AllOld,
}

impl Choice for OnFailure {
    const ALL: &'static [(&'static str, Self)] = &[("ALL_OLD", Self::AllOld), ("NONE", Self::None)];
}

/// `PutItem`, `UpdateItem` and `DeleteItem`: each uses some of the members.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Write<'a> {
    #[serde(borrow)]
    pub(crate) table_name: Option<Text<'a>>,
    pub(crate) item: Option<Item>,
    pub(crate) key: Option<Item>,
    pub(crate) update_expression: Option<Text<'a>>,
    pub(crate) condition_expression: Option<Text<'a>>,
    pub(crate) expression_attribute_names: Option<Names>,
    pub(crate) expression_attribute_values: Option<Values>,
    pub(crate) return_values: Option<Text<'a>>,
    pub(crate) return_values_on_condition_check_failure: Option<Text<'a>>,
    pub(crate) return_consumed_capacity: Option<Text<'a>>,
    pub(crate) return_item_collection_metrics: Option<Text<'a>>,
    attribute_updates: Legacy,
    expected: Legacy,
    conditional_operator: Legacy,
}

impl Write<'_> {
    /// Refuses legacy parameters.
    pub(crate) fn refuse_legacy(&self) -> Result<()> {
        refuse_legacy(&[
            ("AttributeUpdates", &self.attribute_updates),
            ("Expected", &self.expected),
            ("ConditionalOperator", &self.conditional_operator),
        ])
    }
}

/// `GetItem`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Get<'a> {
    #[serde(borrow)]
    pub(crate) table_name: Option<Text<'a>>,
    pub(crate) key: Option<Item>,
    pub(crate) projection_expression: Option<Text<'a>>,
    pub(crate) expression_attribute_names: Option<Names>,
    pub(crate) consistent_read: Option<bool>,
    pub(crate) return_consumed_capacity: Option<Text<'a>>,
    attributes_to_get: Legacy,
}

impl Get<'_> {
    /// Refuses legacy parameters.
    pub(crate) fn refuse_legacy(&self) -> Result<()> {
        refuse_legacy(&[("AttributesToGet", &self.attributes_to_get)])
    }
}
