//! `securecart bench traffic`: what the load generator itself costs, beside wrk and oha.
//!
//! Two hidden commands serve it, because each side of the measurement is a process of its own:
//! `bench serve-minimal` and `bench saturate`.

use std::{
    env,
    io::{self, Write},
    net::SocketAddr,
    time::Duration,
};

use clap::Args;
use http::Uri;
use securecart_traffic::{
    Error,
    bench::{MinimalServer, Report, Row, SaturationReport, Settings, compare},
    saturate,
};

/// Compare requests a second and processor time per request with wrk and oha, on one minimal server.
#[derive(Debug, Clone, Args)]
pub(crate) struct Traffic {
    /// Rounds; in each, every generator runs once.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// Seconds that each generator runs in each round.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=600))]
    seconds: u32,
    /// Connections that each generator keeps busy.
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    connections: u32,
    /// Print one JSON object per generator instead of the table.
    #[arg(long)]
    json: bool,
}

/// Saturate a server; for `bench traffic`, in a process of its own.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Saturate {
    #[arg(long, value_name = "ADDRESS")]
    target: SocketAddr,
    #[arg(long, value_name = "N")]
    connections: usize,
    #[arg(long, value_name = "N")]
    milliseconds: u64,
}

impl Traffic {
    /// Measures, with progress on `stderr` and the figures on `stdout`.
    pub(crate) fn run(
        &self,
        stdout: &mut impl Write,
        stderr: &mut impl Write,
    ) -> Result<(), Failure> {
        let command = |name: &str| vec!["bench".to_owned(), name.to_owned()];
        let settings = Settings {
            rounds: self.rounds,
            length: Duration::from_secs(self.seconds.into()),
            connections: self.connections as usize,
            program: env::current_exe()?,
            serve: command("serve-minimal"),
            saturate: command("saturate"),
        };
        let report = compare(&settings, |round, tool| {
            // Progress that can't be shown is no reason to end the measurement.
            let _ = writeln!(stderr, "round {round} of {}: {}", self.rounds, tool.name());
        })?;
        for tool in &report.missing {
            writeln!(
                stderr,
                "{} was not found; to compare with it: {}",
                tool.name(),
                tool.install()
            )?;
        }
        if self.json {
            print_json(&report, stdout)?;
        } else {
            self.print_table(&report, stdout)?;
        }
        Ok(())
    }

    fn print_table(&self, report: &Report, stdout: &mut impl Write) -> io::Result<()> {
        writeln!(
            stdout,
            "medians of {} rounds of {} s, {} connections, minimal server on the same machine\n",
            self.rounds, self.seconds, self.connections
        )?;
        writeln!(
            stdout,
            "{:<12}{:>12}{:>16}{:>8}{:>8}",
            "generator", "requests/s", "cpu us/request", "vs wrk", "failed"
        )?;
        for row in &report.rows {
            let Row { tool, requests_per_second, cpu_us_per_request, failed, .. } = row;
            let ratio = row.ratio_to_wrk.map_or("-".to_owned(), |ratio| format!("{ratio:.2}"));
            writeln!(
                stdout,
                "{tool:<12}{requests_per_second:>12.0}{cpu_us_per_request:>16.1}{ratio:>8}{failed:>8}"
            )?;
        }
        Ok(())
    }
}

fn print_json(report: &Report, stdout: &mut impl Write) -> io::Result<()> {
    for row in &report.rows {
        writeln!(stdout, "{}", serde_json::to_string(row)?)?;
    }
    Ok(())
}

impl Saturate {
    /// Saturates, and reports on `stdout`.
    pub(crate) fn run(self, stdout: &mut impl Write) -> Result<(), Failure> {
        let length = Duration::from_millis(self.milliseconds);
        let path = Uri::from_static("/");
        let saturation = saturate(self.target, &path, self.connections, length)?;
        let report = serde_json::to_string(&SaturationReport::from(&saturation))?;
        Ok(writeln!(stdout, "{report}")?)
    }
}

/// Serves the minimal answer until standard input ends; prints its address first.
pub(crate) fn serve_minimal(stdout: &mut impl Write) -> Result<(), Failure> {
    let server = MinimalServer::bind()?;
    writeln!(stdout, "{}", server.address()?)?;
    stdout.flush()?;
    Ok(server.run(io::stdin())?)
}

/// A measurement that could not be made or shown.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(crate) enum Failure {
    /// Of the generators.
    Traffic(#[from] Error),
    /// Of this process's own streams.
    Io(#[from] io::Error),
    /// Of a figure that is not a number.
    Json(#[from] serde_json::Error),
}
