//! What can be wrong with a condition once its placeholders are known: the defects that AWS finds
//! before it reads an item. They are reported test by test from left to right, and within a test
//! in the order: undefined placeholders, number of operands, equal operands, types.

use std::cmp::Ordering;

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};

use super::{Comparator, Node, order};
use crate::{
    AttributeValue, ExpressionError, Substitutions,
    error::Kind,
    operand::{Function, FunctionName, Operand, wrong_type},
};

/// The types `attribute_type` knows.
const TYPES: [&str; 10] = ["B", "NULL", "SS", "BOOL", "L", "BS", "N", "NS", "S", "M"];

pub(super) fn check(
    kind: Kind,
    node: &Node,
    substitutions: &Substitutions<'_>,
) -> Result<(), ExpressionError> {
    let checker = Checker { kind, substitutions };
    match node {
        Node::And(nodes) | Node::Or(nodes) => {
            nodes.iter().try_for_each(|node| check(kind, node, substitutions))
        }
        Node::Not(node) => check(kind, node, substitutions),
        Node::Compare(comparator, left, right) => checker.compare(*comparator, left, right),
        Node::Between([operand, low, high]) => checker.between(operand, low, high),
        Node::In(operand, list) => {
            checker.operands(&[operand])?;
            list.iter().try_for_each(|operand| checker.operands(&[operand]))
        }
        Node::Function(function) => {
            node.walk(&mut |operand| checker.defined(operand))?;
            checker.function(function)
        }
    }
}

struct Checker<'c> {
    kind: Kind,
    substitutions: &'c Substitutions<'c>,
}

impl Checker<'_> {
    fn compare(
        &self,
        comparator: Comparator,
        left: &Operand,
        right: &Operand,
    ) -> Result<(), ExpressionError> {
        self.operands(&[left, right])?;
        self.distinct(comparator.as_str(), left, right)?;
        if comparator.is_ordering() {
            self.orderable(comparator.as_str(), &[left, right])?;
        }
        Ok(())
    }

    fn between(
        &self,
        operand: &Operand,
        low: &Operand,
        high: &Operand,
    ) -> Result<(), ExpressionError> {
        self.operands(&[operand, low, high])?;
        self.orderable("BETWEEN", &[operand, low, high])?;
        let (Operand::Value(low), Operand::Value(high)) = (low, high) else { return Ok(()) };
        let low = self.substitutions.value(self.kind, low)?;
        let high = self.substitutions.value(self.kind, high)?;
        match order(low, high) {
            None => Err(self.bounds("same data type for lower and upper bounds", low, high)),
            Some(Ordering::Greater) => {
                let rule = "upper bound to be greater than or equal to lower bound";
                Err(self.bounds(rule, low, high))
            }
            Some(_) => Ok(()),
        }
    }

    fn bounds(&self, rule: &str, low: &AttributeValue, high: &AttributeValue) -> ExpressionError {
        ExpressionError::invalid(
            self.kind,
            format_args!(
                "The BETWEEN operator requires {rule}; lower bound operand: AttributeValue: {}, \
                 upper bound operand: AttributeValue: {}",
                quoted(low),
                quoted(high)
            ),
        )
    }

    /// Refuses values that have no order.
    fn orderable(&self, operator: &str, operands: &[&Operand]) -> Result<(), ExpressionError> {
        for operand in operands {
            match operand.known_type(self.kind, self.substitutions)? {
                None | Some("S" | "N" | "B") => {}
                Some(other) => return Err(wrong_type(self.kind, operator, other)),
            }
        }
        Ok(())
    }

    /// What goes for every operand of a test: first that placeholders are defined, then functions.
    fn operands(&self, operands: &[&Operand]) -> Result<(), ExpressionError> {
        for operand in operands {
            operand.walk(&mut |inner| self.defined(inner))?;
        }
        operands.iter().try_for_each(|operand| match operand {
            Operand::Function(function) => self.function(function),
            _ => Ok(()),
        })
    }

    fn defined(&self, operand: &Operand) -> Result<(), ExpressionError> {
        match operand {
            Operand::Path(path) => path.check(self.kind, self.substitutions),
            Operand::Value(key) => self.substitutions.value(self.kind, key).map(drop),
            Operand::Function(_) => Ok(()),
        }
    }

    fn function(&self, function: &Function) -> Result<(), ExpressionError> {
        for argument in &function.arguments {
            if let Operand::Function(inner) = argument {
                self.function(inner)?;
            }
        }
        function.check_arity(self.kind)?;
        match function.name {
            FunctionName::AttributeExists | FunctionName::AttributeNotExists => {
                match function.only(self.kind)? {
                    Operand::Path(_) => Ok(()),
                    _ => Err(function.needs_path(self.kind)),
                }
            }
            FunctionName::AttributeType => self.attribute_type(function),
            FunctionName::BeginsWith => self.begins_with(function),
            FunctionName::Contains => {
                let (left, right) = function.pair(self.kind)?;
                self.distinct(function.name.as_str(), left, right)
            }
            FunctionName::Size => {
                match function.only(self.kind)?.known_type(self.kind, self.substitutions)? {
                    Some(name @ ("N" | "BOOL" | "NULL")) => {
                        Err(wrong_type(self.kind, "size", name))
                    }
                    _ => Ok(()),
                }
            }
            FunctionName::IfNotExists | FunctionName::ListAppend => Ok(()),
        }
    }

    fn attribute_type(&self, function: &Function) -> Result<(), ExpressionError> {
        let (left, right) = function.pair(self.kind)?;
        let name = function.name.as_str();
        self.distinct(name, left, right)?;
        let any = || wrong_type(self.kind, name, "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}");
        let Operand::Value(key) = right else {
            let known = right.known_type(self.kind, self.substitutions)?;
            return Err(known.map_or_else(any, |known| wrong_type(self.kind, name, known)));
        };
        match self.substitutions.value(self.kind, key)? {
            AttributeValue::S(wanted) if TYPES.contains(&wanted.as_str()) => Ok(()),
            AttributeValue::S(wanted) => Err(ExpressionError::invalid(
                self.kind,
                format_args!(
                    "Invalid attribute type name found; type: {wanted}, valid types: {{{}}}",
                    TYPES.join(",")
                ),
            )),
            other => Err(wrong_type(self.kind, name, other.type_name())),
        }
    }

    fn begins_with(&self, function: &Function) -> Result<(), ExpressionError> {
        let (left, right) = function.pair(self.kind)?;
        self.distinct(function.name.as_str(), left, right)?;
        for operand in [left, right] {
            match operand.known_type(self.kind, self.substitutions)? {
                None | Some("S" | "B") => {}
                Some(other) => return Err(wrong_type(self.kind, function.name.as_str(), other)),
            }
        }
        Ok(())
    }

    /// Refuses a path that is compared with itself.
    fn distinct(
        &self,
        operator: &str,
        left: &Operand,
        right: &Operand,
    ) -> Result<(), ExpressionError> {
        let (Operand::Path(left), Operand::Path(right)) = (left, right) else { return Ok(()) };
        let left = left.resolve(self.kind, self.substitutions)?;
        if left != right.resolve(self.kind, self.substitutions)? {
            return Ok(());
        }
        Err(ExpressionError::invalid(
            self.kind,
            format_args!(
                "The first operand must be distinct from the remaining operands for this operator \
                 or function; operator: {operator}, first operand: {left}"
            ),
        ))
    }
}

/// `{S:text}`, as AWS quotes a value that has an order.
fn quoted(value: &AttributeValue) -> String {
    let text = match value {
        AttributeValue::S(text) => text.to_string(),
        AttributeValue::N(number) => number.to_string(),
        AttributeValue::B(bytes) => BASE64.encode(bytes),
        other => other.operand_type().to_owned(),
    };
    format!("{{{}:{text}}}", value.type_name())
}
