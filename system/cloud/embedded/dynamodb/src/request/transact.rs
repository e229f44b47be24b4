//! `TransactWriteItems` and `TransactGetItems`.

use securecart_embedded_expressions::Item;
use serde::{Deserialize, Serialize, Serializer};

use super::{
    Text,
    item::{Names, Values},
};

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

/// `TransactWriteItems`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TransactWrite<'a> {
    #[serde(borrow)]
    pub(crate) transact_items: Option<Vec<TransactWriteItem<'a>>>,
    pub(crate) client_request_token: Option<Text<'a>>,
    pub(crate) return_consumed_capacity: Option<Text<'a>>,
    pub(crate) return_item_collection_metrics: Option<Text<'a>>,
}

/// One write of a transaction: one of the four. It is serialised to compare requests that carry
/// the same token; ordered maps make that independent of the order on the wire.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TransactWriteItem<'a> {
    #[serde(borrow)]
    pub(crate) condition_check: Option<ItemAction<'a>>,
    pub(crate) put: Option<ItemAction<'a>>,
    pub(crate) delete: Option<ItemAction<'a>>,
    pub(crate) update: Option<ItemAction<'a>>,
}

/// `ConditionCheck`, `Put`, `Delete` and `Update`: each uses some of the members.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ItemAction<'a> {
    #[serde(borrow)]
    pub(crate) table_name: Option<Text<'a>>,
    pub(crate) item: Option<Item>,
    pub(crate) key: Option<Item>,
    pub(crate) update_expression: Option<Text<'a>>,
    pub(crate) condition_expression: Option<Text<'a>>,
    pub(crate) expression_attribute_names: Option<Names>,
    pub(crate) expression_attribute_values: Option<Values>,
    pub(crate) return_values_on_condition_check_failure: Option<Text<'a>>,
}

/// `TransactGetItems`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TransactGet<'a> {
    #[serde(borrow)]
    pub(crate) transact_items: Option<Vec<TransactGetItem<'a>>>,
    pub(crate) return_consumed_capacity: Option<Text<'a>>,
}

/// One read of a transaction.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TransactGetItem<'a> {
    #[serde(borrow)]
    pub(crate) get: Option<GetAction<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetAction<'a> {
    #[serde(borrow)]
    pub(crate) table_name: Option<Text<'a>>,
    pub(crate) key: Option<Item>,
    pub(crate) projection_expression: Option<Text<'a>>,
    pub(crate) expression_attribute_names: Option<Names>,
}
