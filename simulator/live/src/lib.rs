//! A run on the wall clock.
#![forbid(unsafe_code)]
