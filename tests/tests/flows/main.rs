//! SecureCart's flows on the embedded engine through the real SDK, without load.
//!
//! Every service is the real one, wired to its peers directly: no fleet, no gateway except where a
//! test is about it. Time is paused: visibility timeouts and leases of minutes pass in no time, and
//! a run of the tests takes the same way each time.
#![forbid(unsafe_code)]

mod books;
mod queues;
mod stage;

mod browse;
mod cart;
mod checkout;
mod data;
mod decisions;
mod fraud;
mod fulfilment;
mod gateway;
mod notifications;
mod orders;
mod poison;
mod repetition;
mod stock;
mod takeover;
