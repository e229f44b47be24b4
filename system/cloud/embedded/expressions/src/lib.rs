//! DynamoDB attribute values and expressions.
#![forbid(unsafe_code)]

mod number;
mod value;

pub use number::{MAX_DIGITS, Number, NumberError};
pub use value::{AttributeValue, Item, MAX_NESTING, item_size, validation_message};
