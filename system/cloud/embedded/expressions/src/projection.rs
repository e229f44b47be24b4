//! Projections, and the parts of items that a list of paths names.

use std::collections::BTreeMap;

use crate::{
    AttributeValue, ExpressionError, Item, Placeholders, Substitutions,
    error::Kind,
    parser::Parser,
    path::{Path, ResolvedPath, Step, check_apart},
    token::Shape,
};

/// A parsed projection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Projection {
    paths: Vec<Path>,
    placeholders: Placeholders,
}

impl Projection {
    /// Parses a `ProjectionExpression`.
    ///
    /// # Errors
    ///
    /// What is wrong with the text whatever the placeholders stand for.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        let mut parser = Parser::new(Kind::Projection, text)?;
        let mut paths = vec![parser.path()?];
        while parser.take(Shape::Comma) {
            paths.push(parser.path()?);
        }
        Ok(Self { paths, placeholders: parser.finish()? })
    }

    /// The placeholders it mentions, for [`Substitutions::check_used`].
    #[must_use]
    pub const fn placeholders(&self) -> &Placeholders {
        &self.placeholders
    }

    /// The projection with its names, for any number of items of one request.
    ///
    /// # Errors
    ///
    /// A name that is not defined, or paths that overlap or conflict.
    pub fn resolve(&self, substitutions: &Substitutions<'_>) -> Result<Paths, ExpressionError> {
        let paths: Result<Vec<_>, _> =
            self.paths.iter().map(|path| path.resolve(Kind::Projection, substitutions)).collect();
        let paths = paths?;
        check_apart(Kind::Projection, &paths)?;
        Ok(Paths::new(&paths))
    }
}

/// Parts of items.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Paths {
    attributes: BTreeMap<Box<str>, Part>,
}

/// What of a value is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    All,
    Members(BTreeMap<Box<str>, Part>),
    Elements(BTreeMap<usize, Part>),
}

impl Paths {
    /// The parts that `paths`, which are apart, name.
    pub(crate) fn new(paths: &[ResolvedPath<'_>]) -> Self {
        let mut attributes: BTreeMap<Box<str>, Part> = BTreeMap::new();
        for path in paths {
            match attributes.get_mut(path.attribute()) {
                Some(part) => add(part, &path.0[1..]),
                None => {
                    attributes.insert(path.attribute().into(), part(&path.0[1..]));
                }
            }
        }
        Self { attributes }
    }

    /// The top-level attributes, each once and in order.
    pub fn attributes(&self) -> impl Iterator<Item = &str> {
        self.attributes.keys().map(|name| &**name)
    }

    /// Those parts of `item` that are there. Elements of a list keep their order and close ranks.
    #[must_use]
    pub fn project(&self, item: &Item) -> Item {
        members(&self.attributes, item)
    }
}

fn part(steps: &[Step<'_>]) -> Part {
    match steps.split_first() {
        None => Part::All,
        Some((Step::Name(name), rest)) => {
            Part::Members(BTreeMap::from([((*name).into(), part(rest))]))
        }
        Some((Step::Index(index), rest)) => Part::Elements(BTreeMap::from([(*index, part(rest))])),
    }
}

/// Adds one more path; where one covers the other, the wider one stays.
fn add(known: &mut Part, steps: &[Step<'_>]) {
    match (&mut *known, steps.split_first()) {
        (Part::All, _) => {}
        (Part::Members(members), Some((Step::Name(name), rest))) => match members.get_mut(*name) {
            Some(inner) => add(inner, rest),
            None => {
                members.insert((*name).into(), part(rest));
            }
        },
        (Part::Elements(elements), Some((Step::Index(index), rest))) => {
            match elements.get_mut(index) {
                Some(inner) => add(inner, rest),
                None => {
                    elements.insert(*index, part(rest));
                }
            }
        }
        (_, None) => *known = Part::All,
        // A list and a map at one place: `check_apart` has refused that.
        (_, Some(_)) => {}
    }
}

fn members(wanted: &BTreeMap<Box<str>, Part>, values: &Item) -> Item {
    wanted
        .iter()
        .filter_map(|(name, part)| {
            let value = project(part, values.get(&**name)?)?;
            Some((name.as_ref().into(), value))
        })
        .collect()
}

fn project(part: &Part, value: &AttributeValue) -> Option<AttributeValue> {
    match (part, value) {
        (Part::All, value) => Some(value.clone()),
        (Part::Members(wanted), AttributeValue::M(values)) => {
            let found = members(wanted, values);
            (!found.is_empty()).then_some(AttributeValue::M(found))
        }
        (Part::Elements(wanted), AttributeValue::L(values)) => {
            let found: Vec<AttributeValue> = wanted
                .iter()
                .filter_map(|(index, part)| project(part, values.get(*index)?))
                .collect();
            (!found.is_empty()).then_some(AttributeValue::L(found))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
