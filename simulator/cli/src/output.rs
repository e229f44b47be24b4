//! What the process says: data to stdout, narration to stderr.

use std::io::{self, IsTerminal as _, Write as _};

use crate::exit::Exit;

/// Writes data to stdout. A reader that has gone (`| head`) is no error.
pub(crate) fn data(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome,
    }
}

/// Prints what a command came to, and says where stdout can't be written.
pub(crate) fn print(text: &str) -> Exit {
    match data(text) {
        Ok(()) => Exit::Done,
        Err(error) => {
            complain(&format!("can't write to stdout: {error}"));
            Exit::Failure
        }
    }
}

/// Says something to the person at the terminal.
pub(crate) fn narrate(text: &str) {
    say(&format!("{text}\n"));
}

/// Says what went wrong.
pub(crate) fn complain(text: &str) {
    say(&format!("error: {text}\n"));
}

/// Shows a line that the next one replaces; on a terminal only.
pub(crate) fn replace_line(text: &str) {
    say(&format!("\r\x1b[2K{text}"));
}

/// Whether colour is wanted on stdout.
pub(crate) fn color() -> bool {
    io::stdout().is_terminal() && !is_dumb() && !no_color()
}

/// Whether colour is wanted on stderr.
pub(crate) fn color_of_narration() -> bool {
    io::stderr().is_terminal() && !is_dumb() && !no_color()
}

/// Whether the terminal says that it can do nothing but print: no colour, no cursor.
pub(crate) fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|value| value == "dumb")
}

/// Whether `NO_COLOR` is set and not empty (no-color.org).
pub(crate) fn no_color() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

/// Writes to stderr. What can't be said there is no reason to stop.
fn say(text: &str) {
    let mut stderr = io::stderr().lock();
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}
