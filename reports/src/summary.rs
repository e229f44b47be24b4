//! The summary that a person reads when a run is over: the verdict first, then what limited the run,
//! then the figures, and last how to have them again.

mod audit;
mod latency;
mod origin;
mod paint;
pub(crate) mod prose;
mod scaling;
mod system;
mod trouble;

use securecart_record::{Objective, RunRecord, Verdict};

use crate::{
    number::so_many,
    table::{self, left, right},
};
use paint::Paint;
use prose::wrap;

/// The narrowest summary, columns: below that, lines are longer than the terminal.
const WIDTH_MIN: u16 = 20;

/// Most bottlenecks that a summary names.
const BOTTLENECKS_MAX: usize = 3;

/// The whole summary of a run whose process ends with `exit_code`, no wider than `width` columns
/// where that can be had; what can't are names and
/// the last line, a command, which are to be copied.
#[must_use]
pub fn summary(record: &RunRecord, exit_code: u8, width: u16, color: bool) -> String {
    let width = usize::from(width.max(WIDTH_MIN));
    let paint = Paint(color);
    let sections = [
        verdict(record, exit_code, paint, width),
        limits(record, paint, width),
        objectives(record, paint, width),
        latency::section(record, paint, width),
        system::section(record, paint, width),
        scaling::section(record, paint, width),
        trouble::section(record, paint, width),
        audit::section(record, paint, width),
        origin::section(record, paint, width),
    ];
    let shown = sections.into_iter().filter(|section| !section.is_empty());
    shown.collect::<Vec<_>>().join("\n")
}

fn verdict(record: &RunRecord, code: u8, paint: Paint, width: usize) -> String {
    let (word, painted, sentence) = match record.verdict {
        Verdict::Held => ("HELD", paint.good("HELD"), held(record)),
        Verdict::Missed => ("MISSED", paint.bad("MISSED"), missed(record)),
        Verdict::Inconclusive => ("INCONCLUSIVE", paint.warn("INCONCLUSIVE"), inconclusive(record)),
        Verdict::AuditFailed => ("AUDIT FAILED", paint.bad("AUDIT FAILED"), audit_failed(record)),
        Verdict::Interrupted => (
            "INTERRUPTED",
            paint.warn("INTERRUPTED"),
            "stopped before its end; the figures are of what was played".to_owned(),
        ),
    };
    let scenario = &record.run.scenario;
    let text = wrap(&format!("{word} {scenario}: {sentence} (exit code {code})"), width, "");
    text.replacen(word, &painted, 1) + &bottlenecks(record, width)
}

/// What stood in the way of the objectives that were missed, the gravest first.
fn bottlenecks(record: &RunRecord, width: usize) -> String {
    let shown = record.bottlenecks.iter().take(BOTTLENECKS_MAX);
    let mut text: String =
        shown.map(|one| wrap(&format!("in the way: {}", one.evidence), width, "  ")).collect();
    let more = record.bottlenecks.len().saturating_sub(BOTTLENECKS_MAX);
    if more > 0 {
        text += &wrap(&format!("and {more} more, in the record"), width, "  ");
    }
    text
}

fn held(record: &RunRecord) -> String {
    let held = if record.objectives.is_empty() {
        "the scenario has no objectives"
    } else {
        "every objective held"
    };
    format!("{held} and the audit is clean")
}

fn missed(record: &RunRecord) -> String {
    let missed = record.objectives.iter().filter(|o| o.held == Some(false)).count();
    let all = so_many(record.objectives.len() as u64, "objective");
    format!("{missed} of {all} missed; the audit is clean")
}

fn inconclusive(record: &RunRecord) -> String {
    let open = record.objectives.iter().filter(|o| o.held.is_none()).count();
    let all = so_many(record.objectives.len() as u64, "objective");
    format!("{open} of {all} could not be measured, none was missed; the audit is clean")
}

fn audit_failed(record: &RunRecord) -> String {
    let findings = record.audit.as_ref().map_or(0, |audit| audit.findings_total);
    format!("{}: orders, stock or money do not add up", so_many(findings, "finding"))
}

fn limits(record: &RunRecord, paint: Paint, width: usize) -> String {
    if record.limited_by.is_empty() {
        return String::new();
    }
    let warning = "LIMITED not by SecureCart: read the figures with that in mind";
    let mut text = wrap(warning, width, "").replacen("LIMITED", &paint.warn("LIMITED"), 1);
    for limit in &record.limited_by {
        text += &wrap(&format!("{}: {}", limit.by.as_str(), limit.evidence), width, "  ");
    }
    text
}

fn objectives(record: &RunRecord, paint: Paint, width: usize) -> String {
    if record.objectives.is_empty() {
        return String::new();
    }
    let columns = [left(""), left("objective"), right("bound").spare(1), right("measured")];
    let row = |objective: &Objective| {
        vec![
            match objective.held {
                Some(true) => "✓",
                Some(false) => "✗",
                None => "?",
            }
            .to_owned(),
            objective.metric.clone(),
            objective.bound.clone(),
            objective.held.map_or("not measured", |_| &objective.measured).to_owned(),
        ]
    };
    let rows: Vec<_> = record.objectives.iter().map(row).collect();
    let table = paint.titles(&table::render(&columns, &rows, width));
    table.lines().map(|line| paint.mark(line) + "\n").collect()
}

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::{record as fixture, scaled as scaled_fixture};
