//! Where a run's files are kept: a folder for each run, below `reports/runs` unless told otherwise.
//!
//! Invariant: a file is written beside its place and moved there, so it is whole or not there.

use std::{
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
};

use securecart_record::RunRecord;
use tempfile::NamedTempFile;

/// The record's file in a run's folder.
const RECORD: &str = "record.json";

/// The summary's file in a run's folder.
const SUMMARY: &str = "summary.txt";

/// Columns of a summary that is kept.
const SUMMARY_COLUMNS: u16 = 100;

/// Something that could not be kept or found.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A folder can't be used.
    #[error("can't keep runs in `{}`: {source}; name another folder with `--out DIR`", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file can't be written.
    #[error("can't write `{}`: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A record can't be put into words.
    #[error("the record can't be written: {0}")]
    Record(#[from] securecart_record::Error),
    /// There is no such record.
    #[error("there is no record `{name}`: neither a file, nor a run's folder, nor a run in `{}`{hint}", out.display())]
    Missing {
        /// What was asked for.
        name: String,
        /// Where runs were looked for.
        out: PathBuf,
        /// The nearest run, where there is one.
        hint: String,
    },
    /// A record can't be read.
    #[error("`{}` is no record that can be read: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// The folder of one run.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Makes the folder `id` below `out`, and proves that files can be written there.
    ///
    /// # Errors
    /// When it can't be made or written to.
    pub fn create(out: &Path, id: &str) -> Result<Self, Error> {
        let path = out.join(id);
        let made = fs::create_dir_all(&path).and_then(|()| NamedTempFile::new_in(&path)?.close());
        match made {
            Ok(()) => Ok(Self(path)),
            Err(source) => Err(Error::Folder { path, source }),
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Keeps the record and its summary.
    ///
    /// # Errors
    /// When one can't be written; the other is tried all the same.
    pub fn save(&self, record: &RunRecord) -> Result<(), Error> {
        let kept = write(&self.0.join(RECORD), &record.to_json()?);
        let summary = crate::summary(record, SUMMARY_COLUMNS, false);
        kept.and(write(&self.0.join(SUMMARY), &summary))
    }

    /// Removes the folder of a run that left nothing in it.
    pub fn discard_if_empty(&self) {
        // A folder with something in it can't be removed this way, and stays.
        let _ = fs::remove_dir(&self.0);
    }
}

/// Writes `text` to `path`: whole, or not at all. What is no regular file (a pipe, a device) is
/// written in place.
///
/// # Errors
/// When it can't be written.
pub fn write(path: &Path, text: &str) -> Result<(), Error> {
    let special = fs::metadata(path).is_ok_and(|file| !file.is_file());
    let written = if special { in_place(path, text) } else { beside(path, text) };
    written.map_err(|source| Error::Write { path: path.to_owned(), source })
}

fn in_place(path: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.flush()
}

fn beside(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut file = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// The record that `name` names: a file, a run's folder, or a run's name below `out`.
///
/// # Errors
/// When there is none, or it can't be read.
pub fn load(name: &str, out: &Path) -> Result<RunRecord, Error> {
    let given = PathBuf::from(name);
    let places = [given.clone(), given.join(RECORD), out.join(name).join(RECORD)];
    let Some(path) = places.into_iter().find(|path| path.is_file()) else {
        let hint =
            nearest(name, out).map_or_else(String::new, |run| format!("; did you mean `{run}`?"));
        return Err(Error::Missing { name: name.to_owned(), out: out.to_owned(), hint });
    };
    let read = fs::read_to_string(&path).map_err(Into::into);
    read.and_then(|text| RunRecord::from_json(&text).map_err(Into::into))
        .map_err(|source| Error::Read { path, source })
}

/// The run below `out` whose name is most like `name`.
fn nearest(name: &str, out: &Path) -> Option<String> {
    let runs = fs::read_dir(out).ok()?;
    runs.filter_map(|run| run.ok()?.file_name().into_string().ok())
        .map(|run| (strsim::jaro_winkler(name, &run), run))
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, run)| run)
}

#[cfg(test)]
mod tests {
    use securecart_record::{Environment, RunInfo};

    use super::*;

    fn record() -> RunRecord {
        let info = RunInfo { id: "smoke-1".to_owned(), ..RunInfo::default() };
        RunRecord::starting(info, Environment::default())
    }

    #[test]
    fn a_record_is_found_by_file_by_folder_and_by_name() {
        let out = tempfile::tempdir().expect("a folder");
        let folder = Folder::create(out.path(), "smoke-1").expect("a folder");
        folder.save(&record()).expect("kept");
        let path = folder.path().to_str().expect("text").to_owned();
        for name in ["smoke-1".to_owned(), format!("{path}/record.json"), path] {
            assert_eq!(load(&name, out.path()).expect("found"), record(), "{name}");
        }
        let left: Vec<_> = fs::read_dir(folder.path()).expect("a folder").collect();
        assert_eq!(left.len(), 2, "record and summary, and nothing half-written: {left:?}");
    }

    #[test]
    fn what_is_not_there_is_named_with_the_nearest() {
        let out = tempfile::tempdir().expect("a folder");
        Folder::create(out.path(), "smoke-1").expect("a folder").save(&record()).expect("kept");
        let error = load("smoke-2", out.path()).expect_err("none").to_string();
        assert!(
            error.contains("`smoke-2`") && error.contains("did you mean `smoke-1`?"),
            "{error}"
        );
    }

    #[test]
    fn what_is_no_record_is_refused() {
        let out = tempfile::tempdir().expect("a folder");
        let path = out.path().join("other.json");
        fs::write(&path, "{}").expect("written");
        let error = load(path.to_str().expect("text"), out.path()).expect_err("none").to_string();
        assert!(error.contains("other.json` is no record"), "{error}");
    }

    #[test]
    fn a_folder_that_a_file_stands_in_the_way_of_is_refused() {
        let out = tempfile::tempdir().expect("a folder");
        let taken = out.path().join("taken");
        fs::write(&taken, "").expect("written");
        let error = Folder::create(&taken, "run").expect_err("a file").to_string();
        assert!(error.contains("taken") && error.contains("--out DIR"), "{error}");
    }

    #[test]
    fn only_an_empty_folder_is_discarded() {
        let out = tempfile::tempdir().expect("a folder");
        let empty = Folder::create(out.path(), "empty").expect("a folder");
        empty.discard_if_empty();
        assert!(!empty.path().exists());
        let full = Folder::create(out.path(), "full").expect("a folder");
        write(&full.path().join("run.log"), "WARN").expect("written");
        full.discard_if_empty();
        assert!(full.path().exists());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_named() {
        let error = write(Path::new("/dev/full"), "text").expect_err("full").to_string();
        assert!(error.contains("/dev/full"), "{error}");
    }
}
