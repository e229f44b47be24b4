//! `Query`.

use aws_sdk_dynamodb::{
    operation::query::{QueryOutput, builders::QueryFluentBuilder},
    types::{AttributeValue, Select},
};
use serde_json::{Value, json};

use super::support::{Item, Table, to_item, values};
use crate::{
    Case, Checked, Mismatch,
    case::case,
    check::{Answered as _, Refusal, holds, present, same},
    context::Context,
};

const QUERY: &str = "DynamoDB API reference, Query";
const KEYS: &str = "DynamoDB guide, key condition expressions for Query";

/// id, rule, condition on the sort key, values, numbers that come.
fn numbers() -> Vec<(&'static str, &'static str, &'static str, Value, Vec<i64>)> {
    vec![
        (
            "all",
            "Without a condition on the sort key the whole partition comes, in order.",
            "",
            json!({}),
            vec![-3, 1, 2, 10, 100],
        ),
        (
            "equal",
            "The sort key may be compared for equality.",
            "#n = :v",
            json!({":v": 2}),
            vec![2],
        ),
        ("less", "The sort key may be below a value.", "#n < :v", json!({":v": 2}), vec![-3, 1]),
        (
            "less-or-equal",
            "The sort key may be up to a value.",
            "#n <= :v",
            json!({":v": 2}),
            vec![-3, 1, 2],
        ),
        (
            "greater",
            "Numbers are ordered by value, not as text.",
            "#n > :v",
            json!({":v": 2}),
            vec![10, 100],
        ),
        (
            "greater-or-equal",
            "The sort key may be from a value on.",
            "#n >= :v",
            json!({":v": 10}),
            vec![10, 100],
        ),
        (
            "between",
            "BETWEEN includes both ends.",
            "#n BETWEEN :a AND :b",
            json!({":a": 1, ":b": 10}),
            vec![1, 2, 10],
        ),
        (
            "none",
            "A condition that nothing meets brings no items.",
            "#n = :v",
            json!({":v": 7}),
            vec![],
        ),
    ]
}

/// id, rule, condition, values, message part.
fn refused_rows() -> Vec<(&'static str, &'static str, &'static str, Value, &'static str)> {
    vec![
        (
            "no-partition-key",
            "The partition key must be given.",
            "#n = :v",
            json!({":v": 1}),
            "Query condition missed key schema element: customer",
        ),
        (
            "partition-key-range",
            "The partition key is compared for equality only.",
            "customer > :c",
            json!({":c": "c"}),
            "Query key condition not supported",
        ),
        (
            "not-equal",
            "<> is no key condition.",
            "customer = :c AND #n <> :v",
            json!({":c": "c", ":v": 1}),
            "Invalid operator used in KeyConditionExpression: <>",
        ),
        (
            "other-attribute",
            "Only key attributes have key conditions.",
            "customer = :c AND cents = :v",
            json!({":c": "c", ":v": 1}),
            "Query condition missed key schema element: number",
        ),
        (
            "or",
            "OR is no key condition.",
            "customer = :c OR #n = :v",
            json!({":c": "c", ":v": 1}),
            "Invalid operator used in KeyConditionExpression: OR",
        ),
        (
            "twice",
            "A key has one condition.",
            "customer = :c AND #n > :v AND #n < :w",
            json!({":c": "c", ":v": 1, ":w": 2}),
            "KeyConditionExpressions must only contain one condition per key",
        ),
        (
            "other-type",
            "A value of another type is refused.",
            "customer = :c",
            json!({":c": 1}),
            "One or more parameter values were invalid: Condition parameter type does not match schema type",
        ),
        (
            "begins-with-number",
            "begins_with is not for numbers.",
            "customer = :c AND begins_with(#n, :v)",
            json!({":c": "c", ":v": 1}),
            "begins_with",
        ),
    ]
}

pub(super) fn cases() -> Vec<Case> {
    let rows = numbers().into_iter().map(|(id, rule, condition, given, expected)| {
        case(format!("dynamodb/query/{id}"), rule, KEYS, move |cx| {
            row(cx, condition, given.clone(), expected.clone())
        })
    });
    let refused = refused_rows().into_iter().map(|(id, rule, condition, given, part)| {
        case(format!("dynamodb/query-refused/{id}"), rule, KEYS, move |cx| {
            refused_key(cx, condition, given.clone(), part)
        })
    });
    let mut cases: Vec<Case> = rows.chain(refused).collect();
    cases.extend([
        case(
            "dynamodb/query/descending",
            "ScanIndexForward false turns the order around.",
            QUERY,
            descending,
        ),
        case(
            "dynamodb/query/begins-with",
            "begins_with selects sort keys by their first characters.",
            KEYS,
            begins_with,
        ),
        case(
            "dynamodb/query/text-order",
            "Strings are ordered by their UTF-8 bytes.",
            QUERY,
            text_order,
        ),
        case(
            "dynamodb/query/limit",
            "Limit bounds the items, and LastEvaluatedKey is the key of the last.",
            QUERY,
            limit,
        ),
        case("dynamodb/query/pages", "Pages come to every item once, in order.", QUERY, pages),
        case(
            "dynamodb/query/pages-descending",
            "Pages go on in descending order.",
            QUERY,
            pages_descending,
        ),
        case(
            "dynamodb/query/last-page",
            "The last page has no LastEvaluatedKey.",
            QUERY,
            last_page,
        ),
        case(
            "dynamodb/query/filter",
            "A filter is applied after the read: ScannedCount counts what was read.",
            QUERY,
            filter,
        ),
        case(
            "dynamodb/query/filter-after-limit",
            "Limit counts what is read, not what the filter lets through.",
            QUERY,
            filter_after_limit,
        ),
        case(
            "dynamodb/query/filter-on-key",
            "A filter must not name key attributes.",
            QUERY,
            filter_on_key,
        ),
        case("dynamodb/query/count", "Select COUNT brings a count and no items.", QUERY, count),
        case(
            "dynamodb/query/projection",
            "A projection brings only what it names.",
            QUERY,
            projection,
        ),
        case(
            "dynamodb/query/other-partitions",
            "Items of other partitions do not come.",
            QUERY,
            other_partitions,
        ),
        case("dynamodb/query/page-of-1-mb", "A page has up to 1 MB.", QUERY, page_of_one_mb),
        case(
            "dynamodb/query/bad-start-key",
            "An ExclusiveStartKey that is no key is refused.",
            QUERY,
            bad_start_key,
        ),
        case("dynamodb/query/limit-of-0", "Limit is at least 1.", QUERY, limit_of_zero),
        case(
            "dynamodb/query/missing-table",
            "A table that is not there is ResourceNotFoundException.",
            QUERY,
            missing_table,
        ),
        case("dynamodb/query/no-condition", "A key condition is required.", QUERY, no_condition),
    ]);
    cases
}

const NUMBERS: [i64; 5] = [100, 2, -3, 10, 1];

async fn filled(cx: &Context) -> Result<Table, Mismatch> {
    let table = Table::sorted(cx).await?;
    for number in NUMBERS {
        table.put(json!({"customer": "c", "number": number, "even": number % 2 == 0, "cents": number * 10})).await?;
    }
    table.put(json!({"customer": "d", "number": 1})).await?;
    Ok(table)
}

fn query(table: &Table, more: &str, given: &Value) -> QueryFluentBuilder {
    let mut given = given.clone();
    given[":c"] = json!("c");
    let condition = if more.is_empty() {
        "customer = :c".to_owned()
    } else {
        format!("customer = :c AND {more}")
    };
    let query =
        table.cx.dynamodb().query().table_name(&table.name).key_condition_expression(&condition);
    let query =
        if more.contains("#n") { query.expression_attribute_names("#n", "number") } else { query };
    query.set_expression_attribute_values(values(&given)).consistent_read(true)
}

async fn run(query: QueryFluentBuilder) -> Result<QueryOutput, Mismatch> {
    query.send().await.answer("Query")
}

fn numbers_of(items: Option<&[Item]>) -> Vec<i64> {
    let number = |item: &Item| match item.get("number") {
        Some(AttributeValue::N(text)) => text.parse().ok(),
        _ => None,
    };
    items.into_iter().flatten().filter_map(number).collect()
}

async fn row(cx: Context, condition: &'static str, given: Value, expected: Vec<i64>) -> Checked {
    let table = filled(&cx).await?;
    let found = run(query(&table, condition, &given)).await?;
    same("numbers", numbers_of(found.items.as_deref()), expected.clone())?;
    same("Count", usize::try_from(found.count).ok(), Some(expected.len()))
}

async fn refused_key(
    cx: Context,
    condition: &'static str,
    given: Value,
    part: &'static str,
) -> Checked {
    let table = Table::sorted(&cx).await?;
    let query = cx.dynamodb().query().table_name(&table.name).key_condition_expression(condition);
    let query = if condition.contains("#n") {
        query.expression_attribute_names("#n", "number")
    } else {
        query
    };
    let query = query.set_expression_attribute_values(values(&given));
    query.send().await.refused(400, "ValidationException")?.mentioning(part)
}

async fn descending(cx: Context) -> Checked {
    let table = filled(&cx).await?;
    let found = run(query(&table, "", &json!({})).scan_index_forward(false)).await?;
    same("numbers", numbers_of(found.items.as_deref()), [100, 10, 2, 1, -3])
}

async fn named(cx: &Context, names: &[&str]) -> Result<Table, Mismatch> {
    let table = Table::sorted_by_text(cx).await?;
    for name in names {
        table.put(json!({"customer": "c", "name": name})).await?;
    }
    Ok(table)
}

fn names_of(items: Option<&[Item]>) -> Vec<String> {
    let name = |item: &Item| match item.get("name") {
        Some(AttributeValue::S(text)) => Some(text.clone()),
        _ => None,
    };
    items.into_iter().flatten().filter_map(name).collect()
}

async fn begins_with(cx: Context) -> Checked {
    let table = named(&cx, &["order#1", "order#2", "return#1"]).await?;
    let query = query(&table, "begins_with(#name, :p)", &json!({":p": "order#"}));
    // `name` is reserved, and `#n` is the number elsewhere.
    let query =
        query.set_expression_attribute_names(super::support::names(&json!({"#name": "name"})));
    let found = run(query).await?;
    same("names", names_of(found.items.as_deref()), ["order#1", "order#2"])
}

async fn text_order(cx: Context) -> Checked {
    let table = named(&cx, &["b", "a", "B", "10", "9", "ä", "z"]).await?;
    let found = run(query(&table, "", &json!({}))).await?;
    same("names", names_of(found.items.as_deref()), ["10", "9", "B", "a", "b", "z", "ä"])
}

async fn limit(cx: Context) -> Checked {
    let table = filled(&cx).await?;
    let found = run(query(&table, "", &json!({})).limit(2)).await?;
    same("numbers", numbers_of(found.items.as_deref()), [-3, 1])?;
    let last = to_item(&json!({"customer": "c", "number": 1}));
    same("LastEvaluatedKey", found.last_evaluated_key, Some(last))
}

async fn all_pages(table: &Table, forward: bool) -> Result<Vec<i64>, Mismatch> {
    let (mut seen, mut start) = (Vec::new(), None);
    for _ in 0..10 {
        let query = query(table, "", &json!({})).limit(2).scan_index_forward(forward);
        let page = run(query.set_exclusive_start_key(start)).await?;
        seen.extend(numbers_of(page.items.as_deref()));
        start = page.last_evaluated_key;
        if start.is_none() {
            break;
        }
    }
    Ok(seen)
}

async fn pages(cx: Context) -> Checked {
    same("numbers", all_pages(&filled(&cx).await?, true).await?, [-3, 1, 2, 10, 100])
}

async fn pages_descending(cx: Context) -> Checked {
    same("numbers", all_pages(&filled(&cx).await?, false).await?, [100, 10, 2, 1, -3])
}

async fn last_page(cx: Context) -> Checked {
    let table = filled(&cx).await?;
    same(
        "LastEvaluatedKey",
        run(query(&table, "", &json!({})).limit(50)).await?.last_evaluated_key,
        None,
    )
}

async fn filter(cx: Context) -> Checked {
    let table = filled(&cx).await?;
    let query = query(&table, "", &json!({":yes": true})).filter_expression("even = :yes");
    let found = run(query).await?;
    same("numbers", numbers_of(found.items.as_deref()), [2, 10, 100])?;
    same("Count and ScannedCount", (found.count, found.scanned_count), (3, 5))
}

async fn filter_after_limit(cx: Context) -> Checked {
    let table = filled(&cx).await?;
    let query = query(&table, "", &json!({":yes": true})).filter_expression("even = :yes").limit(2);
    let found = run(query).await?;
    same("Count and ScannedCount", (found.count, found.scanned_count), (0, 2))?;
    holds("a LastEvaluatedKey", found.last_evaluated_key.is_some(), &found.last_evaluated_key)
}

async fn filter_on_key(cx: Context) -> Checked {
    let table = Table::sorted(&cx).await?;
    let query = query(&table, "", &json!({":v": 1}))
        .filter_expression("#n = :v")
        .expression_attribute_names("#n", "number");
    refused(query).await?.mentioning("Filter Expression can only contain non-primary key attributes: Primary key attribute: number")
}

async fn refused(query: QueryFluentBuilder) -> Result<Refusal, Mismatch> {
    query.send().await.refused(400, "ValidationException")
}

async fn count(cx: Context) -> Checked {
    let table = filled(&cx).await?;
    let found = run(query(&table, "", &json!({})).select(Select::Count)).await?;
    same("Count", found.count, 5)?;
    holds("no items", found.items.as_ref().is_none_or(Vec::is_empty), &found.items)
}

async fn projection(cx: Context) -> Checked {
    let table = filled(&cx).await?;
    let found =
        run(query(&table, "#n = :v", &json!({":v": 10})).projection_expression("cents")).await?;
    same("items", found.items, Some(vec![to_item(&json!({"cents": 100}))]))
}

async fn other_partitions(cx: Context) -> Checked {
    let table = filled(&cx).await?;
    let query =
        cx.dynamodb().query().table_name(&table.name).key_condition_expression("customer = :c");
    let found = run(query.set_expression_attribute_values(values(&json!({":c": "d"})))).await?;
    same("items", found.items, Some(vec![to_item(&json!({"customer": "d", "number": 1}))]))
}

async fn page_of_one_mb(cx: Context) -> Checked {
    let table = Table::sorted(&cx).await?;
    let text = "x".repeat(300_000);
    for number in 0..5 {
        table.put(json!({"customer": "c", "number": number, "v": text})).await?;
    }
    let found = run(query(&table, "", &json!({}))).await?;
    holds("3 or 4 items of 300 KB", (3..=4).contains(&found.count), found.count)?;
    present("LastEvaluatedKey", found.last_evaluated_key).map(drop)
}

async fn bad_start_key(cx: Context) -> Checked {
    let table = filled(&cx).await?;
    let query = query(&table, "", &json!({}));
    let query = query.set_exclusive_start_key(Some(to_item(&json!({"customer": "c"}))));
    refused(query).await.map(drop)
}

async fn limit_of_zero(cx: Context) -> Checked {
    let table = Table::sorted(&cx).await?;
    refused(query(&table, "", &json!({})).limit(0)).await.map(drop)
}

async fn missing_table(cx: Context) -> Checked {
    let query =
        cx.dynamodb().query().table_name(cx.name("none")).key_condition_expression("id = :v");
    let query = query.set_expression_attribute_values(values(&json!({":v": "a"})));
    query.send().await.refused(400, "ResourceNotFoundException").map(drop)
}

async fn no_condition(cx: Context) -> Checked {
    let table = Table::sorted(&cx).await?;
    refused(cx.dynamodb().query().table_name(&table.name)).await.map(drop)
}
