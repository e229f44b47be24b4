//! Takes the terminal and gives it back.
//!
//! Invariant: whatever ends the run of the terminal (return, error, panic of any thread), raw mode
//! and the alternate screen end with it, once.

use std::{
    io::{self, BufWriter, IsTerminal as _, Stdout, Write},
    panic::{self, PanicHookInfo},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use ratatui::{
    Terminal,
    backend::CrosstermBackend,
    crossterm::{
        cursor::{Hide, Show},
        execute,
        terminal::{
            EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode, size,
        },
    },
};

/// Whether this process has taken the terminal; it has only one.
static TAKEN: AtomicBool = AtomicBool::new(false);

type Hook = Box<dyn Fn(&PanicHookInfo<'_>) + Send + Sync>;

/// The terminal in raw mode on its alternate screen; gives it back when dropped.
pub(crate) struct Screen {
    terminal: Terminal<CrosstermBackend<BufWriter<Stdout>>>,
    panicked: Arc<AtomicBool>,
    previous_hook: Arc<Hook>,
}

impl Screen {
    /// Takes the terminal.
    ///
    /// # Errors
    ///
    /// When there is none, it is taken already, or it refuses; it is then left as it was.
    pub(crate) fn open() -> io::Result<Self> {
        let terminal = Terminal::new(CrosstermBackend::new(BufWriter::new(io::stdout())))?;
        if TAKEN.swap(true, Ordering::AcqRel) {
            return Err(io::Error::other("this process shows a run on it already"));
        }
        let panicked = Arc::new(AtomicBool::new(false));
        let previous_hook = Arc::new(panic::take_hook());
        panic::set_hook(hook(&panicked, &previous_hook));
        // From here on the drop of `screen` undoes whatever succeeded.
        let screen = Self { terminal, panicked, previous_hook };
        enable_raw_mode()?;
        execute!(io::stdout(), EnterAlternateScreen, Hide)?;
        Ok(screen)
    }

    /// Where to draw.
    pub(crate) fn terminal(&mut self) -> &mut Terminal<CrosstermBackend<BufWriter<Stdout>>> {
        &mut self.terminal
    }

    /// Becomes true when any thread panics; the terminal has been given back by then.
    pub(crate) fn panicked(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.panicked)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
        // A panicking thread may not set the hook; the process is about to end then anyway, and the
        // hook that stays finds the terminal given back.
        if !thread::panicking() {
            let previous = Arc::clone(&self.previous_hook);
            drop(panic::take_hook());
            panic::set_hook(Box::new(move |info| previous(info)));
        }
    }
}

/// A hook that gives the terminal back, so that the message of the previous hook can be read.
fn hook(panicked: &Arc<AtomicBool>, previous: &Arc<Hook>) -> Hook {
    let (panicked, previous) = (Arc::clone(panicked), Arc::clone(previous));
    Box::new(move |info| {
        panicked.store(true, Ordering::Release);
        restore();
        previous(info);
    })
}

/// Gives the terminal back if [`run`](crate::run) has it; safe to call from any thread, at any time.
///
/// For a caller who ends the process without waiting for `run`: a second Ctrl-C.
pub fn restore() {
    if !TAKEN.swap(false, Ordering::AcqRel) {
        return;
    }
    // There is nobody to tell when this fails: the terminal itself is gone.
    let mut out = io::stdout();
    let _left = execute!(out, LeaveAlternateScreen, Show).and_then(|()| out.flush());
    let _cooked = disable_raw_mode();
}

/// How wide the terminal is, columns; nothing where there is none.
#[must_use]
pub fn columns() -> Option<u16> {
    io::stdout().is_terminal().then(size)?.ok().map(|(columns, _)| columns)
}

#[cfg(test)]
mod tests;
