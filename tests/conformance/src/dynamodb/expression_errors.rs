//! Expressions that are refused, in AWS's words.

use serde_json::{Value, json};

use super::support::{Table, names, to_item, values};
use crate::{Case, Checked, case::case, check::Answered as _, context::Context};

const SYNTAX: &str = "DynamoDB guide, expressions; messages as AWS gives them";
const NAMES: &str = "DynamoDB guide, expression attribute names and values";

/// id, rule, source, condition, names, values, a part of the message.
type Row = (&'static str, &'static str, &'static str, &'static str, Value, Value, &'static str);

fn rows() -> Vec<Row> {
    let none = json!({});
    vec![
        (
            "syntax",
            "A condition that can't be read is refused with the token.",
            SYNTAX,
            "n = = :v",
            none.clone(),
            json!({":v": 1}),
            "Invalid ConditionExpression: Syntax error; token: \"=\"",
        ),
        (
            "reserved-word",
            "A reserved word can't be an attribute's name.",
            "DynamoDB guide, reserved words",
            "name = :v",
            none.clone(),
            json!({":v": 1}),
            "Invalid ConditionExpression: Attribute name is a reserved keyword; reserved keyword: name",
        ),
        (
            "reserved-word-case",
            "Reserved words are reserved in any case.",
            "DynamoDB guide, reserved words",
            "StaTus = :v",
            none.clone(),
            json!({":v": 1}),
            "Attribute name is a reserved keyword; reserved keyword: StaTus",
        ),
        (
            "undefined-value",
            "A value that is used must be given.",
            NAMES,
            "n = :v",
            none.clone(),
            none.clone(),
            "An expression attribute value used in expression is not defined; attribute value: :v",
        ),
        (
            "undefined-name",
            "A name that is used must be given.",
            NAMES,
            "#n = :v",
            none.clone(),
            json!({":v": 1}),
            "An expression attribute name used in the document path is not defined; attribute name: #n",
        ),
        (
            "unused-value",
            "A value that is given must be used.",
            NAMES,
            "attribute_exists(id)",
            none.clone(),
            json!({":v": 1}),
            "Value provided in ExpressionAttributeValues unused in expressions: keys: {:v}",
        ),
        (
            "unused-name",
            "A name that is given must be used.",
            NAMES,
            "attribute_exists(id)",
            json!({"#n": "n"}),
            none.clone(),
            "Value provided in ExpressionAttributeNames unused in expressions: keys: {#n}",
        ),
        (
            "bad-value-key",
            "A value's placeholder begins with a colon.",
            NAMES,
            "n = :v",
            none.clone(),
            json!({"v": 1}),
            "ExpressionAttributeValues contains invalid key: Syntax error; key: \"v\"",
        ),
        (
            "bad-name-key",
            "A name's placeholder begins with a number sign.",
            NAMES,
            "n = :v",
            json!({"n": "n"}),
            json!({":v": 1}),
            "ExpressionAttributeNames contains invalid key: Syntax error; key: \"n\"",
        ),
        (
            "unknown-function",
            "A function that is none is refused.",
            SYNTAX,
            "starts_with(n, :v)",
            none.clone(),
            json!({":v": "a"}),
            "Invalid ConditionExpression: Invalid function name; function: starts_with",
        ),
        (
            "function-of-updates",
            "A function of updates is none of conditions.",
            SYNTAX,
            "if_not_exists(n, :v) = :v",
            none.clone(),
            json!({":v": 1}),
            "The function is not allowed in a condition expression; function: if_not_exists",
        ),
        (
            "operands-of-function",
            "A function takes its number of operands.",
            SYNTAX,
            "begins_with(n)",
            none.clone(),
            none.clone(),
            "Incorrect number of operands for operator or function; operator or function: begins_with, number of operands: 1",
        ),
        (
            "type-of-operand",
            "begins_with takes a string or binary.",
            SYNTAX,
            "begins_with(n, :v)",
            none.clone(),
            json!({":v": 1}),
            "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N",
        ),
        (
            "attribute-type-name",
            "attribute_type takes one of the names of types.",
            SYNTAX,
            "attribute_type(n, :v)",
            none.clone(),
            json!({":v": "X"}),
            "Invalid attribute type name found",
        ),
        (
            "between-order",
            "The ends of BETWEEN are in order.",
            SYNTAX,
            "n BETWEEN :a AND :b",
            none.clone(),
            json!({":a": 2, ":b": 1}),
            "The BETWEEN operator requires upper bound to be greater than or equal to lower bound",
        ),
        (
            "between-types",
            "The ends of BETWEEN are of one type.",
            SYNTAX,
            "n BETWEEN :a AND :b",
            none.clone(),
            json!({":a": 1, ":b": "x"}),
            "The BETWEEN operator requires same data type for lower and upper bounds",
        ),
        (
            "size-alone",
            "size is no condition by itself.",
            SYNTAX,
            "size(n)",
            none.clone(),
            none.clone(),
            "The function is not allowed to be used this way in an expression; function: size",
        ),
        (
            "redundant-parentheses",
            "Parentheses around parentheses are refused.",
            SYNTAX,
            "((n = :v))",
            none.clone(),
            json!({":v": 1}),
            "The expression has redundant parentheses;",
        ),
        (
            "same-operands",
            "Comparing an attribute with itself is refused.",
            SYNTAX,
            "n = n",
            none.clone(),
            none,
            "The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [n]",
        ),
    ]
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = rows()
        .into_iter()
        .map(|(id, rule, source, expression, given_names, given, part)| {
            case(format!("dynamodb/expression-error/{id}"), rule, source, move |cx| {
                refused(cx, expression, given_names.clone(), given.clone(), part)
            })
        })
        .collect();
    cases.extend([
        case(
            "dynamodb/expression-error/of-4-kb",
            "An expression has up to 4 KB.",
            "DynamoDB guide, quotas: expression parameters",
            too_long,
        ),
        case(
            "dynamodb/expression-error/values-without-expression",
            "Values are given with an expression only.",
            NAMES,
            values_without_expression,
        ),
    ]);
    cases
}

async fn refused(
    cx: Context,
    expression: &'static str,
    given_names: Value,
    given: Value,
    part: &'static str,
) -> Checked {
    let table = Table::new(&cx).await?;
    let put = cx.dynamodb().put_item().table_name(&table.name);
    let put = put
        .set_item(Some(to_item(&json!({"id": "a", "n": 1}))))
        .condition_expression(expression)
        .set_expression_attribute_names(names(&given_names))
        .set_expression_attribute_values(values(&given));
    put.send().await.refused(400, "ValidationException")?.mentioning(part)?;
    table.lacks(json!({"id": "a"})).await
}

async fn too_long(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let expression = format!("attribute_exists({})", "n".repeat(4_090));
    let put = cx.dynamodb().put_item().table_name(&table.name);
    let put = put.set_item(Some(to_item(&json!({"id": "a"})))).condition_expression(expression);
    put.send()
        .await
        .refused(400, "ValidationException")?
        .mentioning("Expression size has exceeded the maximum allowed size")
}

async fn values_without_expression(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let put = cx
        .dynamodb()
        .put_item()
        .table_name(&table.name)
        .set_item(Some(to_item(&json!({"id": "a"}))));
    let put = put.set_expression_attribute_values(values(&json!({":v": 1})));
    put.send()
        .await
        .refused(400, "ValidationException")?
        .mentioning("ExpressionAttributeValues can only be specified when using expressions")
}
