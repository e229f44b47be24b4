//! The cache in front of the database.
#![forbid(unsafe_code)]
