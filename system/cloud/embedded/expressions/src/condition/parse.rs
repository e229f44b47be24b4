//! The grammar of conditions, by precedence from weak to strong:
//!
//! ```text
//! or      = and { OR and }
//! and     = not { AND not }
//! not     = NOT not | test
//! test    = operand comparator operand | operand BETWEEN operand AND operand
//!         | operand IN ( operand { , operand } ) | function | ( or )
//! operand = path | :value | function | ( operand )
//! ```
//!
//! A parenthesis may open a condition or an operand, and which of them shows only after it has
//! closed: a [`Term`] is either, so that nothing is parsed twice.

use super::{Comparator, Node};
use crate::{
    ExpressionError, Placeholders,
    error::Kind,
    operand::{FunctionName, Operand, wrong_count},
    parser::Parser,
    token::Shape,
};

/// Operands on the right of `IN` (AWS developer guide, "Quotas", "Expression parameters").
const MAX_IN_OPERANDS: usize = 100;

enum Term {
    Condition(Node),
    Operand(Operand),
}

pub(super) fn parse(kind: Kind, text: &str) -> Result<(Node, Placeholders), ExpressionError> {
    let mut parser = Parser::new(kind, text)?;
    let term = or(&mut parser)?;
    let root = condition(&mut parser, term)?;
    Ok((root, parser.finish()?))
}

fn or(parser: &mut Parser<'_>) -> Result<Term, ExpressionError> {
    chain(parser, "OR", and, Node::Or)
}

fn and(parser: &mut Parser<'_>) -> Result<Term, ExpressionError> {
    chain(parser, "AND", not, Node::And)
}

fn chain(
    parser: &mut Parser<'_>,
    keyword: &str,
    part: fn(&mut Parser<'_>) -> Result<Term, ExpressionError>,
    join: fn(Vec<Node>) -> Node,
) -> Result<Term, ExpressionError> {
    let first = part(parser)?;
    if !parser.at_keyword(keyword) {
        return Ok(first);
    }
    let mut nodes = vec![condition(parser, first)?];
    while parser.take_keyword(keyword) {
        parser.count_operator()?;
        let next = part(parser)?;
        nodes.push(condition(parser, next)?);
    }
    Ok(Term::Condition(join(nodes)))
}

fn not(parser: &mut Parser<'_>) -> Result<Term, ExpressionError> {
    if !parser.take_keyword("NOT") {
        return test(parser);
    }
    parser.count_operator()?;
    parser.enter()?;
    let term = not(parser)?;
    let node = condition(parser, term)?;
    parser.leave();
    Ok(Term::Condition(Node::Not(Box::new(node))))
}

/// The term as a condition: a function that gives a truth value, or what already is one.
fn condition(parser: &mut Parser<'_>, term: Term) -> Result<Node, ExpressionError> {
    match term {
        Term::Condition(node) => Ok(node),
        Term::Operand(Operand::Function(function)) => {
            if function.name == FunctionName::Size {
                parser.note_misused(FunctionName::Size);
            }
            Ok(Node::Function(function))
        }
        Term::Operand(_) => Err(parser.syntax_error()),
    }
}

fn test(parser: &mut Parser<'_>) -> Result<Term, ExpressionError> {
    let left = if parser.shape() == Shape::Open {
        match parenthesised(parser)? {
            Term::Operand(operand) => operand,
            term => return Ok(term),
        }
    } else {
        parser.bare_operand()?
    };
    if let Some(comparator) = comparator(parser.shape()) {
        parser.count_operator()?;
        parser.advance();
        let right = parser.operand()?;
        let operands = [left, right];
        parser.only_sizes(&operands);
        let [left, right] = operands;
        return Ok(Term::Condition(Node::Compare(comparator, left, right)));
    }
    if parser.take_keyword("BETWEEN") {
        return between(parser, left);
    }
    if parser.take_keyword("IN") {
        return within(parser, left);
    }
    Ok(Term::Operand(left))
}

fn parenthesised(parser: &mut Parser<'_>) -> Result<Term, ExpressionError> {
    let start = parser.open()?;
    let term = or(parser)?;
    parser.close(start)?;
    match term {
        Term::Operand(operand) => Ok(Term::Operand(parser.continued(operand)?)),
        condition => Ok(condition),
    }
}

fn between(parser: &mut Parser<'_>, left: Operand) -> Result<Term, ExpressionError> {
    parser.count_operator()?;
    let low = parser.operand()?;
    if !parser.take_keyword("AND") {
        return Err(parser.syntax_error());
    }
    let high = parser.operand()?;
    let operands = [left, low, high];
    parser.only_sizes(&operands);
    Ok(Term::Condition(Node::Between(operands)))
}

fn within(parser: &mut Parser<'_>, left: Operand) -> Result<Term, ExpressionError> {
    parser.count_operator()?;
    parser.expect(Shape::Open)?;
    let list = parser.operands()?;
    parser.expect(Shape::Close)?;
    parser.only_sizes(std::slice::from_ref(&left));
    parser.only_sizes(&list);
    if list.len() > MAX_IN_OPERANDS {
        parser.note(wrong_count(parser.kind, "IN", list.len() + 1));
    }
    Ok(Term::Condition(Node::In(left, list)))
}

fn comparator(shape: Shape) -> Option<Comparator> {
    Some(match shape {
        Shape::Equal => Comparator::Equal,
        Shape::NotEqual => Comparator::NotEqual,
        Shape::Less => Comparator::Less,
        Shape::LessOrEqual => Comparator::LessOrEqual,
        Shape::Greater => Comparator::Greater,
        Shape::GreaterOrEqual => Comparator::GreaterOrEqual,
        _ => return None,
    })
}
