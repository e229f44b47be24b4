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
