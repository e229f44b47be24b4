//! What callers of SQS see, by behaviour, on paused time.

mod administration;
mod batches;
mod concurrency;
mod dead_letters;
mod duplicates;
mod fifo;
mod harness;
mod messages;
mod model;
mod moves;
mod polling;
