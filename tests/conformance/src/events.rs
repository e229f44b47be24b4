//! Amazon EventBridge.

mod buses;
mod patterns;
mod put_events;
mod rules;
mod support;
mod targets;

use crate::Case;

pub(crate) fn cases() -> Vec<Case> {
    [buses::cases(), rules::cases(), targets::cases(), put_events::cases(), patterns::cases()]
        .into_iter()
        .flatten()
        .collect()
}
