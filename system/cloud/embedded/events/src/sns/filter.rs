//! Filter policies of subscriptions.

use serde_json::{Map, Value};

use crate::pattern::{Dialect, Pattern, PatternError, is_alternatives};

/// Keys at the top of a policy (SNS guide, "filter policy constraints").
const KEYS_MAX: usize = 5;

/// Combinations of values (same page): the product over all arrays of their length times their
/// depth.
const COMBINATIONS_MAX: u64 = 150;

/// What a policy is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    Attributes,
    Body,
}

impl Scope {
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "MessageAttributes" => Some(Self::Attributes),
            "MessageBody" => Some(Self::Body),
            _ => None,
        }
    }
}

/// A compiled policy.
#[derive(Debug)]
pub(super) struct Filter {
    pub(super) scope: Scope,
    pattern: Pattern,
}

impl Filter {
    /// `None` for the empty policy, which takes everything.
    pub(super) fn parse(text: &str, scope: Scope) -> Result<Option<Self>, PatternError> {
        if text.is_empty() {
            return Ok(None);
        }
        let Ok(Value::Object(policy)) = serde_json::from_str(text) else {
            return Err(PatternError("FilterPolicy: failed to parse JSON.".to_owned()));
        };
        if policy.is_empty() {
            return Ok(None);
        }
        let named = |error: PatternError| PatternError(format!("FilterPolicy: {error}"));
        check(&policy, scope)?;
        let pattern = Pattern::compile(&policy, Dialect::FilterPolicy).map_err(named)?;
        Ok(Some(Self { scope, pattern }))
    }

    pub(super) fn takes(&self, fields: &Map<String, Value>) -> bool {
        self.pattern.matches(fields)
    }
}

fn check(policy: &Map<String, Value>, scope: Scope) -> Result<(), PatternError> {
    if policy.len() > KEYS_MAX {
        return Err(PatternError(format!(
            "FilterPolicy: Filter policy can not have more than {KEYS_MAX} keys"
        )));
    }
    if scope == Scope::Attributes && nested(policy) {
        return Err(PatternError(
            "Filter policy scope MessageAttributes does not support nested filter policy"
                .to_owned(),
        ));
    }
    if combinations(policy, 1, 1) > COMBINATIONS_MAX {
        return Err(PatternError("FilterPolicy: Filter policy is too complex".to_owned()));
    }
    Ok(())
}

fn branches(value: &Value) -> impl Iterator<Item = &Map<String, Value>> {
    value.as_array().into_iter().flatten().filter_map(Value::as_object)
}

fn nested(policy: &Map<String, Value>) -> bool {
    policy.iter().any(|(key, value)| {
        value.is_object() || is_alternatives(key, value) && branches(value).any(nested)
    })
}

fn combinations(policy: &Map<String, Value>, depth: u64, so_far: u64) -> u64 {
    policy.iter().fold(so_far, |so_far, (key, value)| match value {
        Value::Object(fields) => combinations(fields, depth + 1, so_far),
        _ if is_alternatives(key, value) => branches(value)
            .map(|branch| combinations(branch, depth, so_far))
            .fold(0, u64::saturating_add),
        Value::Array(values) => {
            let values = u64::try_from(values.len()).unwrap_or(u64::MAX);
            so_far.saturating_mul(values.max(1)).saturating_mul(depth)
        }
        _ => so_far,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn takes(policy: &Value, scope: Scope, fields: &Value) -> bool {
        let filter = Filter::parse(&policy.to_string(), scope).expect("valid").expect("not empty");
        filter.takes(fields.as_object().expect("object"))
    }

    #[test]
    fn the_guides_examples() {
        // SNS guide, "example filter policies".
        let message = json!({
            "store": "example_corp", "event": "order_placed", "price_usd": 210.75,
            "customer_interests": ["soccer", "rugby", "hockey"], "encrypted": null
        });
        for (policy, expected) in [
            (
                json!({ "store": ["example_corp"], "event": [{ "anything-but": "order_cancelled" }],
                     "customer_interests": ["rugby", "football", "baseball"],
                     "price_usd": [{ "numeric": [">=", 100] }] }),
                true,
            ),
            (json!({ "store": ["example_corp"], "event": ["order_cancelled"] }), false),
            (json!({ "encrypted": [false] }), false),
            (json!({ "event": [{ "suffix": "_placed" }] }), true),
            (json!({ "event": [{ "prefix": "order_" }] }), true),
            (json!({ "event": [{ "anything-but": { "prefix": "order_" } }] }), false),
            (json!({ "event": [{ "equals-ignore-case": "ORDER_PLACED" }] }), true),
            (json!({ "price_usd": [{ "numeric": [">", 0, "<=", 150] }] }), false),
            (json!({ "gone": [{ "exists": false }] }), true),
            (json!({ "$or": [{ "store": ["x"] }, { "event": ["order_placed"] }] }), true),
        ] {
            assert_eq!(takes(&policy, Scope::Attributes, &message), expected, "{policy}");
        }
    }

    #[test]
    fn bodies_may_be_nested() {
        let policy = json!({ "detail": { "channels": ["email"] } });
        let body = json!({ "detail": { "channels": ["sms", "email"] } });
        assert!(takes(&policy, Scope::Body, &body));
        let error = Filter::parse(&policy.to_string(), Scope::Attributes).expect_err("nested");
        assert!(error.to_string().contains("does not support nested"), "{error}");
    }

    #[test]
    fn the_empty_policy_takes_everything() {
        assert!(Filter::parse("{}", Scope::Attributes).expect("valid").is_none());
        assert!(Filter::parse("", Scope::Attributes).expect("valid").is_none());
    }

    #[test]
    fn complexity_counts_values_times_depth() {
        // The guide's example: 3 x 4 x 2 x 3 = 72.
        let nested = json!({
            "key_a": { "key_b": { "key_c": ["one", "two", "three", "four"] } },
            "key_d": { "key_e": ["one", "two", "three"] }
        });
        assert_eq!(combinations(nested.as_object().expect("object"), 1, 1), 72);
        let values = |count: usize| json!((0..count).collect::<Vec<_>>());
        let policy = json!({ "a": values(15), "b": values(10) });
        assert!(Filter::parse(&policy.to_string(), Scope::Attributes).is_ok());
        let policy = json!({ "a": values(151) });
        let error = Filter::parse(&policy.to_string(), Scope::Attributes).expect_err("151");
        assert_eq!(error.to_string(), "FilterPolicy: Filter policy is too complex");
        let keys: Map<String, Value> =
            (0..6).map(|key| (format!("k{key}"), json!(["v"]))).collect();
        let error = Filter::parse(&Value::Object(keys).to_string(), Scope::Attributes);
        assert!(error.expect_err("6 keys").to_string().contains("more than 5 keys"));
    }

    #[test]
    fn what_is_no_policy_is_refused() {
        for (policy, reason) in [
            ("nonsense", "FilterPolicy: failed to parse JSON."),
            ("[]", "FilterPolicy: failed to parse JSON."),
            (r#"{"a": "x"}"#, r#"FilterPolicy: "a" must be an object or an array"#),
            (r#"{"a": [{"wildcard": "x*"}]}"#, "FilterPolicy: Unrecognized match type wildcard"),
        ] {
            let error = Filter::parse(policy, Scope::Attributes).expect_err(policy);
            assert_eq!(error.to_string(), reason);
        }
    }
}
