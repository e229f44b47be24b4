use super::*;
use crate::fixture::Request;

fn resolve(text: &str) -> Result<KeyRange, String> {
    let request = Request::new(
        &[("#pk", "pk"), ("#sk", "sk")],
        r#"{":p": {"S": "p"}, ":a": {"N": "1"}, ":b": {"N": "2"}, ":s": {"S": "s"}, ":t": {"BOOL": true}}"#,
    );
    KeyCondition::parse(text)
        .and_then(|condition| condition.resolve("pk", Some("sk"), &request.substitutions()))
        .map_err(|error| error.to_string())
}

fn number(value: i64) -> AttributeValue {
    AttributeValue::number(value)
}

#[test]
fn every_range_is_resolved() {
    for (text, sort) in [
        ("pk = :p", None),
        ("#pk = :p AND #sk = :a", Some(SortRange::Equal(number(1)))),
        ("sk < :a AND pk = :p", Some(SortRange::Less(number(1)))),
        (":p = pk AND (sk <= :a)", Some(SortRange::LessOrEqual(number(1)))),
        ("pk = :p AND :a < sk", Some(SortRange::Greater(number(1)))),
        ("(pk = :p) AND sk >= :a", Some(SortRange::GreaterOrEqual(number(1)))),
        ("pk = :p AND sk BETWEEN :a AND :b", Some(SortRange::Between(number(1), number(2)))),
        ("pk = :p AND begins_with(sk, :s)", Some(SortRange::BeginsWith("s".into()))),
    ] {
        assert_eq!(resolve(text), Ok(KeyRange { partition: "p".into(), sort }), "{text}");
    }
}

#[test]
fn what_a_query_cannot_do_is_refused() {
    for (text, message) in [
        ("pk = :p OR sk = :a", "Invalid operator used in KeyConditionExpression: OR"),
        ("NOT pk = :p", "Invalid operator used in KeyConditionExpression: NOT"),
        ("pk = :p AND sk IN (:a)", "Invalid operator used in KeyConditionExpression: IN"),
        ("pk <> :p", "Invalid operator used in KeyConditionExpression: <>"),
        (
            "attribute_exists(pk)",
            "Invalid operator used in KeyConditionExpression: attribute_exists",
        ),
        ("contains(pk, :p)", "Invalid operator used in KeyConditionExpression: contains"),
        ("pk = :p AND size(sk) = :a", "KeyConditionExpressions cannot contain nested operations"),
        ("pk.x = :p", "KeyConditionExpressions cannot have conditions on nested attributes"),
        (
            "pk = sk",
            "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition",
        ),
        (":p = :s", "Invalid condition in KeyConditionExpression: No key attribute specified"),
        (
            ":a BETWEEN :a AND :b",
            "Invalid condition in KeyConditionExpression: BETWEEN operator must have the key attribute as its first operand",
        ),
        (
            "begins_with(:s, pk)",
            "Invalid condition in KeyConditionExpression: begins_with operator must have the key attribute as its first operand",
        ),
        ("pk = :p AND #pk = :s", "KeyConditionExpressions must only contain one condition per key"),
        ("sk = :a", "Query condition missed key schema element: pk"),
        ("pk > :p", "Query key condition not supported"),
        ("pk = :p AND elsewhere = :a", "Query condition missed key schema element: sk"),
        ("pk = :p AND sk = :a AND elsewhere = :a", "Conditions can be of length 1 or 2 only"),
        (
            "pk = :p AND begins_with(sk, :a)",
            "Invalid KeyConditionExpression: Incorrect operand type for operator or function; operator or function: begins_with, operand type: N",
        ),
        ("pk = ", "Invalid KeyConditionExpression: Syntax error; token: \"<EOF>\", near: \"=\""),
        (
            "name = :p",
            "Invalid KeyConditionExpression: Attribute name is a reserved keyword; reserved keyword: name",
        ),
    ] {
        assert_eq!(resolve(text), Err(message.to_owned()), "{text}");
    }
}

#[test]
fn a_table_without_a_sort_key_takes_one_condition() {
    let request = Request::values(r#"{":p": {"S": "p"}}"#);
    let resolve = |text| {
        KeyCondition::parse(text)
            .and_then(|condition| condition.resolve("pk", None, &request.substitutions()))
    };
    assert!(resolve("pk = :p").is_ok());
    let error = resolve("pk = :p AND sk = :p").expect_err("no sort key");
    assert_eq!(error.message(), "Query key condition not supported");
}
