//! A run on the wall clock: SecureCart on an emulated AWS, its load, its record and its audit.
//!
//! ```text
//! Plan ─▶ provision ─▶ Shop (fleets, mesh, gateway) ◀─ traffic
//!                        └▶ Sampler, once a second ─▶ RunRecord ─▶ whoever watches
//!         traffic ends ─▶ drain the queues ─▶ audit ─▶ verdict
//! ```
//!
//! Invariants: latency counts from the intended start; every run that had traffic ends with an
//! audit, also when it is interrupted; whoever watches sees snapshots and can't slow the run.
//!
//! Deliberately absent: any clock but the wall's.
#![forbid(unsafe_code)]

mod compute;
mod conditions;
mod data;
mod emulated;
mod error;
mod facts;
mod faults;
mod functions;
mod host;
mod limits;
mod objective;
mod prices;
mod probe;
mod run;
mod sabotage;
mod sampler;
mod scaling;
mod shop;
mod tiers;
mod time;
mod up;

pub use error::{Error, ErrorKind};
pub use host::environment;
pub use probe::Carried;
pub use run::{Live, Options, start};
pub use sabotage::{Sabotage, UnknownSabotage};
pub use tiers::{Backend, Choice, LocalStack, Tiers};
pub use up::{Up, UpOptions};
