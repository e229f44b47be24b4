//! Reading requests without copying them, and writing JSON without building it first.

use std::{borrow::Cow, fmt, marker::PhantomData, ops::Deref};

use securecart_embedded_wire::AwsError;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};

use crate::error;

/// A string of the request: borrowed unless JSON escapes had to be undone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Text<'a>(Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }

            fn visit_string<E>(self, text: String) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text)))
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}

/// A JSON object as a list, in the order of the request.
#[derive(Debug, Clone)]
pub(crate) struct Pairs<'a, V>(pub(crate) Vec<(Text<'a>, V)>);

impl<V> Default for Pairs<'_, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de: 'a, 'a, V: Deserialize<'de>> Deserialize<'de> for Pairs<'a, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PairsVisitor<V>(PhantomData<V>);
        impl<'de, V: Deserialize<'de>> Visitor<'de> for PairsVisitor<V> {
            type Value = Pairs<'de, V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        let pairs: Pairs<'de, V> = deserializer.deserialize_map(PairsVisitor(PhantomData))?;
        Ok(pairs)
    }
}

/// The request in `body`; an empty body is an empty object.
pub(crate) fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, AwsError> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|reason| error::malformed(&reason))
}

/// `value`, or the error that the request lacks `parameter`.
pub(crate) fn required<T>(value: Option<T>, parameter: &str) -> Result<T, AwsError> {
    value.ok_or_else(|| error::missing(parameter))
}

/// Appends `text` as a JSON string.
pub(crate) fn write_string(out: &mut Vec<u8>, text: &str) {
    serde_json::to_writer(out, text).expect("a string is always JSON and memory takes it");
}

/// Appends `,"KEY":"text"`, or without the comma at the start of an object. `key` needs no escapes.
pub(crate) fn write_member(out: &mut Vec<u8>, key: &str, text: &str) {
    write_key(out, key);
    write_string(out, text);
}

/// Appends `,"KEY":`, or without the comma at the start of an object. `key` needs no escapes.
pub(crate) fn write_key(out: &mut Vec<u8>, key: &str) {
    if out.last() != Some(&b'{') {
        out.push(b',');
    }
    out.push(b'"');
    out.extend_from_slice(key.as_bytes());
    out.extend_from_slice(b"\":");
}

/// Appends `,"KEY":"number"`: SQS writes the numbers of attributes as strings.
pub(crate) fn write_number(out: &mut Vec<u8>, key: &str, number: u64) {
    use std::io::Write as _;
    write_key(out, key);
    write!(out, "\"{number}\"").expect("memory takes it");
}

/// `bytes` in lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// Whether SQS carries every character of `text`: no control characters but tab, newline and
/// carriage return, and neither U+FFFE nor U+FFFF.
pub(crate) fn is_carried(text: &str) -> bool {
    let bytes = text.as_bytes();
    let control = |byte: u8| byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r');
    // Without an early end the compiler looks at many bytes at once.
    let (controls, marks) = bytes.iter().fold((false, false), |(controls, marks), &byte| {
        (controls | control(byte), marks | (byte == 0xef))
    });
    let marked = marks && text.contains(['\u{fffe}', '\u{ffff}']);
    !controls && !marked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Request<'a> {
        #[serde(borrow)]
        name: Option<Text<'a>>,
        #[serde(borrow, default)]
        tags: Pairs<'a, Text<'a>>,
    }

    #[test]
    fn plain_strings_are_borrowed_and_escapes_undone() {
        let request: Request<'_> =
            parse(br#"{"name":"plain","tags":{"b":"x\ny","a":""}}"#).expect("valid");
        assert!(matches!(request.name, Some(Text(Cow::Borrowed("plain")))));
        assert_eq!(&*request.tags.0[0].1, "x\ny");
        assert_eq!(request.tags.0.len(), 2);
        assert!(parse::<Request<'_>>(b"").expect("empty is {}").name.is_none());
        let refused = parse::<Request<'_>>(br#"{"name":1}"#).err().expect("a number");
        assert_eq!(refused.code, "SerializationException");
    }

    #[test]
    fn members_are_separated_and_escaped() {
        let mut out = vec![b'{'];
        write_member(&mut out, "A", "q\"");
        write_number(&mut out, "B", 7);
        assert_eq!(out, br#"{"A":"q\"","B":"7""#);
        assert_eq!(hex(&[0, 255, 16]), "00ff10");
    }

    #[test]
    fn control_characters_and_noncharacters_are_refused() {
        assert!(is_carried("tab\tline\r\n ünïcode \u{fffd} 🛒 \u{efff}"));
        for text in ["\u{0}", "\u{b}", "\u{1f}", "\u{fffe}", "a\u{ffff}"] {
            assert!(!is_carried(text), "{text:?}");
        }
    }
}
