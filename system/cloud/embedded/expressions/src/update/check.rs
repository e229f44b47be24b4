//! What can be wrong with an update once its placeholders are known, in AWS's order: undefined
//! names, undefined values, overlapping paths, the operands of `ADD` and `DELETE`, functions.

use super::{Action, Assigned, Change};
use crate::{
    AttributeValue, ExpressionError, Substitutions,
    error::Kind,
    operand::{Function, FunctionName, Operand, wrong_type},
    path::check_apart,
};

const KIND: Kind = Kind::Update;

pub(super) fn check(
    actions: &[Action],
    substitutions: &Substitutions<'_>,
) -> Result<(), ExpressionError> {
    let mut paths = Vec::with_capacity(actions.len());
    for action in actions {
        paths.push(action.path.resolve(KIND, substitutions)?);
        action.walk(&mut |operand| match operand {
            Operand::Path(path) => path.check(KIND, substitutions),
            _ => Ok(()),
        })?;
    }
    for action in actions {
        if let Change::Add(key) | Change::Delete(key) = &action.change {
            substitutions.value(KIND, key)?;
        }
        action.walk(&mut |operand| match operand {
            Operand::Value(key) => substitutions.value(KIND, key).map(drop),
            _ => Ok(()),
        })?;
    }
    check_apart(KIND, &paths)?;
    for action in actions {
        match &action.change {
            Change::Add(key) => check_set("ADD", true, substitutions.value(KIND, key)?)?,
            Change::Delete(key) => check_set("DELETE", false, substitutions.value(KIND, key)?)?,
            Change::Set(_) | Change::Remove => {}
        }
    }
    actions.iter().try_for_each(|action| match &action.change {
        Change::Set(assigned) => check_assigned(assigned, substitutions),
        _ => Ok(()),
    })
}

impl Action {
    /// Calls `visit` with every operand of the right-hand side.
    fn walk<'o>(
        &'o self,
        visit: &mut impl FnMut(&'o Operand) -> Result<(), ExpressionError>,
    ) -> Result<(), ExpressionError> {
        match &self.change {
            Change::Set(Assigned::Operand(operand)) => operand.walk(visit),
            Change::Set(Assigned::Sum(left, right) | Assigned::Difference(left, right)) => {
                left.walk(visit)?;
                right.walk(visit)
            }
            Change::Remove | Change::Add(_) | Change::Delete(_) => Ok(()),
        }
    }
}

fn check_set(section: &str, numbers: bool, value: &AttributeValue) -> Result<(), ExpressionError> {
    match value {
        AttributeValue::Ss(_) | AttributeValue::Ns(_) | AttributeValue::Bs(_) => Ok(()),
        AttributeValue::N(_) if numbers => Ok(()),
        other => Err(ExpressionError::invalid(
            KIND,
            format_args!(
                "Incorrect operand type for operator or function; operator: {section}, operand \
                 type: {}, typeSet: ALLOWED_FOR_{section}_OPERAND",
                other.operand_type()
            ),
        )),
    }
}

fn check_assigned(
    assigned: &Assigned,
    substitutions: &Substitutions<'_>,
) -> Result<(), ExpressionError> {
    let (operator, left, right) = match assigned {
        Assigned::Operand(operand) => return check_operand(operand, substitutions),
        Assigned::Sum(left, right) => ("+", left, right),
        Assigned::Difference(left, right) => ("-", left, right),
    };
    for operand in [left, right] {
        check_operand(operand, substitutions)?;
        check_type(operator, "N", operand, substitutions)?;
    }
    Ok(())
}

fn check_operand(
    operand: &Operand,
    substitutions: &Substitutions<'_>,
) -> Result<(), ExpressionError> {
    match operand {
        Operand::Function(function) => check_function(function, substitutions),
        _ => Ok(()),
    }
}

fn check_function(
    function: &Function,
    substitutions: &Substitutions<'_>,
) -> Result<(), ExpressionError> {
    for argument in &function.arguments {
        check_operand(argument, substitutions)?;
    }
    function.check_arity(KIND)?;
    let (first, second) = function.pair(KIND)?;
    match (function.name, first) {
        (FunctionName::ListAppend, _) => [first, second].into_iter().try_for_each(|operand| {
            check_type(function.name.as_str(), "L", operand, substitutions)
        }),
        (_, Operand::Path(_)) => Ok(()),
        _ => Err(function.needs_path(KIND)),
    }
}

/// Refuses a value of the request that is not a `wanted`.
fn check_type(
    operator: &str,
    wanted: &str,
    operand: &Operand,
    substitutions: &Substitutions<'_>,
) -> Result<(), ExpressionError> {
    match operand.known_type(KIND, substitutions)? {
        Some(known) if known != wanted => Err(wrong_type(KIND, operator, known)),
        _ => Ok(()),
    }
}
