//! DynamoDB attribute values and expressions: pure, no I/O, no clock.
//!
//! ```text
//! JSON ─▶ AttributeValue, Item ─────────────┐
//! text ─▶ Condition | KeyCondition |        ├─▶ bool | KeyRange | Updated | Item
//!         Update | Projection (once) ───────┤
//! names, values ─▶ Substitutions ───────────┘
//! ```
//!
//! An expression is parsed once and serves any number of requests, since `#names` and `:values` are
//! looked up when it is used. For each request, in this order:
//!
//! 1. [`Substitutions::check_keys`];
//! 2. [`Condition::check`], [`Update::check`], [`KeyCondition::resolve`], [`Projection::resolve`]:
//!    everything AWS refuses before it reads an item, such as undefined placeholders;
//! 3. [`Substitutions::check_used`] with the [`Placeholders`] of all the request's expressions;
//! 4. for each item [`Condition::evaluate`], [`Update::apply`], [`Paths::project`].
//!
//! ```
//! use securecart_embedded_expressions::{Condition, Item, Substitutions, Update, Values};
//!
//! let condition = Condition::parse("attribute_exists(stock) AND stock >= :wanted")?;
//! let update = Update::parse("SET stock = stock - :wanted")?;
//! let values: Values = serde_json::from_str(r#"{":wanted": {"N": "3"}}"#)?;
//! let substitutions = Substitutions::new(None, Some(&values));
//! substitutions.check_keys()?;
//! condition.check(&substitutions)?;
//! update.check(&substitutions)?;
//! substitutions.check_used(&[condition.placeholders(), update.placeholders()])?;
//!
//! let item: Item = serde_json::from_str(r#"{"id": {"S": "lamp"}, "stock": {"N": "10"}}"#)?;
//! assert!(condition.evaluate(&item, &substitutions)?);
//! let updated = update.apply(&item, &substitutions)?;
//! assert_eq!(serde_json::to_string(&updated.item)?, r#"{"id":{"S":"lamp"},"stock":{"N":"7"}}"#);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Invariants: a [`Number`] is exact; an error is an [`ExpressionError`] with the message of AWS's
//! `ValidationException`; no input makes anything here panic, and the time and the stack it takes
//! are bounded by the limits on expressions (4 KB, 300 operators, and 100 levels of parentheses, which
//! is this crate's own).
//!
//! The order in which defects are reported, and their wording, is that of the service as the tests
//! of dynalite recorded it; where neither those nor the developer guide say anything, the nearest
//! documented message is used.
//!
//! Deliberately absent: the parameters from before expressions (`AttributeUpdates`, `Expected`,
//! `KeyConditions`, `QueryFilter`, `ScanFilter`, `AttributesToGet`), PartiQL, and everything that
//! needs a table, such as the rule that an update leaves key attributes alone
//! ([`Update::attributes`] tells which it touches).
#![forbid(unsafe_code)]

mod condition;
mod error;
#[cfg(test)]
mod fixture;
mod key_condition;
mod number;
mod operand;
mod parser;
mod path;
mod projection;
mod reserved;
mod substitutions;
mod token;
mod update;
mod value;

pub use compact_str::CompactString;
pub use condition::Condition;
pub use error::ExpressionError;
pub use key_condition::{KeyCondition, KeyRange, SortRange};
pub use number::{MAX_DIGITS, Number, NumberError};
pub use projection::{Paths, Projection};
pub use substitutions::{Names, Placeholders, Substitutions, Values};
pub use update::{Update, Updated};
pub use value::{AttributeValue, Item, MAX_NESTING, item_size, validation_message};
