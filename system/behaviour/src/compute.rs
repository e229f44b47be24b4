//! Compute: the fleets of tasks and instances that do the work (sheet 3).
//!
//! ```text
//! set_desired, kill, lose_zone ... ─▶ Fleet ─ step(now) ─▶ Event { at, Change }
//!                                      ├ roster: every task, its zone, its phase, its next due time
//!                                      ├ ecs: launch rates, image pull, restart delay
//!                                      └ ec2: boot, warm pool, warm-up, terminate-first replacement
//! Processor: one per task; work in, finish time out; utilisation exact
//! ```
//!
//! One [`Fleet`] stands for an ECS service on Fargate or for an EC2 Auto Scaling group; the same
//! code drives both. A driver keeps one [`Processor`] per task in service, steps each fleet when
//! [`Fleet::next_due`] says so (or on a tick), and applies the changes it gets back.
//!
//! Invariants: the same settings, commands, times and random numbers give the same events, however
//! finely the steps are cut; a task is launched once and stopped once; what is started beyond the
//! desired count is started to replace something that still runs.
//!
//! Deliberately absent: scaling policies (they call [`Fleet::set_desired`]), deployments and
//! instance refreshes, the choice among instance types, slow start of the load balancer, vCPU
//! quotas, and the time AWS takes to notice a host that died: AWS publishes none, so a loss is
//! replaced from the moment it happens.

mod change;
pub mod ec2;
pub mod ecs;
mod fleet;
pub mod load_balancer;
mod processor;
mod roster;
pub mod spot;

pub use change::{Capacity, Cause, Change, Event, Hold, TaskId, Zone};
pub use fleet::{Fleet, MAX_TASKS};
pub use processor::Processor;

#[cfg(test)]
mod tests;
