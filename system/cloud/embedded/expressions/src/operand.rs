//! Operands: paths, values and functions of them.

use std::borrow::Cow;

use crate::{
    AttributeValue, ExpressionError, Item, Number, Substitutions, error::Kind, path::Path,
};

/// Something that a condition compares or an update assigns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Operand {
    Path(Path),
    /// The placeholder of a value.
    Value(Box<str>),
    Function(Function),
}

/// A function and its arguments, as many as were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) name: FunctionName,
    pub(crate) arguments: Vec<Operand>,
}

/// The functions of conditions and updates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FunctionName {
    AttributeExists,
    AttributeNotExists,
    AttributeType,
    BeginsWith,
    Contains,
    Size,
    IfNotExists,
    ListAppend,
}

impl FunctionName {
    /// The function with the name `text`, which is case-sensitive.
    pub(crate) fn parse(text: &str, kind: Kind) -> Option<Self> {
        let in_update = kind == Kind::Update;
        Some(match text {
            "attribute_exists" if !in_update => Self::AttributeExists,
            "attribute_not_exists" if !in_update => Self::AttributeNotExists,
            "attribute_type" if !in_update => Self::AttributeType,
            "begins_with" if !in_update => Self::BeginsWith,
            "contains" if !in_update => Self::Contains,
            "size" if !in_update => Self::Size,
            "if_not_exists" if in_update => Self::IfNotExists,
            "list_append" if in_update => Self::ListAppend,
            _ => return None,
        })
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::AttributeExists => "attribute_exists",
            Self::AttributeNotExists => "attribute_not_exists",
            Self::AttributeType => "attribute_type",
            Self::BeginsWith => "begins_with",
            Self::Contains => "contains",
            Self::Size => "size",
            Self::IfNotExists => "if_not_exists",
            Self::ListAppend => "list_append",
        }
    }

    const fn arity(self) -> usize {
        match self {
            Self::AttributeExists | Self::AttributeNotExists | Self::Size => 1,
            _ => 2,
        }
    }
}

impl Function {
    /// The two arguments of a function that has two. `check_arity` comes first.
    pub(crate) fn pair(&self, kind: Kind) -> Result<(&Operand, &Operand), ExpressionError> {
        match self.arguments.as_slice() {
            [first, second] => Ok((first, second)),
            _ => Err(self.wrong_arity(kind)),
        }
    }

    /// The argument of a function that has one.
    pub(crate) fn only(&self, kind: Kind) -> Result<&Operand, ExpressionError> {
        match self.arguments.as_slice() {
            [only] => Ok(only),
            _ => Err(self.wrong_arity(kind)),
        }
    }

    pub(crate) fn check_arity(&self, kind: Kind) -> Result<(), ExpressionError> {
        if self.arguments.len() == self.name.arity() {
            return Ok(());
        }
        Err(self.wrong_arity(kind))
    }

    fn wrong_arity(&self, kind: Kind) -> ExpressionError {
        wrong_count(kind, self.name.as_str(), self.arguments.len())
    }

    pub(crate) fn needs_path(&self, kind: Kind) -> ExpressionError {
        ExpressionError::invalid(
            kind,
            format_args!(
                "Operator or function requires a document path; operator or function: {}",
                self.name.as_str()
            ),
        )
    }
}

/// The refusal of `operator` with `count` operands.
pub(crate) fn wrong_count(kind: Kind, operator: &str, count: usize) -> ExpressionError {
    ExpressionError::invalid(
        kind,
        format_args!(
            "Incorrect number of operands for operator or function; operator or function: \
             {operator}, number of operands: {count}"
        ),
    )
}

/// The refusal of an operand of type `name` to `operator`.
pub(crate) fn wrong_type(kind: Kind, operator: &str, name: &str) -> ExpressionError {
    ExpressionError::invalid(
        kind,
        format_args!(
            "Incorrect operand type for operator or function; operator or function: {operator}, \
             operand type: {name}"
        ),
    )
}

impl Operand {
    /// Calls `visit` with this operand and every one inside of it.
    pub(crate) fn walk<'o>(
        &'o self,
        visit: &mut impl FnMut(&'o Self) -> Result<(), ExpressionError>,
    ) -> Result<(), ExpressionError> {
        visit(self)?;
        match self {
            Self::Function(function) => {
                function.arguments.iter().try_for_each(|argument| argument.walk(visit))
            }
            _ => Ok(()),
        }
    }

    /// The value in `item` and the request, without the functions of updates. `None` where the item
    /// has no such attribute.
    pub(crate) fn value<'v>(
        &self,
        kind: Kind,
        item: &'v Item,
        substitutions: &Substitutions<'v>,
    ) -> Result<Option<Cow<'v, AttributeValue>>, ExpressionError> {
        match self {
            Self::Path(path) => Ok(path.get(kind, item, substitutions)?.map(Cow::Borrowed)),
            Self::Value(key) => {
                substitutions.value(kind, key).map(|value| Some(Cow::Borrowed(value)))
            }
            Self::Function(function) => {
                let value = function.only(kind)?.value(kind, item, substitutions)?;
                let size = value.and_then(|value| size(&value));
                Ok(size.map(|size| Cow::Owned(AttributeValue::N(Number::from(size)))))
            }
        }
    }

    /// The type that the operand has whatever the item holds.
    pub(crate) fn known_type(
        &self,
        kind: Kind,
        substitutions: &Substitutions<'_>,
    ) -> Result<Option<&'static str>, ExpressionError> {
        Ok(match self {
            Self::Path(_) => None,
            Self::Value(key) => Some(substitutions.value(kind, key)?.type_name()),
            Self::Function(function) => match function.name {
                FunctionName::Size => Some("N"),
                FunctionName::ListAppend => Some("L"),
                FunctionName::IfNotExists => None,
                _ => Some("BOOL"),
            },
        })
    }
}

/// What `size` gives: characters, bytes, or elements. Other types have none.
fn size(value: &AttributeValue) -> Option<usize> {
    match value {
        AttributeValue::S(text) => Some(text.chars().count()),
        AttributeValue::B(bytes) => Some(bytes.len()),
        AttributeValue::L(values) => Some(values.len()),
        AttributeValue::M(values) => Some(values.len()),
        AttributeValue::Ss(texts) => Some(texts.len()),
        AttributeValue::Ns(numbers) => Some(numbers.len()),
        AttributeValue::Bs(members) => Some(members.len()),
        AttributeValue::N(_) | AttributeValue::Bool(_) | AttributeValue::Null => None,
    }
}
