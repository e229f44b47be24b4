//! Amazon SQS, in process.
#![forbid(unsafe_code)]
