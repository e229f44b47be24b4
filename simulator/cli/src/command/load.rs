//! Finding and reading a scenario by name or path.

use std::{
    ffi::OsStr,
    fs,
    io::{self, Read as _},
    path::Path,
};

use miette::{GraphicalReportHandler, GraphicalTheme};
use securecart_behaviour::assumptions;
use securecart_scenario::{Diagnostics, Scenario, find, nearest, nearest_of, shipped};

use crate::{exit::Exit, output};

/// Largest scenario file that is read.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Files of a folder among which the one that was meant is looked for.
const FILES_LOOKED_AT: usize = 1_000;

/// The scenario that `name` names: a shipped one, or a file, with what `set` says instead. What is
/// wrong with it is said here.
pub(super) fn scenario(name: &str, set: &[String]) -> Result<Scenario, Exit> {
    let (source, text) = match find(name) {
        Some(shipped) => (format!("scenarios/{name}.toml"), shipped.text.to_owned()),
        None => (name.to_owned(), read(name)?),
    };
    let scenario = Scenario::parse(&source, &text).map_err(|problems| {
        explain(&problems);
        Exit::Scenario
    })?;
    check_assumptions(&scenario, Exit::Scenario)?;
    if set.is_empty() {
        return Ok(scenario);
    }
    // The file alone is valid, so what is wrong comes from the command line.
    let scenario = scenario.set(set).map_err(|problems| {
        explain(&problems);
        Exit::Usage
    })?;
    check_assumptions(&scenario, Exit::Usage)?;
    Ok(scenario)
}

/// The models know the names of what they assume; the format does not.
fn check_assumptions(scenario: &Scenario, otherwise: Exit) -> Result<(), Exit> {
    let known = assumptions::ALL.iter().map(|assumption| (assumption.key, assumption.value));
    let known: Vec<(&str, f64)> = known.collect();
    scenario.check_assumptions(&known).map_err(|problems| {
        explain(&problems);
        otherwise
    })
}

fn read(name: &str) -> Result<String, Exit> {
    let text =
        Path::new(name).try_exists().map_err(|error| format!("can't read `{name}`: {error}"));
    let text = text.and_then(|there| if there { contents(name) } else { Err(unknown(name)) });
    text.map_err(|what| {
        output::complain(&what);
        Exit::Scenario
    })
}

/// The text of a file (or a pipe).
fn contents(name: &str) -> Result<String, String> {
    let failed = |error: io::Error| format!("can't read `{name}`: {error}");
    let no_scenario = |why: &str| Err(format!("`{name}` is no scenario: {why}"));
    let file = fs::metadata(name).map_err(failed)?.file_type();
    if file.is_dir() {
        return no_scenario("it is a folder; name a TOML file in it");
    }
    if is_device(file) {
        return no_scenario("it is a device; name a TOML file");
    }
    let mut bytes = Vec::new();
    let opened = fs::File::open(name).map_err(failed)?;
    opened.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return no_scenario("it is larger than 1 MiB");
    }
    String::from_utf8(bytes).or_else(|error| {
        let (line, column) = place(&error.as_bytes()[..error.utf8_error().valid_up_to()]);
        no_scenario(&format!(
            "what stands in line {line}, column {column} is not UTF-8; save it as UTF-8"
        ))
    })
}

/// Whether a file has no end of its own.
#[cfg(unix)]
fn is_device(file: fs::FileType) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    file.is_char_device() || file.is_block_device()
}

#[cfg(not(unix))]
fn is_device(file: fs::FileType) -> bool {
    !file.is_file()
}

/// Line and column of what follows `before`, both from 1.
fn place(before: &[u8]) -> (usize, usize) {
    let text = String::from_utf8_lossy(before);
    let line = text.rsplit('\n').next().unwrap_or_default();
    (text.matches('\n').count() + 1, line.chars().count() + 1)
}

fn unknown(name: &str) -> String {
    let known: Vec<&str> = shipped().iter().map(|scenario| scenario.name).collect();
    let guess = guess(name).map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    format!(
        "there is no scenario and no file `{name}`{guess}\n       shipped scenarios: {}",
        known.join(", ")
    )
}

/// A shipped scenario, also where its file was named; or a file beside the one that was named.
fn guess(name: &str) -> Option<String> {
    let path = Path::new(name);
    let stem = path.file_stem().and_then(OsStr::to_str).unwrap_or(name);
    let beside = || {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let entries = fs::read_dir(folder.unwrap_or_else(|| Path::new("."))).ok()?;
        let wanted = path.file_name()?.to_str()?;
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let names: Vec<String> = names.take(FILES_LOOKED_AT).collect();
        let files = names.iter().map(String::as_str).filter(|name| name.ends_with(".toml"));
        let near = nearest_of(wanted, files)?;
        Some(folder.map_or_else(|| near.to_owned(), |f| f.join(near).display().to_string()))
    };
    let is_path = path.components().count() > 1;
    let shipped = || nearest(stem).map(str::to_owned);
    if is_path { beside().or_else(shipped) } else { shipped().or_else(beside) }
}

/// Shows every problem, with the place where it is.
pub(super) fn explain(problems: &Diagnostics) {
    let theme = if output::color_of_narration() {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    let mut text = String::new();
    let rendered = GraphicalReportHandler::new_themed(theme).render_report(&mut text, problems);
    match rendered {
        Ok(()) => output::narrate(&text),
        Err(_) => output::complain(&problems.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_line_and_a_column() {
        assert_eq!(place(b""), (1, 1));
        assert_eq!(place("name = \"x\"\nsümmary".as_bytes()), (2, 8));
    }

    #[test]
    fn a_file_that_is_not_there_may_mean_a_shipped_scenario() {
        for name in ["black-friday.toml", "scenarios/black-fridy.toml", "blackfriday"] {
            assert_eq!(guess(name).as_deref(), Some("black-friday"), "{name}");
        }
        assert_eq!(guess("no/such/folder/weekend.toml"), None);
    }

    #[test]
    fn a_file_beside_the_one_that_was_named_may_be_meant() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("weekend.toml"), "").expect("written");
        let named = folder.path().join("wekend.toml").display().to_string();
        let meant = folder.path().join("weekend.toml").display().to_string();
        assert_eq!(guess(&named), Some(meant));
    }
}
