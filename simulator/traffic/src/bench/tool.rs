//! The generators that are compared: how each is run, and how its figures are read.

use std::{
    io::{self, Read},
    net::SocketAddr,
    path::Path,
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use nix::sys::{
    resource::{UsageWho, getrusage},
    time::TimeValLike,
};

use super::{Measured, SaturationReport, Settings, url};
use crate::Error;

/// Time a tool may take beyond its run before it counts as stuck.
const PATIENCE: Duration = Duration::from_secs(30);

/// Output that is read; a report has about 2 kB.
const MAX_OUTPUT: u64 = 1 << 20;

/// A load generator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// This crate, in a process of its own.
    SecureCart,
    /// <https://github.com/wg/wrk>
    Wrk,
    /// <https://github.com/hatoo/oha>
    Oha,
}

impl Tool {
    pub(super) const ALL: [Self; 3] = [Self::SecureCart, Self::Wrk, Self::Oha];

    /// The name in reports; of the others, also the program's.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SecureCart => "securecart",
            Self::Wrk => "wrk",
            Self::Oha => "oha",
        }
    }

    /// How to install it; empty for ours.
    #[must_use]
    pub const fn install(self) -> &'static str {
        match self {
            Self::SecureCart => "",
            Self::Wrk => "apt-get install wrk",
            Self::Oha => "cargo install oha",
        }
    }

    /// Whether it can be run.
    pub(super) fn is_there(&self) -> bool {
        // wrk answers with an error code; whether it could be started at all is what counts.
        *self == Self::SecureCart
            || Command::new(self.name())
                .arg("--version")
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .is_ok()
    }

    /// Runs it once against `target`.
    pub(super) fn measure(
        self,
        settings: &Settings,
        target: SocketAddr,
    ) -> Result<Measured, Error> {
        let program = match self {
            Self::SecureCart => settings.program.as_path(),
            Self::Wrk | Self::Oha => Path::new(self.name()),
        };
        let failed = |source| Error::Program { program: program.display().to_string(), source };
        let mut command = Command::new(program);
        command.args(self.arguments(settings, target));
        let before = children_cpu().map_err(failed)?;
        let output = run(command, settings.length + PATIENCE).map_err(failed)?;
        let cpu = children_cpu().map_err(failed)?.saturating_sub(before);
        let figures = self.read(&output).ok_or_else(|| Error::Report {
            program: program.display().to_string(),
            output: output.chars().take(200).collect(),
        })?;
        Ok(Measured {
            requests_per_second: figures.requests_per_second,
            cpu_us_per_request: cpu.as_secs_f64() * 1e6 / figures.requests.max(1) as f64,
            failed: figures.failed,
        })
    }

    fn arguments(self, settings: &Settings, target: SocketAddr) -> Vec<String> {
        let connections = settings.connections.to_string();
        let seconds = settings.length.as_secs().max(1);
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        match self {
            Self::SecureCart => {
                let length_ms = (seconds * 1_000).to_string();
                let target = target.to_string();
                let mut all = settings.saturate.clone();
                all.extend::<Vec<_>>(words(&["--target", &target, "--connections", &connections]));
                all.extend::<Vec<_>>(words(&["--milliseconds", &length_ms]));
                all
            }
            Self::Wrk => {
                // wrk wants no more threads than connections.
                let threads = settings.connections.clamp(1, 2).to_string();
                let length = format!("{seconds}s");
                words(&["-t", &threads, "-c", &connections, "-d", &length, &url(target)])
            }
            Self::Oha => {
                let length = format!("{seconds}s");
                let json = ["--no-tui", "--output-format", "json"];
                words(&[&["-z", &length, "-c", &connections][..], &json, &[&url(target)]].concat())
            }
        }
    }

    fn read(self, output: &str) -> Option<SaturationReport> {
        match self {
            Self::SecureCart => serde_json::from_str(output.trim()).ok(),
            Self::Wrk => read_wrk(output),
            Self::Oha => read_oha(output),
        }
    }
}

/// Runs `command` to its end and returns what it printed.
fn run(mut command: Command, within: Duration) -> io::Result<String> {
    let mut process =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let stdout = process.stdout.take().expect("it is piped");
    let (done, output) = mpsc::channel();
    thread::spawn(move || {
        let mut text = String::new();
        let read = stdout.take(MAX_OUTPUT).read_to_string(&mut text);
        // Nobody listens any more once the process counts as stuck.
        let _ = done.send(read.map(|_| text));
    });
    let output = output.recv_timeout(within).unwrap_or_else(|_| {
        let text = format!("it did not end within {} s", within.as_secs());
        Err(io::Error::new(io::ErrorKind::TimedOut, text))
    });
    if output.is_err() {
        // It may have ended meanwhile.
        let _ = process.kill();
    }
    process.wait()?;
    output
}

/// Processor time of all children that have ended.
fn children_cpu() -> io::Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(Duration::from_micros(u64::try_from(micros).unwrap_or(0)))
}

/// `  153241 requests in 3.00s, 18.71MB read`, `Requests/sec:  51056.83`, and, where there are any,
/// `Socket errors: connect 0, read 1, write 0, timeout 0` and `Non-2xx or 3xx responses: 3`.
fn read_wrk(output: &str) -> Option<SaturationReport> {
    let after = |start: &str| output.lines().find_map(|line| line.trim().strip_prefix(start));
    let requests = output
        .lines()
        .find_map(|line| line.trim().split_once(" requests in "))
        .and_then(|(count, _)| count.parse().ok())?;
    let socket_errors = after("Socket errors:").map_or(0, |errors| {
        errors.split([' ', ',']).filter_map(|word| word.parse::<u64>().ok()).sum()
    });
    let refusals = after("Non-2xx or 3xx responses:").and_then(|count| count.trim().parse().ok());
    Some(SaturationReport {
        requests,
        failed: socket_errors + refusals.unwrap_or(0),
        requests_per_second: after("Requests/sec:")?.trim().parse().ok()?,
    })
}

fn read_oha(output: &str) -> Option<SaturationReport> {
    let report: serde_json::Value = serde_json::from_str(output).ok()?;
    let counts = |of: &str| -> u64 {
        let counts = report[of].as_object();
        counts.map_or(0, |counts| counts.values().filter_map(serde_json::Value::as_u64).sum())
    };
    let good = report["statusCodeDistribution"]["200"].as_u64()?;
    // Its run ends in the middle of a request on each connection, which it calls an error.
    let cut_off = report["errorDistribution"]["aborted due to deadline"].as_u64().unwrap_or(0);
    Some(SaturationReport {
        requests: good,
        failed: counts("statusCodeDistribution") - good + counts("errorDistribution") - cut_off,
        requests_per_second: report["summary"]["requestsPerSec"].as_f64()?,
    })
}

#[cfg(test)]
mod tests;
