//! `TransactWriteItems`.

use aws_sdk_dynamodb::{
    error::ProvideErrorMetadata as _,
    operation::transact_write_items::TransactWriteItemsError,
    types::{
        CancellationReason, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure,
        TransactWriteItem, Update,
    },
};
use serde_json::{Value, json};

use super::support::{Table, to_item, values};
use crate::{
    Case, Checked, Mismatch,
    case::case,
    check::{Answered as _, Refusal, built, holds, same},
    context::Context,
};

const WRITE: &str = "DynamoDB API reference, TransactWriteItems";
const GUIDE: &str = "DynamoDB guide, transactions";

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "dynamodb/transact-write/all-kinds",
            "Put, Update, Delete and ConditionCheck are carried out together.",
            WRITE,
            all_kinds,
        ),
        case(
            "dynamodb/transact-write/all-or-nothing",
            "When one action can't be carried out none is.",
            GUIDE,
            all_or_nothing,
        ),
        case(
            "dynamodb/transact-write/several-tables",
            "A transaction spans tables.",
            GUIDE,
            several_tables,
        ),
        case(
            "dynamodb/transact-write/reasons",
            "TransactionCanceledException has one reason for each action, in order.",
            WRITE,
            reasons,
        ),
        case(
            "dynamodb/transact-write/message",
            "Its message lists the codes of the reasons.",
            WRITE,
            message,
        ),
        case(
            "dynamodb/transact-write/failed-item",
            "A reason has the item when the action asks for it.",
            WRITE,
            failed_item,
        ),
        case(
            "dynamodb/transact-write/condition-check",
            "A ConditionCheck that fails cancels the transaction.",
            WRITE,
            condition_check,
        ),
        case(
            "dynamodb/transact-write/same-item-twice",
            "Two actions on one item are refused.",
            WRITE,
            same_item_twice,
        ),
        case(
            "dynamodb/transact-write/hundred",
            "A transaction has up to 100 actions.",
            WRITE,
            hundred,
        ),
        case(
            "dynamodb/transact-write/hundred-and-one",
            "A transaction of 101 actions is refused.",
            WRITE,
            hundred_and_one,
        ),
        case(
            "dynamodb/transact-write/empty",
            "A transaction has at least one action.",
            WRITE,
            empty,
        ),
        case(
            "dynamodb/transact-write/token-repeats",
            "The same request with the same token within 10 minutes is carried out once.",
            WRITE,
            token_repeats,
        ),
        case(
            "dynamodb/transact-write/token-of-another",
            "Another request with that token is IdempotentParameterMismatchException.",
            WRITE,
            token_of_another,
        ),
        case(
            "dynamodb/transact-write/token-of-37",
            "A token has up to 36 characters.",
            WRITE,
            token_too_long,
        ),
        case(
            "dynamodb/transact-write/missing-table",
            "A table that is not there is ResourceNotFoundException.",
            WRITE,
            missing_table,
        ),
        case(
            "dynamodb/transact-write/update-of-key",
            "An update of a key attribute refuses the whole transaction.",
            WRITE,
            update_of_key,
        ),
        case(
            "dynamodb/transact-write/no-action",
            "An item of a transaction has exactly one action.",
            WRITE,
            no_action,
        ),
        case(
            "dynamodb/transact-write/item-too-large",
            "An item above 400 KB cancels with ValidationError.",
            WRITE,
            item_too_large,
        ),
        case(
            "dynamodb/transact-write/concurrent",
            "Of concurrent transactions that need the same state one is carried out.",
            GUIDE,
            concurrent,
        ),
    ]
}

fn put(table: &Table, item: &Value) -> Result<TransactWriteItem, Mismatch> {
    let put = Put::builder().table_name(&table.name).set_item(Some(to_item(item)));
    Ok(TransactWriteItem::builder().put(built(put.build())?).build())
}

fn delete(table: &Table, id: &str) -> Result<TransactWriteItem, Mismatch> {
    let delete =
        Delete::builder().table_name(&table.name).set_key(Some(to_item(&json!({"id": id}))));
    Ok(TransactWriteItem::builder().delete(built(delete.build())?).build())
}

/// Sets `n` of the item `id` to `to`, which must be `from`.
fn swap(table: &Table, id: &str, from: u32, to: u32) -> Result<TransactWriteItem, Mismatch> {
    let update =
        Update::builder().table_name(&table.name).set_key(Some(to_item(&json!({"id": id}))));
    let update = update.update_expression("SET n = :to").condition_expression("n = :from");
    let update = update.set_expression_attribute_values(values(&json!({":from": from, ":to": to})));
    let update = update
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    Ok(TransactWriteItem::builder().update(built(update.build())?).build())
}

fn exists(table: &Table, id: &str) -> Result<TransactWriteItem, Mismatch> {
    let check = ConditionCheck::builder()
        .table_name(&table.name)
        .set_key(Some(to_item(&json!({"id": id}))));
    let check = check.condition_expression("attribute_exists(id)");
    Ok(TransactWriteItem::builder().condition_check(built(check.build())?).build())
}

async fn write(cx: &Context, items: Vec<TransactWriteItem>) -> Checked {
    let write = cx.dynamodb().transact_write_items().set_transact_items(Some(items));
    write.send().await.answer("TransactWriteItems").map(drop)
}

async fn refused(
    cx: &Context,
    items: Vec<TransactWriteItem>,
    code: &str,
) -> Result<Refusal, Mismatch> {
    let write = cx.dynamodb().transact_write_items().set_transact_items(Some(items));
    write.send().await.refused(400, code)
}

async fn cancelled(
    cx: &Context,
    items: Vec<TransactWriteItem>,
) -> Result<Vec<CancellationReason>, Mismatch> {
    let write = cx.dynamodb().transact_write_items().set_transact_items(Some(items));
    match write.send().await.map_err(aws_sdk_dynamodb::error::SdkError::into_service_error) {
        Err(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            Ok(cancelled.cancellation_reasons.unwrap_or_default())
        }
        other => Err(Mismatch::new("TransactionCanceledException", format!("{other:?}"))),
    }
}

fn codes(reasons: &[CancellationReason]) -> Vec<&str> {
    reasons.iter().map(|reason| reason.code().unwrap_or_default()).collect()
}

async fn all_kinds(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    table.put(json!({"id": "updated", "n": 1})).await?;
    table.put(json!({"id": "deleted"})).await?;
    table.put(json!({"id": "checked"})).await?;
    let items = vec![
        put(&table, &json!({"id": "new"}))?,
        swap(&table, "updated", 1, 2)?,
        delete(&table, "deleted")?,
        exists(&table, "checked")?,
    ];
    write(&cx, items).await?;
    table.has(json!({"id": "new"}), json!({"id": "new"})).await?;
    table.has(json!({"id": "updated"}), json!({"id": "updated", "n": 2})).await?;
    table.lacks(json!({"id": "deleted"})).await
}

async fn all_or_nothing(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    table.put(json!({"id": "a", "n": 1})).await?;
    let items =
        vec![put(&table, &json!({"id": "b"}))?, swap(&table, "a", 5, 6)?, delete(&table, "c")?];
    cancelled(&cx, items).await?;
    table.lacks(json!({"id": "b"})).await?;
    table.has(json!({"id": "a"}), json!({"id": "a", "n": 1})).await
}

async fn several_tables(cx: Context) -> Checked {
    let (one, other) = (Table::new(&cx).await?, Table::new(&cx).await?);
    write(&cx, vec![put(&one, &json!({"id": "a"}))?, put(&other, &json!({"id": "a"}))?]).await?;
    one.has(json!({"id": "a"}), json!({"id": "a"})).await?;
    other.has(json!({"id": "a"}), json!({"id": "a"})).await
}

async fn reasons(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    table.put(json!({"id": "a", "n": 1})).await?;
    let items =
        vec![put(&table, &json!({"id": "b"}))?, swap(&table, "a", 5, 6)?, exists(&table, "none")?];
    let reasons = cancelled(&cx, items).await?;
    same("codes", codes(&reasons), ["None", "ConditionalCheckFailed", "ConditionalCheckFailed"])?;
    same("message", reasons[1].message(), Some("The conditional request failed"))
}

async fn message(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let items = vec![exists(&table, "none")?, put(&table, &json!({"id": "b"}))?];
    refused(&cx, items, "TransactionCanceledException").await?.saying(
        "Transaction cancelled, please refer cancellation reasons for specific reasons \
         [ConditionalCheckFailed, None]",
    )
}

async fn failed_item(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    table.put(json!({"id": "a", "n": 1})).await?;
    let reasons = cancelled(&cx, vec![swap(&table, "a", 5, 6)?]).await?;
    same("Item", reasons[0].item().cloned(), Some(to_item(&json!({"id": "a", "n": 1}))))
}

async fn condition_check(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let reasons =
        cancelled(&cx, vec![exists(&table, "none")?, put(&table, &json!({"id": "b"}))?]).await?;
    same("codes", codes(&reasons), ["ConditionalCheckFailed", "None"])?;
    table.lacks(json!({"id": "b"})).await
}

async fn same_item_twice(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let items = vec![put(&table, &json!({"id": "a"}))?, delete(&table, "a")?];
    refused(&cx, items, "ValidationException")
        .await?
        .saying("Transaction request cannot include multiple operations on one item")
}

fn many(table: &Table, count: usize) -> Result<Vec<TransactWriteItem>, Mismatch> {
    (0..count).map(|n| put(table, &json!({"id": format!("i{n}")}))).collect()
}

async fn hundred(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    write(&cx, many(&table, 100)?).await?;
    table.has(json!({"id": "i99"}), json!({"id": "i99"})).await
}

async fn hundred_and_one(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    refused(&cx, many(&table, 101)?, "ValidationException")
        .await?
        .mentioning("Member must have length less than or equal to 100")
}

async fn empty(cx: Context) -> Checked {
    refused(&cx, Vec::new(), "ValidationException").await.map(drop)
}

/// Adds 1 to `n` of the item `a`.
async fn add(
    cx: &Context,
    table: &Table,
    token: &str,
    more: u32,
) -> Result<
    (),
    aws_sdk_dynamodb::error::SdkError<
        TransactWriteItemsError,
        aws_smithy_runtime_api::client::orchestrator::HttpResponse,
    >,
> {
    let update =
        Update::builder().table_name(&table.name).set_key(Some(to_item(&json!({"id": "a"}))));
    let update = update
        .update_expression("ADD n :more")
        .set_expression_attribute_values(values(&json!({":more": more})));
    let Ok(update) = update.build() else { return Ok(()) };
    let write = cx.dynamodb().transact_write_items().client_request_token(token);
    write.transact_items(TransactWriteItem::builder().update(update).build()).send().await.map(drop)
}

async fn token_repeats(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let token = cx.name("t");
    add(&cx, &table, &token, 1).await.answer("the first request")?;
    add(&cx, &table, &token, 1).await.answer("the same request again")?;
    table.has(json!({"id": "a"}), json!({"id": "a", "n": 1})).await
}

async fn token_of_another(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let token = cx.name("t");
    add(&cx, &table, &token, 1).await.answer("the first request")?;
    add(&cx, &table, &token, 2).await.refused(400, "IdempotentParameterMismatchException")?;
    table.has(json!({"id": "a"}), json!({"id": "a", "n": 1})).await
}

async fn token_too_long(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    add(&cx, &table, &"t".repeat(37), 1).await.refused(400, "ValidationException").map(drop)
}

async fn missing_table(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let none = Table { cx: cx.clone(), name: cx.name("none") };
    let items = vec![put(&table, &json!({"id": "a"}))?, put(&none, &json!({"id": "a"}))?];
    refused(&cx, items, "ResourceNotFoundException").await?;
    table.lacks(json!({"id": "a"})).await
}

async fn update_of_key(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let update =
        Update::builder().table_name(&table.name).set_key(Some(to_item(&json!({"id": "a"}))));
    let update = update
        .update_expression("SET id = :v")
        .set_expression_attribute_values(values(&json!({":v": "b"})));
    let update = TransactWriteItem::builder().update(built(update.build())?).build();
    let write =
        cx.dynamodb().transact_write_items().transact_items(put(&table, &json!({"id": "c"}))?);
    // AWS documents both: an invalid format of the request, and a reason ValidationError.
    let refused = write.transact_items(update).send().await;
    let code = refused.as_ref().err().and_then(|error| error.code().map(str::to_owned));
    let either = ["ValidationException", "TransactionCanceledException"];
    holds("a refusal", code.as_deref().is_some_and(|code| either.contains(&code)), refused)?;
    table.lacks(json!({"id": "c"})).await
}

async fn no_action(cx: Context) -> Checked {
    refused(&cx, vec![TransactWriteItem::builder().build()], "ValidationException").await.map(drop)
}

async fn item_too_large(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    table.put(json!({"id": "a", "v": "x".repeat(409_000)})).await?;
    let update =
        Update::builder().table_name(&table.name).set_key(Some(to_item(&json!({"id": "a"}))));
    let update = update.update_expression("SET w = :v");
    let update = update.set_expression_attribute_values(values(&json!({":v": "x".repeat(1_000)})));
    let update = TransactWriteItem::builder().update(built(update.build())?).build();
    let reasons = cancelled(&cx, vec![put(&table, &json!({"id": "b"}))?, update]).await?;
    same("codes", codes(&reasons), ["None", "ValidationError"])
}

async fn concurrent(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    table.put(json!({"id": "a", "n": 0})).await?;
    table.put(json!({"id": "b", "n": 0})).await?;
    let mut writes = Vec::new();
    for to in 1..=8 {
        let items = vec![swap(&table, "a", 0, to)?, swap(&table, "b", 0, to)?];
        writes.push(cx.dynamodb().transact_write_items().set_transact_items(Some(items)).send());
    }
    let done = futures::future::join_all(writes).await.into_iter().filter(Result::is_ok).count();
    same("transactions carried out", done, 1)?;
    let n = |item: Option<super::support::Item>| item.and_then(|mut item| item.remove("n"));
    same(
        "n of both",
        n(table.get(json!({"id": "a"})).await?),
        n(table.get(json!({"id": "b"})).await?),
    )
}
