//! `securecart bench`.

use std::{fmt::Display, io};

use tokio::runtime::Runtime;

use super::wall;
use crate::{
    args::Bench,
    bench::{Failed, aws, behaviour, state, traffic},
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
        Bench::State(args) => runtime.block_on(state::run(args, epoch_ms)).map_err(text),
        Bench::Behaviour(args) => behaviour::run(args).map_err(text),
        Bench::Traffic(args) => args.run(&mut io::stdout(), &mut io::stderr()).map_err(text),
        Bench::ServeMinimal => traffic::serve_minimal(&mut io::stdout()).map_err(text),
        Bench::Saturate(args) => args.run(&mut io::stdout()).map_err(text),
    };
    match outcome {
        Ok(()) => Exit::Done,
        Err(Failed::Unavailable(error)) => {
            output::complain(&error);
            Exit::Unavailable
        }
        Err(Failed::Broken(error)) => {
            output::complain(&error);
            Exit::Failure
        }
        Err(Failed::Interrupted(text)) => {
            output::narrate(&text);
            Exit::Interrupted
        }
    }
}

fn text(error: impl Display) -> Failed {
    Failed::Broken(error.to_string())
}
