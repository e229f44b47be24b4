//! `securecart-conformance`: does this API do what AWS documents?
//!
//! Exit codes: 0 every rule holds or differs as known, 2 usage, 4 nobody answers at the endpoint,
//! 5 a case failed.
#![forbid(unsafe_code)]

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher as _, Hasher as _},
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
};

use clap::Parser;
use securecart_cloud::Endpoint;
use securecart_conformance::{
    BACKENDS, Backend, Case, DIFFERENCES, Differences, Run, cases, json, judge, listing, run, text,
};

const USAGE: u8 = 2;
const UNREACHABLE: u8 = 4;
const FAILED: u8 = 5;

/// Checks an AWS API against what AWS documents.
#[derive(Debug, Parser)]
#[command(name = "securecart-conformance", version)]
struct Args {
    /// An AWS API on this machine, such as http://127.0.0.1:4566; without it, the embedded engine.
    #[arg(long, value_name = "URL")]
    endpoint_url: Option<Endpoint>,
    /// Whose known differences to go by.
    #[arg(long, value_name = "NAME", value_parser = BACKENDS.map(|(name, _)| name))]
    backend: Option<String>,
    /// Only cases with this text in their id.
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// List the cases instead of running them.
    #[arg(long)]
    list: bool,
    /// Write what came out as JSON.
    #[arg(long)]
    json: bool,
    /// Cases at the same time.
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=256))]
    concurrency: u16,
    /// Write the table of differences (DIFFERENCES.md) instead of running.
    #[arg(long)]
    write_table: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let code = match act(&args) {
        Ok(code) => code,
        Err(Failure { code, message }) => {
            tell(&message);
            code
        }
    };
    ExitCode::from(code)
}

/// What ends a run before it has a result.
struct Failure {
    code: u8,
    message: String,
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self { code: 1, message: error.to_string() }
    }
}

fn act(args: &Args) -> Result<u8, Failure> {
    let all = cases();
    let differences = Differences::parse(DIFFERENCES, &all)
        .map_err(|error| Failure { code: USAGE, message: error.to_string() })?;
    if args.write_table {
        let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/DIFFERENCES.md"));
        std::fs::write(&path, differences.to_markdown(&all))?;
        tell(&format!("wrote {}", path.display()));
        return Ok(0);
    }
    let chosen = chosen(&all, args.filter.as_deref());
    if chosen.is_empty() {
        let message = "no case has that text in its id: --list shows them".to_owned();
        return Err(Failure { code: USAGE, message });
    }
    if args.list {
        print(&listing(&chosen))?;
        return Ok(0);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(check(args, &chosen, &differences))
}

fn chosen<'a>(all: &'a [Case], filter: Option<&str>) -> Vec<&'a Case> {
    all.iter().filter(|case| filter.is_none_or(|text| case.id.contains(text))).collect()
}

async fn check(args: &Args, chosen: &[&Case], differences: &Differences) -> Result<u8, Failure> {
    let backend = match &args.endpoint_url {
        Some(endpoint) => Backend::endpoint(endpoint),
        None => Backend::embedded(1),
    };
    backend.reach().await.map_err(|error| Failure {
        code: UNREACHABLE,
        message: format!("nobody answers there: {error}"),
    })?;
    let name = match (&args.backend, &args.endpoint_url) {
        (Some(name), _) => name,
        (None, None) => "embedded",
        (None, Some(_)) => "endpoint",
    };
    let token = token();
    let suite = Run { backend: &backend, token: &token, concurrency: args.concurrency.into() };
    let (mut ended, count) = (0_usize, chosen.len());
    let outcomes = run(&suite, chosen, |outcome| {
        ended += 1;
        if ended.is_multiple_of(100) || ended == count {
            tell(&format!("{ended} of {count}, the last: {}", outcome.case.id));
        }
    })
    .await;
    let judged = judge(outcomes, differences, name);
    match args.json {
        true => print(&format!("{:#}\n", json(name, &judged)))?,
        false => print(&text(name, &judged))?,
    }
    Ok(if judged.iter().any(securecart_conformance::Judged::is_failure) { FAILED } else { 0 })
}

/// Tells this run's names from those that an earlier one may have left at the endpoint. Nothing that
/// is checked depends on it.
fn token() -> String {
    let random = RandomState::new().build_hasher().finish();
    format!("{:08x}", random & 0xffff_ffff)
}

fn print(text: &str) -> io::Result<()> {
    io::stdout().lock().write_all(text.as_bytes())
}

/// Progress and errors; nobody is helped by an error about them.
fn tell(line: &str) {
    let _gone = writeln!(io::stderr().lock(), "{line}");
}
