//! Global secondary indexes.

use aws_sdk_dynamodb::types::{Projection, ProjectionType};
use serde_json::{Value, json};

use super::support::{Item, Table, all_attributes, to_item, values};
use crate::{
    Case, Checked, Mismatch,
    case::case,
    check::{Answered as _, eventually, same},
    context::Context,
};

const GSI: &str = "DynamoDB guide, global secondary indexes";
const QUERY: &str = "DynamoDB API reference, Query, IndexName";

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "dynamodb/index/query",
            "An index is queried by its own keys, in order of its sort key.",
            GSI,
            query_order,
        ),
        case("dynamodb/index/sparse", "Items without the index's keys are not in it.", GSI, sparse),
        case(
            "dynamodb/index/follows-updates",
            "An item moves in the index when its keys change.",
            GSI,
            follows_updates,
        ),
        case(
            "dynamodb/index/follows-deletes",
            "An item that is deleted leaves the index.",
            GSI,
            follows_deletes,
        ),
        case(
            "dynamodb/index/same-keys",
            "Several items may have the same keys in an index.",
            GSI,
            same_keys,
        ),
        case(
            "dynamodb/index/keys-only",
            "KEYS_ONLY brings the keys of index and table.",
            GSI,
            keys_only,
        ),
        case("dynamodb/index/include", "INCLUDE brings those, and what it names.", GSI, include),
        case("dynamodb/index/scan", "An index can be scanned.", GSI, scan),
        case(
            "dynamodb/index/consistent-read",
            "An index has no consistent reads.",
            QUERY,
            consistent_read,
        ),
        case("dynamodb/index/missing", "An index that is not there is refused.", QUERY, missing),
        case(
            "dynamodb/index/key-of-other-type",
            "An item whose attribute is of another type than the index's key is refused.",
            GSI,
            other_type,
        ),
        case(
            "dynamodb/index/pages",
            "Pages of an index go on from keys of index and table.",
            QUERY,
            pages,
        ),
    ]
}

fn of_state(
    table: &Table,
    state: &str,
) -> aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder {
    let query = table.cx.dynamodb().query().table_name(&table.name).index_name("by-state");
    let query = query.key_condition_expression("#s = :s").expression_attribute_names("#s", "state");
    query.set_expression_attribute_values(values(&json!({":s": state})))
}

async fn found(table: &Table, state: &str) -> Result<Vec<Item>, Mismatch> {
    Ok(of_state(table, state).send().await.answer("Query of an index")?.items.unwrap_or_default())
}

/// The index comes to hold these items of a state: it is eventually consistent.
async fn comes_to(table: &Table, state: &str, expected: &[Value]) -> Checked {
    let expected: Vec<Item> = expected.iter().map(to_item).collect();
    eventually(|| async {
        same("items of the index", found(table, state).await?, expected.clone())
    })
    .await
}

fn order(id: &str, state: &str, at: u32) -> Value {
    json!({"id": id, "state": state, "at": at, "total": at * 10})
}

async fn query_order(cx: Context) -> Checked {
    let table = Table::indexed(&cx, all_attributes()).await?;
    for (id, at) in [("a", 30), ("b", 4), ("c", 100)] {
        table.put(order(id, "open", at)).await?;
    }
    table.put(order("d", "closed", 1)).await?;
    comes_to(
        &table,
        "open",
        &[order("b", "open", 4), order("a", "open", 30), order("c", "open", 100)],
    )
    .await
}

async fn sparse(cx: Context) -> Checked {
    let table = Table::indexed(&cx, all_attributes()).await?;
    table.put(json!({"id": "a", "state": "open"})).await?;
    table.put(order("b", "open", 1)).await?;
    comes_to(&table, "open", &[order("b", "open", 1)]).await
}

async fn follows_updates(cx: Context) -> Checked {
    let table = Table::indexed(&cx, all_attributes()).await?;
    table.put(order("a", "open", 1)).await?;
    let update = cx
        .dynamodb()
        .update_item()
        .table_name(&table.name)
        .set_key(Some(to_item(&json!({"id": "a"}))));
    let update = update.update_expression("SET #s = :s").expression_attribute_names("#s", "state");
    update
        .set_expression_attribute_values(values(&json!({":s": "closed"})))
        .send()
        .await
        .answer("UpdateItem")?;
    comes_to(&table, "open", &[]).await?;
    comes_to(&table, "closed", &[order("a", "closed", 1)]).await
}

async fn follows_deletes(cx: Context) -> Checked {
    let table = Table::indexed(&cx, all_attributes()).await?;
    table.put(order("a", "open", 1)).await?;
    let delete = cx.dynamodb().delete_item().table_name(&table.name);
    delete.set_key(Some(to_item(&json!({"id": "a"})))).send().await.answer("DeleteItem")?;
    comes_to(&table, "open", &[]).await
}

async fn same_keys(cx: Context) -> Checked {
    let table = Table::indexed(&cx, all_attributes()).await?;
    table.put(order("a", "open", 1)).await?;
    table.put(order("b", "open", 1)).await?;
    eventually(|| async { same("items", found(&table, "open").await?.len(), 2) }).await
}

async fn keys_only(cx: Context) -> Checked {
    let projection = Projection::builder().projection_type(ProjectionType::KeysOnly).build();
    let table = Table::indexed(&cx, projection).await?;
    table.put(order("a", "open", 1)).await?;
    comes_to(&table, "open", &[json!({"id": "a", "state": "open", "at": 1})]).await
}

async fn include(cx: Context) -> Checked {
    let projection = Projection::builder().projection_type(ProjectionType::Include);
    let table = Table::indexed(&cx, projection.non_key_attributes("total").build()).await?;
    let mut item = order("a", "open", 1);
    item["other"] = json!("x");
    table.put(item).await?;
    comes_to(&table, "open", &[order("a", "open", 1)]).await
}

async fn scan(cx: Context) -> Checked {
    let table = Table::indexed(&cx, all_attributes()).await?;
    table.put(order("a", "open", 1)).await?;
    table.put(json!({"id": "b"})).await?;
    eventually(|| async {
        let scan = cx.dynamodb().scan().table_name(&table.name).index_name("by-state");
        same(
            "items",
            scan.send().await.answer("Scan")?.items,
            Some(vec![to_item(&order("a", "open", 1))]),
        )
    })
    .await
}

async fn consistent_read(cx: Context) -> Checked {
    let table = Table::indexed(&cx, all_attributes()).await?;
    let query = of_state(&table, "open").consistent_read(true);
    query
        .send()
        .await
        .refused(400, "ValidationException")?
        .mentioning("Consistent reads are not supported on global secondary indexes")
}

async fn missing(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let query = of_state(&table, "open").index_name("none");
    query
        .send()
        .await
        .refused(400, "ValidationException")?
        .mentioning("The table does not have the specified index: none")
}

async fn other_type(cx: Context) -> Checked {
    let table = Table::indexed(&cx, all_attributes()).await?;
    let item = to_item(&json!({"id": "a", "state": 5, "at": 1}));
    let put = cx.dynamodb().put_item().table_name(&table.name).set_item(Some(item));
    put.send()
        .await
        .refused(400, "ValidationException")?
        .mentioning("Type mismatch for Index Key state Expected: S Actual: N IndexName: by-state")
}

async fn pages(cx: Context) -> Checked {
    let table = Table::indexed(&cx, all_attributes()).await?;
    for (id, at) in [("a", 1), ("b", 1), ("c", 2)] {
        table.put(order(id, "open", at)).await?;
    }
    eventually(|| async { same("items", found(&table, "open").await?.len(), 3) }).await?;
    let first = of_state(&table, "open").limit(2).send().await.answer("Query")?;
    let start = first.last_evaluated_key;
    let names = start.as_ref().map(|key| {
        let mut names: Vec<&str> = key.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    });
    same("attributes of LastEvaluatedKey", names, Some(vec!["at", "id", "state"]))?;
    let second =
        of_state(&table, "open").set_exclusive_start_key(start).send().await.answer("Query")?;
    same("items of the second page", second.items, Some(vec![to_item(&order("c", "open", 2))]))
}
