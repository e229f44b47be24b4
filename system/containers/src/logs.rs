//! Each container's output, in the run's folder while it runs.
//!
//! Invariants: a line is written once, also when a container is started again; each carries the
//! engine's time stamp. A container that ends unasked is noticed here, because its output ends.

use std::{path::Path, sync::Arc, time::Duration};

use bollard::{Docker, query_parameters::LogsOptionsBuilder};
use futures::{StreamExt as _, future::join_all};
use tokio::{
    fs::{File, OpenOptions},
    io::AsyncWriteExt as _,
    sync::mpsc,
    task::JoinHandle,
    time::{sleep, timeout},
};

use crate::{error::Error, unit::Unit};

/// Wait before a stream that broke off is opened again.
const AGAIN_AFTER: Duration = Duration::from_millis(500);

/// How long the last lines may take after their containers are gone.
const LAST_WITHIN: Duration = Duration::from_secs(2);

/// Waits until the writers of logs have ended, but not for ever.
pub(crate) async fn end(writers: Vec<JoinHandle<()>>) {
    let _ = timeout(LAST_WITHIN, join_all(writers)).await;
}

/// Opens a log for more lines; makes its folder.
pub(crate) async fn open(path: &Path) -> Result<File, Error> {
    if let Some(folder) = path.parent() {
        tokio::fs::create_dir_all(folder).await.map_err(|error| Error::file(folder, &error))?;
    }
    let file = OpenOptions::new().create(true).append(true).open(path).await;
    file.map_err(|error| Error::file(path, &error))
}

/// Writes the output of `unit` until its container ends; says so when nobody asked for the end.
pub(crate) async fn follow(
    docker: Docker,
    unit: Arc<Unit>,
    file: File,
    failures: mpsc::Sender<Error>,
) {
    let mut log = Log { unit: Arc::clone(&unit), file: Some(file), failures: failures.clone() };
    loop {
        log.copy(&docker).await;
        if unit.is_down() {
            return;
        }
        let failure = match unit.state(&docker).await {
            Ok(state) if state.running == Some(true) => None,
            Ok(_) => Some(unit.exited(&docker).await),
            Err(error) => Some(error),
        };
        // Asked again: the end may have been asked for in between.
        if unit.is_down() {
            return;
        }
        if let Some(failure) = failure {
            // A full channel has failures enough to tell.
            let _ = failures.try_send(failure);
            return;
        }
        sleep(AGAIN_AFTER).await;
    }
}

struct Log {
    unit: Arc<Unit>,
    /// None once it can't be written any more: the run goes on without.
    file: Option<File>,
    failures: mpsc::Sender<Error>,
}

impl Log {
    async fn copy(&mut self, docker: &Docker) {
        let options = LogsOptionsBuilder::new()
            .follow(true)
            .stdout(true)
            .stderr(true)
            .timestamps(true)
            .build();
        let mut frames = docker.logs(&self.unit.id, Some(options));
        while let Some(Ok(frame)) = frames.next().await {
            self.write(frame.as_ref()).await;
        }
    }

    async fn write(&mut self, line: &[u8]) {
        let Some(file) = &mut self.file else { return };
        if !is_new(line, &mut self.unit.logged_until.lock()) {
            return;
        }
        let written = match file.write_all(line).await {
            Ok(()) => file.flush().await,
            failed => failed,
        };
        if let Err(error) = written {
            self.file = None;
            let _ = self.failures.try_send(Error::file(&self.unit.log, &error));
        }
    }
}

/// Whether `line` is later than `until`, which then moves on. Docker's time stamps have a fixed
/// width, so they compare as text.
fn is_new(line: &[u8], until: &mut String) -> bool {
    let Some(stamp) =
        line.split(|byte| *byte == b' ').next().and_then(|stamp| str::from_utf8(stamp).ok())
    else {
        return true;
    };
    if stamp <= until.as_str() {
        return false;
    }
    stamp.clone_into(until);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_written_once_also_when_the_log_is_read_again() {
        let mut until = String::new();
        let lines: [&[u8]; 2] =
            [b"2026-11-27T00:00:00.000000001Z one\n", b"2026-11-27T00:00:00.000000002Z two\n"];
        assert!(lines.iter().all(|line| is_new(line, &mut until)));
        assert!(!lines.iter().any(|line| is_new(line, &mut until)));
        assert!(is_new(b"2026-11-27T00:00:00.100000000Z three\n", &mut until));
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_made_names_itself() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        let error = open(&file.join("cache.log")).await.unwrap_err();
        assert!(error.to_string().contains(&*file.to_string_lossy()), "{error}");
        assert!(open(&folder.path().join("new/cache.log")).await.is_ok());
    }
}
