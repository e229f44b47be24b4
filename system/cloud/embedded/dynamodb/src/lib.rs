//! Amazon DynamoDB, in process.
#![forbid(unsafe_code)]
