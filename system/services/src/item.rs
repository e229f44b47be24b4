//! DynamoDB items to and from what services think in.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::Failure;

/// An item as the SDK has it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// A string attribute.
#[expect(
    clippy::needless_pass_by_value,
    reason = "identifiers are copied and texts are lent: a reference would only be noise"
)]
pub(crate) fn string(value: impl ToString) -> AttributeValue {
    AttributeValue::S(value.to_string())
}

/// A number attribute.
pub(crate) fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// The string in attribute `name`.
pub(crate) fn read_string<'a>(item: &'a Item, name: &str) -> Result<&'a str, Failure> {
    item.get(name)
        .and_then(|value| value.as_s().ok())
        .map(String::as_str)
        .ok_or_else(|| Failure::broken("dynamodb", format!("an item has no string `{name}`")))
}

/// The whole number in attribute `name`.
pub(crate) fn read_number(item: &Item, name: &str) -> Result<u64, Failure> {
    item.get(name)
        .and_then(|value| value.as_n().ok())
        .and_then(|number| number.parse().ok())
        .ok_or_else(|| Failure::broken("dynamodb", format!("an item has no number `{name}`")))
}

/// The identifier in attribute `name`.
pub(crate) fn read_id<T: std::str::FromStr>(item: &Item, name: &str) -> Result<T, Failure>
where
    T::Err: std::fmt::Display,
{
    read_string(item, name)?
        .parse()
        .map_err(|error: T::Err| Failure::broken("dynamodb", error.to_string()))
}
