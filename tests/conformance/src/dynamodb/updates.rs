//! Update expressions: what each clause and function makes of an item.

use serde_json::{Value, json};

use super::support::{Table, names, to_item, values};
use crate::{Case, Checked, case::case, check::Answered as _, context::Context};

const UPDATES: &str = "DynamoDB guide, update expressions";

/// The item every row begins with, beside its key.
fn item() -> Value {
    json!({
        "n": 5, "s": "x", "list": [1, 2, 3], "map": {"x": 1, "y": 2}, "tags": {"SS": ["a", "b"]},
        "numbers": {"NS": [1, 2]},
    })
}

/// id, rule, expression, values, the attributes that are then others (null: gone).
fn rows() -> Vec<(&'static str, &'static str, &'static str, Value, Value)> {
    vec![
        ("set", "SET replaces a value.", "SET n = :v", json!({":v": 9}), json!({"n": 9})),
        (
            "set-new",
            "SET adds an attribute that is not there.",
            "SET fresh = :v",
            json!({":v": "f"}),
            json!({"fresh": "f"}),
        ),
        (
            "set-several",
            "SET takes several actions.",
            "SET n = :a, s = :b",
            json!({":a": 1, ":b": "y"}),
            json!({"n": 1, "s": "y"}),
        ),
        (
            "set-from-attribute",
            "SET takes the value of another attribute.",
            "SET s = n",
            json!({}),
            json!({"s": 5}),
        ),
        (
            "set-sees-item-before",
            "Every action sees the item as it was before.",
            "SET n = :v, s = n",
            json!({":v": 9}),
            json!({"n": 9, "s": 5}),
        ),
        ("set-plus", "SET adds numbers.", "SET n = n + :v", json!({":v": 3}), json!({"n": 8})),
        (
            "set-minus",
            "SET subtracts numbers.",
            "SET n = n - :v",
            json!({":v": 7}),
            json!({"n": -2}),
        ),
        (
            "set-decimal",
            "Numbers are decimal: 5 + 0.1 is 5.1.",
            "SET n = n + :v",
            json!({":v": {"N": "0.1"}}),
            json!({"n": {"N": "5.1"}}),
        ),
        (
            "set-if-not-exists",
            "if_not_exists gives the attribute where it is there.",
            "SET n = if_not_exists(n, :v)",
            json!({":v": 9}),
            json!({}),
        ),
        (
            "set-if-not-exists-absent",
            "if_not_exists gives the value where it is not.",
            "SET fresh = if_not_exists(fresh, :v)",
            json!({":v": 9}),
            json!({"fresh": 9}),
        ),
        (
            "set-counter",
            "if_not_exists starts a counter.",
            "SET hits = if_not_exists(hits, :zero) + :one",
            json!({":zero": 0, ":one": 1}),
            json!({"hits": 1}),
        ),
        (
            "set-list-append",
            "list_append puts a list behind another.",
            "SET #list = list_append(#list, :v)",
            json!({":v": [4]}),
            json!({"list": [1, 2, 3, 4]}),
        ),
        (
            "set-list-prepend",
            "list_append with the attribute second puts it before.",
            "SET #list = list_append(:v, #list)",
            json!({":v": [0]}),
            json!({"list": [0, 1, 2, 3]}),
        ),
        (
            "set-list-element",
            "SET replaces an element of a list.",
            "SET #list[1] = :v",
            json!({":v": "two"}),
            json!({"list": [1, "two", 3]}),
        ),
        (
            "set-list-beyond-end",
            "An element beyond the end is appended.",
            "SET #list[10] = :v",
            json!({":v": 4}),
            json!({"list": [1, 2, 3, 4]}),
        ),
        (
            "set-map-member",
            "SET replaces a member of a map.",
            "SET #map.x = :v",
            json!({":v": 9}),
            json!({"map": {"x": 9, "y": 2}}),
        ),
        (
            "set-map-new-member",
            "SET adds a member to a map.",
            "SET #map.z = :v",
            json!({":v": 9}),
            json!({"map": {"x": 1, "y": 2, "z": 9}}),
        ),
        ("remove", "REMOVE takes an attribute away.", "REMOVE n", json!({}), json!({"n": null})),
        (
            "remove-absent",
            "REMOVE of what is not there does nothing.",
            "REMOVE absent",
            json!({}),
            json!({}),
        ),
        (
            "remove-list-element",
            "REMOVE takes an element away and the rest moves up.",
            "REMOVE #list[0]",
            json!({}),
            json!({"list": [2, 3]}),
        ),
        (
            "remove-list-elements",
            "Several elements are removed by the places they had before.",
            "REMOVE #list[0], #list[1]",
            json!({}),
            json!({"list": [3]}),
        ),
        (
            "remove-map-member",
            "REMOVE takes a member of a map away.",
            "REMOVE #map.x",
            json!({}),
            json!({"map": {"y": 2}}),
        ),
        ("add-number", "ADD adds to a number.", "ADD n :v", json!({":v": 2}), json!({"n": 7})),
        (
            "add-negative",
            "ADD of a negative number subtracts.",
            "ADD n :v",
            json!({":v": -7}),
            json!({"n": -2}),
        ),
        (
            "add-number-absent",
            "ADD to a number that is not there begins with 0.",
            "ADD fresh :v",
            json!({":v": 2}),
            json!({"fresh": 2}),
        ),
        (
            "add-set",
            "ADD adds elements to a set.",
            "ADD tags :v",
            json!({":v": {"SS": ["b", "c"]}}),
            json!({"tags": {"SS": ["a", "b", "c"]}}),
        ),
        (
            "add-set-absent",
            "ADD makes a set that is not there.",
            "ADD fresh :v",
            json!({":v": {"SS": ["q"]}}),
            json!({"fresh": {"SS": ["q"]}}),
        ),
        (
            "delete-of-set",
            "DELETE takes elements from a set.",
            "DELETE tags :v",
            json!({":v": {"SS": ["a", "z"]}}),
            json!({"tags": {"SS": ["b"]}}),
        ),
        (
            "delete-all-of-set",
            "A set without elements is no attribute any more.",
            "DELETE tags :v",
            json!({":v": {"SS": ["a", "b"]}}),
            json!({"tags": null}),
        ),
        (
            "delete-number-of-set",
            "DELETE finds numbers by value.",
            "DELETE numbers :v",
            json!({":v": {"NS": ["2.0"]}}),
            json!({"numbers": {"NS": [1]}}),
        ),
        (
            "all-clauses",
            "All four clauses fit into one expression.",
            "SET s = :s REMOVE #map ADD n :n DELETE tags :t",
            json!({":s": "y", ":n": 1, ":t": {"SS": ["a"]}}),
            json!({"s": "y", "map": null, "n": 6, "tags": {"SS": ["b"]}}),
        ),
        (
            "clauses-in-any-case",
            "Key words are written in any case.",
            "set n = :v remove s",
            json!({":v": 9}),
            json!({"n": 9, "s": null}),
        ),
        (
            "type-changes",
            "SET may change the type of an attribute.",
            "SET n = :v",
            json!({":v": "text"}),
            json!({"n": "text"}),
        ),
    ]
}

/// id, rule, expression, values, message.
fn refused_rows() -> Vec<(&'static str, &'static str, &'static str, Value, &'static str)> {
    vec![
        (
            "key",
            "A key attribute can't be updated.",
            "SET id = :v",
            json!({":v": "b"}),
            "One or more parameter values were invalid: Cannot update attribute id. This attribute is part of the key",
        ),
        (
            "absent-operand",
            "An attribute that is not there is no operand.",
            "SET n = absent + :v",
            json!({":v": 1}),
            "The provided expression refers to an attribute that does not exist in the item",
        ),
        (
            "text-operand",
            "Only numbers can be added.",
            "SET n = s + :v",
            json!({":v": 1}),
            "An operand in the update expression has an incorrect data type",
        ),
        (
            "missing-parent",
            "A member of a map that is not there can't be set.",
            "SET absent.x = :v",
            json!({":v": 1}),
            "The document path provided in the update expression is invalid for update",
        ),
        (
            "path-through-number",
            "A path can't go through a number.",
            "SET n.x = :v",
            json!({":v": 1}),
            "The document path provided in the update expression is invalid for update",
        ),
        (
            "overlap",
            "Two actions on one path are refused.",
            "SET n = :v REMOVE n",
            json!({":v": 1}),
            "Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [n], path two: [n]",
        ),
        (
            "overlap-parent",
            "An action on a path and one on its parent are refused.",
            "SET s = :v, s.x = :v",
            json!({":v": 1}),
            "Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [s], path two: [s, x]",
        ),
        (
            "clause-twice",
            "A clause is there at most once.",
            "SET n = :v SET s = :v",
            json!({":v": 1}),
            "Invalid UpdateExpression: The \"SET\" section can only be used once in an update expression;",
        ),
        (
            "add-text",
            "ADD takes numbers and sets.",
            "ADD n :v",
            json!({":v": "text"}),
            "Invalid UpdateExpression: Incorrect operand type for operator or function; operator: ADD, operand type: STRING, typeSet: ALLOWED_FOR_ADD_OPERAND",
        ),
        (
            "add-set-to-number",
            "ADD takes operands of the attribute's type.",
            "ADD n :v",
            json!({":v": {"SS": ["a"]}}),
            "An operand in the update expression has an incorrect data type",
        ),
        (
            "append-no-list",
            "list_append takes lists.",
            "SET n = list_append(n, :v)",
            json!({":v": [1]}),
            "An operand in the update expression has an incorrect data type",
        ),
        (
            "empty",
            "An expression that is empty is refused.",
            "",
            json!({}),
            "Invalid UpdateExpression: The expression can not be empty;",
        ),
    ]
}

pub(super) fn cases() -> Vec<Case> {
    let rows = rows().into_iter().map(|(id, rule, expression, given, then)| {
        case(format!("dynamodb/update/{id}"), rule, UPDATES, move |cx| {
            row(cx, expression, given.clone(), then.clone())
        })
    });
    let refused = refused_rows().into_iter().map(|(id, rule, expression, given, message)| {
        case(format!("dynamodb/update-refused/{id}"), rule, UPDATES, move |cx| {
            refused(cx, expression, given.clone(), message)
        })
    });
    let mut cases: Vec<Case> = rows.chain(refused).collect();
    cases.extend([
        case(
            "dynamodb/update/upsert",
            "UpdateItem makes an item that is not there.",
            "DynamoDB API reference, UpdateItem",
            upsert,
        ),
        case(
            "dynamodb/update/upsert-key-only",
            "Without an expression it makes an item of its key alone.",
            "DynamoDB API reference, UpdateItem",
            upsert_key_only,
        ),
        case(
            "dynamodb/update/others-stay",
            "Attributes that are not named stay as they are.",
            "DynamoDB API reference, UpdateItem",
            others_stay,
        ),
    ]);
    cases
}

fn start() -> Value {
    let mut item = item();
    item["id"] = json!("a");
    item
}

fn used_names(expression: &str) -> Value {
    let used = [("#list", "list"), ("#map", "map")]
        .into_iter()
        .filter(|(name, _)| expression.contains(name));
    used.map(|(name, attribute)| (name.to_owned(), json!(attribute)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

async fn row(cx: Context, expression: &'static str, given: Value, then: Value) -> Checked {
    let table = Table::new(&cx).await?;
    table.put(start()).await?;
    let update = cx.dynamodb().update_item().table_name(&table.name);
    let update = update
        .set_key(Some(to_item(&json!({"id": "a"}))))
        .update_expression(expression)
        .set_expression_attribute_names(names(&used_names(expression)))
        .set_expression_attribute_values(values(&given));
    update.send().await.answer("UpdateItem")?;
    let mut expected = start();
    for (name, value) in then.as_object().into_iter().flatten() {
        match value {
            Value::Null => drop(expected.as_object_mut().and_then(|item| item.remove(name))),
            value => expected[name] = value.clone(),
        }
    }
    table.has(json!({"id": "a"}), expected).await
}

async fn refused(
    cx: Context,
    expression: &'static str,
    given: Value,
    message: &'static str,
) -> Checked {
    let table = Table::new(&cx).await?;
    table.put(start()).await?;
    let update = cx.dynamodb().update_item().table_name(&table.name);
    let update = update
        .set_key(Some(to_item(&json!({"id": "a"}))))
        .update_expression(expression)
        .set_expression_attribute_values(values(&given));
    update.send().await.refused(400, "ValidationException")?.saying(message)?;
    table.has(json!({"id": "a"}), start()).await
}

async fn upsert(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let update = cx.dynamodb().update_item().table_name(&table.name);
    let update = update.set_key(Some(to_item(&json!({"id": "a"})))).update_expression("SET n = :v");
    update
        .set_expression_attribute_values(values(&json!({":v": 1})))
        .send()
        .await
        .answer("UpdateItem")?;
    table.has(json!({"id": "a"}), json!({"id": "a", "n": 1})).await
}

async fn upsert_key_only(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let update = cx.dynamodb().update_item().table_name(&table.name);
    update.set_key(Some(to_item(&json!({"id": "a"})))).send().await.answer("UpdateItem")?;
    table.has(json!({"id": "a"}), json!({"id": "a"})).await
}

async fn others_stay(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    table.put(json!({"id": "a", "n": 1, "m": 2})).await?;
    let update = cx.dynamodb().update_item().table_name(&table.name);
    let update = update.set_key(Some(to_item(&json!({"id": "a"})))).update_expression("SET n = :v");
    update
        .set_expression_attribute_values(values(&json!({":v": 9})))
        .send()
        .await
        .answer("UpdateItem")?;
    table.has(json!({"id": "a"}), json!({"id": "a", "n": 9, "m": 2})).await
}
