//! Scenarios: text to a validated [`Plan`], with spans, suggestions and a JSON Schema.
//!
//! ```text
//! text + options ──reader──▶ document (every value with its span) ──validate──▶ Scenario
//! Scenario + Overrides ──▶ Plan
//! ```
//!
//! ```
//! use securecart_scenario::{Overrides, Scenario, shipped};
//!
//! let smoke = shipped().iter().find(|scenario| scenario.name == "smoke").expect("it is shipped");
//! let scenario = Scenario::parse("smoke.toml", smoke.text)?;
//! let plan = scenario.plan(&Overrides { scale: Some(0.5), ..Overrides::default() })?;
//! assert!(plan.expected_orders() > 1.0);
//! # Ok::<(), securecart_scenario::Diagnostics>(())
//! ```
//!
//! Invariants: a [`Plan`] that comes out is valid and bounded ([`limits`]); every problem of a file is
//! reported, not only the first; a key that does nothing is an error, so what a scenario says is what
//! a run does. Every default is in [`defaults`].
//!
//! Deliberately absent: I/O (the caller reads files; the shipped scenarios are compiled in), clocks
//! and randomness.
#![forbid(unsafe_code)]

pub mod defaults;
mod describe;
mod document;
pub mod limits;
mod load;
mod located;
mod names;
mod overlay;
mod plan;
mod problem;
mod reader;
mod scenario;
mod schema;
mod shipped;
mod suggest;
mod units;
mod validate;

pub use plan::{
    CacheSpec, CatalogueSpec, Change, Comparison, Container, DatabaseSpec, Fault, FaultKind,
    FunctionSpec, GatewaySpec, Journey, Metric, NotificationSpec, Objective, Plan, Platform,
    Policy, Redrive, ScalingMetric, ScalingStep, ServiceSpec, ServiceTime, Spike, Step,
    TableCapacity, TableScaling, TaskSpec, Traffic, Window,
};
pub use problem::{Diagnostics, Problem};
pub use scenario::{Overrides, Scenario};
pub use schema::schema;
pub use shipped::{Shipped, find, nearest, shipped};
pub use suggest::nearest as nearest_of;
pub use units::duration_s;
