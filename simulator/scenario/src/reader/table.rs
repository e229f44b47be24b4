//! Tables: which keys they have, which of them is missing, and which does not belong there.
//!
//! One list names the keys that are read and those that are known, so a key cannot be read without
//! being known, nor known without being read.

use miette::SourceSpan;
use toml::de::DeTable;

use super::{Read, Value, mismatch, span_of};
use crate::{
    located::{Field, Located},
    problem::Problems,
    suggest,
};

/// A key and whether it is `required` or `optional`.
pub(crate) type Key = (&'static str, &'static str);

/// Derives [`Read`] from the keys of a table, in the order of the schema.
macro_rules! read_as_table {
    ($table:ident { $($field:ident: $need:ident $key:literal),* $(,)? }) => {
        impl crate::reader::Read for $table {
            fn read(
                value: &crate::reader::Value<'_>,
                problems: &mut crate::problem::Problems,
            ) -> Option<Self> {
                crate::reader::table(value, Self::KEYS, problems, Self::fields)
            }
        }

        impl $table {
            /// Every key that is read, and whether it is `required` or `optional`.
            pub(crate) const KEYS: &'static [crate::reader::Key] =
                &[$(($key, stringify!($need))),*];

            pub(crate) fn fields(fields: &mut crate::reader::Fields<'_, '_>) -> Self {
                Self { $($field: fields.$need($key)),* }
            }
        }
    };
}

/// Derives [`Read`] and the schema of a table whose other keys depend on its `kind`.
macro_rules! read_by_kind {
    ($table:ident as $schema:literal { $($variant:ident($body:ident) = $kind:literal),* $(,)? }) => {
        impl $table {
            pub(crate) const KINDS: &'static [crate::reader::Kind] =
                &[$(crate::reader::Kind { name: $kind, keys: $body::KEYS }),*];
        }

        impl crate::reader::Read for $table {
            fn read(
                value: &crate::reader::Value<'_>,
                problems: &mut crate::problem::Problems,
            ) -> Option<Self> {
                match crate::reader::kind(value, Self::KINDS, problems)? {
                    $($kind => crate::reader::table_of_kind(
                        value, $kind, Self::KINDS, problems, $body::fields,
                    ).map(Self::$variant),)*
                    _ => None,
                }
            }
        }

        impl schemars::JsonSchema for $table {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed($schema)
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let kinds = [$(
                    crate::schema::of_kind($kind, <$body as schemars::JsonSchema>::json_schema(generator))
                ),*];
                schemars::json_schema!({ "oneOf": kinds })
            }
        }
    };
}

pub(crate) use {read_as_table, read_by_kind};

/// A kind of table, and the keys it has besides `kind`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) keys: &'static [Key],
}

/// `value` as a table of these keys, which `read` asks for.
pub(crate) fn table<T>(
    value: &Value<'_>,
    keys: &[Key],
    problems: &mut Problems,
    read: impl FnOnce(&mut Fields<'_, '_>) -> T,
) -> Option<T> {
    let Some(table) = value.get_ref().as_table() else {
        mismatch(value, "a table", problems);
        return None;
    };
    let mut fields = Fields { table, span: span_of(value), problems };
    let read = read(&mut fields);
    fields.refuse_unknown(keys);
    Some(read)
}

/// The kind that a table says it is of; `None` where it says none of `kinds`, which is reported.
pub(crate) fn kind(
    value: &Value<'_>,
    kinds: &'static [Kind],
    problems: &mut Problems,
) -> Option<&'static str> {
    let Some(table) = value.get_ref().as_table() else {
        mismatch(value, "a table", problems);
        return None;
    };
    let names = kinds.iter().map(|kind| kind.name);
    let Some(given) = table.get("kind") else {
        problems.add(span_of(value), "`kind` is missing", suggest::help("", names));
        return None;
    };
    let text = String::read(given, problems)?;
    let known = names.clone().find(|name| *name == text);
    if known.is_none() {
        let help = suggest::help(&text, names);
        problems.add(span_of(given), format!("unknown kind `{text}`"), help);
    }
    known
}

/// `value` as a table of this kind; a key of another kind is reported as that.
pub(crate) fn table_of_kind<T>(
    value: &Value<'_>,
    name: &'static str,
    kinds: &'static [Kind],
    problems: &mut Problems,
    read: impl FnOnce(&mut Fields<'_, '_>) -> T,
) -> Option<T> {
    let table = value.get_ref().as_table()?;
    let mut fields = Fields { table, span: span_of(value), problems };
    let read = read(&mut fields);
    fields.refuse_other_kinds(name, kinds);
    Some(read)
}

/// A table while it is read.
pub(crate) struct Fields<'t, 'i> {
    table: &'t DeTable<'i>,
    span: SourceSpan,
    problems: &'t mut Problems,
}

impl Fields<'_, '_> {
    /// The key's value, which may be absent.
    pub(crate) fn optional<T: Read>(&mut self, key: &'static str) -> Field<T> {
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

    fn refuse_unknown(self, keys: &[Key]) {
        let names = keys.iter().map(|(name, _)| *name);
        for (key, _) in self.table {
            let name: &str = key.get_ref();
            if !names.clone().any(|known| known == name) {
                let help = suggest::help(name, names.clone());
                self.problems.add(span_of(key), format!("unknown key `{name}`"), help);
            }
        }
    }

    fn refuse_other_kinds(self, kind: &str, kinds: &[Kind]) {
        let own = kinds.iter().find(|known| known.name == kind).map_or(&[][..], |kind| kind.keys);
        let names = ["kind"].into_iter().chain(own.iter().map(|(name, _)| *name));
        for (key, _) in self.table {
            let name: &str = key.get_ref();
            if names.clone().any(|known| known == name) {
                continue;
            }
            if kinds.iter().flat_map(|kind| kind.keys).any(|(known, _)| *known == name) {
                let own: Vec<String> = own.iter().map(|(key, _)| format!("`{key}`")).collect();
                let message = format!("a `{kind}` has no key `{name}`");
                self.problems.add(span_of(key), message, format!("it has {}", own.join(", ")));
            } else {
                let help = suggest::help(name, names.clone());
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
