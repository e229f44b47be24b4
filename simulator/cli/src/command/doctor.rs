//! `securecart doctor`: what this machine can do, and what to do about what it can't.
//!
//! Exit code 0 where a run on the embedded backend can be had, 4 where not even that.

mod machine;

use std::fmt::Write as _;

use securecart_containers::{self as containers, LOCALSTACK, MEMCACHED, POSTGRES, VALKEY};
use serde::Serialize;

use crate::{args::DoctorArgs, exit::Exit, output};

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum State {
    /// As it should be.
    Good,
    /// It limits what can be run.
    Limited,
    /// No run can be had.
    Bad,
}

/// Something that was looked at. The names are the interface of `--json`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Finding {
    pub(super) what: &'static str,
    pub(super) state: State,
    pub(super) found: String,
    /// What to do about it; nothing where it is good.
    pub(super) fix: Option<String>,
}

impl Finding {
    pub(super) fn good(what: &'static str, found: impl Into<String>) -> Self {
        Self { what, state: State::Good, found: found.into(), fix: None }
    }

    pub(super) fn limited(
        what: &'static str,
        found: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self { what, state: State::Limited, found: found.into(), fix: Some(fix.into()) }
    }

    pub(super) fn bad(
        what: &'static str,
        found: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self { what, state: State::Bad, found: found.into(), fix: Some(fix.into()) }
    }
}

pub(super) async fn run(args: DoctorArgs) -> Exit {
    let mut findings = machine::look(&args.out);
    findings.extend(docker().await);
    let text = if args.json { json(&findings) } else { table(&findings) };
    if let Err(error) = output::data(&text) {
        output::complain(&format!("can't write to stdout: {error}"));
        return Exit::Failure;
    }
    let is_bad = findings.iter().any(|finding| finding.state == State::Bad);
    if is_bad { Exit::Unavailable } else { Exit::Done }
}

/// The engine and its images: what `--backend localstack` needs.
async fn docker() -> Vec<Finding> {
    let engine = match containers::docker().await {
        Ok(engine) => engine,
        Err(error) => {
            let found = error.to_string();
            let (what, fix) = found.split_once(": ").unwrap_or((&found, "see above"));
            return vec![Finding::limited("docker", what, fix)];
        }
    };
    let rootless = if engine.rootless { ", rootless" } else { "" };
    let mut findings = vec![Finding::good(
        "docker",
        format!(
            "{} (API {}) at {}: {} cores, {}{rootless}",
            engine.version,
            engine.api_version,
            engine.at,
            engine.cpus,
            machine::gib(engine.memory_bytes)
        ),
    )];
    let images = [LOCALSTACK, POSTGRES, VALKEY, MEMCACHED];
    let Ok(present) = containers::images_present(&images).await else {
        let fix = "restart the engine, or run with --backend embedded";
        findings.push(Finding::limited("images", "the engine does not say which it has", fix));
        return findings;
    };
    findings.extend(present.into_iter().map(|(image, is_here)| match is_here {
        true => Finding::good("image", image),
        false => {
            let fix = format!(
                "docker pull {image}, or compose/images/build where no registry can be reached"
            );
            Finding::limited("image", format!("{image} is not here"), fix)
        }
    }));
    findings
}

fn json(findings: &[Finding]) -> String {
    serde_json::to_string_pretty(findings)
        .map_or_else(|error| error.to_string(), |json| json + "\n")
}

fn table(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let mark = match finding.state {
            State::Good => "ok",
            State::Limited => "limited",
            State::Bad => "bad",
        };
        // Writing to a string can't fail.
        let _ = writeln!(text, "{mark:<8} {:<10} {}", finding.what, finding.found);
        if let Some(fix) = &finding.fix {
            let _ = writeln!(text, "{:>19} {fix}", "fix:");
        }
    }
    text
}
