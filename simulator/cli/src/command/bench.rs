//! `securecart bench`.

use std::{fmt::Display, io};

use tokio::runtime::Runtime;

use super::wall;
use crate::{
    args::Bench,
    bench::{aws, behaviour, state, traffic},
    exit::Exit,
    output,
};

pub(super) fn run(runtime: &Runtime, what: &Bench) -> Exit {
    if let Bench::Aws(args) = what
        && let Some(mistake) = args.mistake()
    {
        output::complain(&format!("--operation: {mistake}"));
        return Exit::Usage;
    }
    let epoch_ms = wall::epoch_ms(wall::now());
    let outcome = match what {
        Bench::Aws(args) => runtime.block_on(aws::run(args, epoch_ms)),
        Bench::State(args) => runtime.block_on(state::run(args, epoch_ms)),
        Bench::Behaviour(args) => behaviour::run(args).map_err(text),
        Bench::Traffic(args) => args.run(&mut io::stdout(), &mut io::stderr()).map_err(text),
        Bench::ServeMinimal => traffic::serve_minimal(&mut io::stdout()).map_err(text),
        Bench::Saturate(args) => args.run(&mut io::stdout()).map_err(text),
    };
    match outcome {
        Ok(()) => Exit::Done,
        Err(error) => {
            output::complain(&error);
            Exit::Failure
        }
    }
}

fn text(error: impl Display) -> String {
    error.to_string()
}
