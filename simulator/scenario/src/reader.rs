//! From TOML to typed values, with the place of each and a message for what does not fit.
//!
//! Reading goes on after a problem. Unknown keys are found by remembering which keys were asked for,
//! so a key cannot be read without being known, nor known without being read.

use miette::SourceSpan;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::{
    located::{Field, Located},
    problem::Problems,
    suggest,
    units::{Clock, ClockRange, Duration, DurationRange, Text},
};

/// A TOML value and where it stands.
pub(crate) type Value<'i> = Spanned<DeValue<'i>>;

/// A type that can be read from a TOML value.
pub(crate) trait Read: Sized {
    /// The value; `None` when it does not fit, which is reported.
    fn read(value: &Value<'_>, problems: &mut Problems) -> Option<Self>;
}

/// Where `value` stands.
pub(crate) fn span_of<T>(value: &Spanned<T>) -> SourceSpan {
    value.span().into()
}

/// Reports that `value` is not what was `expected`.
pub(crate) fn mismatch(value: &Value<'_>, expected: &str, problems: &mut Problems) {
    let found = match value.get_ref() {
        DeValue::String(text) if text.parse::<f64>().is_ok() => format!("`{text}` in quotes"),
        DeValue::String(text) => format!("`{text}`"),
        DeValue::Integer(number) => format!("`{number}`"),
        DeValue::Float(number) => format!("`{number}`"),
        DeValue::Boolean(truth) => format!("`{truth}`"),
        DeValue::Datetime(time) => format!("`{time}`, which is not quoted"),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    };
    problems.add(span_of(value), format!("expected {expected}, found {found}"), "");
}

/// `value` as a list.
pub(crate) fn list<'v, 'i>(
    value: &'v Value<'i>,
    expected: &str,
    problems: &mut Problems,
) -> Option<&'v [Value<'i>]> {
    let items = value.get_ref().as_array();
    if items.is_none() {
        mismatch(value, expected, problems);
    }
    items.map(|items| &items[..])
}

/// `value` as a table of which `read` asks for every key it knows.
pub(crate) fn table<T>(
    value: &Value<'_>,
    problems: &mut Problems,
    read: impl FnOnce(&mut Fields<'_, '_>) -> T,
) -> Option<T> {
    let Some(table) = value.get_ref().as_table() else {
        mismatch(value, "a table", problems);
        return None;
    };
    let mut fields = Fields { table, span: span_of(value), asked: Vec::new(), problems };
    let read = read(&mut fields);
    fields.refuse_unknown();
    Some(read)
}

/// A table while it is read.
pub(crate) struct Fields<'t, 'i> {
    table: &'t DeTable<'i>,
    span: SourceSpan,
    asked: Vec<&'static str>,
    problems: &'t mut Problems,
}

impl Fields<'_, '_> {
    /// The key's value, which may be absent.
    pub(crate) fn optional<T: Read>(&mut self, key: &'static str) -> Field<T> {
        self.asked.push(key);
        let Some(value) = self.table.get(key) else { return Field::default() };
        let read = T::read(value, self.problems);
        Field(read.map(|read| Located { value: read, span: span_of(value) }))
    }

    /// The key's value, whose absence is reported.
    pub(crate) fn required<T: Read>(&mut self, key: &'static str) -> Field<T> {
        if !self.table.contains_key(key) {
            let (span, help) = match self.span {
                whole if whole.is_empty() => (None, "add it at the top level of the file"),
                table => (Some(table), ""),
            };
            self.problems.add(span, format!("`{key}` is missing"), help);
        }
        self.optional(key)
    }

    fn refuse_unknown(self) {
        for (key, _) in self.table {
            let name: &str = key.get_ref();
            if !self.asked.contains(&name) {
                let help = suggest::help(name, self.asked.iter().copied());
                self.problems.add(span_of(key), format!("unknown key `{name}`"), help);
            }
        }
    }
}

/// The entries of a table whose keys are free, in the order of the text.
pub(crate) fn entries<'v, 'i>(
    value: &'v Value<'i>,
    problems: &mut Problems,
) -> Option<Vec<(Located<String>, &'v Value<'i>)>> {
    let Some(table) = value.get_ref().as_table() else {
        mismatch(value, "a table", problems);
        return None;
    };
    let mut entries: Vec<_> = table
        .iter()
        .map(|(key, value)| {
            (Located { value: key.get_ref().to_string(), span: span_of(key) }, value)
        })
        .collect();
    entries.sort_by_key(|(key, _)| key.span.offset());
    Some(entries)
}

impl Read for String {
    fn read(value: &Value<'_>, problems: &mut Problems) -> Option<Self> {
        let text = value.get_ref().as_str();
        if text.is_none() {
            mismatch(value, "a quoted text", problems);
        }
        text.map(str::to_owned)
    }
}

impl Read for f64 {
    fn read(value: &Value<'_>, problems: &mut Problems) -> Option<Self> {
        let number = match value.get_ref() {
            DeValue::Float(number) => number.as_str().parse().ok(),
            DeValue::Integer(number) => {
                // Through i128, so that a number in any base and of any TOML size is read.
                let whole = i128::from_str_radix(number.as_str(), number.radix()).ok();
                whole.map(|whole| whole as Self)
            }
            _ => None,
        };
        let number = number.filter(|number: &Self| number.is_finite());
        if number.is_none() {
            mismatch(value, "a finite number", problems);
        }
        number
    }
}

/// `value` as a whole number from 0 to `most`.
fn whole(value: &Value<'_>, most: u64, problems: &mut Problems) -> Option<u64> {
    let number = match value.get_ref() {
        DeValue::Integer(number) => u64::from_str_radix(number.as_str(), number.radix()).ok(),
        _ => None,
    };
    let number = number.filter(|number| *number <= most);
    if number.is_none() {
        let negative =
            matches!(value.get_ref(), DeValue::Integer(n) if n.as_str().starts_with('-'));
        let expected = match value.get_ref() {
            DeValue::Integer(_) if !negative => format!("a whole number of at most {most}"),
            _ => "a whole number of at least 0".to_owned(),
        };
        mismatch(value, &expected, problems);
    }
    number
}

impl Read for u64 {
    fn read(value: &Value<'_>, problems: &mut Problems) -> Option<Self> {
        whole(value, Self::MAX, problems)
    }
}

impl Read for u32 {
    fn read(value: &Value<'_>, problems: &mut Problems) -> Option<Self> {
        whole(value, u64::from(Self::MAX), problems).and_then(|number| Self::try_from(number).ok())
    }
}

impl<T: Read> Read for Vec<Located<T>> {
    fn read(value: &Value<'_>, problems: &mut Problems) -> Option<Self> {
        if value.get_ref().is_table() {
            let help = "write `[[key]]` for each entry, or `key = [{ ... }]`";
            problems.add(span_of(value), "expected a list, found a table", help);
            return None;
        }
        let items = list(value, "a list", problems)?;
        // All are read before one that does not fit spoils the list: rules between entries would
        // only complain about the gap.
        let read: Vec<_> = items
            .iter()
            .map(|item| T::read(item, problems).map(|value| Located { value, span: span_of(item) }))
            .collect();
        read.into_iter().collect()
    }
}

macro_rules! read_as_text {
    ($($text:ident),*) => {$(
        impl Read for $text {
            fn read(value: &Value<'_>, problems: &mut Problems) -> Option<Self> {
                let read = value.get_ref().as_str().and_then(<Self as Text>::parse);
                if read.is_none() {
                    mismatch(value, <Self as Text>::EXPECTED, problems);
                }
                read
            }
        }
    )*};
}

read_as_text!(Duration, Clock, ClockRange, DurationRange);
