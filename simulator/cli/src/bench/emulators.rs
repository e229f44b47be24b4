//! `securecart bench aws --backend ...`: the same calls through the same SDK on several backends, in
//! turn, in one table.
//!
//! Invariants: a backend's calls are made while the others do nothing; what was made on a backend that
//! goes on is removed; a call that a backend does not answer is no call.

use std::{fmt::Write as _, str::FromStr, time::Duration};

use securecart_clock::Clock;
use securecart_cloud::{Clients, Endpoint, EndpointError};
use securecart_containers::{Containers, Options};
use securecart_embedded::{Connector, Engine};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::{
    aws::{AwsArgs, say},
    calls::{self, Index, Names},
    canned::Canned,
    failed::{Failed, Refusal},
    meter::{self, Call, Round},
};
use crate::{output, signal};

/// Concurrencies that are measured: what one caller feels, and what a fleet gets.
const CONCURRENCIES: [u64; 2] = [1, 16];

/// Items that calls on items are spread over: few, because filling an emulator takes time.
const ITEMS: u64 = 100;

/// The calls, in the order of the table.
const OPERATIONS: [&str; 5] = ["SendMessage", "PutItem", "GetItem", "UpdateItem", "Publish"];

/// A backend to measure.
#[derive(Debug, Clone)]
pub(crate) struct Contestant {
    name: String,
    place: Place,
}

#[derive(Debug, Clone)]
enum Place {
    Embedded,
    /// Answers at once: the SDK alone, which no backend can be faster than.
    Canned,
    LocalStack,
    Url(Endpoint),
}

impl FromStr for Contestant {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        let (name, place) = match text {
            "embedded" => (text, Place::Embedded),
            "canned" => (text, Place::Canned),
            "localstack" => (text, Place::LocalStack),
            _ => {
                let (name, url) = match text.split_once('=') {
                    Some((name, url)) if !name.contains(':') && !name.is_empty() => (name, url),
                    _ => (text, text),
                };
                (name, Place::Url(url.parse()?))
            }
        };
        Ok(Self { name: name.to_owned(), place })
    }
}

impl Contestant {
    fn clients(&self, epoch_ms: u64, containers: Option<&Containers>) -> Result<Clients, String> {
        Ok(match &self.place {
            Place::Embedded => {
                let engine = Engine::new(Clock::starting_at(epoch_ms), 1);
                Clients::over("bench", Connector::new(engine))
            }
            Place::Canned => canned(epoch_ms),
            Place::LocalStack => {
                let containers = containers.ok_or("the containers of localstack are not there")?;
                Endpoint::at(containers.aws()).clients("bench")
            }
            Place::Url(endpoint) => endpoint.clients("bench"),
        })
    }

    /// Makes what is measured. Where that fails nothing of it is left on a backend that goes on.
    async fn prepare(&self, clients: Clients) -> Result<Ready, Refusal> {
        let is_left = matches!(self.place, Place::Url(_));
        if is_left {
            calls::look(&clients).await?;
            calls::clear(&clients).await;
        }
        let made = async {
            let names = calls::prepare(&clients, Index::None).await?;
            calls::fill_table(&clients, ITEMS).await.map(|()| names)
        };
        match made.await {
            Ok(names) => Ok(Ready { name: self.name.clone(), clients, names, is_left }),
            Err(refusal) => {
                if is_left && !refusal.is_unreachable {
                    calls::clear(&clients).await;
                }
                Err(refusal)
            }
        }
    }

    /// Why this backend can't be measured, and how to go on.
    fn failed(&self, refusal: &Refusal) -> Failed {
        let Place::Url(endpoint) = &self.place else {
            return Failed::Broken(format!("{}: {refusal}", self.name));
        };
        let name = match self.name.contains("://") {
            true => String::new(),
            false => format!("{}: ", self.name),
        };
        Failed::Unavailable(if refusal.is_unreachable {
            format!(
                "{name}no AWS API answers at {endpoint}: {}; start it, or say where it is with \
                 `--backend NAME=URL`",
                refusal.why()
            )
        } else {
            format!(
                "{name}what answers at {endpoint} is no emulator of SQS, DynamoDB and SNS: {refusal}; \
                 give the URL of one with `--backend NAME=URL`"
            )
        })
    }
}

/// A backend that is ready.
struct Ready {
    name: String,
    clients: Clients,
    names: Names,
    is_left: bool,
}

/// One cell of the table. The names are the interface of `--json`.
#[derive(Debug, Serialize)]
struct Cell<'a> {
    backend: &'a str,
    operation: &'static str,
    concurrency: u64,
    calls_per_second: f64,
    p50_us: f64,
    p99_us: f64,
    failed: u64,
}

/// Measures and prints.
pub(super) async fn run(args: &AwsArgs, epoch_ms: u64) -> Result<(), Failed> {
    let stop = signal::listen().map_err(|error| format!("can't listen for Ctrl-C: {error}"))?;
    let containers = match args.backend.iter().any(|one| matches!(one.place, Place::LocalStack)) {
        true => Some(start(&stop).await?),
        false => None,
    };
    let mut ready = Vec::new();
    let measured = tokio::select! {
        measured = contest(args, epoch_ms, containers.as_ref(), &mut ready) => measured,
        () = stop.cancelled() => Err(Failed::Interrupted(
            "interrupted; what was made for it is removed".to_owned()
        )),
    };
    for one in ready.iter().filter(|one| one.is_left) {
        calls::clear(&one.clients).await;
    }
    if let Some(containers) = containers {
        let removed = containers.remove().await;
        removed.map_err(|error| Failed::Unavailable(error.to_string()))?;
    }
    measured
}

/// Starts LocalStack, without a database and a cache beside it.
async fn start(stop: &CancellationToken) -> Result<Containers, Failed> {
    let run = format!("bench-{}", std::process::id());
    let logs = std::env::temp_dir().join(&run);
    output::narrate("starting localstack ...");
    let options = Options { database: false, cache: false, pull: true, ..Options::new(run, &logs) };
    let started = Containers::start(options, |_| {}, stop.clone().cancelled_owned()).await;
    // Only an error sends somebody to the logs. A file that is open goes on.
    if started.is_ok() || stop.is_cancelled() {
        let _ = std::fs::remove_dir_all(&logs);
    }
    started.map_err(|error| match stop.is_cancelled() {
        true => Failed::Interrupted(error.to_string()),
        false => Failed::Unavailable(error.to_string()),
    })
}

/// Prepares one backend after the other, and measures them in turn. What is to be cleared is in
/// `ready`.
async fn contest(
    args: &AwsArgs,
    epoch_ms: u64,
    containers: Option<&Containers>,
    ready: &mut Vec<Ready>,
) -> Result<(), Failed> {
    for contestant in &args.backend {
        let clients = contestant.clients(epoch_ms, containers)?;
        let prepared = contestant.prepare(clients).await;
        ready.push(prepared.map_err(|refusal| contestant.failed(&refusal))?);
    }
    if !args.json {
        say(&header(args, ready))?;
    }
    let wanted = OPERATIONS.iter().filter(|operation| operation.contains(&args.operation));
    for operation in wanted {
        for concurrency in CONCURRENCIES {
            let cells = measure(ready, operation, concurrency, args).await;
            say(&if args.json { json(&cells)? } else { line(&cells) })?;
        }
    }
    Ok(())
}

/// Clients that are answered at once: what is measured costs the SDK and nothing else.
fn canned(epoch_ms: u64) -> Clients {
    let engine = Engine::new(Clock::starting_at(epoch_ms), 1);
    Clients::over("bench", Canned::new(Connector::new(engine)))
}

/// Rounds in turn: the first backend, the second, ..., and again.
async fn measure<'a>(
    ready: &'a [Ready],
    operation: &'static str,
    concurrency: u64,
    args: &AwsArgs,
) -> Vec<Cell<'a>> {
    let length = Duration::from_secs(args.seconds);
    let calls: Vec<Call> = ready.iter().map(|one| call(operation, one)).collect();
    let mut rounds: Vec<Vec<Round>> = ready.iter().map(|_| Vec::new()).collect();
    for round in 0..u64::from(args.rounds) {
        for (call, rounds) in calls.iter().zip(&mut rounds) {
            rounds.push(meter::round(call, concurrency, length, round << 32).await);
        }
    }
    let cell = |(one, rounds): (&'a Ready, &Vec<Round>)| Cell {
        backend: &one.name,
        operation,
        concurrency,
        calls_per_second: meter::median(rounds, |round| round.calls_per_second),
        p50_us: meter::median(rounds, |round| round.p50_us as f64),
        p99_us: meter::median(rounds, |round| round.p99_us as f64),
        failed: rounds.iter().map(|round| round.failed).sum(),
    };
    ready.iter().zip(&rounds).map(cell).collect()
}

fn call(operation: &str, one: &Ready) -> Call {
    match operation {
        "SendMessage" => calls::send_message(&one.clients, &one.names),
        "PutItem" => calls::put_item(&one.clients, ITEMS),
        "GetItem" => calls::get_item(&one.clients, ITEMS),
        "UpdateItem" => calls::update_item(&one.clients, ITEMS),
        _ => calls::publish(&one.clients, &one.names),
    }
}

/// Columns of a backend's figures.
const WIDTH: usize = 25;

fn header(args: &AwsArgs, ready: &[Ready]) -> String {
    let mut text = format!(
        "calls/s and p50, medians of {} interleaved rounds of {} s, {} build; in brackets how many \
         times as many the first makes\n\n{:<13}{:>5}",
        args.rounds,
        args.seconds,
        env!("SECURECART_PROFILE"),
        "operation",
        "conc"
    );
    for one in ready {
        // Writing to a string can't fail.
        let _ = write!(text, "{:>WIDTH$}", one.name);
    }
    text + "\n"
}

fn line(cells: &[Cell<'_>]) -> String {
    let first = cells.first().map_or(0.0, |cell| cell.calls_per_second);
    let mut text = String::new();
    for (place, cell) in cells.iter().enumerate() {
        if place == 0 {
            let _ = write!(text, "{:<13}{:>5}", cell.operation, cell.concurrency);
        }
        let figure = figure(cell, (place > 0).then_some(first));
        let _ = write!(text, "{figure:>WIDTH$}");
    }
    text + "\n"
}

/// `1,234 0.8 ms (x52)`.
fn figure(cell: &Cell<'_>, first: Option<f64>) -> String {
    if cell.calls_per_second <= 0.0 {
        return format!("refuses ({})", cell.failed);
    }
    let mut text = format!("{:.0} {:.1} ms", cell.calls_per_second, cell.p50_us / 1e3);
    if let Some(first) = first {
        let _ = write!(text, " (x{:.1})", first / cell.calls_per_second);
    }
    if cell.failed > 0 {
        let _ = write!(text, " {} failed", cell.failed);
    }
    text
}

fn json(cells: &[Cell<'_>]) -> Result<String, String> {
    let lines = cells.iter().map(|cell| serde_json::to_string(cell).map(|line| line + "\n"));
    lines.collect::<Result<String, _>>().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_sdk_alone_sets_up_as_any_backend_and_repeats_what_is_measured() {
        let clients = canned(1_795_737_600_000);
        let names = calls::prepare(&clients, Index::None).await.expect("the engine takes it");
        assert_ne!(names.queue_url, names.subscriber_url);
        calls::fill_table(&clients, ITEMS).await.expect("the engine takes it");
        let name = "canned".to_owned();
        let ready = Ready { name, clients, names, is_left: false };
        for operation in OPERATIONS {
            let call = call(operation, &ready);
            assert!(call(0).await && call(1).await, "{operation}");
        }
        let sqs = &ready.clients.sqs;
        let held = sqs.receive_message().queue_url(&ready.names.queue_url);
        let held = held.max_number_of_messages(10).send().await.expect("ReceiveMessage");
        assert_eq!(held.messages().len(), 1, "the second never came to the engine");
    }

    #[test]
    fn a_backend_that_is_not_there_is_named_with_its_url() {
        let failed = |text: &str, refusal| match text.parse::<Contestant>() {
            Ok(contestant) => contestant.failed(&refusal),
            Err(error) => panic!("{error}"),
        };
        let late = Refusal::late("ListQueues", 10);
        let Failed::Unavailable(text) = failed("moto=http://127.0.0.1:5000", late.clone()) else {
            panic!("its URL is of another program")
        };
        assert!(
            text.starts_with("moto: no AWS API answers at http://127.0.0.1:5000: no"),
            "{text}"
        );
        let Failed::Unavailable(text) = failed("http://127.0.0.1:5000", late.clone()) else {
            panic!("its URL is of another program")
        };
        assert!(text.starts_with("no AWS API answers at http://127.0.0.1:5000: "), "{text}");
        assert!(matches!(failed("embedded", late), Failed::Broken(_)), "it is the harness itself");
    }

    #[test]
    fn a_backend_is_a_word_or_a_url_with_or_without_a_name() {
        let name = |text: &str| text.parse::<Contestant>().map(|one| one.name);
        assert_eq!(name("embedded").as_deref(), Ok("embedded"));
        assert_eq!(name("moto=http://127.0.0.1:5000").as_deref(), Ok("moto"));
        assert_eq!(name("http://127.0.0.1:5000").as_deref(), Ok("http://127.0.0.1:5000"));
        assert_eq!(name("canned").as_deref(), Ok("canned"));
        assert!(name("moto").is_err());
        assert!(name("x=http://sqs.us-east-1.amazonaws.com").is_err());
    }
}
