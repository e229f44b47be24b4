//! Walking over JSON without reading it: members and elements come as slices of the text.
//!
//! The layer looks at every call, so it reads no more of a body than it needs and allocates nothing.
//! What is not well-formed ends a walk early: the backend says what is wrong with it.

/// The members of the object `text`, in their order: name and value as they are written, the name
/// without its quotes and not unescaped.
pub(super) fn members(text: &[u8]) -> Members<'_> {
    Members(Walk::into(text, b'{'))
}

/// The elements of the array `text`, as they are written.
pub(super) fn elements(text: &[u8]) -> Elements<'_> {
    Elements(Walk::into(text, b'['))
}

/// The value of member `name` of the object `text`.
pub(super) fn member<'a>(text: &'a [u8], name: &str) -> Option<&'a [u8]> {
    members(text).find(|(found, _)| *found == name.as_bytes()).map(|(_, value)| value)
}

/// The text of the string `value`, not unescaped.
pub(super) fn string(value: &[u8]) -> Option<&str> {
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

    /// From an opening quote to behind the closing one.
    fn skip_string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            let rest = self.text.get(self.at..)?;
            let found = rest.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
            let escaped = rest[found] == b'\\';
            self.at += found + 1 + usize::from(escaped);
            if !escaped {
                return Some(());
            }
        }
    }

    fn skip_nested(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                b'"' => {
                    self.skip_string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Some(());
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

/// See [`members`].
#[derive(Debug)]
pub(super) struct Members<'a>(Walk<'a>);

impl<'a> Iterator for Members<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let walk = &mut self.0;
        if !walk.next_item() {
            return None;
        }
        let name = walk.value()?.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        walk.skip_space();
        if walk.peek()? != b':' {
            return None;
        }
        walk.at += 1;
        Some((name, walk.value()?))
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
        }
        assert_eq!(elements(b"{}").count(), 0);
        assert_eq!(elements(b"[]").count(), 0);
        assert_eq!(elements(br#"["a\"#).count(), 0);
    }
}
