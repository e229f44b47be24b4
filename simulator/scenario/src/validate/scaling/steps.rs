//! The steps of a step policy: in order, without gaps, of one sort, in the alarm's direction.

use crate::{
    document::ChangeTable,
    limits,
    located::{Field, Located},
    plan::{Change, ScalingStep},
    problem::Problems,
    units::change_text,
};

use super::super::{bounds, length};

pub(super) fn read(
    field: &Field<Vec<Located<ChangeTable>>>,
    above: bool,
    problems: &mut Problems,
) -> Vec<ScalingStep> {
    let Some(tables) = field.value() else { return Vec::new() };
    length(tables.len(), limits::SCALING_STEPS, "steps", field.span(), problems);
    let steps: Vec<_> =
        tables.iter().filter_map(|table| step(&table.value, above, problems)).collect();
    // Rules between steps would only complain about the gap that an unreadable one leaves.
    if steps.len() == tables.len() {
        order(&steps, tables, problems);
        sort(&steps, tables, problems);
    }
    steps
}

fn step(table: &ChangeTable, above: bool, problems: &mut Problems) -> Option<ScalingStep> {
    let most = limits::SCALING_TARGET;
    let from = bounds::number(&table.from, "from", 0.0..=most, problems).unwrap_or(0.0);
    let to = bounds::number(&table.to, "to", 0.0..=most, problems);
    if let Some(to) = to.filter(|to| *to <= from) {
        let help = "a step goes from the nearer to the farther distance";
        problems.add(table.to.span(), format!("`to` of {to} is not beyond `from` of {from}"), help);
    }
    let change = table.change.value()?.0;
    let text = change_text(change);
    let (size, wrong_way) = match change {
        Change::Count(number) | Change::Percent(number) => (number, (number > 0) != above),
        Change::Exact(number) => (i32::try_from(number).unwrap_or(i32::MAX), false),
    };
    if size == 0 {
        problems.add(table.change.span(), format!("`{text}` changes nothing"), "");
    } else if size.unsigned_abs() > limits::TASKS {
        let help = format!("at most {} are allowed", limits::TASKS);
        problems.add(table.change.span(), format!("`change` is `{text}`"), help);
    } else if wrong_way {
        let (side, sign) = if above { ("above", "+") } else { ("below", "-") };
        let message = format!("`{text}` goes the wrong way: the alarm fires {side} its threshold");
        problems.add(table.change.span(), message, format!("start it with `{sign}` or `=`"));
    }
    Some(ScalingStep { from, to, change })
}

/// Behaviour sheet 0.3: steps have no gap and no overlap, and beyond the last nothing ends.
fn order(steps: &[ScalingStep], tables: &[Located<ChangeTable>], problems: &mut Problems) {
    for (pair, table) in steps.windows(2).zip(tables.iter().skip(1)) {
        let what = match pair[0].to {
            Some(to) if to == pair[1].from => continue,
            Some(to) if to < pair[1].from => "leaves a gap after",
            _ => "overlaps",
        };
        let (before, from) = (range(pair[0]), pair[1].from);
        let message = format!("the step from {from} {what} the one {before}");
        problems.add(table.span, message, "each starts where the one before ends");
    }
    if let (Some(ScalingStep { to: Some(to), .. }), Some(table)) = (steps.last(), tables.last()) {
        let message = format!("nothing happens farther than {to} from the threshold");
        problems.add(table.value.to.span(), message, "leave out the last step's `to`");
    }
}

fn range(step: ScalingStep) -> String {
    match step.to {
        Some(to) => format!("from {} to {to}", step.from),
        None => format!("from {} on", step.from),
    }
}

/// AWS's `AdjustmentType` is that of the policy.
fn sort(steps: &[ScalingStep], tables: &[Located<ChangeTable>], problems: &mut Problems) {
    let Some(first) = steps.first() else { return };
    for (step, table) in steps.iter().zip(tables) {
        if std::mem::discriminant(&step.change) != std::mem::discriminant(&first.change) {
            let (a, b) = (change_text(first.change), change_text(step.change));
            let message = format!("`{a}` and `{b}` are in one policy");
            let help = "a policy has one sort of change: numbers, percent or `=`";
            problems.add(table.value.change.span(), message, help);
        }
    }
}
