//! Refusals, with the message of AWS's `ValidationException`.

use std::fmt;

use crate::NumberError;

/// Why an expression cannot be parsed, used or carried out. The message is the one that AWS puts
/// into its `ValidationException`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ExpressionError {
    message: String,
}

impl ExpressionError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }

    /// A defect of the expression itself: the message starts with the parameter's name.
    pub(crate) fn invalid(kind: Kind, defect: impl fmt::Display) -> Self {
        Self::new(format!("Invalid {kind}: {defect}"))
    }

    /// The message, as AWS words it.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl From<NumberError> for ExpressionError {
    fn from(error: NumberError) -> Self {
        Self::new(error.to_string())
    }
}

/// Which parameter of a request an expression came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Condition,
    Filter,
    KeyCondition,
    Update,
    Projection,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Condition => "ConditionExpression",
            Self::Filter => "FilterExpression",
            Self::KeyCondition => "KeyConditionExpression",
            Self::Update => "UpdateExpression",
            Self::Projection => "ProjectionExpression",
        })
    }
}
