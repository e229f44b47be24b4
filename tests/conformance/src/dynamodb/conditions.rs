//! Condition expressions: what each operator and function says of an item.

use serde_json::{Value, json};

use super::support::{Table, names, to_item, values};
use crate::{Case, Checked, case::case, check::Answered as _, context::Context};

const OPERATORS: &str = "DynamoDB guide, condition and filter expressions, operators and functions";
const CONDITIONS: &str = "DynamoDB guide, condition expressions";

/// The item every row looks at.
fn item() -> Value {
    json!({
        "id": "a", "n": 5, "s": "hello", "yes": true, "nothing": null,
        "tags": {"SS": ["a", "b"]}, "numbers": {"NS": [1, 2]}, "entries": [1, "two", {"x": 3}],
        "map": {"x": 1, "deep": {"y": "z"}}, "bytes": {"B": "abc"}, "size": 7,
    })
}

/// id, rule, expression, values, whether it holds.
fn rows() -> Vec<(&'static str, &'static str, &'static str, Value, bool)> {
    vec![
        ("equal", "a = b is true when a equals b.", "n = :v", json!({":v": 5}), true),
        (
            "equal-other-type",
            "Values of different types are never equal.",
            "n = :v",
            json!({":v": "5"}),
            false,
        ),
        (
            "equal-number-forms",
            "Numbers are equal by value, however they are written.",
            "n = :v",
            json!({":v": {"N": "5.00"}}),
            true,
        ),
        (
            "equal-sets",
            "Sets are equal whatever their order.",
            "tags = :v",
            json!({":v": {"SS": ["b", "a"]}}),
            true,
        ),
        (
            "equal-lists",
            "Lists are equal element by element.",
            "entries = :v",
            json!({":v": [1, "two", {"x": 3}]}),
            true,
        ),
        (
            "equal-maps",
            "Maps are equal member by member.",
            "#m = :v",
            json!({":v": {"deep": {"y": "z"}, "x": 1}}),
            true,
        ),
        ("not-equal", "a <> b is true when a does not equal b.", "n <> :v", json!({":v": 6}), true),
        (
            "not-equal-absent",
            "An attribute that is not there does not equal a value.",
            "absent <> :v",
            json!({":v": 6}),
            true,
        ),
        ("less", "a < b compares numbers by value.", "n < :v", json!({":v": 10}), true),
        (
            "less-other-type",
            "A comparison of different types is false.",
            "n < :v",
            json!({":v": "9"}),
            false,
        ),
        (
            "less-absent",
            "A comparison with an attribute that is not there is false.",
            "absent < :v",
            json!({":v": 9}),
            false,
        ),
        ("less-or-equal", "a <= b is true for equal values.", "n <= :v", json!({":v": 5}), true),
        ("greater", "a > b is false for equal values.", "n > :v", json!({":v": 5}), false),
        ("greater-or-equal", "a >= b is true for equal values.", "n >= :v", json!({":v": 5}), true),
        (
            "text-order",
            "Strings are compared by their UTF-8 bytes.",
            "s > :v",
            json!({":v": "Hello"}),
            true,
        ),
        (
            "between",
            "BETWEEN includes both ends.",
            "n BETWEEN :a AND :b",
            json!({":a": 5, ":b": 5}),
            true,
        ),
        (
            "between-outside",
            "BETWEEN is false outside of its ends.",
            "n BETWEEN :a AND :b",
            json!({":a": 6, ":b": 9}),
            false,
        ),
        (
            "in",
            "IN is true when the value is in the list.",
            "s IN (:a, :b)",
            json!({":a": "x", ":b": "hello"}),
            true,
        ),
        (
            "in-none",
            "IN is false when it is not.",
            "s IN (:a, :b)",
            json!({":a": "x", ":b": "y"}),
            false,
        ),
        (
            "exists",
            "attribute_exists is true for an attribute that is there.",
            "attribute_exists(n)",
            json!({}),
            true,
        ),
        (
            "exists-null",
            "An attribute of value NULL exists.",
            "attribute_exists(nothing)",
            json!({}),
            true,
        ),
        (
            "exists-nested",
            "attribute_exists takes a document path.",
            "attribute_exists(#m.deep.y)",
            json!({}),
            true,
        ),
        (
            "exists-nested-absent",
            "A path that leads nowhere does not exist.",
            "attribute_exists(#m.deep.q)",
            json!({}),
            false,
        ),
        (
            "not-exists",
            "attribute_not_exists is true for an attribute that is not there.",
            "attribute_not_exists(absent)",
            json!({}),
            true,
        ),
        (
            "not-exists-there",
            "attribute_not_exists is false for one that is there.",
            "attribute_not_exists(n)",
            json!({}),
            false,
        ),
        (
            "type-number",
            "attribute_type knows N.",
            "attribute_type(n, :t)",
            json!({":t": "N"}),
            true,
        ),
        (
            "type-string-set",
            "attribute_type knows SS.",
            "attribute_type(tags, :t)",
            json!({":t": "SS"}),
            true,
        ),
        (
            "type-null",
            "attribute_type knows NULL.",
            "attribute_type(nothing, :t)",
            json!({":t": "NULL"}),
            true,
        ),
        (
            "type-other",
            "attribute_type is false for another type.",
            "attribute_type(n, :t)",
            json!({":t": "S"}),
            false,
        ),
        (
            "begins-with",
            "begins_with compares the first characters.",
            "begins_with(s, :p)",
            json!({":p": "hel"}),
            true,
        ),
        (
            "begins-with-case",
            "begins_with is case-sensitive.",
            "begins_with(s, :p)",
            json!({":p": "Hel"}),
            false,
        ),
        (
            "begins-with-number",
            "begins_with is false for a number.",
            "begins_with(n, :p)",
            json!({":p": "5"}),
            false,
        ),
        (
            "contains-substring",
            "contains finds a substring.",
            "contains(s, :p)",
            json!({":p": "ell"}),
            true,
        ),
        (
            "contains-of-set",
            "contains finds an element of a set.",
            "contains(tags, :p)",
            json!({":p": "b"}),
            true,
        ),
        (
            "contains-of-list",
            "contains finds an element of a list.",
            "contains(entries, :p)",
            json!({":p": "two"}),
            true,
        ),
        (
            "contains-part-of-element",
            "contains does not look into the elements of a set.",
            "contains(tags, :p)",
            json!({":p": ""}),
            false,
        ),
        (
            "contains-other-type",
            "contains is false for an operand of another type.",
            "contains(numbers, :p)",
            json!({":p": "1"}),
            false,
        ),
        (
            "size-of-string",
            "size of a string is its length.",
            "size(s) = :n",
            json!({":n": 5}),
            true,
        ),
        (
            "size-of-binary",
            "size of a binary is its bytes.",
            "size(bytes) = :n",
            json!({":n": 3}),
            true,
        ),
        (
            "size-of-set",
            "size of a set is the number of its elements.",
            "size(tags) = :n",
            json!({":n": 2}),
            true,
        ),
        (
            "size-of-list",
            "size of a list is the number of its elements.",
            "size(entries) = :n",
            json!({":n": 3}),
            true,
        ),
        (
            "size-of-map",
            "size of a map is the number of its members.",
            "size(#m) = :n",
            json!({":n": 2}),
            true,
        ),
        (
            "size-of-absent",
            "size of what is not there makes the comparison false.",
            "size(absent) >= :n",
            json!({":n": 0}),
            false,
        ),
        (
            "and",
            "AND needs both of its conditions.",
            "n = :a AND s = :b",
            json!({":a": 5, ":b": "x"}),
            false,
        ),
        (
            "or",
            "OR needs one of its conditions.",
            "n = :a OR s = :b",
            json!({":a": 5, ":b": "x"}),
            true,
        ),
        ("not", "NOT turns a condition around.", "NOT n = :a", json!({":a": 6}), true),
        (
            "and-before-or",
            "AND binds closer than OR.",
            "n = :a OR n = :b AND n = :b",
            json!({":a": 5, ":b": 6}),
            true,
        ),
        (
            "not-before-and",
            "NOT binds closer than AND.",
            "NOT n = :b AND s = :s",
            json!({":b": 6, ":s": "x"}),
            false,
        ),
        (
            "parentheses",
            "Parentheses go first.",
            "(n = :a OR n = :b) AND n = :b",
            json!({":a": 5, ":b": 6}),
            false,
        ),
        (
            "words-in-any-case",
            "Key words are written in any case.",
            "n between :a and :b",
            json!({":a": 1, ":b": 9}),
            true,
        ),
        ("nested-path", "Paths go into maps.", "#m.deep.y = :v", json!({":v": "z"}), true),
        (
            "list-element",
            "Paths go into lists, from 0.",
            "entries[1] = :v",
            json!({":v": "two"}),
            true,
        ),
        (
            "map-in-list",
            "Paths go into maps in lists.",
            "entries[2].x = :v",
            json!({":v": 3}),
            true,
        ),
        (
            "list-beyond-end",
            "An element beyond the end is not there.",
            "attribute_exists(entries[9])",
            json!({}),
            false,
        ),
        (
            "attribute-with-attribute",
            "Two attributes of the item can be compared.",
            "n < #size",
            json!({}),
            true,
        ),
        (
            "name-for-reserved-word",
            "A name in place of a reserved word means the attribute of that name.",
            "#size = :v",
            json!({":v": 7}),
            true,
        ),
    ]
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = rows()
        .into_iter()
        .map(|(id, rule, expression, given, expected)| {
            case(format!("dynamodb/condition/{id}"), rule, OPERATORS, move |cx| {
                row(cx, expression, given.clone(), expected)
            })
        })
        .collect();
    cases.extend([
        case(
            "dynamodb/condition/failure-writes-nothing",
            "A write whose condition fails writes nothing.",
            CONDITIONS,
            failure_writes_nothing,
        ),
        case(
            "dynamodb/condition/failure-error",
            "It is ConditionalCheckFailedException with HTTP 400.",
            CONDITIONS,
            failure_error,
        ),
        case(
            "dynamodb/condition/create-only",
            "attribute_not_exists of the key keeps an item from being overwritten.",
            CONDITIONS,
            create_only,
        ),
        case("dynamodb/condition/on-delete", "DeleteItem has conditions.", CONDITIONS, on_delete),
        case(
            "dynamodb/condition/on-absent-item",
            "A condition on an item that is not there looks at one without attributes.",
            CONDITIONS,
            on_absent_item,
        ),
    ]);
    cases
}

async fn row(cx: Context, expression: &'static str, given: Value, expected: bool) -> Checked {
    let table = Table::new(&cx).await?;
    table.put(item()).await?;
    let used = [("#m", "map"), ("#size", "size")]
        .into_iter()
        .filter(|(name, _)| expression.contains(name));
    let used: Value = used
        .map(|(name, attribute)| (name.to_owned(), json!(attribute)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let delete = cx.dynamodb().delete_item().table_name(&table.name);
    let delete = delete
        .set_key(Some(to_item(&json!({"id": "a"}))))
        .condition_expression(expression)
        .set_expression_attribute_names(names(&used))
        .set_expression_attribute_values(values(&given));
    let deleted = delete.send().await;
    match expected {
        true => deleted.answer(&format!("a write on condition that {expression}")).map(drop),
        false => deleted.refused(400, "ConditionalCheckFailedException").map(drop),
    }
}

async fn failure_writes_nothing(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    table.put(json!({"id": "a", "n": 1})).await?;
    let update = cx.dynamodb().update_item().table_name(&table.name);
    let update = update
        .set_key(Some(to_item(&json!({"id": "a"}))))
        .update_expression("SET n = :two, m = :two")
        .condition_expression("n = :two")
        .set_expression_attribute_values(values(&json!({":two": 2})));
    update.send().await.refused(400, "ConditionalCheckFailedException")?;
    table.has(json!({"id": "a"}), json!({"id": "a", "n": 1})).await
}

async fn failure_error(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let put = cx.dynamodb().put_item().table_name(&table.name);
    let put = put
        .set_item(Some(to_item(&json!({"id": "a"}))))
        .condition_expression("attribute_exists(id)");
    put.send()
        .await
        .refused(400, "ConditionalCheckFailedException")?
        .saying("The conditional request failed")
}

async fn create_only(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let put = |n: u32| {
        let put = cx.dynamodb().put_item().table_name(&table.name);
        put.set_item(Some(to_item(&json!({"id": "a", "n": n}))))
            .condition_expression("attribute_not_exists(id)")
            .send()
    };
    put(1).await.answer("the first PutItem")?;
    put(2).await.refused(400, "ConditionalCheckFailedException")?;
    table.has(json!({"id": "a"}), json!({"id": "a", "n": 1})).await
}

async fn on_delete(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    table.put(json!({"id": "a", "n": 1})).await?;
    let delete = cx
        .dynamodb()
        .delete_item()
        .table_name(&table.name)
        .set_key(Some(to_item(&json!({"id": "a"}))));
    let delete = delete
        .condition_expression("n = :v")
        .set_expression_attribute_values(values(&json!({":v": 2})));
    delete.send().await.refused(400, "ConditionalCheckFailedException")?;
    table.has(json!({"id": "a"}), json!({"id": "a", "n": 1})).await
}

async fn on_absent_item(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let put = cx
        .dynamodb()
        .put_item()
        .table_name(&table.name)
        .set_item(Some(to_item(&json!({"id": "a"}))));
    let put = put
        .condition_expression("n = :v")
        .set_expression_attribute_values(values(&json!({":v": 2})));
    put.send().await.refused(400, "ConditionalCheckFailedException").map(drop)
}
