//! Carrying an update out.
//!
//! Every value is worked out first, from the item as it was. Then the changes are made: `SET`, `ADD`
//! and `DELETE` before `REMOVE`, and removals from the end of a list to its start, so that every
//! index means what it meant in the item as it was.

use std::{borrow::Cow, collections::BTreeSet};

use super::{Action, Assigned, Change, Updated};
use crate::{
    AttributeValue, ExpressionError, Item, MAX_NESTING, Substitutions,
    error::Kind,
    operand::{FunctionName, Operand},
    path::{ResolvedPath, Step},
};

const KIND: Kind = Kind::Update;
const INVALID_PATH: &str =
    "The document path provided in the update expression is invalid for update";
const INVALID_OPERAND: &str = "An operand in the update expression has an incorrect data type";
const ABSENT_OPERAND: &str =
    "The provided expression refers to an attribute that does not exist in the item";
const TOO_DEEP: &str = "Nesting Levels have exceeded supported limits: Attributes in the item have \
                        nested levels beyond supported limit";

pub(super) fn apply<'a>(
    actions: &'a [Action],
    item: &Item,
    substitutions: &Substitutions<'a>,
) -> Result<Updated<'a>, ExpressionError> {
    let mut writes = Vec::new();
    let mut removals = Vec::new();
    for action in actions {
        let path = action.path.resolve(KIND, substitutions)?;
        match outcome(action, item, substitutions)? {
            Some(value) => {
                check_nesting(&path, &value)?;
                writes.push((path, value));
            }
            None => removals.push(path),
        }
    }
    // Elements past the end of a list are appended in the order of their indexes.
    writes.sort_by(|left, right| left.0.cmp(&right.0));
    removals.sort_by(|left, right| right.cmp(left));

    let mut item = item.clone();
    let mut touched = Vec::with_capacity(actions.len());
    for (path, value) in writes {
        touched.push(write(path, value, &mut item)?);
    }
    let written = touched.len();
    for path in &removals {
        remove(path, &mut item)?;
    }
    touched.append(&mut removals);
    Ok(Updated { item, touched, written })
}

/// The value that `action` leaves at its path; `None` for nothing.
fn outcome(
    action: &Action,
    item: &Item,
    substitutions: &Substitutions<'_>,
) -> Result<Option<AttributeValue>, ExpressionError> {
    let reader = Reader { item, substitutions: *substitutions };
    let before = || action.path.get(KIND, item, substitutions);
    match &action.change {
        Change::Set(assigned) => reader.assigned(assigned).map(Some),
        Change::Remove => Ok(None),
        Change::Add(key) => sum(before()?, substitutions.value(KIND, key)?).map(Some),
        Change::Delete(key) => difference(before()?, substitutions.value(KIND, key)?),
    }
}

/// Reads the item as it was.
struct Reader<'r> {
    item: &'r Item,
    substitutions: Substitutions<'r>,
}

impl<'r> Reader<'r> {
    fn assigned(&self, assigned: &Assigned) -> Result<AttributeValue, ExpressionError> {
        let (left, right) = match assigned {
            Assigned::Operand(operand) => return Ok(self.present(operand)?.into_owned()),
            Assigned::Sum(left, right) | Assigned::Difference(left, right) => {
                (self.present(left)?, self.present(right)?)
            }
        };
        let (AttributeValue::N(left), AttributeValue::N(right)) = (&*left, &*right) else {
            return Err(ExpressionError::new(INVALID_OPERAND));
        };
        let number = match assigned {
            Assigned::Difference(..) => left.checked_sub(*right)?,
            _ => left.checked_add(*right)?,
        };
        Ok(AttributeValue::N(number))
    }

    fn present(&self, operand: &Operand) -> Result<Cow<'r, AttributeValue>, ExpressionError> {
        self.value(operand)?.ok_or_else(|| ExpressionError::new(ABSENT_OPERAND))
    }

    fn value(&self, operand: &Operand) -> Result<Option<Cow<'r, AttributeValue>>, ExpressionError> {
        let Operand::Function(function) = operand else {
            return operand.value(KIND, self.item, &self.substitutions);
        };
        let (first, second) = function.pair(KIND)?;
        if function.name == FunctionName::IfNotExists {
            return match self.value(first)? {
                None => self.value(second),
                found => Ok(found),
            };
        }
        let (first, second) = (self.present(first)?, self.present(second)?);
        let (AttributeValue::L(head), AttributeValue::L(tail)) = (&*first, &*second) else {
            return Err(ExpressionError::new(INVALID_OPERAND));
        };
        let joined = head.iter().chain(tail).cloned().collect();
        Ok(Some(Cow::Owned(AttributeValue::L(joined))))
    }
}

/// `ADD`: a number to a number, the members of a set to a set, or either to nothing.
fn sum(
    before: Option<&AttributeValue>,
    added: &AttributeValue,
) -> Result<AttributeValue, ExpressionError> {
    Ok(match (before, added) {
        (None, added) => added.clone(),
        (Some(AttributeValue::N(before)), AttributeValue::N(added)) => {
            AttributeValue::N(before.checked_add(*added)?)
        }
        (Some(AttributeValue::Ss(before)), AttributeValue::Ss(added)) => {
            AttributeValue::Ss(before | added)
        }
        (Some(AttributeValue::Ns(before)), AttributeValue::Ns(added)) => {
            AttributeValue::Ns(before | added)
        }
        (Some(AttributeValue::Bs(before)), AttributeValue::Bs(added)) => {
            AttributeValue::Bs(before | added)
        }
        _ => return Err(ExpressionError::new(INVALID_OPERAND)),
    })
}

/// `DELETE`: what is left of a set; `None` when nothing is.
fn difference(
    before: Option<&AttributeValue>,
    taken: &AttributeValue,
) -> Result<Option<AttributeValue>, ExpressionError> {
    Ok(match (before, taken) {
        (None, _) => None,
        (Some(AttributeValue::Ss(before)), AttributeValue::Ss(taken)) => {
            left_over(before - taken, AttributeValue::Ss)
        }
        (Some(AttributeValue::Ns(before)), AttributeValue::Ns(taken)) => {
            left_over(before - taken, AttributeValue::Ns)
        }
        (Some(AttributeValue::Bs(before)), AttributeValue::Bs(taken)) => {
            left_over(before - taken, AttributeValue::Bs)
        }
        _ => return Err(ExpressionError::new(INVALID_OPERAND)),
    })
}

fn left_over<T>(
    set: BTreeSet<T>,
    wrap: fn(BTreeSet<T>) -> AttributeValue,
) -> Option<AttributeValue> {
    (!set.is_empty()).then(|| wrap(set))
}

fn check_nesting(path: &ResolvedPath<'_>, value: &AttributeValue) -> Result<(), ExpressionError> {
    if path.0.len() - 1 + value.nesting() > MAX_NESTING {
        return Err(ExpressionError::new(TOO_DEEP));
    }
    Ok(())
}

/// A place inside of an item.
enum Place<'p> {
    Member(&'p mut Item, &'p str),
    Element(&'p mut Vec<AttributeValue>, usize),
}

/// The place `path` leads to. Everything but the last step has to be there.
fn place<'p>(path: &'p ResolvedPath<'_>, item: &'p mut Item) -> Result<Place<'p>, ExpressionError> {
    let invalid = || ExpressionError::new(INVALID_PATH);
    let Some((last, outer)) = path.0[1..].split_last() else {
        return Ok(Place::Member(item, path.attribute()));
    };
    let mut value = item.get_mut(path.attribute()).ok_or_else(invalid)?;
    for step in outer {
        value = match (step, value) {
            (Step::Name(name), AttributeValue::M(values)) => values.get_mut(*name),
            (Step::Index(index), AttributeValue::L(values)) => values.get_mut(*index),
            _ => None,
        }
        .ok_or_else(invalid)?;
    }
    match (last, value) {
        (Step::Name(name), AttributeValue::M(values)) => Ok(Place::Member(values, name)),
        (Step::Index(index), AttributeValue::L(values)) => Ok(Place::Element(values, *index)),
        _ => Err(invalid()),
    }
}

/// Writes `value` at `path` and gives the path at which it now is: an element past the end of a list
/// is appended to it.
fn write<'a>(
    mut path: ResolvedPath<'a>,
    value: AttributeValue,
    item: &mut Item,
) -> Result<ResolvedPath<'a>, ExpressionError> {
    let appended = match place(&path, item)? {
        Place::Member(values, name) => {
            match values.get_mut(name) {
                Some(member) => *member = value,
                None => {
                    values.insert(name.into(), value);
                }
            }
            None
        }
        Place::Element(values, index) => match values.get_mut(index) {
            Some(element) => {
                *element = value;
                None
            }
            None => {
                values.push(value);
                Some(values.len() - 1)
            }
        },
    };
    if let (Some(index), Some(last)) = (appended, path.0.last_mut()) {
        *last = Step::Index(index);
    }
    Ok(path)
}

/// Removes what is at `path`, if anything is.
fn remove(path: &ResolvedPath<'_>, item: &mut Item) -> Result<(), ExpressionError> {
    match place(path, item)? {
        Place::Member(values, name) => {
            values.remove(name);
        }
        Place::Element(values, index) if index < values.len() => {
            values.remove(index);
        }
        Place::Element(..) => {}
    }
    Ok(())
}
