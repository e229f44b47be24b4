//! A container that was started, and what its tasks know about it.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use bollard::{
    Docker,
    models::ContainerState,
    query_parameters::{InspectContainerOptions, LogsOptionsBuilder},
};
use futures::StreamExt as _;
use parking_lot::Mutex;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    error::Error,
    launch::Launched,
    recipe::{Question, Recipe},
    stats::Usage,
};

/// How often a container is asked whether it is ready.
const ASK_EVERY: Duration = Duration::from_millis(100);
/// How long it may take for one answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);
/// Lines of output that are looked at when a container fails, and those that are shown.
const TAIL_LINES_READ: &str = "60";
const TAIL_LINES_SHOWN: usize = 12;
const TAIL_LINE_CHARS_MAX: usize = 240;

/// A container of a run.
#[derive(Debug)]
pub(crate) struct Unit {
    pub(crate) recipe: Recipe,
    pub(crate) id: String,
    /// The engine's host, as it is reached from here.
    pub(crate) host: std::net::IpAddr,
    /// Where its port is published; the last one known while it is down or cut off.
    pub(crate) address: Mutex<SocketAddr>,
    pub(crate) log: PathBuf,
    /// The time stamp of the last line in the log.
    pub(crate) logged_until: Mutex<String>,
    /// Whether it was ended on purpose.
    pub(crate) down: AtomicBool,
    pub(crate) usage: Mutex<Usage>,
    pub(crate) version: Mutex<String>,
}

impl Unit {
    pub(crate) fn new(recipe: Recipe, launched: Launched, log: PathBuf) -> Self {
        Self {
            recipe,
            id: launched.id,
            host: launched.host,
            address: Mutex::new(SocketAddr::new(launched.host, 0)),
            log,
            logged_until: Mutex::default(),
            down: AtomicBool::new(false),
            usage: Mutex::default(),
            version: Mutex::default(),
        }
    }

    pub(crate) fn name(&self) -> String {
        self.recipe.member.to_string()
    }

    pub(crate) fn address(&self) -> SocketAddr {
        *self.address.lock()
    }

    pub(crate) fn is_down(&self) -> bool {
        self.down.load(Ordering::Acquire)
    }

    pub(crate) fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::Release);
    }

    /// What the engine says about its process.
    pub(crate) async fn state(&self, docker: &Docker) -> Result<ContainerState, Error> {
        let answer = docker.inspect_container(&self.id, None::<InspectContainerOptions>).await;
        let answer = answer
            .map_err(|error| Error::docker(&format!("inspecting {}", self.name()), &error))?;
        Ok(answer.state.unwrap_or_default())
    }

    /// Reads where its port is published, and keeps it. Docker chooses anew at each start and at
    /// each connection to the network.
    pub(crate) async fn read_address(&self, docker: &Docker) -> Result<SocketAddr, Error> {
        let doing = format!("reading the port of {}", self.name());
        let answer = docker.inspect_container(&self.id, None::<InspectContainerOptions>).await;
        let answer = answer.map_err(|error| Error::docker(&doing, &error))?;
        let port = answer
            .network_settings
            .and_then(|settings| settings.ports?.remove(&format!("{}/tcp", self.recipe.port))?)
            .and_then(|bindings| {
                bindings.into_iter().find_map(|binding| binding.host_port?.parse().ok())
            })
            .ok_or_else(|| Error::Engine {
                doing,
                cause: "it has none; it is down or cut off from its network".into(),
            })?;
        let address = SocketAddr::new(self.host, port);
        *self.address.lock() = address;
        Ok(address)
    }

    /// As [`Unit::read_address`]; where it has none because it ended, tells why it ended.
    pub(crate) async fn read_address_or_end(&self, docker: &Docker) -> Result<SocketAddr, Error> {
        match self.read_address(docker).await {
            Ok(address) => Ok(address),
            Err(error) => match self.state(docker).await?.running {
                Some(true) => Err(error),
                _ => Err(self.never_started(docker).await),
            },
        }
    }

    /// Waits until it answers, and gives its server's version.
    pub(crate) async fn until_ready(
        &self,
        docker: &Docker,
        within: Duration,
        halt: &CancellationToken,
    ) -> Result<String, Error> {
        let began = Instant::now();
        let question = &self.recipe.question;
        loop {
            let answer = match timeout(ANSWER_WITHIN, question.ask(self.address())).await {
                Ok(Ok(version)) => {
                    self.version.lock().clone_from(&version);
                    return Ok(version);
                }
                Ok(Err(answer)) => answer,
                Err(_) => format!("none within {} s", ANSWER_WITHIN.as_secs()),
            };
            if self.state(docker).await?.running != Some(true) {
                return Err(self.never_started(docker).await);
            }
            if began.elapsed() >= within {
                return Err(self.never_ready(docker, &answer, within).await);
            }
            tokio::select! {
                () = halt.cancelled() => return Err(Error::stopped(self.name())),
                () = sleep(ASK_EVERY) => {}
            }
        }
    }

    async fn never_ready(&self, docker: &Docker, answer: &str, within: Duration) -> Error {
        Error::NeverReady {
            container: format!("{} ({})", self.name(), self.recipe.image),
            asked: format!(
                "{}, last answer: {answer}; {}",
                self.recipe.question.text(),
                self.recipe.hint()
            ),
            within,
            said: said(&self.tail(docker).await, &self.log),
            log: self.log.clone(),
        }
    }

    /// Why it ended before it ever answered: it may be another image than it should.
    async fn never_started(&self, docker: &Docker) -> Error {
        self.ended(docker, &format!(": {}", self.recipe.hint())).await
    }

    /// Why it ended, with its last words.
    pub(crate) async fn exited(&self, docker: &Docker) -> Error {
        self.ended(docker, "").await
    }

    /// Why it ended, with `hint` unless something else did it.
    async fn ended(&self, docker: &Docker, hint: &str) -> Error {
        let state = match self.state(docker).await {
            Ok(state) => state,
            Err(error) => return error,
        };
        let lines = self.tail(docker).await;
        let image = self.recipe.image.clone();
        if matches!(self.recipe.question, Question::LocalStack { .. }) && wants_token(&lines) {
            return Error::TokenWanted { image, tail: shown(&lines) };
        }
        let code = state.exit_code.unwrap_or_default();
        let note = note(code, state.oom_killed == Some(true));
        let hint = if matches!(code, 137 | 139 | 143) { "" } else { hint };
        let said = format!("{note}{hint}{}", said(&lines, &self.log));
        Error::Exited { member: self.name(), image, code, said, log: self.log.clone() }
    }

    /// The end of its output, from the engine: it has all of it, also what is not in the file yet.
    async fn tail(&self, docker: &Docker) -> Vec<String> {
        let options =
            LogsOptionsBuilder::new().stdout(true).stderr(true).tail(TAIL_LINES_READ).build();
        let frames = docker.logs(&self.id, Some(options));
        let frames = frames.filter_map(|frame| async { frame.ok() });
        let frames: Vec<String> =
            timeout(ANSWER_WITHIN, frames.map(|frame| frame.to_string()).collect())
                .await
                .unwrap_or_default();
        frames.concat().lines().map(String::from).collect()
    }
}

fn note(code: i64, out_of_memory: bool) -> &'static str {
    match (code, out_of_memory) {
        (_, true) => " (out of memory)",
        (137, _) => " (killed)",
        (139, _) => " (crashed)",
        (143, _) => " (terminated)",
        (126 | 127, _) => " (its command can't be run)",
        _ => "",
    }
}

/// What LocalStack prints when it ends for want of an account token.
fn wants_token(lines: &[String]) -> bool {
    lines.iter().any(|line| {
        line.contains("LOCALSTACK_AUTH_TOKEN") || line.contains("License activation failed")
    })
}

/// The end of a message about a container: what it said last, and where the rest is.
fn said(lines: &[String], log: &Path) -> String {
    if lines.is_empty() {
        return "; it said nothing".to_owned();
    }
    format!("; log: {}; its last lines:\n{}", log.display(), shown(lines))
}

/// The last lines, without what would move a terminal's cursor, and none too long.
fn shown(lines: &[String]) -> String {
    let lines = &lines[lines.len().saturating_sub(TAIL_LINES_SHOWN)..];
    let clean = |line: &String| -> String {
        line.chars().filter(|c| !c.is_control()).take(TAIL_LINE_CHARS_MAX).collect()
    };
    lines.iter().map(|line| format!("  | {}", clean(line))).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_the_output_is_short_and_harmless() {
        let lines: Vec<String> =
            (0..40).map(|n| format!("line \x1b[31m{n}\r{}", "x".repeat(500))).collect();
        let text = shown(&lines);
        assert_eq!(text.lines().count(), TAIL_LINES_SHOWN);
        assert!(text.starts_with("  | line [31m28x"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= TAIL_LINE_CHARS_MAX + 4));
        assert!(!text.contains(['\x1b', '\r']));
        assert_eq!(said(&[], Path::new("cache.log")), "; it said nothing");
        let last = said(&["bye".to_owned()], Path::new("runs/1/cache.log"));
        assert_eq!(last, "; log: runs/1/cache.log; its last lines:\n  | bye");
    }

    #[test]
    fn a_tag_that_wants_a_token_is_known_by_its_words() {
        let words = "Please make sure to either set the LOCALSTACK_AUTH_TOKEN variable to a valid auth token";
        assert!(wants_token(&["Ready?".into(), words.into()]));
        assert!(!wants_token(&["Ready.".into()]));
    }

    #[test]
    fn an_exit_code_is_explained_where_it_can_be() {
        assert_eq!(note(137, true), " (out of memory)");
        assert_eq!(note(137, false), " (killed)");
        assert_eq!(note(1, false), "");
    }
}
