//! One matcher for event patterns (EventBridge) and filter policies (SNS).
//!
//! A pattern is compiled once and then asked about many events. It is kept as a few alternatives
//! (one for each combination of `$or` branches); each is a tree of fields that must all match.
//!
//! - A field matches when any value of the event's array matches any test of the pattern's.
//! - Fields below one array must match within one element of it, so `{"a": [{"x": 1, "y": 2}]}`
//!   has no `x` of 1 beside a `y` of 3 from its neighbour.
//! - `{"exists": false}` asks about the whole event, never about one element.
//! - Exact numbers compare as they are written, as far as JSON parsing keeps that: 300 is not
//!   300.0 (AWS's documentation; `numeric` compares values instead).
//!
//! Deliberately absent: an automaton over all rules (a bus has at most 300, each is tried), and
//! names with dots that stand for nesting.

mod address;
mod compile;
mod glob;
mod test;

use std::sync::Arc;

use serde_json::{Map, Value};

pub(crate) use compile::is_alternatives;
use test::Test;

/// Who wrote the pattern: SNS offers fewer operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    EventPattern,
    FilterPolicy,
}

/// Why a pattern is refused, in AWS's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct PatternError(pub(crate) String);

/// A compiled pattern.
#[derive(Debug)]
pub(crate) struct Pattern {
    alternatives: Vec<Node>,
}

/// Fields that must all match in one object.
#[derive(Debug, Clone, Default)]
struct Node {
    leaves: Vec<Leaf>,
    children: Vec<(Arc<str>, Node)>,
}

/// A field with tests, one of which must pass.
#[derive(Debug, Clone)]
struct Leaf {
    key: Arc<str>,
    tests: Arc<[Test]>,
    /// From the root to the field: set when one of the tests asks whether it is absent.
    absent: Option<Arc<[Arc<str>]>>,
}

impl Pattern {
    pub(crate) fn parse(text: &str, dialect: Dialect) -> Result<Self, PatternError> {
        let fields = match serde_json::from_str(text) {
            Ok(Value::Object(fields)) => fields,
            Ok(_) => return Err(PatternError("Filter is not an object".to_owned())),
            Err(error) => return Err(PatternError(format!("Filter is not valid JSON: {error}"))),
        };
        Self::compile(&fields, dialect)
    }

    pub(crate) fn compile(
        fields: &Map<String, Value>,
        dialect: Dialect,
    ) -> Result<Self, PatternError> {
        Ok(Self { alternatives: compile::alternatives(fields, dialect)? })
    }

    pub(crate) fn matches(&self, event: &Map<String, Value>) -> bool {
        self.alternatives.iter().any(|node| node.matches(Some(event), event))
    }
}

impl Node {
    /// `object` is `None` where the event has no object for this node.
    fn matches(&self, object: Option<&Map<String, Value>>, event: &Map<String, Value>) -> bool {
        self.leaves.iter().all(|leaf| leaf.matches(object, event))
            && self.children.iter().all(|(key, child)| {
                let mut objects = Vec::new();
                if let Some(value) = object.and_then(|object| object.get(&**key)) {
                    collect_objects(value, &mut objects);
                }
                match objects.is_empty() {
                    true => child.matches(None, event),
                    false => objects.iter().any(|object| child.matches(Some(object), event)),
                }
            })
    }
}

impl Leaf {
    fn matches(&self, object: Option<&Map<String, Value>>, event: &Map<String, Value>) -> bool {
        let value = object.and_then(|object| object.get(&*self.key));
        value.is_some_and(|value| any_scalar(value, &|value| self.accepts(value)))
            || self.absent.as_ref().is_some_and(|path| !has_scalar(event, path))
    }

    fn accepts(&self, value: &Value) -> bool {
        self.tests.iter().any(|test| test.accepts(value))
    }
}

/// The objects that `value` is or holds in arrays.
fn collect_objects<'a>(value: &'a Value, objects: &mut Vec<&'a Map<String, Value>>) {
    match value {
        Value::Object(object) => objects.push(object),
        Value::Array(values) => values.iter().for_each(|value| collect_objects(value, objects)),
        _ => {}
    }
}

/// Whether `accept` takes `value` itself, or one of its elements if it is an array.
fn any_scalar(value: &Value, accept: &dyn Fn(&Value) -> bool) -> bool {
    match value {
        Value::Object(_) => false,
        Value::Array(values) => values.iter().any(|value| any_scalar(value, accept)),
        scalar => accept(scalar),
    }
}

/// Whether `path` leads to a leaf anywhere in the event.
fn has_scalar(object: &Map<String, Value>, path: &[Arc<str>]) -> bool {
    let Some((key, rest)) = path.split_first() else { return false };
    let Some(value) = object.get(&**key) else { return false };
    if rest.is_empty() {
        return any_scalar(value, &|_| true);
    }
    let mut objects = Vec::new();
    collect_objects(value, &mut objects);
    objects.iter().any(|object| has_scalar(object, rest))
}

#[cfg(test)]
mod documented;
#[cfg(test)]
mod naive;
