//! One test of a field's value.

use serde_json::{Number, Value};

use super::{address::Block, glob::Glob};

/// What a single value must be. `{"exists": false}` is not here: it is about the event.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    /// Null, a boolean or a string: itself.
    Exact(Value),
    /// A number, as it was written.
    ExactNumber(Number),
    /// A number of this value, however it was written.
    SameNumber(f64),
    Prefix(String),
    Suffix(String),
    /// The following three hold lower case.
    IgnoreCase(String),
    PrefixIgnoreCase(String),
    SuffixIgnoreCase(String),
    Wildcard(Glob),
    Numeric(Range),
    Address(Block),
    Exists,
    /// No test of the list passes.
    AnythingBut(Vec<Test>),
}

/// Numbers between two bounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Range {
    pub(super) low: f64,
    pub(super) low_included: bool,
    pub(super) high: f64,
    pub(super) high_included: bool,
}

impl Range {
    pub(super) const ALL: Self = Self {
        low: f64::NEG_INFINITY,
        low_included: true,
        high: f64::INFINITY,
        high_included: true,
    };

    fn contains(self, value: f64) -> bool {
        (value > self.low || self.low_included && value == self.low)
            && (value < self.high || self.high_included && value == self.high)
    }
}

impl Test {
    pub(super) fn accepts(&self, value: &Value) -> bool {
        match self {
            Self::Exact(exact) => exact == value,
            Self::ExactNumber(exact) => matches!(value, Value::Number(number) if number == exact),
            Self::SameNumber(exact) => value.as_f64() == Some(*exact),
            Self::Numeric(range) => value.as_f64().is_some_and(|value| range.contains(value)),
            Self::Exists => true,
            Self::AnythingBut(tests) => !tests.iter().any(|test| test.accepts(value)),
            _ => value.as_str().is_some_and(|text| self.accepts_text(text)),
        }
    }

    fn accepts_text(&self, text: &str) -> bool {
        match self {
            Self::Prefix(prefix) => text.starts_with(prefix.as_str()),
            Self::Suffix(suffix) => text.ends_with(suffix.as_str()),
            Self::IgnoreCase(lower) => text.to_lowercase() == *lower,
            Self::PrefixIgnoreCase(lower) => text.to_lowercase().starts_with(lower.as_str()),
            Self::SuffixIgnoreCase(lower) => text.to_lowercase().ends_with(lower.as_str()),
            Self::Wildcard(glob) => glob.matches(text),
            Self::Address(block) => block.contains(text),
            _ => false,
        }
    }
}
