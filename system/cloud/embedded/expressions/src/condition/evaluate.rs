//! Whether a condition holds for an item.
//!
//! An attribute that is not there is unequal to everything, has no order and is in nothing. Values
//! of different types are unequal and have no order.

use std::{borrow::Cow, cmp::Ordering};

use super::{Comparator, Node};
use crate::{
    AttributeValue, ExpressionError, Item, Substitutions,
    error::Kind,
    operand::{Function, FunctionName, Operand},
};

pub(super) fn holds(
    kind: Kind,
    node: &Node,
    item: &Item,
    substitutions: &Substitutions<'_>,
) -> Result<bool, ExpressionError> {
    Evaluation { kind, item, substitutions: *substitutions }.holds(node)
}

struct Evaluation<'e> {
    kind: Kind,
    item: &'e Item,
    substitutions: Substitutions<'e>,
}

impl<'e> Evaluation<'e> {
    fn holds(&self, node: &Node) -> Result<bool, ExpressionError> {
        match node {
            Node::And(nodes) => {
                for node in nodes {
                    if !self.holds(node)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Node::Or(nodes) => {
                for node in nodes {
                    if self.holds(node)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Node::Not(node) => Ok(!self.holds(node)?),
            Node::Compare(comparator, left, right) => {
                let (left, right) = (self.value(left)?, self.value(right)?);
                Ok(compare(*comparator, left.as_deref(), right.as_deref()))
            }
            Node::Between([operand, low, high]) => {
                let operand = self.value(operand)?;
                let (low, high) = (self.value(low)?, self.value(high)?);
                Ok(compare(Comparator::GreaterOrEqual, operand.as_deref(), low.as_deref())
                    && compare(Comparator::LessOrEqual, operand.as_deref(), high.as_deref()))
            }
            Node::In(operand, list) => {
                let Some(operand) = self.value(operand)? else { return Ok(false) };
                for candidate in list {
                    if self.value(candidate)?.is_some_and(|candidate| candidate == operand) {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Node::Function(function) => self.function(function),
        }
    }

    fn value(&self, operand: &Operand) -> Result<Option<Cow<'e, AttributeValue>>, ExpressionError> {
        operand.value(self.kind, self.item, &self.substitutions)
    }

    fn function(&self, function: &Function) -> Result<bool, ExpressionError> {
        match function.name {
            FunctionName::AttributeExists => Ok(self.value(function.only(self.kind)?)?.is_some()),
            FunctionName::AttributeNotExists => {
                Ok(self.value(function.only(self.kind)?)?.is_none())
            }
            name => {
                let (left, right) = function.pair(self.kind)?;
                let (Some(left), Some(right)) = (self.value(left)?, self.value(right)?) else {
                    return Ok(false);
                };
                Ok(match name {
                    FunctionName::BeginsWith => begins_with(&left, &right),
                    FunctionName::Contains => contains(&left, &right),
                    FunctionName::AttributeType => {
                        matches!(&*right, AttributeValue::S(name) if name == left.type_name())
                    }
                    // `size` gives no truth value and the others belong to updates: parsing
                    // refuses them here.
                    _ => false,
                })
            }
        }
    }
}

fn compare(
    comparator: Comparator,
    left: Option<&AttributeValue>,
    right: Option<&AttributeValue>,
) -> bool {
    let (Some(left), Some(right)) = (left, right) else {
        return comparator == Comparator::NotEqual;
    };
    match comparator {
        Comparator::Equal => left == right,
        Comparator::NotEqual => left != right,
        Comparator::Less => order(left, right).is_some_and(Ordering::is_lt),
        Comparator::LessOrEqual => order(left, right).is_some_and(Ordering::is_le),
        Comparator::Greater => order(left, right).is_some_and(Ordering::is_gt),
        Comparator::GreaterOrEqual => order(left, right).is_some_and(Ordering::is_ge),
    }
}

/// The order of two values: texts and bytes by their bytes, numbers by value. `None` for different
/// types and for types without an order.
pub(crate) fn order(left: &AttributeValue, right: &AttributeValue) -> Option<Ordering> {
    match (left, right) {
        (AttributeValue::S(left), AttributeValue::S(right)) => Some(left.cmp(right)),
        (AttributeValue::N(left), AttributeValue::N(right)) => Some(left.cmp(right)),
        (AttributeValue::B(left), AttributeValue::B(right)) => Some(left.cmp(right)),
        _ => None,
    }
}

fn begins_with(value: &AttributeValue, prefix: &AttributeValue) -> bool {
    match (value, prefix) {
        (AttributeValue::S(text), AttributeValue::S(prefix)) => text.starts_with(prefix.as_str()),
        (AttributeValue::B(bytes), AttributeValue::B(prefix)) => bytes.starts_with(prefix),
        _ => false,
    }
}

fn contains(value: &AttributeValue, part: &AttributeValue) -> bool {
    match (value, part) {
        (AttributeValue::S(text), AttributeValue::S(part)) => text.contains(part.as_str()),
        (AttributeValue::B(bytes), AttributeValue::B(part)) => {
            part.is_empty() || bytes.windows(part.len()).any(|window| window == part)
        }
        (AttributeValue::Ss(texts), AttributeValue::S(part)) => texts.contains(part),
        (AttributeValue::Ns(numbers), AttributeValue::N(part)) => numbers.contains(part),
        (AttributeValue::Bs(members), AttributeValue::B(part)) => members.contains(part),
        (AttributeValue::L(values), part) => values.contains(part),
        _ => false,
    }
}
