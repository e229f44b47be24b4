//! The layer between SDK and backend, as the real SDK meets it: under paused time, on the embedded
//! engine.

mod faults;
mod services;
mod stage;
mod tables;
