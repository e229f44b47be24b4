//! DynamoDB as its callers see it: JSON in, JSON out, a file for each behaviour.
#![forbid(unsafe_code)]

mod batches;
mod concurrency;
mod consistency;
mod items;
mod queries;
mod scans;
mod streams;
mod support;
mod tables;
mod time_to_live;
mod transactions;
mod validation;
