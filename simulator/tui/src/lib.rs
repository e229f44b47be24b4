//! The terminal: what a run looks like while it goes on.
//!
//! [`run`] blocks its caller's thread, asks for the newest [`RunRecord`](securecart_record::RunRecord)
//! a few times a second and draws it until the run is finished or someone quits.
//!
//! - `state` is the pure part: a state, an event, the next state;
//! - `figures` reads a record: rates, rows, health, warnings; all of a bounded window;
//! - `view` draws a state into a buffer of any size, down to one cell;
//! - `input` says what a key means, `terminal` takes the terminal and gives it back, `app` is the loop.
//!
//! Invariants: the terminal only reads snapshots, so a run without one behaves the same; it is
//! given back on every way out, a panic included; without colour nothing is lost but colour.
//!
//! Deliberately absent: clocks (every time shown is a record's own), the environment (the caller
//! says whether to use colour), the summary after the run (that is `cli`).
#![forbid(unsafe_code)]

mod app;
mod figures;
#[cfg(test)]
mod fixture;
mod input;
mod state;
mod terminal;
mod view;

pub use app::{Error, Exit, Options, run};
pub use terminal::{columns, restore};
