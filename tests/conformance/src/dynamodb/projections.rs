//! Projection expressions.

use serde_json::{Value, json};

use super::support::{Table, names, sorted_sets, to_item};
use crate::{
    Case, Checked,
    case::case,
    check::{Answered as _, same},
    context::Context,
};

const PROJECTIONS: &str = "DynamoDB guide, projection expressions";

fn item() -> Value {
    json!({"id": "a", "n": 1, "m": {"x": 1, "y": {"z": 2}}, "l": [1, [2, 3], {"k": 4}], "status": "s"})
}

/// id, rule, expression, names, what comes.
fn rows() -> Vec<(&'static str, &'static str, &'static str, Value, Value)> {
    let none = json!({});
    vec![
        ("attribute", "Only what is named comes.", "n", none.clone(), json!({"n": 1})),
        (
            "several",
            "Several attributes are separated by commas.",
            "n, id",
            none.clone(),
            json!({"id": "a", "n": 1}),
        ),
        ("absent", "What is not there does not come.", "n, absent", none.clone(), json!({"n": 1})),
        (
            "map-member",
            "A member of a map comes in its map.",
            "m.x",
            none.clone(),
            json!({"m": {"x": 1}}),
        ),
        (
            "nested-member",
            "Members of maps in maps come in theirs.",
            "m.y.z",
            none.clone(),
            json!({"m": {"y": {"z": 2}}}),
        ),
        (
            "list-element",
            "An element of a list comes in a list of its own.",
            "l[0]",
            none.clone(),
            json!({"l": [1]}),
        ),
        (
            "list-elements",
            "Several elements come in one list, in order.",
            "l[2], l[0]",
            none.clone(),
            json!({"l": [1, {"k": 4}]}),
        ),
        (
            "list-in-list",
            "Elements of lists in lists come in theirs.",
            "l[1][1]",
            none.clone(),
            json!({"l": [[3]]}),
        ),
        (
            "reserved-word",
            "A reserved word is named by a placeholder.",
            "#s",
            json!({"#s": "status"}),
            json!({"status": "s"}),
        ),
        (
            "list-beyond-end",
            "An element beyond the end does not come.",
            "l[9], n",
            none,
            json!({"n": 1}),
        ),
    ]
}

/// id, rule, expression, part of the message.
const REFUSED: [(&str, &str, &str, &str); 4] = [
    ("overlap", "Paths must not overlap.", "m, m.x", "Two document paths overlap with each other"),
    ("same-twice", "A path is named once.", "n, n", "Two document paths overlap with each other"),
    (
        "reserved-word",
        "A reserved word is no attribute's name.",
        "status",
        "Attribute name is a reserved keyword; reserved keyword: status",
    ),
    (
        "empty",
        "An expression is not empty.",
        "",
        "Invalid ProjectionExpression: The expression can not be empty;",
    ),
];

pub(super) fn cases() -> Vec<Case> {
    let rows = rows().into_iter().map(|(id, rule, expression, given, expected)| {
        case(format!("dynamodb/projection/{id}"), rule, PROJECTIONS, move |cx| {
            row(cx, expression, given.clone(), expected.clone())
        })
    });
    let refused = REFUSED.into_iter().map(|(id, rule, expression, part)| {
        case(format!("dynamodb/projection-refused/{id}"), rule, PROJECTIONS, move |cx| {
            refused(cx, expression, part)
        })
    });
    rows.chain(refused).collect()
}

async fn row(cx: Context, expression: &'static str, given: Value, expected: Value) -> Checked {
    let table = Table::new(&cx).await?;
    table.put(item()).await?;
    let get = cx.dynamodb().get_item().table_name(&table.name).consistent_read(true);
    let get = get.set_key(Some(to_item(&json!({"id": "a"})))).projection_expression(expression);
    let got = get.set_expression_attribute_names(names(&given)).send().await.answer("GetItem")?;
    same("item", got.item.map(sorted_sets), Some(to_item(&expected)))
}

async fn refused(cx: Context, expression: &'static str, part: &'static str) -> Checked {
    let table = Table::new(&cx).await?;
    let get = cx.dynamodb().get_item().table_name(&table.name).projection_expression(expression);
    let get = get.set_key(Some(to_item(&json!({"id": "a"}))));
    get.send().await.refused(400, "ValidationException")?.mentioning(part)
}
