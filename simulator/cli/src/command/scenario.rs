//! `securecart scenario`: list, check, run.

use jiff::Timestamp;
use securecart_domain::random;
use securecart_live::{Backend, Options, start};
use securecart_record::{RunInfo, RunRecord};
use securecart_reports::store::{self, Folder};
use securecart_scenario::{Overrides, Plan, Scenario, shipped};
use tokio_util::sync::CancellationToken;

use super::{load, tiers, wall};
use crate::{args::ScenarioArgs, exit::Exit, journal::Journal, output, signal, watch::Watch};

pub(super) async fn run(args: ScenarioArgs) -> Exit {
    let scenario = match &args.scenario {
        Some(name) if !args.list => load::scenario(name, &args.set),
        _ => return say(&list()),
    };
    let outcome = scenario.and_then(|scenario| Ok((plan(&scenario, &args)?, scenario)));
    let (plan, scenario) = match outcome {
        Ok(read) => read,
        Err(exit) => return exit,
    };
    if args.check {
        return check(&plan, args.json);
    }
    match drive(plan, &scenario, &args).await {
        Ok(exit) | Err(exit) => exit,
    }
}

fn list() -> String {
    let width = shipped().iter().map(|scenario| scenario.name.len()).max().unwrap_or(0);
    let line = |scenario: &securecart_scenario::Shipped| {
        format!("{:<width$}  {}\n", scenario.name, scenario.summary)
    };
    shipped().iter().map(line).collect()
}

fn say(text: &str) -> Exit {
    match output::data(text) {
        Ok(()) => Exit::Done,
        Err(error) => {
            output::complain(&format!("can't write to stdout: {error}"));
            Exit::Failure
        }
    }
}

/// What a run would offer, for a person or as JSON.
fn check(plan: &Plan, json: bool) -> Exit {
    if !json {
        return say(&plan.describe());
    }
    match serde_json::to_string(plan) {
        Ok(json) => say(&(json + "\n")),
        Err(error) => {
            output::complain(&format!("the plan can't be written as JSON: {error}"));
            Exit::Failure
        }
    }
}

fn overrides(args: &ScenarioArgs) -> Overrides {
    Overrides {
        seed: args.seed,
        scale: args.scale,
        speed: args.speed,
        duration_wall_s: args.duration,
    }
}

fn plan(scenario: &Scenario, args: &ScenarioArgs) -> Result<Plan, Exit> {
    scenario.plan(&overrides(args)).map_err(|problems| {
        // The file alone is valid, so what is wrong comes from the command line.
        load::explain(&problems);
        Exit::Usage
    })
}

/// Runs the plan, saves what it left behind, and shows it.
async fn drive(plan: Plan, scenario: &Scenario, args: &ScenarioArgs) -> Result<Exit, Exit> {
    let chosen = tiers::choose(&args.tiers).await?;
    if args.aws_port.is_some() && !matches!(chosen.choice.backend, Backend::Embedded) {
        output::complain(
            "`--aws-port` is of `--backend embedded`: another AWS API has its own port",
        );
        return Err(Exit::Usage);
    }
    let stop = signal::listen().map_err(|error| {
        output::complain(&format!("can't listen for Ctrl-C: {error}"));
        Exit::Failure
    })?;
    let now = wall::now();
    let id = run_id(&plan, now);
    // Before the run: four minutes of load for a record that can't be kept help nobody.
    let folder = Folder::create(&args.out, &id).map_err(|error| {
        output::complain(&error.to_string());
        Exit::Unavailable
    })?;
    if let Some(error) = args.junit.as_deref().and_then(|path| store::probe(path).err()) {
        folder.discard_if_empty();
        output::complain(&format!("--junit: {error}"));
        return Err(Exit::Unavailable);
    }
    let journal = Journal::install(folder.path());
    let source = tiers::Source { scenario, overrides: &overrides(args) };
    let logs = folder.path().to_owned();
    let prepared = tiers::prepare(chosen, plan, &source, (&id, logs), &stop).await;
    let tiers::Prepared { tiers, plan, probe } = match prepared {
        Ok(prepared) => prepared,
        Err(exit) => {
            folder.discard_if_empty();
            return Err(exit);
        }
    };
    let options = Options {
        info: RunInfo { probe, ..info(id, args, now) },
        tiers,
        environment: securecart_live::environment(env!("SECURECART_PROFILE")),
        epoch_ms: wall::epoch_ms(now),
        aws_port: args.aws_port,
        sabotage: args.sabotage,
        stop: stop.clone(),
        plan,
    };
    let record = match finish(options, args, stop).await {
        Ok(record) => record,
        Err(exit) => {
            if !folder.discard_if_empty() {
                output::narrate(&format!("logs: {}", folder.path().display()));
            }
            return Err(exit);
        }
    };
    let exit = deliver(&record, &folder, args);
    if let Some((path, messages)) = journal.messages() {
        output::narrate(&format!("log: {} ({messages} messages)", path.display()));
    }
    Ok(exit)
}

/// Plays the run to its end while it is watched.
async fn finish(
    options: Options,
    args: &ScenarioArgs,
    stop: CancellationToken,
) -> Result<RunRecord, Exit> {
    let live = start(options);
    Watch::choose(args.no_tui, args.json).follow(live.snapshots, stop.clone()).await;
    match live.finished.await {
        Ok(Ok(record)) => Ok(record),
        Ok(Err(_)) if stop.is_cancelled() => {
            output::narrate("interrupted before there was anything to keep");
            Err(Exit::Interrupted)
        }
        Ok(Err(error)) => {
            output::complain(&error.to_string());
            Err(if error.is_environment() { Exit::Unavailable } else { Exit::Failure })
        }
        Err(panic) => {
            output::complain(&format!("the run failed: {panic}"));
            Err(Exit::Failure)
        }
    }
}

fn info(id: String, args: &ScenarioArgs, now: Timestamp) -> RunInfo {
    RunInfo {
        id,
        source: args.scenario.clone().unwrap_or_default(),
        tier_options: args.tiers.repeated(),
        started_at: now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        commit: env!("SECURECART_COMMIT").to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..RunInfo::default()
    }
}

/// The scenario, the time, and letters that tell runs of one second apart.
fn run_id(plan: &Plan, now: Timestamp) -> String {
    let letters = random::mix(u64::from(std::process::id()) ^ now.as_nanosecond() as u64);
    let time = now.strftime("%Y%m%dT%H%M%SZ");
    format!("{}-{time}-{:04x}", plan.name, letters & 0xffff)
}

/// Keeps record, summary and JUnit file, and shows the run. What can't be kept is said, and makes the
/// run a failure whatever its verdict; the summary is shown anyway.
fn deliver(record: &RunRecord, folder: &Folder, args: &ScenarioArgs) -> Exit {
    let junit = args.junit.as_ref();
    let junit = junit.map(|path| store::write(path, &securecart_reports::junit(record)));
    let mut exit = Exit::Verdict(record.verdict);
    if let Some(Err(error)) = junit {
        output::complain(&format!("--junit: {error}"));
        exit = Exit::Failure;
    }
    let kept = folder.save(record, exit.code());
    if let Err(error) = &kept {
        output::complain(&format!("the run is over, but its record is not kept: {error}"));
        exit = Exit::Failure;
    }
    let text = if args.json {
        record.to_json().map_or_else(|error| error.to_string(), |json| json + "\n")
    } else {
        securecart_reports::summary(record, exit.code(), width(), output::color())
    };
    if say(&text) == Exit::Failure {
        exit = Exit::Failure;
    }
    if kept.is_ok() {
        output::narrate(&format!("record: {}", folder.path().display()));
    }
    exit
}

/// Columns of the terminal; 100 where there is none.
fn width() -> u16 {
    securecart_tui::columns().unwrap_or(100)
}
