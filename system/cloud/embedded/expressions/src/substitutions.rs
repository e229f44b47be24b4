//! What stands for the `#names` and `:values` of a request's expressions.

use std::collections::BTreeMap;

use crate::{AttributeValue, ExpressionError, error::Kind};

/// `ExpressionAttributeNames`: attribute names by placeholder.
pub type Names = BTreeMap<String, String>;

/// `ExpressionAttributeValues`: values by placeholder.
pub type Values = BTreeMap<String, AttributeValue>;

/// The names and values of one request.
#[derive(Debug, Clone, Copy, Default)]
pub struct Substitutions<'a> {
    names: Option<&'a Names>,
    values: Option<&'a Values>,
}

impl<'a> Substitutions<'a> {
    /// Those of a request; `None` for a parameter that it does not have.
    #[must_use]
    pub const fn new(names: Option<&'a Names>, values: Option<&'a Values>) -> Self {
        Self { names, values }
    }

    /// Checks the maps on their own, before any expression is looked at: neither may be empty, and
    /// every key has to be a placeholder.
    ///
    /// # Errors
    ///
    /// AWS's message about the first map or key that is wrong.
    pub fn check_keys(&self) -> Result<(), ExpressionError> {
        if let Some(names) = self.names {
            check_keys(NAMES, '#', names)?;
        }
        if let Some(values) = self.values {
            check_keys(VALUES, ':', values)?;
        }
        Ok(())
    }

    /// Checks that the expressions with these `placeholders` use every name and every value.
    ///
    /// # Errors
    ///
    /// AWS's message about the unused ones, or about a map that came without any expression.
    pub fn check_used(&self, placeholders: &[&Placeholders]) -> Result<(), ExpressionError> {
        if let Some(names) = self.names {
            let used = |key: &str| placeholders.iter().any(|all| all.has_name(key));
            check_used(NAMES, names, placeholders.is_empty(), used)?;
        }
        if let Some(values) = self.values {
            let used = |key: &str| placeholders.iter().any(|all| all.has_value(key));
            check_used(VALUES, values, placeholders.is_empty(), used)?;
        }
        Ok(())
    }

    pub(crate) fn name(&self, kind: Kind, placeholder: &str) -> Result<&'a str, ExpressionError> {
        self.names.and_then(|names| names.get(placeholder)).map(String::as_str).ok_or_else(|| {
            ExpressionError::invalid(
                kind,
                format_args!(
                    "An expression attribute name used in the document path is not defined; \
                     attribute name: {placeholder}"
                ),
            )
        })
    }

    pub(crate) fn value(
        &self,
        kind: Kind,
        placeholder: &str,
    ) -> Result<&'a AttributeValue, ExpressionError> {
        self.values.and_then(|values| values.get(placeholder)).ok_or_else(|| {
            ExpressionError::invalid(
                kind,
                format_args!(
                    "An expression attribute value used in expression is not defined; attribute \
                     value: {placeholder}"
                ),
            )
        })
    }
}

const NAMES: &str = "ExpressionAttributeNames";
const VALUES: &str = "ExpressionAttributeValues";

fn check_keys<V>(
    parameter: &str,
    sign: char,
    map: &BTreeMap<String, V>,
) -> Result<(), ExpressionError> {
    if map.is_empty() {
        return Err(ExpressionError::new(format!("{parameter} must not be empty")));
    }
    let well_formed = |key: &str| {
        key.strip_prefix(sign).is_some_and(|name| {
            !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        })
    };
    match map.keys().find(|key| !well_formed(key)) {
        Some(key) => Err(ExpressionError::new(format!(
            "{parameter} contains invalid key: Syntax error; key: \"{key}\""
        ))),
        None => Ok(()),
    }
}

fn check_used<V>(
    parameter: &str,
    map: &BTreeMap<String, V>,
    alone: bool,
    used: impl Fn(&str) -> bool,
) -> Result<(), ExpressionError> {
    if alone {
        return Err(ExpressionError::new(format!(
            "{parameter} can only be specified when using expressions"
        )));
    }
    let unused: Vec<&str> = map.keys().map(String::as_str).filter(|key| !used(key)).collect();
    if unused.is_empty() {
        return Ok(());
    }
    Err(ExpressionError::new(format!(
        "Value provided in {parameter} unused in expressions: keys: {{{}}}",
        unused.join(", ")
    )))
}

/// The placeholders that an expression mentions, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Placeholders {
    names: Vec<Box<str>>,
    values: Vec<Box<str>>,
}

impl Placeholders {
    /// Whether the expression mentions the name `#key`.
    #[must_use]
    pub fn has_name(&self, key: &str) -> bool {
        self.names.iter().any(|name| **name == *key)
    }

    /// Whether the expression mentions the value `:key`.
    #[must_use]
    pub fn has_value(&self, key: &str) -> bool {
        self.values.iter().any(|value| **value == *key)
    }

    pub(crate) fn add_name(&mut self, key: &str) {
        if !self.has_name(key) {
            self.names.push(key.into());
        }
    }

    pub(crate) fn add_value(&mut self, key: &str) {
        if !self.has_value(key) {
            self.values.push(key.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Condition, Projection};

    fn names(keys: &[&str]) -> Names {
        keys.iter().map(|key| ((*key).to_owned(), "a".to_owned())).collect()
    }

    fn values(keys: &[&str]) -> Values {
        keys.iter().map(|key| ((*key).to_owned(), AttributeValue::Null)).collect()
    }

    #[test]
    fn maps_must_have_placeholders_for_keys() {
        for (keys, message) in [
            (&[][..], "ExpressionAttributeNames must not be empty"),
            (&["a"][..], "ExpressionAttributeNames contains invalid key: Syntax error; key: \"a\""),
            (&["#"][..], "ExpressionAttributeNames contains invalid key: Syntax error; key: \"#\""),
            (
                &["#a", "#b-c"][..],
                "ExpressionAttributeNames contains invalid key: Syntax error; key: \"#b-c\"",
            ),
        ] {
            let names = names(keys);
            let error = Substitutions::new(Some(&names), None).check_keys().expect_err("a bad key");
            assert_eq!(error.message(), message);
        }
        let empty = Values::new();
        let error = Substitutions::new(None, Some(&empty)).check_keys().expect_err("empty");
        assert_eq!(error.message(), "ExpressionAttributeValues must not be empty");
        assert_eq!(Substitutions::default().check_keys(), Ok(()));
        let (names, values) = (names(&["#a_1"]), values(&[":1", ":b"]));
        assert_eq!(Substitutions::new(Some(&names), Some(&values)).check_keys(), Ok(()));
    }

    #[test]
    fn every_placeholder_must_be_used_by_some_expression() {
        let condition = Condition::parse("#a = :a").expect("a condition");
        let projection = Projection::parse("#b").expect("a projection");
        let all = [condition.placeholders(), projection.placeholders()];
        let (few, many) = (names(&["#a", "#b"]), names(&["#a", "#b", "#y", "#x"]));
        let given = values(&[":a"]);
        assert_eq!(Substitutions::new(Some(&few), Some(&given)).check_used(&all), Ok(()));
        let message = |substitutions: Substitutions<'_>, used: &[&Placeholders]| {
            substitutions.check_used(used).expect_err("unused").to_string()
        };
        assert_eq!(
            message(Substitutions::new(Some(&many), Some(&given)), &all),
            "Value provided in ExpressionAttributeNames unused in expressions: keys: {#x, #y}"
        );
        assert_eq!(
            message(Substitutions::new(Some(&few), Some(&given)), &all[1..]),
            "Value provided in ExpressionAttributeNames unused in expressions: keys: {#a}"
        );
        assert_eq!(
            message(Substitutions::new(None, Some(&given)), &[]),
            "ExpressionAttributeValues can only be specified when using expressions"
        );
    }
}
