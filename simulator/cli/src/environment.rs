//! The environment that the process begins with.
//!
//! Invariant: an empty `DOCKER_HOST` is none, as for Docker's own command line. testcontainers takes it
//! for an address, and a process can't change its own environment safely, so it begins anew without.

/// The variable that says where the Docker engine is.
const DOCKER_HOST: &str = "DOCKER_HOST";

/// Begins the process anew where its environment has to be another one.
///
/// # Errors
/// When that can't be done, with the way out.
pub(crate) fn mend() -> Result<(), String> {
    let is_empty = std::env::var_os(DOCKER_HOST).is_some_and(|value| value.is_empty());
    if is_empty { begin_anew() } else { Ok(()) }
}

#[cfg(unix)]
fn begin_anew() -> Result<(), String> {
    use std::{os::unix::process::CommandExt as _, process::Command};
    let error = match std::env::current_exe() {
        // It only comes back where it failed.
        Ok(program) => {
            Command::new(program).args(std::env::args_os().skip(1)).env_remove(DOCKER_HOST).exec()
        }
        Err(error) => error,
    };
    Err(refusal(&error.to_string()))
}

#[cfg(not(unix))]
fn begin_anew() -> Result<(), String> {
    Err(refusal("this system does not let a process replace itself"))
}

fn refusal(why: &str) -> String {
    format!("{DOCKER_HOST} is empty and can't be passed over ({why}): unset it")
}
