//! What requests look like, and how a body becomes one.
//!
//! Bodies are read straight into these shapes; text without escapes is borrowed. Unknown members
//! are ignored, as AWS does. The legacy parameters (`AttributeUpdates`, `Expected`,
//! `KeyConditions`, filters, `AttributesToGet`, `ConditionalOperator`) are deliberately absent: a
//! request that has one is refused rather than misunderstood.

use std::{borrow::Cow, fmt, ops::Deref};

use securecart_embedded_expressions::validation_message;
use serde::{
    Deserialize, Deserializer,
    de::{self, IgnoredAny, Visitor},
};

use crate::error::{self, Result, constraint, missing, validation};

pub(crate) mod batch;
pub(crate) mod item;
pub(crate) mod query;
pub(crate) mod stream;
pub(crate) mod table;
pub(crate) mod transact;

/// Text of a request, borrowed from its body where it holds no escapes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Text<'a>(Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E: de::Error>(
                self,
                text: &'de str,
            ) -> std::result::Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> std::result::Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}

/// Reads `body`; an empty one stands for a request without members.
pub(crate) fn decode<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T> {
    let body: &[u8] = if body.is_empty() { b"{}" } else { body };
    // Checked as a whole: `from_slice` would check every string by itself.
    let text = str::from_utf8(body).map_err(|error| error::serialization(error.to_string()))?;
    serde_json::from_str(text).map_err(|error| match validation_message(&error) {
        Some(message) => validation(message),
        None => error::serialization(error.to_string()),
    })
}

/// The value of a required member.
pub(crate) fn required<T>(value: Option<T>, member: &str) -> Result<T> {
    value.ok_or_else(|| missing(member))
}

/// A value of a closed list.
pub(crate) trait Choice: Copy + 'static {
    /// Every value and how AWS writes it, in the order in which AWS lists them.
    const ALL: &'static [(&'static str, Self)];

    /// The value that `text`, the member `member`, names.
    fn parse(text: &str, member: &str) -> Result<Self> {
        Self::ALL.iter().find(|(name, _)| *name == text).map(|(_, value)| *value).ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|(name, _)| *name).collect();
            constraint(
                format_args!("'{text}'"),
                member,
                format_args!("Member must satisfy enum value set: [{}]", names.join(", ")),
            )
        })
    }

    /// The same; the default where the member is absent.
    fn parse_or_default(text: Option<&Text<'_>>, member: &str) -> Result<Self>
    where
        Self: Default,
    {
        text.map_or_else(|| Ok(Self::default()), |text| Self::parse(text, member))
    }

    /// How AWS writes the value.
    fn name(self) -> &'static str
    where
        Self: PartialEq,
    {
        Self::ALL.iter().find(|(_, value)| *value == self).map_or("", |(name, _)| name)
    }
}

impl Choice for crate::capacity::Report {
    const ALL: &'static [(&'static str, Self)] =
        &[("INDEXES", Self::Indexes), ("TOTAL", Self::Total), ("NONE", Self::None)];
}

/// Whether answers tell the size of item collections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum CollectionReport {
    #[default]
    None,
    Size,
}

impl Choice for CollectionReport {
    const ALL: &'static [(&'static str, Self)] = &[("SIZE", Self::Size), ("NONE", Self::None)];
}

/// The table's name out of `TableName`, which may be an ARN.
pub(crate) fn table_name<'r>(text: Option<&'r Text<'_>>) -> Result<&'r str> {
    let text: &str = required(text, "tableName")?;
    let name = match text.strip_prefix("arn:") {
        Some(arn) => arn.split_once(":table/").map_or(text, |(_, name)| name),
        None => text,
    };
    resource_name(name, "tableName", "TableName")?;
    Ok(name)
}

/// Checks the name of a table or index: `member` as constraints name it, `title` as AWS does when
/// the length is wrong.
pub(crate) fn resource_name(name: &str, member: &str, title: &str) -> Result<()> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if !(3..=255).contains(&name.len()) {
        return Err(validation(format!(
            "{title} must be at least 3 characters long and at most 255 characters long"
        )));
    }
    if !name.chars().all(allowed) {
        return Err(constraint(
            format_args!("'{name}'"),
            member,
            "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
        ));
    }
    Ok(())
}

/// A legacy parameter: present or not.
pub(crate) type Legacy = Option<IgnoredAny>;

/// Refuses the legacy parameters that are present.
pub(crate) fn refuse_legacy(parameters: &[(&str, &Legacy)]) -> Result<()> {
    match parameters.iter().find(|(_, value)| value.is_some()) {
        Some((name, _)) => Err(validation(format!(
            "the embedded engine does not offer the legacy parameter {name}; use expressions"
        ))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::Report;

    #[test]
    fn text_is_borrowed_unless_it_holds_escapes() {
        let plain: Text<'_> = decode(br#""carts""#).expect("text");
        assert!(matches!(plain.0, Cow::Borrowed("carts")));
        let escaped: Text<'_> = decode(br#""car\u0074s""#).expect("text");
        assert!(matches!(escaped.0, Cow::Owned(_)));
        assert_eq!(&*escaped, "carts");
        assert_eq!(decode::<Text<'_>>(b"7").expect_err("a number").code, "SerializationException");
    }

    #[test]
    fn a_value_outside_its_list_is_refused_with_the_list() {
        let error = Report::parse("ALL", "returnConsumedCapacity").expect_err("not in the list");
        assert_eq!(
            error.message,
            "1 validation error detected: Value 'ALL' at 'returnConsumedCapacity' failed to satisfy \
             constraint: Member must satisfy enum value set: [INDEXES, TOTAL, NONE]"
        );
    }

    #[test]
    fn table_names_are_checked_and_arns_accepted() {
        let named = |text: &str| {
            let text = Text(Cow::Owned(text.to_owned()));
            table_name(Some(&text)).map(str::to_owned)
        };
        assert_eq!(named("carts"), Ok("carts".to_owned()));
        assert_eq!(named("arn:aws:dynamodb:us-east-1:0:table/carts"), Ok("carts".to_owned()));
        assert!(
            named("ab").expect_err("short").message.starts_with("TableName must be at least 3")
        );
        assert!(named("a b c").expect_err("space").message.contains("regular expression pattern"));
    }
}
