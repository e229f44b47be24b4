//! What stood in the way where an objective was missed, from the samples of a finished record.
//!
//! Each missed objective is asked for by itself, and only what is on its path: so each has its own
//! gravest. A fault comes first, because what it breaks is not short of anything by itself; then what
//! was down; then an emulator of AWS that was slow, which is no fault of SecureCart's; then what was short of capacity or throttled, by the time it lasted; then queues and
//! replicas, whose backlog is what the others left.
//!
//! Invariants: no missed objective, no bottleneck; every sentence carries its numbers and says
//! whether a time is wall or scenario time. Deliberately absent: a proof of cause. What is named was
//! in trouble on the path, at the time, by its own figures.

mod data;
mod emulator;
mod fault;
mod fleet;
mod path;
mod store;

use std::collections::BTreeMap;

use securecart_record::{Bottleneck, Objective, RunRecord};

use path::Path;

/// What stood in the way of the objectives that `record` missed, the gravest first; nothing where
/// none was missed, or where nothing on their path was in trouble.
///
/// `maxima` gives the most tasks (instances) that each service may have; a service that it lacks
/// is never said to have been at its maximum.
#[must_use]
pub fn bottlenecks(record: &RunRecord, maxima: &BTreeMap<String, u32>) -> Vec<Bottleneck> {
    let mut all: Vec<Suspect> = Vec::new();
    for objective in missed(record) {
        for suspect in suspects(record, objective, maxima) {
            let metric = objective.metric.clone();
            match all.iter_mut().find(|known| known.is_same(&suspect)) {
                Some(known) => known.bottleneck.objectives.push(metric),
                None => all.push(suspect.of(metric)),
            }
        }
    }
    all.sort_by(|a, b| a.class.cmp(&b.class).then(b.weight.total_cmp(&a.weight)));
    all.into_iter().map(|suspect| suspect.bottleneck).collect()
}

fn missed(record: &RunRecord) -> impl Iterator<Item = &Objective> {
    record.objectives.iter().filter(|objective| objective.held == Some(false))
}

/// The missed objectives that an emulator of AWS was in the way of by its own answers.
pub(crate) fn missed_by_emulator(record: &RunRecord) -> Vec<&str> {
    let in_the_way =
        |one: &&Objective| emulator::suspect(record, one, &Path::of(&one.metric)).is_some();
    missed(record).filter(in_the_way).map(|objective| objective.metric.as_str()).collect()
}

fn suspects(
    record: &RunRecord,
    objective: &Objective,
    maxima: &BTreeMap<String, u32>,
) -> Vec<Suspect> {
    let path = &Path::of(&objective.metric);
    let mut suspects = fault::suspects(record, path);
    suspects.extend(emulator::suspect(record, objective, path));
    suspects.extend(fleet::suspects(record, path, maxima));
    suspects.extend(store::suspects(record, path));
    suspects.extend(data::suspects(record, path));
    suspects
}

/// Something that may have stood in the way.
#[derive(Debug, Clone, PartialEq)]
struct Suspect {
    class: Class,
    /// Within its class, how grave it is.
    weight: f64,
    bottleneck: Bottleneck,
}

/// Kinds of suspects, the likeliest cause first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    /// Something was broken on purpose.
    Fault,
    /// Something took no requests at all.
    Outage,
    /// An emulator of AWS was slow.
    Emulator,
    /// Something had too little.
    Capacity,
    /// Something piled up behind another.
    Backlog,
}

impl Suspect {
    fn new(class: Class, weight: f64, resource: &str, evidence: String) -> Self {
        let resource = resource.to_owned();
        let bottleneck = Bottleneck { resource, evidence, objectives: Vec::new() };
        Self { class, weight, bottleneck }
    }

    /// The same, as it stood in the way of the objective `metric`.
    fn of(mut self, metric: String) -> Self {
        self.bottleneck.objectives.push(metric);
        self
    }

    /// Whether both say the same of the same thing.
    fn is_same(&self, other: &Self) -> bool {
        self.bottleneck.resource == other.bottleneck.resource
            && self.bottleneck.evidence == other.bottleneck.evidence
    }
}

#[cfg(test)]
mod tests;
