//! A folder for the files of a run's database, on the machine's temporary disk.
//!
//! Invariants: it goes with the run; what a run that was killed has left is removed by the next one;
//! that of a run that goes on is never touched.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// What the names of these folders begin with; the process's id follows.
const PREFIX: &str = "securecart-data-";

/// Where the system says which processes there are.
const PROCESSES: &str = "/proc";

/// A folder that goes when this does.
#[derive(Debug)]
pub(super) struct Folder(tempfile::TempDir);

impl Folder {
    /// Makes one, and removes those of runs that are no more.
    pub(super) fn create() -> io::Result<Self> {
        let parent = std::env::temp_dir();
        sweep(&parent, Path::new(PROCESSES));
        let prefix = format!("{PREFIX}{}-", std::process::id());
        tempfile::Builder::new().prefix(&prefix).tempdir_in(parent).map(Self)
    }

    pub(super) fn path(&self) -> PathBuf {
        self.0.path().to_owned()
    }
}

/// Removes the folders of processes that are no more. Where nobody says which there are, none is
/// removed.
fn sweep(parent: &Path, processes: &Path) {
    if !processes.join("self").exists() {
        return;
    }
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.split('-').next());
        let Some(owner) = owner.and_then(|owner| owner.parse::<u32>().ok()) else { continue };
        if !processes.join(owner.to_string()).exists() {
            // Another run may be faster, and it may be another user's.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_dead_processes_left_is_removed() {
        let (parent, processes) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for name in ["securecart-data-1-a", "securecart-data-2-b", "securecart-data-x", "other-1"] {
            fs::create_dir(parent.path().join(name)).unwrap();
        }
        sweep(parent.path(), processes.path());
        assert!(parent.path().join("securecart-data-2-b").exists(), "nobody says who lives");
        for name in ["self", "1"] {
            fs::create_dir(processes.path().join(name)).unwrap();
        }
        sweep(parent.path(), processes.path());
        let left = |name| parent.path().join(name).exists();
        assert!(left("securecart-data-1-a") && left("securecart-data-x") && left("other-1"));
        assert!(!left("securecart-data-2-b"));
    }
}
