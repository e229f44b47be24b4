//! The log of a run: warnings of services and libraries, in a file beside the record.
//!
//! Bounded: past [`BYTES_MAX`] messages are only counted. It is installed before Goose starts, so
//! that Goose's own messages land here and not on stdout.

use std::{
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use log::{LevelFilter, Log, Metadata, Record};
use parking_lot::Mutex;

/// Bytes a log may have.
const BYTES_MAX: usize = 1 << 20;

static JOURNAL: OnceLock<Journal> = OnceLock::new();

/// The process's log.
#[derive(Debug)]
pub(crate) struct Journal(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    /// Created with the first message: a run without warnings leaves no file.
    file: Option<File>,
    bytes: usize,
    messages: u64,
}

impl Journal {
    /// Makes the file `run.log` in `folder` the process's log. Only the first call counts.
    pub(crate) fn install(folder: &Path) -> &'static Self {
        let journal = JOURNAL.get_or_init(|| {
            let path = folder.join("run.log");
            Self(Mutex::new(Inner { path, file: None, bytes: 0, messages: 0 }))
        });
        // An error means that there is a logger: this one.
        if log::set_logger(journal).is_ok() {
            log::set_max_level(LevelFilter::Warn);
        }
        journal
    }

    /// Where messages are, and how many there were; nothing where there were none.
    pub(crate) fn messages(&self) -> Option<(PathBuf, u64)> {
        let inner = self.0.lock();
        (inner.messages > 0).then(|| (inner.path.clone(), inner.messages))
    }
}

impl Log for Journal {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= LevelFilter::Warn
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let line = format!("{} {}: {}\n", record.level(), record.target(), record.args());
            self.0.lock().write(&line);
        }
    }

    fn flush(&self) {}
}

impl Inner {
    fn write(&mut self, line: &str) {
        self.messages += 1;
        if self.bytes + line.len() > BYTES_MAX {
            return;
        }
        self.bytes += line.len();
        if self.file.is_none() {
            self.file = File::create(&self.path).ok();
        }
        if let Some(file) = &mut self.file {
            // A log that can't be written must not end a run; its record says what happened.
            let _ = file.write_all(line.as_bytes());
        }
    }
}
