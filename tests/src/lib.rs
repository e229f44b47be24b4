//! What end-to-end tests share: the binary, a folder of its own for each test, and its output.
//!
//! Invariant: a test that starts the binary ends it, by its own id, whatever happens.
#![forbid(unsafe_code)]

use std::{
    io::Read as _,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::OnceLock,
    time::Duration,
};

use serde_json::Value;
use tempfile::TempDir;

/// Where no Docker engine is: with this as `DOCKER_HOST`, `--backend auto` is the embedded engine on
/// every machine.
pub const NO_ENGINE: &str = "unix:///securecart/no-engine.sock";

/// The `securecart` binary of the profile that the tests were built with, up to date.
///
/// # Panics
/// When it can't be built.
#[must_use]
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(build)
}

fn build() -> PathBuf {
    // target/<profile>/deps/<test> lies beside target/<profile>/securecart.
    let test = std::env::current_exe().expect("a test has a path");
    let folder = test.parent().and_then(Path::parent).expect("a test lies in deps");
    let mut build = Command::new(env!("CARGO"));
    // With the tests of the whole workspace, so that its dependencies have the features they have in
    // `cargo test` and none is compiled a second time.
    build.args(["build", "--quiet", "--workspace", "--tests", "--bin", "securecart"]);
    // Cargo runs a test in its package's folder, which lies in the workspace.
    build.arg("--target-dir").arg(folder.parent().expect("a target folder"));
    if folder.ends_with("release") {
        build.arg("--release");
    }
    assert!(build.status().expect("cargo runs").success(), "the binary can't be built");
    folder.join(format!("securecart{}", std::env::consts::EXE_SUFFIX))
}

/// A folder of its own, and the binary in it.
#[derive(Debug)]
pub struct Bench {
    folder: TempDir,
}

impl Bench {
    /// An empty folder.
    ///
    /// # Panics
    /// When there can't be one.
    #[must_use]
    pub fn new() -> Self {
        Self { folder: TempDir::with_prefix("securecart-test-").expect("a folder") }
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The binary with `arguments`, in the folder, with nothing on its standard input.
    #[must_use]
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command
            .args(arguments)
            .current_dir(self.path())
            .stdin(Stdio::null())
            .env_remove("NO_COLOR")
            // `--backend auto` finds no engine, whatever this machine has.
            .env("DOCKER_HOST", NO_ENGINE);
        command
    }

    /// Runs the binary to its end.
    ///
    /// # Panics
    /// When it can't be started.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.command(arguments).output().expect("the binary starts").into()
    }

    /// Starts the binary and lets it go on.
    ///
    /// # Panics
    /// When it can't be started.
    #[must_use]
    pub fn start(&self, arguments: &[&str]) -> Running {
        let mut command = self.command(arguments);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        Running(Some(child.expect("the binary starts")))
    }
}

impl Default for Bench {
    fn default() -> Self {
        Self::new()
    }
}

/// What a run of the binary left behind.
#[derive(Debug)]
pub struct Ran {
    /// Its exit code; absent when a signal ended it.
    pub code: Option<i32>,
    /// What it said on stdout.
    pub stdout: String,
    /// What it said on stderr.
    pub stderr: String,
}

impl Ran {
    /// stdout as one JSON document.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("stdout is not JSON ({error}); stderr: {}", self.stderr))
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// The binary while it runs; killed when a test ends before it does.
#[derive(Debug)]
pub struct Running(Option<Child>);

impl Running {
    /// Sends it a signal, such as `INT`.
    ///
    /// # Panics
    /// When it has ended already, or `kill` can't be run.
    pub fn signal(&self, name: &str) {
        let child = self.0.as_ref().expect("it runs");
        let kill =
            Command::new("kill").arg(format!("-{name}")).arg(child.id().to_string()).status();
        assert!(kill.expect("kill runs").success(), "{name} could not be sent");
    }

    /// Reads stderr until `text` has appeared; returns all that was read.
    ///
    /// # Panics
    /// When it ends without having said so.
    pub fn wait_for(&mut self, text: &str) -> String {
        let stderr = self.0.as_mut().and_then(|child| child.stderr.as_mut()).expect("it runs");
        let mut said = Vec::new();
        let mut byte = [0];
        while !String::from_utf8_lossy(&said).contains(text) {
            let read = stderr.read(&mut byte).expect("stderr can be read");
            assert!(read > 0, "it never said `{text}`: {}", String::from_utf8_lossy(&said));
            said.push(byte[0]);
        }
        String::from_utf8_lossy(&said).into_owned()
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When it was waited for before.
    #[must_use]
    pub fn finish(mut self) -> Ran {
        let child = self.0.take().expect("it runs");
        child.wait_with_output().expect("it can be waited for").into()
    }

    /// Whether it ends within `limit`; looks ten times a second.
    ///
    /// # Panics
    /// When it was waited for before.
    pub fn ends_within(&mut self, limit: Duration) -> Option<ExitStatus> {
        let child = self.0.as_mut().expect("it runs");
        for _ in 0..limit.as_millis() / 100 {
            if let Some(status) = child.try_wait().expect("it can be waited for") {
                return Some(status);
            }
            std::thread::park_timeout(Duration::from_millis(100));
        }
        None
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            // It may have ended by itself meanwhile.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
