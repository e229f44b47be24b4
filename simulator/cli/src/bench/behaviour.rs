//! `securecart bench behaviour`: steps a second of each model of `behaviour`. The goal is a million.

use std::{fmt::Write as _, hint::black_box, time::Duration};

use clap::Args;
use securecart_behaviour::{
    Assumptions, TokenBucket,
    api_gateway::{ApiGateway, Config as GatewayConfig},
    compute::{Fleet, Processor, ecs},
    dynamodb::{Capacity as TableUnits, Config as TableConfig, Operation, Table, Throughput},
    lambda::{
        ACCOUNT_CONCURRENCY, Account, ColdStart, Function, FunctionConfig, Invocation, Moment,
        Package, Runtime, Start,
    },
    scaling::{Capacity, Engine, Policy, ScalableTarget, Scaler, TargetTracking},
};
use serde::Serialize;
use tokio::time::Instant;

use crate::output;

/// How to measure.
#[derive(Debug, Args)]
pub(crate) struct BehaviourArgs {
    /// Steps of each round
    #[arg(long, value_name = "NUMBER", default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1_000..=1_000_000_000))]
    steps: u64,
    /// Rounds of each row, interleaved; medians are shown
    #[arg(long, value_name = "NUMBER", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// Print one JSON object per row
    #[arg(long)]
    json: bool,
}

/// One row of the table. The names are the interface of `--json`.
#[derive(Debug, Serialize)]
struct Row {
    model: &'static str,
    steps_per_second: f64,
    ns_per_step: f64,
}

/// A model: its name, and so many steps of it.
type Model = (&'static str, fn(u64));

const MODELS: [Model; 7] = [
    ("token bucket: take", bucket),
    ("API Gateway: admit", gateway),
    ("DynamoDB: admit and charge", table),
    ("Lambda: begin and end", function),
    ("processor: begin", processor),
    ("ECS fleet: step, nothing due", fleet),
    ("target tracking: a minute, two alarms", scaler),
];

/// Measures and prints.
pub(crate) fn run(args: &BehaviourArgs) -> std::io::Result<()> {
    let mut rounds = vec![Vec::new(); MODELS.len()];
    for _ in 0..args.rounds {
        for (times, (_, steps)) in rounds.iter_mut().zip(MODELS) {
            let start = Instant::now();
            steps(args.steps);
            times.push(start.elapsed());
        }
    }
    let mut table = format!("{:<39}{:>14}{:>10}\n", "model", "steps/s", "ns/step");
    for ((model, _), times) in MODELS.into_iter().zip(&mut rounds) {
        times.sort();
        let ns_per_step = times[times.len() / 2].as_nanos() as f64 / args.steps as f64;
        let row = Row { model, steps_per_second: 1e9 / ns_per_step, ns_per_step };
        if args.json {
            output::data(&format!("{}\n", serde_json::to_string(&row)?))?;
        } else {
            let _ = writeln!(table, "{model:<39}{:>14.0}{ns_per_step:>10.1}", row.steps_per_second);
        }
    }
    if args.json { Ok(()) } else { output::data(&table) }
}

/// Instants a microsecond apart.
fn instants(steps: u64) -> impl Iterator<Item = Duration> {
    (0..steps).map(Duration::from_micros)
}

fn bucket(steps: u64) {
    let mut bucket = TokenBucket::full(5_000.0, 10_000.0, Duration::ZERO);
    for now in instants(steps) {
        black_box(bucket.take(now));
    }
}

fn gateway(steps: u64) {
    let mut gateway = ApiGateway::new(GatewayConfig::default(), Duration::ZERO);
    for now in instants(steps) {
        let _ = black_box(gateway.admit(now, None, (now.subsec_micros()) % 7));
    }
}

fn table(steps: u64) {
    let capacity = TableUnits::Provisioned(Throughput { read: 40_000.0, write: 40_000.0 });
    let config = TableConfig::new(&Assumptions::default());
    let mut table = Table::new(capacity, config, Duration::ZERO);
    for (step, now) in (0_u64..).zip(instants(steps)) {
        let key = step.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        if black_box(table.admit(now, key, Operation::Write)).is_ok() {
            table.charge(now, key, 0.0, 1.0, &[]);
        }
    }
}

fn function(steps: u64) {
    let own = securecart_behaviour::Lognormal::from_ms(300.0, 600.0);
    let cold_start = ColdStart { runtime: Runtime::Python313, package: Package::Zip, own };
    let mut account = Account::new(ACCOUNT_CONCURRENCY, Moment::default());
    let config = FunctionConfig::on_demand(1_769, cold_start);
    let Ok(mut function) = Function::new(config, &mut account, Moment::default()) else { return };
    for now in instants(steps).map(|now| Moment::at(now * 1_000)) {
        match function.begin(&mut account, Invocation::Synchronous, now, 0.5) {
            Start::Warm(environment) | Start::Cold { environment, .. } => {
                function.end(&mut account, now, environment);
            }
            Start::Throttled(throttle) => {
                black_box(throttle);
            }
        }
    }
}

fn processor(steps: u64) {
    let mut processor = Processor::new(2.0);
    for now in instants(steps) {
        black_box(processor.begin(now, Duration::from_micros(1)));
    }
}

fn fleet(steps: u64) {
    let mut budget = ecs::LaunchBudget::new(Duration::ZERO);
    let mut fleet = Fleet::ecs(ecs::Settings::default(), 100, Duration::ZERO);
    for now in instants(steps) {
        black_box(fleet.step(now, &mut budget, &mut || 0.5));
    }
}

fn scaler(steps: u64) {
    let tracking = TargetTracking::new(Engine::Ecs, "cpu", 50.0);
    let target = ScalableTarget {
        policies: vec![Policy::tracking("cpu-50", tracking)],
        ..ScalableTarget::new(Engine::Ecs, "service/securecart/checkout", 2, 100)
    };
    let Ok(mut scaler) = Scaler::new(target, Duration::ZERO) else { return };
    let mut desired = 10;
    for minute in 1..=steps {
        let now = Duration::from_secs(60 * minute);
        scaler.observe("cpu", now, Some((minute % 100) as f64));
        for decision in scaler.step(now, Capacity::steady(desired)) {
            desired = decision.to;
        }
    }
    black_box(desired);
}
