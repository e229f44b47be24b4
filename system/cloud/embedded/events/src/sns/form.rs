//! Form-encoded requests of the query protocol.

use std::{borrow::Cow, collections::BTreeMap};

use securecart_embedded_wire::AwsError;

use super::error;

/// A request's parameters, or a part of them with a common prefix.
#[derive(Debug)]
pub(super) struct Form<'a> {
    pairs: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> Form<'a> {
    pub(super) fn parse(body: &'a [u8]) -> Self {
        let pair = |pair: &'a [u8]| match pair.iter().position(|&byte| byte == b'=') {
            Some(at) => (decoded(&pair[..at]), decoded(&pair[at + 1..])),
            None => (decoded(pair), Cow::Borrowed("")),
        };
        let pairs = body.split(|&byte| byte == b'&').filter(|pair| !pair.is_empty());
        Self { pairs: pairs.map(pair).collect() }
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(key, _)| key == name).map(|(_, value)| &**value)
    }

    pub(super) fn required(&self, name: &str) -> Result<&str, AwsError> {
        self.get(name).ok_or_else(|| {
            error::invalid(format!("{name} Reason: no value for required parameter"))
        })
    }

    /// The numbered parts below `prefix` (`Tags.member.` gives those of `Tags.member.1.Key`), in
    /// the order of their numbers. A part without a name (`TagKeys.member.1`) has an empty key.
    pub(super) fn numbered(&self, prefix: &str) -> Vec<Form<'_>> {
        let mut parts: BTreeMap<u32, Form<'_>> = BTreeMap::new();
        for (key, value) in &self.pairs {
            let Some(rest) = key.strip_prefix(prefix) else { continue };
            let (number, name) = rest.split_once('.').unwrap_or((rest, ""));
            if let Ok(number) = number.parse() {
                let part = parts.entry(number).or_insert_with(|| Form { pairs: Vec::new() });
                part.pairs.push((Cow::Borrowed(name), Cow::Borrowed(value)));
            }
        }
        parts.into_values().collect()
    }

    /// A map such as `Attributes.entry.1.key` and `.value`.
    pub(super) fn map(
        &self,
        prefix: &str,
        key: &str,
        value: &str,
    ) -> Result<BTreeMap<String, String>, AwsError> {
        self.numbered(prefix)
            .iter()
            .map(|part| {
                let value = part.get(value).unwrap_or_default();
                Ok((part.required(key)?.to_owned(), value.to_owned()))
            })
            .collect()
    }

    pub(super) fn list(&self, prefix: &str) -> Vec<String> {
        let parts = self.numbered(prefix);
        parts.iter().filter_map(|part| part.get("")).map(str::to_owned).collect()
    }
}

/// `text` with `+` and `%XX` undone. A message is mostly such: in one pass with all the room it
/// needs, this takes a third of what `form_urlencoded` does.
fn decoded(text: &[u8]) -> Cow<'_, str> {
    if !text.iter().any(|byte| matches!(byte, b'+' | b'%')) {
        return String::from_utf8_lossy(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [byte, after @ ..] = rest {
        let (byte, after) = match (byte, after) {
            (b'+', _) => (b' ', after),
            (b'%', [high, low, after @ ..])
                if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() =>
            {
                (hex_digit(*high) << 4 | hex_digit(*low), after)
            }
            (byte, _) => (*byte, after),
        };
        bytes.push(byte);
        rest = after;
    }
    let text = String::from_utf8(bytes);
    Cow::Owned(text.unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

/// The value of a hexadecimal digit.
const fn hex_digit(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_order_the_parts() {
        let body = b"Action=X&Tags.member.10.Key=c&Tags.member.2.Key=b%20b&Tags.member.2.Value=v\
                     &TagKeys.member.1=k&Tags.member.x.Key=no";
        let form = Form::parse(body);
        let tags = form.map("Tags.member.", "Key", "Value").expect("valid");
        assert_eq!(
            tags.into_iter().collect::<Vec<_>>(),
            [("b b".to_owned(), "v".to_owned()), ("c".to_owned(), String::new())]
        );
        assert_eq!(form.list("TagKeys.member."), ["k"]);
        assert!(form.required("Missing").is_err());
        assert!(form.map("TagKeys.member.", "Key", "Value").is_err());
    }

    proptest::proptest! {
        #[test]
        fn pairs_are_those_of_the_url_standard(body in "([a&=+%]|%[0-9a-fA-F]{2}|é){0,24}") {
            let expected: Vec<_> = form_urlencoded::parse(body.as_bytes()).collect();
            proptest::prop_assert_eq!(Form::parse(body.as_bytes()).pairs, expected);
        }
    }
}
