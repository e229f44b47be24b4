//! Reports of a run: the summary a person reads, the progress line, JUnit for CI, the comparison of
//! two runs, a run's scaling activities, and the folder where a run's files are kept.
//!
//! Invariants: a file is whole or not there; a text without colour has no escapes, and colour never
//! carries meaning alone. Deliberately absent: judging (that is `analysis`) and printing (`cli`).
#![forbid(unsafe_code)]

mod comparison;
mod junit;
mod number;
mod progress;
mod scaling;
pub mod store;
mod summary;
mod table;

pub use comparison::comparison;
pub use junit::junit;
pub use progress::progress_line;
pub use scaling::{Selection, Unknown, scaling, scaling_json};
pub use summary::summary;
