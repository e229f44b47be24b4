//! Walking over JSON without reading it: members and elements come as slices of the text.
//!
//! The layer looks at every call, so it reads no more of a body than it needs and allocates nothing.
//! What is not well-formed ends a walk early: the backend says what is wrong with it.

use std::sync::LazyLock;

use memchr::memmem::Finder;

/// The members of the object `text`, in their order: name and value as they are written, the name
/// without its quotes and not unescaped.
pub(super) fn members(text: &[u8]) -> Members<'_> {
    Members(Walk::into(text, b'{'))
}

/// The members of the object `text`: name, and the text from the value on. Values are stepped over
/// only when the next member is asked for.
pub(super) fn names(text: &[u8]) -> Names<'_> {
    Names { walk: Walk::into(text, b'{'), at_value: false }
}

/// The value that begins `text`.
pub(super) fn value(text: &[u8]) -> Option<&[u8]> {
    Walk { text, at: 0 }.value()
}

/// A search for a member at any depth, prepared once.
#[derive(Debug)]
pub(super) struct Search(LazyLock<Finder<'static>>);

impl Search {
    /// For the text that `make` looks for: the name in quotes, and the colon.
    pub(super) const fn new(make: fn() -> Finder<'static>) -> Self {
        Self(LazyLock::new(make))
    }

    /// The value of the first such member. Quotes in a string are escaped, so what is found is a
    /// member, but it may be one deep inside.
    pub(super) fn find<'a>(&self, text: &'a [u8]) -> Option<&'a [u8]> {
        let finder = &*self.0;
        let found = finder.find(text)?;
        value(&text[found + finder.needle().len()..])
    }
}

/// The elements of the array `text`, as they are written.
pub(super) fn elements(text: &[u8]) -> Elements<'_> {
    Elements(Walk::into(text, b'['))
}

/// The value of member `name` of the object `text`.
pub(crate) fn member<'a>(text: &'a [u8], name: &str) -> Option<&'a [u8]> {
    members(text).find(|(found, _)| *found == name.as_bytes()).map(|(_, value)| value)
}

/// The text of the string `value`, not unescaped.
pub(crate) fn string(value: &[u8]) -> Option<&str> {
    let inner = value.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    std::str::from_utf8(inner).ok()
}

/// The number `value`.
pub(super) fn number(value: &[u8]) -> Option<f64> {
    std::str::from_utf8(value).ok()?.parse().ok()
}

#[derive(Debug)]
struct Walk<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Walk<'a> {
    /// Behind the opening bracket; at the end where there is none.
    fn into(text: &'a [u8], open: u8) -> Self {
        let mut walk = Self { text, at: 0 };
        walk.skip_space();
        if walk.peek() == Some(open) {
            walk.at += 1;
        } else {
            walk.at = text.len();
        }
        walk
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Steps over commas and space; `false` at the end of the object or array.
    fn next_item(&mut self) -> bool {
        while self.peek().is_some_and(|byte| byte == b',' || byte.is_ascii_whitespace()) {
            self.at += 1;
        }
        self.peek().is_some_and(|byte| byte != b'}' && byte != b']')
    }

    /// The name of the next member, and on to its value; `None` at the end of the object.
    fn name(&mut self) -> Option<&'a [u8]> {
        if !self.next_item() {
            return None;
        }
        let name = self.value()?.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        self.skip_space();
        if self.peek()? != b':' {
            return None;
        }
        self.at += 1;
        self.skip_space();
        Some(name)
    }

    /// The value that begins here.
    fn value(&mut self) -> Option<&'a [u8]> {
        self.skip_space();
        let start = self.at;
        match self.peek()? {
            b'"' => self.skip_string()?,
            b'{' | b'[' => self.skip_nested()?,
            _ => self.skip_scalar(),
        }
        Some(&self.text[start..self.at])
    }

    fn skip_string(&mut self) -> Option<()> {
        self.at = behind_string(self.text, self.at)?;
        Some(())
    }

    fn skip_nested(&mut self) -> Option<()> {
        let (text, mut at) = (self.text, self.at);
        let mut depth = 0_usize;
        loop {
            match text.get(at)? {
                b'"' => at = behind_string(text, at)?,
                b'{' | b'[' => {
                    depth += 1;
                    at += 1;
                }
                b'}' | b']' => {
                    depth -= 1;
                    at += 1;
                    if depth == 0 {
                        self.at = at;
                        return Some(());
                    }
                }
                _ => at += 1,
            }
        }
    }

    fn skip_scalar(&mut self) {
        let ends = |byte: u8| matches!(byte, b',' | b'}' | b']') || byte.is_ascii_whitespace();
        while self.peek().is_some_and(|byte| !ends(byte)) {
            self.at += 1;
        }
    }
}

/// The place behind the string whose opening quote is at `at`.
#[inline]
fn behind_string(text: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        match text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// See [`members`].
#[derive(Debug)]
pub(super) struct Members<'a>(Walk<'a>);

impl<'a> Iterator for Members<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let name = self.0.name()?;
        Some((name, self.0.value()?))
    }
}

impl Members<'_> {
    /// Length of the object, once its members are through.
    pub(super) fn len(&self) -> usize {
        (self.0.at + 1).min(self.0.text.len())
    }
}

/// See [`names`].
#[derive(Debug)]
pub(super) struct Names<'a> {
    walk: Walk<'a>,
    at_value: bool,
}

impl<'a> Iterator for Names<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let walk = &mut self.walk;
        if std::mem::take(&mut self.at_value) {
            walk.value()?;
        }
        let name = walk.name()?;
        self.at_value = true;
        Some((name, &walk.text[walk.at..]))
    }
}

/// See [`elements`].
#[derive(Debug)]
pub(super) struct Elements<'a>(Walk<'a>);

impl<'a> Iterator for Elements<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.next_item() { self.0.value() } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_come_as_they_are_written() {
        let text = br#" { "a" : "x\"}y" , "b":[1,{"c":"]"}],"d":{"e":{}},"f":-1.5e3,"g":null}"#;
        let shown: Vec<(&[u8], &[u8])> = members(text).collect();
        let expected: Vec<(&[u8], &[u8])> = vec![
            (b"a", br#""x\"}y""#),
            (b"b", br#"[1,{"c":"]"}]"#),
            (b"d", br#"{"e":{}}"#),
            (b"f", b"-1.5e3"),
            (b"g", b"null"),
        ];
        assert_eq!(shown, expected);
        assert_eq!(member(text, "f").and_then(number), Some(-1_500.0));
        assert_eq!(member(text, "z"), None);
    }

    #[test]
    fn names_come_with_the_text_from_their_values_on() {
        let text = br#"{"a":{"b":1},"c": "d"}"#;
        let shown: Vec<(&[u8], &[u8])> = names(text).collect();
        let expected: Vec<(&[u8], &[u8])> =
            vec![(b"a", br#"{"b":1},"c": "d"}"#), (b"c", br#""d"}"#)];
        assert_eq!(shown, expected);
        assert_eq!(value(shown[0].1), Some(&br#"{"b":1}"#[..]));
        let mut inner = members(shown[0].1);
        assert_eq!(inner.by_ref().count(), 1);
        assert_eq!(inner.len(), br#"{"b":1}"#.len());
    }

    #[test]
    fn a_member_is_found_anywhere_but_not_in_a_string() {
        static X: Search = Search::new(|| Finder::new(r#""x":"#));
        let text = br#"{"a":"\"x\":1","y":"x","z":{"x":[2]}}"#;
        assert_eq!(X.find(text), Some(&b"[2]"[..]));
        assert_eq!(X.find(br#"{"y":"x"}"#), None);
    }

    #[test]
    fn elements_come_as_they_are_written() {
        let text = br#"[ "a", {"b":[2]} ,3 , [] ]"#;
        let shown: Vec<&[u8]> = elements(text).collect();
        let expected: Vec<&[u8]> = vec![br#""a""#, br#"{"b":[2]}"#, b"3", b"[]"];
        assert_eq!(shown, expected);
        assert_eq!(string(shown[0]), Some("a"));
    }

    #[test]
    fn what_is_no_json_ends_the_walk() {
        for text in ["", "x", "{", r#"{"a"#, r#"{"a":"#, r#"{"a":"b"#, r#"{"a":[1"#, "[", "{1:2}"] {
            assert_eq!(members(text.as_bytes()).count(), 0, "{text}");
            assert!(names(text.as_bytes()).all(|(name, _)| name == b"a"), "{text}");
        }
        assert_eq!(elements(b"{}").count(), 0);
        assert_eq!(elements(b"[]").count(), 0);
        assert_eq!(elements(br#"["a\"#).count(), 0);
    }
}
