//! Amazon SNS and Amazon EventBridge, in process.
#![forbid(unsafe_code)]
mod pattern;
mod time;
