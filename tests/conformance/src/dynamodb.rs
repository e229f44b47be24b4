//! Amazon DynamoDB.

mod batch_get;
mod batch_write;
mod capacity;
mod conditions;
mod consistency;
mod expression_errors;
mod indexes;
mod items;
mod limits;
mod numbers;
mod projections;
mod query;
mod return_values;
mod scan;
mod support;
mod tables;
mod time_to_live;
mod transact_get;
mod transact_write;
mod updates;

use crate::Case;

pub(crate) fn cases() -> Vec<Case> {
    [
        tables::cases(),
        time_to_live::cases(),
        items::cases(),
        numbers::cases(),
        limits::cases(),
        conditions::cases(),
        expression_errors::cases(),
        updates::cases(),
        projections::cases(),
        return_values::cases(),
        batch_write::cases(),
        batch_get::cases(),
        query::cases(),
        scan::cases(),
        indexes::cases(),
        transact_write::cases(),
        transact_get::cases(),
        capacity::cases(),
        consistency::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
