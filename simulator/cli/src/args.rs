//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use securecart_live::Sabotage;

const EXIT_CODES: &str = "\
Exit codes: 0 done or held, 1 harness failure, 2 usage, 3 invalid scenario, 4 backend or environment
unavailable, 5 objective missed, 7 inconclusive, 8 audit failed, 130 interrupted.";

/// Will the shop survive Black Friday? Runs SecureCart, an online shop on an emulated AWS, under load.
#[derive(Debug, Parser)]
#[command(name = "securecart", version, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a scenario: start SecureCart, drive the load, audit every order, give a verdict
    Scenario(ScenarioArgs),
    /// Start SecureCart and serve its AWS API and its shop on loopback ports until Ctrl-C
    Up(UpArgs),
    /// Print two run records side by side
    Compare(CompareArgs),
    /// Measure the harness itself
    Bench {
        #[command(subcommand)]
        what: Bench,
    },
}

/// What to run and how.
#[derive(Debug, Args)]
pub(crate) struct ScenarioArgs {
    /// A shipped scenario (see --list) or a path to a TOML file
    #[arg(required_unless_present = "list", value_name = "NAME|FILE")]
    pub(crate) scenario: Option<String>,
    /// List the shipped scenarios and exit
    #[arg(long, conflicts_with_all = ["check", "scenario", "json"])]
    pub(crate) list: bool,
    /// Only check the scenario and say what it would offer
    #[arg(long)]
    pub(crate) check: bool,
    /// Load as a fraction of the scenario's full load (default: the scenario's own for live runs)
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true, value_parser = number)]
    pub(crate) scale: Option<f64>,
    /// Scenario seconds that pass in one wall second (default: the scenario's own)
    #[arg(long, value_name = "FACTOR", allow_negative_numbers = true, value_parser = number)]
    pub(crate) speed: Option<f64>,
    /// Seed of every random stream (default: the scenario's own)
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true, value_parser = whole)]
    pub(crate) seed: Option<u64>,
    /// Wall time of traffic, such as 30s or 2m: the window ends when it does
    #[arg(long, value_name = "DURATION", value_parser = securecart_scenario::duration_s)]
    pub(crate) duration: Option<f64>,
    /// Which AWS the services talk to
    #[arg(long, value_enum, default_value_t = Backend::Auto)]
    pub(crate) backend: Backend,
    /// Serve the AWS API on this loopback port during the run (0: any that is free)
    #[arg(long, value_name = "PORT", value_parser = port)]
    pub(crate) aws_port: Option<u16>,
    /// Print progress lines rather than the terminal views
    #[arg(long)]
    pub(crate) no_tui: bool,
    /// Print the record as JSON on stdout, and nothing else there; with --check, the plan
    #[arg(long)]
    pub(crate) json: bool,
    /// Write objectives and audit as JUnit XML to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Folder for the run's record, summary and log
    #[arg(long, value_name = "DIR", default_value = "reports/runs")]
    pub(crate) out: PathBuf,
    /// Do damage right before the audit, to see that it is found: lose-order, double-order,
    /// oversell, capture-twice or lose-notification
    #[arg(long, value_name = "KIND")]
    pub(crate) sabotage: Option<Sabotage>,
}

/// Which AWS the services talk to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Backend {
    /// The best that is here: for now always `embedded`
    Auto,
    /// The in-process engine: nothing to install
    Embedded,
}

/// What to start.
#[derive(Debug, Args)]
pub(crate) struct UpArgs {
    /// Loopback port of the AWS API (0: any that is free)
    #[arg(long, value_name = "PORT", default_value_t = 4566, value_parser = port)]
    pub(crate) port: u16,
    /// Loopback port of the shop (0: any that is free)
    #[arg(long, value_name = "PORT", default_value_t = 0, value_parser = port)]
    pub(crate) shop_port: u16,
    /// The scenario whose fleets and catalogue are used
    #[arg(long, value_name = "NAME|FILE", default_value = "black-friday")]
    pub(crate) scenario: String,
}

/// What to compare.
#[derive(Debug, Args)]
pub(crate) struct CompareArgs {
    /// A record: a file, a run's folder, or a run's name
    pub(crate) a: String,
    /// The other one
    pub(crate) b: String,
    /// Where runs are looked for by name
    #[arg(long, value_name = "DIR", default_value = "reports/runs")]
    pub(crate) out: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// What to measure.
#[derive(Debug, Subcommand)]
pub(crate) enum Bench {
    /// AWS calls through the SDK: the embedded engine against a canned answer, interleaved
    Aws(crate::bench::aws::AwsArgs),
    /// Cost of calls on an engine with much in it against one with little, interleaved
    State(crate::bench::state::StateArgs),
    /// The load generator against wrk and oha (where installed), interleaved
    Traffic(crate::bench::traffic::Traffic),
    /// The minimal server that `bench traffic` starts as a process of its own
    #[command(hide = true)]
    ServeMinimal,
    /// One round of the generator, which `bench traffic` starts as a process of its own
    #[command(hide = true)]
    Saturate(crate::bench::traffic::Saturate),
}

/// Reads the command line; a mistake in it ends the process with code 2.
pub(crate) fn parse() -> Cli {
    Cli::parse()
}

fn number(text: &str) -> Result<f64, String> {
    text.parse().map_err(|_| "expected a number such as `0.5`".to_owned())
}

fn whole(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("expected a whole number from 0 to {}", u64::MAX))
}

fn port(text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| format!("expected a port from 0 (any that is free) to {}", u16::MAX))
}
