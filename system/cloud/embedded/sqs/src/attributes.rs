//! Attributes of messages: validation, digest and selection.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use md5::{Digest as _, Md5};
use securecart_embedded_wire::AwsError;
use serde::Deserialize;

use crate::{
    error,
    text::{Pairs, Text, hex, is_carried, write_key, write_member},
};

/// The most attributes a message may carry.
const MAX_ATTRIBUTES: usize = 10;

/// An attribute as it comes in a request.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct AttributeInput<'a> {
    #[serde(borrow)]
    pub(crate) data_type: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) string_value: Option<Text<'a>>,
    /// Base64.
    #[serde(borrow)]
    pub(crate) binary_value: Option<Text<'a>>,
}

/// A valid attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attribute {
    name: Box<str>,
    data_type: Box<str>,
    value: Value,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Text(Box<str>),
    Binary(Box<[u8]>),
}

impl Value {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }
}

impl Attribute {
    /// Bytes that count towards the size of a message.
    fn size_bytes(&self) -> usize {
        self.name.len() + self.data_type.len() + self.value.bytes().len()
    }
}

/// Bytes of all `attributes` that count towards the size of a message.
pub(crate) fn size_bytes(attributes: &[Attribute]) -> usize {
    attributes.iter().map(Attribute::size_bytes).sum()
}

/// The attributes of a request, validated and sorted by name.
pub(crate) fn validate(pairs: &Pairs<'_, AttributeInput<'_>>) -> Result<Vec<Attribute>, AwsError> {
    let pairs = &pairs.0;
    if pairs.len() > MAX_ATTRIBUTES {
        return Err(error::invalid(format!(
            "Number of message attributes [{}] exceeds the allowed maximum [{MAX_ATTRIBUTES}].",
            pairs.len()
        )));
    }
    let mut attributes = Vec::with_capacity(pairs.len());
    for (name, input) in pairs {
        attributes.push(validate_one(name, input)?);
    }
    attributes.sort_by(|a, b| a.name.cmp(&b.name));
    if let Some(pair) = attributes.windows(2).find(|pair| pair[0].name == pair[1].name) {
        return Err(error::invalid(format!(
            "Message (user) attribute name '{}' already exists.",
            pair[0].name
        )));
    }
    Ok(attributes)
}

fn validate_one(name: &str, input: &AttributeInput<'_>) -> Result<Attribute, AwsError> {
    validate_name(name)?;
    let data_type = match input.data_type.as_deref() {
        None | Some("") => {
            return Err(error::invalid(format!(
                "The message attribute '{name}' must contain a non-empty message attribute type."
            )));
        }
        Some(data_type) if data_type.len() > 256 => {
            return Err(error::invalid(
                "Message (user) attribute types must be shorter than 256 Bytes",
            ));
        }
        Some(data_type) => data_type,
    };
    let value = match data_type.split('.').next() {
        Some("String") => Value::Text(text_value(name, "String", input)?.into()),
        Some("Number") => {
            let text = text_value(name, "Number", input)?;
            if !is_number(text) {
                return Err(error::invalid(format!(
                    "Can't cast the value of message (user) attribute '{name}' to a number."
                )));
            }
            Value::Text(text.into())
        }
        Some("Binary") => Value::Binary(binary_value(name, input)?),
        _ => {
            return Err(error::invalid(format!(
                "The type of message (user) attribute '{name}' is invalid. You must use only the \
                 following supported type prefixes: Binary, Number, String."
            )));
        }
    };
    Ok(Attribute { name: name.into(), data_type: data_type.into(), value })
}

fn validate_name(name: &str) -> Result<(), AwsError> {
    if name.is_empty() || name.len() > 256 {
        return Err(error::invalid(
            "Message (user) attribute names must be shorter than 256 Bytes",
        ));
    }
    let is_allowed = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    if !name.chars().all(is_allowed) || name.contains("..") {
        return Err(error::invalid(
            "Message (user) attributes name can only contain upper and lower score characters, \
             digits, periods, hyphens and underscores. ",
        ));
    }
    let lower = name.to_ascii_lowercase();
    let is_reserved = lower.starts_with("aws.") || lower.starts_with("amazon.");
    if is_reserved || name.starts_with('.') || name.ends_with('.') {
        return Err(error::invalid(
            "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. These \
             strings are reserved for internal use. Additionally, they cannot start or end with \
             '.'.",
        ));
    }
    Ok(())
}

fn empty_value(name: &str, kind: &str) -> AwsError {
    error::invalid(format!(
        "Message (user) attribute '{name}' must contain a non-empty value of type '{kind}'."
    ))
}

fn text_value<'a>(
    name: &str,
    kind: &str,
    input: &'a AttributeInput<'_>,
) -> Result<&'a str, AwsError> {
    match input.string_value.as_deref() {
        None | Some("") => Err(empty_value(name, kind)),
        Some(text) if !is_carried(text) => Err(error::invalid(error::INVALID_CHARACTERS)),
        Some(text) => Ok(text),
    }
}

fn binary_value(name: &str, input: &AttributeInput<'_>) -> Result<Box<[u8]>, AwsError> {
    let Some(text) = input.binary_value.as_deref().filter(|text| !text.is_empty()) else {
        return Err(empty_value(name, "Binary"));
    };
    let bytes = STANDARD
        .decode(text)
        .map_err(|_| error::invalid(format!("Message (user) attribute '{name}' is not Base64.")))?;
    Ok(bytes.into())
}

/// Whether `text` is a decimal number as SQS takes it: no infinities, no words.
fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'))
        && text.parse::<f64>().is_ok()
}

/// The documented digest: for each attribute by name, the lengths and bytes of name and type, one
/// byte for the kind of value, and its length and bytes.
pub(crate) fn digest<'a>(attributes: impl IntoIterator<Item = &'a Attribute>) -> [u8; 16] {
    let mut md5 = Md5::new();
    let part = |md5: &mut Md5, bytes: &[u8]| {
        // Sizes are bounded by the message, 1 MiB.
        md5.update(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
        md5.update(bytes);
    };
    for attribute in attributes {
        part(&mut md5, attribute.name.as_bytes());
        part(&mut md5, attribute.data_type.as_bytes());
        md5.update([if matches!(attribute.value, Value::Text(_)) { 1 } else { 2 }]);
        part(&mut md5, attribute.value.bytes());
    }
    md5.finalize().into()
}

/// Which attributes a receive asks for.
#[derive(Debug)]
pub(crate) enum Selection {
    None,
    All,
    /// Exact names, and prefixes.
    Some {
        names: Vec<Box<str>>,
        prefixes: Vec<Box<str>>,
    },
}

impl Selection {
    pub(crate) fn new(patterns: &[Text<'_>]) -> Self {
        if patterns.is_empty() {
            return Self::None;
        }
        let (mut names, mut prefixes) = (Vec::new(), Vec::new());
        for pattern in patterns {
            match pattern.strip_suffix(".*") {
                Some("") => return Self::All,
                _ if &**pattern == "All" => return Self::All,
                Some(prefix) => prefixes.push(prefix.into()),
                None => names.push((&**pattern).into()),
            }
        }
        Self::Some { names, prefixes }
    }

    fn takes(&self, name: &str) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::Some { names, prefixes } => {
                names.iter().any(|exact| &**exact == name)
                    || prefixes.iter().any(|prefix| name.starts_with(&**prefix))
            }
        }
    }

    /// Appends the selected attributes and their digest; `full_digest` is that of all.
    pub(crate) fn write(
        &self,
        out: &mut Vec<u8>,
        attributes: &[Attribute],
        full_digest: Option<[u8; 16]>,
    ) {
        let selected: Vec<&Attribute> =
            attributes.iter().filter(|attribute| self.takes(&attribute.name)).collect();
        if selected.is_empty() {
            return;
        }
        let all = selected.len() == attributes.len();
        let known = full_digest.filter(|_| all);
        let digest = known.unwrap_or_else(|| digest(selected.iter().copied()));
        write_member(out, "MD5OfMessageAttributes", &hex(&digest));
        write_key(out, "MessageAttributes");
        out.push(b'{');
        for attribute in selected {
            // Names have no characters that JSON escapes.
            write_key(out, &attribute.name);
            out.push(b'{');
            match &attribute.value {
                Value::Text(text) => write_member(out, "StringValue", text),
                Value::Binary(bytes) => write_member(out, "BinaryValue", &STANDARD.encode(bytes)),
            }
            write_member(out, "DataType", &attribute.data_type);
            out.push(b'}');
        }
        out.push(b'}');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::parse;

    fn attributes(json: &str) -> Result<Vec<Attribute>, AwsError> {
        validate(&parse(json.as_bytes()).expect("JSON"))
    }

    fn string(name: &str, value: &str) -> String {
        format!(r#"{{"{name}":{{"DataType":"String","StringValue":"{value}"}}}}"#)
    }

    /// Digests recorded from the service (LocalStack's snapshots of AWS).
    #[test]
    fn digests_are_those_of_the_service() {
        let three = attributes(
            r#"{"Help.Me":{"DataType":"String","StringValue":"Me"},
                "Hello":{"DataType":"String","StringValue":"There"},
                "General":{"DataType":"String","StringValue":"Kenobi"}}"#,
        )
        .expect("valid");
        assert_eq!(hex(&digest(&three)), "4c360f3fdafd970e05fae2f149d997f5");
        assert_eq!(hex(&digest(&three[..2])), "fca026605781cb4126a1e9044df24232");
        let foo = attributes(&string("Foo", "Bar")).expect("valid");
        assert_eq!(hex(&digest(&foo)), "ae7155c6026991b6d54b11589678bf9c");
        let bytes = b"traceparent\x1e00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01";
        let json = format!(
            r#"{{"attr1":{{"DataType":"Binary","BinaryValue":"{}"}}}}"#,
            STANDARD.encode(bytes)
        );
        let binary = attributes(&json).expect("valid");
        assert_eq!(hex(&digest(&binary)), "8cbe4db156db8a94db8b801b7addb984");
    }

    #[test]
    fn a_prefix_selects_by_text_and_recomputes_the_digest() {
        let three = attributes(
            r#"{"Help.Me":{"DataType":"String","StringValue":"Me"},
                "Hello":{"DataType":"String","StringValue":"There"},
                "General":{"DataType":"String","StringValue":"Kenobi"}}"#,
        )
        .expect("valid");
        let written = |patterns: &str| {
            let mut out = vec![b'{'];
            let patterns: Vec<Text<'_>> = parse(patterns.as_bytes()).expect("JSON");
            Selection::new(&patterns).write(&mut out, &three, Some(digest(&three)));
            String::from_utf8(out).expect("text")
        };
        assert!(written(r#"["Hel.*"]"#).contains("83fee93c1bcd8b9a5a923ffacdc636c7"));
        assert!(written(r#"["Hello","Nope"]"#).contains("a311262e065454b75da111d535b8dacd"));
        assert!(written(r#"[".*"]"#).contains("4c360f3fdafd970e05fae2f149d997f5"));
        assert!(written(r#"["All"]"#).contains("Kenobi"));
        assert_eq!(written(r#"["Nope"]"#), "{");
        assert_eq!(written("[]"), "{");
    }

    #[test]
    fn wrong_attributes_are_refused() {
        for name in ["AWS.x", "amazon.x", ".x", "x.", "a b", "a..b", &"n".repeat(257)] {
            assert!(attributes(&string(name, "v")).is_err(), "{name}");
        }
        for json in [
            r#"{"a":{"StringValue":"v"}}"#,
            r#"{"a":{"DataType":"Text","StringValue":"v"}}"#,
            r#"{"a":{"DataType":"Stringy","StringValue":"v"}}"#,
            r#"{"a":{"DataType":"String"}}"#,
            r#"{"a":{"DataType":"String","StringValue":""}}"#,
            r#"{"a":{"DataType":"String","StringValue":"\u0001"}}"#,
            r#"{"a":{"DataType":"Number","StringValue":"inf"}}"#,
            r#"{"a":{"DataType":"Number","StringValue":"1x"}}"#,
            r#"{"a":{"DataType":"Binary","BinaryValue":"?"}}"#,
        ] {
            assert!(attributes(json).is_err(), "{json}");
        }
        assert!(attributes(r#"{"a":{"DataType":"Number.int","StringValue":"-1.5e3"}}"#).is_ok());
        let eleven: Vec<String> = (0..11)
            .map(|n| format!(r#""a{n}":{{"DataType":"String","StringValue":"v"}}"#))
            .collect();
        assert!(attributes(&format!("{{{}}}", eleven.join(","))).is_err());
    }
}
