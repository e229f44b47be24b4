//! The matcher against a naive interpreter that knows only the definition: a pattern matches when
//! each of its paths can be given a leaf of the event such that no two leaves come from different
//! elements of one array.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{Dialect, Pattern, is_alternatives};

/// A leaf of an event: its path, the elements it lies in (array, index), and its value.
#[derive(Debug, Clone)]
struct Found {
    path: Vec<String>,
    elements: Vec<(usize, usize)>,
    value: Value,
}

fn flatten(value: &Value, at: &mut Found, arrays: &mut usize, found: &mut Vec<Found>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                at.path.push(key.clone());
                flatten(value, at, arrays, found);
                at.path.pop();
            }
        }
        Value::Array(values) => {
            *arrays += 1;
            let array = *arrays;
            for (index, value) in values.iter().enumerate() {
                let within = value.is_object() || value.is_array();
                if within {
                    at.elements.push((array, index));
                }
                flatten(value, at, arrays, found);
                if within {
                    at.elements.pop();
                }
            }
        }
        scalar => found.push(Found { value: scalar.clone(), ..at.clone() }),
    }
}

type Conjunction = Vec<(Vec<String>, Vec<Value>)>;

fn conjunctions(fields: &Map<String, Value>, path: &[String]) -> Vec<Conjunction> {
    let mut all: Vec<Conjunction> = vec![Vec::new()];
    for (key, value) in fields {
        let extended: Vec<String> = path.iter().cloned().chain([key.clone()]).collect();
        let parts: Vec<Conjunction> = match value {
            _ if is_alternatives(key, value) => value
                .as_array()
                .expect("array")
                .iter()
                .flat_map(|branch| conjunctions(branch.as_object().expect("object"), path))
                .collect(),
            Value::Object(fields) => conjunctions(fields, &extended),
            tests => vec![vec![(extended, tests.as_array().expect("array").clone())]],
        };
        all = all
            .iter()
            .flat_map(|left| parts.iter().map(|right| [left.clone(), right.clone()].concat()))
            .collect();
    }
    all
}

fn passes(test: &Value, value: &Value) -> bool {
    let Some((operator, operand)) = test.as_object().and_then(|test| test.iter().next()) else {
        return test == value;
    };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    match operator.as_str() {
        "exists" => operand == &json!(true),
        "prefix" => {
            text(value).is_some_and(|value| value.starts_with(&text(operand).expect("text")))
        }
        "anything-but" => operand != value,
        "numeric" => value.as_i64().is_some_and(|value| value < operand[1].as_i64().expect("int")),
        other => panic!("not generated: {other}"),
    }
}

fn consistent(chosen: &[(usize, usize)], more: &[(usize, usize)]) -> bool {
    more.iter().all(|(array, index)| chosen.iter().all(|(other, at)| array != other || index == at))
}

fn satisfiable(
    wanted: &[(Vec<String>, Vec<Value>)],
    chosen: &[(usize, usize)],
    found: &[Found],
) -> bool {
    let Some(((path, tests), rest)) = wanted.split_first() else { return true };
    let absent =
        tests.contains(&json!({ "exists": false })) && !found.iter().any(|leaf| leaf.path == *path);
    absent && satisfiable(rest, chosen, found)
        || found.iter().any(|leaf| {
            leaf.path == *path
                && consistent(chosen, &leaf.elements)
                && tests.iter().any(|test| passes(test, &leaf.value))
                && satisfiable(rest, &[chosen, &leaf.elements].concat(), found)
        })
}

fn naive(pattern: &Map<String, Value>, event: &Value) -> bool {
    let mut found = Vec::new();
    let mut root = Found { path: Vec::new(), elements: Vec::new(), value: Value::Null };
    flatten(event, &mut root, &mut 0, &mut found);
    conjunctions(pattern, &[]).iter().any(|wanted| satisfiable(wanted, &[], &found))
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        (0..3_i64).prop_map(Value::from),
        "[ab]{0,2}".prop_map(Value::from),
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
    ]
}

fn test() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => scalar(),
        1 => any::<bool>().prop_map(|asked| json!({ "exists": asked })),
        1 => "[ab]".prop_map(|text| json!({ "prefix": text })),
        1 => "[ab]".prop_map(|text| json!({ "anything-but": text })),
        1 => (0..3_i64).prop_map(|bound| json!({ "numeric": ["<", bound] })),
    ]
}

fn tests() -> impl Strategy<Value = Value> {
    prop::collection::vec(test(), 1..3).prop_map(Value::from)
}

/// Leaves are called a and b, objects m and n: a field is never both.
fn pattern() -> impl Strategy<Value = Value> {
    let flat = prop::collection::btree_map("[ab]", tests(), 1..3)
        .prop_map(|fields| Value::Object(fields.into_iter().collect()));
    flat.prop_recursive(3, 12, 3, |inner| {
        let nested = prop::collection::btree_map("[mn]", inner.clone(), 0..3);
        let leaves = prop::collection::btree_map("[ab]", tests(), 0..2);
        let either = prop::option::of(prop::collection::vec(inner, 2..3));
        (nested, leaves, either).prop_filter_map("empty", |(nested, leaves, either)| {
            let mut fields: Map<String, Value> = nested.into_iter().chain(leaves).collect();
            fields.extend(either.map(|branches| ("$or".to_owned(), Value::from(branches))));
            (!fields.is_empty()).then_some(Value::Object(fields))
        })
    })
}

fn event() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        3 => scalar(),
        1 => prop::collection::vec(scalar(), 0..3).prop_map(Value::from),
    ];
    let flat = prop::collection::btree_map("[ab]", leaf.clone(), 0..3)
        .prop_map(|fields| Value::Object(fields.into_iter().collect()));
    flat.prop_recursive(3, 24, 3, move |inner| {
        let object =
            prop_oneof![inner.clone(), prop::collection::vec(inner, 0..3).prop_map(Value::from),];
        let nested = prop::collection::btree_map("[mn]", object, 0..3);
        let leaves = prop::collection::btree_map("[ab]", leaf.clone(), 0..3);
        (nested, leaves)
            .prop_map(|(nested, leaves)| Value::Object(nested.into_iter().chain(leaves).collect()))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_matcher_agrees_with_the_definition(pattern in pattern(), event in event()) {
        let fields = pattern.as_object().expect("object");
        let compiled = Pattern::compile(fields, Dialect::EventPattern).expect("valid");
        prop_assert_eq!(
            compiled.matches(event.as_object().expect("object")),
            naive(fields, &event),
            "{} on {}", pattern, event
        );
    }
}
