//! Measurements of the harness itself. Each compares things in interleaved rounds on one machine,
//! because a machine is never equally fast twice.

pub(crate) mod aws;
pub(crate) mod behaviour;
mod calls;
mod canned;
mod emulators;
mod failed;
mod meter;
pub(crate) mod state;
pub(crate) mod traffic;

pub(crate) use failed::Failed;
