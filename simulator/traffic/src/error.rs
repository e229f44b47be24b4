//! What can keep a load from being generated. A shop that answers badly is never an error here: it
//! is what the recorder counts.

use std::{io, net::SocketAddr};

/// Load that could not be generated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No thread or no runtime for the generator.
    #[error("can't start the load generator's threads: {0}")]
    Threads(#[source] io::Error),
    /// Goose refused its configuration or failed.
    #[error("goose failed: {0}")]
    Goose(String),
    /// Not every user came up in time, so the first arrival was never released.
    #[error(
        "only {ready} of {users} users were ready after {waited_s} s; use fewer (a lower scale)"
    )]
    NotReady {
        /// Users that were ready.
        ready: usize,
        /// Users that were asked for.
        users: usize,
        /// How long was waited, s.
        waited_s: u64,
    },
    /// Zero users, or more than the limit.
    #[error("{users} users: expected 1 to {max}")]
    Users {
        /// Users that were asked for.
        users: usize,
        /// The most there may be.
        max: usize,
    },
    /// The process may not open enough sockets.
    #[error(
        "{users} shoppers at once need {needed} open files and the hard limit is {limit}; raise it with \
         `ulimit -n {needed}`, or offer less with `--scale SHARE`"
    )]
    OpenFiles {
        /// Users that were asked for.
        users: usize,
        /// Files needed.
        needed: u64,
        /// The process's hard limit.
        limit: u64,
    },
    /// More orders were accepted than the audit can hold.
    #[error("{accepted} orders were accepted and only {max} can be audited; shorten the run")]
    TooManyOrders {
        /// Orders accepted.
        accepted: u64,
        /// Orders kept.
        max: usize,
    },
    /// A benchmark's server, generator or tool could not be run.
    #[error("can't run `{program}`: {source}")]
    Program {
        /// What was to be run.
        program: String,
        /// Why it could not be.
        source: io::Error,
    },
    /// A benchmark's tool said something that is not its usual report.
    #[error("`{program}` printed no figures; it said: {output}")]
    Report {
        /// What was run.
        program: String,
        /// The beginning of what it printed.
        output: String,
    },
    /// Nothing answered at the benchmark's target.
    #[error("no request of {requests} to {target} succeeded; is a server listening there?")]
    NothingAnswered {
        /// Requests that were tried.
        requests: u64,
        /// Where they went.
        target: SocketAddr,
    },
}
