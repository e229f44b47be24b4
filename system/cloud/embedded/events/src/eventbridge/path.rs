//! The part of JSONPath that EventBridge knows: `$.detail.items[0].name`, `[*]` and `.*`.

use std::borrow::Cow;

use serde_json::{Map, Value};

/// A path from the event's root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
    All,
}

impl Path {
    /// `None` if `text` is no such path.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut rest = text.strip_prefix('$')?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            if let Some(dotted) = rest.strip_prefix('.') {
                let end = dotted.find(['.', '[']).unwrap_or(dotted.len());
                steps.push(match &dotted[..end] {
                    "" => return None,
                    "*" => Step::All,
                    key => Step::Key(key.to_owned()),
                });
                rest = &dotted[end..];
            } else {
                let (inside, after) = rest.strip_prefix('[')?.split_once(']')?;
                steps.push(bracketed(inside)?);
                rest = after;
            }
        }
        Some(Self(steps))
    }

    /// What the path leads to: with `*` an array of all that it leads to.
    pub(super) fn find<'a>(&self, event: &'a Map<String, Value>) -> Option<Cow<'a, Value>> {
        let Some((first, rest)) = self.0.split_first() else {
            return Some(Cow::Owned(Value::Object(event.clone())));
        };
        match first {
            Step::Key(key) => follow(event.get(key)?, rest),
            Step::All => Some(gather(event.values(), rest)),
            Step::Index(_) => None,
        }
    }
}

fn bracketed(inside: &str) -> Option<Step> {
    if inside == "*" {
        return Some(Step::All);
    }
    if let Ok(index) = inside.parse() {
        return Some(Step::Index(index));
    }
    let quoted = |quote| inside.strip_prefix(quote).and_then(|key| key.strip_suffix(quote));
    quoted('\'').or_else(|| quoted('"')).map(|key: &str| Step::Key(key.to_owned()))
}

fn follow<'a>(value: &'a Value, steps: &[Step]) -> Option<Cow<'a, Value>> {
    let Some((first, rest)) = steps.split_first() else { return Some(Cow::Borrowed(value)) };
    match first {
        Step::Key(key) => follow(value.as_object()?.get(key)?, rest),
        Step::Index(index) => follow(value.as_array()?.get(*index)?, rest),
        Step::All => match value {
            Value::Array(values) => Some(gather(values, rest)),
            Value::Object(fields) => Some(gather(fields.values(), rest)),
            _ => None,
        },
    }
}

fn gather<'a>(values: impl IntoIterator<Item = &'a Value>, rest: &[Step]) -> Cow<'a, Value> {
    let found = values.into_iter().filter_map(|value| follow(value, rest));
    Cow::Owned(found.map(Cow::into_owned).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_lead_into_events() {
        let event = json!({
            "source": "shop",
            "resources": ["a", "b"],
            "detail": { "order-id": 7, "lines": [{ "sku": "x" }, { "sku": "y" }, {}] }
        });
        let event = event.as_object().expect("object");
        for (path, expected) in [
            ("$.source", Some(json!("shop"))),
            ("$.resources[1]", Some(json!("b"))),
            ("$.detail.order-id", Some(json!(7))),
            ("$.detail['order-id']", Some(json!(7))),
            ("$.detail.lines[0]", Some(json!({ "sku": "x" }))),
            ("$.detail.lines[*].sku", Some(json!(["x", "y"]))),
            ("$.detail.lines.*.sku", Some(json!(["x", "y"]))),
            ("$.detail.missing", None),
            ("$.resources[2]", None),
            ("$.source.deeper", None),
        ] {
            let found = Path::parse(path).expect(path).find(event).map(Cow::into_owned);
            assert_eq!(found, expected, "{path}");
        }
        let whole = Path::parse("$").expect("a path").find(event).map(Cow::into_owned);
        assert_eq!(whole, Some(Value::Object(event.clone())));
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for text in ["", "detail", "$detail", "$.", "$.a..b", "$.a[", "$.a[x]", "$.a[-1]"] {
            assert_eq!(Path::parse(text), None, "{text}");
        }
    }
}
