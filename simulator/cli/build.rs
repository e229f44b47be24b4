//! Tells the binary which commit and profile it was built from.

use std::{path::Path, process::Command};

#[expect(clippy::disallowed_methods, reason = "Cargo speaks to build scripts by environment")]
fn main() {
    let commit = git(&["rev-parse", "--short=12", "HEAD"]).map(|commit| {
        let dirty = git(&["status", "--porcelain", "--untracked-files=no"])
            .is_some_and(|changes| !changes.is_empty());
        if dirty { format!("{commit}-dirty") } else { commit }
    });
    println!("cargo::rustc-env=SECURECART_COMMIT={}", commit.as_deref().unwrap_or("unknown"));
    // Cargo says `debug` for the profile that it calls dev everywhere else.
    let profile = std::env::var("PROFILE").unwrap_or_default();
    let profile = if profile == "release" { "release" } else { "dev" };
    println!("cargo::rustc-env=SECURECART_PROFILE={profile}");
    println!("cargo::rerun-if-changed=build.rs");
    if let Some(folder) = git(&["rev-parse", "--absolute-git-dir"]) {
        for name in ["HEAD", "logs/HEAD"] {
            let path = Path::new(&folder).join(name);
            if path.exists() {
                println!("cargo::rerun-if-changed={}", path.display());
            }
        }
    }
}

/// What git says; nothing where there is no git or no repository.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
