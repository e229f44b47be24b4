//! Scheduled actions: bounds that stay in order as one follows the other.

use miette::SourceSpan;
use securecart_domain::ServiceName;

use crate::{
    document::Scheduled,
    limits,
    plan::{Platform, Policy, TaskSpec},
    problem::Problems,
    units::clock_text,
};

use super::super::{Frame, bounds, frame};

pub(super) fn action(
    table: &Scheduled,
    service: ServiceName,
    frame: &Frame,
    problems: &mut Problems,
) -> Option<Policy> {
    let mut whole = |field, key| bounds::whole(field, key, (1, limits::TASKS), problems);
    let (min, max) = (whole(&table.min, "min"), whole(&table.max, "max"));
    let desired = whole(&table.desired, "desired");
    let at_s = frame::time(&table.at, "the action", frame, problems)?;
    if min.is_none() && max.is_none() && desired.is_none() {
        let message = "the action changes nothing";
        problems.add(table.at.span(), message, "give `min`, `max` or both");
    }
    if desired.is_some() && Platform::of(service) == Platform::Ecs {
        let message = format!("`{service}` has no `desired` to schedule");
        let help = "for a service, Application Auto Scaling sets bounds only: raise `min`";
        problems.add(table.desired.span(), message, help);
    }
    Some(Policy::Scheduled { at_s, min, max, desired })
}

/// Reports bounds that would cross when the actions happen in their order.
pub(super) fn check(policies: &[(SourceSpan, Policy)], tasks: TaskSpec, problems: &mut Problems) {
    let mut actions: Vec<_> = policies
        .iter()
        .filter_map(|(span, policy)| match *policy {
            Policy::Scheduled { at_s, min, max, desired } => Some((at_s, min, max, desired, *span)),
            _ => None,
        })
        .collect();
    actions.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut least, mut most) = (tasks.min, tasks.max);
    for (at_s, min, max, desired, span) in actions {
        (least, most) = (min.unwrap_or(least), max.unwrap_or(most));
        let at = clock_text(at_s);
        if least > most {
            let message = format!("at {at} `min` would be {least} and `max` {most}");
            problems.add(span, message, "give both");
            return;
        }
        if let Some(desired) = desired.filter(|desired| !(least..=most).contains(desired)) {
            let help = format!("at {at} the bounds are {least} and {most}");
            problems.add(span, format!("`desired` is {desired}"), help);
        }
    }
}
