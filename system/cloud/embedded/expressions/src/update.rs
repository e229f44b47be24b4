//! Update expressions.

use crate::{
    ExpressionError, Item, Placeholders, Substitutions,
    error::Kind,
    operand::Operand,
    path::{Path, ResolvedPath},
    projection::Paths,
};

mod apply;
mod check;
mod parse;
#[cfg(test)]
mod tests;

/// A parsed update, reusable for any number of items and requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    actions: Vec<Action>,
    placeholders: Placeholders,
}

/// What an update does at one path.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Action {
    path: Path,
    change: Change,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Change {
    Set(Assigned),
    Remove,
    /// Adds the value with this placeholder.
    Add(Box<str>),
    /// Takes the members of the set with this placeholder away.
    Delete(Box<str>),
}

/// The right-hand side of a `SET`.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Assigned {
    Operand(Operand),
    Sum(Operand, Operand),
    Difference(Operand, Operand),
}

/// What an update makes of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Updated<'a> {
    /// The item afterwards.
    pub item: Item,
    /// The paths that were written to, then those that were removed.
    touched: Vec<ResolvedPath<'a>>,
    /// How many were written to.
    written: usize,
}

impl Updated<'_> {
    /// What `ReturnValues=UPDATED_OLD` gives: the touched parts of the item as it was `before`.
    #[must_use]
    pub fn updated_old(&self, before: &Item) -> Item {
        Paths::new(&self.touched).project(before)
    }

    /// What `ReturnValues=UPDATED_NEW` gives: the written parts of the item as it is `after`.
    #[must_use]
    pub fn updated_new(&self, after: &Item) -> Item {
        Paths::new(&self.touched[..self.written]).project(after)
    }
}

impl Update {
    /// Parses an `UpdateExpression`.
    ///
    /// # Errors
    ///
    /// What is wrong with the text whatever the placeholders stand for: size, syntax, reserved
    /// words, unknown functions, a section that comes twice, limits.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        let (actions, placeholders) = parse::parse(text)?;
        Ok(Self { actions, placeholders })
    }

    /// The placeholders it mentions, for [`Substitutions::check_used`].
    #[must_use]
    pub const fn placeholders(&self) -> &Placeholders {
        &self.placeholders
    }

    /// Checks what can be known before there is an item: that every placeholder is defined, that no
    /// two paths overlap, and that every operand has a type its operator takes. Once for each
    /// request.
    ///
    /// # Errors
    ///
    /// The first defect, as AWS words it.
    pub fn check(&self, substitutions: &Substitutions<'_>) -> Result<(), ExpressionError> {
        check::check(&self.actions, substitutions)
    }

    /// The top-level attributes that the update writes to or removes, possibly more than once.
    ///
    /// # Errors
    ///
    /// A placeholder that is not defined.
    pub fn attributes<'a>(
        &'a self,
        substitutions: &Substitutions<'a>,
    ) -> Result<Vec<&'a str>, ExpressionError> {
        let attribute = |action: &'a Action| action.path.attribute(Kind::Update, substitutions);
        self.actions.iter().map(attribute).collect()
    }

    /// The item that `item` turns into. Every right-hand side sees `item` as it was.
    ///
    /// # Errors
    ///
    /// A path that `item` has no place for, an attribute that is read but not there, an operand of
    /// the wrong type, a number out of range, documents that nest too deeply.
    pub fn apply<'a>(
        &'a self,
        item: &Item,
        substitutions: &Substitutions<'a>,
    ) -> Result<Updated<'a>, ExpressionError> {
        apply::apply(&self.actions, item, substitutions)
    }
}
