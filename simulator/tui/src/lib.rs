//! The terminal: state, view, input.
#![forbid(unsafe_code)]
