//! Running a call many times at a concurrency, and what that took.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use nix::sys::{
    resource::{UsageWho, getrusage},
    time::TimeValLike as _,
};
use securecart_record::Histogram;
use tokio::{task::JoinSet, time::Instant};

/// One call, and whether it was answered as it should be; `n` is its number, for keys that differ.
pub(super) type Call = Arc<dyn Fn(u64) -> Pin<Box<dyn Future<Output = bool> + Send>> + Send + Sync>;

/// What a round took.
#[derive(Debug, Clone, Copy)]
pub(super) struct Round {
    pub(super) calls_per_second: f64,
    pub(super) cpu_us_per_call: f64,
    pub(super) p50_us: u64,
    pub(super) p99_us: u64,
    /// Calls that were not answered as they should be; the other figures leave them out.
    pub(super) failed: u64,
}

/// Calls at `concurrency` for `length`, with numbers from `first` on.
pub(super) async fn round(call: &Call, concurrency: u64, length: Duration, first: u64) -> Round {
    let cpu = process_cpu_us();
    let start = Instant::now();
    let end = start + length;
    let mut callers = JoinSet::new();
    for caller in 0..concurrency {
        let call = Arc::clone(call);
        callers.spawn(async move {
            let (mut latencies, mut failed) = (Histogram::new(), 0_u64);
            let mut number = first + caller;
            loop {
                let begun = Instant::now();
                if begun >= end {
                    return (latencies, failed);
                }
                if call(number).await {
                    latencies.record_us(begun.elapsed().as_micros() as u64);
                } else {
                    failed += 1;
                }
                number += concurrency;
            }
        });
    }
    let (mut latencies, mut failed) = (Histogram::new(), 0);
    while let Some(caller) = callers.join_next().await {
        let caller = caller.expect("a call can't panic");
        latencies.merge(&caller.0);
        failed += caller.1;
    }
    let done = latencies.count() as f64;
    let calls = (latencies.count() + failed).max(1) as f64;
    Round {
        calls_per_second: done / start.elapsed().as_secs_f64(),
        cpu_us_per_call: (process_cpu_us() - cpu) / calls,
        p50_us: latencies.quantile_us(0.5),
        p99_us: latencies.quantile_us(0.99),
        failed,
    }
}

/// The median of what `figure` reads from `rounds`.
pub(super) fn median(rounds: &[Round], figure: impl Fn(&Round) -> f64) -> f64 {
    let mut values: Vec<f64> = rounds.iter().map(figure).collect();
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        odd if odd % 2 == 1 => values[odd / 2],
        even => f64::midpoint(values[even / 2 - 1], values[even / 2]),
    }
}

fn process_cpu_us() -> f64 {
    getrusage(UsageWho::RUSAGE_SELF).map_or(0.0, |usage| {
        (usage.user_time().num_microseconds() + usage.system_time().num_microseconds()) as f64
    })
}
