//! `securecart bench state`: what a call costs on an engine with much in it, beside the same call on
//! one with little. The engine's structures promise a constant or logarithmic cost: at most twice.

use std::{fmt::Write as _, time::Duration};

use clap::Args;
use securecart_clock::Clock;
use securecart_cloud::Clients;
use securecart_embedded::{Connector, Engine};
use serde::Serialize;

use super::{
    aws::{fill, say},
    calls::{self, Index, Names},
    meter::{self, Call},
};
use crate::output;

/// Items of the small table.
const FEW_ITEMS: u64 = 1_000;

/// Messages in the full queue: visible, and in flight.
const VISIBLE: u64 = 100_000;
const IN_FLIGHT: u64 = 50_000;

/// Messages of one round of receive and delete, beyond those that stay.
const ROUND_MESSAGES: u64 = 30_000;

/// How to measure.
#[derive(Debug, Args)]
pub(crate) struct StateArgs {
    /// Items of the large table
    #[arg(long, value_name = "NUMBER", default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1_000..=10_000_000))]
    items: u64,
    /// Rounds of each row; medians are shown
    #[arg(long, value_name = "NUMBER", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// Print one JSON object per row
    #[arg(long)]
    json: bool,
}

/// One row of the table. The names are the interface of `--json`.
#[derive(Debug, Serialize)]
struct Row {
    operation: &'static str,
    few_us: f64,
    many_us: f64,
    ratio: f64,
}

struct Pair {
    operation: &'static str,
    few: Call,
    many: Call,
}

/// Measures and prints.
pub(crate) async fn run(args: &StateArgs, epoch_ms: u64) -> Result<(), String> {
    let (few, few_names) = engine(epoch_ms).await?;
    let (many, many_names) = engine(epoch_ms).await?;
    output::narrate(&format!(
        "filling a table with {} items and a queue with {} messages",
        args.items,
        VISIBLE + IN_FLIGHT
    ));
    calls::fill_table(&few, FEW_ITEMS).await?;
    calls::fill_table(&many, args.items).await?;
    // Messages for the rounds are in both; the many are beyond them.
    fill(&few, &few_names, ROUND_MESSAGES * u64::from(args.rounds)).await;
    fill(&many, &many_names, ROUND_MESSAGES * u64::from(args.rounds) + VISIBLE + IN_FLIGHT).await;
    take_in_flight(&many, &many_names).await;

    let mut table = format!("{:<29}{:>10}{:>10}{:>8}\n", "operation", "few us", "many us", "ratio");
    for pair in pairs(&few, &few_names, &many, &many_names, args.items) {
        let row = measure(&pair, args.rounds).await;
        if args.json {
            let json = serde_json::to_string(&row).map_err(|error| error.to_string())?;
            say(&format!("{json}\n"))?;
        } else {
            let Row { operation, few_us, many_us, ratio } = row;
            // Writing to a string can't fail.
            let _ = writeln!(table, "{operation:<29}{few_us:>10.1}{many_us:>10.1}{ratio:>8.2}");
        }
    }
    if args.json { Ok(()) } else { say(&table) }
}

async fn engine(epoch_ms: u64) -> Result<(Clients, Names), String> {
    let engine = Engine::new(Clock::starting_at(epoch_ms), 1);
    let clients = Clients::over("bench", Connector::new(engine));
    let names = calls::prepare(&clients, Index::ByOwner).await?;
    Ok((clients, names))
}

async fn take_in_flight(clients: &Clients, names: &Names) {
    for _ in 0..IN_FLIGHT / 10 {
        clients
            .sqs
            .receive_message()
            .queue_url(&names.queue_url)
            .max_number_of_messages(10)
            .visibility_timeout(43_200)
            .send()
            .await
            .expect("ReceiveMessage");
    }
}

fn pairs(
    few: &Clients,
    few_names: &Names,
    many: &Clients,
    many_names: &Names,
    items: u64,
) -> Vec<Pair> {
    vec![
        Pair {
            operation: "GetItem",
            few: calls::get_item(few, FEW_ITEMS),
            many: calls::get_item(many, items),
        },
        Pair {
            operation: "PutItem",
            few: calls::put_item(few, FEW_ITEMS),
            many: calls::put_item(many, items),
        },
        Pair {
            operation: "UpdateItem, conditional",
            few: calls::update_item(few, FEW_ITEMS),
            many: calls::update_item(many, items),
        },
        Pair {
            operation: "Query, index",
            few: calls::query_index(few, FEW_ITEMS),
            many: calls::query_index(many, items),
        },
        Pair {
            operation: "ReceiveMessage+DeleteMessage",
            few: calls::receive_and_delete(few, few_names),
            many: calls::receive_and_delete(many, many_names),
        },
        Pair {
            operation: "queue depth",
            few: calls::queue_depth(few, few_names),
            many: calls::queue_depth(many, many_names),
        },
    ]
}

async fn measure(pair: &Pair, rounds: u32) -> Row {
    let (mut few, mut many) = (Vec::new(), Vec::new());
    let length = Duration::from_millis(500);
    for round in 0..u64::from(rounds) {
        // Other items in each round: a million don't fit into a cache.
        let first = round << 32;
        few.push(meter::round(&pair.few, 1, length, first).await);
        many.push(meter::round(&pair.many, 1, length, first).await);
    }
    let us = |rounds: &[meter::Round]| meter::median(rounds, |round| 1e6 / round.calls_per_second);
    let (few_us, many_us) = (us(&few), us(&many));
    Row { operation: pair.operation, few_us, many_us, ratio: many_us / few_us }
}
