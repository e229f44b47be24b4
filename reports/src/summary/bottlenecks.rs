//! What stood in the way of the objectives that were missed: the gravest of each, and the gravest of
//! all.

use securecart_record::{Bottleneck, RunRecord, Verdict};

use super::prose::wrap;

/// Lines that are filled up with the gravest once each objective has its own.
const LINES: usize = 3;

/// Objectives that a line names.
const NAMES_MAX: usize = 2;

/// A line for each that is worth one, the gravest first.
pub(super) fn lines(record: &RunRecord, width: usize) -> String {
    if record.verdict == Verdict::Interrupted {
        return String::new();
    }
    let missed = missed(record);
    let shown = shown(record, &missed);
    let mut text: String = record
        .bottlenecks
        .iter()
        .zip(&shown)
        .filter(|(_, shown)| **shown)
        .map(|(one, _)| {
            let line = format!("in the way{}: {}", of_which(one, &missed), one.evidence);
            wrap(&line, width, "  ")
        })
        .collect();
    let more = shown.iter().filter(|shown| !**shown).count();
    if more > 0 {
        text += &wrap(&format!("and {more} more, in the record"), width, "  ");
    }
    let unexplained: Vec<&str> = missed
        .iter()
        .copied()
        .filter(|metric| !record.bottlenecks.iter().any(|one| one.is_of(metric)))
        .collect();
    if !unexplained.is_empty() {
        let names = unexplained.join(", ");
        let line =
            format!("in the way of {names}: nothing on its path was in trouble by its figures");
        text += &wrap(&line, width, "  ");
    }
    text
}

fn missed(record: &RunRecord) -> Vec<&str> {
    let missed = record.objectives.iter().filter(|objective| objective.held == Some(false));
    missed.map(|objective| objective.metric.as_str()).collect()
}

/// Which bottlenecks get a line: the first of each objective, then the first of all.
fn shown(record: &RunRecord, missed: &[&str]) -> Vec<bool> {
    let all = &record.bottlenecks;
    let mut shown = vec![false; all.len()];
    for metric in missed {
        if let Some(first) = all.iter().position(|one| one.is_of(metric)) {
            shown[first] = true;
        }
    }
    let taken = shown.iter().filter(|shown| **shown).count();
    let free = LINES.saturating_sub(taken);
    shown.iter_mut().filter(|shown| !**shown).take(free).for_each(|shown| *shown = true);
    shown
}

/// ` of checkout.latency.p99`, where that is not plain: several were missed, and not all of them had
/// this in their way.
fn of_which(one: &Bottleneck, missed: &[&str]) -> String {
    let of: Vec<&str> = missed.iter().copied().filter(|metric| one.is_of(metric)).collect();
    if missed.len() < 2 || of.len() == missed.len() {
        return String::new();
    }
    match of.len().saturating_sub(NAMES_MAX) {
        0 => format!(" of {}", of.join(" and ")),
        more => format!(" of {} and {more} more", of[..NAMES_MAX].join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::fixture;

    fn record() -> RunRecord {
        let mut record = fixture(Verdict::Missed);
        let mut objective = record.objectives[0].clone();
        objective.held = Some(false);
        let metrics = ["a.latency.p99", "b.latency.p99", "availability", "dead-letters"];
        record.objectives = metrics
            .iter()
            .map(|metric| {
                let metric = (*metric).to_owned();
                securecart_record::Objective { metric, ..objective.clone() }
            })
            .collect();
        let one = |evidence: &str, objectives: &[&str]| Bottleneck {
            resource: "x".to_owned(),
            evidence: evidence.to_owned(),
            objectives: objectives.iter().map(|&metric| metric.to_owned()).collect(),
        };
        record.bottlenecks = vec![
            one("first", &["a.latency.p99", "b.latency.p99"]),
            one("second", &["a.latency.p99"]),
            one("third", &["a.latency.p99", "b.latency.p99", "availability"]),
            one("fourth", &["availability"]),
        ];
        record
    }

    #[test]
    fn each_missed_objective_has_a_line_of_its_own() {
        assert_eq!(
            lines(&record(), 200),
            "  in the way of a.latency.p99 and b.latency.p99: first\n  in the way of a.latency.p99: \
             second\n  in the way of a.latency.p99, b.latency.p99 and 1 more: third\n  and 1 more, in \
             the record\n  in the way of dead-letters: nothing on its path was in trouble by its \
             figures\n"
        );
    }

    #[test]
    fn what_is_in_the_way_of_all_names_none() {
        let mut record = record();
        record.objectives.truncate(1);
        record.bottlenecks.truncate(1);
        assert_eq!(lines(&record, 80), "  in the way: first\n");
        record.verdict = Verdict::Interrupted;
        assert_eq!(lines(&record, 80), "");
    }

    #[test]
    fn records_that_asked_for_all_at_once_name_none() {
        let mut record = record();
        record.bottlenecks.iter_mut().for_each(|one| one.objectives.clear());
        let text = lines(&record, 80);
        assert_eq!(text.matches("in the way: ").count(), 3, "{text}");
        assert!(text.ends_with("and 1 more, in the record\n"), "{text}");
    }
}
