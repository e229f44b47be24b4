//! The grammar of updates:
//!
//! ```text
//! update = { SET path = value { , path = value } | REMOVE path { , path }
//!          | ADD path :value { , path :value } | DELETE path :value { , path :value } }
//! value  = operand [ + operand | - operand ] | ( value )
//! ```

use super::{Action, Assigned, Change};
use crate::{ExpressionError, Placeholders, error::Kind, parser::Parser, token::Shape};

const SECTIONS: [&str; 4] = ["SET", "REMOVE", "ADD", "DELETE"];

pub(super) fn parse(text: &str) -> Result<(Vec<Action>, Placeholders), ExpressionError> {
    let mut parser = Parser::new(Kind::Update, text)?;
    let mut actions = Vec::new();
    let mut seen = [false; SECTIONS.len()];
    while parser.shape() != Shape::End || actions.is_empty() {
        let Some(section) = SECTIONS.iter().position(|name| parser.take_keyword(name)) else {
            return Err(parser.syntax_error());
        };
        let name = SECTIONS[section];
        if std::mem::replace(&mut seen[section], true) {
            let defect =
                format!("The \"{name}\" section can only be used once in an update expression;");
            parser.note(ExpressionError::invalid(Kind::Update, defect));
        }
        actions.push(action(&mut parser, name)?);
        while parser.take(Shape::Comma) {
            actions.push(action(&mut parser, name)?);
        }
    }
    Ok((actions, parser.finish()?))
}

fn action(parser: &mut Parser<'_>, section: &str) -> Result<Action, ExpressionError> {
    parser.count_operator()?;
    let path = parser.path()?;
    let change = match section {
        "SET" => {
            parser.expect(Shape::Equal)?;
            Change::Set(assigned(parser)?)
        }
        "REMOVE" => Change::Remove,
        "ADD" => Change::Add(parser.value()?),
        _ => Change::Delete(parser.value()?),
    };
    Ok(Action { path, change })
}

/// A value; its parentheses may go around the whole of it or around its first operand.
fn assigned(parser: &mut Parser<'_>) -> Result<Assigned, ExpressionError> {
    let left = if parser.shape() == Shape::Open {
        let start = parser.open()?;
        let inner = assigned(parser)?;
        parser.close(start)?;
        match inner {
            Assigned::Operand(operand) => operand,
            whole => return Ok(whole),
        }
    } else {
        parser.bare_operand()?
    };
    let join = match parser.shape() {
        Shape::Plus => Assigned::Sum,
        Shape::Minus => Assigned::Difference,
        _ => return Ok(Assigned::Operand(left)),
    };
    parser.count_operator()?;
    parser.advance();
    Ok(join(left, parser.operand()?))
}
