//! Reports of a run: summary text, JUnit, comparison.
#![forbid(unsafe_code)]
