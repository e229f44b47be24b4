//! Tokens of the expression language, which all five kinds of expression share.

use std::{iter::Peekable, str::CharIndices};

/// What a token is. Keywords and function names are [`Shape::Word`]s: only the grammar of each kind
/// of expression knows which is which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A letter and then letters, digits and underscores.
    Word,
    /// `#name`.
    Name,
    /// `:value`.
    Value,
    /// Digits: an index into a list.
    Index,
    Open,
    Close,
    OpenIndex,
    CloseIndex,
    Dot,
    Comma,
    Plus,
    Minus,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    /// A character that no token starts with.
    Unknown,
    End,
}

/// A token and where its text is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Token {
    pub(crate) shape: Shape,
    start: usize,
    end: usize,
}

impl Token {
    /// The token's text; `<EOF>` after the last one.
    pub(crate) fn text<'t>(&self, text: &'t str) -> &'t str {
        if self.shape == Shape::End { "<EOF>" } else { &text[self.start..self.end] }
    }
}

/// The tokens of `text`, an [`Shape::End`] last.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut characters = text.char_indices().peekable();
    let mut tokens = Vec::new();
    while let Some((start, first)) = characters.next() {
        if matches!(first, ' ' | '\t' | '\r' | '\n') {
            continue;
        }
        let shape = shape(first, &mut characters);
        let end = characters.peek().map_or(text.len(), |&(position, _)| position);
        tokens.push(Token { shape, start, end });
    }
    tokens.push(Token { shape: Shape::End, start: text.len(), end: text.len() });
    tokens
}

/// The part of `text` that a syntax error at `position` quotes: the token with its neighbours.
pub(crate) fn near<'t>(text: &'t str, tokens: &[Token], position: usize) -> &'t str {
    let first = tokens[position.saturating_sub(1)];
    let last = tokens.get(position + 1).unwrap_or(&tokens[position]);
    text[first.start..last.end].trim_end()
}

fn shape(first: char, rest: &mut Peekable<CharIndices<'_>>) -> Shape {
    match first {
        'a'..='z' | 'A'..='Z' => {
            skip(rest, is_part);
            Shape::Word
        }
        '0'..='9' => {
            skip(rest, |character| character.is_ascii_digit());
            Shape::Index
        }
        '#' | ':' => match (skip(rest, is_part), first) {
            (0, _) => Shape::Unknown,
            (_, '#') => Shape::Name,
            (_, _) => Shape::Value,
        },
        '(' => Shape::Open,
        ')' => Shape::Close,
        '[' => Shape::OpenIndex,
        ']' => Shape::CloseIndex,
        '.' => Shape::Dot,
        ',' => Shape::Comma,
        '+' => Shape::Plus,
        '-' => Shape::Minus,
        '=' => Shape::Equal,
        '<' if next_is(rest, '>') => Shape::NotEqual,
        '<' if next_is(rest, '=') => Shape::LessOrEqual,
        '<' => Shape::Less,
        '>' if next_is(rest, '=') => Shape::GreaterOrEqual,
        '>' => Shape::Greater,
        _ => Shape::Unknown,
    }
}

fn is_part(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

fn skip(rest: &mut Peekable<CharIndices<'_>>, wanted: impl Fn(char) -> bool) -> usize {
    let mut skipped = 0;
    while rest.next_if(|&(_, character)| wanted(character)).is_some() {
        skipped += 1;
    }
    skipped
}

fn next_is(rest: &mut Peekable<CharIndices<'_>>, wanted: char) -> bool {
    rest.next_if(|&(_, character)| character == wanted).is_some()
}
