//! `ReturnConsumedCapacity`: units by size, consistency and kind of call.

use aws_sdk_dynamodb::types::{
    ConsumedCapacity, Get, Put, ReturnConsumedCapacity as Return, TransactGetItem,
    TransactWriteItem,
};
use serde_json::json;

use super::support::{Table, all_attributes, to_item, values};
use crate::{
    Case, Checked, Mismatch,
    case::case,
    check::{Answered as _, built, present, same},
    context::Context,
};

const UNITS: &str =
    "DynamoDB guide, read and write operations: capacity units; behaviour sheet 4.1";
const RETURN: &str = "DynamoDB API reference, ReturnConsumedCapacity";

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![
        case(
            "dynamodb/capacity/none",
            "Without being asked no call tells its capacity.",
            RETURN,
            none,
        ),
        case(
            "dynamodb/capacity/get-absent",
            "Reading what is not there takes the units of an empty read.",
            UNITS,
            get_absent,
        ),
        case(
            "dynamodb/capacity/put-smaller-over-larger",
            "A put takes the larger of the item before and after.",
            UNITS,
            put_smaller,
        ),
        case(
            "dynamodb/capacity/update-whole-item",
            "An update takes the units of the whole item.",
            UNITS,
            update_whole,
        ),
        case(
            "dynamodb/capacity/delete",
            "A delete takes the units of the deleted item.",
            UNITS,
            delete,
        ),
        case(
            "dynamodb/capacity/delete-absent",
            "Deleting what is not there takes one unit.",
            UNITS,
            delete_absent,
        ),
        case(
            "dynamodb/capacity/query-sums-sizes",
            "A query takes the units of the summed sizes, not of each item.",
            UNITS,
            query_sums,
        ),
        case("dynamodb/capacity/query-filter", "A filter saves no units.", UNITS, query_filter),
        case(
            "dynamodb/capacity/query-none",
            "A query that finds nothing takes the least units.",
            UNITS,
            query_none,
        ),
        case(
            "dynamodb/capacity/transact-write",
            "A transactional write takes twice the units.",
            UNITS,
            transact_write,
        ),
        case(
            "dynamodb/capacity/transact-get",
            "A transactional read takes twice the units of a consistent one.",
            UNITS,
            transact_get,
        ),
        case(
            "dynamodb/capacity/batch-write",
            "A batch takes the units of each of its writes.",
            UNITS,
            batch_write,
        ),
        case(
            "dynamodb/capacity/indexes",
            "INDEXES tells table and index apart; TOTAL sums them.",
            RETURN,
            indexes,
        ),
        case("dynamodb/capacity/table-name", "The capacity names its table.", RETURN, table_name),
    ];
    for (id, bytes, units) in
        [("1-kb", 1_024, 1.0), ("above-1-kb", 1_025, 2.0), ("10-kb", 10_240, 10.0)]
    {
        let rule = format!("A write of {bytes} bytes takes {units} units: one for each KB begun.");
        cases.push(case(format!("dynamodb/capacity/put-{id}"), rule, UNITS, move |cx| {
            put_of(cx, bytes, units)
        }));
    }
    for (id, bytes, consistent, units) in [
        ("4-kb-eventual", 4_096, false, 0.5),
        ("4-kb-consistent", 4_096, true, 1.0),
        ("above-4-kb-eventual", 4_097, false, 1.0),
        ("above-4-kb-consistent", 4_097, true, 2.0),
    ] {
        let kind = if consistent { "A consistent" } else { "An eventually consistent" };
        let rule = format!("{kind} read of {bytes} bytes takes {units} units.");
        cases.push(case(format!("dynamodb/capacity/get-{id}"), rule, UNITS, move |cx| {
            get_of(cx, bytes, consistent, units)
        }));
    }
    cases
}

/// An item of `size` bytes: 2 + 1 of the key, 1 of the other name.
fn sized(size: usize) -> serde_json::Value {
    json!({"id": "a", "v": "x".repeat(size - 4)})
}

fn units(capacity: Option<ConsumedCapacity>) -> Result<f64, Mismatch> {
    present("CapacityUnits", capacity.and_then(|capacity| capacity.capacity_units))
}

async fn put_units(table: &Table, size: usize) -> Result<f64, Mismatch> {
    let put = table
        .cx
        .dynamodb()
        .put_item()
        .table_name(&table.name)
        .set_item(Some(to_item(&sized(size))));
    let put = put.return_consumed_capacity(Return::Total).send().await.answer("PutItem")?;
    units(put.consumed_capacity)
}

async fn none(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let put = cx.dynamodb().put_item().table_name(&table.name).set_item(Some(to_item(&sized(10))));
    same("ConsumedCapacity", put.send().await.answer("PutItem")?.consumed_capacity, None)
}

async fn put_of(cx: Context, bytes: usize, expected: f64) -> Checked {
    let table = Table::new(&cx).await?;
    same("units", put_units(&table, bytes).await?, expected)
}

async fn put_smaller(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    put_units(&table, 5_000).await?;
    same("units", put_units(&table, 100).await?, 5.0)
}

async fn get_units(table: &Table, consistent: bool) -> Result<f64, Mismatch> {
    let get = table.cx.dynamodb().get_item().table_name(&table.name).consistent_read(consistent);
    let get =
        get.set_key(Some(to_item(&json!({"id": "a"})))).return_consumed_capacity(Return::Total);
    units(get.send().await.answer("GetItem")?.consumed_capacity)
}

async fn get_of(cx: Context, bytes: usize, consistent: bool, expected: f64) -> Checked {
    let table = Table::new(&cx).await?;
    table.put(sized(bytes)).await?;
    same("units", get_units(&table, consistent).await?, expected)
}

async fn get_absent(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    same("eventually consistent", get_units(&table, false).await?, 0.5)?;
    same("consistent", get_units(&table, true).await?, 1.0)
}

async fn update_whole(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    table.put(sized(5_000)).await?;
    let update = cx
        .dynamodb()
        .update_item()
        .table_name(&table.name)
        .set_key(Some(to_item(&json!({"id": "a"}))));
    let update = update
        .update_expression("SET n = :v")
        .set_expression_attribute_values(values(&json!({":v": 1})));
    let updated =
        update.return_consumed_capacity(Return::Total).send().await.answer("UpdateItem")?;
    same("units", units(updated.consumed_capacity)?, 5.0)
}

async fn delete_units(table: &Table) -> Result<f64, Mismatch> {
    let delete = table.cx.dynamodb().delete_item().table_name(&table.name);
    let delete =
        delete.set_key(Some(to_item(&json!({"id": "a"})))).return_consumed_capacity(Return::Total);
    units(delete.send().await.answer("DeleteItem")?.consumed_capacity)
}

async fn delete(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    table.put(sized(3_000)).await?;
    same("units", delete_units(&table).await?, 3.0)
}

async fn delete_absent(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    same("units", delete_units(&table).await?, 1.0)
}

async fn query_units(table: &Table, filter: Option<&str>) -> Result<f64, Mismatch> {
    let query = table
        .cx
        .dynamodb()
        .query()
        .table_name(&table.name)
        .key_condition_expression("customer = :c");
    let query =
        query.set_expression_attribute_values(values(&json!({":c": "c"}))).consistent_read(true);
    let query = query.set_filter_expression(filter.map(str::to_owned));
    units(
        query
            .return_consumed_capacity(Return::Total)
            .send()
            .await
            .answer("Query")?
            .consumed_capacity,
    )
}

/// Four items of about 1,000 bytes.
async fn four(cx: &Context) -> Result<Table, Mismatch> {
    let table = Table::sorted(cx).await?;
    for number in 0..4 {
        table.put(json!({"customer": "c", "number": number, "v": "x".repeat(970)})).await?;
    }
    Ok(table)
}

async fn query_sums(cx: Context) -> Checked {
    // Less than 4,096 bytes together: one unit, where four reads would take four.
    same("units", query_units(&four(&cx).await?, None).await?, 1.0)
}

async fn query_filter(cx: Context) -> Checked {
    same("units", query_units(&four(&cx).await?, Some("attribute_exists(absent)")).await?, 1.0)
}

async fn query_none(cx: Context) -> Checked {
    let table = Table::sorted(&cx).await?;
    same("units", query_units(&table, None).await?, 1.0)
}

async fn transact_write(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let put = Put::builder().table_name(&table.name).set_item(Some(to_item(&sized(1_024))));
    let write = cx.dynamodb().transact_write_items().return_consumed_capacity(Return::Total);
    let write = write.transact_items(TransactWriteItem::builder().put(built(put.build())?).build());
    let capacity = write.send().await.answer("TransactWriteItems")?.consumed_capacity;
    same("units", units(capacity.unwrap_or_default().into_iter().next())?, 2.0)
}

async fn transact_get(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    table.put(sized(4_096)).await?;
    let get = Get::builder().table_name(&table.name).set_key(Some(to_item(&json!({"id": "a"}))));
    let read = cx.dynamodb().transact_get_items().return_consumed_capacity(Return::Total);
    let read = read.transact_items(TransactGetItem::builder().get(built(get.build())?).build());
    let capacity = read.send().await.answer("TransactGetItems")?.consumed_capacity;
    same("units", units(capacity.unwrap_or_default().into_iter().next())?, 2.0)
}

async fn batch_write(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let requests = vec![
        super::batch_write::put(&json!({"id": "a"}))?,
        super::batch_write::put(&json!({"id": "b", "v": "x".repeat(1_500)}))?,
    ];
    let write = cx.dynamodb().batch_write_item().request_items(&table.name, requests);
    let write =
        write.return_consumed_capacity(Return::Total).send().await.answer("BatchWriteItem")?;
    same("units", units(write.consumed_capacity.unwrap_or_default().into_iter().next())?, 3.0)
}

async fn indexes(cx: Context) -> Checked {
    let table = Table::indexed(&cx, all_attributes()).await?;
    let item = to_item(&json!({"id": "a", "state": "open", "at": 1}));
    let put = cx.dynamodb().put_item().table_name(&table.name).set_item(Some(item));
    let put = put.return_consumed_capacity(Return::Indexes).send().await.answer("PutItem")?;
    let capacity = present("ConsumedCapacity", put.consumed_capacity)?;
    same("total", capacity.capacity_units, Some(2.0))?;
    same("of the table", capacity.table.and_then(|table| table.capacity_units), Some(1.0))?;
    let of_index = capacity.global_secondary_indexes.and_then(|mut all| all.remove("by-state"));
    same("of the index", of_index.and_then(|index| index.capacity_units), Some(1.0))
}

async fn table_name(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let get = cx
        .dynamodb()
        .get_item()
        .table_name(&table.name)
        .set_key(Some(to_item(&json!({"id": "a"}))));
    let got = get.return_consumed_capacity(Return::Total).send().await.answer("GetItem")?;
    same(
        "TableName",
        got.consumed_capacity.and_then(|capacity| capacity.table_name),
        Some(table.name),
    )
}
