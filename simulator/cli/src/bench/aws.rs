//! `securecart bench aws`: calls through the real SDK against the embedded engine, beside the same
//! calls against a connector that answers at once. The ratio is what the engine costs.

use std::time::Duration;

use clap::Args;
use securecart_clock::Clock;
use securecart_cloud::Clients;
use securecart_embedded::{Connector, Engine};
use serde::Serialize;

use super::{
    calls::{self, BODY, ITEMS, Index, Names},
    canned::Canned,
    emulators::{self, Contestant},
    failed::Failed,
    meter::{self, Call, Round},
};
use crate::output;

/// Calls a second that a round of the queue can need at the most: it is filled for that.
const RECEIVES_PER_SECOND_MAX: u64 = 60_000;

/// How to measure.
#[derive(Debug, Args)]
pub(crate) struct AwsArgs {
    /// Rounds of each row; medians are shown
    #[arg(long, value_name = "NUMBER", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(super) rounds: u32,
    /// Length of a round
    #[arg(long, value_name = "SECONDS", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=60))]
    pub(super) seconds: u64,
    /// Measure only operations whose name contains this
    #[arg(long, value_name = "NAME", default_value = "")]
    pub(super) operation: String,
    /// Compare backends with each other instead: `embedded`, `localstack` (started for it), `canned`
    /// (answers at once: the SDK alone), or a URL, with a name where wanted, such as
    /// moto=http://127.0.0.1:5000; repeatable
    #[arg(long, value_name = "BACKEND")]
    pub(crate) backend: Vec<Contestant>,
    /// Print one JSON object per row
    #[arg(long)]
    pub(super) json: bool,
}

/// One row of the table. The names are the interface of `--json`.
#[derive(Debug, Serialize)]
struct Row {
    operation: &'static str,
    concurrency: u64,
    calls_per_second: f64,
    p50_us: f64,
    p99_us: f64,
    cpu_us_per_call: f64,
    canned_calls_per_second: f64,
    canned_cpu_us_per_call: f64,
    ratio_to_canned: f64,
}

/// The same call on both backends.
struct Pair {
    operation: &'static str,
    engine: Call,
    canned: Call,
}

/// Every operation that is measured.
const OPERATIONS: [&str; 7] = [
    "SendMessage",
    "ReceiveMessage+DeleteMessage",
    "PutItem",
    "GetItem",
    "UpdateItem",
    "Publish",
    "GetObject",
];

impl AwsArgs {
    /// Why nothing would be measured; nothing where something would.
    pub(crate) fn mistake(&self) -> Option<String> {
        let known = OPERATIONS.iter().any(|operation| operation.contains(&self.operation));
        (!known).then(|| {
            let (asked, all) = (&self.operation, OPERATIONS.join(", "));
            format!("no operation is named like `{asked}`; there are {all}")
        })
    }
}

/// Measures and prints.
pub(crate) async fn run(args: &AwsArgs, epoch_ms: u64) -> Result<(), Failed> {
    if !args.backend.is_empty() {
        return emulators::run(args, epoch_ms).await;
    }
    let connector = Connector::new(Engine::new(Clock::starting_at(epoch_ms), 1));
    let canned = Clients::over("bench", Canned::new(connector.clone()));
    let engine = Clients::over("bench", connector);
    let names = calls::prepare(&engine, Index::None).await?;
    calls::fill_table(&engine, ITEMS).await?;
    calls::put_object(&engine).await?;
    if !args.json {
        say(&format!("{}\n", header(args)))?;
    }
    let pairs = pairs(&engine, &canned, &names);
    for pair in pairs.iter().filter(|pair| pair.operation.contains(&args.operation)) {
        for concurrency in [1, 64] {
            let row = measure(pair, concurrency, args, &engine, &names).await?;
            say(&if args.json { json(&row)? } else { line(&row) })?;
        }
    }
    Ok(())
}

fn pairs(engine: &Clients, canned: &Clients, names: &Names) -> Vec<Pair> {
    let pair = |operation, call: &dyn Fn(&Clients) -> Call| Pair {
        operation,
        engine: call(engine),
        canned: call(canned),
    };
    let calls: [&dyn Fn(&Clients) -> Call; OPERATIONS.len()] = [
        &|c| calls::send_message(c, names),
        &|c| calls::receive_and_delete(c, names),
        &|c| calls::put_item(c, ITEMS),
        &|c| calls::get_item(c, ITEMS),
        &|c| calls::update_item(c, ITEMS),
        &|c| calls::publish(c, names),
        &|c| calls::get_object(c),
    ];
    OPERATIONS.into_iter().zip(calls).map(|(operation, call)| pair(operation, call)).collect()
}

/// Rounds in turn: engine, canned, engine, canned, ...
async fn measure(
    pair: &Pair,
    concurrency: u64,
    args: &AwsArgs,
    clients: &Clients,
    names: &Names,
) -> Result<Row, String> {
    let length = Duration::from_secs(args.seconds);
    let (mut engine, mut canned) = (Vec::new(), Vec::new());
    for round in 0..u64::from(args.rounds) {
        if pair.operation.starts_with("Receive") {
            fill(clients, names, RECEIVES_PER_SECOND_MAX * args.seconds).await;
        }
        if round == 0 {
            // The canned connector learns its answer.
            let _ = (pair.canned)(u64::MAX).await;
        }
        let first = round << 32;
        engine.push(meter::round(&pair.engine, concurrency, length, first).await);
        canned.push(meter::round(&pair.canned, concurrency, length, first).await);
        drain(clients, &names.queue_url).await;
        drain(clients, &names.subscriber_url).await;
    }
    let failed: u64 = engine.iter().map(|round| round.failed).sum();
    if failed > 0 {
        return Err(format!("{}: {failed} calls failed on the engine", pair.operation));
    }
    Ok(row(pair.operation, concurrency, &engine, &canned))
}

fn row(operation: &'static str, concurrency: u64, engine: &[Round], canned: &[Round]) -> Row {
    let calls_per_second = meter::median(engine, |round| round.calls_per_second);
    let canned_calls_per_second = meter::median(canned, |round| round.calls_per_second);
    Row {
        operation,
        concurrency,
        calls_per_second,
        p50_us: meter::median(engine, |round| round.p50_us as f64),
        p99_us: meter::median(engine, |round| round.p99_us as f64),
        cpu_us_per_call: meter::median(engine, |round| round.cpu_us_per_call),
        canned_calls_per_second,
        canned_cpu_us_per_call: meter::median(canned, |round| round.cpu_us_per_call),
        ratio_to_canned: calls_per_second / canned_calls_per_second,
    }
}

/// Puts `messages` messages into the queue, in batches of ten.
pub(super) async fn fill(clients: &Clients, names: &Names, messages: u64) {
    use aws_sdk_sqs::types::SendMessageBatchRequestEntry as Entry;
    let entry = |id: u64| {
        let entry = Entry::builder().id(id.to_string()).message_body(BODY);
        entry.build().expect("id and body are set")
    };
    for _ in 0..messages.div_ceil(10) {
        let entries = (0..10).map(entry).collect();
        let send = clients.sqs.send_message_batch().queue_url(&names.queue_url);
        send.set_entries(Some(entries)).send().await.expect("SendMessageBatch");
    }
}

/// Empties a queue, so that every round starts alike.
async fn drain(clients: &Clients, url: &str) {
    use aws_sdk_sqs::types::DeleteMessageBatchRequestEntry as Entry;
    loop {
        let received =
            clients.sqs.receive_message().queue_url(url).max_number_of_messages(10).send().await;
        let messages = received.expect("ReceiveMessage").messages.unwrap_or_default();
        if messages.is_empty() {
            return;
        }
        let entry = |(id, message): (usize, &aws_sdk_sqs::types::Message)| {
            let handle = message.receipt_handle.clone().unwrap_or_default();
            Entry::builder().id(id.to_string()).receipt_handle(handle).build()
        };
        let entries = messages.iter().enumerate().map(entry).collect::<Result<_, _>>();
        let entries = entries.expect("id and handle are set");
        let delete = clients.sqs.delete_message_batch().queue_url(url).set_entries(Some(entries));
        delete.send().await.expect("DeleteMessageBatch");
    }
}

fn header(args: &AwsArgs) -> String {
    format!(
        "medians of {} interleaved rounds of {} s, {} build\n\n{:<29}{:>5}{:>10}{:>9}{:>9}{:>10}{:>11}{:>8}",
        args.rounds,
        args.seconds,
        env!("SECURECART_PROFILE"),
        "operation",
        "conc",
        "calls/s",
        "p50 us",
        "p99 us",
        "cpu us",
        "canned/s",
        "ratio",
    )
}

fn line(row: &Row) -> String {
    format!(
        "{:<29}{:>5}{:>10.0}{:>9.0}{:>9.0}{:>10.1}{:>11.0}{:>8.2}\n",
        row.operation,
        row.concurrency,
        row.calls_per_second,
        row.p50_us,
        row.p99_us,
        row.cpu_us_per_call,
        row.canned_calls_per_second,
        row.ratio_to_canned,
    )
}

fn json(row: &impl Serialize) -> Result<String, String> {
    let json = serde_json::to_string(row).map_err(|error| error.to_string())?;
    Ok(format!("{json}\n"))
}

/// Writes to stdout.
pub(super) fn say(text: &str) -> Result<(), String> {
    output::data(text).map_err(|error| format!("can't write to stdout: {error}"))
}
