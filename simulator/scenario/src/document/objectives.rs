//! Objectives and assumptions: names with dots, each with a value.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::{
    located::Located,
    problem::Problems,
    reader::{Read, Value, entries, mismatch, span_of},
    units::{Duration, Text},
};

/// Objectives: metric and bound, each as written.
#[derive(Debug, Clone)]
pub(crate) struct Objectives(pub(crate) Vec<(Located<String>, Located<String>)>);

impl Read for Objectives {
    fn read(value: &Value<'_>, problems: &mut Problems) -> Option<Self> {
        let objectives = entries(value, problems)?.into_iter().filter_map(|(metric, value)| {
            if value.get_ref().is_table() {
                let message = format!("`{}` is a table, not a metric", metric.value);
                problems.add(
                    metric.span,
                    message,
                    "quote a metric with dots: \"checkout.latency.p99\" = \"< 800ms\"",
                );
                return None;
            }
            let bound = String::read(value, problems)?;
            Some((metric, Located { value: bound, span: span_of(value) }))
        });
        Some(Self(objectives.collect()))
    }
}

impl JsonSchema for Objectives {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("Objectives")
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "additionalProperties": { "type": "string", "pattern": "^(<|<=|>|>=) ?[0-9].*$" },
        })
    }
}

/// Assumptions: what AWS does not publish, by name.
#[derive(Debug, Clone)]
pub(crate) struct Assumptions(pub(crate) Vec<(Located<String>, Located<f64>)>);

impl Read for Assumptions {
    fn read(value: &Value<'_>, problems: &mut Problems) -> Option<Self> {
        let assumptions = entries(value, problems)?.into_iter().filter_map(|(name, value)| {
            if value.get_ref().is_table() {
                let message = format!("`{}` is a table, not an assumption", name.value);
                problems.add(
                    name.span,
                    message,
                    "quote a name with dots: \"dynamodb.split-delay\" = \"5m\"",
                );
                return None;
            }
            let quantity = quantity(value, problems)?;
            Some((name, Located { value: quantity, span: span_of(value) }))
        });
        Some(Self(assumptions.collect()))
    }
}

/// A number, or the seconds of a duration.
fn quantity(value: &Value<'_>, problems: &mut Problems) -> Option<f64> {
    let Some(text) = value.get_ref().as_str() else {
        if value.get_ref().is_float() || value.get_ref().is_integer() {
            return f64::read(value, problems);
        }
        mismatch(value, "a number or a duration such as `5m`", problems);
        return None;
    };
    let duration = Duration::parse(text);
    if duration.is_none() {
        mismatch(value, "a number or a duration such as `5m`", problems);
    }
    duration.map(|duration| duration.0)
}

impl JsonSchema for Assumptions {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("Assumptions")
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let duration = generator.subschema_for::<Duration>();
        json_schema!({
            "type": "object",
            "additionalProperties": { "anyOf": [{ "type": "number" }, duration] },
        })
    }
}
