//! `ReturnValues` and `ReturnValuesOnConditionCheckFailure`.

use aws_sdk_dynamodb::{
    operation::{
        delete_item::DeleteItemError, put_item::PutItemError, update_item::UpdateItemError,
    },
    types::{ReturnValue, ReturnValuesOnConditionCheckFailure as OnFailure},
};
use serde_json::{Value, json};

use super::support::{Item, Table, to_item, values};
use crate::{
    Case, Checked, Mismatch,
    case::case,
    check::{Answered as _, same},
    context::Context,
};

const UPDATE: &str = "DynamoDB API reference, UpdateItem, ReturnValues";
const PUT: &str = "DynamoDB API reference, PutItem, ReturnValues";
const DELETE: &str = "DynamoDB API reference, DeleteItem, ReturnValues";
const FAILURE: &str = "DynamoDB API reference, ReturnValuesOnConditionCheckFailure";

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![
        case(
            "dynamodb/return-values/put-all-old",
            "ALL_OLD of a put is the item that was replaced.",
            PUT,
            put_all_old,
        ),
        case(
            "dynamodb/return-values/put-none-before",
            "ALL_OLD of a put without an item before is nothing.",
            PUT,
            put_none_before,
        ),
        case(
            "dynamodb/return-values/delete-all-old",
            "ALL_OLD of a delete is the item that was deleted.",
            DELETE,
            delete_all_old,
        ),
        case(
            "dynamodb/return-values/put-failure-none",
            "A failed condition tells nothing unless it is asked.",
            FAILURE,
            put_failure_none,
        ),
        case(
            "dynamodb/return-values/put-failure-all-old",
            "ALL_OLD gives the item that the condition failed on, of a put.",
            FAILURE,
            put_failure,
        ),
        case(
            "dynamodb/return-values/update-failure-all-old",
            "ALL_OLD gives the item that the condition failed on, of an update.",
            FAILURE,
            update_failure,
        ),
        case(
            "dynamodb/return-values/delete-failure-all-old",
            "ALL_OLD gives the item that the condition failed on, of a delete.",
            FAILURE,
            delete_failure,
        ),
        case(
            "dynamodb/return-values/failure-without-item",
            "ALL_OLD gives nothing when there is no item.",
            FAILURE,
            failure_without_item,
        ),
        case(
            "dynamodb/return-values/update-old-of-new-item",
            "ALL_OLD of an update that makes the item is nothing.",
            UPDATE,
            old_of_new_item,
        ),
    ];
    let (old, new) = (
        json!({"id": "a", "n": 1, "m": 5, "gone": 7}),
        json!({"id": "a", "n": 2, "m": 5, "added": 1}),
    );
    for (id, rule, kind, expected) in [
        ("none", "NONE returns nothing.", ReturnValue::None, None),
        ("all-old", "ALL_OLD returns the whole item as it was.", ReturnValue::AllOld, Some(old)),
        ("all-new", "ALL_NEW returns the whole item as it is.", ReturnValue::AllNew, Some(new)),
        (
            "updated-old",
            "UPDATED_OLD returns what was updated, as it was.",
            ReturnValue::UpdatedOld,
            Some(json!({"n": 1, "gone": 7})),
        ),
        (
            "updated-new",
            "UPDATED_NEW returns what was updated, as it is.",
            ReturnValue::UpdatedNew,
            Some(json!({"n": 2, "added": 1})),
        ),
    ] {
        cases.push(case(format!("dynamodb/return-values/update-{id}"), rule, UPDATE, move |cx| {
            update(cx, kind.clone(), expected.clone())
        }));
    }
    for (id, kind) in
        [("all-new", "ALL_NEW"), ("updated-old", "UPDATED_OLD"), ("updated-new", "UPDATED_NEW")]
    {
        cases.push(case(
            format!("dynamodb/return-values/put-{id}-refused"),
            format!("PutItem does not know {kind}."),
            PUT,
            move |cx| put_refused(cx, kind),
        ));
        cases.push(case(
            format!("dynamodb/return-values/delete-{id}-refused"),
            format!("DeleteItem does not know {kind}."),
            DELETE,
            move |cx| delete_refused(cx, kind),
        ));
    }
    cases
}

fn key() -> Option<Item> {
    Some(to_item(&json!({"id": "a"})))
}

async fn update(cx: Context, kind: ReturnValue, expected: Option<Value>) -> Checked {
    let table = Table::new(&cx).await?;
    table.put(json!({"id": "a", "n": 1, "m": 5, "gone": 7})).await?;
    let update = cx.dynamodb().update_item().table_name(&table.name).set_key(key());
    let update = update.update_expression("SET n = :two, added = :one REMOVE gone");
    let update = update.set_expression_attribute_values(values(&json!({":one": 1, ":two": 2})));
    let updated = update.return_values(kind).send().await.answer("UpdateItem")?;
    same("Attributes", updated.attributes, expected.map(|item| to_item(&item)))
}

async fn put_all_old(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    table.put(json!({"id": "a", "n": 1})).await?;
    let put = cx.dynamodb().put_item().table_name(&table.name).set_item(key());
    let put = put.return_values(ReturnValue::AllOld).send().await.answer("PutItem")?;
    same("Attributes", put.attributes, Some(to_item(&json!({"id": "a", "n": 1}))))
}

async fn put_none_before(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let put = cx.dynamodb().put_item().table_name(&table.name).set_item(key());
    let put = put.return_values(ReturnValue::AllOld).send().await.answer("PutItem")?;
    same("Attributes", put.attributes, None)
}

async fn delete_all_old(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    table.put(json!({"id": "a", "n": 1})).await?;
    let delete = cx.dynamodb().delete_item().table_name(&table.name).set_key(key());
    let deleted = delete.return_values(ReturnValue::AllOld).send().await.answer("DeleteItem")?;
    same("Attributes", deleted.attributes, Some(to_item(&json!({"id": "a", "n": 1}))))
}

async fn put_refused(cx: Context, kind: &'static str) -> Checked {
    let table = Table::new(&cx).await?;
    let put = cx.dynamodb().put_item().table_name(&table.name).set_item(key());
    put.return_values(kind.into())
        .send()
        .await
        .refused(400, "ValidationException")?
        .mentioning("can only be ALL_OLD or NONE")
}

async fn delete_refused(cx: Context, kind: &'static str) -> Checked {
    let table = Table::new(&cx).await?;
    let delete = cx.dynamodb().delete_item().table_name(&table.name).set_key(key());
    delete
        .return_values(kind.into())
        .send()
        .await
        .refused(400, "ValidationException")?
        .mentioning("can only be ALL_OLD or NONE")
}

/// A table with an item whose `n` is 1.
async fn with_one(cx: &Context) -> Result<Table, Mismatch> {
    let table = Table::new(cx).await?;
    table.put(json!({"id": "a", "n": 1})).await?;
    Ok(table)
}

fn other() -> Option<Item> {
    values(&json!({":v": 2}))
}

async fn put_with(table: &Table, on_failure: Option<OnFailure>) -> Result<Option<Item>, Mismatch> {
    let put = table.cx.dynamodb().put_item().table_name(&table.name).set_item(key());
    let put = put.condition_expression("n = :v").set_expression_attribute_values(other());
    let refused = put.set_return_values_on_condition_check_failure(on_failure).send().await;
    match refused.map_err(aws_sdk_dynamodb::error::SdkError::into_service_error) {
        Err(PutItemError::ConditionalCheckFailedException(failed)) => Ok(failed.item),
        other => Err(Mismatch::new("ConditionalCheckFailedException", format!("{other:?}"))),
    }
}

async fn put_failure_none(cx: Context) -> Checked {
    same("Item", put_with(&with_one(&cx).await?, None).await?, None)
}

async fn put_failure(cx: Context) -> Checked {
    let item = put_with(&with_one(&cx).await?, Some(OnFailure::AllOld)).await?;
    same("Item", item, Some(to_item(&json!({"id": "a", "n": 1}))))
}

async fn failure_without_item(cx: Context) -> Checked {
    same("Item", put_with(&Table::new(&cx).await?, Some(OnFailure::AllOld)).await?, None)
}

async fn update_failure(cx: Context) -> Checked {
    let table = with_one(&cx).await?;
    let update = cx.dynamodb().update_item().table_name(&table.name).set_key(key());
    let update = update.update_expression("SET n = :v").condition_expression("n = :v");
    let update = update.set_expression_attribute_values(other());
    let refused = update.return_values_on_condition_check_failure(OnFailure::AllOld).send().await;
    match refused.map_err(aws_sdk_dynamodb::error::SdkError::into_service_error) {
        Err(UpdateItemError::ConditionalCheckFailedException(failed)) => {
            same("Item", failed.item, Some(to_item(&json!({"id": "a", "n": 1}))))
        }
        other => Err(Mismatch::new("ConditionalCheckFailedException", format!("{other:?}"))),
    }
}

async fn delete_failure(cx: Context) -> Checked {
    let table = with_one(&cx).await?;
    let delete = cx.dynamodb().delete_item().table_name(&table.name).set_key(key());
    let delete = delete.condition_expression("n = :v").set_expression_attribute_values(other());
    let refused = delete.return_values_on_condition_check_failure(OnFailure::AllOld).send().await;
    match refused.map_err(aws_sdk_dynamodb::error::SdkError::into_service_error) {
        Err(DeleteItemError::ConditionalCheckFailedException(failed)) => {
            same("Item", failed.item, Some(to_item(&json!({"id": "a", "n": 1}))))
        }
        other => Err(Mismatch::new("ConditionalCheckFailedException", format!("{other:?}"))),
    }
}

async fn old_of_new_item(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let update = cx.dynamodb().update_item().table_name(&table.name).set_key(key());
    let update = update.update_expression("SET n = :v").set_expression_attribute_values(other());
    let updated = update.return_values(ReturnValue::AllOld).send().await.answer("UpdateItem")?;
    same("Attributes", updated.attributes, None)
}
