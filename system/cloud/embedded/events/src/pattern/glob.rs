//! Wildcards: `*` stands for any characters; `\*` and `\\` for themselves.

use super::PatternError;

/// Literal pieces with any characters between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Glob {
    /// At least one; with exactly one the text must equal it.
    pieces: Vec<String>,
}

impl Glob {
    pub(super) fn parse(text: &str) -> Result<Self, PatternError> {
        let mut pieces = vec![String::new()];
        let mut characters = text.char_indices().peekable();
        let mut after_star = false;
        while let Some((position, character)) = characters.next() {
            match character {
                '*' if after_star => {
                    let at = position - 1;
                    return Err(PatternError(format!(
                        "Consecutive wildcard characters at pos {at}"
                    )));
                }
                '*' => pieces.push(String::new()),
                '\\' => match characters.next() {
                    Some((_, escaped @ ('*' | '\\'))) => push(&mut pieces, escaped),
                    _ => {
                        return Err(PatternError(format!(
                            "Invalid escape character at pos {position}"
                        )));
                    }
                },
                plain => push(&mut pieces, plain),
            }
            after_star = character == '*';
        }
        Ok(Self { pieces })
    }

    /// Leftmost matches suffice, because a star takes anything: linear in pieces times text.
    pub(super) fn matches(&self, text: &str) -> bool {
        let (Some(first), Some(last)) = (self.pieces.first(), self.pieces.last()) else {
            return false;
        };
        if self.pieces.len() == 1 {
            return text == first;
        }
        let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
        for piece in &self.pieces[1..self.pieces.len() - 1] {
            match rest.find(piece.as_str()) {
                Some(at) => rest = &rest[at + piece.len()..],
                None => return false,
            }
        }
        rest.ends_with(last.as_str())
    }
}

fn push(pieces: &mut [String], character: char) {
    if let Some(piece) = pieces.last_mut() {
        piece.push(character);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        Glob::parse(pattern).expect("valid").matches(text)
    }

    #[test]
    fn stars_stand_for_any_characters() {
        assert!(matches("Simple*Service", "SimpleService"));
        assert!(matches("Simple*Service", "Simple Queue Service"));
        assert!(!matches("Simple*Service", "Simple Queue Service 2"));
        assert!(matches("*", ""));
        assert!(matches("a*a", "aa"));
        assert!(!matches("a*a", "a"));
        assert!(!matches("ab*ba", "aba"));
        assert!(matches("*/lib/*", "usr/lib/x"));
    }

    #[test]
    fn escapes_stand_for_themselves() {
        assert!(matches(r"a\*b", "a*b"));
        assert!(!matches(r"a\*b", "axb"));
        assert!(matches(r"a\\*", r"a\tail"));
        assert!(matches(r"\**", "*rest"));
    }

    #[test]
    fn what_ruler_refuses_is_refused() {
        assert!(Glob::parse("a**b").is_err());
        assert!(Glob::parse(r"a\b").is_err());
        assert!(Glob::parse(r"a\").is_err());
    }

    /// The textbook definition.
    fn naive(pattern: &[u8], text: &[u8]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some((b'*', rest)) => (0..=text.len()).any(|at| naive(rest, &text[at..])),
            Some((first, rest)) => text.first() == Some(first) && naive(rest, &text[1..]),
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition(
            pattern in "[ab]{0,3}(\\*[ab]{1,2}){0,3}\\*?",
            text in "[ab]{0,8}",
        ) {
            prop_assert_eq!(matches(&pattern, &text), naive(pattern.as_bytes(), text.as_bytes()));
        }
    }
}
