//! From a pattern's JSON to [`Node`]s, with AWS's words for what is wrong.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{
    Dialect, Leaf, Node, PatternError,
    address::Block,
    glob::Glob,
    test::{Range, Test},
};

/// Combinations of `$or` branches that a pattern may have.
const ALTERNATIVES_MAX: usize = 1_000;

/// Numbers that `numeric` can compare (EventBridge guide: -5.0e9 to 5.0e9).
const NUMERIC_MAX: f64 = 5.0e9;

/// Operators: inside the objects of a `$or`, a field of such a name means that it is no `$or`.
const RESERVED: [&str; 9] = [
    "exactly",
    "prefix",
    "suffix",
    "equals-ignore-case",
    "wildcard",
    "numeric",
    "anything-but",
    "exists",
    "cidr",
];

fn refuse<T>(reason: impl Into<String>) -> Result<T, PatternError> {
    Err(PatternError(reason.into()))
}

/// Whether a field is the `$or` operator: at least two objects, none with an operator as field.
/// Otherwise it is a field of that name.
pub(crate) fn is_alternatives(key: &str, value: &Value) -> bool {
    key == "$or"
        && value.as_array().is_some_and(|branches| {
            branches.len() >= 2
                && branches.iter().all(|branch| {
                    branch.as_object().is_some_and(|fields| {
                        !fields.is_empty()
                            && fields.keys().all(|key| !RESERVED.contains(&key.as_str()))
                    })
                })
        })
}

pub(super) fn alternatives(
    fields: &Map<String, Value>,
    dialect: Dialect,
) -> Result<Vec<Node>, PatternError> {
    object(fields, &mut Vec::new(), dialect)
}

fn object(
    fields: &Map<String, Value>,
    path: &mut Vec<Arc<str>>,
    dialect: Dialect,
) -> Result<Vec<Node>, PatternError> {
    if fields.is_empty() {
        return refuse("Empty objects are not allowed");
    }
    let mut nodes = vec![Node::default()];
    for (key, value) in fields {
        let branches = if is_alternatives(key, value) {
            either(value, path, dialect)?
        } else {
            field(key, value, path, dialect)?
        };
        nodes = product(&nodes, &branches)?;
    }
    Ok(nodes)
}

/// One node for each way in which one of the branches can hold.
fn either(
    branches: &Value,
    path: &mut Vec<Arc<str>>,
    dialect: Dialect,
) -> Result<Vec<Node>, PatternError> {
    let mut nodes = Vec::new();
    for branch in branches.as_array().into_iter().flatten().filter_map(Value::as_object) {
        nodes.extend(object(branch, path, dialect)?);
    }
    Ok(nodes)
}

fn field(
    key: &str,
    value: &Value,
    path: &mut Vec<Arc<str>>,
    dialect: Dialect,
) -> Result<Vec<Node>, PatternError> {
    let key: Arc<str> = Arc::from(key);
    path.push(Arc::clone(&key));
    let nodes = match value {
        Value::Object(fields) => object(fields, path, dialect)?
            .into_iter()
            .map(|child| Node { leaves: Vec::new(), children: vec![(Arc::clone(&key), child)] })
            .collect(),
        Value::Array(values) => {
            vec![Node { leaves: vec![leaf(key, values, path, dialect)?], children: Vec::new() }]
        }
        _ => return refuse(format!("\"{key}\" must be an object or an array")),
    };
    path.pop();
    Ok(nodes)
}

fn product(left: &[Node], right: &[Node]) -> Result<Vec<Node>, PatternError> {
    if left.len() * right.len() > ALTERNATIVES_MAX {
        return refuse(format!(
            "Pattern is too complex: more than {ALTERNATIVES_MAX} combinations of $or"
        ));
    }
    Ok(left
        .iter()
        .flat_map(|left| right.iter().map(|right| merge(left.clone(), right.clone())))
        .collect())
}

/// A node that asks for both. Children of one name become one child, so that both parts must hold
/// in the same element of an array.
fn merge(mut left: Node, right: Node) -> Node {
    left.leaves.extend(right.leaves);
    for (key, child) in right.children {
        match left.children.iter_mut().find(|(present, _)| *present == key) {
            Some((_, present)) => *present = merge(std::mem::take(present), child),
            None => left.children.push((key, child)),
        }
    }
    left
}

fn leaf(
    key: Arc<str>,
    values: &[Value],
    path: &[Arc<str>],
    dialect: Dialect,
) -> Result<Leaf, PatternError> {
    if values.is_empty() {
        return refuse("Empty arrays are not allowed");
    }
    let mut tests = Vec::with_capacity(values.len());
    let mut absent = None;
    for value in values {
        match value {
            Value::Object(operator) => match expression(operator, dialect)? {
                Some(test) => tests.push(test),
                None => absent = Some(Arc::from(path)),
            },
            Value::Array(_) => {
                return refuse("Match value must be String, number, true, false, or null");
            }
            Value::Number(number) => tests.push(Test::ExactNumber(number.clone())),
            exact => tests.push(Test::Exact(exact.clone())),
        }
    }
    Ok(Leaf { key, tests: tests.into(), absent })
}

/// The test that a match expression stands for; `None` for `{"exists": false}`.
fn expression(
    operator: &Map<String, Value>,
    dialect: Dialect,
) -> Result<Option<Test>, PatternError> {
    let mut entries = operator.iter();
    let Some((name, value)) = entries.next() else {
        return refuse("Match expression name not found");
    };
    if entries.next().is_some() {
        return refuse("Only one key allowed in match expression");
    }
    Ok(Some(match name.as_str() {
        "exactly" if dialect == Dialect::EventPattern => match value {
            Value::String(_) => Test::Exact(value.clone()),
            _ => return refuse("exact match pattern must be a string"),
        },
        "prefix" | "suffix" => affix(name, value, dialect)?,
        "equals-ignore-case" => Test::IgnoreCase(text(name, value)?.to_lowercase()),
        "wildcard" if dialect == Dialect::EventPattern => {
            Test::Wildcard(Glob::parse(text(name, value)?)?)
        }
        "numeric" => Test::Numeric(range(value)?),
        "anything-but" => Test::AnythingBut(anything_but(value, dialect)?),
        "exists" => match value {
            Value::Bool(true) => Test::Exists,
            Value::Bool(false) => return Ok(None),
            _ => return refuse("exists match pattern must be either true or false."),
        },
        "cidr" => match value {
            Value::String(block) => Test::Address(Block::parse(block)?),
            // Ruler's own words.
            _ => return refuse("prefix match pattern must be a string"),
        },
        unknown => return refuse(format!("Unrecognized match type {unknown}")),
    }))
}

fn text<'a>(name: &str, value: &'a Value) -> Result<&'a str, PatternError> {
    match value {
        Value::String(text) => Ok(text),
        _ => refuse(format!("{name} match pattern must be a string")),
    }
}

fn affix(name: &str, value: &Value, dialect: Dialect) -> Result<Test, PatternError> {
    if let (Value::Object(inner), Dialect::EventPattern) = (value, dialect) {
        return match inner.iter().next() {
            Some((operator, value)) if operator == "equals-ignore-case" && inner.len() == 1 => {
                let lower = text(operator, value)?.to_lowercase();
                Ok(match name {
                    "prefix" => Test::PrefixIgnoreCase(lower),
                    _ => Test::SuffixIgnoreCase(lower),
                })
            }
            Some((operator, _)) if inner.len() == 1 => {
                refuse(format!("Unsupported {name} pattern: {operator}"))
            }
            _ => refuse("Only one key allowed in match expression"),
        };
    }
    let affix = text(name, value)?.to_owned();
    Ok(match name {
        "prefix" => Test::Prefix(affix),
        _ => Test::Suffix(affix),
    })
}

fn anything_but(value: &Value, dialect: Dialect) -> Result<Vec<Test>, PatternError> {
    match value {
        Value::String(_) => Ok(vec![Test::Exact(value.clone())]),
        Value::Number(number) => Ok(vec![same_number(number)?]),
        Value::Array(values) => anything_but_list(values),
        Value::Object(inner) => {
            let mut entries = inner.iter();
            match (entries.next(), entries.next()) {
                (Some((operator, value)), None) => anything_but_operator(operator, value, dialect),
                (None, _) => refuse("Anything-But expression name not found"),
                _ => refuse("Only one key allowed in match expression"),
            }
        }
        _ => refuse("Value of anything-but must be an array or single string/number value."),
    }
}

fn anything_but_list(values: &[Value]) -> Result<Vec<Test>, PatternError> {
    let strings = values.iter().all(Value::is_string);
    let numbers = values.iter().all(Value::is_number);
    if let Some(value) = values.iter().find(|value| !value.is_string() && !value.is_number()) {
        return refuse(format!(
            "Inside anything but list, start|null|boolean is not supported: {value}"
        ));
    }
    if strings == numbers {
        return refuse(
            "Inside anything but list, either all values are number or string, mixed type is not \
             supported",
        );
    }
    values
        .iter()
        .map(|value| match value {
            Value::Number(number) => same_number(number),
            text => Ok(Test::Exact(text.clone())),
        })
        .collect()
}

fn same_number(number: &serde_json::Number) -> Result<Test, PatternError> {
    number
        .as_f64()
        .map(Test::SameNumber)
        .ok_or_else(|| PatternError(format!("Value is not a number: {number}")))
}

fn anything_but_operator(
    operator: &str,
    value: &Value,
    dialect: Dialect,
) -> Result<Vec<Test>, PatternError> {
    let offered = match dialect {
        Dialect::EventPattern => ["prefix", "suffix", "equals-ignore-case", "wildcard"].as_slice(),
        Dialect::FilterPolicy => ["prefix", "suffix"].as_slice(),
    };
    if !offered.contains(&operator) {
        return refuse(format!("Unsupported anything-but pattern: {operator}"));
    }
    let values = match value {
        Value::Array(values) if values.is_empty() => return refuse("Empty arrays are not allowed"),
        Value::Array(values) => values.as_slice(),
        single => std::slice::from_ref(single),
    };
    values
        .iter()
        .map(|value| {
            let text = text(operator, value)?;
            if text.is_empty() && matches!(operator, "prefix" | "suffix") {
                return refuse("Null prefix/suffix not allowed");
            }
            Ok(match operator {
                "prefix" => Test::Prefix(text.to_owned()),
                "suffix" => Test::Suffix(text.to_owned()),
                "wildcard" => Test::Wildcard(Glob::parse(text)?),
                _ => Test::IgnoreCase(text.to_lowercase()),
            })
        })
        .collect()
}

/// `["=", 5]`, `["<", 10]`, `[">", 0, "<=", 5]`.
fn range(value: &Value) -> Result<Range, PatternError> {
    let Value::Array(terms) = value else { return refuse("Value of numeric must be an array.") };
    let Some(Value::String(operator)) = terms.first() else {
        let member = terms.first().map_or_else(|| "]".to_owned(), ToString::to_string);
        return refuse(format!("Invalid member in numeric match: {member}"));
    };
    if !["=", "<", "<=", ">", ">="].contains(&operator.as_str()) {
        return refuse(format!("Unrecognized numeric range operator: {operator}"));
    }
    let bound = numeric(operator, terms.get(1))?;
    let mut range = Range::ALL;
    match operator.as_str() {
        "=" => (range.low, range.high) = (bound, bound),
        "<" | "<=" => (range.high, range.high_included) = (bound, operator == "<="),
        _ => (range.low, range.low_included) = (bound, operator == ">="),
    }
    match terms.len() {
        2 => Ok(range),
        _ if !operator.starts_with('>') => refuse("Too many elements in numeric expression"),
        _ => upper(range, &terms[2..]),
    }
}

fn upper(mut range: Range, terms: &[Value]) -> Result<Range, PatternError> {
    let Some(Value::String(operator)) = terms.first() else {
        let member = terms.first().map_or_else(|| "]".to_owned(), ToString::to_string);
        return refuse(format!("Bad value in numeric range: {member}"));
    };
    if operator != "<" && operator != "<=" {
        return refuse(format!("Bad numeric range operator: {operator}"));
    }
    (range.high, range.high_included) = (numeric(operator, terms.get(1))?, operator == "<=");
    if range.high <= range.low {
        return refuse("Bottom must be less than top");
    }
    if terms.len() > 2 {
        return refuse("Too many terms in numeric range expression");
    }
    Ok(range)
}

fn numeric(operator: &str, value: Option<&Value>) -> Result<f64, PatternError> {
    match value.and_then(Value::as_f64) {
        Some(number) if number.abs() <= NUMERIC_MAX => Ok(number),
        Some(_) => refuse("Value must be between -5.0E9 and 5.0E9, inclusive"),
        None => {
            let operator = if operator == "=" { "equals" } else { operator };
            refuse(format!("Value of {operator} must be numeric"))
        }
    }
}
