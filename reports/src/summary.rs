//! The summary that a person reads when a run is over: the verdict first, then what limited the run,
//! then the figures.

mod audit;
mod latency;
mod paint;
mod system;

use securecart_record::{Objective, RunRecord, Verdict, format};

use crate::table::{self, left, right};
use paint::Paint;

/// The narrowest summary, columns: below that, lines are longer than the terminal.
const WIDTH_MIN: u16 = 20;

/// The whole summary, no wider than `width` columns where that can be had.
#[must_use]
pub fn summary(record: &RunRecord, width: u16, color: bool) -> String {
    let width = usize::from(width.max(WIDTH_MIN));
    let paint = Paint(color);
    let sections = [
        verdict(record, paint, width),
        limits(record, paint, width),
        objectives(record, paint, width),
        latency::section(record, width),
        system::section(record, width),
        audit::section(record, paint, width),
        origin(record, width),
    ];
    let shown = sections.into_iter().filter(|section| !section.is_empty());
    shown.collect::<Vec<_>>().join("\n")
}

fn verdict(record: &RunRecord, paint: Paint, width: usize) -> String {
    let missed = record.objectives.iter().filter(|objective| !objective.held).count();
    let (word, painted, sentence) = match record.verdict {
        Verdict::Held => {
            ("HELD", paint.good("HELD"), "every objective held and the audit is clean".to_owned())
        }
        Verdict::Missed => (
            "MISSED",
            paint.bad("MISSED"),
            format!(
                "{missed} of {} objectives missed; the audit is clean",
                record.objectives.len()
            ),
        ),
        Verdict::AuditFailed => {
            let findings = record.audit.as_ref().map_or(0, |audit| audit.findings_total);
            let sentence = format!("{findings} findings: orders, stock or money do not add up");
            ("AUDIT FAILED", paint.bad("AUDIT FAILED"), sentence)
        }
        Verdict::Interrupted => (
            "INTERRUPTED",
            paint.warn("INTERRUPTED"),
            "stopped before its end; figures are of what was played".to_owned(),
        ),
    };
    let (scenario, code) = (&record.run.scenario, record.verdict.exit_code());
    let text = wrap(&format!("{word} {scenario}: {sentence} (exit code {code})"), width, "");
    text.replacen(word, &painted, 1)
}

fn limits(record: &RunRecord, paint: Paint, width: usize) -> String {
    if record.limited_by.is_empty() {
        return String::new();
    }
    let warning = "LIMITED not by SecureCart: read the figures with that in mind";
    let mut text = wrap(warning, width, "").replacen("LIMITED", &paint.warn("LIMITED"), 1);
    for limit in &record.limited_by {
        let by = format!("{:?}", limit.by).to_lowercase();
        text += &wrap(&format!("{by}: {}", limit.evidence), width, "  ");
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
            if objective.held { "✓" } else { "✗" }.to_owned(),
            objective.metric.clone(),
            objective.bound.clone(),
            objective.measured.clone(),
        ]
    };
    let rows: Vec<_> = record.objectives.iter().map(row).collect();
    table::render(&columns, &rows, width).lines().map(|line| paint.mark(line) + "\n").collect()
}

/// Where the figures come from, and how to have them again.
fn origin(record: &RunRecord, width: usize) -> String {
    let (run, machine) = (&record.run, &record.environment);
    let what = format!(
        "run {}: {} of traffic and {} of draining, wall time; scenario time {} to {} at speed {}; \
         backend {} {}; CPU {} used, memory at most {}",
        run.id,
        format::duration_s(run.traffic_s),
        format::duration_s(run.drain_s),
        format::clock_s(run.window_start_s),
        format::clock_s(run.window_end_s),
        run.speed,
        run.backend,
        run.backend_version,
        format::duration_s(record.totals.cpu_s),
        format::bytes(record.totals.memory_bytes_max),
    );
    let machine = format!(
        "on {} cores of {}, {}, {} build of {} at {}",
        machine.cores, machine.cpu, machine.os, machine.profile, run.version, run.commit,
    );
    // Not wrapped: it is to be copied.
    let again = format!(
        "again: securecart scenario {} --seed {} --scale {} --speed {} --duration {}s --backend {}\n",
        run.scenario,
        run.seed,
        run.scale,
        run.speed,
        (run.window_end_s - run.window_start_s) / run.speed.max(1e-9),
        run.backend,
    );
    wrap(&what, width, "") + &wrap(&machine, width, "") + &again
}

/// `text` in lines of at most `width` columns, each after `indent`.
fn wrap(text: &str, width: usize, indent: &str) -> String {
    let room = width.saturating_sub(indent.len()).max(1);
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is a line");
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= room {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines.iter().map(|line| format!("{indent}{line}\n")).collect()
}

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::record as fixture;
