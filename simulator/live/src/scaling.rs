//! The scaling loop: moves every fleet along, gives the scalers their metrics as CloudWatch would
//! deliver them, and carries out what they decide.
//!
//! ```text
//! Group::reading ─▶ a datapoint each scenario minute ─▶ behaviour::scaling::Scaler ─▶ Decision
//!      ▲                                                                                 │
//!      └───────────── desired count, table capacity ◀── carried out ◀── journal ◀────────┘
//! ```
//!
//! Invariants: nothing here decides anything; every decision is in the journal, with when it took
//! effect; minutes are scenario time.

mod controller;
mod journal;
mod settings;
mod table;
mod target;

pub(crate) use controller::Controller;
pub(crate) use journal::Journal;
pub(crate) use settings::fleet;
