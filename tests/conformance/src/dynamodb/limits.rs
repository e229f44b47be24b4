//! Sizes: items of 400 KB, keys of 2,048 and 1,024 bytes.

use serde_json::{Value, json};

use super::support::{Table, to_item, values};
use crate::{Case, Checked, case::case, check::Answered as _, context::Context};

const QUOTAS: &str = "DynamoDB guide, quotas";
const SIZES: &str = "DynamoDB guide, item sizes and formats";

/// 400 KB.
const ITEM_MAX: usize = 409_600;

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "dynamodb/limit/item-of-400-kb",
            "An item has up to 400 KB, names included.",
            QUOTAS,
            |cx| item_of(cx, ITEM_MAX),
        ),
        case(
            "dynamodb/limit/item-of-more",
            "An item of one byte more is refused.",
            QUOTAS,
            item_too_large,
        ),
        case(
            "dynamodb/limit/update-to-more",
            "An update that makes an item larger than 400 KB is refused.",
            QUOTAS,
            update_too_large,
        ),
        case("dynamodb/limit/name-counts", "The names of attributes count.", SIZES, name_counts),
        case(
            "dynamodb/limit/partition-key-of-2048",
            "A partition key has up to 2,048 bytes.",
            QUOTAS,
            partition_key_max,
        ),
        case(
            "dynamodb/limit/partition-key-of-2049",
            "A partition key of more is refused.",
            QUOTAS,
            partition_key_too_long,
        ),
        case(
            "dynamodb/limit/sort-key-of-1024",
            "A sort key has up to 1,024 bytes.",
            QUOTAS,
            sort_key_max,
        ),
        case(
            "dynamodb/limit/sort-key-of-1025",
            "A sort key of more is refused.",
            QUOTAS,
            sort_key_too_long,
        ),
    ]
}

/// An item of `size` bytes: 2 + 1 of the key, 1 of the other name.
fn sized(size: usize) -> Value {
    json!({"id": "a", "v": "x".repeat(size - 4)})
}

async fn item_of(cx: Context, size: usize) -> Checked {
    let table = Table::new(&cx).await?;
    table.put(sized(size)).await?;
    table.has(json!({"id": "a"}), sized(size)).await
}

async fn refused(table: &Table, item: &Value, part: &str) -> Checked {
    let put = table.cx.dynamodb().put_item().table_name(&table.name).set_item(Some(to_item(item)));
    put.send().await.refused(400, "ValidationException")?.mentioning(part)
}

async fn item_too_large(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    refused(&table, &sized(ITEM_MAX + 1), "Item size has exceeded the maximum allowed size").await
}

async fn update_too_large(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    table.put(sized(ITEM_MAX)).await?;
    let update = cx.dynamodb().update_item().table_name(&table.name);
    let update = update.set_key(Some(to_item(&json!({"id": "a"})))).update_expression("SET w = :v");
    let update = update.set_expression_attribute_values(values(&json!({":v": "x"})));
    update
        .send()
        .await
        .refused(400, "ValidationException")?
        .mentioning("Item size to update has exceeded the maximum allowed size")
}

async fn name_counts(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let value = "x".repeat(ITEM_MAX - 1_000);
    let item = json!({"id": "a", ("n".repeat(1_100)): value});
    refused(&table, &item, "Item size has exceeded the maximum allowed size").await
}

async fn partition_key_max(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let item = json!({"id": "x".repeat(2_048)});
    table.put(item.clone()).await?;
    table.has(item.clone(), item).await
}

async fn partition_key_too_long(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let item = json!({"id": "x".repeat(2_049)});
    refused(&table, &item, "Size of hashkey has exceeded the maximum size limit of2048 bytes").await
}

async fn sort_key_max(cx: Context) -> Checked {
    let table = Table::sorted_by_text(&cx).await?;
    let item = json!({"customer": "c", "name": "x".repeat(1_024)});
    table.put(item.clone()).await?;
    table.has(item.clone(), item).await
}

async fn sort_key_too_long(cx: Context) -> Checked {
    let table = Table::sorted_by_text(&cx).await?;
    let item = json!({"customer": "c", "name": "x".repeat(1_025)});
    refused(
        &table,
        &item,
        "Aggregated size of all range keys has exceeded the size limit of 1024 bytes",
    )
    .await
}
