//! What stood in the way where an objective was missed, from the samples of a finished record.
//!
//! Only what is on the path of a missed objective is asked. A fault comes first, because what it
//! breaks is not short of anything by itself; then what was short of capacity or throttled, by the
//! time it lasted; then queues, whose backlog is what the others left.
//!
//! Invariants: no missed objective, no bottleneck; every sentence carries its numbers and says
//! whether a time is wall or scenario time. Deliberately absent: a proof of cause. What is named was
//! in trouble on the path, at the time, by its own figures.

mod fault;
mod fleet;
mod path;
mod store;

use std::collections::BTreeMap;

use securecart_record::{Bottleneck, RunRecord};

use path::Path;

/// What stood in the way of the objectives that `record` missed, the gravest first; nothing where
/// none was missed, or where nothing on their path was in trouble.
///
/// `maxima` gives the most tasks (instances) that each service may have; a service that it lacks
/// is never said to have been at its maximum.
#[must_use]
pub fn bottlenecks(record: &RunRecord, maxima: &BTreeMap<String, u32>) -> Vec<Bottleneck> {
    let path = Path::of(record.objectives.iter().filter(|objective| objective.held == Some(false)));
    let mut suspects = fault::suspects(record, &path);
    suspects.extend(fleet::suspects(record, &path, maxima));
    suspects.extend(store::suspects(record, &path));
    suspects.sort_by(|a, b| a.class.cmp(&b.class).then(b.weight.total_cmp(&a.weight)));
    suspects.into_iter().map(|suspect| suspect.bottleneck).collect()
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
    /// Something had too little.
    Capacity,
    /// Something piled up behind another.
    Backlog,
}

impl Suspect {
    fn new(class: Class, weight: f64, resource: &str, evidence: String) -> Self {
        let bottleneck = Bottleneck { resource: resource.to_owned(), evidence };
        Self { class, weight, bottleneck }
    }
}

#[cfg(test)]
mod tests;
