//! Fleets that change size: tasks with processors and slots that queue, saturate, start and die.
//!
//! ```text
//! behaviour::compute::Fleet ──events──▶ Group ─▶ Task (processor, slots)
//!  (decides who starts, when,            │ requests: load balancer over the tasks in service
//!   where, and who goes)                 └ messages: a poll loop for each task in service
//! ```
//!
//! Invariants: what a task has cost in processor time is exact, whatever the timer's resolution;
//! work of a task that dies is lost at once and never answered as done; a task that drains takes
//! nothing new and finishes what it has.
//!
//! Deliberately absent: when a fleet should change size (that is `scaling`).

mod group;
mod meter;
mod requests;
mod sampled;
mod stats;
mod task;
#[cfg(test)]
mod tests;
mod trouble;
mod workers;

pub(crate) use group::{Group, GroupOptions};
pub(crate) use meter::Reading;
pub(crate) use requests::{Handler, Requests};
pub(crate) use sampled::Meters;
pub(crate) use stats::{Counts, Stats};
pub(crate) use task::Task;
pub(crate) use trouble::Trouble;
pub(crate) use workers::{Consumer, Workers};
