//! Pure analysis of records: audit, objectives, limits, comparison.
#![forbid(unsafe_code)]
