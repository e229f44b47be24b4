//! One write to one item, ready to be decided under the lock of the item's shard.
//!
//! Single writes, batches and transactions all go through here, so that a condition, an update and
//! a limit mean the same in each.

use std::sync::Arc;

use securecart_embedded_expressions::{Condition, Item, Substitutions, Update, Updated};
use securecart_embedded_wire::AwsError;

use crate::{
    capacity::{Usage, write_units},
    error::{ITEM_TOO_LARGE, Result, UPDATED_ITEM_TOO_LARGE, invalid_values, validation},
    expression::{WriteExpressions, invalid},
    key::Key,
    table::{Layout, Record, Replacement, Shard, Table},
};

/// Bytes an item can have.
const ITEM_BYTES: usize = 400 * 1_024;

/// What a write does once its condition holds.
#[derive(Debug)]
pub(crate) enum Action {
    Put(Arc<Record>),
    /// Without an expression the item is made if it is not there.
    Update(Option<Arc<Update>>),
    Delete,
    /// Nothing: a transaction's condition check.
    Check,
}

/// A write.
#[derive(Debug)]
pub(crate) struct Intent<'r> {
    pub(crate) key: Key,
    pub(crate) action: Action,
    pub(crate) condition: Option<Arc<Condition>>,
    pub(crate) substitutions: Substitutions<'r>,
    /// The key's attributes: what an update of a missing item starts from.
    pub(crate) key_attributes: Option<&'r Item>,
}

/// Why a write is not made.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The condition does not hold.
    Condition,
    /// The write itself is invalid.
    Invalid(AwsError),
}

impl From<AwsError> for Refusal {
    fn from(error: AwsError) -> Self {
        Self::Invalid(error)
    }
}

/// What becomes of the item.
#[derive(Debug)]
pub(crate) enum Decision<'a> {
    /// It stays as it is.
    Keep,
    /// It turns into this, or goes.
    Replace(Option<Arc<Record>>),
    /// The same, with what the update touched.
    Update(Arc<Record>, Box<Updated<'a>>),
}

impl Decision<'_> {
    /// The item afterwards.
    pub(crate) const fn record<'r>(
        &'r self,
        old: Option<&'r Arc<Record>>,
    ) -> Option<&'r Arc<Record>> {
        match self {
            Self::Keep => old,
            Self::Replace(record) => record.as_ref(),
            Self::Update(record, _) => Some(record),
        }
    }
}

/// The record of an item to put, within the limits.
pub(crate) fn put_record(table: &Table, layout: &Layout, item: Item) -> Result<(Key, Arc<Record>)> {
    let key = table.key_in(&item)?;
    table.check_index_keys(layout, &item)?;
    let record = Record::new(item);
    if record.size > ITEM_BYTES {
        return Err(validation(ITEM_TOO_LARGE));
    }
    Ok((key, record))
}

/// Refuses an update that touches a key attribute.
pub(crate) fn check_update(table: &Table, expressions: &WriteExpressions<'_>) -> Result<()> {
    let Some(update) = &expressions.update else { return Ok(()) };
    let touched = update.attributes(&expressions.substitutions).map_err(invalid)?;
    match touched.iter().find(|name| table.schema.contains(name)) {
        Some(name) => Err(invalid_values(format!(
            "Cannot update attribute {name}. This attribute is part of the key"
        ))),
        None => Ok(()),
    }
}

impl<'r> Intent<'r> {
    /// A write with the condition of `expressions`.
    pub(crate) fn new(
        key: Key,
        action: Action,
        expressions: WriteExpressions<'r>,
        key_attributes: Option<&'r Item>,
    ) -> Self {
        let WriteExpressions { condition, substitutions, .. } = expressions;
        Self { key, action, condition, substitutions, key_attributes }
    }
}

impl Intent<'_> {
    /// What the write makes of `old`. Nothing is changed yet.
    pub(crate) fn decide(
        &self,
        table: &Table,
        layout: &Layout,
        old: Option<&Arc<Record>>,
    ) -> std::result::Result<Decision<'_>, Refusal> {
        let absent = Item::new();
        if let Some(condition) = &self.condition {
            let item = old.map_or(&absent, |record| &record.item);
            if !condition.evaluate(item, &self.substitutions).map_err(invalid)? {
                return Err(Refusal::Condition);
            }
        }
        match &self.action {
            Action::Put(record) => Ok(Decision::Replace(Some(Arc::clone(record)))),
            Action::Delete => Ok(Decision::Replace(None)),
            Action::Check => Ok(Decision::Keep),
            Action::Update(update) => {
                let item = match (old, self.key_attributes) {
                    (Some(record), _) => &record.item,
                    (None, Some(attributes)) => attributes,
                    (None, None) => &absent,
                };
                self.update(update.as_deref(), item, table, layout).map_err(Refusal::Invalid)
            }
        }
    }

    fn update<'a>(
        &'a self,
        update: Option<&'a Update>,
        item: &Item,
        table: &Table,
        layout: &Layout,
    ) -> Result<Decision<'a>> {
        let Some(update) = update else {
            return Ok(Decision::Replace(Some(Record::new(item.clone()))));
        };
        let mut updated = update.apply(item, &self.substitutions).map_err(invalid)?;
        let record = Record::new(std::mem::take(&mut updated.item));
        table.check_index_keys(layout, &record.item)?;
        if record.size > ITEM_BYTES {
            return Err(validation(UPDATED_ITEM_TOO_LARGE));
        }
        Ok(Decision::Update(record, Box::new(updated)))
    }

    /// Carries out `decision` in the locked `shard`.
    pub(crate) fn commit(
        &self,
        table: &Table,
        layout: &Layout,
        shard: &mut Shard,
        change: (Option<&Arc<Record>>, &Decision<'_>),
        now_ms: u64,
    ) -> Usage {
        let (old, decision) = change;
        let new = match decision {
            Decision::Keep => return Usage::of_table(refused_units(old)),
            Decision::Replace(new) => new.clone(),
            Decision::Update(new, _) => Some(Arc::clone(new)),
        };
        if old.is_none() && new.is_none() {
            return Usage::of_table(refused_units(None));
        }
        let replacement = Replacement { key: &self.key, old, new, now_ms, expired: false };
        table.replace(layout, shard, replacement)
    }
}

/// Write units of a write that changed nothing: those of the item as it is.
pub(crate) fn refused_units(old: Option<&Arc<Record>>) -> f64 {
    write_units(old.map_or(0, |record| record.size))
}
