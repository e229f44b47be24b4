//! The containers of a run.
#![forbid(unsafe_code)]
