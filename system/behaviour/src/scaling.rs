//! Auto Scaling: target tracking, step, simple, scheduled and predictive scaling (behaviour sheet
//! 0.3, 3.1, 3.2 and 4.1).
//!
//! A [`Scaler`] is the state machine of one scalable target: it is told datapoints and asked, at
//! least once a scenario minute, what is due. It answers with [`Decision`]s: what changes the
//! capacity, and what was held back and why.
//!
//! ```
//! use std::time::Duration;
//! use securecart_behaviour::scaling::{
//!     Capacity, Engine, Outcome, Policy, ScalableTarget, Scaler, TargetTracking,
//! };
//!
//! let tracking = TargetTracking::new(Engine::Ecs, "cpu", 50.0);
//! let target = ScalableTarget {
//!     policies: vec![Policy::tracking("cpu-50", tracking)],
//!     ..ScalableTarget::new(Engine::Ecs, "service/securecart/checkout", 2, 40)
//! };
//! let mut scaler = Scaler::new(target, Duration::ZERO)?;
//! let mut desired = 10;
//! for minute in 1..=3_u64 {
//!     let now = Duration::from_secs(60 * minute);
//!     scaler.observe("cpu", now, Some(80.0));
//!     for decision in scaler.step(now, Capacity::steady(desired)) {
//!         if decision.outcome == Outcome::Applied {
//!             desired = decision.to;
//!         }
//!     }
//! }
//! assert_eq!(desired, 16);
//! # Ok::<(), securecart_behaviour::scaling::Error>(())
//! ```
//!
//! Invariants: no decision leaves min..max; none reads a datapoint that is not delivered by then; a
//! target tracking policy scales in only when all that may agree; what is held back is reported
//! once per situation, not once per minute.
//!
//! Deliberately absent: the launch of what was decided (the caller starts tasks and instances and
//! reports them as [`Capacity`]); the self-tuning of EC2 target tracking since November 2024, whose
//! rules are not published; instance weights; `IncreaseMaxCapacity`; the slip of scheduled actions
//! (seconds, at most two minutes).

mod arithmetic;
mod decision;
mod decreases;
mod error;
mod evaluate;
mod forecast;
mod gate;
mod policy;
#[cfg(test)]
mod properties;
mod rules;
mod scaler;
mod schedule;
mod target;
#[cfg(test)]
mod tests;

pub use decision::{Decision, Hold, Outcome};
pub use error::Error;
pub use policy::{
    Adjustment, AdjustmentType, Policy, PolicyKind, PredictiveMode, PredictiveScaling,
    ScheduledAction, SimpleScaling, StepAdjustment, StepScaling, TargetTracking,
};
pub use scaler::Scaler;
pub use target::{Capacity, Engine, ScalableTarget};
