//! Amazon S3 in process.
#![forbid(unsafe_code)]
