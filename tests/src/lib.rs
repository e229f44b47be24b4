//! End-to-end runs, architecture, corpora of good and bad input.
#![forbid(unsafe_code)]
