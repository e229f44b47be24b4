//! The command line.

mod tiers;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use securecart_cloud::Endpoint;
use securecart_live::Sabotage;

pub(crate) use tiers::{Backend, CacheEngine, DoctorArgs, TierArgs};

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
    Scenario(Box<ScenarioArgs>),
    /// Start SecureCart and serve its AWS API and its shop on loopback ports until Ctrl-C
    Up(UpArgs),
    /// Send dead letters back to where they came from, on a SecureCart that runs
    Redrive(RedriveArgs),
    /// Print two run records side by side
    Compare(CompareArgs),
    /// Print a run's scaling decisions, as `aws application-autoscaling describe-scaling-activities` does
    Scaling(ScalingArgs),
    /// Look at this machine: Docker, images, ports, cores, memory, files, terminal; and what to do
    Doctor(DoctorArgs),
    /// List what AWS does not publish and the models assume, with what a scenario changes
    Assumptions(AssumptionsArgs),
    /// Measure the harness itself
    Bench {
        #[command(subcommand)]
        what: Bench,
    },
}

/// Which assumptions to list.
#[derive(Debug, Args)]
pub(crate) struct AssumptionsArgs {
    /// Show the values of this scenario: a shipped one or a path to a TOML file
    #[arg(value_name = "NAME|FILE")]
    pub(crate) scenario: Option<String>,
    /// Set a value of the scenario, such as 'assumptions."fargate.start-base"="30s"'; repeatable
    #[arg(long, value_name = "KEY=VALUE", requires = "scenario")]
    pub(crate) set: Vec<String>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
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
    /// Set a value of the scenario by its dotted path, as TOML, such as services.cart.tasks.max=8,
    /// 'fault=[]' or 'time.length="1h"'; repeatable
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
    /// Seed of every random stream (default: the scenario's own)
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true, value_parser = whole)]
    pub(crate) seed: Option<u64>,
    /// Wall time of traffic, such as 30s or 2m: the window ends when it does
    #[arg(long, value_name = "DURATION", value_parser = securecart_scenario::duration_s)]
    pub(crate) duration: Option<f64>,
    #[command(flatten)]
    pub(crate) tiers: TierArgs,
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
    /// Set a value of the scenario by its dotted path, as TOML; repeatable
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
}

/// What to redrive.
#[derive(Debug, Args)]
pub(crate) struct RedriveArgs {
    /// Queues whose dead letters go back, such as `orders`; a dead-letter queue's own name will do
    #[arg(required_unless_present_any = ["all", "list"], value_name = "QUEUE")]
    pub(crate) queues: Vec<String>,
    /// Every dead-letter queue
    #[arg(long, conflicts_with = "queues")]
    pub(crate) all: bool,
    /// Only list dead-letter queues and what is in them
    #[arg(long, conflicts_with = "rate")]
    pub(crate) list: bool,
    /// AWS API of a `securecart up`, or of a run with --aws-port: on this machine only
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:4566")]
    pub(crate) endpoint_url: Endpoint,
    /// Messages a second at the most, 1 to 500 (default: as fast as SQS can)
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=500))]
    pub(crate) rate: Option<u16>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
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

/// Whose scaling decisions to print.
#[derive(Debug, Args)]
pub(crate) struct ScalingArgs {
    /// A record: a file, a run's folder, or a run's name (default: the latest run)
    #[arg(value_name = "RUN")]
    pub(crate) run: Option<String>,
    /// Only those of this resource, such as `checkout` or `table/carts`
    #[arg(long, value_name = "NAME")]
    pub(crate) resource: Option<String>,
    /// Leave out what was held back, as AWS does unless it is asked
    #[arg(long)]
    pub(crate) scaled_only: bool,
    /// Where runs are looked for
    #[arg(long, value_name = "DIR", default_value = "reports/runs")]
    pub(crate) out: PathBuf,
    /// Print JSON in AWS's shape
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
    /// Steps a second of each model of AWS's behaviour; the goal is a million in a release build
    Behaviour(crate::bench::behaviour::BehaviourArgs),
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
