//! Where a run's files are kept: a folder for each run, below `reports/runs` unless told otherwise.
//!
//! Invariant: a file is written beside its place and moved there, so it is whole or not there.

use std::{
    fs,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use securecart_record::{MAX_JSON_BYTES, RunRecord};
use tempfile::NamedTempFile;

/// The record's file in a run's folder.
const RECORD: &str = "record.json";

/// The summary's file in a run's folder.
const SUMMARY: &str = "summary.txt";

/// How alike (Jaro-Winkler, 0 to 1) a run's name must be to what was asked for to be suggested.
const LIKENESS_MIN: f64 = 0.8;

/// Room that a folder must have before a run: the record of a black-friday takes as much.
const ROOM_BYTES: usize = 2 << 20;

/// Columns of a summary that is kept.
const SUMMARY_COLUMNS: u16 = 100;

/// Something that could not be kept or found.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A folder can't be used.
    #[error("can't keep runs in `{}`: {source}; {}name another folder with `--out DIR`", path.display(), room(source))]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file can't be written.
    #[error("can't write `{}`: {source}; {} or name another place", path.display(), way_out(source))]
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
        /// The nearest run, or the latest, or that there is none.
        hint: String,
    },
    /// No run was kept yet.
    #[error("there is no run in `{}` yet: name a record", out.display())]
    Empty {
        /// Where runs were looked for.
        out: PathBuf,
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

/// Whether a disk has no room left.
fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

fn room(error: &io::Error) -> &'static str {
    if is_full(error) { "free some room there or " } else { "" }
}

fn way_out(error: &io::Error) -> &'static str {
    if is_full(error) { "free some room there" } else { "make it writable" }
}

/// The folder of one run.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Makes the folder `id` below `out`, and proves that a record can be written there.
    ///
    /// # Errors
    /// When it can't be made or written to, or lacks room.
    pub fn create(out: &Path, id: &str) -> Result<Self, Error> {
        let folder = Self(out.join(id));
        match fs::create_dir_all(&folder.0).and_then(|()| has_room(&folder.0)) {
            Ok(()) => Ok(folder),
            Err(source) => {
                folder.discard_if_empty();
                Err(Error::Folder { path: folder.0, source: plain(source) })
            }
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Keeps the record and its summary, which says that the process ends with `exit_code`.
    ///
    /// # Errors
    /// When one can't be written; the summary is not tried without its record.
    pub fn save(&self, record: &RunRecord, exit_code: u8) -> Result<(), Error> {
        write(&self.0.join(RECORD), &record.to_json()?)?;
        let summary = crate::summary(record, exit_code, SUMMARY_COLUMNS, false);
        write(&self.0.join(SUMMARY), &summary)
    }

    /// Removes the folder of a run that left nothing in it but empty files; whether it is gone.
    pub fn discard_if_empty(&self) -> bool {
        for file in fs::read_dir(&self.0).into_iter().flatten().flatten() {
            let is_empty = file.metadata().is_ok_and(|file| file.is_file() && file.len() == 0);
            if is_empty {
                // What can't be removed stays, and so does the folder.
                let _ = fs::remove_file(file.path());
            }
        }
        // A folder with something in it can't be removed this way.
        fs::remove_dir(&self.0).is_ok()
    }
}

/// Whether a record can be written in `folder`. Nothing is left there.
fn has_room(folder: &Path) -> io::Result<()> {
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(&vec![0; ROOM_BYTES])?;
    file.close()
}

/// Writes `text` to `path`: whole, or not at all. What is no regular file (a pipe, a device) is
/// written in place.
///
/// # Errors
/// When it can't be written.
pub fn write(path: &Path, text: &str) -> Result<(), Error> {
    let special = fs::metadata(path).is_ok_and(|file| !file.is_file()) || is_devices(path);
    let written = if special { in_place(path, text) } else { beside(path, text) };
    written.map_err(|source| Error::Write { path: path.to_owned(), source: plain(source) })
}

/// Proves that a file can be written to `path` later, as far as that can be known: it is no folder,
/// and files can be made in its folder. Nothing is left behind.
///
/// # Errors
/// When it can't.
pub fn probe(path: &Path) -> Result<(), Error> {
    let refused = |source| Err(Error::Write { path: path.to_owned(), source: plain(source) });
    match fs::metadata(path) {
        Ok(file) if file.is_dir() => refused(io::ErrorKind::IsADirectory.into()),
        // Opening a pipe would wait for its reader.
        Ok(file) if !file.is_file() => Ok(()),
        _ if is_devices(path) => Ok(()),
        _ => draft(path).and_then(|(draft, _)| draft.close()).or_else(refused),
    }
}

/// An error without the name of the file that was to become another: nobody knows that one.
fn plain(error: io::Error) -> io::Error {
    match error.kind() {
        // What the system itself says carries no name.
        _ if error.raw_os_error().is_some() => error,
        kind @ io::ErrorKind::NotFound => io::Error::new(kind, "its folder does not exist"),
        kind => kind.into(),
    }
}

/// Whether `path` lies where the system keeps its devices. `/dev/stdout` is a link that may lead to a
/// regular file, and a file moved there would take the link's place.
fn is_devices(path: &Path) -> bool {
    let devices = path.starts_with("/dev") || path.starts_with("/proc");
    devices && !path.starts_with("/dev/shm")
}

fn in_place(path: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().append(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.flush()
}

/// By way of a file beside `path`, or beside what it links to.
fn beside(path: &Path, text: &str) -> io::Result<()> {
    let (mut file, target) = draft(path)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(&target).map_err(|error| error.error)?;
    Ok(())
}

/// An empty file beside what `path` leads to, and what that is.
fn draft(path: &Path) -> io::Result<(NamedTempFile, PathBuf)> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    let file = builder().tempfile_in(folder.unwrap_or_else(|| Path::new(".")))?;
    Ok((file, target))
}

/// Makes files with the permissions of any new file rather than those of a secret one: CI runs as one
/// user and collects its files as another.
fn builder() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder
}

/// The record that `name` names: a file (or a pipe), a run's folder, or a run's name below `out`.
///
/// # Errors
/// When there is none, or it can't be read.
pub fn load(name: &str, out: &Path) -> Result<RunRecord, Error> {
    let given = PathBuf::from(name);
    let places = [given.clone(), given.join(RECORD), out.join(name).join(RECORD)];
    let Some(path) = places.into_iter().find(|path| path.exists() && !path.is_dir()) else {
        let hint = hint(name, &runs(out));
        return Err(Error::Missing { name: name.to_owned(), out: out.to_owned(), hint });
    };
    let read = read(&path).map_err(Into::into);
    read.and_then(|text| RunRecord::from_json(&text).map_err(Into::into))
        .map_err(|source| Error::Read { path, source })
}

/// The record of the run that was kept last below `out`.
///
/// # Errors
/// When there is none, or it can't be read.
pub fn latest(out: &Path) -> Result<RunRecord, Error> {
    match runs(out).first() {
        Some(run) => load(run, out),
        None => Err(Error::Empty { out: out.to_owned() }),
    }
}

/// No more than what a reader of records refuses as too long.
fn read(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    fs::File::open(path)?.take(MAX_JSON_BYTES as u64 + 1).read_to_string(&mut text)?;
    Ok(text)
}

/// Names of the runs with a record below `out`, the latest first.
fn runs(out: &Path) -> Vec<String> {
    let written = |run: &fs::DirEntry| fs::metadata(run.path().join(RECORD)).ok()?.modified().ok();
    let Ok(entries) = fs::read_dir(out) else { return Vec::new() };
    let mut runs: Vec<_> = entries
        .filter_map(Result::ok)
        .filter_map(|run| Some((written(&run)?, run.file_name().into_string().ok()?)))
        .collect();
    runs.sort_unstable_by(|a, b| b.cmp(a));
    runs.into_iter().map(|(_, name)| name).collect()
}

/// What may have been meant: the latest run that begins like `name`, else the most alike, else the
/// latest of all.
fn hint(name: &str, runs: &[String]) -> String {
    let Some(latest) = runs.first() else { return ", which has none".to_owned() };
    let begins = runs.iter().find(|run| run.starts_with(name));
    let alike = || {
        let scored = runs.iter().map(|run| (strsim::jaro_winkler(name, run), run));
        let best = scored.max_by(|(a, _), (b, _)| a.total_cmp(b));
        best.filter(|(likeness, _)| *likeness > LIKENESS_MIN).map(|(_, run)| run)
    };
    begins.or_else(alike).map_or_else(
        || format!("; the latest run is `{latest}`"),
        |run| format!("; did you mean `{run}`?"),
    )
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
        folder.save(&record(), 0).expect("kept");
        let path = folder.path().to_str().expect("text").to_owned();
        for name in ["smoke-1".to_owned(), format!("{path}/record.json"), path] {
            assert_eq!(load(&name, out.path()).expect("found"), record(), "{name}");
        }
        let left: Vec<_> = fs::read_dir(folder.path()).expect("a folder").collect();
        assert_eq!(left.len(), 2, "record and summary, and nothing half-written: {left:?}");
    }

    #[test]
    fn the_latest_run_is_the_one_kept_last() {
        let out = tempfile::tempdir().expect("a folder");
        let none = latest(out.path()).expect_err("none yet").to_string();
        assert!(none.ends_with("yet: name a record"), "{none}");
        Folder::create(out.path(), "smoke-1").expect("a folder").save(&record(), 0).expect("kept");
        assert_eq!(latest(out.path()).expect("found"), record());
    }

    fn missing(name: &str, out: &Path) -> String {
        load(name, out).expect_err("there is none").to_string()
    }

    #[test]
    fn what_is_not_there_is_named_with_the_nearest_or_the_latest() {
        let out = tempfile::tempdir().expect("a folder");
        assert!(missing("smoke-2", out.path()).contains("`smoke-2`"));
        assert!(missing("smoke-2", out.path()).ends_with(", which has none"));
        Folder::create(out.path(), "empty").expect("a folder without a record");
        Folder::create(out.path(), "smoke-1").expect("a folder").save(&record(), 0).expect("kept");
        for near in ["smoke-2", "smoke", "somke-1"] {
            let error = missing(near, out.path());
            assert!(error.ends_with("; did you mean `smoke-1`?"), "{error}");
        }
        let error = missing("black-friday", out.path());
        assert!(error.ends_with("; the latest run is `smoke-1`"), "{error}");
    }

    #[test]
    fn what_is_no_record_is_refused_with_the_reason() {
        let out = tempfile::tempdir().expect("a folder");
        let path = out.path().join("other.json");
        let json = record().to_json().expect("JSON");
        let foreign = json.replacen(r#""format-version":1"#, r#""format-version":9"#, 1);
        for (text, why) in
            [("{}", "not a record of a run"), (&foreign, "format version 9"), ("", "not a record")]
        {
            fs::write(&path, text).expect("written");
            let error = missing(path.to_str().expect("text"), out.path());
            assert!(error.contains("other.json` is no record") && error.contains(why), "{error}");
        }
        fs::write(&path, [0xff, 0xfe]).expect("written");
        assert!(missing(path.to_str().expect("text"), out.path()).contains("UTF-8"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_without_end_is_refused() {
        let error = missing("/dev/zero", Path::new("."));
        assert!(error.contains("/dev/zero") && error.contains("too many for a record"), "{error}");
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
        write(&empty.path().join("cache.log"), "").expect("written");
        assert!(empty.discard_if_empty());
        assert!(!empty.path().exists());
        let full = Folder::create(out.path(), "full").expect("a folder");
        write(&full.path().join("run.log"), "WARN").expect("written");
        assert!(!full.discard_if_empty());
        assert!(full.path().join("run.log").exists());
    }

    #[test]
    fn what_stood_there_is_replaced_whole_and_what_can_not_be_written_is_named() {
        let out = tempfile::tempdir().expect("a folder");
        let path = out.path().join("junit.xml");
        write(&path, "a longer text").expect("written");
        write(&path, "short").expect("replaced");
        assert_eq!(fs::read_to_string(&path).expect("a file"), "short");
        let gone = out.path().join("gone/junit.xml");
        let error = write(&gone, "text").expect_err("no folder").to_string();
        assert!(error.contains("gone/junit.xml") && !error.contains("at path"), "{error}");
    }

    #[test]
    fn a_record_whose_folder_is_gone_can_not_be_kept() {
        let out = tempfile::tempdir().expect("a folder");
        let folder = Folder::create(out.path(), "run").expect("a folder");
        fs::remove_dir(folder.path()).expect("removed");
        let error = folder.save(&record(), 0).expect_err("no folder").to_string();
        assert!(error.contains("record.json"), "{error}");
        folder.discard_if_empty();
    }

    #[test]
    fn what_can_not_be_written_later_is_known_before() {
        let out = tempfile::tempdir().expect("a folder");
        assert!(probe(&out.path().join("junit.xml")).is_ok());
        assert_eq!(fs::read_dir(out.path()).expect("a folder").count(), 0, "nothing is left");
        for path in [out.path().to_owned(), out.path().join("gone/junit.xml")] {
            let error = probe(&path).expect_err("it can't be written").to_string();
            assert!(error.contains(path.to_str().expect("text")), "{error}");
            assert!(error.contains("another place") && !error.contains("at path"), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_a_file_is_as_readable_as_any() {
        use std::os::unix::fs::PermissionsExt as _;
        let out = tempfile::tempdir().expect("a folder");
        let (file, link) = (out.path().join("file"), out.path().join("link"));
        fs::write(&file, "old").expect("written");
        let usual = fs::metadata(&file).expect("a file").permissions().mode();
        std::os::unix::fs::symlink(&file, &link).expect("a link");
        write(&link, "new").expect("written");
        assert_eq!(fs::read_to_string(&file).expect("a file"), "new");
        assert!(fs::symlink_metadata(&link).expect("a link").is_symlink());
        assert_eq!(fs::metadata(&file).expect("a file").permissions().mode(), usual);
    }

    #[test]
    fn devices_are_written_in_place_wherever_they_lead() {
        assert!(is_devices(Path::new("/dev/stdout")) && is_devices(Path::new("/proc/self/fd/1")));
        for ordinary in ["/devices/junit.xml", "dev/junit.xml", "/dev/shm/junit.xml"] {
            assert!(!is_devices(Path::new(ordinary)), "{ordinary}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_named() {
        let error = write(Path::new("/dev/full"), "text").expect_err("full").to_string();
        assert!(error.contains("/dev/full") && error.contains("free some room there"), "{error}");
    }
}
