//! Attribute values: what an item is made of, how large it is, and how it looks on the wire.
//!
//! | variant | JSON | size in bytes |
//! |---|---|---|
//! | `S` | `{"S":"text"}` | UTF-8 length |
//! | `N` | `{"N":"1.5"}` | see [`Number::size`] |
//! | `B` | `{"B":"base64"}` | raw length |
//! | `Bool`, `Null` | `{"BOOL":true}`, `{"NULL":true}` | 1 |
//! | `L`, `M` | `{"L":[...]}`, `{"M":{...}}` | 3, and 1 + contents for each element |
//! | `Ss`, `Ns`, `Bs` | `{"SS":[...]}`, ... | contents |
//!
//! Sizes: AWS developer guide, "DynamoDB item sizes and formats". Invariants of a value that was
//! read from JSON: sets are not empty and hold each member once, documents nest at most
//! [`MAX_NESTING`] deep. The JSON form itself is in `json.rs`.

use std::collections::{BTreeMap, BTreeSet};

use compact_str::CompactString;

use crate::Number;

mod json;

pub use json::validation_message;

/// Levels of lists and maps an attribute can have (AWS developer guide, "Quotas", "Attributes").
pub const MAX_NESTING: usize = 32;

/// Bytes a list or map takes whatever it holds.
const DOCUMENT_OVERHEAD: usize = 3;

/// Bytes each element of a list or map takes beyond its contents.
const ELEMENT_OVERHEAD: usize = 1;

/// An item: attribute names and values. Names and most keys are short enough (24 bytes) to lie in
/// the map itself: a table's items are kept and dropped in any order, and each piece of memory of its
/// own that they had would scatter everybody's.
pub type Item = BTreeMap<CompactString, AttributeValue>;

/// One value, of one of DynamoDB's ten types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttributeValue {
    /// Text.
    S(CompactString),
    /// A number.
    N(Number),
    /// Bytes.
    B(Vec<u8>),
    /// A truth value.
    Bool(bool),
    /// Nothing, said explicitly.
    Null,
    /// A list of values of any types.
    L(Vec<AttributeValue>),
    /// A map of values of any types.
    M(Item),
    /// A set of texts.
    Ss(BTreeSet<CompactString>),
    /// A set of numbers.
    Ns(BTreeSet<Number>),
    /// A set of byte strings.
    Bs(BTreeSet<Vec<u8>>),
}

impl AttributeValue {
    /// A text value.
    #[must_use]
    pub fn string(text: impl Into<CompactString>) -> Self {
        Self::S(text.into())
    }

    /// A whole-number value.
    #[must_use]
    pub fn number(value: i64) -> Self {
        Self::N(value.into())
    }

    /// The type as JSON and `attribute_type` name it: `S`, `N`, `BOOL`, `SS`, ...
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::S(_) => "S",
            Self::N(_) => "N",
            Self::B(_) => "B",
            Self::Bool(_) => "BOOL",
            Self::Null => "NULL",
            Self::L(_) => "L",
            Self::M(_) => "M",
            Self::Ss(_) => "SS",
            Self::Ns(_) => "NS",
            Self::Bs(_) => "BS",
        }
    }

    /// The type as AWS's messages about operands name it: `STRING`, `NUMBER`, `LIST`, ...
    #[must_use]
    pub const fn operand_type(&self) -> &'static str {
        match self {
            Self::S(_) => "STRING",
            Self::N(_) => "NUMBER",
            Self::B(_) => "BINARY",
            Self::Bool(_) => "BOOLEAN",
            Self::Null => "NULL",
            Self::L(_) => "LIST",
            Self::M(_) => "MAP",
            Self::Ss(_) => "STRING_SET",
            Self::Ns(_) => "NUMBER_SET",
            Self::Bs(_) => "BINARY_SET",
        }
    }

    /// Bytes the value counts for, without its name.
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Self::S(text) => text.len(),
            Self::N(number) => number.size(),
            Self::B(bytes) => bytes.len(),
            Self::Bool(_) | Self::Null => 1,
            Self::L(values) => {
                let contents: usize =
                    values.iter().map(|value| ELEMENT_OVERHEAD + value.size()).sum();
                DOCUMENT_OVERHEAD + contents
            }
            Self::M(values) => {
                DOCUMENT_OVERHEAD + values.len() * ELEMENT_OVERHEAD + item_size(values)
            }
            Self::Ss(texts) => texts.iter().map(CompactString::len).sum(),
            Self::Ns(numbers) => numbers.iter().map(Number::size).sum(),
            Self::Bs(members) => members.iter().map(Vec::len).sum(),
        }
    }

    /// Levels of lists and maps: 0 for a scalar or a set, 1 for a list of scalars.
    #[must_use]
    pub fn nesting(&self) -> usize {
        match self {
            Self::L(values) => 1 + values.iter().map(Self::nesting).max().unwrap_or(0),
            Self::M(values) => 1 + values.values().map(Self::nesting).max().unwrap_or(0),
            _ => 0,
        }
    }
}

impl From<Number> for AttributeValue {
    fn from(number: Number) -> Self {
        Self::N(number)
    }
}

impl From<&str> for AttributeValue {
    fn from(text: &str) -> Self {
        Self::S(text.into())
    }
}

/// Bytes of an item (or of a map's contents): names in UTF-8 and values.
#[must_use]
pub fn item_size(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + value.size()).sum()
}

#[cfg(test)]
mod tests;
