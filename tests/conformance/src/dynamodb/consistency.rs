//! Writes at the same time: conditions and writes are one step.

use futures::future::join_all;
use serde_json::json;

use super::support::{Table, to_item, values};
use crate::{
    Case, Checked,
    case::case,
    check::{Answered as _, same},
    context::Context,
};

const CONDITIONS: &str = "DynamoDB guide, conditional writes and atomic counters";

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "dynamodb/concurrency/no-overselling",
            "Of concurrent conditional decrements as many succeed as there is stock.",
            CONDITIONS,
            no_overselling,
        ),
        case(
            "dynamodb/concurrency/counter",
            "Concurrent ADDs are all counted.",
            CONDITIONS,
            counter,
        ),
        case(
            "dynamodb/concurrency/one-creator",
            "Of concurrent create-only puts one succeeds.",
            CONDITIONS,
            one_creator,
        ),
        case(
            "dynamodb/concurrency/read-your-writes",
            "A consistent read sees every write that succeeded before.",
            "DynamoDB guide, read consistency",
            read_your_writes,
        ),
    ]
}

async fn no_overselling(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    table.put(json!({"id": "a", "stock": 5})).await?;
    let buys = (0..16).map(|_| {
        let update = cx
            .dynamodb()
            .update_item()
            .table_name(&table.name)
            .set_key(Some(to_item(&json!({"id": "a"}))));
        let update = update
            .update_expression("SET stock = stock - :one")
            .condition_expression("stock >= :one");
        update.set_expression_attribute_values(values(&json!({":one": 1}))).send()
    });
    let mut sold = 0;
    for bought in join_all(buys).await {
        match bought {
            Ok(_) => sold += 1,
            refused => refused.refused(400, "ConditionalCheckFailedException").map(drop)?,
        }
    }
    same("sold", sold, 5)?;
    table.has(json!({"id": "a"}), json!({"id": "a", "stock": 0})).await
}

async fn counter(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let adds = (0..20).map(|_| {
        let update = cx
            .dynamodb()
            .update_item()
            .table_name(&table.name)
            .set_key(Some(to_item(&json!({"id": "a"}))));
        let update = update.update_expression("ADD n :one");
        update.set_expression_attribute_values(values(&json!({":one": 1}))).send()
    });
    for added in join_all(adds).await {
        added.answer("UpdateItem")?;
    }
    table.has(json!({"id": "a"}), json!({"id": "a", "n": 20})).await
}

async fn one_creator(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let puts = (0..12).map(|n| {
        let put = cx
            .dynamodb()
            .put_item()
            .table_name(&table.name)
            .set_item(Some(to_item(&json!({"id": "a", "by": n}))));
        put.condition_expression("attribute_not_exists(id)").send()
    });
    let made = join_all(puts).await.into_iter().filter(Result::is_ok).count();
    same("created", made, 1)
}

async fn read_your_writes(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    for n in 0..10 {
        table.put(json!({"id": "a", "n": n})).await?;
        table.has(json!({"id": "a"}), json!({"id": "a", "n": n})).await?;
    }
    Ok(())
}
