//! Values that know where in the text they stand.

use std::borrow::Cow;

use miette::SourceSpan;
use schemars::{JsonSchema, Schema, SchemaGenerator};

/// A value and its place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Located<T> {
    /// What was read.
    pub(crate) value: T,
    /// Where it stands.
    pub(crate) span: SourceSpan,
}

/// A key of a table: absent where it is not given or could not be read (which is then reported).
#[derive(Debug, Clone)]
pub(crate) struct Field<T>(pub(crate) Option<Located<T>>);

impl<T> Default for Field<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Field<T> {
    /// The value, if there is one.
    pub(crate) fn value(&self) -> Option<&T> {
        self.0.as_ref().map(|located| &located.value)
    }

    /// Where the value stands, if there is one.
    pub(crate) fn span(&self) -> Option<SourceSpan> {
        self.0.as_ref().map(|located| located.span)
    }
}

/// In the schema a place adds nothing: the value's own schema stands for both wrappers.
macro_rules! schema_of_the_value {
    ($wrapper:ident) => {
        impl<T: JsonSchema> JsonSchema for $wrapper<T> {
            fn inline_schema() -> bool {
                T::inline_schema()
            }

            fn schema_name() -> Cow<'static, str> {
                T::schema_name()
            }

            fn schema_id() -> Cow<'static, str> {
                T::schema_id()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                T::json_schema(generator)
            }
        }
    };
}

schema_of_the_value!(Located);
schema_of_the_value!(Field);
