//! The commands: one file each.

mod assumptions;
mod bench;
mod compare;
mod doctor;
mod load;
mod redrive;
mod scaling;
mod scenario;
mod tiers;
mod up;
mod wall;

use crate::{
    args::{Cli, Command},
    exit::Exit,
    output,
};

/// Runs what the command line asks for.
pub(crate) fn run(cli: Cli) -> Exit {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            output::complain(&format!("no threads to run on: {error}"));
            return Exit::Failure;
        }
    };
    let exit = match cli.command {
        Command::Scenario(args) => runtime.block_on(scenario::run(*args)),
        Command::Up(args) => runtime.block_on(up::run(args)),
        Command::Redrive(args) => runtime.block_on(redrive::run(args)),
        Command::Doctor(args) => runtime.block_on(doctor::run(args)),
        Command::Compare(args) => compare::run(&args),
        Command::Scaling(args) => scaling::run(&args),
        Command::Assumptions(args) => assumptions::run(&args),
        Command::Bench { what } => bench::run(&runtime, &what),
    };
    // A task that still waits for something must not hold the process.
    runtime.shutdown_background();
    exit
}
