//! Finding and reading a scenario by name or path.

use std::{fs, path::Path};

use miette::{GraphicalReportHandler, GraphicalTheme};
use securecart_behaviour::assumptions;
use securecart_scenario::{Diagnostics, Scenario, find, nearest, shipped};

use crate::{exit::Exit, output};

/// Largest scenario file that is read.
const FILE_BYTES_MAX: u64 = 1 << 20;

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
    let known: Vec<&str> = assumptions::ALL.iter().map(|assumption| assumption.key).collect();
    scenario.check_assumptions(&known).map_err(|problems| {
        explain(&problems);
        otherwise
    })
}

fn read(name: &str) -> Result<String, Exit> {
    let path = Path::new(name);
    let complain = |what: String| {
        output::complain(&what);
        Exit::Scenario
    };
    if !path.exists() {
        return Err(complain(unknown(name)));
    }
    let size = fs::metadata(path).map(|file| file.len());
    if size.is_ok_and(|bytes| bytes > FILE_BYTES_MAX) {
        return Err(complain(format!("`{name}` is no scenario: it is larger than 1 MiB")));
    }
    fs::read_to_string(path).map_err(|error| complain(format!("can't read `{name}`: {error}")))
}

fn unknown(name: &str) -> String {
    let known: Vec<&str> = shipped().iter().map(|scenario| scenario.name).collect();
    let guess = nearest(name).map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    format!(
        "there is no scenario and no file `{name}`{guess}\n       shipped scenarios: {}",
        known.join(", ")
    )
}

/// Shows every problem, with the place where it is.
pub(super) fn explain(problems: &Diagnostics) {
    let theme =
        if output::color() { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let mut text = String::new();
    let rendered = GraphicalReportHandler::new_themed(theme).render_report(&mut text, problems);
    match rendered {
        Ok(()) => output::narrate(&text),
        Err(_) => output::complain(&problems.to_string()),
    }
}
