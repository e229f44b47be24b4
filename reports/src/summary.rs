//! The summary that a person reads when a run is over: the verdict first, then what limited the run,
//! then the figures, and last how to have them again.

mod audit;
mod bottlenecks;
mod data;
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
        data::section(record, paint, width),
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
    // Whoever reads one line only must not take the figures for SecureCart's.
    let limited: Vec<&str> = record.limited_by.iter().map(|limit| limit.by.as_str()).collect();
    let limited = match limited.join(" and the ") {
        names if names.is_empty() => names,
        names => format!("; limited by the {names}"),
    };
    let skipped = skipped(record);
    let text = format!("{word} {scenario}: {sentence}{limited}{skipped} (exit code {code})");
    wrap(&text, width, "").replacen(word, &painted, 1) + &bottlenecks::lines(record, width)
}

/// Says that the verdict is about less than the scenario: faults outside of what was played.
fn skipped(record: &RunRecord) -> String {
    let skipped = record.skipped_faults.len() as u64;
    match (skipped, record.faults.len() as u64) {
        (0, _) => String::new(),
        (1, 0) => "; its fault was not played".to_owned(),
        (_, 0) => format!("; none of its {skipped} faults was played"),
        (_, played) => {
            let were = if skipped == 1 { "was" } else { "were" };
            format!("; {skipped} of its {} faults {were} not played", skipped + played)
        }
    }
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
    let mut text = String::new();
    if !record.limited_by.is_empty() {
        let warning = "LIMITED not by SecureCart: read the figures with that in mind";
        text = wrap(warning, width, "").replacen("LIMITED", &paint.warn("LIMITED"), 1);
        for limit in &record.limited_by {
            text += &wrap(&format!("{}: {}", limit.by.as_str(), limit.evidence), width, "  ");
        }
    }
    let run = &record.run;
    if !run.is_embedded() {
        let aws =
            run.tiers.iter().find(|tier| tier.tier == "aws").map(|tier| tier.served_by.clone());
        let by = aws.unwrap_or_else(|| format!("{} {}", run.backend, run.backend_version));
        let warning = format!(
            "EMULATED by {by}: its own time is in every latency, and no figure says what AWS carries"
        );
        text += &wrap(&warning, width, "").replacen("EMULATED", &paint.warn("EMULATED"), 1);
    }
    text
}

/// The objectives and how each ended. Half a run judges none: a figure so far is no figure.
fn objectives(record: &RunRecord, paint: Paint, width: usize) -> String {
    if record.objectives.is_empty() {
        return String::new();
    }
    let interrupted = record.verdict == Verdict::Interrupted;
    let measured = if interrupted { "so far, not judged" } else { "measured" };
    let columns = [left(""), left("objective"), right("bound").spare(1), right(measured)];
    let row = |objective: &Objective| {
        let mark = match objective.held {
            _ if interrupted => "·",
            Some(true) => "✓",
            Some(false) => "✗",
            None => "?",
        };
        vec![
            mark.to_owned(),
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
pub(crate) use tests::{record as fixture, scaled as scaled_fixture, tiered as tiered_fixture};
