//! `securecart`: will the shop survive Black Friday?
//!
//! The only crate that prints, exits or reads the environment. Data goes to stdout, narration and
//! progress to stderr.
#![forbid(unsafe_code)]

mod args;
mod bench;
mod command;
mod environment;
mod exit;
mod journal;
mod output;
mod signal;
mod watch;

use std::process::ExitCode;

/// A tenth of what an SDK call costs is memory: this allocator makes it cheaper than the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    if let Err(error) = environment::mend() {
        output::complain(&error);
        return exit::Exit::Unavailable.into();
    }
    command::run(args::parse()).into()
}
