//! `BatchGetItem` and `BatchWriteItem`.

use std::collections::BTreeMap;

use securecart_embedded_expressions::Item;
use serde::{Deserialize, Serialize};

use super::{Legacy, Text, item::Names, refuse_legacy};
use crate::error::Result;

/// `BatchGetItem`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BatchGet<'a> {
    #[serde(borrow)]
    pub(crate) request_items: Option<BTreeMap<Text<'a>, KeysAndAttributes<'a>>>,
    pub(crate) return_consumed_capacity: Option<Text<'a>>,
}

/// What to read from one table.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct KeysAndAttributes<'a> {
    pub(crate) keys: Option<Vec<Item>>,
    #[serde(borrow)]
    pub(crate) projection_expression: Option<Text<'a>>,
    pub(crate) expression_attribute_names: Option<Names>,
    pub(crate) consistent_read: Option<bool>,
    attributes_to_get: Legacy,
}

impl KeysAndAttributes<'_> {
    /// Refuses legacy parameters.
    pub(crate) fn refuse_legacy(&self) -> Result<()> {
        refuse_legacy(&[("AttributesToGet", &self.attributes_to_get)])
    }
}

/// `BatchWriteItem`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BatchWrite<'a> {
    #[serde(borrow)]
    pub(crate) request_items: Option<BTreeMap<Text<'a>, Vec<WriteRequest>>>,
    pub(crate) return_consumed_capacity: Option<Text<'a>>,
    pub(crate) return_item_collection_metrics: Option<Text<'a>>,
}

/// One write of a batch: one of the two.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct WriteRequest {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) put_request: Option<PutRequest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) delete_request: Option<DeleteRequest>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutRequest {
    pub(crate) item: Item,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteRequest {
    pub(crate) key: Item,
}
