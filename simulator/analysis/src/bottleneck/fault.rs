//! Faults that explain a missed objective: most failures fell into them, latency rose with them, or
//! what the objective counts grew while they were on.
//!
//! Faults of one kind are asked together: ten tasks that are killed one after the other explain what
//! no single one does.

mod requests;
mod state;

use securecart_record::{FaultRecord, RunRecord, Sample, format};

use super::{Path, Suspect};
use crate::span::at;

/// Effects of faults of one kind that a sentence tells.
const EFFECTS_MAX: usize = 2;

pub(super) fn suspects(record: &RunRecord, path: &Path) -> Vec<Suspect> {
    let kinds = Kind::all(record);
    kinds.iter().filter_map(|kind| suspect(record, kind, path)).collect()
}

/// The first that holds: what was counted before what is only seen beside it.
fn suspect(record: &RunRecord, kind: &Kind<'_>, path: &Path) -> Option<Suspect> {
    requests::failures(record, kind, path)
        .or_else(|| requests::slower(record, kind, path))
        .or_else(|| state::dead_letters(record, kind, path))
        .or_else(|| state::backlog(record, kind, path))
        .or_else(|| state::lag(record, kind, path))
        .or_else(|| state::hit_ratio(record, kind, path))
}

/// Every fault of one kind, in order.
#[derive(Debug)]
struct Kind<'a> {
    name: &'a str,
    faults: Vec<&'a FaultRecord>,
}

impl<'a> Kind<'a> {
    /// Every kind there was, in the order of the first of each.
    fn all(record: &'a RunRecord) -> Vec<Self> {
        let mut kinds: Vec<Self> = Vec::new();
        for fault in &record.faults {
            match kinds.iter_mut().find(|kind| kind.name == fault.kind) {
                Some(kind) => kind.faults.push(fault),
                None => kinds.push(Self { name: &fault.kind, faults: vec![fault] }),
            }
        }
        kinds
    }

    /// Whether `sample`, of `length_s`, ends within one of them.
    fn is_within(&self, sample: &Sample, length_s: f64) -> bool {
        self.faults.iter().any(|fault| is_within(fault, sample, length_s))
    }

    /// Wall second at which the first began.
    fn start_s(&self) -> f64 {
        self.faults.iter().map(|fault| fault.start_s).fold(f64::INFINITY, f64::min)
    }

    /// `the fault availability-zone-loss (zone a) from 00:20:00 to 00:30:00 (scenario)`, or
    /// `5 faults task-kill between 00:10:00 and 00:50:00 (scenario)`.
    fn describe(&self) -> String {
        let Self { name, faults } = self;
        if let [fault] = faults.as_slice() {
            return format!("the fault {name} ({}) {}", fault.radius, when(fault));
        }
        let start_s = faults.iter().map(|fault| fault.start_scenario_s).reduce(f64::min);
        let end_s = faults.iter().map(|fault| fault.end_scenario_s.unwrap_or(f64::INFINITY));
        let end_s = end_s.reduce(f64::max).filter(|end_s| end_s.is_finite());
        let start = format::clock_s(start_s.unwrap_or(0.0));
        let end = end_s.map_or_else(|| "the end".to_owned(), at);
        format!("{} faults {name} between {start} and {end}", faults.len())
    }

    /// What they hit, as the end of a sentence.
    fn effect(&self) -> String {
        let effects: Vec<&str> = self
            .faults
            .iter()
            .map(|fault| fault.effect.as_str())
            .filter(|effect| !effect.is_empty())
            .collect();
        if effects.is_empty() {
            return String::new();
        }
        let more = match effects.len().saturating_sub(EFFECTS_MAX) {
            0 => String::new(),
            more => format!("; and {more} more"),
        };
        let shown = effects[..effects.len().min(EFFECTS_MAX)].join("; ");
        format!(": {shown}{more}")
    }
}

/// Whether `sample` ends within `fault`. What happens at once is looked for in the sample it falls
/// into and in the ones that its requests may still be answered in.
fn is_within(fault: &FaultRecord, sample: &Sample, length_s: f64) -> bool {
    /// Wall seconds for which the requests that a sudden fault hit go on failing. An assumption.
    const AFTER_S: f64 = 5.0;
    let end_s = fault.end_s.unwrap_or(f64::INFINITY).max(fault.start_s + AFTER_S);
    sample.at_s > fault.start_s && sample.at_s - length_s < end_s
}

/// `from 00:20:00 to 00:30:00 (scenario)`, or `at 00:20:00 (scenario)`.
fn when(fault: &FaultRecord) -> String {
    match fault.end_scenario_s {
        Some(end_s) if end_s > fault.start_scenario_s => {
            format!("from {} to {}", format::clock_s(fault.start_scenario_s), at(end_s))
        }
        _ => format!("at {}", at(fault.start_scenario_s)),
    }
}
