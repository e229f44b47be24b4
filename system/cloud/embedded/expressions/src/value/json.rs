//! The AWS JSON form of values, read and written without an intermediate tree.
//!
//! A value that is well-formed but that DynamoDB refuses fails with a message which
//! [`validation_message`] gives back; everything else that goes wrong is malformed input, a
//! `SerializationException` on the wire.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use compact_str::CompactString;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
    ser::{SerializeMap, SerializeSeq},
};

use super::{AttributeValue, Item, MAX_NESTING};
use crate::Number;

/// What stands before the message of a refused value inside a serde error.
const REFUSED: &str = "ValidationException: ";

const EMPTY: &str =
    "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes";
const SEVERAL: &str = "Supplied AttributeValue has more than one datatypes set, must contain \
                       exactly one of the supported datatypes";
const NULL_IS_FALSE: &str = "One or more parameter values were invalid: Null attribute value types \
                             must have the value of true";
const EMPTY_STRING_SET: &str =
    "One or more parameter values were invalid: An string set  may not be empty";
const EMPTY_NUMBER_SET: &str =
    "One or more parameter values were invalid: An number set  may not be empty";
const EMPTY_BINARY_SET: &str =
    "One or more parameter values were invalid: Binary sets should not be empty";
const DUPLICATE_NUMBERS: &str = "Input collection contains duplicates";
const TOO_DEEP: &str = "Nesting Levels have exceeded supported limits: Attributes in the item have \
                        nested levels beyond supported limit";

/// The `ValidationException` message of an error from reading a value; `None` where the input was
/// malformed instead.
#[must_use]
pub fn validation_message(error: &serde_json::Error) -> Option<String> {
    let text = error.to_string();
    let message = text.strip_prefix(REFUSED)?;
    let place = format!(" at line {} column {}", error.line(), error.column());
    Some(message.strip_suffix(place.as_str()).unwrap_or(message).to_owned())
}

fn refused<E: de::Error>(message: impl fmt::Display) -> E {
    E::custom(format_args!("{REFUSED}{message}"))
}

impl<'de> Deserialize<'de> for AttributeValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        ValueSeed { level: 0 }.deserialize(deserializer)
    }
}

/// Reads a value that `level` lists and maps enclose.
#[derive(Clone, Copy)]
struct ValueSeed {
    level: usize,
}

impl ValueSeed {
    fn inner<E: de::Error>(self) -> Result<Self, E> {
        if self.level == MAX_NESTING {
            return Err(refused(TOO_DEEP));
        }
        Ok(Self { level: self.level + 1 })
    }
}

impl<'de> DeserializeSeed<'de> for ValueSeed {
    type Value = AttributeValue;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed {
    type Value = AttributeValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an attribute value such as {\"S\":\"text\"}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<AttributeValue, A::Error> {
        let mut value = None;
        let mut several = false;
        while let Some(tag) = map.next_key::<Tag>()? {
            if let Some(next) = self.tagged(tag, &mut map)? {
                several |= value.replace(next).is_some();
            }
        }
        match value {
            Some(_) if several => Err(refused(SEVERAL)),
            Some(value) => Ok(value),
            None => Err(refused(EMPTY)),
        }
    }
}

impl ValueSeed {
    /// The value of the member `tag`; `None` for a member that AWS would not look at.
    fn tagged<'de, A: MapAccess<'de>>(
        self,
        tag: Tag,
        map: &mut A,
    ) -> Result<Option<AttributeValue>, A::Error> {
        Ok(Some(match tag {
            Tag::S => AttributeValue::S(map.next_value()?),
            Tag::N => AttributeValue::N(map.next_value()?),
            Tag::B => AttributeValue::B(map.next_value::<Bytes>()?.0),
            Tag::Bool => AttributeValue::Bool(map.next_value()?),
            Tag::Null => match map.next_value()? {
                true => AttributeValue::Null,
                false => return Err(refused(NULL_IS_FALSE)),
            },
            Tag::L => AttributeValue::L(map.next_value_seed(List(self.inner()?))?),
            Tag::M => AttributeValue::M(map.next_value_seed(Map(self.inner()?))?),
            Tag::Ss => AttributeValue::Ss(map.next_value_seed(Set(Member::TEXT))?),
            Tag::Ns => AttributeValue::Ns(map.next_value_seed(Set(Member::NUMBER))?),
            Tag::Bs => {
                let members = map.next_value_seed(Set(Member::BINARY))?;
                AttributeValue::Bs(members.into_iter().map(|bytes| bytes.0).collect())
            }
            Tag::Unknown => {
                map.next_value::<IgnoredAny>()?;
                return Ok(None);
            }
        }))
    }
}

#[derive(Clone, Copy)]
enum Tag {
    S,
    N,
    B,
    Bool,
    Null,
    L,
    M,
    Ss,
    Ns,
    Bs,
    Unknown,
}

impl<'de> Deserialize<'de> for Tag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_identifier(TagVisitor)
    }
}

struct TagVisitor;

impl Visitor<'_> for TagVisitor {
    type Value = Tag;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one of S, N, B, BOOL, NULL, L, M, SS, NS, BS")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Tag, E> {
        Ok(match text {
            "S" => Tag::S,
            "N" => Tag::N,
            "B" => Tag::B,
            "BOOL" => Tag::Bool,
            "NULL" => Tag::Null,
            "L" => Tag::L,
            "M" => Tag::M,
            "SS" => Tag::Ss,
            "NS" => Tag::Ns,
            "BS" => Tag::Bs,
            _ => Tag::Unknown,
        })
    }
}

/// Reads a JSON string as what `parse` makes of it.
struct Text<F>(F, &'static str);

impl<'de, T, E: fmt::Display, F: FnOnce(&str) -> Result<T, E>> Visitor<'de> for Text<F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.1)
    }

    fn visit_str<D: de::Error>(self, text: &str) -> Result<T, D> {
        (self.0)(text).map_err(D::custom)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let parse = |text: &str| text.parse::<Self>().map_err(|error| format!("{REFUSED}{error}"));
        deserializer.deserialize_str(Text(parse, "a number as a string"))
    }
}

/// Bytes that JSON carries as base64.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Bytes(Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let parse = |text: &str| BASE64.decode(text).map(Self);
        deserializer.deserialize_str(Text(parse, "bytes in base64"))
    }
}

struct List(ValueSeed);

impl<'de> DeserializeSeed<'de> for List {
    type Value = Vec<AttributeValue>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for List {
    type Value = Vec<AttributeValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of attribute values")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = seq.next_element_seed(self.0)? {
            values.push(value);
        }
        Ok(values)
    }
}

struct Map(ValueSeed);

impl<'de> DeserializeSeed<'de> for Map {
    type Value = Item;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Map {
    type Value = Item;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of attribute values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut values = BTreeMap::new();
        while let Some(name) = map.next_key::<CompactString>()? {
            values.insert(name, map.next_value_seed(self.0)?);
        }
        Ok(values)
    }
}

/// What a set asks of its members, and how it says so. A member may be empty, a set may not (guide,
/// "data types": "empty string and binary values are allowed within a set").
struct Member<T> {
    empty: &'static str,
    duplicate: fn(&[&T]) -> String,
}

impl Member<CompactString> {
    const TEXT: Self = Self {
        empty: EMPTY_STRING_SET,
        duplicate: |all| {
            let all: Vec<&str> = all.iter().map(|text| text.as_str()).collect();
            format!(
                "One or more parameter values were invalid: Input collection [{}] contains \
                 duplicates.",
                all.join(", ")
            )
        },
    };
}

impl Member<Number> {
    const NUMBER: Self =
        Self { empty: EMPTY_NUMBER_SET, duplicate: |_| DUPLICATE_NUMBERS.to_owned() };
}

impl Member<Bytes> {
    const BINARY: Self = Self {
        empty: EMPTY_BINARY_SET,
        duplicate: |all| {
            let all: Vec<String> = all.iter().map(|bytes| BASE64.encode(&bytes.0)).collect();
            format!(
                "One or more parameter values were invalid: Input collection [{}]of type BS \
                 contains duplicates.",
                all.join(", ")
            )
        },
    };
}

struct Set<T>(Member<T>);

impl<'de, T: Deserialize<'de> + Ord> DeserializeSeed<'de> for Set<T> {
    type Value = BTreeSet<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T: Deserialize<'de> + Ord> Visitor<'de> for Set<T> {
    type Value = BTreeSet<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of the set's members")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = seq.next_element::<T>()? {
            members.push(member);
        }
        if members.is_empty() {
            return Err(refused(self.0.empty));
        }
        let distinct: BTreeSet<&T> = members.iter().collect();
        if distinct.len() < members.len() {
            let all: Vec<&T> = members.iter().collect();
            return Err(refused((self.0.duplicate)(&all)));
        }
        Ok(members.into_iter().collect())
    }
}

impl Serialize for AttributeValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_key(self.type_name())?;
        match self {
            Self::S(text) => map.serialize_value(text)?,
            Self::N(number) => map.serialize_value(number)?,
            Self::B(bytes) => map.serialize_value(&Encoded(bytes))?,
            Self::Bool(value) => map.serialize_value(value)?,
            Self::Null => map.serialize_value(&true)?,
            Self::L(values) => map.serialize_value(values)?,
            Self::M(values) => map.serialize_value(values)?,
            Self::Ss(texts) => map.serialize_value(texts)?,
            Self::Ns(numbers) => map.serialize_value(numbers)?,
            Self::Bs(members) => map.serialize_value(&EncodedSet(members))?,
        }
        map.end()
    }
}

struct Encoded<'a>(&'a [u8]);

impl Serialize for Encoded<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&base64::display::Base64Display::new(self.0, &BASE64))
    }
}

struct EncodedSet<'a>(&'a BTreeSet<Vec<u8>>);

impl Serialize for EncodedSet<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(Some(self.0.len()))?;
        for member in self.0 {
            seq.serialize_element(&Encoded(member))?;
        }
        seq.end()
    }
}
