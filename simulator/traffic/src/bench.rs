//! What the generator itself costs, beside wrk and oha on the same minimal server.
//!
//! Every generator is a process of its own, so that all are measured alike; rounds are interleaved, so
//! that a machine that slows down slows all of them. A closed loop on purpose: it finds the ceiling.
//!
//! Deliberately absent: printing. The caller names the programs to run, shows what is missing and
//! prints the report.

mod server;
mod tool;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{Error, Saturation};
pub use server::MinimalServer;
pub use tool::Tool;

/// What to compare, and how long.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Rounds; in each, every tool runs once. At least 1.
    pub rounds: u32,
    /// Length of one tool's run.
    pub length: Duration,
    /// Connections that are kept busy.
    pub connections: usize,
    /// The caller's own binary.
    pub program: PathBuf,
    /// Its arguments that make it serve: it then prints its address on a line and serves until its
    /// standard input ends ([`MinimalServer`]).
    pub serve: Vec<String>,
    /// Its arguments that make it saturate; `--target ADDRESS --connections N --milliseconds N` follow.
    /// It then prints a [`SaturationReport`] in JSON.
    pub saturate: Vec<String>,
}

/// What a saturating process of ours reports to its parent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SaturationReport {
    /// Requests that were answered.
    pub requests: u64,
    /// Requests that were not.
    pub failed: u64,
    /// Answered requests a second.
    pub requests_per_second: f64,
}

impl From<&Saturation> for SaturationReport {
    fn from(saturation: &Saturation) -> Self {
        Self {
            requests: saturation.requests,
            failed: saturation.failed,
            requests_per_second: saturation.requests_per_second(),
        }
    }
}

/// One tool's medians.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct Row {
    /// Its name: `securecart`, `wrk` or `oha`.
    pub tool: &'static str,
    /// Median of its rounds.
    pub requests_per_second: f64,
    /// Processor time of the generator (user and system) for a request, median of its rounds, µs.
    pub cpu_us_per_request: f64,
    /// Its rate over wrk's; absent without wrk.
    pub ratio_to_wrk: Option<f64>,
    /// Requests that failed, over all rounds.
    pub failed: u64,
}

/// Everything that was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// A row for each tool that was found, ours first.
    pub rows: Vec<Row>,
    /// Tools that were not found.
    pub missing: Vec<Tool>,
}

/// One tool's run.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Measured {
    requests_per_second: f64,
    cpu_us_per_request: f64,
    failed: u64,
}

/// Compares ours with those of wrk and oha that are found. `progress` is told each run as it starts:
/// the round, from 1, and the tool.
///
/// It blocks, for about `rounds` x `length` for each tool. Nothing else of the process may end child
/// processes meanwhile: their processor time is told apart by when they end.
///
/// # Errors
///
/// [`Error::Program`] when a process can't be run or does not end, [`Error::Report`] when it says
/// something else than its figures.
pub fn compare(settings: &Settings, mut progress: impl FnMut(u32, Tool)) -> Result<Report, Error> {
    let server = server::Child::start(&settings.program, &settings.serve)?;
    let (found, missing): (Vec<_>, Vec<_>) = Tool::ALL.into_iter().partition(Tool::is_there);
    let mut measured = vec![Vec::new(); found.len()];
    for round in 1..=settings.rounds.max(1) {
        for (tool, runs) in found.iter().zip(&mut measured) {
            progress(round, *tool);
            runs.push(tool.measure(settings, server.address)?);
        }
    }
    let mut rows: Vec<Row> =
        found.iter().zip(&measured).map(|(tool, runs)| row(*tool, runs)).collect();
    let wrk =
        rows.iter().find(|row| row.tool == Tool::Wrk.name()).map(|row| row.requests_per_second);
    for row in &mut rows {
        row.ratio_to_wrk = wrk.map(|wrk| row.requests_per_second / wrk);
    }
    Ok(Report { rows, missing })
}

fn row(tool: Tool, runs: &[Measured]) -> Row {
    Row {
        tool: tool.name(),
        requests_per_second: median(runs.iter().map(|run| run.requests_per_second)),
        cpu_us_per_request: median(runs.iter().map(|run| run.cpu_us_per_request)),
        ratio_to_wrk: None,
        failed: runs.iter().map(|run| run.failed).sum(),
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => 0.0,
        odd if odd % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

/// The URL that the tools ask for.
fn url(target: SocketAddr) -> String {
    format!("http://{target}/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_take_the_middle() {
        assert_eq!(median([].into_iter()), 0.0);
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), 2.0);
        assert_eq!(median([4.0, 1.0, 2.0, 3.0].into_iter()), 2.5);
    }
}
