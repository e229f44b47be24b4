//! Condition and filter expressions.

use crate::{ExpressionError, Item, Placeholders, Substitutions, error::Kind};

mod check;
mod evaluate;
mod parse;
#[cfg(test)]
mod tests;

pub(crate) use evaluate::order;

use crate::operand::{Function, Operand};

/// A parsed condition, reusable for any number of items and requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    kind: Kind,
    root: Node,
    placeholders: Placeholders,
}

/// A condition or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Node {
    Compare(Comparator, Operand, Operand),
    /// The first is at least the second and at most the third.
    Between([Operand; 3]),
    In(Operand, Vec<Operand>),
    Function(Function),
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparator {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    /// The comparator with its sides swapped.
    pub(crate) const fn mirrored(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
            same => same,
        }
    }

    /// Whether it needs an order and not just equality.
    const fn is_ordering(self) -> bool {
        !matches!(self, Self::Equal | Self::NotEqual)
    }
}

impl Condition {
    /// Parses a `ConditionExpression`.
    ///
    /// # Errors
    ///
    /// What is wrong with the text whatever the placeholders stand for: size, syntax, redundant
    /// parentheses, unknown or misused functions, reserved words, limits.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        Self::parse_as(Kind::Condition, text)
    }

    /// Parses a `FilterExpression`, which differs in its messages alone.
    ///
    /// # Errors
    ///
    /// As [`Condition::parse`].
    pub fn parse_filter(text: &str) -> Result<Self, ExpressionError> {
        Self::parse_as(Kind::Filter, text)
    }

    pub(crate) fn parse_as(kind: Kind, text: &str) -> Result<Self, ExpressionError> {
        let (root, placeholders) = parse::parse(kind, text)?;
        Ok(Self { kind, root, placeholders })
    }

    /// The placeholders it mentions, for [`Substitutions::check_used`].
    #[must_use]
    pub const fn placeholders(&self) -> &Placeholders {
        &self.placeholders
    }

    /// Checks what can be known before there is an item: that every placeholder is defined and every
    /// operand has a type its operator takes. Once for each request.
    ///
    /// # Errors
    ///
    /// The first defect, as AWS words it.
    pub fn check(&self, substitutions: &Substitutions<'_>) -> Result<(), ExpressionError> {
        check::check(self.kind, &self.root, substitutions)
    }

    /// Whether the condition holds for `item`; an item that is not there is an empty one.
    ///
    /// # Errors
    ///
    /// Only what [`Condition::check`] would have found.
    pub fn evaluate(
        &self,
        item: &Item,
        substitutions: &Substitutions<'_>,
    ) -> Result<bool, ExpressionError> {
        evaluate::holds(self.kind, &self.root, item, substitutions)
    }

    /// The top-level attributes that the condition refers to, in the order of the text and
    /// possibly more than once.
    ///
    /// # Errors
    ///
    /// A placeholder that is not defined.
    pub fn attributes<'a>(
        &'a self,
        substitutions: &Substitutions<'a>,
    ) -> Result<Vec<&'a str>, ExpressionError> {
        let mut attributes = Vec::new();
        self.root.walk(&mut |operand| {
            if let Operand::Path(path) = operand {
                attributes.push(path.resolve(self.kind, substitutions)?.attribute());
            }
            Ok(())
        })?;
        Ok(attributes)
    }

    pub(crate) const fn root(&self) -> &Node {
        &self.root
    }
}

impl Node {
    /// Calls `visit` with every operand, from left to right.
    fn walk<'n>(
        &'n self,
        visit: &mut impl FnMut(&'n Operand) -> Result<(), ExpressionError>,
    ) -> Result<(), ExpressionError> {
        match self {
            Self::Compare(_, left, right) => {
                left.walk(visit)?;
                right.walk(visit)
            }
            Self::Between(operands) => operands.iter().try_for_each(|one| one.walk(visit)),
            Self::In(operand, list) => {
                operand.walk(visit)?;
                list.iter().try_for_each(|one| one.walk(visit))
            }
            Self::Function(function) => {
                function.arguments.iter().try_for_each(|one| one.walk(visit))
            }
            Self::And(nodes) | Self::Or(nodes) => {
                nodes.iter().try_for_each(|node| node.walk(visit))
            }
            Self::Not(node) => node.walk(visit),
        }
    }
}
