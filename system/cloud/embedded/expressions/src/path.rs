//! Document paths: `a.#b[2].c`.

use std::fmt;

use crate::{
    AttributeValue, ExpressionError, Item, MAX_NESTING, Substitutions, error::Kind,
    reserved::is_reserved,
};

/// One step of a path as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Segment {
    /// A name, literally.
    Name(Box<str>),
    /// A `#placeholder` of a name.
    Placeholder(Box<str>),
    /// A place in a list, from 0.
    Index(usize),
}

/// A path as it is written. The first segment is never an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path(pub(crate) Vec<Segment>);

impl Path {
    /// The first name that is a reserved word.
    pub(crate) fn reserved(&self) -> Option<&str> {
        self.0.iter().find_map(|segment| match segment {
            Segment::Name(name) if is_reserved(name) => Some(&**name),
            _ => None,
        })
    }

    /// The value at this path of `item`.
    pub(crate) fn get<'i>(
        &self,
        kind: Kind,
        item: &'i Item,
        substitutions: &Substitutions<'_>,
    ) -> Result<Option<&'i AttributeValue>, ExpressionError> {
        let mut segments = self.0.iter();
        let mut value = match segments.next() {
            Some(first) => match first.step(kind, substitutions)? {
                Step::Name(name) => item.get(name),
                Step::Index(_) => None,
            },
            None => None,
        };
        for segment in segments {
            let Some(outer) = value else { return Ok(None) };
            value = segment.step(kind, substitutions)?.of(outer);
        }
        Ok(value)
    }

    /// The attribute the path is in.
    pub(crate) fn attribute<'a>(
        &'a self,
        kind: Kind,
        substitutions: &Substitutions<'a>,
    ) -> Result<&'a str, ExpressionError> {
        let first = self.0.first().map(|segment| segment.step(kind, substitutions)).transpose()?;
        Ok(attribute(first))
    }

    /// The path with the names that its placeholders stand for.
    pub(crate) fn resolve<'a>(
        &'a self,
        kind: Kind,
        substitutions: &Substitutions<'a>,
    ) -> Result<ResolvedPath<'a>, ExpressionError> {
        let steps: Result<_, _> =
            self.0.iter().map(|segment| segment.step(kind, substitutions)).collect();
        Ok(ResolvedPath(steps?))
    }

    /// Checks that every placeholder is defined.
    pub(crate) fn check(
        &self,
        kind: Kind,
        substitutions: &Substitutions<'_>,
    ) -> Result<(), ExpressionError> {
        self.0.iter().try_for_each(|segment| segment.step(kind, substitutions).map(drop))
    }
}

impl Segment {
    fn step<'a>(
        &'a self,
        kind: Kind,
        substitutions: &Substitutions<'a>,
    ) -> Result<Step<'a>, ExpressionError> {
        Ok(match self {
            Self::Name(name) => Step::Name(name),
            Self::Placeholder(key) => Step::Name(substitutions.name(kind, key)?),
            Self::Index(index) => Step::Index(*index),
        })
    }
}

/// One step of a path with its placeholder replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step<'a> {
    Name(&'a str),
    Index(usize),
}

impl Step<'_> {
    /// The value at this step of `outer`.
    pub(crate) fn of<'v>(&self, outer: &'v AttributeValue) -> Option<&'v AttributeValue> {
        match (self, outer) {
            (Self::Name(name), AttributeValue::M(values)) => values.get(*name),
            (Self::Index(index), AttributeValue::L(values)) => values.get(*index),
            _ => None,
        }
    }
}

/// A path with its placeholders replaced.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ResolvedPath<'a>(pub(crate) Vec<Step<'a>>);

impl<'a> ResolvedPath<'a> {
    /// The attribute the path is in.
    pub(crate) fn attribute(&self) -> &'a str {
        attribute(self.0.first().copied())
    }

    /// What the two paths do to each other.
    fn relation(&self, other: &Self) -> Relation {
        for (left, right) in self.0.iter().zip(&other.0) {
            match (left, right) {
                (Step::Name(left), Step::Name(right)) if left != right => return Relation::Apart,
                (Step::Index(left), Step::Index(right)) if left != right => return Relation::Apart,
                (Step::Name(_), Step::Index(_)) | (Step::Index(_), Step::Name(_)) => {
                    return Relation::Conflict;
                }
                _ => {}
            }
        }
        Relation::Overlap
    }
}

fn attribute(first: Option<Step<'_>>) -> &str {
    match first {
        Some(Step::Name(name)) => name,
        _ => unreachable!("the grammar begins every path with a name"),
    }
}

impl fmt::Display for ResolvedPath<'_> {
    /// `[a, [2], b]`, as AWS's messages quote paths.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (position, step) in self.0.iter().enumerate() {
            if position > 0 {
                f.write_str(", ")?;
            }
            match step {
                Step::Name(name) => f.write_str(name)?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        f.write_str("]")
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Relation {
    Apart,
    Overlap,
    Conflict,
}

/// Refuses paths of which one is, or is inside of, another, and paths that take one value for a
/// list as well as for a map.
pub(crate) fn check_apart(kind: Kind, paths: &[ResolvedPath<'_>]) -> Result<(), ExpressionError> {
    let mut conflict = None;
    for (position, right) in paths.iter().enumerate() {
        for left in &paths[..position] {
            let clash = |word| {
                ExpressionError::invalid(
                    kind,
                    format_args!(
                        "Two document paths {word} with each other; must remove or rewrite one of \
                         these paths; path one: {left}, path two: {right}"
                    ),
                )
            };
            match left.relation(right) {
                Relation::Apart => {}
                Relation::Overlap => return Err(clash("overlap")),
                Relation::Conflict if conflict.is_none() => conflict = Some(clash("conflict")),
                Relation::Conflict => {}
            }
        }
    }
    conflict.map_or(Ok(()), Err)
}

/// Refuses a path with more dereferences than a document can have levels.
pub(crate) fn check_depth(kind: Kind, path: &Path) -> Result<(), ExpressionError> {
    let levels = path.0.len() - 1;
    if levels <= MAX_NESTING {
        return Ok(());
    }
    Err(ExpressionError::invalid(
        kind,
        format_args!("The document path has too many nesting levels; nesting levels: {levels}"),
    ))
}
