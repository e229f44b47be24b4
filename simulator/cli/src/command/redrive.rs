//! `securecart redrive`: dead letters go back to where they came from, on a SecureCart that runs.

mod choice;
mod table;

use std::io::{self, IsTerminal as _};

use securecart_cloud::{Clients, DeadLetters, Error, ErrorKind, MoveTask, Redrive, dead_letters};
use tokio_util::sync::CancellationToken;

use self::{choice::choose, table::Row};
use crate::{args::RedriveArgs, exit::Exit, output, signal};

pub(super) async fn run(args: RedriveArgs) -> Exit {
    let stop = match signal::listen() {
        Ok(stop) => stop,
        Err(error) => {
            output::complain(&format!("can't listen for Ctrl-C: {error}"));
            return Exit::Failure;
        }
    };
    let clients = args.endpoint_url.clients("operator");
    let found = tokio::select! {
        found = look(&clients, &args) => found,
        () = stop.cancelled() => Err(Exit::Interrupted),
    };
    let chosen = match found.and_then(|all| select(all, &args)) {
        Ok(chosen) => chosen,
        Err(exit) => return exit,
    };
    let (rows, exit) = if args.list {
        (chosen.iter().map(Row::listed).collect(), Exit::Done)
    } else {
        redrive(&clients, &chosen, &args, &stop).await
    };
    let text = if args.json { table::json(&rows) } else { table::text(&rows) };
    match output::data(&text) {
        Ok(()) => exit,
        Err(error) => {
            output::complain(&format!("can't write to stdout: {error}"));
            Exit::Failure
        }
    }
}

/// Every dead-letter queue of the endpoint.
async fn look(clients: &Clients, args: &RedriveArgs) -> Result<Vec<DeadLetters>, Exit> {
    dead_letters(clients).await.map_err(|error| {
        let way_out = match error.kind {
            ErrorKind::Unreachable(_) => {
                "\n       start one with `securecart up`, or `securecart scenario NAME --aws-port \
                 PORT`,\n       and say where it is with --endpoint-url"
            }
            _ => "",
        };
        let endpoint = &args.endpoint_url;
        output::complain(&format!("no AWS API answers at {endpoint}: {error}{way_out}"));
        Exit::Unavailable
    })
}

/// Those that the command line asks for.
fn select(all: Vec<DeadLetters>, args: &RedriveArgs) -> Result<Vec<DeadLetters>, Exit> {
    if args.queues.is_empty() {
        return Ok(all);
    }
    choose(&all, &args.queues).map_err(|unknown| {
        output::complain(&unknown);
        Exit::Usage
    })
}

/// Empties one queue after the other.
async fn redrive(
    clients: &Clients,
    chosen: &[DeadLetters],
    args: &RedriveArgs,
    stop: &CancellationToken,
) -> (Vec<Row>, Exit) {
    let names: Vec<&str> = chosen.iter().map(|one| one.dead_letter_queue.as_str()).collect();
    match names[..] {
        [] => output::narrate("nothing to redrive: no queue has a dead-letter queue"),
        _ if chosen.iter().all(|letters| letters.visible == 0) => {
            output::narrate(&format!(
                "nothing to redrive: no dead letters in {}",
                names.join(", ")
            ));
        }
        _ => {}
    }
    let mut rows = Vec::new();
    for letters in chosen {
        if stop.is_cancelled() {
            break;
        }
        let in_flight = letters.in_flight;
        if in_flight > 0 {
            let name = &letters.dead_letter_queue;
            output::narrate(&format!("{name}: {in_flight} are being looked at and stay for now"));
        }
        rows.push(if letters.visible == 0 {
            Row::empty(letters)
        } else {
            match drive(clients, letters, args, stop).await {
                Ok(redriven) => Row::redriven(letters, &redriven),
                Err(error) => Row::failed(letters, error.to_string()),
            }
        });
    }
    for row in &rows {
        if let Some(failure) = &row.failure {
            output::complain(&format!("{}: {failure}", row.dead_letter_queue));
        }
    }
    if let Ok(now) = dead_letters(clients).await {
        rows.iter_mut().for_each(|row| row.look_again(&now));
    }
    let exit = match stop.is_cancelled() {
        true => Exit::Interrupted,
        false if rows.iter().any(|row| row.failure.is_some()) => Exit::Failure,
        false => Exit::Done,
    };
    (rows, exit)
}

/// Empties one; Ctrl-C stops it where it is.
async fn drive(
    clients: &Clients,
    letters: &DeadLetters,
    args: &RedriveArgs,
    stop: &CancellationToken,
) -> Result<Redrive, Error> {
    let DeadLetters { dead_letter_queue: name, sources, visible, .. } = letters;
    let what = if *visible == 1 { "dead letter goes" } else { "dead letters go" };
    output::narrate(&format!("{name}: {visible} {what} back to {}", sources.join(", ")));
    let task = MoveTask::start(clients, letters, args.rate).await?;
    let replace = io::stderr().is_terminal();
    let watch = |seen: &Redrive| {
        if replace {
            output::replace_line(&format!("{name}: {} of {} moved", seen.moved, seen.to_move));
        }
    };
    let finished = tokio::select! {
        finished = task.finish(watch) => Some(finished),
        () = stop.cancelled() => None,
    };
    if replace {
        output::replace_line("");
    }
    match finished {
        Some(finished) => finished,
        None => cancel(&task).await,
    }
}

/// Stops a task and says how far it came.
async fn cancel(task: &MoveTask) -> Result<Redrive, Error> {
    let cancelled = task.cancel().await;
    let seen = task.look().await?;
    match cancelled {
        // It has ended before it could be told to.
        Err(_) if seen.status.has_ended() => Ok(seen),
        Err(error) => Err(error),
        Ok(()) => task.finish(|_| {}).await,
    }
}
