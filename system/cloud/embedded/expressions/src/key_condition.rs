//! Key conditions: one value of the partition key and, if wanted, a range of the sort key.

use crate::{
    AttributeValue, Condition, ExpressionError, Placeholders, Substitutions,
    condition::{Comparator, Node},
    error::Kind,
    operand::{Function, FunctionName, Operand},
};

/// A parsed key condition. It has the grammar of a condition; what a query cannot do is refused
/// when it is resolved, after undefined placeholders and wrong types, as AWS does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyCondition {
    condition: Condition,
}

/// The items that a query reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRange {
    /// The value of the partition key.
    pub partition: AttributeValue,
    /// What the sort key has to be; `None` for the whole partition.
    pub sort: Option<SortRange>,
}

/// A range of sort keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SortRange {
    /// `= v`.
    Equal(AttributeValue),
    /// `< v`.
    Less(AttributeValue),
    /// `<= v`.
    LessOrEqual(AttributeValue),
    /// `> v`.
    Greater(AttributeValue),
    /// `>= v`.
    GreaterOrEqual(AttributeValue),
    /// At least the first and at most the second.
    Between(AttributeValue, AttributeValue),
    /// A text or bytes that start like this.
    BeginsWith(AttributeValue),
}

impl KeyCondition {
    /// Parses a `KeyConditionExpression`.
    ///
    /// # Errors
    ///
    /// As [`Condition::parse`].
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        Ok(Self { condition: Condition::parse_as(Kind::KeyCondition, text)? })
    }

    /// The placeholders it mentions, for [`Substitutions::check_used`].
    #[must_use]
    pub const fn placeholders(&self) -> &Placeholders {
        self.condition.placeholders()
    }

    /// The range of the table or index whose keys are `partition` and, if it has one, `sort`.
    /// The types of the values are not compared with the schema: that is the table's to do.
    ///
    /// # Errors
    ///
    /// What [`Condition::check`] finds, and conditions that a query cannot serve.
    pub fn resolve(
        &self,
        partition: &str,
        sort: Option<&str>,
        substitutions: &Substitutions<'_>,
    ) -> Result<KeyRange, ExpressionError> {
        self.condition.check(substitutions)?;
        let mut terms = Vec::new();
        collect(self.condition.root(), substitutions, &mut terms)?;
        if terms.len() > 2 {
            return refuse("Conditions can be of length 1 or 2 only");
        }
        let partition = match take(&mut terms, partition) {
            Some(SortRange::Equal(value)) => value,
            Some(_) => return refuse("Query key condition not supported"),
            None => return missed(partition),
        };
        let range = match sort {
            Some(sort) if !terms.is_empty() => match take(&mut terms, sort) {
                Some(range) => Some(range),
                None => return missed(sort),
            },
            _ => None,
        };
        if terms.is_empty() {
            Ok(KeyRange { partition, sort: range })
        } else {
            refuse("Query key condition not supported")
        }
    }
}

type Term<'a> = (&'a str, SortRange);

fn refuse<T>(message: impl Into<String>) -> Result<T, ExpressionError> {
    Err(ExpressionError::new(message))
}

fn missed<T>(key: &str) -> Result<T, ExpressionError> {
    refuse(format!("Query condition missed key schema element: {key}"))
}

fn bad_operator<T>(operator: &str) -> Result<T, ExpressionError> {
    refuse(format!("Invalid operator used in KeyConditionExpression: {operator}"))
}

fn bad_condition<T>(defect: &str) -> Result<T, ExpressionError> {
    refuse(format!("Invalid condition in KeyConditionExpression: {defect}"))
}

fn take(terms: &mut Vec<Term<'_>>, name: &str) -> Option<SortRange> {
    let position = terms.iter().position(|(attribute, _)| *attribute == name)?;
    Some(terms.swap_remove(position).1)
}

/// Adds each test in `node` to `terms`, once for each attribute.
fn collect<'a>(
    node: &'a Node,
    substitutions: &Substitutions<'a>,
    terms: &mut Vec<Term<'a>>,
) -> Result<(), ExpressionError> {
    let term = match node {
        Node::And(nodes) => {
            return nodes.iter().try_for_each(|node| collect(node, substitutions, terms));
        }
        Node::Or(_) => return bad_operator("OR"),
        Node::Not(_) => return bad_operator("NOT"),
        Node::In(..) => return bad_operator("IN"),
        Node::Compare(Comparator::NotEqual, ..) => return bad_operator("<>"),
        Node::Compare(comparator, left, right) => {
            comparison(*comparator, left, right, substitutions)?
        }
        Node::Between([operand, low, high]) => {
            let attribute = first_operand("BETWEEN", operand, substitutions)?;
            let (low, high) = (value(low, substitutions)?, value(high, substitutions)?);
            (attribute, SortRange::Between(low, high))
        }
        Node::Function(function) => prefix(function, substitutions)?,
    };
    if terms.iter().any(|(attribute, _)| *attribute == term.0) {
        return refuse("KeyConditionExpressions must only contain one condition per key");
    }
    terms.push(term);
    Ok(())
}

fn comparison<'a>(
    comparator: Comparator,
    left: &'a Operand,
    right: &'a Operand,
    substitutions: &Substitutions<'a>,
) -> Result<Term<'a>, ExpressionError> {
    let (comparator, key, other) = match (left, right) {
        (Operand::Value(_), Operand::Path(_)) => (comparator.mirrored(), right, left),
        _ => (comparator, left, right),
    };
    let Operand::Path(_) = key else {
        return match key {
            Operand::Function(_) => nested_operation(),
            _ if matches!(other, Operand::Function(_)) => nested_operation(),
            _ => bad_condition("No key attribute specified"),
        };
    };
    let attribute = attribute(key, substitutions)?;
    let value = value(other, substitutions)?;
    let range = match comparator {
        Comparator::Equal => SortRange::Equal(value),
        Comparator::Less => SortRange::Less(value),
        Comparator::LessOrEqual => SortRange::LessOrEqual(value),
        Comparator::Greater => SortRange::Greater(value),
        Comparator::GreaterOrEqual => SortRange::GreaterOrEqual(value),
        Comparator::NotEqual => return bad_operator("<>"),
    };
    Ok((attribute, range))
}

fn prefix<'a>(
    function: &'a Function,
    substitutions: &Substitutions<'a>,
) -> Result<Term<'a>, ExpressionError> {
    let name = function.name.as_str();
    if function.name != FunctionName::BeginsWith {
        return bad_operator(name);
    }
    let (operand, start) = function.pair(Kind::KeyCondition)?;
    let attribute = first_operand(name, operand, substitutions)?;
    Ok((attribute, SortRange::BeginsWith(value(start, substitutions)?)))
}

fn first_operand<'a>(
    operator: &str,
    operand: &'a Operand,
    substitutions: &Substitutions<'a>,
) -> Result<&'a str, ExpressionError> {
    match operand {
        Operand::Path(_) => attribute(operand, substitutions),
        _ => bad_condition(&format!(
            "{operator} operator must have the key attribute as its first operand"
        )),
    }
}

fn attribute<'a>(
    operand: &'a Operand,
    substitutions: &Substitutions<'a>,
) -> Result<&'a str, ExpressionError> {
    let Operand::Path(path) = operand else { return bad_condition("No key attribute specified") };
    if path.0.len() > 1 {
        return refuse("KeyConditionExpressions cannot have conditions on nested attributes");
    }
    Ok(path.resolve(Kind::KeyCondition, substitutions)?.attribute())
}

fn value(
    operand: &Operand,
    substitutions: &Substitutions<'_>,
) -> Result<AttributeValue, ExpressionError> {
    match operand {
        Operand::Value(key) => substitutions.value(Kind::KeyCondition, key).cloned(),
        Operand::Path(_) => bad_condition("Multiple attribute names used in one condition"),
        Operand::Function(_) => nested_operation(),
    }
}

fn nested_operation<T>() -> Result<T, ExpressionError> {
    refuse("KeyConditionExpressions cannot contain nested operations")
}

#[cfg(test)]
mod tests;
